package dataplane_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

var appliances = addrs("10.0.3.1", "10.0.3.2", "10.0.3.3")

func behind(target mirror.TargetType, appliances []netip.Addr) dataplane.Session {
	s := session(7, all()...)
	s.Target.Type, s.Target.Appliances = target, appliances
	return s
}

// Each flow has one appliance, the same in both directions. Every appliance has
// flows.
func TestApplianceOfFlow(t *testing.T) {
	t.Parallel()
	for _, target := range []mirror.TargetType{mirror.NetworkLoadBalancer, mirror.GatewayLoadBalancerEndpoint} {
		s := newSource(t, behind(target, appliances))
		e := newEncapsulator(t, s)
		flows := map[netip.Addr]int{}
		for client := range uint16(300) {
			there, back := decode(t, s, tcp(peer, own, 10000+client, 443)), decode(t, s, tcp(own, peer, 443, 10000+client))
			a := e.Appliance(there, s.Process(there, ""))
			if b := e.Appliance(back, s.Process(back, "")); a != b {
				t.Errorf("%s: flow %d goes to %s, and back to %s (A0124)", target, client, a, b)
			}
			flows[a]++
		}
		for _, a := range appliances {
			if flows[a] < 50 {
				t.Errorf("%s: %s has %d of 300 flows (A0124)", target, a, flows[a])
			}
		}
	}
}

// Each appliance is listed once, by session number, and only if it has an IPv4
// address.
func TestAppliances(t *testing.T) {
	t.Parallel()
	balanced, same, direct := behind(mirror.NetworkLoadBalancer, addrs("10.0.3.2", "2001:db8::1", "10.0.3.1")), behind(mirror.GatewayLoadBalancerEndpoint, appliances), behind(mirror.NetworkInterface, nil)
	balanced.Number, same.Number, direct.Number = 2, 3, 1
	got := newEncapsulator(t, newSource(t, balanced, same, direct)).Appliances()
	want := append([]netip.Addr{appliance}, addrs("10.0.3.2", "10.0.3.1", "10.0.3.3")...)
	if !slices.Equal(got, want) {
		t.Errorf("the appliances are %v, want %v", got, want)
	}
}

// The packet that the appliance receives contains the copy.
func TestReceived(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		session   dataplane.Session
		appliance netip.Addr
		length    int // how much longer it is
	}{
		{behind(mirror.NetworkInterface, nil), appliance, 0},
		{behind(mirror.NetworkInterface, appliances), appliance, 0},
		{behind(mirror.NetworkLoadBalancer, appliances[:1]), appliances[0], 0},
		{behind(mirror.GatewayLoadBalancerEndpoint, appliances[:1]), appliances[0], 68},
		{behind(mirror.NetworkLoadBalancer, nil), netip.Addr{}, 0},
		{behind(mirror.GatewayLoadBalancerEndpoint, nil), netip.Addr{}, 0},
	} {
		s := newSource(t, test.session)
		e := newEncapsulator(t, s)
		p := decode(t, s, tcp(peer, own, 40000, 443))
		v := s.Process(p, "")
		sent, received := e.Append(nil, p, v), e.AppendReceived([]byte("before"), p, v)
		if got := e.Appliance(p, v); got != test.appliance {
			t.Errorf("%s: the appliance is %s, not %s", test.session.Target.Type, got, test.appliance)
		}
		received = bytes.TrimPrefix(received, []byte("before"))
		if !test.appliance.IsValid() {
			if len(received) != 0 {
				t.Errorf("%s: nobody receives %x", test.session.Target.Type, received)
			}
			continue
		}
		outer := decodeFrame(received)
		if len(received) != len(sent)+test.length || outer.DestinationAddr() != test.appliance || outer.IPOffset+outer.IPLength != len(received) {
			t.Errorf("%s: received %x", test.session.Target.Type, received)
		}
		if length := binary.BigEndian.Uint16(received[outer.TransportOffset+4:]); int(length) != len(received)-outer.TransportOffset {
			t.Errorf("%s: the UDP length is %d in %x", test.session.Target.Type, length, received)
		}
		inner := sent[dataplane.OuterLength:]
		if test.length != 0 {
			inner = sent[packet.EthernetHeaderLength:]
		}
		if !bytes.HasSuffix(received, inner) {
			t.Errorf("%s: received %x, which does not hold %x", test.session.Target.Type, received, inner)
		}
	}
}

// With stickiness, all flows of a session have one appliance.
func TestApplianceWithStickiness(t *testing.T) {
	t.Parallel()
	for _, target := range []mirror.TargetType{mirror.NetworkLoadBalancer, mirror.GatewayLoadBalancerEndpoint} {
		for _, enabled := range []string{"true", "false"} {
			given := behind(target, appliances)
			given.Target.TargetGroups = []mirror.TargetGroup{{Attributes: map[string]string{"stickiness.enabled": enabled}}}
			s := newSource(t, given)
			reached := map[netip.Addr]bool{}
			for client := range 100 {
				p := decode(t, s, tcp(peer, own, uint16(40000+client), 443))
				to := s.Appliance(p, s.Process(p, ""))
				reached[to] = true
				if text := s.Trace(p, "").String(); !strings.Contains(text, "The copy goes to "+to.String()) || strings.Contains(text, "because stickiness is on") != (enabled == "true") {
					t.Errorf("%s: the copy goes to %s, and the trace is\n%s", target, to, text)
				}
			}
			if (len(reached) == 1) != (enabled == "true") {
				t.Errorf("%s, stickiness %s: the copies go to %v", target, enabled, reached)
			}
		}
	}
}

// A Network Load Balancer sends to the port with which the appliance is registered.
func TestReceivedOnAnotherPort(t *testing.T) {
	t.Parallel()
	for _, session := range []dataplane.Session{behind(mirror.NetworkLoadBalancer, appliances[:1]), toIPv6(mirror.NetworkLoadBalancer, addr("2001:db8::7"))} {
		session.Target.TargetGroups = []mirror.TargetGroup{{Port: 5000, CrossZone: "true", Targets: []mirror.RegisteredTarget{{Address: session.Target.Appliances[0]}}}}
		s := newSource(t, session)
		e := newEncapsulator(t, s)
		p := decode(t, s, tcp(peer, own, 40000, 443))
		v := s.Process(p, "")
		sent, received := decodeFrame(e.Append(nil, p, v)), decodeFrame(e.AppendReceived(nil, p, v))
		if sent.DestinationPort != 4789 || received.DestinationPort != 5000 || received.DestinationAddr() != session.Target.Appliances[0] {
			t.Errorf("sent to %d, received on %d of %s", sent.DestinationPort, received.DestinationPort, received.DestinationAddr())
		}
		if received.DestinationAddr().Is6() {
			checkUDPChecksum(t, e.AppendReceived(nil, p, v))
		}
		if text := s.Trace(p, "").String(); !strings.Contains(text, "The appliance gets it on UDP port 5000, with which it is registered, and not on 4789.") {
			t.Errorf("the trace is\n%s", text)
		}
	}
}

// A packet that is not mirrored reaches no appliance.
func TestNothingReceived(t *testing.T) {
	t.Parallel()
	s := newSource(t, behind(mirror.NetworkInterface, nil))
	e := newEncapsulator(t, s)
	p := decode(t, s, udp(own, peer, 68, 67))
	v := s.Process(p, "")
	if got := e.AppendReceived(nil, p, v); v.Outcome != dataplane.NeverMirrored || len(got) != 0 || e.Appliance(p, v).IsValid() {
		t.Errorf("%s: %x reaches %s", v.Outcome, got, e.Appliance(p, v))
	}
}

// tshark reads GENEVE with the three options of AWS, then VXLAN, then the flow.
func TestTsharkReadsGENEVE(t *testing.T) {
	t.Parallel()
	s := newSource(t, behind(mirror.GatewayLoadBalancerEndpoint, appliances))
	e := newEncapsulator(t, s)
	var frames [][]byte
	for _, spec := range []packet.Spec{tcp(peer, own, 40000, 5000), udp(own6, peer6, 40000, 5000), other(1, own, peer)} {
		for _, length := range []int{200, 9000} {
			spec.Length = length
			p := decode(t, s, spec)
			frames = append(frames, e.AppendReceived(nil, p, s.Process(p, "")))
		}
	}
	if longest := len(frames[1]); longest != 14+68+36+8460 {
		t.Errorf("the longest is %d bytes long", longest)
	}
	path := filepath.Join(t.TempDir(), "geneve.pcap")
	writeCapture(t, path, frames)
	rows := tshark(t, path, "frame.protocols", "geneve.option.length", "geneve.option.class", "geneve.option.type", "vxlan.vni", "udp.dstport", "ip.checksum.status")
	if len(rows) != len(frames) {
		t.Fatalf("%d packets, not %d", len(rows), len(frames))
	}
	for i, row := range rows {
		if !strings.HasPrefix(row[0], "eth:ethertype:ip:udp:geneve:ip:udp:vxlan:eth:ethertype:ip") ||
			row[1] != "32,12,12,8" || row[2] != "0x0108,0x0108,0x0108" || row[3] != "0x01,0x02,0x03" || row[4] != "7" || !strings.HasPrefix(row[5], "6081,4789") || !strings.HasPrefix(row[6], "1,1") {
			t.Errorf("packet %d: %q", i+1, row)
		}
	}
}

// With cross-zone load balancing off, copies go to the appliances in the zone of the source (A0219).
// The copies for one appliance have those of all sources in its zone.
func TestAppliance_zone(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]string{"zone-a": "[10.0.3.1]", "zone-b": "[10.0.3.2]", "zone-c": "[10.0.3.1 10.0.3.2]", "": "[10.0.3.1 10.0.3.2]"} {
		iface, given := testInterface(), session(1, all()...)
		iface.Zone, given.Target = zone, balanced()
		s, err := dataplane.New(iface, []dataplane.Session{given}, dataplane.Options{})
		if err != nil {
			t.Fatal(err)
		}
		e := newEncapsulator(t, s)
		p := decode(t, s, tcp(peer, own, 1, 443))
		if got := e.Appliances(); fmt.Sprint(got) != want || !slices.Contains(got, e.Appliance(p, s.Process(p, ""))) {
			t.Errorf("from %q: the appliances are %s, want %s", zone, got, want)
		}
		if text := s.Trace(p, "").String(); strings.Contains(text, "so only appliances in "+zone+" get the copy. (assumption A0219)") != (len(e.Appliances()) == 1) {
			t.Errorf("from %q: the trace is\n%s", zone, text)
		}
	}
}

// A trace says why a copy does not arrive, or may not, and names the object.
func TestTrace_delivery(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		target mirror.Endpoint
		want   string
	}{
		"stopped": {
			mirror.Endpoint{Type: mirror.NetworkInterface, Address: appliance, Down: "is attached to i-1, which is stopped"},
			"The target, the network interface 10.0.2.20, is attached to i-1, which is stopped. No other session gets the copy. (assumption A0108)",
		},
		"not accepted": {
			mirror.Endpoint{Type: mirror.GatewayLoadBalancerEndpoint, State: "pendingAcceptance"},
			`The target, the Gateway Load Balancer endpoint, is in the state "pendingAcceptance". No other session gets the copy. (assumption A0108)`,
		},
		"listener for TCP": {
			balanced(func(lb *mirror.LoadBalancer, _ *mirror.TargetGroup) { lb.Listeners[0].Protocol = "TCP" }),
			"the load balancer does not listen on UDP port 4789, only on TCP 4789. No other session gets the copy. (assumption A0108)",
		},
		"nothing registered": {
			balanced(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets = g.Targets[:0] }),
			"the group has no registered target. No other session gets the copy. (assumption A0109)",
		},
		"unhealthy": {
			balanced(allAre(mirror.TargetUnhealthy)),
			"the group has no healthy target: i-a is unhealthy and i-b is unhealthy. The load balancer then sends to all of them (it fails open), so copies may still arrive.",
		},
		"nothing in the zone": {
			balanced(func(_ *mirror.LoadBalancer, g *mirror.TargetGroup) { g.Targets = g.Targets[1:] }),
			"the load balancer has cross-zone load balancing off, and no healthy appliance in zone-a. Copies from there probably do not reach a healthy appliance. (assumption A0219)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			iface, given := testInterface(), session(1, all()...)
			iface.Zone, given.Target = "zone-a", c.target
			s, err := dataplane.New(iface, []dataplane.Session{given}, dataplane.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if text := s.Trace(decode(t, s, tcp(peer, own, 1, 443)), "").String(); !strings.Contains(text, c.want) {
				t.Errorf("the trace is\n%s", text)
			}
		})
	}
}

// A source that is the only appliance of its Network Load Balancer loses every copy. If it is one of several, it
// is not known which copies arrive.
func TestApplianceIsSource(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		appliances []netip.Addr
		outcome    dataplane.Outcome
		reason     dataplane.Reason
		unknown    bool
	}{
		{[]netip.Addr{own}, dataplane.Lost, dataplane.NoAppliance, false},
		{append(addrs("10.0.3.1"), own), dataplane.Mirrored, 0, true},
		{addrs("10.0.3.1"), dataplane.Mirrored, 0, false},
	} {
		s := newSource(t, behind(mirror.NetworkLoadBalancer, test.appliances))
		v := s.Process(decode(t, s, tcp(peer, own, 10000, 443)), "")
		if v.Outcome != test.outcome || v.Reason != test.reason && test.reason != 0 || v.Unknown.Has(dataplane.Appliances) != test.unknown {
			t.Errorf("%v: %+v", test.appliances, v)
		}
	}
}
