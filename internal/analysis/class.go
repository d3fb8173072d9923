package analysis

import (
	"encoding/binary"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A Set is a set of classes of packets.
type Set []uint64

// maxClasses bounds what a user of Classes does with them. Lists of the size that AWS allows
// have hundreds.
const maxClasses = 1 << 14

// Classes divides the packets into classes: a rule matches all packets of a class or
// none. It returns the classes that each rule matches, in sets of equal length. It reports
// false if there are too many classes. Their packets may be of any direction: the direction,
// the number and the action of a rule do not matter.
func Classes(list []mirror.Rule) ([]Set, bool) {
	var classes [][]int32
	known := map[string]bool{}
	for _, is4 := range families {
		d, err := explore(scope{is4: is4, within: every(is4), layers: []layer{{rules: list}}, onlyRules: true, allRules: true})
		if err != nil || len(classes)+len(d.regions) > maxClasses {
			return nil, false
		}
		for _, r := range d.regions {
			places := make([]int32, len(r.items))
			var key []byte
			for i, it := range r.items {
				places[i] = d.items[it].place
				key = binary.LittleEndian.AppendUint32(key, uint32(places[i]))
			}
			if !known[string(key)] {
				known[string(key)] = true
				classes = append(classes, places)
			}
		}
	}
	sets := make([]Set, len(list))
	size := (len(classes) + 63) / 64
	words := make([]uint64, size*len(list))
	for i := range sets {
		sets[i] = words[i*size : (i+1)*size : (i+1)*size]
	}
	for class, places := range classes {
		for _, place := range places {
			sets[place][class/64] |= 1 << (class % 64)
		}
	}
	return sets, true
}
