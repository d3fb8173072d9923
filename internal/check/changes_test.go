package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var everything = netip.MustParsePrefix("0.0.0.0/0")

func sessionOn(interfaceID, id, filterID, targetID string) Object[mirror.Session] {
	return Object[mirror.Session]{Noun: mirror.Session{ID: id, InterfaceID: interfaceID, FilterID: filterID, TargetID: targetID, Number: 1}}
}

func filterWith(id string, numbers ...int) Filter {
	f := Filter{Object: Object[mirror.Filter]{Noun: mirror.Filter{ID: id}}}
	for _, n := range numbers {
		f.Noun.Rules = append(f.Noun.Rules, mirror.Rule{Direction: mirror.Ingress, Number: n, Action: mirror.Accept, SourceCIDR: everything, DestinationCIDR: everything})
	}
	return f
}

func ruleOf(filterID, id string) Object[mirror.Rule] {
	r := filterWith("", 100).Noun.Rules[0]
	r.ID, r.FilterID = id, filterID
	return Object[mirror.Rule]{Noun: r}
}

func unknownIn[N any](o Object[N], fields ...string) Object[N] {
	o.Unknown = fields
	return o
}

// EC2 has the sessions tms-1 of eni-1, with tmf-1 and tmt-1, and tms-2 of eni-2, with tmf-2
// and tmt-2. The plan changes one thing, and eni-1 is simulated.
var changeCases = map[string]struct {
	plan func(context.Context, *Plan) []Finding
	want []string // what the simulation uses and the plan changes

	isOpen bool // it is not known yet whether the simulation uses it
}{
	"nothing": {plan: func(ctx context.Context, p *Plan) []Finding {
		s := sessionOn("eni-1", "tms-1", "tmf-1", "tmt-1")
		return p.Session(ctx, "tms-1", s, s)
	}},
	"tags and description of the session": {plan: func(ctx context.Context, p *Plan) []Finding {
		before, after := sessionOn("eni-1", "tms-1", "tmf-1", "tmt-1"), sessionOn("eni-1", "tms-1", "tmf-1", "tmt-1")
		after.Tags, after.Noun.Description = map[string]string{"a": "b"}, "new"
		return p.Session(ctx, "tms-1", before, after)
	}},
	"its session": {want: []string{"tms-1"}, plan: func(ctx context.Context, p *Plan) []Finding {
		before, after := sessionOn("eni-1", "tms-1", "tmf-1", "tmt-1"), sessionOn("eni-1", "tms-1", "tmf-1", "tmt-1")
		length := 100
		after.Noun.PacketLength = &length
		return p.Session(ctx, "tms-1", before, after)
	}},
	"a value of its session that is not known yet": {want: []string{"tms-1"}, plan: func(ctx context.Context, p *Plan) []Finding {
		s := sessionOn("eni-1", "tms-1", "tmf-1", "tmt-1")
		return p.Session(ctx, "tms-1", s, unknownIn(s, "traffic_mirror_filter_id"))
	}},
	"its session is deleted": {want: []string{"tms-1"}, plan: func(ctx context.Context, p *Plan) []Finding {
		return p.NoteDelete(ctx, mirror.KindSession, "tms-1", "eni-1")
	}},
	"its session goes to another interface": {want: []string{"tms-1"}, plan: func(ctx context.Context, p *Plan) []Finding {
		after := sessionOn("eni-3", "", "tmf-1", "tmt-1")
		found := p.Session(ctx, "tms-1", sessionOn("eni-1", "tms-1", "tmf-1", "tmt-1"), after)
		return append(found, p.Session(ctx, "tms-1", Object[mirror.Session]{}, after)...)
	}},
	"its session is replaced": {want: []string{"tms-1"}, plan: func(ctx context.Context, p *Plan) []Finding {
		s := sessionOn("eni-1", "tms-1", "tmf-1", "tmt-1")
		found := p.Session(ctx, "tms-1", s, s)
		return append(found, p.Session(ctx, "tms-1", Object[mirror.Session]{}, s)...)
	}},
	"a new session": {want: []string{"a new session"}, plan: func(ctx context.Context, p *Plan) []Finding {
		return p.Session(ctx, p.NewObjectID(nil), Object[mirror.Session]{}, sessionOn("eni-1", "", "tmf-2", "tmt-2"))
	}},
	"a new session of an interface that is not known yet": {want: []string{"a new session"}, isOpen: true, plan: func(ctx context.Context, p *Plan) []Finding {
		return p.Session(ctx, p.NewObjectID(nil), Object[mirror.Session]{}, unknownIn(sessionOn("", "", "tmf-2", "tmt-2"), "network_interface_id"))
	}},
	"a new session of another interface": {plan: func(ctx context.Context, p *Plan) []Finding {
		return p.Session(ctx, p.NewObjectID(nil), Object[mirror.Session]{}, sessionOn("eni-2", "", "tmf-1", "tmt-1"))
	}},
	"its filter": {want: []string{"tmf-1"}, plan: func(ctx context.Context, p *Plan) []Finding {
		return p.Filter(ctx, "tmf-1", filterWith("tmf-1", 100), filterWith("tmf-1", 100, 200))
	}},
	"its filter is changed and replaced": {want: []string{"tmf-1"}, plan: func(ctx context.Context, p *Plan) []Finding {
		found := p.Filter(ctx, "tmf-1", filterWith("tmf-1", 100), filterWith("", 200))
		return append(found, p.Filter(ctx, "tmf-1", Filter{}, filterWith("", 200))...)
	}},
	"a description in its filter": {plan: func(ctx context.Context, p *Plan) []Finding {
		after := filterWith("tmf-1", 100)
		after.Noun.Rules[0].Description = "new"
		return p.Filter(ctx, "tmf-1", filterWith("tmf-1", 100), after)
	}},
	"a service of its filter": {want: []string{"tmf-1"}, plan: func(ctx context.Context, p *Plan) []Finding {
		after := filterWith("tmf-1", 100)
		after.Noun.NetworkServices = []mirror.NetworkService{mirror.AmazonDNS}
		return p.Filter(ctx, "tmf-1", filterWith("tmf-1", 100), after)
	}},
	"another filter": {plan: func(ctx context.Context, p *Plan) []Finding {
		return p.Filter(ctx, "tmf-2", filterWith("tmf-2", 100), filterWith("tmf-2", 200))
	}},
	"a filter that its session leaves": {want: []string{"tms-1"}, plan: func(ctx context.Context, p *Plan) []Finding {
		found := p.Session(ctx, "tms-1", sessionOn("eni-1", "tms-1", "tmf-1", "tmt-1"), sessionOn("eni-1", "tms-1", "tmf-2", "tmt-1"))
		return append(found, p.Filter(ctx, "tmf-1", filterWith("tmf-1", 100), filterWith("tmf-1", 200))...)
	}},
	"a rule of its filter": {want: []string{"tmfr-1"}, plan: func(ctx context.Context, p *Plan) []Finding {
		after := ruleOf("tmf-1", "tmfr-1")
		after.Noun.Action = mirror.Reject
		return p.Rule(ctx, "tmfr-1", ruleOf("tmf-1", "tmfr-1"), after)
	}},
	"a new rule of its filter": {want: []string{"a new filter rule"}, plan: func(ctx context.Context, p *Plan) []Finding {
		return p.Rule(ctx, p.NewObjectID(nil), Object[mirror.Rule]{}, ruleOf("tmf-1", ""))
	}},
	"a rule of its filter is deleted": {want: []string{"tmfr-1"}, plan: func(ctx context.Context, p *Plan) []Finding {
		found, _ := Handover{p}.DeleteRule(ctx, mirror.Rule{ID: "tmfr-1", FilterID: "tmf-1", Direction: mirror.Ingress})
		return found
	}},
	"a rule leaves its filter": {want: []string{"tmfr-1"}, plan: func(ctx context.Context, p *Plan) []Finding {
		return p.Rule(ctx, "tmfr-1", ruleOf("tmf-1", "tmfr-1"), ruleOf("tmf-2", "tmfr-1"))
	}},
	"a new rule of another filter": {plan: func(ctx context.Context, p *Plan) []Finding {
		return p.Rule(ctx, p.NewObjectID(nil), Object[mirror.Rule]{}, ruleOf("tmf-2", ""))
	}},
	"a new rule of a new filter": {plan: func(ctx context.Context, p *Plan) []Finding {
		p.Filter(ctx, p.NewObjectID(nil), Filter{}, Filter{})
		return p.Rule(ctx, p.NewObjectID(nil), Object[mirror.Rule]{}, unknownIn(ruleOf("", ""), "traffic_mirror_filter_id"))
	}},
	"a new rule of a filter that is not known yet": {want: []string{"a new filter rule"}, isOpen: true, plan: func(ctx context.Context, p *Plan) []Finding {
		return p.Rule(ctx, p.NewObjectID(nil), Object[mirror.Rule]{}, unknownIn(ruleOf("", ""), "traffic_mirror_filter_id"))
	}},
	"its target": {want: []string{"tmt-1"}, plan: func(ctx context.Context, p *Plan) []Finding {
		before := Object[mirror.Target]{Noun: mirror.Target{ID: "tmt-1", InterfaceID: "eni-a"}}
		after := Object[mirror.Target]{Noun: mirror.Target{GatewayLoadBalancerEndpointID: "vpce-1"}}
		return p.Target(ctx, "tmt-1", before, after)
	}},
	"another target": {plan: func(ctx context.Context, p *Plan) []Finding {
		before := Object[mirror.Target]{Noun: mirror.Target{ID: "tmt-2", InterfaceID: "eni-a"}}
		after := Object[mirror.Target]{Noun: mirror.Target{GatewayLoadBalancerEndpointID: "vpce-1"}}
		return p.Target(ctx, "tmt-2", before, after)
	}},
}

// listed answers every request with the sessions tms-1 and tms-2.
type listed struct{}

func (listed) RoundTrip(req *http.Request) (*http.Response, error) {
	var items strings.Builder
	for n := range 2 {
		fmt.Fprintf(&items, "<item><trafficMirrorSessionId>tms-%[1]d</trafficMirrorSessionId><networkInterfaceId>eni-%[1]d</networkInterfaceId>"+
			"<trafficMirrorFilterId>tmf-%[1]d</trafficMirrorFilterId><trafficMirrorTargetId>tmt-%[1]d</trafficMirrorTargetId></item>", n+1)
	}
	body := "<Response><trafficMirrorSessionSet>" + items.String() + "</trafficMirrorSessionSet></Response>"
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
}

func newSimulated() *Plan { return newSimulatedBy(listed{}) }

func newSimulatedBy(transport http.RoundTripper) *Plan {
	return New(account.New(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://ec2.invalid"), HTTPClient: &http.Client{Transport: transport},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}, account.Options{Clock: &skippingClock{}}), Policy{Quotas: mirror.DefaultQuotas(), Clock: stopped()})
}

// A simulation runs again if, and only if, the plan changes what it uses.
func TestSimulations_Changes(t *testing.T) {
	t.Parallel()
	for name, test := range changeCases {
		plan := newSimulated()
		test.plan(t.Context(), plan)
		if got := plan.Simulations.Changes(t.Context(), "eni-1"); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

// A change that is planned after the simulation that uses the object is warned of, once.
func TestSimulations_late(t *testing.T) {
	t.Parallel()
	for name, test := range changeCases {
		plan := newSimulated()
		plan.Simulations.Check(Simulation{ID: "a", InterfaceID: "eni-1"})
		plan.Simulations.Check(Simulation{ID: "b", InterfaceID: "eni-9"})
		want := 0
		if test.want != nil && !test.isOpen {
			want = 1
		}
		got := 0
		for _, f := range test.plan(t.Context(), plan) {
			if f.Severity == Warning && (f.Summary == lateChange || f.Summary == lateDeletion) {
				got++
			}
		}
		if got != want {
			t.Errorf("%s: %d warnings, want %d", name, got, want)
		}
	}
}

// Where EC2 refuses to list the sessions, each change counts.
func TestSimulations_unknown(t *testing.T) {
	t.Parallel()
	for code, want := range map[string][]string{"": nil, "UnauthorizedOperation": {"tmf-1"}} {
		transport := &refusing{counted: counted{RoundTripper: listed{}}}
		transport.code.Store(code)
		plan := newSimulatedBy(transport)
		if got := plan.Simulations.Changes(t.Context(), "eni-9"); got != nil {
			t.Errorf("a plan that changes nothing changes %v", got)
		}
		plan.Filter(t.Context(), "tmf-1", filterWith("tmf-1", 100), filterWith("tmf-1"))
		if got := plan.Simulations.Changes(t.Context(), "eni-9"); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %v, want %v", code, got, want)
		}
	}
}

// Two simulations collide if one writes the file that the other writes or reads. A
// simulation that is planned again does not collide with itself, nor with one that goes.
func TestSimulations_files(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		second  Simulation
		summary string
	}{
		"same output":                {Simulation{ID: "b", Output: "/out"}, "Two simulations write one file"},
		"reads output":               {Simulation{ID: "b", Capture: "/out"}, "A simulation writes the capture of another"},
		"writes input":               {Simulation{ID: "b", Output: "/in"}, "A simulation writes the capture of another"},
		"same capture":               {Simulation{ID: "b", Capture: "/in", Output: "/out2"}, ""},
		"no files":                   {Simulation{ID: "b"}, ""},
		"planned twice":              {Simulation{ID: "a", Capture: "/in", Output: "/out"}, ""},
		"annotates into an output":   {Simulation{ID: "b", Annotated: "/out"}, "Two simulations write one file"},
		"annotates into the same":    {Simulation{ID: "b", Annotated: "/notes"}, "Two simulations write one file"},
		"annotates over the capture": {Simulation{ID: "b", Annotated: "/in"}, "A simulation writes the capture of another"},
		"reads an annotated capture": {Simulation{ID: "b", Capture: "/notes"}, "A simulation writes the capture of another"},
		"two collisions":             {Simulation{ID: "b", Output: "/out", Annotated: "/notes"}, "Two simulations write one fileTwo simulations write one file"},
	} {
		plan := newSimulated()
		plan.Simulations.Check(Simulation{ID: "a", Capture: "/in", Output: "/out", Annotated: "/notes"})
		summary := ""
		for _, f := range plan.Simulations.Check(test.second) {
			summary += f.Summary
			if f.Severity != Error {
				t.Errorf("%s: %s", name, f.Severity)
			}
		}
		if summary != test.summary {
			t.Errorf("%s: got %q, want %q", name, summary, test.summary)
		}
	}
	plan := newSimulated()
	plan.Simulations.Check(Simulation{ID: "a", Output: "/out"})
	found := plan.Simulations.Check(Simulation{ID: "b", Annotated: "/out"})
	if len(found) != 1 || found[0].Field != "annotated" || !strings.HasSuffix(found[0].Detail, "Write another annotated.path for one of them.") {
		t.Errorf("the finding is %+v", found)
	}
	plan.Simulations.Delete("b")
	plan.Simulations.Delete("a")
	if found := plan.Simulations.Check(Simulation{ID: "b", Output: "/out"}); found != nil {
		t.Errorf("the other simulation goes, and %v", found)
	}
}

// An output that another simulation has written since is not removed.
func TestSimulations_RemoveOutput(t *testing.T) {
	t.Parallel()
	plan := newSimulated()
	removed := ""
	remove := func(id string) {
		t.Helper()
		if err := plan.Simulations.RemoveOutput("/out", id, func() error { removed += id; return nil }); err != nil {
			t.Error(err)
		}
	}
	remove("a") // nobody has written it in this run
	if err := plan.Simulations.WriteOutput("/out", "b", func() error { return nil }); err != nil {
		t.Error(err)
	}
	remove("a")
	remove("b")
	failed := errors.New("disk full")
	if err := plan.Simulations.WriteOutput("/out", "a", func() error { return failed }); !errors.Is(err, failed) {
		t.Error(err)
	}
	remove("b")
	if removed != "abb" {
		t.Errorf("%s removed the file, not abb", removed)
	}
}
