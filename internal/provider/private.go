package provider

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// Private state is what the provider keeps with an object and Terraform does not
// show: JSON, by key.

type privateReader interface {
	GetKey(context.Context, string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(context.Context, string, []byte) diag.Diagnostics
}

// readPrivate reads what stands under a key, or the zero value.
func readPrivate[T any](ctx context.Context, private privateReader, key string) (T, diag.Diagnostics) {
	var value T
	text, diags := private.GetKey(ctx, key)
	if text == nil || diags.HasError() {
		return value, diags
	}
	if err := json.Unmarshal(text, &value); err != nil {
		diags.AddError("Unreadable private state", fmt.Sprintf("The key %q: %s. Something other than this provider has written it: remove the object from the state, and import it.", key, err))
	}
	return value, diags
}

func writePrivate(ctx context.Context, private privateWriter, key string, value any) diag.Diagnostics {
	text, err := json.Marshal(value)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unwritable private state", err.Error())}
	}
	return private.SetKey(ctx, key, text)
}

func forgetPrivate(ctx context.Context, private privateWriter, key string) diag.Diagnostics {
	return private.SetKey(ctx, key, nil)
}
