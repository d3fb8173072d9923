package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
)

// Private state is data that the provider stores with an object and that Terraform does not
// show: a JSON value for each key.
const (
	// createdKey: the time at which the object was created.
	createdKey = "created"

	// objectIDKey: the name of a replaced object in the plan. Terraform plans a replacement
	// twice, and the second time without the state.
	objectIDKey = "object_id"

	// displacedKey: the number that a separate rule or a session has got because another one
	// had its wanted number. With this number, it does not move aside again.
	displacedKey = "displaced"

	// leftKey: the destroy of a separate rule leaves the rule in EC2, because its filter now
	// owns it.
	leftKey = "left"

	// undoneKey: the ID of a target that a failed move has created and deleted again.
	undoneKey = "undone"

	// leftoverKey: the IDs of targets that a move could not delete.
	leftoverKey = "leftover"

	// movedKey: what the state of another provider said of an object that was moved. Read
	// removes it.
	movedKey = "moved"

	// arrivedKey: how an object came from elsewhere, by an import or a move.
	arrivedKey = "arrived"

	// configuredKey: the numbers of a session that the configuration set in the last apply.
	configuredKey = "configured"

	// simulationKey: the name of a simulation, for the checks of a plan. EC2 has no object for
	// it that has an ID.
	simulationKey = "simulation"

	// failedKey: whether the last run of a simulation failed. The same apply then runs it
	// again.
	failedKey = "failed"
)

// privateKeys are all keys of the resources of EC2 objects.
var privateKeys = []string{createdKey, objectIDKey, displacedKey, leftKey, undoneKey, leftoverKey, movedKey, arrivedKey, configuredKey}

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
		diags.AddError("Unreadable private state", fmt.Sprintf("The key %q: %s. This provider has not written this value. Remove the object from the state, and import it.", key, err))
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

// writeCreated stores the time of creation, and removes the keys that only the plan needs, and
// those of the object that is replaced: Terraform hands its private state on.
func (r *regional) writeCreated(ctx context.Context, private privateWriter) diag.Diagnostics {
	diags := forgetReplaced(ctx, private)
	diags.Append(writePrivate(ctx, private, createdKey, r.account.Now().UTC())...)
	return diags
}

func forgetReplaced(ctx context.Context, private privateWriter) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, key := range []string{arrivedKey, objectIDKey, leftKey, displacedKey, undoneKey, leftoverKey} {
		diags.Append(forgetPrivate(ctx, private, key)...)
	}
	return diags
}

// createdAt returns the time of creation, or the zero time if it cannot be read.
func createdAt(ctx context.Context, private privateReader) time.Time {
	created, _ := readPrivate[time.Time](ctx, private, createdKey)
	return created
}

// readNew reads an object. EC2 may not show it yet if it was created a moment ago.
func readNew[T any](ctx context.Context, here *regional, private privateReader, read func(context.Context, string) (T, error), id string) (T, error) {
	return account.ReadNew(ctx, here.account, createdAt(ctx, private), read, id)
}
