package verification

import (
	"fmt"
	"maps"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/decapsulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// missingTogether says of which larger sets of packets all copies are missing. The largest set
// explains the most.
func (v reporter) missingTogether(d *group) []string {
	k := d.key
	if e := v.results.counts[countKey{k.session, "", -1, -1}]; e != nil && e.all == e.missing {
		return []string{fmt.Sprintf("No copy of session %d arrived. Check that the sensor is its target, and that the target can receive UDP port 4789.", k.session)}
	}
	var all []string
	for i := range kinds {
		e := v.results.counts[countKey{k.session, "", -1, i}]
		if e == nil || e.all != e.missing {
			continue
		}
		text := fmt.Sprintf("None of the %s of session %d arrived (%s)", kinds[i].name, k.session, wording.Grouped(e.all))
		if kinds[i].assumption != "" {
			text += ": see assumption " + kinds[i].assumption
			if d.Assumption == "" && e.all == d.Packets {
				d.Assumption = kinds[i].assumption
			}
		}
		all = append(all, text+".")
	}
	e := v.results.counts[countKey{k.session, k.direction, k.rule, -1}]
	if e != nil && e.all == e.missing && k.rule != 0 {
		all = append(all, fmt.Sprintf("No copy arrived of the packets that %s rule %d of session %d takes (%s).", k.direction, k.rule, k.session, wording.Grouped(e.all)))
	}
	return all
}

// damaged are the reasons of packets that may be copies, but cannot be read as such.
var damaged = []decapsulation.Reason{
	decapsulation.CutOff, decapsulation.Fragment, decapsulation.TooShort, decapsulation.BadLength, decapsulation.BadFlags,
	decapsulation.BadGENEVE, decapsulation.NoVXLAN,
}

// unreadable says which packets of the sensors may be copies that are missing.
func (v *verifier) unreadable() (all []string) {
	for i, s := range v.sensors {
		for _, n := range s.tally.Summary().NotCopies {
			j := slices.IndexFunc(damaged, func(r decapsulation.Reason) bool { return r.String() == n.Reason })
			if j >= 0 {
				all = append(all, fmt.Sprintf("Sensor %d has %s that may be copies and cannot be read (%s, the first is packet %d). %s",
					i, wording.Count(n.Packets, "packet"), n.Reason, n.FirstPacket, damaged[j].Sentence()))
			}
		}
	}
	return all
}

// explainTogether finds another assumption with which nothing is different, or less.
func (v reporter) explainTogether(r *Report, different int64) {
	explained := int64(0)
	for _, d := range r.Differences {
		if d.Class != Duplicate && d.Class != UnknownAtSource && d.Class != Altered && d.Class != OutOfOrder {
			explained += d.Packets
		}
	}
	for _, a := range v.alternatives {
		switch {
		case explained == 0 || a.differences >= explained:
		case a.differences == 0 && explained == different:
			r.Explanations = append(r.Explanations, fmt.Sprintf("With %s everything is as expected: assumption %s does not hold.", a.flag, a.assumption))
		default:
			r.Explanations = append(r.Explanations, fmt.Sprintf("With %s there are %s instead of %s: assumption %s may not hold.",
				a.flag, wording.Count(different-explained+a.differences, "difference"), wording.Grouped(different), a.assumption))
		}
	}
}

// explainOffload explains long packets of TCP that have no copy, while there are copies without a
// packet: the interface has divided the packets after the capture, or has joined them before it.
func (v reporter) explainOffload(r *Report) {
	hasUnknown, missing := false, int64(0)
	for _, d := range r.Differences {
		hasUnknown = hasUnknown || d.Class == UnknownAtSource
	}
	for key, e := range v.results.counts {
		if key.kind >= 0 && kinds[key.kind].name == longTCP {
			missing += e.missing
		}
	}
	if hasUnknown && missing > 0 {
		r.Explanations = append(r.Explanations, fmt.Sprintf("%s longer than 1,514 bytes have no copy, and there are copies without a packet. "+
			"The source may have captured segments that its interface divides or joins (TSO, GRO). Capture again with these turned off.", wording.Count(missing, "TCP packet")))
	}
}

// note says what limits the comparison.
func (v reporter) note(r *Report) {
	for _, number := range slices.Sorted(maps.Keys(v.sessions)) {
		if s := v.sessions[number]; s.learned {
			r.Notes = append(r.Notes, fmt.Sprintf("The configuration has no VNI for session %d. The first copy shows that it is %d.", number, s.vni))
		}
	}
	for _, s := range v.sensors {
		switch {
		case s.clock.pairs == 0 && s.extent.packets == 0:
			r.Notes = append(r.Notes, s.file.Name+" has no packets.")
		case s.clock.pairs == 0 && s.form == Copies && s.copies > 0 && s.copies == s.foreigns:
			r.Notes = append(r.Notes, fmt.Sprintf("No copy in %s comes from %s, the address of the interface. Correct the address, or take the capture at the right sensor.", s.file.Name, v.iface.PrivateIPAddress))
		case s.clock.pairs == 0:
			r.Notes = append(r.Notes, fmt.Sprintf("No packet of the source is in %s. The two captures may be of different times or interfaces.", s.file.Name))
		}
		if s.form == Frames && s.clock.pairs > 0 {
			r.Notes = append(r.Notes, s.file.Name+" has frames without VXLAN: VNIs and the interface that sent them were not compared.")
		}
	}
	if v.queue.shortest > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("More than %s packets or %d MB were in the window, so that it was shorter at times. A copy that was later was not found.", wording.Grouped(maxPending), maxPendingBytes>>20))
	}
}
