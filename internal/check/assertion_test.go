package check

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// largeFilter is a filter of n rules, accept and reject in turn, with ten assertions that hold.
func largeFilter(n int) Filter {
	f := Filter{Managed: mirror.Directions}
	tcp := mirror.TCP
	for i := range n {
		r := mirror.Rule{
			Direction: mirror.Ingress, Number: i + 1, Action: mirror.Actions[i%2], Protocol: &tcp,
			SourceCIDR: netip.MustParsePrefix(fmt.Sprintf("10.%d.%d.0/24", i/100, i%100)), DestinationCIDR: everything,
			DestinationPorts: &mirror.PortRange{From: 1000 + i%10, To: 2000 + i%10},
		}
		f.Noun.Rules = append(f.Noun.Rules, r)
	}
	for i := range 10 {
		port := &mirror.PortRange{From: 20 + i, To: 20 + i}
		f.Assertions = append(f.Assertions, Assertion{
			Name: fmt.Sprintf("never_mirror[%d]", i), Never: true, IsKnown: true, Space: mirror.Space{Direction: mirror.Ingress, Protocol: &tcp, DestinationPorts: port},
		})
	}
	return f
}

// All assertions of a filter are judged, and what is broken is one finding.
func TestFilter_largeAssertions(t *testing.T) {
	t.Parallel()
	f := largeFilter(100)
	if found := newSimulated().Filter(t.Context(), "new-1", Filter{}, f); found != nil {
		t.Errorf("got %v, and every assertion holds", found)
	}
	f.Assertions[3].Space.DestinationPorts, f.Assertions[7].Space.DestinationPorts = &mirror.PortRange{From: 1500, To: 1500}, nil
	found := newSimulated().Filter(t.Context(), "new-1", Filter{}, f)
	if len(found) != 1 || found[0].Severity != Error || strings.Count(found[0].Detail, "never_mirror[") != 2 {
		t.Errorf("got %v, want one error about two assertions", found)
	}
}

// BenchmarkFilter_assertions measures what the plan of a filter costs, without Terraform.
func BenchmarkFilter_assertions(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		for _, assertions := range []int{0, 10} {
			f := largeFilter(n)
			f.Assertions = f.Assertions[:assertions]
			b.Run(fmt.Sprintf("%d rules, %d assertions", n, assertions), func(b *testing.B) {
				for b.Loop() {
					newSimulated().Filter(b.Context(), "new-1", Filter{}, f)
				}
			})
		}
	}
}
