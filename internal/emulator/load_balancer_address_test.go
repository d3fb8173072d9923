package emulator_test

import (
	"net/netip"
	"strings"
	"testing"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// withIPv6 gives the first subnet a block of IPv6 addresses.
func withIPv6(o *emulator.Options) {
	o.Topology.VPCs[0].IPv6CIDRBlock = netip.MustParsePrefix("2001:db8:0:100::/56")
	o.Topology.Subnets[0].IPv6CIDRBlock = netip.MustParsePrefix("2001:db8:0:101::/64")
}

const (
	addressed = "Type=network&Scheme=internal&Name=fleet&IpAddressType=dualstack&SubnetMappings.member.1.SubnetId=" + subnetOfWorld
	onIPv4    = "&SubnetMappings.member.1.PrivateIPv4Address="
	onIPv6    = "&SubnetMappings.member.1.IPv6Address="
	shownOf   = "LoadBalancers/member/AvailabilityZones/member/LoadBalancerAddresses/member"
)

// shownAddresses returns the addresses that Elastic Load Balancing shows of a load balancer.
func shownAddresses(t *testing.T, e *emulator.Emulator, name string) string {
	t.Helper()
	text := ""
	for _, a := range mustBalancing(t, e, "DescribeLoadBalancers", "Names.member.1="+name).all("DescribeLoadBalancersResult/" + shownOf) {
		text += a.text("PrivateIPv4Address") + " " + a.text("IPv6Address")
	}
	return text
}

// The addresses that a client has chosen are shown, of both families, and no others.
func TestLoadBalancer_chosenAddresses(t *testing.T) {
	t.Parallel()
	for chosen, want := range map[string]string{
		onIPv4 + "10.0.1.50" + onIPv6 + "2001:db8:0:101::50": "10.0.1.50 2001:db8:0:101::50",
		onIPv6 + "2001:DB8:0:101:0::50":                      " 2001:db8:0:101::50",
		onIPv4 + "10.0.1.50":                                 "10.0.1.50 ",
		"":                                                   "",
	} {
		e := newEmulator(t, withIPv6)
		made := mustBalancing(t, e, "CreateLoadBalancer", addressed+chosen)
		arn := made.text("CreateLoadBalancerResult/LoadBalancers/member/LoadBalancerArn")
		if got := shownAddresses(t, e, "fleet"); got != want {
			t.Errorf("%q: shown are %q, want %q", chosen, got, want)
		}
		if i := balancerInterfaces(t, e, arn)[0]; i.text("ipv6AddressesSet/item/ipv6Address") == "" {
			t.Errorf("%q: the interface has no IPv6 address", chosen)
		}
		mustBalancing(t, e, "SetIpAddressType", "LoadBalancerArn="+arn+"&IpAddressType=ipv4")
		if want, _, _ = strings.Cut(want, " "); want != "" {
			want += " "
		}
		if got := shownAddresses(t, e, "fleet"); got != want {
			t.Errorf("%q: after a change to ipv4, shown are %q, want %q", chosen, got, want)
		}
	}
}

// A client can choose the IPv6 address of a load balancer that gets the IP address type dualstack.
func TestSetSubnets_chosenIPv6(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withIPv6)
	c := newBalancing(e)
	made, err := c.CreateLoadBalancer(t.Context(), networkBalancer("fleet"))
	fatal(t, err)
	out, err := c.SetSubnets(t.Context(), &elb.SetSubnetsInput{
		LoadBalancerArn: made.LoadBalancers[0].LoadBalancerArn, IpAddressType: elbtypes.IpAddressTypeDualstack,
		SubnetMappings: []elbtypes.SubnetMapping{{SubnetId: new(subnetOfWorld), IPv6Address: new("2001:db8:0:101::51")}},
	})
	fatal(t, err)
	if shown := out.AvailabilityZones[0].LoadBalancerAddresses; len(shown) != 1 || *shown[0].IPv6Address != "2001:db8:0:101::51" || shownAddresses(t, e, "fleet") != " 2001:db8:0:101::51" {
		t.Errorf("the answer shows %+v, and later %q", shown, shownAddresses(t, e, "fleet"))
	}
}

// A load balancer of the same name with other addresses has other settings.
func TestLoadBalancer_otherAddresses(t *testing.T) {
	t.Parallel()
	const first = addressed + onIPv4 + "10.0.1.50" + onIPv6 + "2001:db8:0:101::50" + "&EnablePrefixForIpv6SourceNat=on"
	e := newEmulator(t, withIPv6)
	mustBalancing(t, e, "CreateLoadBalancer", first)
	mustBalancing(t, e, "CreateLoadBalancer", first)
	for _, other := range []string{
		addressed + onIPv4 + "10.0.1.51" + onIPv6 + "2001:db8:0:101::50" + "&EnablePrefixForIpv6SourceNat=on",
		addressed + onIPv4 + "10.0.1.50" + onIPv6 + "2001:db8:0:101::51" + "&EnablePrefixForIpv6SourceNat=on",
		addressed + onIPv4 + "10.0.1.50" + "&EnablePrefixForIpv6SourceNat=on",
		addressed + "&EnablePrefixForIpv6SourceNat=on",
		addressed + onIPv4 + "10.0.1.50" + onIPv6 + "2001:db8:0:101::50",
	} {
		refusedBalancing(t, e, "CreateLoadBalancer", other, "DuplicateLoadBalancerName")
	}
}

// A topology can say which addresses were chosen.
func TestLoadBalancer_chosenInTopology(t *testing.T) {
	t.Parallel()
	arn := mirror.BalancingARN("aws", "us-east-1", "123456789012", "loadbalancer/net/listed/0123456789abcdef")
	e := newEmulator(t, withIPv6, func(o *emulator.Options) {
		o.Topology.LoadBalancers = []mirror.LoadBalancer{{ARN: arn, IPAddressType: "dualstack", Zones: []mirror.LoadBalancerZone{{
			SubnetID: subnetOfWorld, ChosenIPv4: netip.MustParseAddr("10.0.1.52"), ChosenIPv6: netip.MustParseAddr("2001:db8:0:101::52"),
		}}}}
	})
	i := balancerInterfaces(t, e, arn)[0]
	if got := shownAddresses(t, e, "listed"); got != "10.0.1.52 2001:db8:0:101::52" || i.text("privateIpAddress") != "10.0.1.52" || i.text("ipv6AddressesSet/item/ipv6Address") != "2001:db8:0:101::52" {
		t.Errorf("shown are %q, and the interface is %+v", got, i)
	}
}
