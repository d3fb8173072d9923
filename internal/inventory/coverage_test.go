package inventory_test

import (
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

const (
	ownAccount   = "111111111111"
	otherAccount = "222222222222"
)

// A site is an account under construction: a VPC with the interface eni-collector, which backs
// tmt-1, and the filter tmf-all, which accepts everything.
type site struct {
	inventory.Facts
	endpoints map[string]mirror.Endpoint
}

func newSite() *site {
	p := &site{Facts: inventory.Facts{AccountID: ownAccount}, endpoints: map[string]mirror.Endpoint{}}
	p.Subnets = []account.Subnet{{ID: "subnet-4", VPCID: "vpc-1", OwnerID: ownAccount}, {ID: "subnet-6", VPCID: "vpc-1", OwnerID: ownAccount, HasIPv6: true}}
	p.attach("eni-collector", "10.0.9.9", "m5.large")
	p.target(mirror.Target{ID: "tmt-1", InterfaceID: "eni-collector"}, mirror.Endpoint{Type: mirror.NetworkInterface})
	p.filter("tmf-all", everything(mirror.Accept, mirror.Ingress), everything(mirror.Accept, mirror.Egress))
	p.Filters[0].Noun.NetworkServices = mirror.NetworkServices
	return p
}

// attach makes an interface with an instance of its own.
func (p *site) attach(id, address, instanceType string) *account.NetworkInterface {
	instance := strings.Replace(id, "eni-", "i-", 1)
	p.Instances = append(p.Instances, account.Instance{ID: instance, Type: instanceType, State: "running"})
	a := netip.MustParseAddr(address)
	p.Interfaces = append(p.Interfaces, account.NetworkInterface{
		Interface: mirror.Interface{ID: id, OwnerID: ownAccount, SubnetID: "subnet-4", InstanceID: instance, Type: mirror.OrdinaryInterface, PrivateIPAddress: a, PrivateIPAddresses: []netip.Addr{a}},
		VPCID:     "vpc-1",
	})
	slices.SortFunc(p.Interfaces, func(a, b account.NetworkInterface) int { return strings.Compare(a.ID, b.ID) })
	i := slices.IndexFunc(p.Interfaces, func(i account.NetworkInterface) bool { return i.ID == id })
	return &p.Interfaces[i]
}

func (p *site) instance(id string) *account.Instance {
	return &p.Instances[slices.IndexFunc(p.Instances, func(i account.Instance) bool { return i.ID == id })]
}

func (p *site) target(t mirror.Target, endpoint mirror.Endpoint) {
	if t.OwnerID == "" {
		t.OwnerID = ownAccount
	}
	p.Targets = append(p.Targets, account.Tagged[mirror.Target]{Noun: t})
	p.endpoints[t.ID] = endpoint
}

func (p *site) filter(id string, lists ...[]mirror.Rule) {
	p.Filters = append(p.Filters, account.Tagged[mirror.Filter]{Noun: mirror.Filter{ID: id, Rules: slices.Concat(lists...)}})
}

// session adds a session with the number to an interface.
func (p *site) session(interfaceID string, number int, filter, target string) *account.Tagged[mirror.Session] {
	p.Sessions = append(p.Sessions, account.Tagged[mirror.Session]{Noun: mirror.Session{
		ID: fmt.Sprintf("tms-%s-%d", strings.TrimPrefix(interfaceID, "eni-"), number), OwnerID: ownAccount, InterfaceID: interfaceID, Number: number, FilterID: filter, TargetID: target,
	}})
	slices.SortFunc(p.Sessions, func(a, b account.Tagged[mirror.Session]) int {
		return strings.Compare(fmt.Sprintf("%s %05d", a.Noun.InterfaceID, a.Noun.Number), fmt.Sprintf("%s %05d", b.Noun.InterfaceID, b.Noun.Number))
	})
	i := slices.IndexFunc(p.Sessions, func(s account.Tagged[mirror.Session]) bool {
		return s.Noun.InterfaceID == interfaceID && s.Noun.Number == number
	})
	return &p.Sessions[i]
}

func (p *site) coverage(q inventory.CoverageQuestions) inventory.Coverage {
	q.Endpoints = p.endpoints
	return inventory.CoverageOf(inventory.NewFleet(p.Facts, inventory.Rules{Quotas: mirror.DefaultQuotas()}), q)
}

// everything has the rules about all packets of a direction, with the numbers 1000 and 1001.
func everything(action mirror.Action, d mirror.Direction) []mirror.Rule {
	return []mirror.Rule{
		{Number: 1000, Direction: d, Action: action, SourceCIDR: mirror.EveryIPv4, DestinationCIDR: mirror.EveryIPv4},
		{Number: 1001, Direction: d, Action: action, SourceCIDR: mirror.EveryIPv6, DestinationCIDR: mirror.EveryIPv6},
	}
}

// onlyTo accepts ingress packets to some addresses.
func onlyTo(cidr string) []mirror.Rule {
	r := everything(mirror.Accept, mirror.Ingress)[0]
	r.DestinationCIDR = netip.MustParsePrefix(cidr)
	return []mirror.Rule{r}
}

// tls has a rule about TCP packets to port 443, or from it.
func tls(action mirror.Action, d mirror.Direction, isReply bool) []mirror.Rule {
	ports := &mirror.PortRange{From: 443, To: 443}
	r := mirror.Rule{Number: 10, Direction: d, Action: action, Protocol: new(mirror.TCP), SourceCIDR: mirror.EveryIPv4, DestinationCIDR: mirror.EveryIPv4, DestinationPorts: ports}
	if isReply {
		r.SourcePorts, r.DestinationPorts = ports, nil
	}
	return []mirror.Rule{r}
}

// Each class, and each way to it. The interface is eni-a, in a subnet without IPv6.
func TestClasses(t *testing.T) {
	t.Parallel()
	in, out := mirror.Ingress, mirror.Egress
	for name, row := range map[string]struct {
		build  func(*site)
		want   inventory.Class
		reason string // a part of it
		idle   string // the sessions that do nothing
	}{
		"no session":         {func(*site) {}, inventory.NotMirrored, "no session", ""},
		"everything":         {func(p *site) { p.session("eni-a", 1, "tmf-all", "tmt-1") }, inventory.Mirrored, "", ""},
		"everything but DNS": {func(p *site) { p.session("eni-a", 1, "tmf-all", "tmt-1"); p.Filters[0].Noun.NetworkServices = nil }, inventory.Partly, "Amazon DNS", ""},
		"DNS only":           {func(p *site) { p.session("eni-a", 1, "tmf-all", "tmt-1"); p.Filters[0].Noun.Rules = nil }, inventory.Partly, "is not copied", ""},
		"one direction": {func(p *site) {
			p.filter("tmf-x", everything(mirror.Accept, in))
			p.session("eni-a", 1, "tmf-x", "tmt-1")
		}, inventory.OneWay, "Only ingress packets", ""},
		"the other direction": {func(p *site) {
			p.filter("tmf-x", everything(mirror.Accept, out))
			p.session("eni-a", 1, "tmf-x", "tmt-1")
		}, inventory.OneWay, "Only egress packets", ""},
		"a service with replies": {func(p *site) {
			p.filter("tmf-x", tls(mirror.Accept, in, false), tls(mirror.Accept, out, true))
			p.session("eni-a", 1, "tmf-x", "tmt-1")
		}, inventory.Partly, "is not copied", ""},
		"a service, other replies": {
			func(p *site) {
				p.filter("tmf-x", tls(mirror.Accept, in, false), tls(mirror.Accept, out, false))
				p.session("eni-a", 1, "tmf-x", "tmt-1")
			},
			inventory.OneWay, "is copied, and the reply, ", "",
		},
		"everything by two sessions": {func(p *site) {
			p.filter("tmf-in", everything(mirror.Accept, in))
			p.filter("tmf-rest", tls(mirror.Reject, in, false), everything(mirror.Accept, out))
			p.Filters[2].Noun.NetworkServices = mirror.NetworkServices
			p.session("eni-a", 1, "tmf-in", "tmt-1")
			p.session("eni-a", 2, "tmf-rest", "tmt-1")
		}, inventory.Mirrored, "", ""},
		"a session that never takes a packet": {func(p *site) {
			p.session("eni-a", 1, "tmf-all", "tmt-1")
			p.filter("tmf-x", tls(mirror.Accept, in, false))
			p.session("eni-a", 2, "tmf-x", "tmt-1")
		}, inventory.Mirrored, "", "tms-a-2 never_takes"},
		"a filter without rules": {func(p *site) { p.filter("tmf-x"); p.session("eni-a", 1, "tmf-x", "tmt-1") }, inventory.NotMirrored, "accept no packet", "tms-a-1 accepts_nothing"},
		"a filter that rejects all": {func(p *site) {
			p.filter("tmf-x", everything(mirror.Reject, in))
			p.session("eni-a", 1, "tmf-x", "tmt-1")
		}, inventory.NotMirrored, "accept no packet", "tms-a-1 accepts_nothing"},
		"other addresses than its own": {func(p *site) { p.filter("tmf-x", onlyTo("192.168.9.9/32")); p.session("eni-a", 1, "tmf-x", "tmt-1") }, inventory.NotMirrored, "accept no packet", "tms-a-1 accepts_nothing"},
		"its own address":              {func(p *site) { p.filter("tmf-x", onlyTo("10.0.0.1/32")); p.session("eni-a", 1, "tmf-x", "tmt-1") }, inventory.OneWay, "Only ingress packets", ""},
		"its delegated prefix": {func(p *site) {
			p.Interfaces[0].IPv4Prefixes = []netip.Prefix{netip.MustParsePrefix("192.168.9.0/28")}
			p.filter("tmf-x", onlyTo("192.168.9.9/32"))
			p.session("eni-a", 1, "tmf-x", "tmt-1")
		}, inventory.OneWay, "Only ingress packets", ""},
		"other addresses, without a source/destination check": {func(p *site) {
			p.Interfaces[0].SourceDestCheck = new(bool)
			p.filter("tmf-x", onlyTo("192.168.9.9/32"))
			p.session("eni-a", 1, "tmf-x", "tmt-1")
		}, inventory.OneWay, "Only ingress packets", ""},
		"other addresses first, then everything": {func(p *site) {
			p.filter("tmf-x", onlyTo("192.168.9.9/32"))
			p.session("eni-a", 1, "tmf-x", "tmt-gone")
			p.session("eni-a", 2, "tmf-all", "tmt-1")
		}, inventory.Mirrored, "", "tms-a-1 target_gone"},
		"detached":                  {func(p *site) { p.session("eni-a", 1, "tmf-all", "tmt-1"); p.Interfaces[0].InstanceID = "" }, inventory.NotMirrored, "attached to no instance", "tms-a-1 source_detached"},
		"stopped":                   {func(p *site) { p.session("eni-a", 1, "tmf-all", "tmt-1"); p.instance("i-a").State = "stopped" }, inventory.NotMirrored, "i-a of eni-a is stopped", "tms-a-1 source_stopped"},
		"another instance type":     {func(p *site) { p.session("eni-a", 1, "tmf-all", "tmt-1"); p.instance("i-a").Type = "t2.micro" }, inventory.Cannot, "t2.micro", "tms-a-1 source_unsupported"},
		"a type that cannot":        {func(p *site) { p.Interfaces[0].Type = "natGateway" }, inventory.Cannot, "natGateway", ""},
		"the interface of a target": {func(p *site) { p.target(mirror.Target{ID: "tmt-2", InterfaceID: "eni-a"}, mirror.Endpoint{}) }, inventory.Cannot, "backs target tmt-2", ""},
		"no target":                 {func(p *site) { p.session("eni-a", 1, "tmf-all", "tmt-gone") }, inventory.NotMirrored, "no target tmt-gone", "tms-a-1 target_gone"},
		"nothing backs the target": {func(p *site) {
			p.session("eni-a", 1, "tmf-all", "tmt-1")
			p.endpoints["tmt-1"] = mirror.Endpoint{Gone: true}
		}, inventory.NotMirrored, "backs target tmt-1", "tms-a-1 target_gone"},
		"the receiver is stopped":                               {func(p *site) { p.session("eni-a", 1, "tmf-all", "tmt-1"); p.instance("i-collector").State = "stopped" }, inventory.NotMirrored, "i-collector", "tms-a-1 no_receiver"},
		"the receiver is detached":                              {func(p *site) { p.session("eni-a", 1, "tmf-all", "tmt-1"); p.Interfaces[1].InstanceID = "" }, inventory.NotMirrored, "eni-collector", "tms-a-1 no_receiver"},
		"the receiver is on an instance that EC2 does not show": {func(p *site) { p.session("eni-a", 1, "tmf-all", "tmt-1"); p.instance("i-collector").ID = "i-x" }, inventory.Mirrored, "EC2 does not show i-collector. Whether", ""},
		"EC2 does not show the receiver": {func(p *site) {
			p.target(mirror.Target{ID: "tmt-2", InterfaceID: "eni-far", OwnerID: otherAccount}, mirror.Endpoint{Type: mirror.NetworkInterface})
			p.session("eni-a", 1, "tmf-all", "tmt-2")
		}, inventory.Mirrored, "EC2 does not show eni-far. Whether", ""},
		"a load balancer, no listener": {func(p *site) {
			p.target(mirror.Target{ID: "tmt-2", LoadBalancerARN: "arn"}, mirror.Endpoint{Type: mirror.NetworkLoadBalancer, UDPListeners: []int{53}})
			p.session("eni-a", 1, "tmf-all", "tmt-2")
		}, inventory.NotMirrored, "does not listen", "tms-a-1 no_listener"},
		"a load balancer, nothing behind it": {func(p *site) {
			p.target(mirror.Target{ID: "tmt-2", LoadBalancerARN: "arn"}, mirror.Endpoint{Type: mirror.NetworkLoadBalancer, UDPListeners: []int{4789}, Appliances: []netip.Addr{}})
			p.session("eni-a", 1, "tmf-all", "tmt-2")
		}, inventory.NotMirrored, "has no registered appliance", "tms-a-1 no_receiver"},
		"a load balancer of which nothing is known": {func(p *site) {
			p.target(mirror.Target{ID: "tmt-2", LoadBalancerARN: "arn"}, mirror.Endpoint{Type: mirror.NetworkLoadBalancer})
			p.session("eni-a", 1, "tmf-all", "tmt-2")
		}, inventory.Mirrored, "it is not known whether it listens on UDP port 4789", ""},
		"a dead session before a live one (A0108)": {func(p *site) {
			p.session("eni-a", 1, "tmf-all", "tmt-gone")
			p.session("eni-a", 2, "tmf-all", "tmt-1")
		}, inventory.NotMirrored, "no later session gets these packets", "tms-a-1 target_gone, tms-a-2 never_takes"},
		"a dead session of one service before a live one": {func(p *site) {
			p.filter("tmf-x", tls(mirror.Accept, in, false))
			p.session("eni-a", 1, "tmf-x", "tmt-gone")
			p.session("eni-a", 2, "tmf-all", "tmt-1")
		}, inventory.OneWay, "ingress tcp", "tms-a-1 target_gone"},
		"a dead session after a live one": {func(p *site) {
			p.session("eni-a", 1, "tmf-all", "tmt-1")
			p.session("eni-a", 2, "tmf-all", "tmt-gone")
		}, inventory.Mirrored, "", "tms-a-2 target_gone"},
		"an unknown instance": {func(p *site) { p.session("eni-a", 1, "tmf-all", "tmt-1"); p.instance("i-a").ID = "i-x" }, inventory.ClassUnknown, "EC2 does not show i-a", ""},
		"an unknown endpoint": {func(p *site) { p.session("eni-a", 1, "tmf-all", "tmt-1"); delete(p.endpoints, "tmt-1") }, inventory.ClassUnknown, "what backs tmt-1", ""},
		"an unknown session that makes no difference": {func(p *site) {
			p.target(mirror.Target{ID: "tmt-2", LoadBalancerARN: "arn"}, mirror.Endpoint{})
			delete(p.endpoints, "tmt-2")
			p.session("eni-a", 1, "tmf-all", "tmt-1")
			p.session("eni-a", 2, "tmf-all", "tmt-2")
		}, inventory.Mirrored, "", "tms-a-2 never_takes"},
		"two unknown sessions that make no difference": {func(p *site) {
			p.target(mirror.Target{ID: "tmt-2", LoadBalancerARN: "arn"}, mirror.Endpoint{})
			delete(p.endpoints, "tmt-2")
			p.session("eni-a", 1, "tmf-all", "tmt-1")
			p.session("eni-a", 2, "tmf-all", "tmt-2")
			p.session("eni-a", 3, "tmf-all", "tmt-2")
		}, inventory.Mirrored, "", "tms-a-2 never_takes, tms-a-3 never_takes"},
		"an interface of another account, with a session all the same": {func(p *site) {
			p.session("eni-a", 1, "tmf-all", "tmt-1")
			p.Interfaces[0].OwnerID, p.Interfaces[0].SubnetID = otherAccount, ""
		}, inventory.Mirrored, "", ""},
		"an interface of another account": {func(p *site) { p.Interfaces[0].OwnerID, p.Interfaces[0].SubnetID = otherAccount, "" }, inventory.Cannot, "belongs to account " + otherAccount, ""},
		"a service receives the copies": {func(p *site) {
			p.session("eni-a", 1, "tmf-all", "tmt-1")
			p.Interfaces[1].InstanceID, p.Interfaces[1].RequesterManaged = "", true
		}, inventory.Mirrored, "", ""},
		"IPv4 is not enough in an unknown subnet": {func(p *site) {
			p.session("eni-a", 1, "tmf-all", "tmt-1")
			p.Interfaces[0].SubnetID = "subnet-unknown"
			p.Filters[0].Noun.Rules = slices.DeleteFunc(p.Filters[0].Noun.Rules, func(r mirror.Rule) bool { return r.SourceCIDR.Addr().Is6() })
		}, inventory.Partly, "::", ""},
		"unknown sessions that may copy one direction each": {func(p *site) {
			p.target(mirror.Target{ID: "tmt-2", LoadBalancerARN: "arn"}, mirror.Endpoint{})
			delete(p.endpoints, "tmt-2")
			p.filter("tmf-dns")
			p.Filters[1].Noun.NetworkServices = mirror.NetworkServices
			p.filter("tmf-in", tls(mirror.Accept, in, false))
			p.filter("tmf-out", tls(mirror.Accept, out, true))
			p.session("eni-a", 1, "tmf-in", "tmt-2")
			p.session("eni-a", 2, "tmf-out", "tmt-2")
			p.session("eni-a", 3, "tmf-dns", "tmt-1")
		}, inventory.ClassUnknown, "session tms-a-1", ""},
		"an unknown filter": {func(p *site) { p.session("eni-a", 1, "tmf-x", "tmt-1") }, inventory.ClassUnknown, "filter tmf-x", ""},
		"too complex":       {func(p *site) { p.filter("tmf-x", tangled()); p.session("eni-a", 1, "tmf-x", "tmt-1") }, inventory.ClassUnknown, "exact answer", ""},
		"IPv4 is enough without IPv6 (A0196)": {func(p *site) {
			p.session("eni-a", 1, "tmf-all", "tmt-1")
			p.Filters[0].Noun.Rules = slices.DeleteFunc(p.Filters[0].Noun.Rules, func(r mirror.Rule) bool { return r.SourceCIDR.Addr().Is6() })
		}, inventory.Mirrored, "", ""},
		"IPv4 is not enough with IPv6": {func(p *site) {
			p.session("eni-a", 1, "tmf-all", "tmt-1")
			p.Interfaces[0].SubnetID = "subnet-6"
			p.Filters[0].Noun.Rules = slices.DeleteFunc(p.Filters[0].Noun.Rules, func(r mirror.Rule) bool { return r.SourceCIDR.Addr().Is6() })
		}, inventory.Partly, "::", ""},
		"IPv4 is not enough without a source/destination check": {func(p *site) {
			p.session("eni-a", 1, "tmf-all", "tmt-1")
			p.Interfaces[0].SourceDestCheck = new(bool)
			p.Filters[0].Noun.Rules = slices.DeleteFunc(p.Filters[0].Noun.Rules, func(r mirror.Rule) bool { return r.SourceCIDR.Addr().Is6() })
		}, inventory.Partly, "::", ""},
		"IPv6 only, without IPv6": {func(p *site) {
			p.session("eni-a", 1, "tmf-x", "tmt-1")
			p.filter("tmf-x", everything(mirror.Accept, in)[1:])
		}, inventory.NotMirrored, "accept no packet", "tms-a-1 accepts_nothing"},
	} {
		p := newSite()
		p.attach("eni-a", "10.0.0.1", "m5.large")
		row.build(p)
		c := p.coverage(inventory.CoverageQuestions{})
		got := c.Interfaces[0]
		if got.Source.Interface.ID != "eni-a" || got.Class != row.want || !strings.Contains(got.Reason, row.reason) || row.reason == "" && got.Reason != "" {
			t.Errorf("%s: %s is %s, %q; want %s, %q", name, got.Source.Interface.ID, got.Class, got.Reason, row.want, row.reason)
		}
		var idle []string
		for _, i := range c.Idle {
			idle = append(idle, fmt.Sprintf("%s %s", i.Session.Noun.ID, i.Reason))
			if !strings.HasSuffix(i.Detail, ".") {
				t.Errorf("%s: %q is no sentence", name, i.Detail)
			}
		}
		if strings.Join(idle, ", ") != row.idle {
			t.Errorf("%s: idle are %v, want %s", name, idle, row.idle)
		}
		if row.reason != "" && !strings.HasSuffix(got.Reason, ".") {
			t.Errorf("%s: %q is no sentence", name, got.Reason)
		}
	}
}

// tangled has rules that overlap so much that there is no exact answer.
func tangled() []mirror.Rule {
	var rules []mirror.Rule
	for n := range 3000 {
		from := n * 7919 % 30000
		prefix := func(k int) netip.Prefix {
			return netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(n * k), byte(n * k / 3)}), n*k%8).Masked()
		}
		rules = append(rules, mirror.Rule{
			Number: n + 1, Direction: mirror.Ingress, Action: mirror.Actions[n%2], Protocol: new(mirror.TCP), SourceCIDR: prefix(11), DestinationCIDR: prefix(13),
			SourcePorts: &mirror.PortRange{From: from, To: from + n*31%35000}, DestinationPorts: &mirror.PortRange{From: n * 37 % 30000, To: n*37%30000 + n*17%35000},
		})
	}
	return rules
}

// Interfaces with the same filters can have different classes.
func TestSameFiltersOtherFamilies(t *testing.T) {
	t.Parallel()
	p := newSite()
	p.filter("tmf-4", everything(mirror.Accept, mirror.Ingress)[:1], everything(mirror.Accept, mirror.Egress)[:1])
	p.Filters[1].Noun.NetworkServices = mirror.NetworkServices
	for _, id := range []string{"eni-a", "eni-b"} {
		p.attach(id, "10.0.0.1", "m5.large")
		p.session(id, 1, "tmf-4", "tmt-1")
	}
	p.Interfaces[1].IPv6Addresses = []netip.Addr{netip.MustParseAddr("2001:db8::1")}
	c := p.coverage(inventory.CoverageQuestions{})
	if a, b := c.Interfaces[0].Class, c.Interfaces[1].Class; a != inventory.Mirrored || b != inventory.Partly {
		t.Errorf("without IPv6: %s, with IPv6: %s", a, b)
	}
}

// A session without the tag is unmanaged. Without a tag that was asked for, nothing is known.
func TestUnmanaged(t *testing.T) {
	t.Parallel()
	p := newSite()
	for i, tags := range []map[string]string{nil, {"by": "terraform"}, {"by": "hand"}, {"By": "terraform"}, {"by": ""}} {
		id := fmt.Sprintf("eni-%d", i)
		p.attach(id, fmt.Sprintf("10.0.0.%d", i+1), "m5.large")
		p.session(id, 1, "tmf-all", "tmt-1").Tags = tags
	}
	for _, row := range []struct {
		by   *inventory.Managed
		want string
	}{
		{nil, "[] true"},
		{&inventory.Managed{TagKey: "by"}, "[tms-0-1 tms-3-1] false"},
		{&inventory.Managed{TagKey: "by", TagValue: new("terraform")}, "[tms-0-1 tms-2-1 tms-3-1 tms-4-1] false"},
		{&inventory.Managed{TagKey: "by", TagValue: new("")}, "[tms-0-1 tms-1-1 tms-2-1 tms-3-1] false"},
	} {
		c := p.coverage(inventory.CoverageQuestions{Managed: row.by})
		if got := fmt.Sprint(c.Unmanaged, c.Unmanaged == nil); got != row.want {
			t.Errorf("%v: %s, want %s", row.by, got, row.want)
		}
	}
	if c := newSite().coverage(inventory.CoverageQuestions{Managed: &inventory.Managed{TagKey: "by"}}); c.Unmanaged == nil || len(c.Unmanaged) != 0 {
		t.Errorf("of no sessions, %v are unmanaged", c.Unmanaged)
	}
	if ps := (inventory.Managed{}).Validate(); ps == nil {
		t.Error("a tag without key is no problem")
	}
}

// What sessions cost, by target and VPC; what they cost that do nothing; whom they belong to;
// and how much targets are used.
func TestCost(t *testing.T) {
	t.Parallel()
	p := newSite()
	p.target(mirror.Target{ID: "tmt-shared", OwnerID: otherAccount, InterfaceID: "eni-there"}, mirror.Endpoint{})
	for i := range 3 {
		id := fmt.Sprintf("eni-%d", i)
		p.attach(id, fmt.Sprintf("10.0.0.%d", i+1), "m5.large")
		p.session(id, 1, "tmf-all", "tmt-1")
		p.session(id, 2, "tmf-all", []string{"tmt-shared", "tmt-1", "tmt-1"}[i])
	}
	p.Interfaces[2].VPCID = "vpc-2"
	p.instance("i-0").State = "stopped"
	p.session("eni-foreign", 1, "tmf-foreign", "tmt-1").Noun.OwnerID = otherAccount
	p.session("eni-1-gone", 1, "tmf-all", "tmt-1")
	p.attach("eni-lost", "10.0.0.9", "m5.large")
	p.instance("i-lost").ID = "i-other"
	p.target(mirror.Target{ID: "tmt-unused", InterfaceID: "eni-lost"}, mirror.Endpoint{})
	c := p.coverage(inventory.CoverageQuestions{Price: inventory.DefaultPrice})
	if got, want := fmt.Sprint(c.Cost.Sessions, c.Cost.ByTarget, c.Cost.ByVPC), "{7 4} map[tmt-1:{6 3} tmt-shared:{1 1}] map[:{1 0} vpc-1:{4 3} vpc-2:{2 1}]"; got != want {
		t.Errorf("sessions are %s, want %s", got, want)
	}
	hourly := c.Cost.Price.Of(c.Cost.Sessions.All)
	if got, want := fmt.Sprint(hourly, " ", hourly.Monthly(), " ", c.Cost.Price.Of(c.Cost.Sessions.Idle).Monthly()), "0.105 76.65 43.8"; got != want {
		t.Errorf("they cost %s, want %s", got, want)
	}
	var ids, others, uses []string
	for _, s := range c.Sessions {
		ids = append(ids, s.Session.Noun.ID)
	}
	if want := []string{"tms-0-1", "tms-0-2", "tms-1-1", "tms-1-2", "tms-1-gone-1", "tms-2-1", "tms-2-2", "tms-foreign-1"}; !slices.Equal(ids, want) {
		t.Errorf("sessions are %q, want %q", ids, want)
	}
	for _, s := range c.OtherAccounts {
		others = append(others, fmt.Sprint(s.Session.Noun.ID, " of ", s.Session.Noun.OwnerID, " to ", s.TargetOwnerID))
	}
	if want := []string{"tms-0-2 of 111111111111 to 222222222222", "tms-foreign-1 of 222222222222 to 111111111111"}; !slices.Equal(others, want) {
		t.Errorf("other accounts: %q, want %q", others, want)
	}
	for _, u := range c.Targets {
		quota := "none"
		if u.Quota != nil {
			quota = fmt.Sprint(*u.Quota)
		}
		uses = append(uses, fmt.Sprint(u.Target.Noun.ID, " ", u.Sessions, " sessions ", u.Idle, " idle ", u.Sources, " sources of ", quota))
	}
	if want := []string{"tmt-1 7 sessions 3 idle 5 sources of 10", "tmt-shared 1 sessions 1 idle 1 sources of none", "tmt-unused 0 sessions 0 idle 0 sources of none"}; !slices.Equal(uses, want) {
		t.Errorf("targets: %q, want %q", uses, want)
	}
	if got, want := fmt.Sprint(c.CountSessions()), "map[active:4 source_stopped:2 unknown:2]"; got != want {
		t.Errorf("sessions have the statuses %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(c.Count()), "map[cannot:2 mirrored:2 not:1]"; got != want {
		t.Errorf("interfaces have the classes %s, want %s", got, want)
	}
	few := p.coverage(inventory.CoverageQuestions{Selection: inventory.Selection{VPCIDs: []string{"vpc-2"}}})
	attached := p.coverage(inventory.CoverageQuestions{Selection: inventory.Selection{Interfaces: inventory.AttachedInterfaces}})
	if len(attached.Interfaces) != 5 || len(attached.Sessions) != 6 || len(attached.Targets) != 2 {
		t.Errorf("without conditions, %d attached interfaces, %d sessions and %d targets are selected, want 5, 6 and 2", len(attached.Interfaces), len(attached.Sessions), len(attached.Targets))
	}
	if got, want := fmt.Sprint(len(few.Interfaces), few.Cost.Sessions, len(few.Sessions), len(few.Targets), few.Targets[0].Sessions), "1 {2 1} 2 1 7"; got != want {
		t.Errorf("of one VPC: %s, want %s", got, want)
	}
}

// Who pays is known without the ID of the account: the owner of a session on an interface that
// EC2 shows.
func TestCostWithoutAccountID(t *testing.T) {
	t.Parallel()
	p := newSite()
	p.AccountID = ""
	p.attach("eni-z", "10.0.0.1", "m5.large")
	p.session("eni-z", 1, "tmf-all", "tmt-1")
	p.session("eni-foreign", 1, "tmf-all", "tmt-1").Noun.OwnerID = otherAccount
	if c := p.coverage(inventory.CoverageQuestions{}); c.Cost.Sessions.All != 1 {
		t.Errorf("%d sessions are paid for, want 1", c.Cost.Sessions.All)
	}
}

// The list of idle sessions is that of the coverage.
func TestIdle(t *testing.T) {
	t.Parallel()
	p := newSite()
	p.attach("eni-a", "10.0.0.1", "m5.large")
	p.session("eni-a", 1, "tmf-all", "tmt-1")
	p.session("eni-a", 2, "tmf-all", "tmt-1")
	p.session("eni-vanished", 1, "tmf-all", "tmt-gone")
	idle := inventory.IdleSessions(inventory.NewFleet(p.Facts, inventory.Rules{}), p.endpoints)
	if len(idle) != 2 || idle["tms-a-2"].Reason != inventory.NeverTakes || idle["tms-vanished-1"].Reason != inventory.IdleReason(inventory.TargetGone) {
		t.Errorf("idle are %v", idle)
	}
}

// A price has at most six decimals. What a calculation rounds is no decimal.
func TestParsePrice(t *testing.T) {
	t.Parallel()
	third := new(big.Float).SetPrec(512).Quo(big.NewFloat(0.045).SetPrec(512), big.NewFloat(3))
	for _, row := range []struct {
		price any
		want  string
	}{
		{"0.015", "0.015"}, {"0", "0"}, {"1000", "1000"}, {"0.000001", "0.000001"}, {"12.5", "12.5"}, {0.015, "0.015"}, {0.011, "0.011"}, {third, "0.015"},
		{"-0.015", ""}, {"1000.5", ""}, {"0.0000001", ""}, {"0.0150005", ""}, {"1e30", ""},
	} {
		var number *big.Float
		switch price := row.price.(type) {
		case string:
			number, _, _ = big.ParseFloat(price, 10, 512, big.ToNearestEven)
		case float64:
			number = big.NewFloat(price)
		case *big.Float:
			number = price
		}
		got, ps := inventory.ParsePrice("price_per_session_hour", number)
		if (ps != nil) != (row.want == "") || ps == nil && got.String() != row.want {
			t.Errorf("%v: %s, %v; want %q", row.price, got, ps, row.want)
		}
	}
	if inventory.DefaultPrice.String() != "0.015" {
		t.Errorf("A0195: the default price is %s", inventory.DefaultPrice)
	}
}
