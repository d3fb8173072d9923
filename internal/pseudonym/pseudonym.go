// Package pseudonym replaces what names an account in a topology file: account IDs, IDs of
// objects, ARNs, names, descriptions, tags, addresses and MAC addresses. The same text always gets
// the same replacement, so that relations stay. Prefixes keep their length, and what is in a
// prefix is in its replacement. So filters match the same packets, with the addresses replaced.
//
// It hides what is named, not how much there is of it: numbers of objects, ports, rules,
// Availability Zones and instance types stay. It reads and writes no files.
//
// The guide is docs/guides/rehearse.md.
package pseudonym

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// Map replaces texts and addresses. Two maps with the same key and the same VPCs are equal.
type Map struct {
	key   []byte
	vpcs  []netip.Prefix // whose first addresses stay the first: the VPC's resolver is one of them
	flips map[netip.Prefix]bool
}

// New returns a map for a file. Who has the key can compute the replacement of a text, and so
// find out which text was replaced.
func New(key []byte, f *topology.File) *Map {
	m := &Map{key: key, flips: map[netip.Prefix]bool{}}
	for _, v := range f.VPCs {
		m.vpcs = append(m.vpcs, v.Blocks(true)...)
	}
	for _, p := range f.PeeringConnections {
		m.vpcs = append(m.vpcs, slices.Concat(p.Requester.CIDRs, p.Accepter.CIDRs)...)
	}
	return m
}

// sum returns a hash of parts that only who has the key can compute.
func (m *Map) sum(parts ...string) []byte {
	h := hmac.New(sha256.New, m.key)
	for _, p := range parts {
		_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p)))) // a hash cannot fail
		_, _ = h.Write([]byte(p))
	}
	return h.Sum(nil)
}

// word returns a name in place of a text.
func (m *Map) word(text string) string { return "anon-" + hex.EncodeToString(m.sum("word", text)[:8]) }

// rounds is how many rounds of a Feistel network digits pass. Four are enough for a permutation that
// looks random
// (https://doi.org/10.1137/0217022).
const rounds = 8

// digits permutes the texts of a number of digits: no two get the same replacement.
func (m *Map) digits(context, text string, base int) string {
	half := len(text) / 2
	left, right := text[:half], text[half:]
	for round := range rounds {
		hash := m.sum("digits", context, strconv.Itoa(base), strconv.Itoa(len(text)), strconv.Itoa(round), right)
		left, right = right, added(left, binary.BigEndian.Uint64(hash), base)
	}
	return left + right
}

// added adds a number to digits, and keeps their count.
func added(text string, number uint64, base int) string {
	n, _ := strconv.ParseUint(text, base, 64) // only digits come here, at most 9
	size := uint64(1)
	for range text {
		size *= uint64(base)
	}
	sum := strconv.FormatUint((n+number%size)%size, base)
	return strings.Repeat("0", len(text)-len(sum)) + sum
}

// The forms of texts that have a structure.
var (
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	objectID  = regexp.MustCompile(`^([a-z]+(?:-[a-z]+)*-)([0-9a-f]{17}|[0-9a-f]{8})$`)
	balancing = regexp.MustCompile(`^[0-9a-f]{16}$`)
	balancer  = regexp.MustCompile(`^ELB (net|gwy|app)/([^/ ]+)/([0-9a-f]{16})$`)
	service   = regexp.MustCompile(`^((?:cn\.)?com\.amazonaws\.vpce\.` + region + `\.)(vpce-svc-(?:[0-9a-f]{17}|[0-9a-f]{8}))$`)
	awsNames  = regexp.MustCompile(`^(cn\.)?com\.amazonaws\.` + region + `\.[a-z0-9.-]+$`)
	partition = regexp.MustCompile(`^aws(-cn|-us-gov|-eusc|-iso(-[bef])?)?$`)
	arnRegion = regexp.MustCompile(`^(` + region + `)?$`)
)

// region is the form of the name of a Region.
const region = `[a-z]{2,5}(?:-[a-z]+){1,2}-[0-9]{1,2}`

// objectPrefixes begin the IDs of EC2. A name can have the same form with another beginning.
var objectPrefixes = []string{
	"acl-", "aclassoc-", "ami-", "cagw-", "cgw-", "dopt-", "eigw-", "eipalloc-", "eipassoc-", "eni-", "eni-attach-", "fl-", "i-", "igw-", "lgw-", "lt-", "nat-",
	"pcx-", "pl-", "r-", "rtb-", "rtbassoc-", "sg-", "sgr-", "snap-", "subnet-", "subnet-cidr-assoc-", "tgw-", "tgw-attach-", "tgw-rtb-", "tmf-", "tmfr-", "tms-",
	"tmt-", "vgw-", "vol-", "vpc-", "vpc-cidr-assoc-", "vpce-", "vpce-svc-", "vpn-",
}

// ownWords are words of AWS in places of names.
var ownWords = []string{"", "*", "default", "default VPC security group", mirror.LocalRoute}

const endpointInterface = "VPC Endpoint Interface "

// Text replaces a text: what has a structure keeps it.
func (m *Map) Text(text string) string {
	if slices.Contains(ownWords, text) {
		return text
	}
	if replaced, is := m.id(text); is {
		return replaced
	}
	if parts := balancer.FindStringSubmatch(text); parts != nil {
		return "ELB " + parts[1] + "/" + m.name(parts[2]) + "/" + m.name(parts[3])
	}
	if parts := service.FindStringSubmatch(text); parts != nil {
		return parts[1] + m.Text(parts[2])
	}
	return m.otherText(text)
}

// id replaces the ID of an account or of an object. It is not one for another text.
func (m *Map) id(text string) (replaced string, is bool) {
	switch parts := objectID.FindStringSubmatch(text); {
	case accountID.MatchString(text):
		return m.digits("account", text, 10), true
	case parts != nil && slices.Contains(objectPrefixes, parts[1]):
		return parts[1] + m.digits(parts[1], parts[2], 16), true
	case balancing.MatchString(text):
		return m.digits("balancing", text, 16), true
	}
	return "", false
}

// name replaces a name, or an ID in its place. A name that looks like something else, such as a MAC address,
// is a name.
func (m *Map) name(text string) string {
	if slices.Contains(ownWords, text) {
		return text
	}
	if replaced, is := m.id(text); is {
		return replaced
	}
	return m.word(text)
}

func (m *Map) otherText(text string) string {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return m.Address(a).String()
	}
	if p, err := netip.ParsePrefix(text); err == nil {
		return m.Prefix(p).String()
	}
	if mac, err := mirror.ParseMAC(text); err == nil {
		return m.MAC(mac).String()
	}
	if id, is := strings.CutPrefix(text, endpointInterface); is && mirror.KindEndpoint.Is(id) {
		return endpointInterface + m.Text(id)
	}
	if strings.HasPrefix(text, "arn:") {
		return m.arn(text)
	}
	if path, is := strings.CutPrefix(text, "/"); is {
		return "/" + m.Text(path)
	}
	return m.word(text)
}

// resourceTypes are the first words of resources in ARNs, by service. What follows them is a
// name, also where it is the same word.
var resourceTypes = map[string][]string{
	"ec2": {
		"instance", "network-interface", "security-group", "subnet", "traffic-mirror-filter", "traffic-mirror-filter-rule", "traffic-mirror-session",
		"traffic-mirror-target", "vpc", "vpc-endpoint", "vpc-endpoint-service",
	},
	"elasticloadbalancing": {"listener", "listener-rule", "loadbalancer", "targetgroup"},
	"iam":                  {"instance-profile", "role", "root", "user"},
}

// balancerTypes follow the first word of load balancers and of what belongs to one.
var balancerTypes = []string{"app", "gwy", "net"}

// arnParts are "arn", the partition, the service, the Region, the account and the resource of an ARN.
const arnParts = 6

// arn replaces the account and the names of an ARN. What only begins as an ARN does is a name.
func (m *Map) arn(text string) string {
	parts := strings.SplitN(text, ":", arnParts)
	if len(parts) < arnParts || resourceTypes[parts[2]] == nil || !partition.MatchString(parts[1]) || !arnRegion.MatchString(parts[3]) {
		return m.word(text)
	}
	if parts[4] != "aws" {
		parts[4] = m.name(parts[4])
	}
	resource := strings.Split(parts[5], "/")
	for i, word := range resource {
		isWord := i == 0 && slices.Contains(resourceTypes[parts[2]], word) ||
			i == 1 && resource[0] != "targetgroup" && parts[2] == "elasticloadbalancing" && slices.Contains(balancerTypes, word)
		if !isWord {
			resource[i] = m.name(word)
		}
	}
	parts[5] = strings.Join(resource, "/")
	return strings.Join(parts, ":")
}

// MAC replaces an Ethernet address. The first byte stays: it says whether the address is of one host,
// and whether a manufacturer gave it.
func (m *Map) MAC(a mirror.MAC) mirror.MAC {
	if a.IsZero() || a == (mirror.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}) {
		return a
	}
	replaced, _ := hex.DecodeString(m.digits("mac", hex.EncodeToString(a[1:]), 16))
	return mirror.MAC(append([]byte{a[0]}, replaced...))
}
