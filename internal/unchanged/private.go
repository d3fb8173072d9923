package unchanged

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// decodePrivate returns the private state of an object: JSON values by their keys. It is
// not ok for what the framework has to see: its own keys, and what is no private state.
func decodePrivate(encoded []byte, keys []string) (private map[string][]byte, ok bool) {
	if len(encoded) == 0 {
		return nil, true
	}
	if err := json.Unmarshal(encoded, &private); err != nil {
		return nil, false
	}
	known := 0
	for _, key := range keys {
		if _, has := private[key]; has {
			known++
		}
	}
	return private, known == len(private)
}

// providerData is the type that the framework has for private state, and does not export.
type providerData interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// fill makes the private state that a resource gets.
func fill[T any, P interface {
	*T
	providerData
}](ctx context.Context, to *P, private map[string][]byte,
) {
	*to = P(new(T))
	for key, value := range private {
		(*to).SetKey(ctx, key, value)
	}
}

// encodePrivate returns the values of all keys as the framework encodes them.
func encodePrivate(ctx context.Context, from providerData, keys []string) ([]byte, error) {
	private := map[string][]byte{}
	for _, key := range keys {
		value, diags := from.GetKey(ctx, key)
		if diags.HasError() {
			return nil, fmt.Errorf("private state: %s", strings.Join([]string{diags[0].Summary(), diags[0].Detail()}, ": "))
		}
		if len(value) > 0 {
			private[key] = value
		}
	}
	if len(private) == 0 {
		return nil, nil
	}
	return json.Marshal(private)
}
