package provider

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
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

// Whoever adds a key to the private state says which resources have it.
func TestPrivateKeys(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "private.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, object := range file.Scope.Objects {
		spec, isValue := object.Decl.(*ast.ValueSpec)
		if object.Kind != ast.Con || !isValue {
			continue
		}
		key, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		found++
		isOfSimulation := key == simulationKey || key == failedKey
		if slices.Contains(privateKeys, key) == isOfSimulation {
			t.Errorf("%s: in privateKeys %v", object.Name, isOfSimulation)
		}
	}
	if found < 11 {
		t.Errorf("found %d keys", found)
	}
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
