// Package dataplane does with a packet what EC2 does with each packet of a
// mirrored interface: it finds the session that takes it, cuts the copy to
// length, wraps it in VXLAN, and says why.
//
//	source, err := dataplane.New(iface, sessions, dataplane.Options{})
//	out, err := source.Encapsulator()
//	tally := source.NewTally()
//	var p packet.Packet
//	for each captured frame {
//		p.Decode(frame, link)
//		v := tally.Process(&p, direction)
//		copied = out.Append(copied[:0], &p, v)
//	}
//
// It reads no files and knows neither Terraform nor the EC2 API. It has no notion
// of time: no bandwidth, no loss, no reordering. If AWS does not document what
// happens, the code cites the number of an assumption in
// docs/guides/assumptions.md. A verdict that depends on an assumption has its
// number.
//
// https://docs.aws.amazon.com/vpc/latest/mirroring/how-it-works.html
package dataplane

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Session is a mirror session with its target and its filter.
//
// A session without a virtual network ID gets its session number instead. EC2
// picks a random number that is not known in advance (assumption A0120).
type Session struct {
	mirror.Session
	Target mirror.Endpoint
	Filter mirror.Filter
}

// Options choose between assumptions about what AWS does not document. The zero
// value has the defaults.
type Options struct {
	// RejectStops ends the search for a session at the first reject rule that
	// matches, instead of going on with the next session (assumption A0100).
	RejectStops bool

	// EncapsulationAllowance is by how many bytes the inner IP packet has to be
	// shorter than the MTU of the path to the target. It is 54, the default,
	// which AWS documents, or 50, the real length of the headers. With an outer
	// IPv6 header it is 20 more (assumption A0105).
	EncapsulationAllowance int

	// SessionsIn is no assumption. It names the file that has the sessions, such as a state, in
	// traces. Without it, these are all sessions of the interface.
	SessionsIn string
}

// DefaultEncapsulationAllowance is the allowance that AWS documents
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-network-limitations.html).
const DefaultEncapsulationAllowance = 54

// Source is a mirror source: an interface and its sessions, ready for packets. It
// never changes: any number of goroutines may use it.
type Source struct {
	lists     [2]list   // by way; the first field, because every packet needs it
	sessions  []session // by ascending session number
	rules     []ruleInfo
	options   Options
	own       ownership
	resolvers addressSet // Amazon DNS
	given     []Session  // by ascending session number, for traces
}

// New checks the sessions of an interface and prepares them. The error is of the
// type mirror.Problems, with paths such as "sessions[0].filter.rules[100
// ingress].source_cidr_block". Quotas are not checked.
//
// It uses the MAC and IP addresses of the interface to find directions and packets
// that are impossible, and its resolvers to find Amazon DNS. All of them are optional.
func New(iface mirror.Interface, sessions []Session, options Options) (*Source, error) {
	if options.EncapsulationAllowance == 0 {
		options.EncapsulationAllowance = DefaultEncapsulationAllowance
	}
	if err := validate(sessions, options); err != nil {
		return nil, err
	}
	s := &Source{own: ownershipOf(iface), options: options}
	s.resolvers.add(mirror.LinkLocalResolvers...)
	s.resolvers.add(iface.DNSResolverAddresses...)
	ordered := slices.Clone(sessions)
	slices.SortFunc(ordered, func(a, b Session) int { return cmp.Compare(a.Number, b.Number) })
	s.compile(ordered)
	s.given = ordered
	return s, nil
}

func validate(sessions []Session, options Options) error {
	var ps mirror.Problems
	if a := options.EncapsulationAllowance; a != 54 && a != 50 {
		ps = append(ps, mirror.Problem{Kind: mirror.Invalid, Field: "encapsulation_allowance", Wrong: fmt.Sprintf("is %d", a), Fix: "Write 54 or 50."})
	}
	first := map[int]int{}
	for i, s := range sessions {
		at := fmt.Sprintf("sessions[%d]", i)
		ps = append(ps, s.validate().Below(at)...)
		if before, twice := first[s.Number]; twice {
			ps = append(ps, mirror.Problem{
				Kind: mirror.Conflict, Field: at + ".session_number",
				Wrong: fmt.Sprintf("is %d, as is that of sessions[%d]", s.Number, before),
				Fix:   "Give each session of an interface a number of its own.",
			})
		}
		first[s.Number] = i
	}
	return ps.Err()
}

func (s Session) validate() mirror.Problems {
	ps := s.ValidateSettings()
	if !slices.Contains(mirror.TargetTypes, s.Target.Type) {
		ps = append(ps, mirror.Problem{
			Kind: mirror.Invalid, Field: "target.type", Wrong: fmt.Sprintf("is %q", s.Target.Type),
			Fix: fmt.Sprintf("Write one of %q.", mirror.TargetTypes),
		})
	}
	if mtu := s.Target.MTU; mtu != 0 && mtu < mirror.LeastMTU {
		ps = append(ps, mirror.Problem{
			Kind: mirror.Invalid, Field: "target.mtu", Wrong: fmt.Sprintf("is %d", mtu),
			Fix: fmt.Sprintf("Write the MTU of the target's interface, %d or more.", mirror.LeastMTU),
		})
	}
	return append(ps, s.Filter.Validate().Below("filter")...)
}
