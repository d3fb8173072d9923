package provider

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// keys is private state.
type keys map[string][]byte

func (k keys) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	if k[key] = value; value == nil {
		delete(k, key)
	}
	return nil
}

// A new object has nothing of what the provider noted of the object that it replaces.
func TestForgetReplaced(t *testing.T) {
	t.Parallel()
	private := keys{}
	for _, key := range []string{createdKey, objectIDKey, displacedKey, leftKey, undoneKey, leftoverKey} {
		private[key] = []byte(`"x"`)
	}
	if diags := forgetReplaced(t.Context(), private); diags.HasError() {
		t.Fatal(diags)
	}
	if left := slices.Sorted(maps.Keys(private)); !slices.Equal(left, []string{createdKey}) {
		t.Errorf("left are %q", left)
	}
}
