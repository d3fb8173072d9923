package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
)

// Private state is what the provider keeps with an object and Terraform does not show:
// JSON, by key.
const (
	// createdKey: the time at which the object was created.
	createdKey = "created"

	// objectIDKey: the name that the first plan of an object that is replaced leaves for
	// the second plan, which sees no state.
	objectIDKey = "object_id"

	// displacedKey: the number to which a separate rule has moved because another rule had
	// its own, so that it does not move on from there.
	displacedKey = "displaced"

	// undoneKey: the ID of the target that a move has created and deleted again.
	undoneKey = "undone"

	// leftoverKey: the IDs of targets that a move could not delete.
	leftoverKey = "leftover"

	// configuredKey: which numbers of a session the configuration set when it was last
	// applied.
	configuredKey = "configured"
)

type privateReader interface {
	GetKey(context.Context, string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(context.Context, string, []byte) diag.Diagnostics
}

// readPrivate reads the value of a key, or the zero value.
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

// writeCreated keeps the time of creation, and forgets what the plan had to remember.
func (c *connection) writeCreated(ctx context.Context, private privateWriter) diag.Diagnostics {
	diags := forgetPrivate(ctx, private, objectIDKey)
	diags.Append(writePrivate(ctx, private, createdKey, c.account().Now().UTC())...)
	return diags
}

// createdAt returns the time of creation. One that cannot be read is long ago.
func createdAt(ctx context.Context, private privateReader) time.Time {
	created, _ := readPrivate[time.Time](ctx, private, createdKey)
	return created
}

// readNew reads an object that may have been created only just now: then EC2 may not show
// it yet.
func readNew[T any](ctx context.Context, c *connection, private privateReader, read func(context.Context, string) (T, error), id string) (T, error) {
	return account.ReadNew(ctx, c.account(), createdAt(ctx, private), read, id)
}
