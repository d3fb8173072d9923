package pseudonym_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/pseudonym"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

var key = []byte("a key of this test")

// world makes random files and packets.
type world struct{ *rand.Rand }

func newWorld(seed uint64) world { return world{rand.New(rand.NewPCG(seed, 0))} }

func (w world) addr(ipv6 bool) netip.Addr {
	text := []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.169.253/32", "224.0.0.0/4", "8.0.0.0/6", "200.0.0.0/5"}[w.IntN(8)]
	if ipv6 {
		text = []string{"2001:db8::/32", "2600:1f18::/28", "fd00::/8", "fd00:ec2::253/128", "fe80::/10", "ff02::/16"}[w.IntN(6)]
	}
	return w.in(netip.MustParsePrefix(text))
}

// in returns an address of a block.
func (w world) in(block netip.Prefix) netip.Addr {
	b := block.Addr().AsSlice()
	for i := block.Bits(); i < len(b)*8; i++ {
		if w.IntN(2) == 1 {
			b[i/8] ^= 0x80 >> (i % 8)
		}
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

func (w world) block(a netip.Addr) netip.Prefix {
	p, _ := a.Prefix(w.IntN(a.BitLen() + 1))
	return p
}

// pool returns addresses that packets and rules share, so that they match.
func (w world) pool(vpc netip.Prefix) []netip.Addr {
	resolver := vpc.Addr().Next().Next()
	list := []netip.Addr{resolver, w.in(vpc), w.in(vpc), netip.MustParseAddr("169.254.169.253")}
	for range 4 {
		list = append(list, w.addr(false), w.addr(true))
	}
	return list
}

func (w world) filter(pool []netip.Addr) mirror.Filter {
	f := mirror.Filter{ID: "tmf-00000000000000001"}
	if w.IntN(2) == 1 {
		f.NetworkServices = []mirror.NetworkService{mirror.AmazonDNS}
	}
	for n := range 1 + w.IntN(8) {
		src, dst := pool[w.IntN(len(pool))], pool[w.IntN(len(pool))]
		if src.Is4() != dst.Is4() {
			continue
		}
		f.Rules = append(f.Rules, mirror.Rule{
			ID: fmt.Sprintf("tmfr-%017x", n), Direction: mirror.Directions[w.IntN(2)], Number: 1 + n, Action: mirror.Actions[w.IntN(2)], SourceCIDR: w.block(src), DestinationCIDR: w.block(dst),
		})
	}
	return f
}

// file is a VPC with two interfaces, one of which is mirrored to the other.
func (w world) file(vpc netip.Prefix, pool []netip.Addr) *topology.File {
	own := w.in(vpc)
	return &topology.File{
		AccountID:         "210987654321",
		VPCs:              []topology.VPC{{ID: "vpc-00000000000000001", CIDRBlock: vpc}},
		NetworkInterfaces: []mirror.Interface{{ID: "eni-00000000000000001", PrivateIPAddress: own, PrivateIPAddresses: pool[1:3], MACAddress: mirror.MAC{2, 0, 0, 0, 0, 7}, Type: "interface"}},
		Filters:           []topology.TaggedFilter{{Filter: w.filter(pool)}},
	}
}

func source(t *testing.T, f *topology.File) *dataplane.Source {
	t.Helper()
	i := f.NetworkInterfaces[0]
	i.DNSResolverAddresses = []netip.Addr{f.VPCs[0].CIDRBlock.Addr().Next().Next()}
	s, err := dataplane.New(i, []dataplane.Session{{Session: mirror.Session{Number: 1}, Target: mirror.Endpoint{Type: mirror.NetworkInterface}, Filter: f.Filters[0].Filter}}, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// verdictOf decides about a packet without a stated direction.
func verdictOf(t *testing.T, s *dataplane.Source, spec packet.Spec) string {
	t.Helper()
	frame, err := packet.Build(spec)
	if err != nil {
		return err.Error()
	}
	var p packet.Packet
	p.Decode(frame, packet.LinkEthernet)
	v := s.Process(&p, "")
	return fmt.Sprintf("%s %s rule %d %s %d bytes", v.Outcome, v.Direction, v.RuleNumber, v.Reason, v.Bytes)
}

// A packet whose addresses are replaced gets the verdict of the original one.
func TestFile_verdicts(t *testing.T) {
	t.Parallel()
	outcomes := map[string]int{}
	for seed := range uint64(150) {
		w := newWorld(seed)
		classes := []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "203.0.113.0/20"}
		vpc, _ := w.in(netip.MustParsePrefix(classes[w.IntN(len(classes))]).Masked()).Prefix(16 + w.IntN(9))
		pool := w.pool(vpc)
		before := w.file(vpc, pool)
		m := pseudonym.New(key, before)
		first, second := source(t, before), source(t, m.File(before))
		own := before.NetworkInterfaces[0].MACAddress
		for range 40 {
			spec := packet.Spec{Protocol: 17, Source: pool[w.IntN(len(pool))], Destination: pool[w.IntN(len(pool))], SourcePort: new(uint16(5353)), DestinationPort: new(uint16(53))}
			if w.IntN(2) == 1 {
				spec.SourceMAC = own
			} else {
				spec.DestinationMAC = own
			}
			after := spec
			after.Source, after.Destination = m.Address(spec.Source), m.Address(spec.Destination)
			after.SourceMAC, after.DestinationMAC = m.MAC(spec.SourceMAC), m.MAC(spec.DestinationMAC)
			want, got := verdictOf(t, first, spec), verdictOf(t, second, after)
			if got != want && spec.Source.Is4() == spec.Destination.Is4() {
				t.Fatalf("seed %d, %s to %s, after %s to %s:\n got %s\nwant %s", seed, spec.Source, spec.Destination, after.Source, after.Destination, got, want)
			}
			outcomes[strings.Join(strings.Fields(want)[:1], " ")]++
		}
	}
	if len(outcomes) < 3 {
		t.Errorf("the packets had only these outcomes: %v", outcomes)
	}
}

// Blocks keep their length and what is in them, classes stay, and the addresses that mean the same
// to everybody stay.
func TestMap_addresses(t *testing.T) {
	t.Parallel()
	for seed := range uint64(600) {
		w := newWorld(seed)
		m := pseudonym.New(key, &topology.File{})
		a := w.addr(w.IntN(2) == 1)
		p := w.block(a)
		b := w.in(p)
		after := m.Prefix(p)
		if after.Bits() != p.Bits() || after != after.Masked() && p == p.Masked() {
			t.Fatalf("%s becomes %s", p, after)
		}
		if !after.Contains(m.Address(b)) || p.Contains(a) != after.Contains(m.Address(a)) {
			t.Fatalf("%s has %s, and %s has not %s", p, b, after, m.Address(b))
		}
		if a.IsPrivate() != m.Address(a).IsPrivate() || a.IsMulticast() != m.Address(a).IsMulticast() {
			t.Fatalf("%s becomes %s, of another class", a, m.Address(a))
		}
		isFixed := a.IsMulticast() || a.IsLinkLocalUnicast() || a == netip.MustParseAddr("fd00:ec2::253")
		if (m.Address(a) == a) != isFixed {
			t.Fatalf("%s becomes %s", a, m.Address(a))
		}
	}
}

func TestMap_addressesThatStay(t *testing.T) {
	t.Parallel()
	m := pseudonym.New(key, &topology.File{})
	for _, text := range []string{"0.0.0.0/0", "::/0", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.169.253/32", "224.0.0.0/4", "255.255.255.255/32", "fe80::/10", "0.0.0.0/32", "fd00:ec2::254/128"} {
		if got := m.Prefix(netip.MustParsePrefix(text)).String(); got != text {
			t.Errorf("%s becomes %s", text, got)
		}
	}
}

// Over many keys, each bit of the block of a VPC is inverted about as often as it is not, so that
// a replacement says nothing of it. What stays is the first bit that is set after the block.
func TestMap_unbiased(t *testing.T) {
	t.Parallel()
	const keys = 600
	vpc, subnet := netip.MustParsePrefix("10.0.0.0/16"), netip.MustParsePrefix("10.0.80.0/20")
	inverted := map[int]int{}
	for n := range keys {
		m := pseudonym.New(fmt.Appendf(nil, "the key number %d", n), &topology.File{VPCs: []topology.VPC{{CIDRBlock: vpc}}})
		after := m.Prefix(subnet).Addr().As4()
		if m.Prefix(vpc) == vpc || after[2]&0xcf != 0x40 {
			t.Fatalf("%s becomes %s, and %s becomes %s", vpc, m.Prefix(vpc), subnet, m.Prefix(subnet))
		}
		for bit := range 8 {
			inverted[8+bit] += int(after[1] >> (7 - bit) & 1)
		}
		inverted[18] += int(after[2] >> 5 & 1)
		inverted[19] += int(after[2] >> 4 & 1)
	}
	for bit, n := range inverted {
		if n < keys*2/5 || n > keys*13/20 {
			t.Errorf("bit %d is inverted for %d of %d keys", bit, n, keys)
		}
	}
}

// The resolver of a VPC stays the third address of its block.
func TestMap_resolver(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"10.0.0.0/16", "10.20.128.0/17", "172.31.0.0/16", "192.168.0.0/16", "192.168.7.0/24", "10.0.0.128/25"} {
		block := netip.MustParsePrefix(text)
		m := pseudonym.New(key, &topology.File{VPCs: []topology.VPC{{CIDRBlock: block}}})
		got, want := m.Address(block.Addr().Next().Next()), m.Prefix(block).Addr().Next().Next()
		if got != want {
			t.Errorf("the resolver of %s, which becomes %s, becomes %s", text, m.Prefix(block), got)
		}
	}
}

// Texts keep their structure.
func TestMap_text(t *testing.T) {
	t.Parallel()
	m := pseudonym.New(key, &topology.File{})
	const arn = "arn:aws:elasticloadbalancing:us-east-1:210987654321:loadbalancer/net/acme-sensors/0123456789abcdef"
	account, name, id := m.Text("210987654321"), m.Text("acme-sensors"), m.Text("0123456789abcdef")
	for text, want := range map[string]string{
		"":        "",
		"*":       "*",
		"default": "default",
		"local":   "local",
		arn:       "arn:aws:elasticloadbalancing:us-east-1:" + account + ":loadbalancer/net/" + name + "/" + id,
		strings.Replace(arn, "loadbalancer", "listener", 1) + "/fedcba9876543210": "arn:aws:elasticloadbalancing:us-east-1:" + account + ":listener/net/" + name + "/" + id + "/" + m.Text("fedcba9876543210"),
		"ELB net/acme-sensors/0123456789abcdef":                                   "ELB net/" + name + "/" + id,
		"VPC Endpoint Interface vpce-0123456789abcdef0":                           "VPC Endpoint Interface " + m.Text("vpce-0123456789abcdef0"),
		"arn:aws:iam::210987654321:instance-profile/web/acme-sensors":             "arn:aws:iam::" + account + ":instance-profile/" + m.Text("web") + "/" + name,
		"arn:aws:iam::aws:policy/x":                                               "arn:aws:iam::aws:" + m.Text("policy") + "/" + m.Text("x"),
		"com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0":                 "com.amazonaws.vpce.eu-west-1." + m.Text("vpce-svc-0123456789abcdef0"),
		"cn.com.amazonaws.vpce.cn-north-1.vpce-svc-0123456789abcdef0":             "cn.com.amazonaws.vpce.cn-north-1." + m.Text("vpce-svc-0123456789abcdef0"),
		"10.1.2.3":      m.Address(netip.MustParseAddr("10.1.2.3")).String(),
		"/acme-sensors": "/" + name,
	} {
		if got := m.Text(text); got != want {
			t.Errorf("%q becomes\n     %q\n not %q", text, got, want)
		}
	}
	for text, form := range map[string]string{"i-12345678": "i-", "i-0123456789abcdef0": "i-", "acme-0123abcd": "anon-", "a@example.com": "anon-", "com.amazonaws.acme.secret": "anon-", "com.amazonaws.eu-west-1.acme": "anon-", "arn:acme:ec2:eu-west-1:210987654321:vpc/x": "anon-", "arn:aws:acme:eu-west-1:210987654321:vpc/x": "anon-", "arn:aws:ec2:acme:210987654321:vpc/x": "anon-", "arn:acme": "anon-"} {
		if got := m.Text(text); !strings.HasPrefix(got, form) || got == text || strings.HasPrefix(text, form) && len(got) != len(text) {
			t.Errorf("%q becomes %q", text, got)
		}
	}
	if other := pseudonym.New([]byte("another key"), &topology.File{}); other.Text("acme-sensors") == name {
		t.Error("another key gives the same name")
	}
}

// Account IDs and object IDs that differ get replacements that differ.
func TestMap_permutes(t *testing.T) {
	t.Parallel()
	m := pseudonym.New(key, &topology.File{})
	for _, form := range []string{"%012d", "i-%08x", "eni-%017x"} {
		seen := map[string]string{}
		for n := range 2000 {
			text := fmt.Sprintf(form, n)
			after := m.Text(text)
			if first, twice := seen[after]; twice {
				t.Fatalf("%s and %s both become %s", first, text, after)
			}
			seen[after] = text
		}
	}
}

// whole has something in each list of a file, and names in each place for one.
const whole = `{
  "account_id": "210987654321", "region": "us-east-1", "not_read": ["target_groups"],
  "vpcs": [{"id": "vpc-0aaaaaaaaaaaaaaa1", "owner_id": "210987650001", "cidr_block": "10.77.0.0/16", "additional_cidr_blocks": ["100.70.0.0/16"], "ipv6_cidr_block": "2600:1f18:77::/56", "tags": {"Name": "acme-vpc", "acme-key": "acme-tag"}}],
  "subnets": [{"id": "subnet-0aaaaaaaaaaaaaaa1", "vpc_id": "vpc-0aaaaaaaaaaaaaaa1", "cidr_block": "10.77.9.0/24", "availability_zone": "us-east-1a", "tags": {"aws:cloudformation:stack-name": "acme-stack"}}],
  "instances": [{"id": "i-0aaaaaaaaaaaaaaa1", "instance_type": "m5.large", "state": "running", "image_id": "ami-0aaaaaaaaaaaaaaa1", "key_name": "acme-operator",
    "iam_instance_profile": "arn:aws:iam::210987654321:instance-profile/acme/profile", "launch_time": "2026-04-01T12:00:00Z",
    "metadata_options": {"http_tokens": "required", "http_endpoint": "disabled"}}],
  "network_interfaces": [{"id": "eni-0aaaaaaaaaaaaaaa1", "owner_id": "210987650002", "subnet_id": "subnet-0aaaaaaaaaaaaaaa1", "interface_type": "interface", "description": "acme-interface", "requester_id": "210987650003",
    "mac_address": "02:aa:bb:cc:dd:01", "private_ip_address": "10.77.9.10", "private_ip_addresses": ["10.77.9.11"], "ipv6_addresses": ["2600:1f18:77::10"], "ipv4_prefixes": ["10.77.9.16/28"]}],
  "network_load_balancers": [{"arn": "arn:aws:elasticloadbalancing:us-east-1:210987654321:loadbalancer/net/acme-short/0aaaaaaaaaaaaaa1", "ip_address": "10.77.8.5", "appliances": [{"ip_address": "10.77.8.6"}]}],
  "gateway_load_balancer_endpoints": [{"id": "vpce-0aaaaaaaaaaaaaaa1", "service_name": "com.amazonaws.vpce.us-east-1.vpce-svc-0aaaaaaaaaaaaaaa1", "ip_address": "10.77.8.9", "network_interface_id": "eni-0aaaaaaaaaaaaaaa9"}],
  "shared_targets": [{"id": "tmt-0aaaaaaaaaaaaaaa1", "owner_id": "210987650004", "network_interface_id": "eni-0aaaaaaaaaaaaaaa2", "description": "acme-shared"}],
  "traffic_mirror_targets": [{"id": "tmt-0aaaaaaaaaaaaaaa2", "network_load_balancer_arn": "arn:aws:elasticloadbalancing:us-east-1:210987654321:loadbalancer/net/acme-long/0aaaaaaaaaaaaaa2"}],
  "traffic_mirror_filters": [{"id": "tmf-0aaaaaaaaaaaaaaa1", "description": "acme-filter", "network_services": ["amazon-dns"], "rules": [{"id": "tmfr-0aaaaaaaaaaaaaaa1", "traffic_direction": "ingress", "rule_number": 1,
    "rule_action": "accept", "source_cidr_block": "10.76.0.0/15", "destination_cidr_block": "203.0.113.0/24", "description": "acme-rule"}], "rule_tags": {"tmfr-0aaaaaaaaaaaaaaa1": {"team": "acme-team"}}}],
  "traffic_mirror_sessions": [{"id": "tms-0aaaaaaaaaaaaaaa1", "network_interface_id": "eni-0aaaaaaaaaaaaaaa1", "traffic_mirror_target_id": "tmt-0aaaaaaaaaaaaaaa2",
    "traffic_mirror_filter_id": "tmf-0aaaaaaaaaaaaaaa1", "session_number": 1, "virtual_network_id": 7, "description": "acme-session"}],
  "security_groups": [{"id": "sg-0aaaaaaaaaaaaaaa1", "vpc_id": "vpc-0aaaaaaaaaaaaaaa1", "name": "default", "description": "acme-group", "rules": [
    {"id": "sgr-0aaaaaaaaaaaaaaa1", "direction": "ingress", "protocol": 17, "from_port": 4789, "to_port": 4789, "cidr_block": "10.77.9.0/24", "description": "acme-group-rule"}]}],
  "network_acls": [{"id": "acl-0aaaaaaaaaaaaaaa1", "vpc_id": "vpc-0aaaaaaaaaaaaaaa1", "subnet_ids": ["subnet-0aaaaaaaaaaaaaaa1"], "association_ids": {"subnet-0aaaaaaaaaaaaaaa1": "aclassoc-0aaaaaaaaaaaaaaa1"}, "entries": [
    {"rule_number": 100, "protocol": -1, "cidr_block": "0.0.0.0/0", "from_port": -1, "to_port": -1}]}],
  "internet_gateways": [{"id": "igw-0aaaaaaaaaaaaaaa1", "vpc_id": "vpc-0aaaaaaaaaaaaaaa1", "tags": {"Name": "acme-way"}}],
  "route_tables": [{"id": "rtb-0aaaaaaaaaaaaaaa1", "vpc_id": "vpc-0aaaaaaaaaaaaaaa1", "main": true, "gateway_ids": ["igw-0aaaaaaaaaaaaaaa1"],
    "association_ids": {"igw-0aaaaaaaaaaaaaaa1": "rtbassoc-0aaaaaaaaaaaaaaa1", "vpc-0aaaaaaaaaaaaaaa1": "rtbassoc-0aaaaaaaaaaaaaaa2"}, "routes": [{"destination_cidr_block": "10.88.0.0/16", "target": "pcx-0aaaaaaaaaaaaaaa1"}]}],
  "vpc_peering_connections": [{"id": "pcx-0aaaaaaaaaaaaaaa1", "requester": {"vpc_id": "vpc-0aaaaaaaaaaaaaaa1", "owner_id": "210987654321", "region": "us-east-1"}, "accepter": {"vpc_id": "vpc-0aaaaaaaaaaaaaaa2", "owner_id": "210987650005",
    "region": "us-east-1", "cidr_blocks": ["10.88.0.0/16"]}}],
  "load_balancers": [{"arn": "arn:aws:elasticloadbalancing:us-east-1:210987654321:loadbalancer/net/acme-long/0aaaaaaaaaaaaaa2", "name": "acme-long", "type": "network", "scheme": "internal",
    "attributes": {"access_logs.s3.bucket": "acme-bucket", "deletion_protection.enabled": "true"},
    "listeners": [{"arn": "arn:aws:elasticloadbalancing:us-east-1:210987654321:listener/net/acme-long/0aaaaaaaaaaaaaa2/0aaaaaaaaaaaaaa3", "protocol": "TLS", "port": 4789, "certificate": "arn:aws:acm:us-east-1:210987654321:certificate/acme-certificate",
      "security_policy": "ELBSecurityPolicy-2016-08", "alpn_policy": "HTTP2Preferred", "attributes": {"tcp.idle_timeout.seconds": "4242"}, "target_groups": ["arn:aws:elasticloadbalancing:us-east-1:210987654321:targetgroup/acme-group/0aaaaaaaaaaaaaa4"]}]}],
  "target_groups": [{"arn": "arn:aws:elasticloadbalancing:us-east-1:210987654321:targetgroup/acme-group/0aaaaaaaaaaaaaa4", "name": "acme-group", "protocol": "UDP", "target_type": "ip", "port": 4789,
    "health_check": {"protocol": "HTTP", "port": "traffic-port", "path": "/acme-health"}, "targets": [{"id": "10.77.8.6", "availability_zone": "us-east-1a", "health": "healthy", "description": "acme-text"}]}],
  "vpc_endpoint_services": [{"id": "vpce-svc-0aaaaaaaaaaaaaaa1", "name": "com.amazonaws.vpce.us-east-1.vpce-svc-0aaaaaaaaaaaaaaa1", "allowed_principals": ["arn:aws:iam::210987650006:root"]}]
}`

// stays are the texts of whole that are words of AWS, or not about the account.
var stays = []string{
	"us-east-1", "us-east-1a", "target_groups", "m5.large", "running", "2026-04-01T12:00:00Z", "interface", "amazon-dns", "ingress", "accept", "default", "0.0.0.0/0", "network", "internal",
	"true", "UDP", "TLS", "required", "disabled", "ELBSecurityPolicy-2016-08", "HTTP2Preferred", "4242", "ip", "HTTP", "traffic-port", "healthy",
}

// texts returns the texts and the keys of tags of a JSON value.
func texts(v any) []string {
	var list []string
	switch v := v.(type) {
	case string:
		list = append(list, v)
	case []any:
		for _, item := range v {
			list = append(list, texts(item)...)
		}
	case map[string]any:
		for k, item := range v {
			if k == "tags" || k == "rule_tags" {
				for key := range item.(map[string]any) {
					list = append(list, key)
				}
			}
			list = append(list, texts(item)...)
		}
	}
	return list
}

// Of the original nothing remains that names the account, and the result is a topology file.
func TestFile_nothingRemains(t *testing.T) {
	t.Parallel()
	before, err := topology.Parse([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	after, err := topology.Encode(pseudonym.New(key, before).File(before))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := topology.Parse(after); err != nil {
		t.Errorf("the result is no topology file: %v\n%s", err, after)
	}
	var original any
	if err := json.Unmarshal([]byte(whole), &original); err != nil {
		t.Fatal(err)
	}
	all := texts(original)
	if len(all) < 100 {
		t.Fatalf("the file has only %d texts", len(all))
	}
	for _, text := range all {
		isKept := slices.Contains(stays, text) || text == "Name" || strings.HasPrefix(text, "aws:")
		if !isKept && strings.Contains(string(after), text) {
			t.Errorf("%q is still there", text)
		}
		if isKept && !strings.Contains(string(after), `"`+text+`"`) {
			t.Errorf("%q is not there any more", text)
		}
	}
	for _, part := range []string{"acme", "210987", "aaaaaaaa", "10.77.", "100.70.", "10.88.", "203.0.113."} {
		if strings.Contains(string(after), part) {
			t.Errorf("%q is still there:\n%s", part, after)
		}
	}
}

// Relations stay: the references of the result name its objects.
func TestFile_relations(t *testing.T) {
	t.Parallel()
	before, err := topology.Parse([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	f := pseudonym.New(key, before).File(before)
	for name, pair := range map[string][2]string{
		"VPC":           {f.Subnets[0].VPCID, f.VPCs[0].ID},
		"load balancer": {f.Targets[0].LoadBalancerARN, f.LoadBalancers[0].ARN},
		"target group":  {f.LoadBalancers[0].Listeners[0].TargetGroups[0], f.TargetGroups[0].ARN},
		"appliance":     {f.TargetGroups[0].Targets[0].ID, f.NetworkLoadBalancers[0].Appliances[0].IPAddress.String()},
		"service":       {f.GatewayLoadBalancerEndpoints[0].ServiceName, f.EndpointServices[0].Name},
		"connection":    {f.RouteTables[0].Routes[0].Target, f.PeeringConnections[0].ID},
		"route":         {f.RouteTables[0].Routes[0].Destination.String(), f.PeeringConnections[0].Accepter.CIDRs[0].String()},
		"gateway":       {f.RouteTables[0].Gateways[0], f.InternetGateways[0].ID},
		"attribute":     {f.LoadBalancers[0].Attributes["deletion_protection.enabled"], "true"},
	} {
		if pair[0] != pair[1] || pair[0] == "" {
			t.Errorf("%s: %s is not %s", name, pair[0], pair[1])
		}
	}
	if _, tagged := f.Filters[0].RuleTags[f.Filters[0].Rules[0].ID]; !tagged {
		t.Errorf("the tags of the rule are those of %v", f.Filters[0].RuleTags)
	}
	again, _ := topology.Encode(pseudonym.New(key, before).File(before))
	if first, _ := topology.Encode(f); string(first) != string(again) {
		t.Error("the same key gives another file")
	}
	if before.AccountID != "210987654321" || before.VPCs[0].Tags["Name"] != "acme-vpc" {
		t.Error("the original has changed")
	}
}

// hardNames are names that are words of ARNs, numbers, or look like something else.
var hardNames = []string{
	"app", "net", "gwy", "role", "user", "vpc", "subnet", "instance", "root", "listener", "loadbalancer", "targetgroup", "instance-profile", "security-group", "arn", "aws", "true", "off", "none",
	"210987654321", "42", "0123456789abcdef", "i-0123456789abcdef0", "aa-bb-cc-dd-ee-ff", "vpce-svc-0123456789abcdef0", "us-east-1", "UDP", "active", "network", "internal",
}

// Whatever names and IDs are called, the result is a topology file, and has no name left.
func TestFile_hardNames(t *testing.T) {
	t.Parallel()
	for _, first := range hardNames {
		for _, second := range hardNames {
			const arn = "arn:aws:elasticloadbalancing:eu-west-1:210987650001:"
			path := "/net/" + first + "/0aaaaaaaaaaaaaa1"
			text := fmt.Sprintf(`{"account_id": "210987650001",
				"vpcs": [{"id": "vpc-0aaaaaaaaaaaaaaa1", "cidr_block": "10.77.0.0/16"}],
				"instances": [{"id": "i-0aaaaaaaaaaaaaaa1", "instance_type": "m5.large", "iam_instance_profile": "arn:aws:iam::210987650001:instance-profile/%[1]s/%[2]s"}],
				"load_balancers": [{"arn": "%[3]sloadbalancer%[4]s", "name": "%[1]s", "attributes": {"access_logs.s3.bucket": "%[2]s", "access_logs.s3.prefix": "%[2]s", "access_logs.s3.enabled": "true"},
					"listeners": [{"arn": "%[3]slistener%[4]s/0aaaaaaaaaaaaaa2", "protocol": "UDP", "port": 4789, "target_groups": ["%[3]stargetgroup/%[2]s/0aaaaaaaaaaaaaa3"]}]}],
				"target_groups": [{"arn": "%[3]stargetgroup/%[2]s/0aaaaaaaaaaaaaa3", "name": "%[2]s", "protocol": "UDP", "port": 4789, "attributes": {"deregistration_delay.timeout_seconds": "42"}}]}`, first, second, arn, path)
			before, err := topology.Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			encoded, err := topology.Encode(pseudonym.New(key, before).File(before))
			if err != nil {
				t.Fatal(err)
			}
			f, err := topology.Parse(encoded)
			if err != nil {
				t.Fatalf("%s and %s: %v\n%s", first, second, err, encoded)
			}
			lb, group := f.LoadBalancers[0], f.TargetGroups[0]
			if lb.Name == first || group.Name == second || lb.Attributes["access_logs.s3.bucket"] == second || lb.Attributes["access_logs.s3.prefix"] == second {
				t.Errorf("%s and %s are still there: %s", first, second, encoded)
			}
			for _, part := range []string{path, "targetgroup/" + second, "profile/" + first, "/" + second + `"`} {
				if strings.Contains(string(encoded), part) {
					t.Errorf("%s is still there:\n%s", part, encoded)
				}
			}
			if lb.Listeners[0].TargetGroups[0] != group.ARN || lb.Attributes["access_logs.s3.enabled"] != "true" || group.Attributes["deregistration_delay.timeout_seconds"] != "42" {
				t.Errorf("relations and words do not stay: %s", encoded)
			}
		}
	}
}

// Only the field for the service of an endpoint keeps the names of services of AWS.
func TestFile_services(t *testing.T) {
	t.Parallel()
	const of = "com.amazonaws.eu-west-1.s3"
	f := &topology.File{GatewayLoadBalancerEndpoints: []topology.GatewayLoadBalancerEndpoint{{ServiceName: of, Tags: map[string]string{"Name": of}}}}
	if e := pseudonym.New(key, f).File(f).GatewayLoadBalancerEndpoints[0]; e.ServiceName != of || e.Tags["Name"] == of {
		t.Errorf("the endpoint is %+v", e)
	}
}
