package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// Default timeouts of one operation, the SDK's retries included.
const (
	createTimeout = 5 * time.Minute
	updateTimeout = 10 * time.Minute
	deleteTimeout = 5 * time.Minute
)

func timeoutsAttribute(ctx context.Context) schema.Attribute {
	text := func(operation string, d time.Duration) string {
		return fmt.Sprintf("How long to try to %s, such as `90s` or `10m`. Default: `%s`.", operation, strings.TrimSuffix(d.String(), "0s"))
	}
	attribute, _ := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, CreateDescription: text("create", createTimeout),
		Update: true, UpdateDescription: text("update", updateTimeout),
		Delete: true, DeleteDescription: text("delete", deleteTimeout),
	}).(schema.SingleNestedAttribute)
	attribute.MarkdownDescription = "How long an operation retries when EC2 throttles, fails, or does not show another change yet."
	return attribute
}

// within bounds an operation by its timeout.
func within(ctx context.Context, timeout func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), preset time.Duration, diags *diag.Diagnostics) (context.Context, context.CancelFunc) {
	limit, found := timeout(ctx, preset)
	diags.Append(found...)
	return context.WithTimeout(ctx, limit)
}
