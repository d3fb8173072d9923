package check

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

func sameValue(a, b any) bool { return reflect.DeepEqual(a, b) }

func byPlace(a, b mirror.Rule) int {
	return cmp.Or(cmp.Compare(a.Direction, b.Direction), cmp.Compare(a.Number, b.Number))
}

// apply makes what the plan has planned, in an order that EC2 accepts.
func (p *worldPlan) apply(ctx context.Context) {
	a := p.open()
	run := reconcile.New(a, p.options.Clock)
	filterIDs, targetIDs := map[*worldFilter]string{}, map[*worldTarget]string{}
	for _, f := range p.filters {
		filterIDs[f] = f.id
		if f.managed && f.want != nil && !f.isKnown() {
			made := need[account.Tagged[mirror.Filter]](p.world)(a.CreateFilter(ctx, "", nil, account.NewToken())).Noun
			filterIDs[f] = made.ID
			need[[]reconcile.Loss](p.world)(run.ConvergeFilter(ctx, &made, f.inline, *f.want))
		}
	}
	for _, t := range p.targets {
		targetIDs[t] = t.id
		switch {
		case t.managed && t.id == "" && t.want != nil:
			targetIDs[t] = need[account.Tagged[mirror.Target]](p.world)(a.CreateTarget(ctx, *t.want, nil, account.NewToken())).Noun.ID
		case t.moves():
			done := need[reconcile.MoveResult](p.world)(run.MoveTarget(ctx, t.id, *t.want, nil, ""))
			p.must(done.DeleteError)
			targetIDs[t] = done.Target.Noun.ID
		}
	}
	for _, s := range p.sessions {
		if s.managed && s.id != "" && (s.want == nil || s.replaced) {
			p.must(a.DeleteSession(ctx, s.id, time.Time{}))
		}
	}
	for _, r := range p.rules {
		if r.managed && r.id != "" && (r.want == nil || r.replaced) && !p.left[r] {
			p.must(a.DeleteRule(ctx, r.id, time.Time{}))
		}
	}
	for _, f := range p.filters {
		if p.writes[f] {
			now := need[account.Tagged[mirror.Filter]](p.world)(a.Filter(ctx, f.id)).Noun
			need[[]reconcile.Loss](p.world)(run.ConvergeFilter(ctx, &now, f.inline, *f.want))
		}
	}
	p.applyRules(ctx, a, filterIDs)
	p.applySessions(ctx, a, filterIDs, targetIDs)
	for _, f := range p.filters {
		if f.managed && f.id != "" && (f.want == nil || f.replaced) {
			p.must(a.DeleteFilter(ctx, f.id, time.Time{}))
		}
	}
	for _, t := range p.targets {
		if t.managed && t.id != "" && t.want == nil {
			p.must(a.DeleteTarget(ctx, t.id, time.Time{}))
		}
	}
}

// aside is a number beyond those in use.
const aside = 20_000

func (p *worldPlan) applyRules(ctx context.Context, a *account.Account, filterIDs map[*worldFilter]string) {
	for _, isLast := range []bool{false, true} {
		for i, r := range p.rules {
			if !p.writes[r] {
				continue
			}
			want := *r.want
			if want.ID, want.FilterID = r.id, filterIDs[r.filter]; !isLast {
				want.Number = aside + i
			}
			need[mirror.Rule](p.world)(a.ModifyRule(ctx, want))
		}
	}
	for _, r := range p.rules {
		if r.managed && r.want != nil && (r.id == "" || r.replaced) {
			want := *r.want
			want.FilterID = filterIDs[r.filter]
			need[account.Tagged[mirror.Rule]](p.world)(a.CreateRule(ctx, want, nil, account.NewToken()))
		}
	}
}

func (p *worldPlan) applySessions(ctx context.Context, a *account.Account, filterIDs map[*worldFilter]string, targetIDs map[*worldTarget]string) {
	for i, s := range p.sessions {
		if p.writes[s] {
			now := need[account.Tagged[mirror.Session]](p.world)(a.Session(ctx, s.id)).Noun
			need[mirror.Session](p.world)(a.NumberSession(ctx, now, aside+i))
		}
	}
	for _, s := range p.sessions {
		if !s.managed || s.want == nil {
			continue
		}
		want := *s.want
		want.FilterID, want.TargetID, want.VirtualNetworkID = filterIDs[s.filter], targetIDs[s.target], nil
		switch {
		case s.id == "" || s.replaced:
			need[account.Tagged[mirror.Session]](p.world)(a.CreateSession(ctx, want, nil, account.NewToken()))
		case p.writes[s]:
			now := need[account.Tagged[mirror.Session]](p.world)(a.Session(ctx, s.id)).Noun
			need[mirror.Session](p.world)(a.ModifySession(ctx, now, want, false))
		}
	}
}

// packets returns random packets that the simulated interface can receive or send.
func (w *world) packets() []simulation.PacketInWords {
	all := make([]simulation.PacketInWords, 40)
	for i := range all {
		p := simulation.PacketInWords{Name: fmt.Sprintf("p%d", i), Direction: "ingress", Protocol: pick(w, []string{"tcp", "tcp", "udp", "icmp"})}
		p.Source, p.Destination = pick(w, []string{"10.0.1.77", "10.1.2.3", "192.0.2.7", "198.51.100.9", "10.0.0.2"}), "10.0.1.11"
		p.Length = pick(w, []int64{0, 100, 1280, 1500, 9000})
		if p.Protocol != "icmp" {
			p.SourcePort, p.DestinationPort = new(int64(50000)), new(pick(w, []int64{22, 53, 80, 443, 5000}))
		}
		if w.chance(2) {
			p.Direction, p.Source, p.Destination = "egress", p.Destination, p.Source
		}
		all[i] = p
	}
	return all
}

// verdicts returns what sessions do with packets.
func (w *world) verdicts(ctx context.Context, sessions []account.MirrorSession, packets []simulation.PacketInWords) map[string]simulation.PacketVerdict {
	w.t.Helper()
	iface := mirror.Interface{ID: simulatedENI, PrivateIPAddress: netip.MustParseAddr("10.0.1.11"), DNSResolverAddresses: []netip.Addr{netip.MustParseAddr("10.0.0.2")}}
	given := make([]dataplane.Session, len(sessions))
	for i, s := range sessions {
		given[i] = dataplane.Session(s)
	}
	source := need[*dataplane.Source](w)(dataplane.New(iface, given, dataplane.Options{}))
	names := make([]string, len(packets))
	for i, p := range packets {
		names[i] = p.Name
	}
	kept := simulation.NewKeptVerdicts(source, 0, names...)
	need[dataplane.Summary](w)(simulation.Run(ctx, source, simulation.Input{Packets: packets}, kept))
	return kept.ByName
}

// decides returns what decides about packets in sessions, written in one way.
func decides(sessions []account.MirrorSession) string {
	var text strings.Builder
	for _, s := range sessions {
		length := 0
		if s.PacketLength != nil {
			length = *s.PacketLength
		} else if s.Target.Type == mirror.NetworkLoadBalancer {
			length = mirror.LoadBalancerPacketLength
		}
		target, err := json.Marshal(s.Target)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&text, "session %d of %s, length %d, target %s, services %v\n", s.Number, s.InterfaceID, length, target, s.Filter.NetworkServices)
		rules := slices.Clone(s.Filter.Rules)
		slices.SortFunc(rules, byPlace)
		for _, r := range rules {
			fmt.Fprintf(&text, "  %s %d %s %v %s %s %v\n", r.Direction, r.Number, r.Action, r.Protocol, r.SourceCIDR, r.DestinationCIDR, r.DestinationPorts)
		}
	}
	return text.String()
}

// An outcome is what a world was good for.
type outcome string

const (
	compared outcome = "planned and applied verdicts compared"
	waits    outcome = "the preview waits"
	late     outcome = "warned that the simulation is planned too early"
	refused  outcome = "the plan is refused"
	failing  outcome = "the apply would fail"
)

// play plans and applies a world, and compares.
func (w *world) play(ctx context.Context) outcome {
	p := w.planAll(ctx)
	isError := func(f Finding) bool { return f.Severity == Error }
	isLate := func(f Finding) bool { return f.Summary == lateChange || f.Summary == lateDeletion }
	if slices.ContainsFunc(p.found, isError) {
		return refused
	}
	if p.fails {
		return failing
	}
	before := need[[]account.MirrorSession](w)(w.open().Mirror(ctx, simulatedENI))
	p.apply(ctx)
	switch {
	case slices.ContainsFunc(p.found, isLate):
		return late
	case p.preview.Waits != nil:
		if isUnlisted := strings.Contains(strings.Join(p.preview.Waits, ""), "does not list"); p.changes == nil && !isUnlisted {
			w.t.Errorf("the preview waits for %q, and no object changes", p.preview.Waits)
		}
		return waits
	}
	after := need[[]account.MirrorSession](w)(w.open().Mirror(ctx, simulatedENI))
	w.compare(ctx, p, before, after)
	return compared
}

func (w *world) compare(ctx context.Context, p *worldPlan, before, after []account.MirrorSession) {
	if got, want := decides(p.preview.Sessions), decides(after); got != want {
		w.t.Errorf("the plan has\n%sand EC2 has after the apply\n%s", got, want)
	}
	if old := decides(before); p.changes == nil && old != decides(after) {
		w.t.Errorf("no object changes, but EC2 had\n%sand has\n%s", old, decides(after))
	}
	for _, s := range p.now.sessions {
		hasID := func(other account.MirrorSession) bool { return other.ID == s.ID }
		if isPlanned, isThere := slices.ContainsFunc(p.preview.Sessions, hasID), slices.ContainsFunc(after, hasID); isPlanned != isThere {
			w.t.Errorf("%s is on the interface after the apply: %t, and in the plan: %t", s.ID, isThere, isPlanned)
		}
	}
	packets := w.packets()
	planned, applied := w.verdicts(ctx, p.preview.Sessions, packets), w.verdicts(ctx, after, packets)
	for _, packet := range packets {
		name := packet.Name
		if !reflect.DeepEqual(planned[name], applied[name]) {
			w.t.Errorf("packet %+v: planned %+v, applied %+v", packet, planned[name], applied[name])
		}
		// An expectation is that another packet's verdict, or its own, holds.
		of := planned[pick(w, packets).Name]
		for _, e := range []simulation.Expectation{{Outcome: &of.Outcome}, {SessionNumber: of.SessionNumber}, {RuleNumber: of.RuleNumber}, {Bytes: &of.Bytes}, {Reason: &of.Reason}} {
			if inPlan, inApply := len(e.Differences(planned[name])) == 0, len(e.Differences(applied[name])) == 0; inPlan != inApply {
				w.t.Errorf("packet %+v, expectation %+v: holds in the plan %t, after the apply %t", packet, e, inPlan, inApply)
			}
		}
	}
}

// In random worlds, the verdicts of a plan are those after the apply, for each packet, and so
// are the expectations that hold.
func TestPreview_worlds(t *testing.T) {
	t.Parallel()
	count, first := 60, sample.Seed(t)*10_000
	if sample.All() {
		count = 10_000
	}
	if text := os.Getenv("TRAFFICMIRROR_WORLD"); text != "" {
		first = need[uint64](&world{t: t})(strconv.ParseUint(text, 10, 64))
	}
	folder, outcomes := t.TempDir(), map[outcome]int{}
	var mu sync.Mutex
	t.Run("seed", func(t *testing.T) {
		for worker := range 2 {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				for i := worker; i < count && !t.Failed(); i += 2 {
					seed := first + uint64(i)
					w := newWorld(t, folder, seed)
					got := w.play(t.Context())
					mu.Lock()
					outcomes[got]++
					mu.Unlock()
					if t.Failed() {
						t.Logf("This is the world %d (TRAFFICMIRROR_WORLD repeats it).", seed)
					}
					w.must(os.Remove(w.path))
				}
			})
		}
	})
	t.Log(outcomes)
	if outcomes[waits] >= count/2 || outcomes[compared] < count/3 {
		t.Errorf("the worlds compare too little: %v", outcomes)
	}
}
