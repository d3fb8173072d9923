package mirror_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

// rule returns a valid rule that the cases below change in one place.
func rule(change func(*mirror.Rule)) mirror.Rule {
	r := mirror.Rule{
		Number: 100, Direction: mirror.Ingress, Action: mirror.Accept, Protocol: new(mirror.TCP),
		SourceCIDR: prefix("0.0.0.0/0"), DestinationCIDR: prefix("10.0.0.0/8"),
		DestinationPorts: &mirror.PortRange{From: 443, To: 443},
	}
	change(&r)
	return r
}

func TestRuleValidate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*mirror.Rule)
		want   string
	}{
		"valid":                       {func(*mirror.Rule) {}, ""},
		"lowest number":               {func(r *mirror.Rule) { r.Number = 1 }, ""},
		"highest number":              {func(r *mirror.Rule) { r.Number = 32766 }, ""},
		"A0001: number too low":       {func(r *mirror.Rule) { r.Number = 0 }, `rule_number is 0. Write a whole number from 1 to 32766.`},
		"A0001: number too high":      {func(r *mirror.Rule) { r.Number = 32767 }, `rule_number is 32767. Write a whole number from 1 to 32766.`},
		"no direction":                {func(r *mirror.Rule) { r.Direction = "" }, `traffic_direction is missing. Write "ingress" or "egress".`},
		"direction":                   {func(r *mirror.Rule) { r.Direction = "in" }, `traffic_direction is "in". Write "ingress" or "egress".`},
		"action":                      {func(r *mirror.Rule) { r.Action = "Accept" }, `rule_action is "Accept". Write "accept" or "reject".`},
		"protocol too high":           {func(r *mirror.Rule) { r.Protocol, r.DestinationPorts = new(mirror.Protocol(256)), nil }, `protocol is 256. Write a whole number from 0 to 255.`},
		"A0044: protocol 0":           {func(r *mirror.Rule) { r.Protocol, r.DestinationPorts = new(mirror.Protocol(0)), nil }, ""},
		"any protocol":                {func(r *mirror.Rule) { r.Protocol, r.DestinationPorts = nil, nil }, ""},
		"no source":                   {func(r *mirror.Rule) { r.SourceCIDR = netip.Prefix{} }, `source_cidr_block is missing. Write a prefix, "0.0.0.0/0" for every IPv4 address or "::/0" for every IPv6 address.`},
		"A0068: host bits":            {func(r *mirror.Rule) { r.DestinationCIDR = prefix("10.0.0.1/8") }, `destination_cidr_block is "10.0.0.1/8", which has bits set after the prefix length. Write "10.0.0.0/8".`},
		"IPv6":                        {func(r *mirror.Rule) { r.SourceCIDR, r.DestinationCIDR = prefix("::/0"), prefix("2001:db8::/32") }, ""},
		"A0071: families":             {func(r *mirror.Rule) { r.SourceCIDR = prefix("::/0") }, `destination_cidr_block is 10.0.0.0/8, of another address family than source_cidr_block, ::/0. Write both as IPv4 or both as IPv6. To match IPv4 and IPv6, write one rule for each (0.0.0.0/0 matches no IPv6 packet, ::/0 matches no IPv4 packet).`},
		"A0070: port too high":        {func(r *mirror.Rule) { r.DestinationPorts.To = 65536 }, `destination_port_range.to_port is 65536. Write a whole number from 0 to 65535.`},
		"A0070: port too low":         {func(r *mirror.Rule) { r.DestinationPorts.From = -1 }, `destination_port_range.from_port is -1. Write a whole number from 0 to 65535.`},
		"A0070: ports reversed":       {func(r *mirror.Rule) { r.DestinationPorts.From = 444 }, `destination_port_range.from_port is 444, which is higher than to_port (443). Write the lower port as from_port.`},
		"every port":                  {func(r *mirror.Rule) { r.SourcePorts = &mirror.PortRange{From: 0, To: 65535} }, ""},
		"ports of UDP":                {func(r *mirror.Rule) { r.Protocol = new(mirror.UDP) }, ""},
		"A0070: ports of SCTP":        {func(r *mirror.Rule) { r.Protocol = new(mirror.Protocol(132)) }, `destination_port_range is set, but EC2 matches no ports for protocol sctp. Write protocol = "tcp" or "udp", one rule for each, or leave the port range out.`},
		"A0070: ports of no protocol": {func(r *mirror.Rule) { r.Protocol = nil }, `destination_port_range is set without a protocol. Write protocol = "tcp" or "udp", one rule for each, or leave the port range out.`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := rule(test.change).Validate().Error(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestFilterValidate(t *testing.T) {
	t.Parallel()
	filter := mirror.Filter{
		NetworkServices: []mirror.NetworkService{"amazon-dns", "ntp"},
		Rules: []mirror.Rule{
			rule(func(*mirror.Rule) {}),
			rule(func(r *mirror.Rule) { r.Direction = mirror.Egress }),
			rule(func(r *mirror.Rule) { r.Action = "drop" }),
		},
	}
	want := strings.Join([]string{
		`network_services[1] is "ntp". Write "amazon-dns".`,
		`rules[100 ingress].rule_action is "drop". Write "accept" or "reject".`,
		`rules[100 ingress].rule_number is used twice in direction ingress. Give each rule of a direction its own number.`,
	}, "\n")
	if got := filter.Validate().Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFilterInDirection(t *testing.T) {
	t.Parallel()
	filter := mirror.Filter{Rules: []mirror.Rule{
		{Number: 200, Direction: mirror.Ingress}, {Number: 1000, Direction: mirror.Ingress},
		{Number: 5, Direction: mirror.Egress}, {Number: 30, Direction: mirror.Ingress},
	}}
	var numbers []int
	for _, r := range filter.InDirection(mirror.Ingress) {
		numbers = append(numbers, r.Number)
	}
	if len(numbers) != 3 || numbers[0] != 30 || numbers[1] != 200 || numbers[2] != 1000 {
		t.Errorf("the ingress rules are tried in the order %v", numbers)
	}
}

func TestSessionValidate(t *testing.T) {
	t.Parallel()
	const eni, tmt, tmf = "eni-0123456789abcdef0", "tmt-0123456789abcdef0", "tmf-0123456789abcdef0"
	session := func(number, length, vni int) mirror.Session {
		return mirror.Session{InterfaceID: eni, TargetID: tmt, FilterID: tmf, Number: number, PacketLength: new(length), VirtualNetworkID: new(vni)}
	}
	for name, test := range map[string]struct {
		session mirror.Session
		want    string
	}{
		"lowest":                {session(1, 55, 1), ""},
		"highest":               {session(32766, 8500, 16777215), ""},
		"unset":                 {mirror.Session{InterfaceID: eni, TargetID: tmt, FilterID: tmf, Number: 1}, ""},
		"number":                {session(32767, 100, 1), "session_number is 32767. Write a whole number from 1 to 32766."},
		"length 0":              {session(1, 0, 1), "packet_length is 0. Write a whole number from 1 to 8500."},
		"length too high":       {session(1, 8501, 1), "packet_length is 8501. Write a whole number from 1 to 8500."},
		"A0002: VNI 0":          {session(1, 100, 0), "virtual_network_id is 0. Write a whole number from 1 to 16777215."},
		"A0002: VNI of 25 bits": {session(1, 100, 16777216), "virtual_network_id is 16777216. Write a whole number from 1 to 16777215."},
		"A0072: length 34":      {session(1, 34, 1), "packet_length is 34, which is too short for the Ethernet and IP headers and one byte more: AWS documents a minimum of 35 bytes for IPv4 and 55 for IPv6. Write at least 35."},
		"A0072: length 54":      {session(1, 54, 1), "packet_length is 54, which is too short for the Ethernet and IPv6 headers and one byte more: AWS documents a minimum of 35 bytes for IPv4 and 55 for IPv6. Write at least 55."},
		"wrong IDs": {mirror.Session{InterfaceID: tmt, TargetID: "tmt-123", Number: 1},
			"network_interface_id is \"tmt-0123456789abcdef0\". Write the ID of a network interface: \"eni-\" and 17 hexadecimal digits.\n" +
				"traffic_mirror_target_id is \"tmt-123\". Write the ID of a traffic mirror target: \"tmt-\" and 17 hexadecimal digits.\n" +
				"traffic_mirror_filter_id is missing. Write the ID of a traffic mirror filter: \"tmf-\" and 17 hexadecimal digits."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.session.Validate().Error(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestTargetValidate(t *testing.T) {
	t.Parallel()
	const (
		eni  = "eni-0123456789abcdef0"
		nlb  = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/sensors/0123456789abcdef"
		vpce = "vpce-0123456789abcdef0"
		one  = "Set exactly one of network_interface_id, network_load_balancer_arn and gateway_load_balancer_endpoint_id."
		form = `Write the ARN of a Network Load Balancer, "arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/net/NAME/ID".`
	)
	swap := func(kind string) string { return strings.Replace(nlb, "/net/", "/"+kind+"/", 1) }
	for name, test := range map[string]struct {
		target mirror.Target
		want   string
	}{
		"interface": {mirror.Target{InterfaceID: eni}, ""},
		"NLB":       {mirror.Target{LoadBalancerARN: nlb}, ""},
		"China":     {mirror.Target{LoadBalancerARN: strings.Replace(nlb, "arn:aws:", "arn:aws-cn:", 1)}, ""},
		"endpoint":  {mirror.Target{GatewayLoadBalancerEndpointID: vpce}, ""},
		"none":      {mirror.Target{}, "the target has no network interface, load balancer or endpoint. " + one},
		"two":       {mirror.Target{InterfaceID: eni, GatewayLoadBalancerEndpointID: vpce}, "gateway_load_balancer_endpoint_id is set together with network_interface_id. " + one},
		"three":     {mirror.Target{InterfaceID: eni, LoadBalancerARN: nlb, GatewayLoadBalancerEndpointID: vpce}, "network_load_balancer_arn is set together with network_interface_id and gateway_load_balancer_endpoint_id. " + one},
		"ALB":       {mirror.Target{LoadBalancerARN: swap("app")}, `network_load_balancer_arn is "` + swap("app") + `", the ARN of an Application Load Balancer. ` + form},
		"GWLB":      {mirror.Target{LoadBalancerARN: swap("gwy")}, `network_load_balancer_arn is "` + swap("gwy") + `", the ARN of a Gateway Load Balancer. Set gateway_load_balancer_endpoint_id to the ID of its endpoint in the VPC of the source instead.`},
		"no ARN":    {mirror.Target{LoadBalancerARN: "sensors"}, `network_load_balancer_arn is "sensors", which is not the ARN of a load balancer. ` + form},
		"instance":  {mirror.Target{InterfaceID: "i-0123456789abcdef0"}, `network_interface_id is "i-0123456789abcdef0". Write the ID of a network interface: "eni-" and 17 hexadecimal digits.`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.target.Validate().Error(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestParseCIDR(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"10.0.0.0/8":          "",
		"2001:DB8:0::/32":     "",
		"10.0.0.1":            `cidr is "10.0.0.1", which is not a CIDR block. Write "10.0.0.1/32" for this one address.`,
		"2001:db8::1":         `cidr is "2001:db8::1", which is not a CIDR block. Write "2001:db8::1/128" for this one address.`,
		"10.0.0.0/33":         `cidr is "10.0.0.0/33", which is not a CIDR block. Write a prefix such as "10.0.0.0/8" or "2001:db8::/32".`,
		"::ffff:10.0.0.0/104": `cidr is "::ffff:10.0.0.0/104", which is not a CIDR block. Write a prefix such as "10.0.0.0/8" or "2001:db8::/32".`,
		"":                    `cidr is missing. Write a prefix, "0.0.0.0/0" for every IPv4 address or "::/0" for every IPv6 address.`,
	} {
		_, ps := mirror.ParseCIDR("cidr", text)
		if ps.Error() != want {
			t.Errorf("%q: got %s, want %s", text, ps.Error(), want)
		}
	}
}

func TestParseProtocol(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]mirror.Protocol{
		"tcp": 6, "TCP": 6, "6": 6, "udp": 17, "icmp": 1, "icmpv6": 58, "0": 0, "255": 255, "sctp": 132,
	} {
		got, ps := mirror.ParseProtocol("protocol", text)
		if got != want || ps != nil {
			t.Errorf("%q is %d (%v), want %d", text, got, ps, want)
		}
	}
	for text, fix := range map[string]string{
		"256": "Write a protocol number from 0 to 255 or a name", "06": "Write a protocol number", "": "Write a protocol number",
		"tcpip": "Write a protocol number", "-1": "Leave it out to match every protocol.", "all": "Leave it out to match every protocol.",
	} {
		if _, ps := mirror.ParseProtocol("protocol", text); len(ps) != 1 || !strings.Contains(ps[0].Fix, fix) {
			t.Errorf("%q: got %v, want a problem with %q", text, ps, fix)
		}
	}
	if _, ps := mirror.ParseRuleProtocol("protocol", "0"); ps.Error() != `protocol is 0. To match every protocol, leave it out, or write null. For HOPOPT, the protocol with the number 0, write "hopopt".` {
		t.Errorf("0 in a rule: %v", ps)
	}
	for _, name := range mirror.ProtocolNames() {
		if p, ps := mirror.ParseProtocol("protocol", name); ps != nil || p.String() != name {
			t.Errorf("%q reads as %v (%v)", name, p, ps)
		}
	}
}

func TestParseRuleNumber(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"1": "", "32766": "",
		"0100":  `has a key with leading zeros or a sign. Write "100".`,
		"0":     `has a key outside of the range of rule numbers. Write a whole number from 1 to 32766, such as "100".`,
		"32767": `has a key outside of the range of rule numbers. Write a whole number from 1 to 32766, such as "100".`,
		"1.5":   `has a key that is not a rule number. Write a whole number from 1 to 32766, such as "100".`,
		"ssh":   `has a key that is not a rule number. Write a whole number from 1 to 32766, such as "100".`,
	} {
		if _, ps := mirror.ParseRuleNumber(key); ps.Error() != want {
			t.Errorf("%q: got %s, want %s", key, ps.Error(), want)
		}
	}
}

func TestValidateTags(t *testing.T) {
	t.Parallel()
	many := map[string]string{}
	for i := range 51 {
		many[strings.Repeat("k", i+1)] = "v"
	}
	for name, test := range map[string]struct {
		tags map[string]string
		want string
	}{
		"longest":   {map[string]string{strings.Repeat("é", 128): strings.Repeat("é", 256)}, ""},
		"too many":  {many, "tags has 51 tags. Write at most 50."},
		"long key":  {map[string]string{strings.Repeat("k", 129): ""}, `tags["` + strings.Repeat("k", 129) + `"] has a key of 129 characters. Write a key of 1 to 128 characters.`},
		"long text": {map[string]string{"k": strings.Repeat("v", 257)}, `tags["k"] has a value of 257 characters. Write a value of at most 256 characters.`},
		"empty key": {map[string]string{"": "v"}, `tags[""] is an empty key. Write a key of 1 to 128 characters.`},
		"reserved":  {map[string]string{"AWS:x": "v"}, `tags["AWS:x"] begins with "aws:", which AWS reserves. Write another key.`},
	} {
		if got := mirror.ValidateTags(test.tags).Error(); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}

func TestProblemRests(t *testing.T) {
	t.Parallel()
	ps := rule(func(r *mirror.Rule) { r.Protocol = nil }).Validate().Below("rules[1]")
	if len(ps) != 1 {
		t.Fatalf("got %v", ps)
	}
	for field, want := range map[string]bool{
		"rules[1].destination_port_range": true, "rules[1].protocol": true, "rules[1]": true, "rules": true,
		"rules[1].source_port_range": false, "rules[1].proto": false, "rules[2]": false,
	} {
		if got := ps[0].DependsOn(field); got != want {
			t.Errorf("rests on %s: %t, want %t", field, got, want)
		}
	}
}

func TestProblemsErr(t *testing.T) {
	t.Parallel()
	warning := mirror.Problem{Kind: mirror.Warning, Field: "a", Wrong: "is odd"}
	wrong := mirror.Problem{Kind: mirror.Invalid, Field: "b", Wrong: "is wrong"}
	if err := (mirror.Problems{warning}).Err(); err != nil {
		t.Errorf("a warning alone is an error: %v", err)
	}
	if err := (mirror.Problems{warning, wrong}).Err(); err == nil || err.Error() != "b is wrong" {
		t.Errorf("got %v", err)
	}
}

func TestMAC(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"02:00:00:00:0a:FF", "02-00-00-00-0a-ff"} {
		if m, err := mirror.ParseMAC(text); err != nil || m.String() != "02:00:00:00:0a:ff" {
			t.Errorf("%s: %v, %v", text, m, err)
		}
	}
	for _, text := range []string{"", "02:00:00:00:00", "02:00:00:00:00:0g", "0200.0000.0001", "2:0:0:0:0:1"} {
		if m, err := mirror.ParseMAC(text); err == nil {
			t.Errorf("%q reads as %v", text, m)
		}
	}
}
