package analysis

import (
	"errors"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// ErrTooComplex says that an exact answer would take too long. Nothing is known then.
var ErrTooComplex = errors.New("the rules are too many or overlap too much for an exact answer")

// A Decision is what a filter does with a packet. The zero value is that nothing decides, so
// that the packet is not mirrored.
type Decision struct {
	Mirrored bool
	Rule     *mirror.Rule          // that decides; nil: none
	Service  mirror.NetworkService // of the packet; then no rule decides
	Never    bool                  // EC2 never mirrors such a packet
}

// A Witness is a packet that proves an answer.
type Witness struct {
	Packet   mirror.Header
	Decision Decision
}

// Amount says how much of a space is mirrored.
type Amount string

// The amounts. Of packets that are not there, none is mirrored.
const (
	All  Amount = "all"
	Some Amount = "some"
	None Amount = "none"
)

// A Share is what a filter does with the packets of a space.
type Share struct {
	Amount      Amount
	Mirrored    *Witness // nil: none is mirrored
	NotMirrored *Witness // nil: all are mirrored
}

// Mirrors says how much of a space a filter mirrors.
func Mirrors(f mirror.Filter, s mirror.Space) (Share, error) { return Share{}, ErrTooComplex }

// MirrorsOutside says how much a filter mirrors of the packets that are not in the space.
func MirrorsOutside(f mirror.Filter, s mirror.Space) (Share, error) { return Share{}, ErrTooComplex }

// Decide returns what a filter does with one packet.
func Decide(f mirror.Filter, p mirror.Header) Decision { return Decision{} }

// A Difference is a packet about which two filters decide differently, with their decisions.
type Difference struct {
	Packet mirror.Header
	A, B   Decision
}

// Compare returns one difference for each pair of decisions, by direction and rule number: a
// packet that only one of the filters mirrors. There is none if the filters mirror the same
// packets.
func Compare(a, b mirror.Filter) ([]Difference, error) { return nil, ErrTooComplex }

// Redundant returns rules that can be removed together without a change of what is mirrored,
// unreachable rules included. All rules are of one direction.
func Redundant(rules []mirror.Rule) ([]mirror.Rule, error) { return nil, ErrTooComplex }

// Decides returns a packet that a rule of a filter decides, or nil if it decides none.
func Decides(f mirror.Filter, rule mirror.Rule) (*mirror.Header, error) { return nil, ErrTooComplex }

// Touching returns the rules of a filter that decide some packet of a space.
func Touching(f mirror.Filter, s mirror.Space) ([]mirror.Rule, error) { return nil, ErrTooComplex }

// A OneWay is a flow of which only one direction is mirrored.
type OneWay struct {
	Packet Witness // is mirrored
	Reply  Witness // is not: the same addresses and ports, swapped, in the other direction
}

// OneWayFlows returns a flow for each pair of decisions about a packet and its reply of which
// only one is mirrored.
func OneWayFlows(f mirror.Filter) ([]OneWay, error) { return nil, ErrTooComplex }

// NeverTakes returns the indexes of those sessions of an interface that can never take a
// packet, because earlier sessions take everything that their filters accept. The filters are
// in the order of the session numbers.
func NeverTakes(filters []mirror.Filter) ([]int, error) { return nil, ErrTooComplex }
