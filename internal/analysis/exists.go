package analysis

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

// MayExist reports whether there is a packet that every list in accepting accepts
// and no list in rejecting accepts. Each list has the rules of one direction, in
// any order. Nothing but rules decides here. The answer is exact, but if it would take too
// long, MayExist gives up and returns true.
func MayExist(accepting, rejecting [][]mirror.Rule) bool {
	var layers []layer
	for _, lists := range [][][]mirror.Rule{accepting, rejecting} {
		for _, list := range lists {
			layers = append(layers, layer{rules: inOrder(list)})
		}
	}
	for _, is4 := range families {
		d, err := explore(scope{is4: is4, within: every(is4), layers: layers, onlyRules: true})
		if err != nil {
			return true
		}
		for _, r := range d.regions {
			if d.isWanted(r, len(accepting)) {
				return true
			}
		}
	}
	return false
}

// isWanted reports whether the first layers accept the packets of a region, and no others do.
func (d *diagram) isWanted(r region, accepting int) bool {
	for i := range d.layers {
		decider := d.decider(r, i)
		if accepts := decider != nil && decider.Action == mirror.Accept; accepts != (i < accepting) {
			return false
		}
	}
	return true
}
