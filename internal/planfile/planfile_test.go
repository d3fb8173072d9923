package planfile_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/planfile"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

const (
	web = "eni-0a3f6c9e1b7d25840"
	app = "eni-0b8e2d7f4a1c63950"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// parse reads a file of testdata. changes are pairs of old and new text.
func parse(t testing.TB, name string, changes ...string) *planfile.File {
	t.Helper()
	kind := planfile.Plan
	if strings.HasSuffix(name, "state.json") {
		kind = planfile.State
	}
	text := string(read(t, name))
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			t.Fatalf("%s does not have %s", name, changes[i])
		}
		text = strings.ReplaceAll(text, changes[i], changes[i+1])
	}
	f, err := planfile.Parse(kind, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func quickstartTopology(t *testing.T) *topology.File {
	t.Helper()
	f, err := topology.Load(t.Context(), "../../examples/quickstart/topology.json")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// shown is a mirror in a few words: each session, its target, and the rules of its filter.
func shown(m *topology.Mirror) string {
	var b strings.Builder
	for _, s := range m.Sessions {
		fmt.Fprintf(&b, "%d", s.Number)
		for _, n := range []*int{s.PacketLength, s.VirtualNetworkID} {
			if n != nil {
				fmt.Fprintf(&b, " %d", *n)
			} else {
				b.WriteString(" -")
			}
		}
		fmt.Fprintf(&b, " %s %v %d %v %v %v", s.Target.Type, s.Target.Address, s.Target.MTU, s.Target.UDPListeners, s.Target.Appliances, s.Filter.NetworkServices)
		for _, d := range mirror.Directions {
			for _, r := range s.Filter.InDirection(d) {
				protocol := "any"
				if r.Protocol != nil {
					protocol = r.Protocol.String()
				}
				fmt.Fprintf(&b, "\n  %s %d %s %s %s %v > %s %v", d, r.Number, r.Action, protocol, r.SourceCIDR, ports(r.SourcePorts), r.DestinationCIDR, ports(r.DestinationPorts))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func ports(p *mirror.PortRange) string {
	if p == nil {
		return "any"
	}
	return p.String()
}

func mirrorOf(t *testing.T, f *planfile.File, name string, facts planfile.Facts) *topology.Mirror {
	t.Helper()
	m, err := f.Mirror(name, facts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Before the first apply, the plan has the mirror that the state has after it.
func TestMirror_quickstart(t *testing.T) {
	t.Parallel()
	facts := planfile.Facts{Topology: quickstartTopology(t)}
	plan := mirrorOf(t, parse(t, "quickstart-plan.json"), web, facts)
	const want = `1 128 1001 network-interface 10.0.3.30 9001 [] [] [amazon-dns]
  ingress 100 reject tcp 10.0.0.0/8 any > 0.0.0.0/0 22
  ingress 200 accept tcp 0.0.0.0/0 any > 0.0.0.0/0 22-443
  ingress 300 accept tcp ::/0 any > ::/0 22-443
  egress 100 reject tcp 0.0.0.0/0 22 > 10.0.0.0/8 any
  egress 200 accept tcp 0.0.0.0/0 22-443 > 0.0.0.0/0 any
  egress 300 accept tcp ::/0 22-443 > ::/0 any
2 512 1002 network-load-balancer 10.0.3.5 0 [4789] [10.0.3.41 10.0.3.42] [amazon-dns]
  ingress 100 accept any 0.0.0.0/0 any > 0.0.0.0/0 any
  ingress 200 accept any ::/0 any > ::/0 any
  egress 100 accept any 0.0.0.0/0 any > 0.0.0.0/0 any
  egress 200 accept any ::/0 any > ::/0 any
`
	if got := shown(plan); got != want {
		t.Errorf("the plan has\n%s\nwant\n%s", got, want)
	}
	if got := shown(mirrorOf(t, parse(t, "quickstart-state.json"), web, facts)); got != want {
		t.Errorf("the state has\n%s\nwant\n%s", got, want)
	}
	i := plan.Interface
	if i.PrivateIPAddress.String() != "10.0.1.10" || fmt.Sprint(i.IPv6Addresses) != "[2001:db8:0:101::10]" || fmt.Sprint(i.DNSResolverAddresses) != "[10.0.0.2]" || i.MACAddress.String() != "02:00:00:00:01:10" {
		t.Errorf("the interface is %+v", i)
	}
	if plan.Warnings != nil {
		t.Errorf("warnings: %v", plan.Warnings)
	}
	if got := plan.Sessions[0].Filter.ID; got != "trafficmirror_filter.web" {
		t.Errorf("a new filter has the name %q", got)
	}
}

// References between new objects lead through modules, variables and outputs, and through
// the keys of for_each and count.
func TestMirror_modules(t *testing.T) {
	t.Parallel()
	// Without the session whose filter is a local value, which no plan shows.
	f := parse(t, "modules-plan.json", `"local.chosen"`, `"trafficmirror_filter.rules.id", "trafficmirror_filter.rules"`)
	const a, b = "\n  ingress 100 accept tcp 0.0.0.0/0 any > 0.0.0.0/0 80-443\n", "\n  ingress 100 accept tcp 0.0.0.0/0 any > 0.0.0.0/0 443\n"
	const rules = "\n  ingress 10 accept udp 0.0.0.0/0 any > 0.0.0.0/0 53\n  ingress 11 accept udp 0.0.0.0/0 any > 0.0.0.0/0 54\n"
	m := mirrorOf(t, f, web, planfile.Facts{})
	const settings = " - - network-interface invalid IP 0 [] [] []"
	if got, want := shown(m), "1"+settings+a+"7"+settings+rules+"10"+settings+a+"11"+settings+b+"20"+settings+a; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	warnings := m.Warnings.Error()
	for _, want := range []string{
		"traffic_mirror_filter_id of trafficmirror_session.keyed is taken to be of trafficmirror_filter.all, the instance with the same key: the plan shows that each.key decides the key, and not how",
		"traffic_mirror_filter_id of trafficmirror_session.each is taken to be of trafficmirror_filter.all, the instance with the same key",
		"the address of the DNS resolver in the VPC of " + web + " is not known",
		"the IPv4 addresses of " + web + " are not known", "the IPv6 addresses of " + web + " are not known",
	} {
		if strings.Count(warnings, want) != 1 {
			t.Errorf("no warning says once: %s\n%s", want, warnings)
		}
	}
}

// An answer that must be exact has no guess: an index by each.key shows in the plan as any
// other expression with each.key.
func TestFile_exact(t *testing.T) {
	t.Parallel()
	f := parse(t, "modules-plan.json", `"local.chosen"`, `"trafficmirror_filter.rules.id", "trafficmirror_filter.rules"`)
	f.Exact = true
	const want = "trafficmirror_session.each[\"a\"]: traffic_mirror_filter_id is known only after apply, and what must hold cannot depend on a guess: " +
		"traffic_mirror_filter_id of trafficmirror_session.each is taken to be of trafficmirror_filter.all, the instance with the same key"
	if m, err := f.Mirror(web, planfile.Facts{}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v %v\nwant %s", m, err, want)
	}
	// A rule of an instance of one resource is not of another one.
	f = parse(t, "modules-plan.json", `"constant_value": "ingress"
      },
      "traffic_mirror_filter_id": {
       "references": [
        "trafficmirror_filter.rules.id",
        "trafficmirror_filter.rules"`, `"constant_value": "ingress"
      },
      "traffic_mirror_filter_id": {
       "references": [
        "trafficmirror_filter.all", "each.key"`, `"trafficmirror_filter_rule.rules[0]`, `"trafficmirror_filter_rule.rules[\"a\"]`, `"trafficmirror_filter_rule.rules[1]`, `"trafficmirror_filter_rule.rules[\"b\"]`)
	f.Exact = true
	if filter, _, err := f.Filter("trafficmirror_filter.rules"); err != nil || len(filter.Rules) != 0 {
		t.Errorf("got %v %v", filter, err)
	}
}

// What cannot be followed to one object is an error that names it.
func TestMirror_unresolved(t *testing.T) {
	t.Parallel()
	rules := `"trafficmirror_filter.rules.id", "trafficmirror_filter.rules"`
	const cond = `"trafficmirror_filter.rules.id",
        "trafficmirror_filter.rules",
        "trafficmirror_filter.all[\"a\"].id",
        "trafficmirror_filter.all[\"a\"]",
        "trafficmirror_filter.all"`
	withoutLocal := []string{`"local.chosen"`, rules}
	for name, test := range map[string]struct {
		iface   string
		changes []string
		want    string
	}{
		"local": {web, nil, "trafficmirror_session.local: traffic_mirror_filter_id is known only after apply, and the plan does not show which object it is of: " +
			"a plan does not have the value of local.chosen. Write trafficmirror_filter.NAME.id there, or apply and use --state"},
		"condition": {app, withoutLocal, "trafficmirror_session.cond: traffic_mirror_filter_id is known only after apply, and can be of trafficmirror_filter.rules or trafficmirror_filter.all[\"a\"]"},
		"list": {app, append(slices.Clone(withoutLocal), cond, `"trafficmirror_filter.rules.id"`),
			`trafficmirror_session.splat: traffic_mirror_filter_id is known only after apply, and the plan does not show which object it is of: trafficmirror_filter.all can be trafficmirror_filter.all["a"] or trafficmirror_filter.all["b"]`},
		"cycle": {web, []string{`"local.chosen"`, `"module.sensor.target"`, `"references": [
          "trafficmirror_target.this"`, `"references": [
          "var.interface"`, `"interface": {
       "references": [
        "var.sensor"`, `"interface": {
       "references": [
        "module.sensor.target"`}, "traffic_mirror_target_id is known only after apply, and the plan does not show which object it is of: var.interface leads to too many references"},
		"not configured": {web, []string{`"traffic_mirror_filter_id": {
       "references": [
        "local.chosen"`, `"other": {
       "references": [
        "local.chosen"`}, "trafficmirror_session.local: traffic_mirror_filter_id is known only after apply, and the configuration in the plan does not set it"},
		"rule": {app, []string{`"trafficmirror_filter.rules.id",
        "trafficmirror_filter.rules"
       ]
      }
     },`, `"local.other"
       ]
      }
     },`, cond, rules}, "trafficmirror_filter_rule.rules[0]: traffic_mirror_filter_id is known only after apply"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := string(read(t, "modules-plan.json"))
			for i := 0; i < len(test.changes); i += 2 {
				if !strings.Contains(text, test.changes[i]) {
					t.Fatalf("the plan does not have %s", test.changes[i])
				}
				text = strings.Replace(text, test.changes[i], test.changes[i+1], 1)
			}
			f, err := planfile.Parse(planfile.Plan, []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if m, err := f.Mirror(test.iface, planfile.Facts{}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v %v\nwant %s", m, err, test.want)
			}
		})
	}
}

// Separate rules that change are those of after the apply, and what the plan deletes is gone.
func TestMirror_change(t *testing.T) {
	t.Parallel()
	m := mirrorOf(t, parse(t, "change-plan.json"), "", planfile.Facts{Topology: quickstartTopology(t)})
	const want = "1 - 5264027 network-interface 10.0.3.30 9001 [] [] []\n  ingress 20 accept tcp 0.0.0.0/0 any > 0.0.0.0/0 22-443\n"
	if got := shown(m); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Separate rules that go, while the filter manages the rules of their direction or not: the
// plan has the rules that EC2 has after its apply. What Terraform forgets stays.
func TestFilter_changeOfOwner(t *testing.T) {
	t.Parallel()
	const any, https = "ingress 100 any", "ingress 100 443"
	f := parse(t, "rules-plan.json")
	for name, want := range map[string]string{
		"changed": https, "same": any, "null": "", "kept": any, "variable": https, "forgotten": any, "adopted": any,
	} {
		filter, _, err := f.Filter("trafficmirror_filter." + name)
		got := ""
		for _, r := range filter.Rules {
			got += fmt.Sprintf("%s %d %s", r.Direction, r.Number, ports(r.DestinationPorts))
		}
		if err != nil || got != want {
			t.Errorf("%s: %q, %v\nwant %q", name, got, err, want)
		}
	}
	_, _, err := f.Filter("trafficmirror_filter.perhaps")
	const want = "trafficmirror_filter.perhaps: the plan removes trafficmirror_filter_rule.perhaps, and does not show whether ingress_rules is null"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v\nwant %s", err, want)
	}
	m := mirrorOf(t, f, web, planfile.Facts{})
	if len(m.Sessions) != 2 || m.Sessions[1].Number != 2 || len(m.Sessions[1].Filter.Rules) != 1 {
		t.Errorf("with a forgotten session:\n%s", shown(m))
	}
}

// A session with enabled = false does not exist in EC2.
func TestMirror_disabled(t *testing.T) {
	t.Parallel()
	m := mirrorOf(t, parse(t, "quickstart-plan.json", `"session_number": 2,`, `"session_number": 2, "enabled": false,`), web, planfile.Facts{})
	if len(m.Sessions) != 1 || m.Sessions[0].Number != 1 {
		t.Errorf("got\n%s", shown(m))
	}
	m = mirrorOf(t, parse(t, "quickstart-plan.json", `"session_number": 1,`, `"session_number": 1, "enabled": false,`), app, planfile.Facts{})
	if len(m.Sessions) != 0 {
		t.Errorf("got\n%s", shown(m))
	}
}

// Without session_number, a plan does not have the number of a new session. It decides nothing
// if the interface has no other session.
func TestMirror_sessionNumber(t *testing.T) {
	t.Parallel()
	f := parse(t, "quickstart-plan.json", `"session_number": 1,`, "", `"session_number": 2,`, "", `"owner_id": true,`, `"owner_id": true, "session_number": true,`)
	m := mirrorOf(t, f, app, planfile.Facts{})
	const warning = "session_number of trafficmirror_session.app is known only after apply, and taken to be 1, the lowest number"
	if len(m.Sessions) != 1 || m.Sessions[0].Number != 1 || !strings.Contains(m.Warnings.Error(), warning) {
		t.Errorf("got\n%s\nwarnings %v", shown(m), m.Warnings)
	}
	const want = "session_number is known only after apply, and the session with the lowest number is the first to get a packet of the interface, which has several. Write session_number"
	if m, err := f.Mirror(web, planfile.Facts{}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v %v\nwant %s", m, err, want)
	}
}

const awsRules = `
  ingress 100 reject tcp 10.0.0.0/8 any > 0.0.0.0/0 22
  ingress 200 accept any 0.0.0.0/0 any > 0.0.0.0/0 any
  egress 200 accept any 0.0.0.0/0 any > 0.0.0.0/0 any
`

// The resources of hashicorp/aws have 0 for what is not set, also for the protocol of a rule.
func TestMirror_aws(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ file, iface, want, address string }{
		{"aws-plan.json", "aws_network_interface.web", "1 128 - network-interface 10.0.1.20 0 [] [] [amazon-dns]" + awsRules, "10.0.1.10"},
		{"aws-plan.json", "aws_instance.db", "1 128 - network-interface 10.0.1.20 0 [] [] [amazon-dns]" + awsRules, "10.0.1.10"},
		{"aws-plan.json", "aws_instance.app", "1 - - network-load-balancer 10.0.1.50 0 [4789] [] [amazon-dns]" + awsRules, "10.0.1.11"},
		{"aws-plan.json", "eni-0c5d9b1e8f3a74260", "1 - - network-interface 10.0.1.21 0 [] [] [amazon-dns]" + awsRules, "invalid IP"},
		{"aws-state.json", "aws_network_interface.web", "1 128 VNI network-interface 10.0.1.20 0 [] [] [amazon-dns]" + awsRules, "10.0.1.10"},
		{"aws-state.json", "aws_instance.app", "1 - VNI network-interface 10.0.1.21 0 [] [] [amazon-dns]" + awsRules, "10.0.1.11"},
		{"aws-change-plan.json", "aws_instance.app", "1 - VNI network-interface 10.0.1.21 0 [] [] [amazon-dns]" + `
  ingress 200 accept any 0.0.0.0/0 any > 0.0.0.0/0 any
  ingress 300 reject tcp 10.0.0.0/8 any > 0.0.0.0/0 22
  egress 200 accept any 0.0.0.0/0 any > 0.0.0.0/0 any
`, "10.0.1.11"},
	} {
		m := mirrorOf(t, parse(t, test.file), test.iface, planfile.Facts{})
		want := test.want
		if n := m.Sessions[0].VirtualNetworkID; n != nil {
			want = strings.Replace(want, "VNI", fmt.Sprint(*n), 1)
		}
		if got := shown(m); got != want {
			t.Errorf("%s %s: got\n%s\nwant\n%s", test.file, test.iface, got, want)
		}
		if got := m.Interface.PrivateIPAddress.String(); got != test.address {
			t.Errorf("%s %s: the address is %s, want %s", test.file, test.iface, got, test.address)
		}
		if isNamed := test.address != "invalid IP"; isNamed && fmt.Sprint(m.Interface.DNSResolverAddresses) != "[10.0.0.2]" {
			t.Errorf("%s %s: the resolvers are %v", test.file, test.iface, m.Interface.DNSResolverAddresses)
		}
	}
}

// Addresses that the user writes replace those of the file.
func TestMirror_addresses(t *testing.T) {
	t.Parallel()
	facts := planfile.Facts{
		Addresses: []netip.Addr{netip.MustParseAddr("10.9.0.1"), netip.MustParseAddr("10.9.0.2"), netip.MustParseAddr("2001:db8::9")},
		Resolvers: []netip.Addr{netip.MustParseAddr("10.9.0.2")},
	}
	m := mirrorOf(t, parse(t, "aws-plan.json"), "aws_network_interface.web", facts)
	i := m.Interface
	if i.PrivateIPAddress.String() != "10.9.0.1" || len(i.PrivateIPAddresses) != 2 || len(i.IPv6Addresses) != 1 || len(i.DNSResolverAddresses) != 1 || strings.Contains(m.Warnings.Error(), "not known") {
		t.Errorf("the interface is %+v, warnings %v", i, m.Warnings)
	}
}

func TestFilter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		file, name string
		rules      int
	}{
		{"quickstart-plan.json", "trafficmirror_filter.web", 6},
		{"modules-plan.json", `trafficmirror_filter.all["b"]`, 1},
		{"modules-plan.json", "trafficmirror_filter.rules", 2},
		{"change-plan.json", "tmf-082e9d684dc74c000", 1},
		{"change-plan.json", "tmf-022784683810d498c", 1},
		{"aws-state.json", "", 3},
	} {
		filter, warnings, err := parse(t, test.file).Filter(test.name)
		if err != nil || warnings != nil || len(filter.Rules) != test.rules {
			t.Errorf("%s %s: %v, warnings %v, %d rules, want %d", test.file, test.name, err, warnings, len(filter.Rules), test.rules)
		}
	}
}

// An answer that needs a value that is unknown or sensitive is an error that names it.
func TestMirror_values(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		old, now string
		want     string
	}{
		"unknown rule": {`"after_unknown": {
     "egress_rules": {
      "100": {},`, `"after_unknown": {
     "egress_rules": {
      "100": {"source_cidr_block": true},`, `trafficmirror_filter.everything: egress_rules["100"].source_cidr_block is known only after apply`},
		"sensitive": {`"sensitive_values": {
      "egress_rules": {
       "100": {},`, `"sensitive_values": {
      "egress_rules": {
       "100": {"destination_cidr_block": true},`, `trafficmirror_filter.everything: egress_rules["100"].destination_cidr_block is sensitive`},
		"other filter": {`"traffic_mirror_filter_id": true,`, "", "traffic_mirror_filter_id is missing"},
		"unknown number": {`"virtual_network_id": 1002`, `"virtual_network_id": 0`,
			"trafficmirror_session.web_rest: virtual_network_id is 0"},
		"wrong rule": {`"protocol": "tcp"`, `"protocol": "tpc"`, `trafficmirror_filter.web: ingress_rules["100"].protocol is "tpc"`},
	} {
		if _, err := parse(t, "quickstart-plan.json", test.old, test.now).Mirror(web, planfile.Facts{}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v\nwant %s", name, err, test.want)
		}
	}
	// A description decides nothing.
	parse(t, "quickstart-plan.json", `"egress_rules": {
      "100": {},`, `"egress_rules": {
      "100": {"description": true},`)
}

// An object of another configuration is an error that says where to write it.
func TestMirror_elsewhere(t *testing.T) {
	t.Parallel()
	f := parse(t, "change-plan.json", `"id": "tmt-00e858c5801a61431"`, `"id": "tmt-00000000000000001"`)
	_, err := f.Mirror("", planfile.Facts{})
	if err == nil || !strings.Contains(err.Error(), "trafficmirror_session.rules uses target tmt-00e858c5801a61431, which is not in this plan, so that its type is not known. Write it into shared_targets") {
		t.Errorf("got %v", err)
	}
	shared := &topology.File{SharedTargets: []mirror.Target{{ID: "tmt-00e858c5801a61431", GatewayLoadBalancerEndpointID: "vpce-0123456789abcdef0"}}}
	if m := mirrorOf(t, f, "", planfile.Facts{Topology: shared}); m.Sessions[0].Target.Type != mirror.GatewayLoadBalancerEndpoint {
		t.Errorf("the target is %+v", m.Sessions[0].Target)
	}
	_, err = parse(t, "change-plan.json", `"id": "tmf-022784683810d498c"`, `"id": "tmf-00000000000000001"`).Mirror("", planfile.Facts{})
	if err == nil || !strings.Contains(err.Error(), "uses filter tmf-022784683810d498c, which is not in this plan") {
		t.Errorf("got %v", err)
	}
}

func TestMirror_names(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ file, name, want string }{
		{"quickstart-plan.json", "", "the plan has sessions of several interfaces. Write --interface with one of " + web + " and " + app},
		{"quickstart-plan.json", "eni-00000000000000001", "the plan has no session of eni-00000000000000001. It has sessions of " + web + " and " + app},
		{"quickstart-plan.json", "web", `--interface is "web"`},
		{"aws-plan.json", "aws_network_interface.sensor", "has several instances: write one of aws_network_interface.sensor[0] and aws_network_interface.sensor[1]. It has sessions of aws_instance.app"},
		{"aws-plan.json", "aws_network_interface.sensor[0]", "the plan has no session of aws_network_interface.sensor[0]"},
		{"aws-plan.json", "aws_network_interface.none", "the plan has no aws_network_interface.none"},
		{"aws-plan.json", "aws_vpc.net", "aws_vpc.net is not of the type aws_network_interface or aws_instance"},
		{"aws-plan.json", "module.x", `"module.x" is not the address of a resource`},
	} {
		if _, err := parse(t, test.file).Mirror(test.name, planfile.Facts{}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %s: got %v\nwant %s", test.file, test.name, err, test.want)
		}
	}
	for _, test := range []struct{ name, want string }{
		{"", "the plan has several filters. Write --filter with one of trafficmirror_filter.everything and trafficmirror_filter.web"},
		{"tmf-00000000000000001", "the plan has no filter tmf-00000000000000001"},
		{"trafficmirror_filter.none", "the plan has no trafficmirror_filter.none"},
	} {
		if _, _, err := parse(t, "quickstart-plan.json").Filter(test.name); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v\nwant %s", test.name, err, test.want)
		}
	}
}

func TestParse_refuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind planfile.Kind
		text string
		want string
	}{
		"binary":         {planfile.Plan, "PK\x03\x04...", `Run "terraform show -json FILE > plan.json"`},
		"log":            {planfile.Plan, "{\"@level\":\"info\"}\n{\"@level\":\"info\"}\n", `this is the log of "terraform plan -json"`},
		"saved state":    {planfile.State, `{"version":4,"lineage":"x"}`, "this is a state as Terraform saves it"},
		"state as plan":  {planfile.Plan, string(read(t, "quickstart-state.json")), "this is a state: write --state"},
		"plan as state":  {planfile.State, string(read(t, "quickstart-plan.json")), "this is a plan: write --plan"},
		"empty state":    {planfile.State, `{"format_version":"1.0"}`, "this state has no objects"},
		"something else": {planfile.Plan, `{}`, "this is not a plan"},
		"not JSON":       {planfile.Plan, `Terraform will`, "line 1 is not JSON"},
		"failed":         {planfile.Plan, `{"planned_values":{},"errored":true}`, "this plan ended with an error"},
		"version":        {planfile.Plan, `{"format_version":"2.0","planned_values":{}}`, `format_version is "2.0"`},
		"list":           {planfile.Plan, `[]`, "the file is a JSON array"},
		"shape":          {planfile.Plan, `{"planned_values":{"root_module":{"resources":7}}}`, "planned_values.root_module.resources is a JSON number"},
	} {
		if _, err := planfile.Parse(test.kind, []byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v\nwant %s", name, err, test.want)
		}
	}
	f, err := planfile.Parse(planfile.Plan, []byte(`{"planned_values":{},"complete":false}`))
	if err != nil || len(f.Warnings) != 1 {
		t.Errorf("incomplete: %v, warnings %v", err, f.Warnings)
	}
}

// A file with anything in it gives an answer or an error.
func FuzzParse(f *testing.F) {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), ".json") {
			f.Add(read(f, entry.Name()), "aws_network_interface.web")
		}
	}
	f.Add([]byte(`{"planned_values":{"root_module":{"resources":[{"address":"trafficmirror_session.a[0","type":"x","values":{"network_interface_id":7}}]}}}`), "[")
	f.Add([]byte(`{"planned_values":{},"configuration":{"root_module":{"module_calls":{"a":{"expressions":{"b":[1]}}}}}}`), "module.a[\"].b.c")
	f.Fuzz(func(_ *testing.T, text []byte, name string) {
		for _, kind := range []planfile.Kind{planfile.Plan, planfile.State} {
			file, err := planfile.Parse(kind, text)
			if err != nil {
				continue
			}
			for _, name := range []string{name, "", web} {
				_, _ = file.Mirror(name, planfile.Facts{})
				_, _, _ = file.Filter(name)
			}
		}
	})
}
