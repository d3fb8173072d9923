package emulator

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// permission is the traffic that a rule of a security group allows: of a protocol, to
// some ports, from or to one peer.
type permission struct {
	Protocol string       `json:"protocol"`  // tcp, udp, icmp, icmpv6, another number, or -1 for all
	From     int          `json:"from_port"` // or the type of ICMP; -1: all
	To       int          `json:"to_port"`   // or the code of ICMP; -1: all
	CIDR     netip.Prefix `json:"cidr_block,omitzero"`
	Group    string       `json:"referenced_group_id,omitempty"` // the peer, instead of CIDR
	List     string       `json:"prefix_list_id,omitempty"`      // the peer, instead of CIDR
}

// allProtocols is the protocol of a permission for everything.
const allProtocols = "-1"

// hasPorts reports whether the protocol has ports, or types and codes. A permission for
// another protocol allows everything of it, whatever ports are given
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html).
func (p permission) hasPorts() bool { return p.isTransport() || p.isICMP() }

func (p permission) isTransport() bool {
	return p.Protocol == mirror.TCP.String() || p.Protocol == mirror.UDP.String()
}

func (p permission) isICMP() bool {
	return p.Protocol == mirror.ICMP.String() || p.Protocol == mirror.ICMPv6.String()
}

// check refuses a protocol that is not in its canonical form, and ports that the protocol
// does not have.
func (p permission) check() error {
	switch protocol, ok := groupProtocol(p.Protocol); {
	case !ok || protocol != p.Protocol:
		return query.Refuse("InvalidParameterValue", "Invalid value '%s' for IP protocol. Unknown protocol.", p.Protocol)
	case p.isTransport() && (!mirror.Ports.Contains(int64(p.From)) || !mirror.Ports.Contains(int64(p.To))):
		return query.Refuse("InvalidParameterValue", "TCP/UDP port (%d-%d) out of range", p.From, p.To)
	case p.isTransport() && p.From > p.To:
		return query.Refuse("InvalidParameterValue", "Invalid TCP/UDP port range (%d:%d)", p.From, p.To)
	case p.isICMP() && (p.From < -1 || p.From > 255):
		return query.Refuse("InvalidParameterValue", "ICMP type (%d) out of range", p.From)
	case p.isICMP() && (p.To < -1 || p.To > 255 || p.From == -1 && p.To != -1):
		return query.Refuse("InvalidParameterValue", "ICMP code (%d) out of range", p.To)
	}
	return nil
}

// groupProtocol returns a protocol as EC2 writes it: the names of those that have one
// here, else the number.
func groupProtocol(text string) (string, bool) {
	named := []mirror.Protocol{mirror.TCP, mirror.UDP, mirror.ICMP, mirror.ICMPv6}
	lower := strings.ToLower(text)
	if lower == allProtocols || slices.ContainsFunc(named, func(p mirror.Protocol) bool { return p.String() == lower }) {
		return lower, true
	}
	n, err := strconv.Atoi(text)
	if err != nil || strconv.Itoa(n) != text || !mirror.Protocols.Contains(int64(n)) {
		return "", false
	}
	if p := mirror.Protocol(n); slices.Contains(named, p) {
		return p.String(), true
	}
	return text, true
}

// readTraffic reads the protocol and the ports of a permission. Below is the name of the
// permission, with a full stop.
func readTraffic(q *query.Query, below string) permission {
	p := permission{From: -1, To: -1}
	text := q.NeedText(below + "IpProtocol")
	from, to := q.Int(below+"FromPort"), q.Int(below+"ToPort")
	protocol, ok := groupProtocol(text)
	if !ok {
		p.Protocol = text // check refuses it
	} else {
		p.Protocol = protocol
	}
	if p.hasPorts() {
		none := from == nil && to == nil && p.Protocol == mirror.ICMPv6.String()
		if (from == nil || to == nil) && !none {
			q.Fail(query.Refuse("InvalidParameterValue", "Invalid value 'Must specify both from and to ports with TCP/UDP and both type and code with ICMP.' for portRange."))
		}
		replace(&p.From, from)
		replace(&p.To, to)
	}
	if text != "" {
		q.Fail(p.check())
	}
	return p
}

// readPeerBlock reads the addresses of a permission. EC2 keeps the first address of a
// block (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html).
func readPeerBlock(q *query.Query, name string, v6 bool) netip.Prefix {
	p := q.Prefix(name)
	if p.IsValid() && p.Addr().Is6() != v6 {
		q.Fail(query.Refuse("InvalidParameterValue", "CIDR block %s is malformed", p))
	}
	return p.Masked()
}

// writeTraffic writes the protocol and the ports of a permission. The ports of a protocol
// that has none are -1 in a rule (A0161).
func (p permission) writeTraffic(x *query.Writer) {
	x.Text("ipProtocol", p.Protocol)
	x.Int("fromPort", p.From)
	x.Int("toPort", p.To)
}

// compare orders permissions by what they allow, and then by the peer.
func (p permission) compare(other permission) int {
	return cmp.Or(
		cmp.Compare(p.Protocol, other.Protocol), cmp.Compare(p.From, other.From), cmp.Compare(p.To, other.To),
		cmp.Compare(p.Group, other.Group), p.CIDR.Compare(other.CIDR), cmp.Compare(p.List, other.List),
	)
}

// isSameTraffic reports whether the permissions differ at most in their peers.
func (p permission) isSameTraffic(other permission) bool {
	return p.Protocol == other.Protocol && p.From == other.From && p.To == other.To
}

// String returns the permission as in EC2's messages.
func (p permission) String() string {
	peer := cmp.Or(p.Group, p.List)
	if peer == "" {
		peer = p.CIDR.String()
	}
	switch {
	case p.Protocol == allProtocols:
		return fmt.Sprintf("peer: %s, ALL, ALLOW", peer)
	case !p.hasPorts():
		return fmt.Sprintf("peer: %s, protocol %s, ALLOW", peer, p.Protocol)
	case p.isICMP():
		return fmt.Sprintf("peer: %s, %s, type: %d, code: %d, ALLOW", peer, strings.ToUpper(p.Protocol), p.From, p.To)
	}
	return fmt.Sprintf("peer: %s, %s, from port: %d, to port: %d, ALLOW", peer, strings.ToUpper(p.Protocol), p.From, p.To)
}

// writePermissions writes rules as the permissions of a group: one item for the rules
// that differ only in their peers.
func writePermissions(x *query.Writer, t *tx, rules []groupRule) {
	for first := 0; first < len(rules); {
		same := rules[first:]
		if i := slices.IndexFunc(same, func(v groupRule) bool { return !v.isSameTraffic(same[0].permission) }); i > 0 {
			same = same[:i]
		}
		x.In("item", func() { writePermission(x, t, same) })
		first += len(same)
	}
}

func writePermission(x *query.Writer, t *tx, same []groupRule) {
	x.Text("ipProtocol", same[0].Protocol)
	if same[0].hasPorts() {
		x.Int("fromPort", same[0].From)
		x.Int("toPort", same[0].To)
	}
	writePeers := func(set string, is func(permission) bool, write func(permission)) {
		x.In(set, func() {
			for _, v := range same {
				if !is(v.permission) {
					continue
				}
				x.In("item", func() {
					write(v.permission)
					x.OptText("description", v.Description)
				})
			}
		})
	}
	writePeers("groups", func(p permission) bool { return p.Group != "" }, func(p permission) {
		x.Text("userId", t.account)
		x.Text("groupId", p.Group)
	})
	writePeers("ipRanges", isIPv4Block, func(p permission) { x.Text("cidrIp", p.CIDR.String()) })
	writePeers("ipv6Ranges", isIPv6Block, func(p permission) { x.Text("cidrIpv6", p.CIDR.String()) })
	writePeers("prefixListIds", func(p permission) bool { return p.List != "" }, func(p permission) { x.Text("prefixListId", p.List) })
}

func isIPv4Block(p permission) bool { return p.CIDR.IsValid() && p.CIDR.Addr().Is4() }

func isIPv6Block(p permission) bool { return p.CIDR.IsValid() && p.CIDR.Addr().Is6() }

// permissionFields are the filters of groups by what their rules of a direction allow.
// Only a topology file can name a prefix list.
func permissionFields(prefix string, direction mirror.Direction) []field[securityGroup] {
	about := func(name string, values func(*tx, permission) []string) field[securityGroup] {
		return field[securityGroup]{prefix + name, func(t *tx, v securityGroup) []string {
			var all []string
			for _, rule := range rulesOf(t, v.ID, direction) {
				all = append(all, values(t, rule.permission)...)
			}
			return all
		}}
	}
	port := func(of func(permission) int) func(*tx, permission) []string {
		return func(_ *tx, p permission) []string {
			if !p.hasPorts() {
				return nil
			}
			return oneValue(strconv.Itoa(of(p)))
		}
	}
	block := func(is func(permission) bool) func(*tx, permission) []string {
		return func(_ *tx, p permission) []string {
			if !is(p) {
				return nil
			}
			return oneValue(p.CIDR.String())
		}
	}
	return []field[securityGroup]{
		about("cidr", block(isIPv4Block)),
		about("from-port", port(func(p permission) int { return p.From })),
		about("group-id", func(_ *tx, p permission) []string { return oneValue(p.Group) }),
		about("group-name", func(t *tx, p permission) []string { return groupNames(t, oneValue(p.Group)) }),
		about("ipv6-cidr", block(isIPv6Block)),
		about("prefix-list-id", func(_ *tx, p permission) []string { return oneValue(p.List) }),
		about("protocol", func(_ *tx, p permission) []string { return oneValue(p.Protocol) }),
		about("to-port", port(func(p permission) int { return p.To })),
		about("user-id", func(t *tx, p permission) []string {
			if p.Group == "" {
				return nil
			}
			return oneValue(t.account)
		}),
	}
}
