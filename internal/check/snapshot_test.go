package check

import (
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// counted counts requests.
type counted struct {
	http.RoundTripper
	requests atomic.Int32
}

func (c *counted) RoundTrip(req *http.Request) (*http.Response, error) {
	c.requests.Add(1)
	return c.RoundTripper.RoundTrip(req)
}

// A skippingClock lets the time pass at once that is waited for. The patience with Elastic Load
// Balancing does not pass: it would end each call at once, at random.
type skippingClock struct{ skipped atomic.Int64 }

func (c *skippingClock) Now() time.Time { return time.Unix(0, c.skipped.Load()) }

func (c *skippingClock) AfterFunc(d time.Duration, f func()) {
	if d == account.BalancingPatience {
		return
	}
	c.skipped.Add(int64(d))
	go f()
}

func newPlan(t *testing.T, policy Policy) (*Plan, *counted) {
	t.Helper()
	handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db")})
	if err != nil {
		t.Fatal(err)
	}
	transport := &counted{RoundTripper: emulator.Transport(handler)}
	policy.Clock = stopped()
	return New(account.New(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://ec2.emulator.invalid"), HTTPClient: &http.Client{Transport: transport},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}, account.Options{Clock: &skippingClock{}}), policy), transport
}

// A target that does not exist is waited for once, not for each session that uses it.
func TestOwnerOf_missing(t *testing.T) {
	t.Parallel()
	plan, transport := newPlan(t, Policy{})
	var asked int32
	for i := range 3 {
		if _, err := plan.snapshot.ownerOf(t.Context(), "tmt-00000000000000099"); !account.IsNotFound(err) {
			t.Errorf("session %d: %v", i+1, err)
		}
		if i == 0 {
			asked = transport.requests.Load()
		}
	}
	if now := transport.requests.Load(); asked == 0 || now != asked {
		t.Errorf("%d requests for three sessions, %d for one", now, asked)
	}
}

// Findings are values: a table needs no planner. Objects that a plan has not reached
// reserve nothing, and an object that is deleted gives up what it had.
func TestPlan_collisions(t *testing.T) {
	t.Parallel()
	plan, _ := newPlan(t, Policy{Quotas: mirror.DefaultQuotas()})
	rule := func(id string, number int) Object[mirror.Rule] {
		return Object[mirror.Rule]{Noun: mirror.Rule{ID: id, FilterID: "tmf-1", Direction: mirror.Ingress, Number: number}}
	}
	for _, step := range []struct {
		what     string
		findings func() []Finding
		want     string // the summary of the one finding, or none
	}{
		{"a new rule", func() []Finding { return plan.Rule(t.Context(), "new-1", Object[mirror.Rule]{}, rule("", 1)) }, ""},
		{"the same number", func() []Finding { return plan.Rule(t.Context(), "new-2", Object[mirror.Rule]{}, rule("", 1)) }, "Rule number given twice"},
		{"the first once more", func() []Finding { return plan.Rule(t.Context(), "new-1", Object[mirror.Rule]{}, rule("", 2)) }, ""},
		{"a filter that owns the direction", func() []Finding {
			return plan.Filter(t.Context(), "tmf-1", Filter{}, Filter{Object: Object[mirror.Filter]{Noun: mirror.Filter{ID: "tmf-1"}}, Managed: []mirror.Direction{mirror.Ingress}})
		}, "Rules of one direction in two places"},
	} {
		found := step.findings()
		switch {
		case step.want == "" && len(found) == 0:
		case len(found) == 1 && found[0].Summary == step.want && found[0].Severity == Error:
		default:
			t.Errorf("%s: %+v, want %q", step.what, found, step.want)
		}
	}
}
