package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// EC2 is eventually consistent: for a while after a change, a request may meet the
// world as it was before. The SDK repeats what is throttled, broken or cut off, with
// one client token, so that nothing is made twice. What follows is for answers that
// are wrong only because they are early
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/query-api-troubleshooting.html#eventual-consistency).

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
	attribute.MarkdownDescription = "How long to go on when EC2 throttles, fails, or does not know yet of another change."
	return attribute
}

// within bounds an operation by its timeout.
func within(ctx context.Context, timeout func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), preset time.Duration, diags *diag.Diagnostics) (context.Context, context.CancelFunc) {
	limit, found := timeout(ctx, preset)
	diags.Append(found...)
	return context.WithTimeout(ctx, limit)
}

// The pauses between two tries.
const (
	firstPause   = 250 * time.Millisecond
	longestPause = 5 * time.Second
)

// waitOut calls f again, ever more slowly, as long as it fails in a way that
// passes. When the time is over it returns that failure, which says more than a
// deadline does.
func waitOut(ctx context.Context, passes func(error) bool, f func() error) error {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		err := f()
		if err == nil || !passes(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// touched remembers the objects that this process has created, changed or deleted.
// About those an early answer may be wrong; about any other object EC2 is believed
// at once, so that a mistyped ID fails at once.
type touched struct{ ids sync.Map }

func (t *touched) note(id string) { t.ids.Store(id, true) }

func (t *touched) has(id string) bool {
	_, found := t.ids.Load(id)
	return found
}

// seen calls f until EC2 sees the objects with ids, as far as they are new.
func (c *Client) seen(ctx context.Context, f func() error, ids ...string) error {
	passes := func(err error) bool {
		kind, missing := account.NotFound(err)
		return missing && slices.ContainsFunc(ids, func(id string) bool { return kind.Is(id) && c.touched.has(id) })
	}
	return waitOut(ctx, passes, f)
}

// released calls f until the sessions that this process has moved or deleted no
// longer keep it from its end. Sessions that others keep are named at once. where
// says which sessions matter.
func (c *Client) released(ctx context.Context, where account.Where, f func() error) error {
	var users []string
	passes := func(err error) bool {
		if !hasCode(err, "TrafficMirrorTargetInUseException", "TrafficMirrorFilterInUse") {
			return false
		}
		sessions, listErr := c.Inventory.Sessions(ctx, where)
		users = c.strangers(sessions)
		return listErr == nil && users == nil
	}
	err := waitOut(ctx, passes, f)
	if err != nil && users != nil {
		return fmt.Errorf("in use by %s: %w", strings.Join(users, ", "), err)
	}
	return err
}

// strangers names the sessions that this process has not touched.
func (c *Client) strangers(sessions []mirror.Session) []string {
	var names []string
	for _, s := range sessions {
		if !c.touched.has(s.ID) {
			names = append(names, fmt.Sprintf("%s (account %s)", s.ID, s.OwnerID))
		}
	}
	return names
}

// settlingTime is how long after its creation an object is waited for when EC2
// says that it is not there. A variable for the tests alone.
var settlingTime = 20 * time.Second

// createdKey is the key of private state under which the time of creation stands.
const createdKey = "created"

// writeCreated notes the time of creation, and ends what the plan had to remember.
func writeCreated(ctx context.Context, private privateWriter) diag.Diagnostics {
	diags := forgetPrivate(ctx, private, planTokenKey)
	diags.Append(writePrivate(ctx, private, createdKey, time.Now().UTC())...)
	return diags
}

// isEarly returns what tells an answer that may be early from the truth: that an
// object which was only just created is not there. Believed by a read, it would
// make Terraform create the object twice; by a delete, it would leave it behind.
func isEarly(ctx context.Context, private privateReader) func(error) bool {
	created, _ := readPrivate[time.Time](ctx, private, createdKey) // one that cannot be read is long ago
	return func(err error) bool { return account.IsNotFound(err) && time.Since(created) < settlingTime }
}

// readSettled reads an object, and reads again while an answer may be early.
func readSettled[T any](ctx context.Context, private privateReader, read func(context.Context, string) (T, error), id string) (T, error) {
	var found T
	err := waitOut(ctx, isEarly(ctx, private), func() (err error) {
		found, err = read(ctx, id)
		return err
	})
	return found, err
}

// deleteSettled deletes an object that may be gone already.
func deleteSettled(ctx context.Context, private privateReader, f func() error) error {
	err := waitOut(ctx, isEarly(ctx, private), f)
	if account.IsNotFound(err) {
		return nil
	}
	return err
}
