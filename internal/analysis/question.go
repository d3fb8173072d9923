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
