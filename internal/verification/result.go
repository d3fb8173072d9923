package verification

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// Class is a kind of difference.
type Class string

// The classes.
const (
	Missing         Class = "missing"
	Unexpected      Class = "unexpected"
	Shorter         Class = "shorter"
	Longer          Class = "longer"
	WrongVNI        Class = "wrong_vni"
	Altered         Class = "altered"
	Duplicate       Class = "duplicate"
	OutOfOrder      Class = "out_of_order"
	UnknownAtSource Class = "unknown_at_source"
)

// Classes lists every Class.
var Classes = []Class{Missing, Unexpected, Shorter, Longer, WrongVNI, Altered, Duplicate, OutOfOrder, UnknownAtSource}

var classes = map[Class]string{
	Missing:         "A copy should have arrived, and did not.",
	Unexpected:      "A copy arrived of a packet that should not be mirrored, or not to these sensors.",
	Shorter:         "A copy is shorter than it should be.",
	Longer:          "A copy is longer than it should be.",
	WrongVNI:        "A copy has another VNI than that of the session that should take the packet.",
	Altered:         "A copy has other bytes than its packet.",
	Duplicate:       "A packet has more than one copy. EC2 mirrors each packet at most once.",
	OutOfOrder:      "A copy arrived after the copy of a later packet of the same flow and direction.",
	UnknownAtSource: "A copy arrived of a packet that the capture at the source does not have, although it covers this time. The capture may have lost packets, or have merged segments (see the guide).",
}

// Sentence explains the class.
func (c Class) Sentence() string { return classes[c] }

// Unjudged is why it is not known whether something is right.
type Unjudged string

// The reasons, beside those of verdicts.
const (
	// MissingOutsideSensor is of packets whose copy should arrive.
	MissingOutsideSensor Unjudged = "missing_outside_sensor"

	OutsideSensor Unjudged = "outside_sensor"
	BeforeSource  Unjudged = "before_source"
	AfterSource   Unjudged = "after_source"
	SourceCut     Unjudged = "source_cut"
	SensorCut     Unjudged = "sensor_cut"
	OtherSession  Unjudged = "other_session"
	UnknownTime   Unjudged = "unknown_time"
)

var unjudged = map[Unjudged]string{
	MissingOutsideSensor: "A copy should arrive, and was not found. It is not certain that the sensors' captures cover the time of the packet.",

	OutsideSensor: "The packet should not be mirrored, and no copy was found. It is not certain that the sensors' captures cover the time of the packet.",
	UnknownTime:   "The source has no packet for the copy, and it is not known how the clocks differ.",
	BeforeSource:  "The copy is of a packet from before the begin of the capture at the source.",
	AfterSource:   "The copy is of a packet from after the end of the capture at the source.",
	SourceCut:     "A copy arrived, but the capture at the source has cut the packet, so that not all bytes could be compared.",
	SensorCut:     "A copy arrived, but the sensor's capture has cut it, so that not all bytes could be compared.",
	OtherSession:  "The session that takes the packet is not one of those that were asked for.",
}

// Sentence explains the reason.
func (u Unjudged) Sentence() string {
	if text := unjudged[u]; text != "" {
		return text
	}
	for _, r := range dataplane.Reasons {
		if r.String() == string(u) {
			return r.Sentence()
		}
	}
	return ""
}

// results are the counts of a run.
type results struct {
	right       int64 // copies that arrived as expected
	notExpected int64 // packets that should not be copied and were not
	completed   int64 // copies whose checksums the interface filled in
	notJudged   map[Unjudged]int64
	groups      map[groupKey]*group
	counts      map[countKey]*expected
}

func newResults() *results {
	return &results{notJudged: map[Unjudged]int64{}, groups: map[groupKey]*group{}, counts: map[countKey]*expected{}}
}

// groupKey is what the differences of a group have in common.
type groupKey struct {
	class      Class
	session    int
	direction  mirror.Direction
	rule       int
	reason     dataplane.Reason
	assumption dataplane.Assumption
	vni        uint32
}

// group is a difference while it is counted.
type group struct {
	Difference
	key  groupKey
	fits [alternativeCount]int64 // packets for which an alternative says what has happened
}

// countKey is a set of packets whose copies should arrive.
type countKey struct {
	session   int
	direction mirror.Direction // "": both
	rule      int              // -1: all
	kind      int              // index into kinds; -1: all
}

// expected counts copies that should arrive.
type expected struct{ all, missing int64 }

// count counts a packet whose copy should arrive, in each set that it is in.
func (v judge) count(s *item, class Class) {
	if !s.isExpected() {
		return
	}
	number, w := s.verdict.SessionNumber, s.verdict
	v.results.expect(countKey{number, "", -1, -1}, class)
	v.results.expect(countKey{number, w.Direction, w.RuleNumber, -1}, class)
	for i := range kinds {
		if s.kinds&(1<<i) != 0 {
			v.results.expect(countKey{number, "", -1, i}, class)
		}
	}
}

func (r *results) expect(key countKey, class Class) {
	e := r.counts[key]
	if e == nil {
		e = &expected{}
		r.counts[key] = e
	}
	e.all++
	if class == Missing {
		e.missing++
	}
}

// maxExamples is how many examples a difference has.
const maxExamples = 5

// difference adds a packet to its group. s is nil if the source does not have it.
func (r *results) difference(class Class, s, c *item, fits [alternativeCount]bool) {
	key := groupKey{class: class}
	if c != nil && (class == WrongVNI || class == UnknownAtSource || class == Unexpected) {
		key.vni = c.vni
	}
	if s != nil {
		w := s.verdict
		key.session, key.direction, key.rule, key.reason = w.SessionNumber, w.Direction, w.RuleNumber, w.Reason
		if class == Missing || class == Unexpected || class == WrongVNI {
			key.assumption = w.Assumption // about who takes the packet
		}
	}
	d := r.groups[key]
	if d == nil {
		d = &group{Difference: Difference{Class: class, Meaning: class.Sentence()}, key: key}
		r.groups[key] = d
	}
	d.Packets++
	for i, fit := range fits {
		if fit {
			d.fits[i]++
		}
	}
	if len(d.Examples) < maxExamples {
		d.Examples = append(d.Examples, newExample(s, c))
	}
}

// An Example is a packet of a difference.
type Example struct {
	SourcePacket   int64  `json:"source_packet" doc:"Number of the packet in the capture at the source, from 1; 0 if it does not have it."`
	SourceTime     string `json:"source_time" doc:"Time in the capture at the source, or empty."`
	Sensor         int    `json:"sensor" doc:"Index of the sensor's capture in sensors, from 0; -1 if there is no copy."`
	SensorPacket   int64  `json:"sensor_packet" doc:"Number of the packet in the sensor's capture, from 1; 0 if there is no copy."`
	SensorTime     string `json:"sensor_time" doc:"Time in the sensor's capture, or empty."`
	Packet         string `json:"packet" doc:"The packet in words."`
	ExpectedLength int    `json:"expected_length" doc:"Length of the copy that should have arrived, in bytes from its Ethernet header; 0 if none should."`
	Length         int    `json:"length" doc:"Length of the copy that arrived; 0 if none did."`
	VNI            int64  `json:"vni" doc:"VNI of the copy that arrived; -1 if there is none or it is not known."`
}

func newExample(s, c *item) Example {
	e := Example{Sensor: -1, VNI: -1}
	if s != nil {
		e.SourcePacket, e.SourceTime = s.number, timeText(s.raw)
		e.Packet = describe(s)
		if s.isExpected() {
			e.ExpectedLength = s.length
		}
	}
	if c == nil {
		return e
	}
	e.Sensor, e.SensorPacket, e.SensorTime, e.Length, e.VNI = c.sensor, c.number, timeText(c.raw), c.length, int64(c.vni)
	if s == nil {
		e.Packet = describe(c)
	}
	return e
}

// describe returns a packet in words, with its length on the wire.
func describe(x *item) string {
	var p packet.Packet
	p.Decode(append(make([]byte, macLength), x.all()...), packet.LinkEthernet)
	text := dataplane.Describe(&p)
	if tail := ", " + strconv.Itoa(len(p.Data)) + " bytes"; len(text) > len(tail) {
		text = text[:len(text)-len(tail)]
	}
	return fmt.Sprintf("%s, %d bytes", text, x.frame)
}

// sorted returns the groups by class, session, direction and rule.
func (r *results) sorted() []*group {
	all := []*group{}
	for _, d := range r.groups {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b *group) int {
		x, y := a.key, b.key
		return cmp.Or(
			cmp.Compare(slices.Index(Classes, x.class), slices.Index(Classes, y.class)), cmp.Compare(x.session, y.session),
			cmp.Compare(x.direction, y.direction), cmp.Compare(x.rule, y.rule), cmp.Compare(x.reason, y.reason),
			cmp.Compare(x.assumption, y.assumption), cmp.Compare(x.vni, y.vni),
		)
	})
	return all
}
