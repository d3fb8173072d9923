package provider

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// An operation whose timeout has elapsed says so, in its own error.
func TestWithin(t *testing.T) {
	t.Parallel()
	of := func(limit time.Duration) func(context.Context, time.Duration) (time.Duration, diag.Diagnostics) {
		return func(context.Context, time.Duration) (time.Duration, diag.Diagnostics) { return limit, nil }
	}
	var diags diag.Diagnostics
	ctx, end := within(t.Context(), of(time.Nanosecond), createTimeout, &diags)
	<-ctx.Done()
	diags.AddError("Error", "In use.")
	diags.AddAttributeError(path.Root("a"), "Error", "Taken.")
	diags.AddWarning("Warning", "Text.")
	end()
	const elapsed = "\n\nThe timeout for create, 1ns, has elapsed. EC2 may have created the object, or a part of it, without Terraform knowing it: " +
		"see the guide \"After an interrupted apply\" for how to find it. Apply again. For more time, set timeouts = { create = \"2ns\" } in the resource."
	var want diag.Diagnostics
	want.AddError("Error", "In use."+elapsed)
	want.AddAttributeError(path.Root("a"), "Error", "Taken."+elapsed)
	want.AddWarning("Warning", "Text.")
	if !diags.Equal(want) {
		t.Errorf("got %v\nwant %v", diags, want)
	}
}

// An operation that fails in time, or that is cancelled, says nothing of a timeout.
func TestWithin_inTime(t *testing.T) {
	t.Parallel()
	run, cancel := context.WithCancel(t.Context())
	defer cancel()
	var diags diag.Diagnostics
	for range 2 {
		_, end := within(run, func(_ context.Context, preset time.Duration) (time.Duration, diag.Diagnostics) { return preset, nil }, deleteTimeout, &diags)
		diags.AddError("Error", "In use.")
		end()
		cancel()
	}
	for _, d := range diags {
		if d.Detail() != "In use." {
			t.Errorf("got %s", d.Detail())
		}
	}
}

func TestShortened(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		30 * time.Second: "30s", 5 * time.Minute: "5m", 10 * time.Minute: "10m", time.Hour: "1h", 10 * time.Hour: "10h", 90 * time.Minute: "1h30m", time.Hour + time.Second: "1h0m1s",
	} {
		if got := shortened(d); got != want {
			t.Errorf("%d is %s, want %s", d, got, want)
		}
	}
}
