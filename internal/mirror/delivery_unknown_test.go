package mirror_test

import (
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// What one missing permission hides is named as not known.
func TestEndpoint_UnknownDelivery(t *testing.T) {
	t.Parallel()
	type change = func(*mirror.LoadBalancer, *mirror.TargetGroup)
	noAttributes := func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.CrossZone = nil }
	noNodes := func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.Zones = nil }
	oneNode := func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.Zones = lb.Zones[:1] }
	noZones := func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) {
		for i := range g.Targets {
			g.Targets[i].Zone = ""
		}
	}
	for name, row := range map[string]struct {
		changes []change
		source  string
		want    []mirror.DeliveryKind
	}{
		"all is known":                        {nil, "us-east-1b", nil},
		"cross-zone is on":                    {[]change{noZones, crossZone(true, mirror.UseBalancerCrossZone)}, "", nil},
		"cross-zone, an appliance there":      {[]change{noAttributes}, "us-east-1b", nil},
		"cross-zone, none there":              {[]change{health("a healthy"), noAttributes}, "us-east-1b", []mirror.DeliveryKind{mirror.DeliveryZone}},
		"cross-zone, the source":              {[]change{health("a healthy"), noAttributes}, "", []mirror.DeliveryKind{mirror.DeliveryZone}},
		"the zones of appliances":             {[]change{noZones}, "us-east-1b", []mirror.DeliveryKind{mirror.DeliveryZone}},
		"the zones of appliances, one node":   {[]change{noZones, oneNode}, "us-east-1a", nil},
		"the group's say on cross-zone":       {[]change{health("a healthy"), crossZone(true, "")}, "us-east-1b", []mirror.DeliveryKind{mirror.DeliveryZone}},
		"cross-zone, an appliance in another": {[]change{health("a healthy"), noAttributes}, "us-east-1a", nil},
		"a node without an appliance":         {[]change{health("a healthy")}, "us-east-1a", []mirror.DeliveryKind{mirror.DeliveryZone}},
		"a node without a healthy one":        {[]change{health("a healthy", "b unhealthy")}, "us-east-1a", []mirror.DeliveryKind{mirror.DeliveryZone}},
		"the nodes":                           {[]change{health("a healthy"), noNodes}, "us-east-1b", []mirror.DeliveryKind{mirror.DeliveryZone}},
		"the nodes, cross-zone is on":         {[]change{health("a healthy"), noNodes, crossZone(true, mirror.UseBalancerCrossZone)}, "us-east-1b", nil},
		"the name of a zone":                  {[]change{health("b healthy"), func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.Zones[0].Zone = "" }}, "us-east-1a", []mirror.DeliveryKind{mirror.DeliveryZone}},
		"health":                              {[]change{health("a ", "b unavailable")}, "us-east-1b", []mirror.DeliveryKind{mirror.DeliveryNoHealthyAppliance}},
		"the minimum of healthy ones":         {[]change{health("a healthy", "a unhealthy", "b healthy"), crossZone(true, "")}, "us-east-1a", []mirror.DeliveryKind{mirror.DeliveryNoHealthyAppliance}},
		"no minimum decides":                  {[]change{health("a healthy", "b healthy"), crossZone(true, "")}, "us-east-1a", nil},
		"health of some":                      {[]change{health("a ", "b healthy")}, "us-east-1b", nil},
		"targets":                             {[]change{func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets = nil }}, "us-east-1b", []mirror.DeliveryKind{mirror.DeliveryNoAppliance}},
		"listeners, and so the target groups": {[]change{func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.Listeners = nil }}, "us-east-1b", []mirror.DeliveryKind{mirror.DeliveryNoListener, mirror.DeliveryNoAppliance}},
	} {
		e := fleet(row.changes...)
		if got := e.UnknownDelivery(row.source); !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
}
