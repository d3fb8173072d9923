package provider

import (
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The rules of a filter in place are in one order, however often they are read: a plan compares
// them.
func TestPlacedFilter_expand(t *testing.T) {
	t.Parallel()
	filter := placedFilter{NetworkServices: types.SetNull(types.StringType)}
	for _, d := range mirror.Directions {
		rules := flattenRules([]mirror.Rule{{Direction: d, Number: 1, Action: mirror.Accept}, {Direction: d, Number: 20, Action: mirror.Reject}}, types.MapNull(ruleMapType.ElemType))
		if d == mirror.Ingress {
			filter.IngressRules = rules
		} else {
			filter.EgressRules = rules
		}
	}
	first, _ := filter.expand()
	if len(first.Rules) != 4 {
		t.Fatalf("got %d rules", len(first.Rules))
	}
	for range 100 {
		if got, _ := filter.expand(); !reflect.DeepEqual(got, first) {
			t.Fatalf("got %v, and before %v", got, first)
		}
	}
}
