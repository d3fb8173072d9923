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

// Limits of network ACLs. The highest number is that of the entries of clients, and the
// one after it belongs to the entry that denies what no other entry decides
// (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html).
const (
	maxACLs        = 200 // of a VPC
	maxACLEntries  = 20  // of a direction
	maxEntryNumber = 32766
	lastIPv4Entry  = 32767
	lastIPv6Entry  = 32768
	firstIPv4Entry = 100 // of those that a VPC comes with
	firstIPv6Entry = 101
	maxICMP        = 255
)

// hasACLPorts reports whether the entries of a protocol have ports.
func hasACLPorts(protocol int) bool {
	return protocol == int(mirror.TCP) || protocol == int(mirror.UDP)
}

func isICMPNumber(protocol int) bool {
	return protocol == int(mirror.ICMP) || protocol == int(mirror.ICMPv6)
}

// openEntry returns an entry for everything.
func openEntry(number int, egress, allow bool, block netip.Prefix) mirror.NetworkACLEntry {
	return mirror.NetworkACLEntry{
		Number: number, Egress: egress, Allow: allow, Protocol: mirror.AllProtocols, CIDR: block,
		FromPort: mirror.AnyPort, ToPort: mirror.AnyPort,
	}
}

// ownEntries returns the entries that clients can change. A default ACL that nobody has
// changed allows everything, by IPv6 where the VPC has it
// (https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html).
func ownEntries(in vpc, v networkACL) []mirror.NetworkACLEntry {
	if v.Entries != nil {
		return slices.Clone(v.Entries)
	}
	entries := []mirror.NetworkACLEntry{}
	for _, egress := range []bool{true, false} {
		entries = append(entries, openEntry(firstIPv4Entry, egress, true, allIPv4))
		if in.IPv6CIDRBlock.IsValid() {
			entries = append(entries, openEntry(firstIPv6Entry, egress, true, allIPv6))
		}
	}
	return entries
}

// entriesOf returns all entries in the order of direction and number.
func entriesOf(t *tx, v networkACL) []mirror.NetworkACLEntry {
	in, _ := vpcs.get(t, v.VPCID)
	entries := ownEntries(in, v)
	for _, egress := range []bool{true, false} {
		entries = append(entries, openEntry(lastIPv4Entry, egress, false, allIPv4))
		if in.IPv6CIDRBlock.IsValid() {
			entries = append(entries, openEntry(lastIPv6Entry, egress, false, allIPv6))
		}
	}
	sortEntries(entries)
	return entries
}

func sortEntries(entries []mirror.NetworkACLEntry) {
	slices.SortFunc(entries, func(a, b mirror.NetworkACLEntry) int {
		if a.Egress != b.Egress {
			return cmp.Compare(strconv.FormatBool(b.Egress), strconv.FormatBool(a.Egress))
		}
		return cmp.Compare(a.Number, b.Number)
	})
}

// blockOfFamily returns a block as text if it is one of that family, else "".
func blockOfFamily(p netip.Prefix, v6 bool) string {
	if !p.IsValid() || p.Addr().Is6() != v6 {
		return ""
	}
	return p.String()
}

// entryPlace is where an entry is in a network ACL.
type entryPlace struct {
	acl    string
	egress bool
	number int
}

func readEntryPlace(q *query.Query) entryPlace {
	p := entryPlace{acl: networkACLs.needID(q, "NetworkAclId"), number: q.NeedInt("RuleNumber")}
	if egress := q.OptBool("Egress"); egress != nil {
		p.egress = *egress
	} else {
		q.Fail(query.Missing("Egress"))
	}
	if p.number < 1 || p.number > maxEntryNumber {
		q.Fail(query.InvalidValue("ruleNumber", strconv.Itoa(p.number), "Write a number from 1 to "+strconv.Itoa(maxEntryNumber)+"."))
	}
	return p
}

func (p entryPlace) is(e mirror.NetworkACLEntry) bool {
	return e.Egress == p.egress && e.Number == p.number
}

func (p entryPlace) notFound() error {
	return query.Refuse("InvalidNetworkAclEntry.NotFound", "The specified rule number '%d' with egress '%t' does not exist in the network acl '%s'", p.number, p.egress, p.acl)
}

// readEntry reads what an entry decides about
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html).
func readEntry(q *query.Query, at entryPlace) mirror.NetworkACLEntry {
	e := mirror.NetworkACLEntry{Number: at.number, Egress: at.egress, FromPort: mirror.AnyPort, ToPort: mirror.AnyPort}
	switch action := q.NeedText("RuleAction"); strings.ToLower(action) {
	case "allow":
		e.Allow = true
	case "deny":
	default:
		q.Fail(query.InvalidValue("ruleAction", action, "Write allow or deny."))
	}
	e.Protocol = readACLProtocol(q)
	e.CIDR = readEntryBlock(q)
	readEntryPorts(q, &e)
	readEntryICMP(q, &e)
	return e
}

// readACLProtocol reads a protocol by its number, or by one of the names that clients use.
func readACLProtocol(q *query.Query) int {
	text := q.NeedText("Protocol")
	for _, p := range []mirror.Protocol{mirror.TCP, mirror.UDP, mirror.ICMP, mirror.ICMPv6} {
		if strings.EqualFold(text, p.String()) {
			return int(p)
		}
	}
	n, err := strconv.Atoi(text)
	switch {
	case strings.EqualFold(text, "all") || n == mirror.AllProtocols && err == nil:
		return mirror.AllProtocols
	case err != nil || !mirror.Protocols.Contains(int64(n)):
		q.Fail(query.InvalidValue("protocol", text, "Write the number of a protocol, or -1 for all."))
	}
	return n
}

// readEntryBlock reads the block of an entry, which is IPv4 or IPv6.
func readEntryBlock(q *query.Query) netip.Prefix {
	v4, v6 := q.OptPrefix("CidrBlock"), q.OptPrefix("Ipv6CidrBlock")
	switch {
	case v4 != nil && v6 != nil:
		q.Fail(query.Refuse("InvalidParameterCombination", "The parameter cidrBlock cannot be used with the parameter ipv6CidrBlock"))
	case v4 == nil && v6 == nil:
		q.Fail(query.Refuse("MissingParameter", "The request must contain the parameter cidrBlock or ipv6CidrBlock"))
		return netip.Prefix{}
	}
	block := v4
	if v4 == nil {
		block = v6
	}
	if block.IsValid() && block.Addr().Is6() != (v6 != nil) {
		q.Fail(query.Refuse("InvalidParameterValue", "CIDR block %s is malformed", block))
	}
	return block.Masked()
}

// readEntryPorts reads the ports, which TCP and UDP need. Other protocols have none,
// whatever is given.
func readEntryPorts(q *query.Query, e *mirror.NetworkACLEntry) {
	from, to := q.Int("PortRange.From"), q.Int("PortRange.To")
	if !hasACLPorts(e.Protocol) {
		return
	}
	if from == nil || to == nil {
		q.Fail(query.Refuse("MissingParameter", "The request must contain the parameter portRange for protocol %d", e.Protocol))
		return
	}
	if !mirror.Ports.Contains(int64(*from)) || !mirror.Ports.Contains(int64(*to)) || *from > *to {
		q.Fail(query.Refuse("InvalidParameterValue", "Invalid value for portRange. From %d to %d is no range of ports from %s.", *from, *to, mirror.Ports))
	}
	e.FromPort, e.ToPort = *from, *to
}

// readEntryICMP reads the type and the code of ICMP. They are needed for ICMP, and for
// ICMPv6 with an IPv6 block; ICMPv6 with an IPv4 block matches every one.
func readEntryICMP(q *query.Query, e *mirror.NetworkACLEntry) {
	kind, code := q.Int("Icmp.Type"), q.Int("Icmp.Code")
	if !isICMPNumber(e.Protocol) {
		return
	}
	if e.Protocol == int(mirror.ICMPv6) && e.CIDR.IsValid() && e.CIDR.Addr().Is4() {
		return
	}
	if kind == nil || code == nil {
		q.Fail(query.Refuse("MissingParameter", "The request must contain the parameter icmpTypeCode for protocol %d", e.Protocol))
		return
	}
	for _, n := range []int{*kind, *code} {
		if n < -1 || n > maxICMP {
			q.Fail(query.Refuse("InvalidParameterValue", "Invalid value '%d' for icmpTypeCode. Write -1 for all, or 0 to %d.", n, maxICMP))
		}
	}
	e.ICMPType, e.ICMPCode = kind, code
}

// changeEntries returns the operation of a request about an entry. Change returns the
// entries of the network ACL after it; i is the index of the entry at the place, -1 if
// there is none.
func changeEntries(at entryPlace, change func(entries []mirror.NetworkACLEntry, i int) ([]mirror.NetworkACLEntry, error)) operation {
	return func(t *tx, x *query.Writer) error {
		v, err := networkACLs.need(t, at.acl)
		if err != nil {
			return err
		}
		in, _ := vpcs.get(t, v.VPCID)
		entries := ownEntries(in, v)
		if v.Entries, err = change(entries, slices.IndexFunc(entries, at.is)); err != nil {
			return err
		}
		sortEntries(v.Entries)
		networkACLs.put(t, v.ID, v)
		x.Bool("return", true)
		return nil
	}
}

func createACLEntry(q *query.Query) operation {
	at := readEntryPlace(q)
	e := readEntry(q, at)
	return changeEntries(at, func(entries []mirror.NetworkACLEntry, i int) ([]mirror.NetworkACLEntry, error) {
		if i >= 0 {
			return nil, query.Refuse("NetworkAclEntryAlreadyExists", "The network acl entry identified by %d already exists.", at.number)
		}
		n := 0
		for _, other := range entries {
			if other.Egress == e.Egress {
				n++
			}
		}
		if n >= maxACLEntries {
			return nil, query.Refuse("NetworkAclEntryLimitExceeded", "The maximum number of entries of a direction of the network acl '%s', %d, has been reached", at.acl, maxACLEntries)
		}
		return append(entries, e), nil
	})
}

func replaceACLEntry(q *query.Query) operation {
	at := readEntryPlace(q)
	e := readEntry(q, at)
	return changeEntries(at, func(entries []mirror.NetworkACLEntry, i int) ([]mirror.NetworkACLEntry, error) {
		if i < 0 {
			return nil, at.notFound()
		}
		entries[i] = e
		return entries, nil
	})
}

func deleteACLEntry(q *query.Query) operation {
	at := readEntryPlace(q)
	return changeEntries(at, func(entries []mirror.NetworkACLEntry, i int) ([]mirror.NetworkACLEntry, error) {
		if i < 0 {
			return nil, at.notFound()
		}
		return slices.Delete(entries, i, i+1), nil
	})
}

// checkLoadedACL refuses an entry of a dump in a place that only EC2 writes, and two in one
// place.
func checkLoadedACL(t *tx, v networkACL) error {
	taken := map[entryPlace]bool{}
	for _, e := range v.Entries {
		at := entryPlace{v.ID, e.Egress, e.Number}
		if taken[at] || e.Number < 1 || e.Number > maxEntryNumber || !e.CIDR.IsValid() {
			return fmt.Errorf("it has two entries in one place, or one without a block, or with the number %d", e.Number)
		}
		taken[at] = true
	}
	return needVPC(t, v.VPCID)
}
