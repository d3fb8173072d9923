package analysis

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A Set is a set of classes of packets.
type Set []uint64

// maxClasses and maxBoxes bound the work of Classes. Lists of the size that AWS allows
// have hundreds.
const (
	maxClasses = 1 << 14
	maxBoxes   = 1 << 18
)

// Classes divides the packets into classes: a rule matches all packets of a class or
// none. It returns the classes that each rule matches, in sets of equal length. It reports
// false if there are too many classes. Their packets may be of any direction: the direction,
// the number and the action of a rule do not matter.
func Classes(rules []mirror.Rule) ([]Set, bool) {
	s := newSpace(rules)
	c := classifier{boxes: make([]box, len(rules)), left: maxBoxes, known: map[string]bool{}, key: make([]byte, (len(rules)+7)/8)}
	all := make([]int, len(rules))
	for i, r := range rules {
		c.boxes[i], all[i] = s.box(r), i
	}
	if !c.divide(s.whole(), all) {
		return nil, false
	}
	sets := make([]Set, len(rules))
	size := (len(c.found) + 63) / 64
	words := make([]uint64, size*len(rules))
	for i := range sets {
		sets[i] = words[i*size : (i+1)*size : (i+1)*size]
	}
	for class, key := range c.found {
		for i := range rules {
			if key[i/8]>>(i%8)&1 == 1 {
				sets[i][class/64] |= 1 << (class % 64)
			}
		}
	}
	return sets, true
}

// A classifier finds classes. A class is named by the rules that match it, one bit each.
type classifier struct {
	boxes []box
	left  int
	known map[string]bool
	found []string
	key   []byte
}

// divide finds the classes of the packets of b. Only open rules match some of them, and
// those in the key match all.
func (c *classifier) divide(b box, open []int) bool {
	if c.left--; c.left < 0 || len(c.found) > maxClasses {
		return false
	}
	var partial []int
	var covering []int
	for _, i := range open {
		switch {
		case !c.boxes[i].meets(b):
		case c.boxes[i].covers(b):
			covering = append(covering, i)
			c.key[i/8] |= 1 << (i % 8)
		default:
			partial = append(partial, i)
		}
	}
	done := true
	switch {
	case len(partial) > 0:
		below, rest := split(b, c.boxes[partial[0]])
		done = c.divide(below, partial) && c.divide(rest, partial)
	case !c.known[string(c.key)]:
		c.known[string(c.key)] = true
		c.found = append(c.found, string(c.key))
	}
	for _, i := range covering {
		c.key[i/8] &^= 1 << (i % 8)
	}
	return done
}
