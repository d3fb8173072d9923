package account_test

import (
	"net/http"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// The listings have what a selection of interfaces needs.
func TestListings(t *testing.T) {
	t.Parallel()
	a, _ := serve(t, failure{})
	ctx := t.Context()
	interfaces := map[string]account.NetworkInterface{}
	for _, i := range must(a.NetworkInterfaces(ctx))(t) {
		interfaces[i.ID] = i
	}
	attached := interfaces[eni]
	if attached.VPCID != "vpc-00000000000000001" || attached.Zone == "" || len(attached.GroupIDs) != 1 || attached.Status != "in-use" || attached.AttachmentStatus != "attached" ||
		attached.Attached.IsZero() || !attached.IsPrimary || attached.InstanceID != instance || attached.Tags["a"] != "b" {
		t.Errorf("attached: %+v", attached)
	}
	if alone := interfaces[eniIPv6]; alone.AttachmentStatus != "" || !alone.Attached.IsZero() || alone.IsPrimary || alone.Status != "available" {
		t.Errorf("not attached: %+v", alone)
	}
	instances := must(a.Instances(ctx))(t)
	if len(instances) != 1 || instances[0].ID != instance || instances[0].Type != "m5.large" || instances[0].State != "running" ||
		instances[0].Zone != attached.Zone || instances[0].VPCID != attached.VPCID || instances[0].Tags == nil {
		t.Errorf("Instances: %+v", instances)
	}
	subnets := map[string]account.Subnet{}
	for _, s := range must(a.Subnets(ctx))(t) {
		subnets[s.ID] = s
	}
	if s := subnets[subnet]; s.VPCID != attached.VPCID || s.Zone != attached.Zone || s.OwnerID != topology.DefaultAccountID || s.IPv6Only || s.HasIPv6 || s.Tags == nil {
		t.Errorf("subnet: %+v", s)
	}
	if s := subnets[subnet6]; !s.IPv6Only || !s.HasIPv6 {
		t.Errorf("IPv6-only subnet: %+v", s)
	}
}

// A listing that EC2 refuses is an error, not an empty list.
func TestListings_refused(t *testing.T) {
	t.Parallel()
	for action, list := range map[string]func(*account.Account) error{
		"DescribeNetworkInterfaces": func(a *account.Account) error { _, err := a.NetworkInterfaces(t.Context()); return err },
		"DescribeInstances":         func(a *account.Account) error { _, err := a.Instances(t.Context()); return err },
		"DescribeSubnets":           func(a *account.Account) error { _, err := a.Subnets(t.Context()); return err },
	} {
		a, _ := serve(t, refusal(action, http.StatusForbidden, "UnauthorizedOperation"))
		if err := list(a); account.Code(err) != "UnauthorizedOperation" {
			t.Errorf("%s: %v", action, err)
		}
	}
}
