package path

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// The MTU of a Gateway Load Balancer, and how many bytes it adds
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/gateway-load-balancers.html).
const (
	gatewayMTU   = 8500
	geneveLength = 68
)

// longest judges from which length on copies do not arrive whole: those of each session, or those of
// a session without a packet length if there is none yet. A copy that is too long is cut, and arrives
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-network-limitations.html).
func (j *judge) longest() {
	before := len(j.hops)
	for _, s := range j.Sessions {
		lengthOf(j, s)
	}
	if len(j.Sessions) == 0 {
		lengthOf(j, mirror.Session{})
	}
	for _, h := range slices.Clone(j.hops[before:]) { // sessions can have the same
		if at := slices.Index(j.hops[before:], h); slices.Contains(j.hops[before+at+1:], h) {
			j.hops = slices.Delete(j.hops, before+at, before+at+1)
		}
	}
}

func lengthOf(j *judge, s mirror.Session) {
	at, added := j.Target.Backing(), encapsulation(j.Backing.Address)
	switch j.Backing.Type {
	case mirror.NetworkInterface:
		if j.Backing.MTU == 0 {
			h := hop(MTUHop, Passes, at, at, "EC2 does not show the MTU of %s. Copies that are too long for it arrive cut.", at)
			if n := packetLength(s); n != 0 {
				h.Reason += fmt.Sprintf(" %s copies at most %d bytes of a frame, which makes %d bytes with the encapsulation.", s.ID, n, n-packet.EthernetHeaderLength+added)
			}
			j.add(h)
			return
		}
		j.add(cutHop(j, s, at, at, j.Backing.MTU))
	case mirror.NetworkLoadBalancer:
		if s.PacketLength == nil {
			s.PacketLength = new(int)
			*s.PacketLength = mirror.LoadBalancerPacketLength
		}
		smallAppliances(j, packetOf(packetLength(s)), added)
	case mirror.GatewayLoadBalancerEndpoint:
		j.add(cutHop(j, s, at, "a Gateway Load Balancer", gatewayMTU))
		longest := gatewayMTU - added
		if n := packetLength(s); n != 0 {
			longest = min(longest, packetOf(n))
		}
		smallAppliances(j, longest, added+geneveLength)
	}
}

// packetLength returns how many bytes of a frame a session copies, or 0 for all.
func packetLength(s mirror.Session) int {
	if s.PacketLength == nil {
		return 0
	}
	return *s.PacketLength
}

// packetOf returns the length of the IP packet in a frame.
func packetOf(frame int) int { return max(frame-packet.EthernetHeaderLength, 0) }

// cutHop says which copies are cut to an MTU that is known.
func cutHop(j *judge, s mirror.Session, at, of string, mtu int) Hop {
	source, whole, length := j.Source.MTU, dataplane.MaxSourceMTU(mtu, j.Backing.Address.Is6()), packetLength(s)
	fits := whole + packet.EthernetHeaderLength // the longest frame
	switch {
	case length != 0 && length <= fits:
		return hop(MTUHop, Passes, at, cmp.Or(s.ID, at), "%s copies at most %d bytes of a frame, and all of them arrive: with the encapsulation, they are %d bytes, and the MTU of %s is %d.",
			cmp.Or(s.ID, "A session"), length, packetOf(length)+encapsulation(j.Backing.Address), of, mtu).rule(itoa(length))
	case source != 0 && source <= whole:
		return hop(MTUHop, Passes, at, at, "Copies arrive whole: the MTU of %s is %d, and that of %s is %d.", j.Source.ID, source, of, mtu).rule(itoa(mtu))
	}
	h := hop(MTUHop, Passes, at, at, "Copies of packets longer than %d bytes arrive cut: the MTU of %s is %d.", whole, of, mtu).rule(itoa(mtu))
	switch {
	case length != 0:
		h.Reason = fmt.Sprintf("%s copies up to %d bytes of a frame, and copies arrive cut to %d of them: the MTU of %s is %d.", s.ID, length, fits, of, mtu)
	case s.ID != "":
		h.Reason += fmt.Sprintf(" %s copies whole packets, and copies arrive cut to %d bytes of a frame.", s.ID, fits)
	}
	switch {
	case j.Backing.Type == mirror.NetworkInterface && mtu < mirror.DefaultMTU:
		return h.fix("If whole copies matter, raise the MTU of %s, or lower that of %s to %d.", of, j.Source.ID, whole)
	case source != 0 || length != 0:
		return h.fix("If whole copies matter, lower the MTU of %s to %d.", j.Source.ID, whole)
	}
	return h
}

// encapsulation is how many bytes a copy is longer than its packet.
func encapsulation(target netip.Addr) int {
	return mirror.DefaultMTU - dataplane.MaxSourceMTU(mirror.DefaultMTU, target.Is6())
}

// smallAppliances names the appliances whose MTU is known to be too small for the longest copies. An
// MTU that is not known counts as large enough.
func smallAppliances(j *judge, longest, added int) {
	if j.Source.MTU != 0 {
		longest = min(longest, j.Source.MTU)
	}
	longest += added
	isUnknown := false
	for _, a := range j.serving() {
		isUnknown = isUnknown || a.Node.MTU == 0
		if a.Node.MTU != 0 && a.Node.MTU < longest {
			j.add(hop(MTUHop, Unknown, a.Node.ID, a.Node.ID, "The MTU of the appliance %s is %d, and copies have up to %d bytes. Whether longer copies arrive is not documented.", a.Node.ID, a.Node.MTU, longest).
				rule(itoa(a.Node.MTU)).fix("Raise the MTU of %s to at least %d.", a.Node.ID, longest))
		}
	}
	if isUnknown {
		at := j.Target.Backing()
		j.add(hop(MTUHop, Passes, at, "", "EC2 does not show the MTU of the appliances. Copies have up to %d bytes.", longest))
	}
}
