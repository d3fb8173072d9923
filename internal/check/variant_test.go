package check

import (
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func summaries(findings []Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, f.Summary)
	}
	return all
}

// The checks follow the chosen variants of the embedded EC2.
func TestPlan_variants(t *testing.T) {
	t.Parallel()
	quotas := mirror.DefaultQuotas()
	quotas.RulesPerFilter = 1
	for name, c := range map[string]struct {
		variants Variants
		findings func(*testing.T, *Plan) []Finding
		usual    []string // without the variants
		want     []string // with them
	}{
		"repeated session numbers": {
			Variants{RepeatedSessionNumbers: true},
			func(_ *testing.T, p *Plan) []Finding {
				s := Object[mirror.Session]{Noun: mirror.Session{Number: 1, InterfaceID: "eni-00000000000000001"}}
				needed := sessionCheck{&findings{Plan: p}}
				needed.reserve("new-1", sessionCollisions, needed.sessionReservations(s)...)
				needed.reserve("new-2", sessionCollisions, needed.sessionReservations(s)...)
				return needed.all
			},
			[]string{"Session number given twice"}, nil,
		},
		"rules per direction, in maps": {
			Variants{RulesPerDirection: true},
			func(t *testing.T, p *Plan) []Finding {
				return p.Filter(t.Context(), p.NewObjectID(nil), Filter{}, Filter{Count: map[mirror.Direction]int{mirror.Ingress: 1, mirror.Egress: 1}})
			},
			[]string{"More rules than the quota allows"}, nil,
		},
		"rules per direction, separate": {
			Variants{RulesPerDirection: true},
			func(t *testing.T, p *Plan) []Finding {
				p.Filter(t.Context(), p.NewObjectID(nil), Filter{}, Filter{})
				var all []Finding
				for _, d := range mirror.Directions {
					rule := Object[mirror.Rule]{Noun: mirror.Rule{Direction: d, Number: 1}, Unknown: []string{"traffic_mirror_filter_id"}}
					all = append(all, p.Rule(t.Context(), p.NewObjectID(nil), Object[mirror.Rule]{}, rule)...)
				}
				return all
			},
			[]string{"More rules than the quota allows"}, nil,
		},
		"a load balancer's source": {
			Variants{LoadBalancerSources: true},
			func(_ *testing.T, p *Plan) []Finding {
				f := sessionCheck{&findings{Plan: p}}
				f.checkObstacle("network_interface_id", mirror.Source{Interface: mirror.Interface{RequesterManaged: true, RequesterID: mirror.BalancingRequester}})
				return f.all
			},
			[]string{"The network interface is managed by a service"}, nil,
		},
		"a source without an instance": {
			Variants{AttachedSources: true},
			func(_ *testing.T, p *Plan) []Finding {
				f := sessionCheck{&findings{Plan: p}}
				f.checkObstacle("network_interface_id", mirror.Source{})
				return f.all
			},
			nil, []string{"The network interface cannot be mirrored yet"},
		},
	} {
		usual, _ := newPlan(t, Policy{Quotas: quotas, Emulated: true})
		if got := summaries(c.findings(t, usual)); !slices.Equal(got, c.usual) {
			t.Errorf("%s, not chosen: %q, want %q", name, got, c.usual)
		}
		chosen, _ := newPlan(t, Policy{Quotas: quotas, Emulated: true, Variants: c.variants})
		if got := summaries(c.findings(t, chosen)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Several sessions of one interface are one source, except in a variant.
func TestSources(t *testing.T) {
	t.Parallel()
	var sessions []plannedSession
	for range 3 {
		sessions = append(sessions, plannedSession{Object: Object[mirror.Session]{Noun: mirror.Session{InterfaceID: "eni-00000000000000001"}}})
	}
	for perSession, want := range map[bool]int{false: 2, true: 4} {
		plan, _ := newPlan(t, Policy{Variants: Variants{SessionsPerTarget: perSession}})
		f := sourcesCheck{&findings{Plan: plan}}
		var existing mirrorSources
		existing.add("eni-00000000000000002")
		if got := f.count(f.sourcesOf(sessions), existing); got != want {
			t.Errorf("%d sources, want %d, where a source is a session: %t", got, want, perSession)
		}
	}
}

// A name that silences a finding is one that the provider block takes, and only once.
func TestSilenceable(t *testing.T) {
	t.Parallel()
	if !slices.IsSorted(Silenceable) || len(slices.Compact(slices.Clone(Silenceable))) != len(Silenceable) {
		t.Errorf("not sorted, or twice: %s", strings.Join(Silenceable, ", "))
	}
}
