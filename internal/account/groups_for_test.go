package account_test

import (
	"slices"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A listener for copies can forward to target groups of its protocol and VPC only.
func TestGroupsFor(t *testing.T) {
	t.Parallel()
	l, _ := newFleet(t)
	a := l.open()
	elsewhere := mirror.LoadBalancer{ARN: missingARN, Type: mirror.NetworkBalancer, VPCID: "vpc-00000000000000099"}
	fleet, gateway := must(a.LoadBalancers(t.Context(), fleetARN))(t)[0], must(a.LoadBalancers(t.Context(), gatewayARN))(t)[0]
	for _, test := range []struct {
		of   mirror.LoadBalancer
		want []string
	}{{fleet, []string{instancesARN}}, {gateway, []string{geneveARN}}, {elsewhere, nil}} {
		var got []string
		for _, g := range must(a.GroupsFor(t.Context(), test.of))(t) {
			got = append(got, g.ARN)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s can forward to %q, want %q", test.of.ARN, got, test.want)
		}
	}
}
