package path_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/path"
)

// What Judge says about network ACLs and security groups is what a slow reading of the rules says
// about one packet: entry by entry, bit by bit.
func TestJudge_oracle(t *testing.T) {
	t.Parallel()
	seen := map[path.Outcome]int{}
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 16))
		f := toInterface()
		f.Source.PrivateIPAddress, f.Receivers[0].PrivateIPAddress = randomAddress(r), randomAddress(r)
		f.Network.Tables[0].Routes[0].Destination = prefix("10.0.0.0/8")
		f.Network.ACLs[0].Entries, f.Network.ACLs[1].Entries = randomEntries(r), randomEntries(r)
		f.Source.GroupIDs, f.Receivers[0].GroupIDs = []string{sourceGroup}, []string{targetGroup, applianceGroup}
		f.Network.Groups[1].Rules, f.Network.Groups[2].Rules = randomRules(r), randomRules(r)
		got := map[path.Stage]path.Outcome{}
		for _, h := range path.Judge(f).Hops {
			got[h.What] = h.Outcome
		}
		p := datagram{f.Source.PrivateIPAddress.As4(), f.Receivers[0].PrivateIPAddress.As4(), 4789}
		for what, allowed := range map[path.Stage]bool{
			path.ACLEgress: p.leaves(f.Network.ACLs[0]), path.ACLIngress: p.enters(f.Network.ACLs[1]),
			path.GroupIngress: p.isAllowed(f.Network.Groups[1:], sourceGroup),
		} {
			want := map[bool]path.Outcome{true: path.Passes, false: path.Blocked}[allowed]
			if got[what] != want {
				t.Fatalf("seed %d: %s is %s, want %s\n%+v\n%+v", seed, what, got[what], want, f.Network.ACLs, f.Network.Groups)
			}
			seen[want]++
		}
	}
	if seen[path.Passes] < 1000 || seen[path.Blocked] < 1000 {
		t.Errorf("the worlds are one-sided: %v", seen)
	}
}

func randomAddress(r *rand.Rand) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(r.IntN(2)), byte(r.IntN(4)), byte(r.IntN(256))})
}

func randomPrefix(r *rand.Rand) netip.Prefix {
	p, _ := randomAddress(r).Prefix([]int{0, 8, 14, 15, 16, 22, 23, 24, 30, 32}[r.IntN(10)])
	return p
}

func randomPorts(r *rand.Rand) (from, to int) {
	if r.IntN(3) == 0 {
		return mirror.AnyPort, mirror.AnyPort
	}
	from = 4789 - r.IntN(3) + 1
	return from, from + r.IntN(3)
}

func randomProtocol(r *rand.Rand) int { return []int{mirror.AllProtocols, 6, 17, 17, 17}[r.IntN(5)] }

func randomEntries(r *rand.Rand) (all []mirror.NetworkACLEntry) {
	for _, number := range r.Perm(8) {
		from, to := randomPorts(r)
		all = append(all, mirror.NetworkACLEntry{Number: number + 1, Egress: r.IntN(2) == 0, Allow: r.IntN(3) > 0, Protocol: randomProtocol(r), CIDR: randomPrefix(r), FromPort: from, ToPort: to})
	}
	return all
}

func randomRules(r *rand.Rand) (all []mirror.SecurityGroupRule) {
	for range r.IntN(3) {
		from, to := randomPorts(r)
		rule := mirror.SecurityGroupRule{ID: fmt.Sprint(len(all)), Direction: mirror.Directions[r.IntN(2)], Protocol: randomProtocol(r), FromPort: from, ToPort: to, CIDR: randomPrefix(r)}
		if r.IntN(4) == 0 {
			rule.CIDR, rule.GroupID = netip.Prefix{}, []string{sourceGroup, targetGroup}[r.IntN(2)]
		}
		all = append(all, rule)
	}
	return all
}

// A datagram is one UDP packet.
type datagram struct {
	from, to [4]byte
	port     int
}

// has compares the bits of an address with those of a prefix, one by one.
func has(p netip.Prefix, address [4]byte) bool {
	if !p.IsValid() {
		return false
	}
	network := p.Addr().As4()
	for bit := range p.Bits() {
		if network[bit/8]>>(7-bit%8)&1 != address[bit/8]>>(7-bit%8)&1 {
			return false
		}
	}
	return true
}

func (d datagram) fits(protocol, from, to int) bool {
	if protocol == -1 {
		return true
	}
	if protocol != 17 {
		return false
	}
	return from == -1 || d.port >= from && d.port <= to
}

// passesACL tries every number from the lowest.
func (d datagram) passesACL(acl mirror.NetworkACL, egress bool, address [4]byte) bool {
	for number := range 32768 + 1 {
		for _, e := range acl.Entries {
			if e.Number == number && e.Egress == egress && has(e.CIDR, address) && d.fits(e.Protocol, e.FromPort, e.ToPort) {
				return e.Allow
			}
		}
		if number == 100 { // no entry of the test has a higher one
			return false
		}
	}
	return false
}

func (d datagram) leaves(acl mirror.NetworkACL) bool { return d.passesACL(acl, true, d.to) }
func (d datagram) enters(acl mirror.NetworkACL) bool { return d.passesACL(acl, false, d.from) }

func (d datagram) isAllowed(groups []mirror.SecurityGroup, memberOf string) bool {
	allowed := false
	for _, g := range groups {
		for _, r := range g.Rules {
			fromThere := has(r.CIDR, d.from) || r.GroupID == memberOf
			allowed = allowed || r.Direction == mirror.Ingress && d.fits(r.Protocol, r.FromPort, r.ToPort) && fromThere
		}
	}
	return allowed
}
