package console

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/diagram"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

const siteAccount = "111122223333"

// A site is an account under construction: the VPCs vpc-1 and vpc-2, the interface eni-sensor,
// which backs tmt-sensor, and the filters tmf-all and tmf-web.
type site struct {
	inventory.Facts
	endpoints map[string]mirror.Endpoint
}

func newSite() *site {
	s := &site{Facts: inventory.Facts{AccountID: siteAccount}, endpoints: map[string]mirror.Endpoint{}}
	s.Subnets = []account.Subnet{{ID: "subnet-1", VPCID: "vpc-1", OwnerID: siteAccount}, {ID: "subnet-2", VPCID: "vpc-2", OwnerID: siteAccount}}
	s.attach("eni-sensor", "vpc-1", "10.0.9.9", "sensor")
	s.target(mirror.Target{ID: "tmt-sensor", InterfaceID: "eni-sensor", Description: "the sensor"}, mirror.Endpoint{Type: mirror.NetworkInterface})
	var all, web []mirror.Rule
	for _, d := range mirror.Directions {
		all = append(all, mirror.Rule{Number: 1, Direction: d, Action: mirror.Accept, SourceCIDR: mirror.EveryIPv4, DestinationCIDR: mirror.EveryIPv4})
		web = append(web, mirror.Rule{Number: 1, Direction: d, Action: mirror.Accept, Protocol: new(mirror.TCP), SourceCIDR: mirror.EveryIPv4, DestinationCIDR: mirror.EveryIPv4})
	}
	s.filter(mirror.Filter{ID: "tmf-all", Rules: all, NetworkServices: mirror.NetworkServices, Description: "everything"})
	s.filter(mirror.Filter{ID: "tmf-web", Rules: web[:1], Description: "web"})
	return s
}

func (s *site) attach(id, vpc, address, name string) {
	a := netip.MustParseAddr(address)
	s.Instances = append(s.Instances, account.Instance{ID: "i-" + id, Type: "m5.large", State: "running"})
	s.Interfaces = append(s.Interfaces, account.NetworkInterface{VPCID: vpc, Interface: mirror.Interface{
		ID: id, OwnerID: siteAccount, SubnetID: "subnet-" + vpc[4:], InstanceID: "i-" + id, Type: mirror.OrdinaryInterface, PrivateIPAddress: a, PrivateIPAddresses: []netip.Addr{a},
		Tags: map[string]string{"Name": name},
	}})
}

func (s *site) target(t mirror.Target, e mirror.Endpoint) {
	t.OwnerID = siteAccount
	s.Targets = append(s.Targets, account.Tagged[mirror.Target]{Noun: t})
	s.endpoints[t.ID] = e
}

func (s *site) filter(f mirror.Filter) {
	s.Filters = append(s.Filters, account.Tagged[mirror.Filter]{Noun: f})
}

func (s *site) session(number int, from, filter, target string, tags map[string]string) {
	s.Sessions = append(s.Sessions, account.Tagged[mirror.Session]{Tags: tags, Noun: mirror.Session{
		ID: fmt.Sprintf("tms-%s-%d", strings.TrimPrefix(from, "eni-"), number), OwnerID: siteAccount, InterfaceID: from, Number: number, FilterID: filter, TargetID: target,
		VirtualNetworkID: new(1000 + len(s.Sessions)),
	}})
}

func (s *site) snapshot() *snapshot {
	shown := &snapshot{Fleet: inventory.NewFleet(s.Facts, inventory.Rules{Quotas: mirror.DefaultQuotas()}), endpoints: s.endpoints}
	shown.coverage = sync.OnceValue(func() *inventory.Coverage {
		return new(inventory.CoverageOf(shown.Fleet, inventory.CoverageQuestions{Price: inventory.DefaultPrice, Endpoints: s.endpoints}))
	})
	shown.index = sync.OnceValue(shown.newIndex)
	return shown
}

// office has an interface of each class.
func office() *site {
	s := newSite()
	s.attach("eni-app", "vpc-1", "10.0.1.20", "app")
	s.attach("eni-db", "vpc-2", "10.1.1.30", "db")
	s.attach("eni-idle", "vpc-2", "10.1.1.31", "batch")
	s.attach("eni-web", "vpc-1", "10.0.1.10", "web")
	s.target(mirror.Target{ID: "tmt-lb", LoadBalancerARN: "arn:lb", Description: "sensors"}, mirror.Endpoint{
		Type: mirror.NetworkLoadBalancer, UDPListeners: []int{4789}, Appliances: []netip.Addr{netip.MustParseAddr("10.0.3.41"), netip.MustParseAddr("10.0.3.42")},
	})
	s.target(mirror.Target{ID: "tmt-gone", InterfaceID: "eni-gone"}, mirror.Endpoint{Type: mirror.NetworkInterface, Gone: true})
	s.target(mirror.Target{ID: "tmt-dark", GatewayLoadBalancerEndpointID: "vpce-1"}, mirror.Endpoint{Type: mirror.GatewayLoadBalancerEndpoint})
	s.session(1, "eni-app", "tmf-all", "tmt-sensor", map[string]string{"owner": "terraform"})
	s.session(1, "eni-db", "tmf-web", "tmt-dark", nil)
	s.session(1, "eni-foreign", "tmf-hidden", "tmt-sensor", nil)
	s.session(1, "eni-idle", "tmf-all", "tmt-gone", nil)
	s.session(1, "eni-web", "tmf-web", "tmt-sensor", map[string]string{"owner": "terraform"})
	s.session(2, "eni-web", "tmf-all", "tmt-lb", map[string]string{"owner": "hand"})
	return s
}

// What each condition of the bar shows: interfaces, with the numbers of their sessions.
func TestShown(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"":                            "eni-app 1, eni-db 1, eni-foreign 1, eni-idle 1, eni-sensor, eni-web 1 2",
		"interface=web":               "eni-web 1 2",
		"interface=eni-app":           "eni-app 1",
		"vpc=vpc-2":                   "eni-db 1, eni-idle 1",
		"target=tmt-lb":               "eni-web 2",
		"target=the+sensor":           "eni-app 1, eni-foreign 1, eni-web 1",
		"vni=1004":                    "eni-web 1",
		"tag=Name%3Dweb":              "eni-web 1 2",
		"tag=owner":                   "eni-app 1, eni-web 1 2",
		"tag=owner%3Dhand":            "eni-web 2",
		"idle=1":                      "eni-idle 1",
		"unmanaged=owner":             "eni-db 1, eni-foreign 1, eni-idle 1",
		"unmanaged=owner%3Dit":        "eni-app 1, eni-db 1, eni-foreign 1, eni-idle 1, eni-web 1 2",
		"vpc=vpc-1&target=tmt-sensor": "eni-app 1, eni-web 1",
		"interface=nothing":           "",
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		b := barOf(values)
		if again := barOf(b.query()); again != b {
			t.Errorf("%s: the URL of the bar has another bar: %+v, %+v", query, again, b)
		}
		if got := shownText(shownBy(office().snapshot(), b)); got != want {
			t.Errorf("%s shows\n%s, not\n%s", query, got, want)
		}
	}
}

func shownText(shown []shownInterface) string {
	texts := make([]string, len(shown))
	for i, s := range shown {
		texts[i] = s.Source.Interface.ID
		for _, session := range s.sessions {
			texts[i] += fmt.Sprint(" ", session.Noun.Number)
		}
	}
	return strings.Join(texts, ", ")
}

// Interfaces of one VPC with the same filters in the same order are one group.
func TestGroups(t *testing.T) {
	t.Parallel()
	s := office()
	s.attach("eni-web2", "vpc-1", "10.0.1.11", "web")
	s.session(1, "eni-web2", "tmf-web", "tmt-sensor", nil)
	s.session(2, "eni-web2", "tmf-all", "tmt-gone", nil)
	var got []string
	for _, g := range groupInterfaces(shownBy(s.snapshot(), bar{})) {
		got = append(got, fmt.Sprintf("%s %d %d %v", g.key(), len(g.interfaces), g.sessions, g.count))
	}
	want := []string{
		":tmf-hidden 1 1 map[unknown:1]",
		"vpc-1:tmf-all 1 1 map[mirrored:1]",
		"vpc-1:tmf-web+tmf-all 2 4 map[mirrored:1 one_way:1]",
		"vpc-1: 1 0 map[cannot:1]",
		"vpc-2:tmf-all 1 1 map[not:1]",
		"vpc-2:tmf-web 1 1 map[one_way:1]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("groups:\n%s\nnot:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// drawingText writes each node with its notes, its tone and its chains, and each edge.
func drawingText(d *diagram.Drawing) string {
	var lines []string
	for _, n := range d.Nodes {
		lines = append(lines, fmt.Sprintf("%s: %s [%s] %s %v", n.Column, n.Title, strings.Join(n.Notes, "; "), n.Tone, n.Chains))
	}
	for _, e := range d.Edges {
		lines = append(lines, fmt.Sprintf("%s > %s %v", d.Nodes[e.From].Title, d.Nodes[e.To].Title, e.Chains))
	}
	return strings.Join(lines, "\n")
}

// plain links to a path as it is.
func plain(path string) string { return path }

// The map of each interface: what is shared is one node, but a filter one for each target, so that
// lines can be followed. Sessions are in the order in which they
// are tried, and what EC2 does not show is said.
func TestDrawInterfaces(t *testing.T) {
	t.Parallel()
	s := office().snapshot()
	shown := shownBy(s, bar{})
	if n := chainsOf(shown); n != 7 {
		t.Errorf("%d chains", n)
	}
	d := drawInterfaces(s, shown, plain)
	if d.Chains != 7 {
		t.Errorf("%d chains are drawn", d.Chains)
	}
	want := strings.TrimSpace(`
Interface: app [mirrored] good [0]
Session: session 1 [VNI 1000]  [0]
Filter: everything [ingress: 1 accept; egress: 1 accept; Amazon DNS; the same filter as in 2 other boxes]  [0]
Target: the sensor [network interface]  [0 2 5]
Appliance: sensor [10.0.9.9]  [0 2 5]
Interface: db [one way] warn [1]
Session: session 1 [VNI 1001]  [1]
Filter: web [ingress: 1 accept; egress: no rule; the same filter as in another box]  [1]
Target: tmt-dark [Gateway Load Balancer endpoint; vpce-1]  [1]
Load balancer: Gateway Load Balancer [not known] warn [1]
Appliance: not known [what is behind it is not known] warn [1]
Interface: eni-foreign [not known] warn [2]
Session: session 1 [VNI 1002; status: unknown] warn [2]
Filter: tmf-hidden [EC2 does not show it] warn [2]
Interface: batch [not mirrored] bad [3]
Session: session 1 [VNI 1003; status: target_gone] bad [3]
Filter: everything [ingress: 1 accept; egress: 1 accept; Amazon DNS; the same filter as in 2 other boxes]  [3]
Target: tmt-gone [network interface]  [3]
Appliance: deleted [what backs the target is deleted] bad [3]
Interface: sensor [cannot be mirrored]  [4]
Interface: web [mirrored] good [5 6]
Session: session 1 [VNI 1004]  [5]
Filter: web [ingress: 1 accept; egress: no rule; the same filter as in another box]  [5]
Session: session 2 [VNI 1005]  [6]
Filter: everything [ingress: 1 accept; egress: 1 accept; Amazon DNS; the same filter as in 2 other boxes]  [6]
Target: sensors [Network Load Balancer]  [6]
Load balancer: arn:lb [listens on UDP 4789]  [6]
Appliance: 10.0.3.41 [health not known]  [6]
Appliance: 10.0.3.42 [health not known]  [6]
app > session 1 [0]
session 1 > everything [0]
everything > the sensor [0]
the sensor > sensor [0 2 5]
db > session 1 [1]
session 1 > web [1]
web > tmt-dark [1]
tmt-dark > Gateway Load Balancer [1]
Gateway Load Balancer > not known [1]
eni-foreign > session 1 [2]
session 1 > tmf-hidden [2]
tmf-hidden > the sensor [2]
batch > session 1 [3]
session 1 > everything [3]
everything > tmt-gone [3]
tmt-gone > deleted [3]
web > session 1 [5]
session 1 > web [5]
web > the sensor [5]
web > session 2 [6]
session 2 > everything [6]
everything > sensors [6]
sensors > arn:lb [6]
arn:lb > 10.0.3.41 [6]
arn:lb > 10.0.3.42 [6]`)
	if got := drawingText(d); got != want {
		t.Errorf("drawn is\n%s", got)
	}
}

// A group is one chain for each of its filters, whatever its size. Many targets are one node.
func TestDrawGroups(t *testing.T) {
	t.Parallel()
	s := newSite()
	for n := range 10 {
		id := fmt.Sprintf("eni-%d", n)
		s.attach(id, "vpc-1", fmt.Sprintf("10.0.1.%d", n+1), "web")
		target := fmt.Sprintf("tmt-%d", n/2)
		if n%2 == 0 {
			s.target(mirror.Target{ID: target, LoadBalancerARN: "arn:" + target}, mirror.Endpoint{Type: mirror.NetworkLoadBalancer, UDPListeners: []int{4789}})
		}
		s.session(1, id, "tmf-web", "tmt-sensor", nil)
		s.session(2, id, "tmf-all", target, nil)
	}
	shown := s.snapshot()
	want := strings.TrimSpace(`
Interface: 10 interfaces [vpc-1; 10 mirrored] good [0 1]
Session: 10 sessions [each is the first that its interface tries]  [0]
Filter: web [ingress: 1 accept; egress: no rule]  [0]
Target: the sensor [network interface]  [0]
Appliance: sensor [10.0.9.9]  [0]
Session: 10 sessions [each is the second that its interface tries]  [1]
Filter: everything [ingress: 1 accept; egress: 1 accept; Amazon DNS]  [1]
Target: 5 targets []  [1]
Interface: 1 interface [vpc-1; 1 cannot be mirrored]  [2]
10 interfaces > 10 sessions [0]
10 sessions > web [0]
web > the sensor [0]
the sensor > sensor [0]
10 interfaces > 10 sessions [1]
10 sessions > everything [1]
everything > 5 targets [1]`)
	if got := drawingText(drawGroups(shown, groupInterfaces(shownBy(shown, bar{})), plain)); got != want {
		t.Errorf("drawn is\n%s", got)
	}
}
