package inventory

import (
	"cmp"
	"fmt"
	"iter"
	"net/netip"
	"sort"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// CopiedTwice is what is known of flows between two interfaces that are both mirrored: a packet
// is copied where it is sent and once more where it is received. Only pairs of interfaces of one
// VPC count, because a VPC always has a route between them.
type CopiedTwice struct {
	LookedAt    int    // pairs
	NotLookedAt int    // pairs that are too many, whose filters are too complex, or of which it is not known what they copy
	Found       int    // pairs of LookedAt with packets that are copied twice
	Pairs       []Pair // the first of those that are found
}

// A Pair is two interfaces with packets that are copied twice.
type Pair struct {
	VPCID      string
	Interfaces [2]string     // the sender of the packet first
	Packet     mirror.Header // as an example; as the sender sees it
}

// The bounds of what is looked at, and of what is listed.
const (
	maxQuestions   = 3_000 // about filters
	maxListedPairs = 100
	maxBlocks      = 64 // CIDR blocks of an interface
)

// A talker is an interface that copies packets.
type talker struct {
	iface   account.NetworkInterface
	copiers []analysis.Copier
	chain   string // the same for talkers with the same filters
}

// A pairing finds pairs of the talkers of a VPC. Talkers with the same filters are a group. If
// the filters of two groups decide alike about all addresses, their pairs are counted without
// looking at each.
type pairing struct {
	CopiedTwice
	questions int               // that may still be asked
	amounts   map[string]answer // of groups
}

// An answer is how much of the packets of a space is copied twice.
type answer struct {
	amount  analysis.Amount
	packet  *mirror.Header // an example; nil: there is none
	isKnown bool
}

// findTwice finds the packets that are copied twice. The talkers are in the order of their IDs.
// unsure counts, by VPC, the interfaces of which it is not known what they copy.
func findTwice(talkers []talker, unsure map[string]int) CopiedTwice {
	p := pairing{questions: maxQuestions, amounts: map[string]answer{}}
	byVPC := map[string][]talker{}
	var vpcs []string
	for _, t := range talkers {
		id := t.iface.VPCID
		if byVPC[id] == nil {
			vpcs = append(vpcs, id)
		}
		byVPC[id] = append(byVPC[id], t)
	}
	sort.Strings(vpcs)
	for _, id := range vpcs {
		p.findIn(groupsOf(byVPC[id]))
	}
	for id, count := range unsure {
		p.NotLookedAt += count*len(byVPC[id]) + count*(count-1)/2
	}
	sort.Slice(p.Pairs, func(i, j int) bool {
		x, y := p.Pairs[i].Interfaces, p.Pairs[j].Interfaces
		return cmp.Or(cmp.Compare(min(x[0], x[1]), min(y[0], y[1])), cmp.Compare(max(x[0], x[1]), max(y[0], y[1]))) < 0
	})
	p.Pairs = p.Pairs[:min(len(p.Pairs), maxListedPairs)]
	return p.CopiedTwice
}

// groupsOf returns talkers with the same filters and address families together.
func groupsOf(talkers []talker) [][]talker {
	places := map[string]int{}
	var groups [][]talker
	for _, t := range talkers {
		key := t.chain
		for _, is4 := range []bool{true, false} {
			if len(blocksOf(t.iface, is4)) == 0 {
				key += " -"
			}
		}
		place, found := places[key]
		if !found {
			place = len(groups)
			places[key] = place
			groups = append(groups, nil)
		}
		groups[place] = append(groups[place], t)
	}
	return groups
}

func (p *pairing) findIn(groups [][]talker) {
	for i, a := range groups {
		if len(a) > 1 {
			p.findBetween(a[0], a[0], len(a)*(len(a)-1)/2, pairsWithin(a))
		}
		for _, b := range groups[i+1:] {
			p.findBetween(a[0], b[0], len(a)*len(b), pairsBetween(a, b))
		}
	}
}

func pairsWithin(group []talker) iter.Seq2[talker, talker] {
	return func(yield func(a, b talker) bool) {
		for i, a := range group {
			for _, b := range group[i+1:] {
				if !yield(a, b) {
					return
				}
			}
		}
	}
}

func pairsBetween(group, other []talker) iter.Seq2[talker, talker] {
	return func(yield func(a, b talker) bool) {
		for _, a := range group {
			for _, b := range other {
				if !yield(a, b) {
					return
				}
			}
		}
	}
}

// findBetween looks at the pairs of two groups. a and b are one of each.
func (p *pairing) findBetween(a, b talker, count int, pairs iter.Seq2[talker, talker]) {
	switch all := p.askGroups(a, b); {
	case !all.isKnown:
		p.NotLookedAt += count
	case all.amount == analysis.None:
		p.LookedAt += count
	case all.amount == analysis.All:
		p.LookedAt, p.Found = p.LookedAt+count, p.Found+count
		p.list(pairs)
	default:
		p.lookAtEach(count, pairs)
	}
}

// list lists pairs that all have packets that are copied twice.
func (p *pairing) list(pairs iter.Seq2[talker, talker]) {
	for a, b := range pairs {
		if len(p.Pairs) == maxListedPairs || p.questions <= 0 {
			return
		}
		p.askPair(a, b)
	}
}

// lookAtEach looks at the addresses of each pair.
func (p *pairing) lookAtEach(count int, pairs iter.Seq2[talker, talker]) {
	for a, b := range pairs {
		if p.questions <= 0 {
			break
		}
		count--
		switch found := p.askPair(a, b); {
		case !found.isKnown:
			p.NotLookedAt++
		case found.packet != nil:
			p.Found++
			fallthrough
		default:
			p.LookedAt++
		}
	}
	p.NotLookedAt += count
}

// askGroups asks about all addresses. The amount is all if it is so in one direction and one
// address family that both have: then each pair of the groups has such packets.
func (p *pairing) askGroups(a, b talker) answer {
	together := answer{amount: analysis.None, isKnown: true}
	for _, is4 := range []bool{true, false} {
		if len(blocksOf(a.iface, is4)) == 0 || len(blocksOf(b.iface, is4)) == 0 {
			continue
		}
		for _, way := range [][2]talker{{a, b}, {b, a}} {
			key := fmt.Sprint(way[0].chain, "|", way[1].chain, "|", is4)
			one, isAsked := p.amounts[key]
			if !isAsked {
				one = p.ask(way[0], way[1], everyAddress(is4))
				p.amounts[key] = one
			}
			switch {
			case one.amount == analysis.All:
				return one
			case one.amount != analysis.None:
				together.amount = analysis.Some
			}
			together.isKnown = together.isKnown && one.isKnown
		}
	}
	return together
}

// askPair asks about the addresses of two interfaces. It lists the pair if it has packets that
// are copied twice.
func (p *pairing) askPair(a, b talker) answer {
	isKnown := true
	for _, way := range [][2]talker{{a, b}, {b, a}} {
		for _, is4 := range []bool{true, false} {
			from, to := blocksOf(way[0].iface, is4), blocksOf(way[1].iface, is4)
			if isKnown = isKnown && len(from) <= maxBlocks && len(to) <= maxBlocks; !isKnown {
				return answer{}
			}
			one := p.askBlocks(way[0], way[1], from, to)
			if one.packet != nil && len(p.Pairs) < maxListedPairs {
				p.Pairs = append(p.Pairs, Pair{VPCID: a.iface.VPCID, Interfaces: [2]string{way[0].iface.ID, way[1].iface.ID}, Packet: *one.packet})
			}
			if one.packet != nil {
				return one
			}
			isKnown = isKnown && one.isKnown
		}
	}
	return answer{isKnown: isKnown}
}

// askBlocks asks about the packets from some addresses to others, until some are found.
func (p *pairing) askBlocks(sender, receiver talker, from, to []netip.Prefix) answer {
	all := answer{isKnown: true}
	for _, source := range from {
		for _, destination := range to {
			one := p.ask(sender, receiver, mirror.Space{SourceCIDR: source, DestinationCIDR: destination})
			if one.packet != nil {
				return one
			}
			all.isKnown = all.isKnown && one.isKnown
		}
	}
	return all
}

func (p *pairing) ask(sender, receiver talker, s mirror.Space) answer {
	if p.questions--; p.questions < 0 {
		return answer{}
	}
	amount, packet, err := analysis.CopiedTwice(sender.copiers, receiver.copiers, s)
	return answer{amount, packet, err == nil}
}

// everyAddress is the space of all packets of a family.
func everyAddress(is4 bool) mirror.Space {
	every := mirror.EveryIPv6
	if is4 {
		every = mirror.EveryIPv4
	}
	return mirror.Space{SourceCIDR: every, DestinationCIDR: every}
}

// blocksOf returns the addresses of an interface of a family.
func blocksOf(i account.NetworkInterface, is4 bool) []netip.Prefix {
	addresses, prefixes := i.IPv6Addresses, i.IPv6Prefixes
	if is4 {
		addresses, prefixes = i.PrivateIPAddresses, i.IPv4Prefixes
		if len(addresses) == 0 && i.PrivateIPAddress.IsValid() {
			addresses = []netip.Addr{i.PrivateIPAddress}
		}
	}
	blocks := make([]netip.Prefix, 0, len(addresses)+len(prefixes))
	for _, a := range addresses {
		blocks = append(blocks, netip.PrefixFrom(a, a.BitLen()))
	}
	return append(blocks, prefixes...)
}
