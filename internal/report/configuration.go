package report

import (
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// fact is a line of a list of facts.
type fact struct{ name, text string }

func factList(facts ...fact) g.Node {
	return h.Dl(g.Map(facts, func(f fact) g.Node {
		return g.If(f.text != "", g.Group{h.Dt(g.Text(f.name)), h.Dd(g.Text(f.text))})
	}))
}

// configuration says in words what was simulated.
func (p *page) configuration() g.Node {
	all := g.Group{h.H3(g.Text("Interface")), factList(p.interfaceFacts()...)}
	for _, s := range p.facts.Sessions {
		all = append(all, h.H3(g.Text(sessionTitle(s))), factList(sessionFacts(s)...))
	}
	return all
}

func (p *page) interfaceFacts() []fact {
	i, o := p.facts.Interface, p.facts.Options
	stops := "A packet that a rule rejects goes on to the next session (assumption A0100)."
	if o.RejectStops {
		stops = "A packet that a rule rejects goes to no other session (instead of assumption A0100)."
	}
	mac := ""
	if !i.MACAddress.IsZero() {
		mac = i.MACAddress.String()
	}
	addresses := joined(i.PrivateIPAddresses)
	if i.PrivateIPAddress.IsValid() && !strings.Contains(", "+addresses+",", ", "+i.PrivateIPAddress.String()+",") {
		addresses = strings.TrimSuffix(i.PrivateIPAddress.String()+", "+addresses, ", ")
	}
	check := "on"
	if !i.ChecksSourceDest() {
		check = "off"
	}
	return []fact{
		{"ID", i.ID}, {"Description", i.Description}, {"MAC address", mac}, {"IPv4 addresses", addresses}, {"IPv6 addresses", joined(i.IPv6Addresses)},
		{"IPv4 prefixes", joined(i.IPv4Prefixes)}, {"IPv6 prefixes", joined(i.IPv6Prefixes)}, {"Source/destination check", check},
		{"Route 53 Resolver", joined(i.DNSResolverAddresses)}, {"Sessions from", o.SessionsIn}, {"Rejected packets", stops},
		{"Encapsulation", fmt.Sprintf("An IP packet must be %d bytes shorter than the MTU of its target, or its copy is cut (assumption A0105).", o.EncapsulationAllowance)},
	}
}

func sessionFacts(s dataplane.SessionFacts) []fact {
	vni := fmt.Sprint(s.Assigned)
	if s.VirtualNetworkID == nil {
		vni = fmt.Sprintf("not set; EC2 picks one. The simulation takes the session number, %d (assumption A0120).", s.Assigned)
	}
	length := "not set: whole frames, as far as the path to the target carries them"
	switch {
	case s.PacketLength != nil:
		length = fmt.Sprintf("%d bytes", *s.PacketLength)
	case s.Target.Type == mirror.NetworkLoadBalancer:
		length = fmt.Sprintf("not set; for a Network Load Balancer %d bytes", mirror.LoadBalancerPacketLength)
	}
	var services []string
	for _, n := range s.Filter.NetworkServices {
		services = append(services, string(n))
	}
	arrival := "Copies arrive, as far as it is known."
	if s.Lost != 0 {
		arrival = "Copies do not arrive. " + s.Lost.Sentence()
	}
	for _, u := range s.Unknown.List() {
		arrival += " " + u.Sentence()
	}
	return []fact{
		{"Session ID", s.ID}, {"VNI", vni}, {"Packet length", length}, {"Target", strings.TrimSuffix(s.TargetText+", "+s.TargetID, ", ")}, {"Target MTU", mtuText(s.Target)},
		{"UDP listeners", listText(s.Target.Type == mirror.NetworkLoadBalancer, s.Target.UDPListeners)},
		{"Appliances", listText(s.Target.Type != mirror.NetworkInterface, s.Target.Appliances)},
		{"Arrival", arrival}, {"Filter", strings.TrimSuffix(s.FilterID+", "+s.Filter.Description, ", ")},
		{"Rules", fmt.Sprintf("%s, %s", wording.Count(len(s.Filter.InDirection(mirror.Ingress)), "ingress rule"), wording.Count(len(s.Filter.InDirection(mirror.Egress)), "egress rule"))},
		{"Network services", noneIfEmpty(strings.Join(services, ", "))},
	}
}

func mtuText(e mirror.Endpoint) string {
	switch {
	case e.Type != mirror.NetworkInterface:
		return ""
	case e.MTU == 0:
		return fmt.Sprintf("not known, %d assumed", mirror.DefaultMTU)
	}
	return fmt.Sprint(e.MTU)
}

// listText writes a list of a load balancer: nil is not known, and empty is none.
func listText[T any](applies bool, list []T) string {
	switch {
	case !applies:
		return ""
	case list == nil:
		return "not known"
	}
	return noneIfEmpty(joined(list))
}

func noneIfEmpty(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func joined[T any](list []T) string {
	texts := make([]string, len(list))
	for i, x := range list {
		texts[i] = fmt.Sprint(x)
	}
	return strings.Join(texts, ", ")
}
