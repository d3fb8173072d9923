package check

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// A previewed is a plan of an account in the worldTopology. EC2 has numbered the objects:
//
//   - tms-1 is session 1 of eni-1, with tmf-1 and tmt-1, and tms-2 is session 2, with tmf-2 and
//     tmt-2. tms-3 is session 1 of eni-2, with tmf-2 and tmt-2.
//   - tmf-1 has the rules tmfr-1 (ingress 100, accept) and tmfr-2 (egress 100, reject), and
//     tmf-2 has amazon-dns.
//   - tmt-1 is on an interface, tmt-2 is on a load balancer, and tmt-3 is on an endpoint.
type previewed struct {
	*Plan
	byHand    *account.Account // of another process
	transport *counted
	session   map[string]mirror.Session
	rule      map[string]mirror.Rule
	filter    map[string]mirror.Filter
	target    map[string]mirror.Target
}

// longID returns an ID of EC2 for a short one.
func longID(short string) string {
	prefix, n, _ := strings.Cut(short, "-")
	return fmt.Sprintf("%s-%017s", prefix, n)
}

func shortID(text string) string {
	for _, prefix := range []string{"tms", "tmf", "tmfr", "tmt", "eni"} {
		for n := range 10 {
			text = strings.ReplaceAll(text, longID(fmt.Sprintf("%s-%d", prefix, n)), fmt.Sprintf("%s-%d", prefix, n))
		}
	}
	return text
}

func newPreviewed(t *testing.T, policy Policy) *previewed {
	t.Helper()
	counts := map[string]int{}
	handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: worldTopology(), NewID: func(prefix string) string {
		counts[prefix]++
		return longID(fmt.Sprintf("%s%d", prefix, counts[prefix]))
	}})
	if err != nil {
		t.Fatal(err)
	}
	transport := &counted{RoundTripper: emulator.Transport(handler)}
	open := func() *account.Account {
		return account.New(aws.Config{
			Region: "us-east-1", BaseEndpoint: aws.String("http://ec2.emulator.invalid"), HTTPClient: &http.Client{Transport: transport},
			Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		}, account.Options{Clock: &skippingClock{}, AccountID: topology.DefaultAccountID, TargetFacts: emulator.TargetFacts(handler)})
	}
	p := &previewed{
		byHand: open(), transport: transport,
		session: map[string]mirror.Session{}, rule: map[string]mirror.Rule{}, filter: map[string]mirror.Filter{}, target: map[string]mirror.Target{},
	}
	p.make(t, worldTopology())
	if policy.Quotas == (mirror.Quotas{}) {
		policy.Quotas = mirror.DefaultQuotas()
	}
	policy.Clock = stopped()
	p.Plan = New(open(), policy)
	p.waits.used = planTime
	return p
}

func (p *previewed) make(t *testing.T, file *topology.File) {
	t.Helper()
	ctx, a := t.Context(), p.byHand
	w := &world{t: t}
	for n, target := range []mirror.Target{
		{InterfaceID: worldENI(32)}, {LoadBalancerARN: file.NetworkLoadBalancers[0].ARN}, {GatewayLoadBalancerEndpointID: file.GatewayLoadBalancerEndpoints[0].ID},
	} {
		p.target[fmt.Sprintf("tmt-%d", n+1)] = need[account.Tagged[mirror.Target]](w)(a.CreateTarget(ctx, target, nil, account.NewToken())).Noun
	}
	for n := range 2 {
		p.filter[fmt.Sprintf("tmf-%d", n+1)] = need[account.Tagged[mirror.Filter]](w)(a.CreateFilter(ctx, "", nil, account.NewToken())).Noun
	}
	w.must(a.ModifyServices(ctx, p.filter["tmf-2"], []mirror.NetworkService{mirror.AmazonDNS}))
	ingress := mirror.Rule{FilterID: longID("tmf-1"), Direction: mirror.Ingress, Number: 100, Action: mirror.Accept, SourceCIDR: everything, DestinationCIDR: everything}
	egress := ingress
	egress.Direction, egress.Action = mirror.Egress, mirror.Reject
	for n, r := range []mirror.Rule{ingress, egress} {
		p.rule[fmt.Sprintf("tmfr-%d", n+1)] = need[account.Tagged[mirror.Rule]](w)(a.CreateRule(ctx, r, nil, account.NewToken())).Noun
	}
	for n, s := range []mirror.Session{
		{InterfaceID: worldENI(1), FilterID: longID("tmf-1"), TargetID: longID("tmt-1"), Number: 1},
		{InterfaceID: worldENI(1), FilterID: longID("tmf-2"), TargetID: longID("tmt-2"), Number: 2},
		{InterfaceID: worldENI(2), FilterID: longID("tmf-2"), TargetID: longID("tmt-2"), Number: 1},
	} {
		made := need[account.Tagged[mirror.Session]](w)(a.CreateSession(ctx, s, nil, account.NewToken())).Noun
		made.OwnerID = ""
		p.session[fmt.Sprintf("tms-%d", n+1)] = made
	}
	for id := range p.filter {
		p.filter[id] = need[account.Tagged[mirror.Filter]](w)(a.Filter(ctx, longID(id))).Noun
	}
}

// planSession plans a session after a change of the one that exists.
func (p *previewed) planSession(ctx context.Context, id string, change func(*Object[mirror.Session])) {
	before, after := Object[mirror.Session]{Noun: p.session[id]}, Object[mirror.Session]{Noun: p.session[id]}
	change(&after)
	if !after.isKnown("traffic_mirror_target_id") {
		after.Noun.TargetID = ""
	}
	if !after.isKnown("traffic_mirror_filter_id") {
		after.Noun.FilterID = ""
	}
	p.Session(ctx, longID(id), before, after)
	if after.Noun.ID == "" { // a replacement is planned twice
		p.Session(ctx, longID(id), Object[mirror.Session]{}, after)
	}
}

func (p *previewed) planNewSession(ctx context.Context, change func(*Object[mirror.Session])) {
	after := Object[mirror.Session]{
		Noun:    mirror.Session{InterfaceID: worldENI(1), FilterID: longID("tmf-1"), TargetID: longID("tmt-3"), Number: 3},
		Unknown: []string{"virtual_network_id", "packet_length"}, Unset: []string{"packet_length"},
	}
	change(&after)
	p.Session(ctx, p.NewObjectID(nil), Object[mirror.Session]{}, after)
}

// planFilter plans a filter after a change of the one that exists. managed are the directions
// with a map.
func (p *previewed) planFilter(ctx context.Context, id string, managed []mirror.Direction, change func(*Filter)) {
	before, after := Filter{Object: Object[mirror.Filter]{Noun: asMaps(p.filter[id])}}, Filter{Object: Object[mirror.Filter]{Noun: asMaps(p.filter[id])}, Managed: managed}
	change(&after)
	p.Filter(ctx, longID(id), before, after)
	if after.Noun.ID == "" {
		p.Filter(ctx, longID(id), Filter{}, after)
	}
}

func (p *previewed) planRule(ctx context.Context, id string, change func(*Object[mirror.Rule])) {
	before, after := Object[mirror.Rule]{Noun: p.rule[id]}, Object[mirror.Rule]{Noun: p.rule[id]}
	change(&after)
	p.Rule(ctx, longID(id), before, after)
	if after.Noun.ID == "" {
		p.Rule(ctx, longID(id), Object[mirror.Rule]{}, after)
	}
}

func (p *previewed) planNewRule(ctx context.Context, change func(*Object[mirror.Rule])) {
	after := Object[mirror.Rule]{Noun: p.rule["tmfr-1"]}
	after.Noun.ID, after.Noun.Number, after.Noun.Action = "", 200, mirror.Reject
	change(&after)
	p.Rule(ctx, p.NewObjectID(nil), Object[mirror.Rule]{}, after)
}

func (p *previewed) planTarget(ctx context.Context, id string, change func(*Object[mirror.Target])) {
	before, after := Object[mirror.Target]{Noun: p.target[id]}, Object[mirror.Target]{Noun: p.target[id]}
	change(&after)
	p.Target(ctx, longID(id), before, after)
	if after.Noun.Description != "" { // a replacement
		after.Noun.ID = ""
		p.Target(ctx, longID(id), Object[mirror.Target]{}, after)
	}
}

func (p *previewed) delete(ctx context.Context, kind mirror.Kind, id, of string) {
	p.NoteDelete(ctx, kind, longID(id), of)
	p.Delete(ctx, kind, longID(id))
}

// short describes sessions: number, target, rules and services.
func short(sessions []account.MirrorSession) []string {
	var all []string
	for _, s := range sessions {
		text := fmt.Sprintf("%d", s.Number)
		if s.PacketLength != nil && *s.PacketLength != mirror.LoadBalancerPacketLength {
			text += fmt.Sprintf(" cut to %d", *s.PacketLength)
		}
		text += " to " + s.Target.Address.String()
		rules := slices.Clone(s.Filter.Rules)
		slices.SortFunc(rules, byPlace)
		for _, r := range rules {
			text += fmt.Sprintf(", %s %d %s", r.Direction, r.Number, r.Action)
		}
		for _, service := range s.Filter.NetworkServices {
			text += ", " + string(service)
		}
		all = append(all, text)
	}
	return all
}

// What EC2 has on eni-1.
const (
	first  = "1 to 10.0.1.32, egress 100 reject, ingress 100 accept"
	second = "2 to 10.0.1.64, amazon-dns"
)

func keep[N any](*Object[N]) {}

func unknown[N any](fields ...string) func(*Object[N]) {
	return func(o *Object[N]) { o.Unknown = append(o.Unknown, fields...) }
}

type previewCase struct {
	plan    func(ctx context.Context, t *testing.T, p *previewed)
	want    []string
	waits   []string
	changes []string
}

var previewOfSessions = map[string]previewCase{
	"nothing is planned": {plan: func(context.Context, *testing.T, *previewed) {}, want: []string{first, second}},
	"nothing changes": {want: []string{first, second}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planSession(ctx, "tms-1", keep[mirror.Session])
		p.planFilter(ctx, "tmf-1", mirror.Directions, func(*Filter) {})
		p.planTarget(ctx, "tmt-1", keep[mirror.Target])
	}},
	"another number": {want: []string{second, "7" + first[1:]}, changes: []string{"tms-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planSession(ctx, "tms-1", func(s *Object[mirror.Session]) { s.Noun.Number = 7 })
	}},
	"a packet length": {want: []string{"1 cut to 99" + first[1:], second}, changes: []string{"tms-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planSession(ctx, "tms-1", func(s *Object[mirror.Session]) { s.Noun.PacketLength = new(99) })
	}},
	"a packet length that EC2 chooses": {want: []string{first, second}, changes: []string{"tms-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planSession(ctx, "tms-1", func(s *Object[mirror.Session]) {
			s.Unknown, s.Unset = []string{"packet_length"}, []string{"packet_length"}
		})
	}},
	"an unknown packet length": {want: []string{second}, waits: []string{"the packet length of tms-1"}, changes: []string{"tms-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planSession(ctx, "tms-1", unknown[mirror.Session]("packet_length"))
	}},
	"an unknown number": {want: []string{second}, waits: []string{"the number of tms-1"}, changes: []string{"tms-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planSession(ctx, "tms-1", unknown[mirror.Session]("session_number"))
	}},
	"another filter": {want: []string{"1 to 10.0.1.32, amazon-dns", second}, changes: []string{"tms-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planSession(ctx, "tms-1", func(s *Object[mirror.Session]) { s.Noun.FilterID = longID("tmf-2") })
	}},
	"another target": {want: []string{strings.Replace(first, "1.32", "1.128", 1), second}, changes: []string{"tms-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planSession(ctx, "tms-1", func(s *Object[mirror.Session]) { s.Noun.TargetID = longID("tmt-3") })
	}},
	"an unknown filter": {want: []string{second}, waits: []string{"the filter of tms-1"}, changes: []string{"tms-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planSession(ctx, "tms-1", unknown[mirror.Session]("traffic_mirror_filter_id"))
	}},
	"an unknown target": {want: []string{second}, waits: []string{"the target of tms-1"}, changes: []string{"tms-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planSession(ctx, "tms-1", unknown[mirror.Session]("traffic_mirror_target_id"))
	}},
	"deleted": {want: []string{second}, changes: []string{"tms-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.delete(ctx, mirror.KindSession, "tms-1", worldENI(1))
	}},
	"replaced": {want: []string{first, second}, changes: []string{"tms-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planSession(ctx, "tms-1", func(s *Object[mirror.Session]) { s.Noun.ID = "" })
	}},
	"replaced by one with an unknown number": {
		want: []string{second}, changes: []string{"tms-1"}, waits: []string{"the number of the session that replaces tms-1"},
		plan: func(ctx context.Context, _ *testing.T, p *previewed) {
			p.planSession(ctx, "tms-1", func(s *Object[mirror.Session]) { s.Noun.ID, s.Unknown = "", []string{"session_number"} })
		},
	},
	"goes to another interface": {want: []string{second}, changes: []string{"tms-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planSession(ctx, "tms-1", func(s *Object[mirror.Session]) { s.Noun.ID, s.Noun.InterfaceID = "", worldENI(3) })
	}},
	"comes from another interface": {want: []string{first, second, "9" + second[1:]}, changes: []string{"tms-3"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planSession(ctx, "tms-3", func(s *Object[mirror.Session]) { s.Noun.ID, s.Noun.InterfaceID, s.Noun.Number = "", worldENI(1), 9 })
	}},
	"another interface has changes": {want: []string{first, second}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planSession(ctx, "tms-3", func(s *Object[mirror.Session]) { s.Noun.Number, s.Unknown = 9, []string{"packet_length"} })
	}},
	"new": {want: []string{first, second, strings.Replace("3"+first[1:], "1.32", "1.128", 1)}, changes: []string{"a new session"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planNewSession(ctx, keep[mirror.Session])
	}},
	"new, with a new filter": {
		want: []string{first, second}, changes: []string{"a new session"}, waits: []string{"the filter of the new session with number 3"},
		plan: func(ctx context.Context, _ *testing.T, p *previewed) {
			p.Filter(ctx, p.NewObjectID(nil), Filter{}, Filter{Managed: mirror.Directions})
			p.planNewSession(ctx, unknown[mirror.Session]("traffic_mirror_filter_id"))
		},
	},
	"new, with a new target": {
		want: []string{first, second}, changes: []string{"a new session"}, waits: []string{"the target of the new session with number 3"},
		plan: func(ctx context.Context, _ *testing.T, p *previewed) {
			p.Target(ctx, p.NewObjectID(nil), Object[mirror.Target]{}, Object[mirror.Target]{Noun: mirror.Target{InterfaceID: worldENI(33)}})
			p.planNewSession(ctx, unknown[mirror.Session]("traffic_mirror_target_id"))
		},
	},
	"new, without a number": {
		want: []string{first, second}, changes: []string{"a new session"}, waits: []string{"the number of a new session"},
		plan: func(ctx context.Context, _ *testing.T, p *previewed) {
			p.planNewSession(ctx, unknown[mirror.Session]("session_number"))
		},
	},
	"new, on an unknown interface": {
		want: []string{first, second}, changes: []string{"a new session"}, waits: []string{"the network interface of the new session with number 3"},
		plan: func(ctx context.Context, _ *testing.T, p *previewed) {
			p.planNewSession(ctx, func(s *Object[mirror.Session]) {
				s.Noun.InterfaceID, s.Unknown = "", append(s.Unknown, "network_interface_id")
			})
		},
	},
	"the number of one that stays": {
		want: []string{first, second, strings.Replace("2"+first[1:], "1.32", "1.128", 1)}, changes: []string{"a new session"},
		waits: []string{"which session of eni-1 has the number 2: the plan would give it to two"},
		plan: func(ctx context.Context, _ *testing.T, p *previewed) {
			p.planNewSession(ctx, func(s *Object[mirror.Session]) { s.Noun.Number = 2 })
		},
	},
	"the number of one that goes": {want: []string{first, strings.Replace("2"+first[1:], "1.32", "1.128", 1)}, changes: []string{"a new session", "tms-2"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planNewSession(ctx, func(s *Object[mirror.Session]) { s.Noun.Number = 2 })
		p.delete(ctx, mirror.KindSession, "tms-2", worldENI(1))
	}},
	"EC2 does not list it": {want: []string{second, "7" + first[1:]}, waits: []string{"tms-1, which EC2 does not list now"}, changes: []string{"tms-1"}, plan: func(ctx context.Context, t *testing.T, p *previewed) {
		(&world{t: t}).must(p.byHand.DeleteSession(ctx, longID("tms-1"), time.Time{}))
		p.planSession(ctx, "tms-1", func(s *Object[mirror.Session]) { s.Noun.Number = 7 })
	}},
	"deleted by hand": {want: []string{second}, plan: func(ctx context.Context, t *testing.T, p *previewed) {
		(&world{t: t}).must(p.byHand.DeleteSession(ctx, longID("tms-1"), time.Time{}))
	}},
	"changed by hand, and left so": {want: []string{second, "9" + first[1:]}, plan: func(ctx context.Context, t *testing.T, p *previewed) {
		need[mirror.Session](&world{t: t})(p.byHand.NumberSession(ctx, p.session["tms-1"], 9))
		p.planSession(ctx, "tms-1", keep[mirror.Session]) // -refresh=false: the plan does not know it
	}},
}

var previewOfFilters = map[string]previewCase{
	"services change": {want: []string{first + ", amazon-dns", second}, changes: []string{"tmf-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planFilter(ctx, "tmf-1", nil, func(f *Filter) { f.Noun.NetworkServices = []mirror.NetworkService{mirror.AmazonDNS} })
	}},
	"unknown services": {want: []string{second}, waits: []string{"the network services of tmf-1"}, changes: []string{"tmf-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planFilter(ctx, "tmf-1", nil, func(f *Filter) { f.Unknown = []string{"network_services"} })
	}},
	"a map": {want: []string{"1 to 10.0.1.32, egress 100 reject, ingress 7 accept", second}, changes: []string{"tmf-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planFilter(ctx, "tmf-1", []mirror.Direction{mirror.Ingress}, func(f *Filter) { f.Noun.Rules[1].Number = 7 })
	}},
	"an empty map": {want: []string{"1 to 10.0.1.32, egress 100 reject", second}, changes: []string{"tmf-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planFilter(ctx, "tmf-1", []mirror.Direction{mirror.Ingress}, func(f *Filter) { f.Noun.Rules = f.Noun.Rules[:1] })
	}},
	"a map with unknown rules": {want: []string{second}, waits: []string{"the egress rules of tmf-1"}, changes: []string{"tmf-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planFilter(ctx, "tmf-1", mirror.Directions, func(f *Filter) { f.Unknown = []string{"egress_rules"} })
	}},
	"a map that a change by hand differs from": {want: []string{first, second}, changes: []string{"tmf-1"}, plan: func(ctx context.Context, t *testing.T, p *previewed) {
		was := p.filter["tmf-1"]
		byHand := p.rule["tmfr-1"]
		byHand.Action = mirror.Reject
		need[mirror.Rule](&world{t: t})(p.byHand.ModifyRule(ctx, byHand))
		p.filter["tmf-1"] = need[account.Tagged[mirror.Filter]](&world{t: t})(p.byHand.Filter(ctx, longID("tmf-1"))).Noun
		p.planFilter(ctx, "tmf-1", mirror.Directions, func(f *Filter) { f.Noun = asMaps(was) })
	}},
	"a map that is not refreshed": {want: []string{strings.Replace(first, "accept", "reject", 1), second}, plan: func(ctx context.Context, t *testing.T, p *previewed) {
		byHand := p.rule["tmfr-1"]
		byHand.Action = mirror.Reject
		need[mirror.Rule](&world{t: t})(p.byHand.ModifyRule(ctx, byHand))
		p.planFilter(ctx, "tmf-1", mirror.Directions, func(*Filter) {})
	}},
	"replaced": {want: []string{second}, waits: []string{"what takes the place of the filter tmf-1"}, changes: []string{"tmf-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planFilter(ctx, "tmf-1", nil, func(f *Filter) { f.Noun.ID, f.Noun.Description = "", "new" })
	}},
	"deleted": {want: []string{second}, waits: []string{"what takes the place of the filter tmf-1"}, changes: []string{"tmf-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.delete(ctx, mirror.KindFilter, "tmf-1", "")
	}},
	"deleted by hand": {want: []string{first}, waits: []string{"tmf-9, which EC2 does not list now"}, changes: []string{"tms-2"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planSession(ctx, "tms-2", func(s *Object[mirror.Session]) { s.Noun.FilterID = longID("tmf-9") })
	}},
	"another filter": {want: []string{first, second}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.Filter(ctx, p.NewObjectID(nil), Filter{}, Filter{Object: Object[mirror.Filter]{Unknown: []string{"ingress_rules"}}, Managed: mirror.Directions})
	}},
	"a rule changes": {want: []string{strings.Replace(first, "accept", "reject", 1), second}, changes: []string{"tmfr-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planRule(ctx, "tmfr-1", func(r *Object[mirror.Rule]) { r.Noun.Action = mirror.Reject })
	}},
	"a rule changes its direction": {want: []string{"1 to 10.0.1.32, egress 50 accept, egress 100 reject", second}, changes: []string{"tmfr-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planRule(ctx, "tmfr-1", func(r *Object[mirror.Rule]) { r.Noun.Direction, r.Noun.Number = mirror.Egress, 50 })
	}},
	"a rule stays": {want: []string{first, second}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planRule(ctx, "tmfr-1", keep[mirror.Rule])
	}},
	"a rule stays as it was changed by hand": {want: []string{strings.Replace(first, "accept", "reject", 1), second}, plan: func(ctx context.Context, t *testing.T, p *previewed) {
		byHand := p.rule["tmfr-1"]
		byHand.Action = mirror.Reject
		need[mirror.Rule](&world{t: t})(p.byHand.ModifyRule(ctx, byHand))
		p.planRule(ctx, "tmfr-1", func(r *Object[mirror.Rule]) { r.Tags = map[string]string{"a": "b"} })
	}},
	"a rule with an unknown block": {want: []string{second}, waits: []string{"tmfr-1 of tmf-1"}, changes: []string{"tmfr-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planRule(ctx, "tmfr-1", unknown[mirror.Rule]("source_cidr_block"))
	}},
	"a rule with an unknown direction, and a map": {want: []string{second}, waits: []string{"tmfr-1 of tmf-1"}, changes: []string{"tmfr-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planFilter(ctx, "tmf-1", []mirror.Direction{mirror.Egress}, func(*Filter) {})
		p.planRule(ctx, "tmfr-1", unknown[mirror.Rule]("traffic_direction"))
	}},
	"a rule is deleted": {want: []string{"1 to 10.0.1.32, egress 100 reject", second}, changes: []string{"tmfr-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		Handover{p.Plan}.DeleteRule(ctx, p.rule["tmfr-1"])
	}},
	"a rule stays in a map": {want: []string{first, second}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planFilter(ctx, "tmf-1", mirror.Directions, func(*Filter) {})
		Handover{p.Plan}.DeleteRule(ctx, p.rule["tmfr-1"])
	}},
	"a rule goes to another filter": {want: []string{"1 to 10.0.1.32, egress 100 reject", "2 to 10.0.1.64, ingress 100 accept, amazon-dns"}, changes: []string{"tmfr-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planRule(ctx, "tmfr-1", func(r *Object[mirror.Rule]) { r.Noun.ID, r.Noun.FilterID = "", longID("tmf-2") })
	}},
	"a rule is replaced by one that is not known": {want: []string{second}, changes: []string{"tmfr-1"}, waits: []string{"the rule that replaces tmfr-1 of tmf-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planRule(ctx, "tmfr-1", func(r *Object[mirror.Rule]) { r.Noun.ID, r.Unknown = "", []string{"source_cidr_block"} })
	}},
	"a new rule": {want: []string{first + ", ingress 200 reject", second}, changes: []string{"a new filter rule"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planNewRule(ctx, keep[mirror.Rule])
	}},
	"a new rule with unknown ports": {want: []string{second}, waits: []string{"the new ingress rule 200 of tmf-1"}, changes: []string{"a new filter rule"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planNewRule(ctx, unknown[mirror.Rule]("destination_port_range"))
	}},
	"a new rule without a number": {want: []string{second}, waits: []string{"a new rule of tmf-1"}, changes: []string{"a new filter rule"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planNewRule(ctx, unknown[mirror.Rule]("rule_number"))
	}},
	"a new rule in a direction with a map": {want: []string{first, second}, changes: []string{"a new filter rule"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planFilter(ctx, "tmf-1", mirror.Directions, func(*Filter) {})
		p.planNewRule(ctx, keep[mirror.Rule])
	}},
	"a new rule of an unknown filter": {want: nil, waits: []string{"the filter of the new ingress rule 200"}, changes: []string{"a new filter rule"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planNewRule(ctx, func(r *Object[mirror.Rule]) { r.Noun.FilterID, r.Unknown = "", []string{"traffic_mirror_filter_id"} })
	}},
	"a new rule of a new filter": {want: []string{first, second}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.Filter(ctx, p.NewObjectID(nil), Filter{}, Filter{})
		p.planNewRule(ctx, func(r *Object[mirror.Rule]) { r.Noun.FilterID, r.Unknown = "", []string{"traffic_mirror_filter_id"} })
	}},
	"the number of a rule that stays": {
		want: []string{second}, changes: []string{"a new filter rule"}, waits: []string{"which ingress rule of tmf-1 has the number 100: the plan would give it to two"},
		plan: func(ctx context.Context, _ *testing.T, p *previewed) {
			p.planNewRule(ctx, func(r *Object[mirror.Rule]) { r.Noun.Number = 100 })
		},
	},
	"EC2 does not list a rule": {want: []string{second}, waits: []string{"tmfr-1, which EC2 does not list now"}, changes: []string{"tmfr-1"}, plan: func(ctx context.Context, t *testing.T, p *previewed) {
		(&world{t: t}).must(p.byHand.DeleteRule(ctx, longID("tmfr-1"), time.Time{}))
		p.planRule(ctx, "tmfr-1", func(r *Object[mirror.Rule]) { r.Noun.Number = 7 })
	}},
}

var previewOfTargets = map[string]previewCase{
	"moves to another interface": {want: []string{strings.Replace(first, "1.32", "1.33", 1), second}, changes: []string{"tmt-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planTarget(ctx, "tmt-1", func(t *Object[mirror.Target]) { t.Noun.ID, t.Noun.InterfaceID = "", worldENI(33) })
	}},
	"moves to an endpoint": {want: []string{strings.Replace(first, "1.32", "1.128", 1), second}, changes: []string{"tmt-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planTarget(ctx, "tmt-1", func(t *Object[mirror.Target]) {
			t.Noun = mirror.Target{GatewayLoadBalancerEndpointID: p.target["tmt-3"].GatewayLoadBalancerEndpointID}
		})
	}},
	"moves to a resource that is not known": {want: []string{second}, waits: []string{"the backing resource of tmt-1"}, changes: []string{"tmt-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planTarget(ctx, "tmt-1", func(t *Object[mirror.Target]) { t.Noun, t.Unknown = mirror.Target{}, mirror.TargetBackings[:1] })
	}},
	"moves, and the session does not know to which target": {want: []string{second}, waits: []string{"the target of tms-1"}, changes: []string{"tms-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planTarget(ctx, "tmt-1", func(t *Object[mirror.Target]) { t.Noun.ID, t.Noun.InterfaceID = "", worldENI(33) })
		p.planSession(ctx, "tms-1", unknown[mirror.Session]("traffic_mirror_target_id"))
	}},
	"replaced": {want: []string{second}, waits: []string{"what takes the place of the target tmt-1"}, changes: []string{"tmt-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planTarget(ctx, "tmt-1", func(t *Object[mirror.Target]) { t.Noun.Description = "new" })
	}},
	"deleted": {want: []string{second}, waits: []string{"what takes the place of the target tmt-1"}, changes: []string{"tmt-1"}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.delete(ctx, mirror.KindTarget, "tmt-1", "")
	}},
	"another target": {want: []string{first, second}, plan: func(ctx context.Context, _ *testing.T, p *previewed) {
		p.planTarget(ctx, "tmt-3", func(t *Object[mirror.Target]) { t.Noun, t.Unknown = mirror.Target{}, mirror.TargetBackings })
	}},
}

// A preview has what the plan changes, and leaves the rest as EC2 has it.
func TestPreview(t *testing.T) {
	t.Parallel()
	for group, cases := range map[string]map[string]previewCase{"session": previewOfSessions, "filter": previewOfFilters, "target": previewOfTargets} {
		for name, c := range cases {
			t.Run(group+", "+name, func(t *testing.T) {
				t.Parallel()
				p := newPreviewed(t, Policy{})
				c.plan(t.Context(), t, p)
				got, err := p.Simulations.Preview(t.Context(), worldENI(1))
				if err != nil {
					t.Fatal(err)
				}
				c.check(t, got, p.Simulations.Changes(t.Context(), worldENI(1)))
			})
		}
	}
}

func (c previewCase) check(t *testing.T, got Preview, changes []string) {
	t.Helper()
	for what, pair := range map[string][2][]string{
		"sessions": {short(got.Sessions), c.want}, "waits": {got.Waits, c.waits}, "changes": {changes, c.changes},
	} {
		var is []string
		for _, text := range pair[0] {
			is = append(is, shortID(text))
		}
		if !reflect.DeepEqual(is, pair[1]) {
			t.Errorf("%s:\n%q, want\n%q", what, is, pair[1])
		}
	}
}
