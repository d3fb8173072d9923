package dataplane_test

import (
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// The bytes before the copied frame are those of the copies that are built.
func TestReachedBy(t *testing.T) {
	t.Parallel()
	for name, target := range map[string]mirror.Endpoint{
		"an interface":                      {Type: mirror.NetworkInterface, Address: appliance},
		"a Network Load Balancer":           {Type: mirror.NetworkLoadBalancer, Address: netip.MustParseAddr("10.0.2.5"), Appliances: []netip.Addr{appliance}},
		"a Gateway Load Balancer":           {Type: mirror.GatewayLoadBalancerEndpoint, Address: netip.MustParseAddr("10.0.2.6"), Appliances: []netip.Addr{appliance}},
		"an interface over IPv6":            {Type: mirror.NetworkInterface, Address: peer6},
		"a Network Load Balancer over IPv6": {Type: mirror.NetworkLoadBalancer, Address: peer6, Appliances: addrs("2001:db8::99")},
		"an endpoint with an IPv6 address":  {Type: mirror.GatewayLoadBalancerEndpoint, Address: peer6, Appliances: []netip.Addr{appliance}},
	} {
		s := session(7, all()...)
		s.Target, s.TargetID = target, "tmt-0"
		source := newSource(t, s)
		reached := dataplane.ReachedBy(source)
		if len(reached) != 1 || reached[0].SessionNumber != 7 || reached[0].VirtualNetworkID != 7 || reached[0].TargetID != "tmt-0" {
			t.Fatalf("%s: %+v", name, reached)
		}
		p := decode(t, source, packet.Spec{
			Protocol: packet.ProtocolUDP, Source: peer, Destination: own, SourcePort: new(uint16(1)), DestinationPort: new(uint16(2)), Length: 100,
		})
		v := source.Process(p, "")
		if got := len(newEncapsulator(t, source).AppendReceived(nil, p, v)) - v.Bytes; got != reached[0].OuterBytes {
			t.Errorf("%s: a copy has %d bytes before the frame, and OuterBytes is %d", name, got, reached[0].OuterBytes)
		}
	}
}

// A packet that is never mirrored has a direction too. One whose direction is impossible has
// none.
func TestDirectionOf(t *testing.T) {
	t.Parallel()
	source := newSource(t, session(1, all()...))
	metadata := packet.Spec{Protocol: packet.ProtocolTCP, Source: own, Destination: netip.MustParseAddr("169.254.169.254"), SourcePort: new(uint16(1)), DestinationPort: new(uint16(80))}
	p := decode(t, source, metadata)
	v := source.Process(p, "")
	if v.Outcome != dataplane.NeverMirrored || v.Direction != "" {
		t.Fatalf("the verdict is %+v", v)
	}
	if d := dataplane.DirectionOf(source, p, &v); d != mirror.Egress {
		t.Errorf("the direction is %q", d)
	}
	p = decode(t, source, packet.Spec{Protocol: packet.ProtocolICMP, Source: own, Destination: peer})
	v = source.Process(p, mirror.Ingress)
	if d := dataplane.DirectionOf(source, p, &v); d != "" || v.Reason != dataplane.ImpossibleDirection {
		t.Errorf("the direction is %q, the verdict %+v", d, v)
	}
}
