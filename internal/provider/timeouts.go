package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// A timeout is the default timeout of one operation, the SDK's retries included.
type timeout struct {
	operation string
	preset    time.Duration
	after     string // what there is when it has elapsed
}

var (
	createTimeout = timeout{"create", 5 * time.Minute, "EC2 may have created the object, or a part of it, without Terraform knowing it: " +
		"see the guide \"After an interrupted apply\" for how to find it. Apply again."}
	updateTimeout = timeout{"update", 10 * time.Minute, "Some of the changes may have been made. The next plan shows what is left. Apply again."}
	deleteTimeout = timeout{"delete", 5 * time.Minute, "The object may be gone or not. It stays in the state until a delete succeeds. Destroy or apply again."}
)

func timeoutsAttribute(ctx context.Context) schema.Attribute {
	text := func(t timeout) string {
		return fmt.Sprintf("How long to try to %s, such as `90s` or `10m`. Default: `%s`.", t.operation, shortened(t.preset))
	}
	attribute, _ := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, CreateDescription: text(createTimeout),
		Update: true, UpdateDescription: text(updateTimeout),
		Delete: true, DeleteDescription: text(deleteTimeout),
	}).(schema.SingleNestedAttribute)
	attribute.MarkdownDescription = "How long an operation retries when EC2 throttles, fails, or does not show another change yet. Each is above zero. Default: those of the operations."
	for name, a := range attribute.Attributes {
		if duration, ok := a.(schema.StringAttribute); ok {
			duration.Validators = []validator.String{timeoutValidator{}}
			attribute.Attributes[name] = duration
		}
	}
	return attribute
}

// shortened is the text of a duration without the zeros at its end: "5m".
func shortened(d time.Duration) string {
	text := d.String()
	for _, zeros := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zeros) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// timeoutValidator refuses a timeout with which nothing could be done.
type timeoutValidator struct{}

// Description implements validator.String.
func (timeoutValidator) Description(context.Context) string { return "must be a duration above zero" }

// MarkdownDescription implements validator.String.
func (v timeoutValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (timeoutValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid timeout", fmt.Sprintf(
			"%s is %q. Write a duration above zero, such as \"90s\" or \"10m\", or remove it for the default.", req.Path, req.ConfigValue.ValueString()))
	}
}

// errElapsed is why the context of an operation has ended.
var errElapsed = errors.New("the timeout has elapsed")

// within bounds an operation by its timeout. The returned function ends the operation: if
// the timeout has elapsed, it adds to the errors which one that was, and what to do.
func within(ctx context.Context, configured func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), t timeout, diags *diag.Diagnostics) (context.Context, context.CancelFunc) {
	limit, found := configured(ctx, t.preset)
	diags.Append(found...)
	limited, cancel := context.WithTimeoutCause(ctx, limit, errElapsed)
	return limited, func() {
		elapsed := errors.Is(context.Cause(limited), errElapsed)
		cancel()
		if elapsed {
			t.explain(limit, *diags)
		}
	}
}

// explain adds to each error that the timeout has elapsed.
func (t timeout) explain(limit time.Duration, diags diag.Diagnostics) {
	text := fmt.Sprintf("\n\nThe timeout for %[1]s, %[2]s, has elapsed. %[3]s For more time, set timeouts = { %[1]s = %[4]q } in the resource.",
		t.operation, shortened(limit), t.after, shortened(2*limit))
	for i, d := range diags {
		withPath, hasPath := d.(diag.DiagnosticWithPath)
		switch {
		case d.Severity() != diag.SeverityError:
		case hasPath:
			diags[i] = diag.NewAttributeErrorDiagnostic(withPath.Path(), d.Summary(), d.Detail()+text)
		default:
			diags[i] = diag.NewErrorDiagnostic(d.Summary(), d.Detail()+text)
		}
	}
}
