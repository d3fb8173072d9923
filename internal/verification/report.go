package verification

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/decapsulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// Result says how a comparison ended.
type Result string

// The results.
const (
	AsExpected    Result = "as_expected"
	Different     Result = "different"
	Incomplete    Result = "incomplete"
	NothingJudged Result = "nothing_judged"
)

// Results lists every Result.
var Results = []Result{AsExpected, Different, Incomplete, NothingJudged}

// A Report is what a comparison found.
type Report struct {
	Verdict         string           `json:"verdict" doc:"The result in a sentence."`
	Result          Result           `json:"result" doc:"as_expected; different; incomplete: nothing is different, and copies may be missing; or nothing_judged."`
	Expected        int64            `json:"expected" doc:"Copies that should have arrived, and of which it is known whether they did as expected."`
	Arrived         int64            `json:"arrived" doc:"Copies that arrived as expected."`
	NotExpected     int64            `json:"not_expected" doc:"Packets that should not be mirrored, and of which no copy arrived."`
	Completed       int64            `json:"completed_checksums" doc:"Copies whose checksums are right, while those in the capture at the source are not: the interface fills them in (assumption A0202)."`
	Source          SourceCapture    `json:"source" doc:"The capture at the source."`
	Sensors         []SensorCapture  `json:"sensors" doc:"The captures at the sensors."`
	Differences     []*Difference    `json:"differences" doc:"What is not as expected, in groups."`
	Explanations    []string         `json:"explanations" doc:"What would explain several differences together."`
	NotJudged       []NotJudged      `json:"not_judged" doc:"What it is not known of whether it is right, by reason."`
	OtherInterfaces []OtherInterface `json:"other_interfaces" doc:"Copies that other interfaces sent. They are not compared."`
	Notes           []string         `json:"notes" doc:"What limits the comparison."`
}

// SourceCapture is the capture at the source.
type SourceCapture struct {
	File    string `json:"file" doc:"Name of the file."`
	Packets int64  `json:"packets" doc:"Packets in the file."`
	First   string `json:"first" doc:"Time of the first packet."`
	Last    string `json:"last" doc:"Time of the last packet."`
}

// SensorCapture is a capture at a sensor.
type SensorCapture struct {
	File        string                      `json:"file" doc:"Name of the file."`
	Form        Form                        `json:"form" doc:"copies: VXLAN, or VXLAN in GENEVE. frames: the frames in the copies. unknown: the file has no copies, and no frame in it is that of a packet of the source."`
	Packets     int64                       `json:"packets" doc:"Packets in the file."`
	Copies      int64                       `json:"copies" doc:"Copies in the file, those of other interfaces too."`
	NotCopies   []decapsulation.ReasonCount `json:"not_copies" doc:"Packets in the file that are no copies, by reason."`
	ClockOffset string                      `json:"clock_offset" doc:"How much later than the packet a copy is captured: the difference of the two clocks and the way to the sensor. Empty if it is not known."`
	Jitter      string                      `json:"jitter" doc:"By how much this differs from copy to copy. Empty if it is not known."`
}

// A Difference is packets that are not as expected, all of one class, session and rule.
type Difference struct {
	Class         Class     `json:"class" doc:"The kind of difference: missing, unexpected, shorter, longer, wrong_vni, altered, duplicate, out_of_order or unknown_at_source."`
	Meaning       string    `json:"meaning" doc:"The class in a sentence."`
	SessionNumber int       `json:"session_number" doc:"The session that decides about the packets; 0 if none does."`
	Direction     string    `json:"direction" doc:"The direction of the packets; empty if it is not known."`
	RuleNumber    int       `json:"rule_number" doc:"The rule that decides; 0 if none does."`
	Reason        string    `json:"reason" doc:"The reason of the verdict; empty if there is none."`
	Why           string    `json:"why" doc:"What was expected, and by which rule."`
	Packets       int64     `json:"packets" doc:"Number of packets."`
	Assumption    string    `json:"assumption" doc:"The assumption about AWS that the difference contradicts; empty if none is known."`
	Explanations  []string  `json:"explanations" doc:"What would explain the difference."`
	Examples      []Example `json:"examples" doc:"The first packets."`
}

// NotJudged counts what is not judged for one reason.
type NotJudged struct {
	Reason  string `json:"reason" doc:"Why it is not judged."`
	Meaning string `json:"meaning" doc:"The reason in a sentence."`
	Packets int64  `json:"packets" doc:"Number of packets, or of copies."`
}

// OtherInterface counts the copies that another interface sent.
type OtherInterface struct {
	Source string `json:"source" doc:"Source address of the outer IP header."`
	Copies int64  `json:"copies" doc:"Number of copies."`
}

// reporter makes the report.
type reporter struct{ *verifier }

// report makes the report of what was counted.
func (v reporter) report() *Report {
	r := &Report{
		Arrived: v.results.right, NotExpected: v.results.notExpected, Completed: v.results.completed, Expected: v.results.right,
		Source:      SourceCapture{v.in.Source.Name, v.origin.extent.packets, v.origin.extent.firstText(), v.origin.extent.lastText()},
		Differences: []*Difference{}, Explanations: []string{}, NotJudged: []NotJudged{}, OtherInterfaces: []OtherInterface{}, Notes: []string{},
	}
	different := int64(0)
	for _, d := range v.results.sorted() {
		v.describe(d)
		r.Differences = append(r.Differences, &d.Difference)
		different += d.Packets
		if d.key.reason.String() != "" && d.Class != Unexpected && d.Class != Duplicate && d.Class != UnknownAtSource {
			r.Expected += d.Packets
		}
	}
	for _, why := range slices.Sorted(maps.Keys(v.results.notJudged)) {
		r.NotJudged = append(r.NotJudged, NotJudged{string(why), why.Sentence(), v.results.notJudged[why]})
	}
	v.describeSensors(r)
	v.explainTogether(r, different)
	v.explainOffload(r)
	v.note(r)
	v.conclude(r, different)
	return r
}

func (e *extent) firstText() string { return e.text(e.first) }
func (e *extent) lastText() string  { return e.text(e.last) }

func (e *extent) text(nanoseconds int64) string {
	if e.packets == 0 {
		return ""
	}
	return timeText(nanoseconds)
}

func timeText(nanoseconds int64) string {
	return time.Unix(0, nanoseconds).UTC().Format("2006-01-02T15:04:05.000000000Z")
}

func (v reporter) describeSensors(r *Report) {
	others := map[string]int64{}
	for _, s := range v.sensors {
		capture := SensorCapture{File: s.file.Name, Form: s.form, Packets: s.extent.packets, Copies: s.copies, NotCopies: s.tally.Summary().NotCopies}
		if s.clock.pairs > 0 {
			middle := s.clock.blocks[len(s.clock.blocks)/2].offset
			capture.ClockOffset, capture.Jitter = time.Duration(middle).String(), time.Duration(s.clock.jitter).String()
		}
		r.Sensors = append(r.Sensors, capture)
		for address, n := range s.others {
			others[address.String()] += n
		}
	}
	for address, n := range others {
		r.OtherInterfaces = append(r.OtherInterfaces, OtherInterface{address, n})
	}
	slices.SortFunc(r.OtherInterfaces, func(a, b OtherInterface) int {
		return cmp.Or(cmp.Compare(b.Copies, a.Copies), strings.Compare(a.Source, b.Source))
	})
}

// conclude writes the first line.
func (v reporter) conclude(r *Report, different int64) {
	lost := v.results.notJudged[MissingOutsideSensor]
	rest, notJudged := v.unread(), -lost
	for _, n := range r.NotJudged {
		notJudged += n.Packets
	}
	if lost > 0 {
		rest += fmt.Sprintf("; %s expected and not found, at a time that the sensors' captures may not cover", wording.CountWas(lost, "copy"))
	}
	isComplete := rest == ""
	if notJudged > 0 {
		rest += fmt.Sprintf("; %s not judged", wording.CountWas(notJudged, "packet"))
	}
	switch {
	case different > 0:
		r.Result = Different
		r.Verdict = fmt.Sprintf("%s not as expected; %s of %s that were expected arrived as expected%s.",
			wording.CountIs(different, "packet"), wording.Grouped(r.Arrived), wording.Count(r.Expected, "copy"), rest)
	case r.Arrived > 0 && !isComplete:
		r.Result = Incomplete
		r.Verdict = fmt.Sprintf("It is not known whether all copies arrived: %s arrived as expected%s.", wording.Count(r.Arrived, "copy"), rest)
	case r.Arrived > 0:
		r.Result = AsExpected
		r.Verdict = fmt.Sprintf("All of %s that were expected arrived, as expected%s.", wording.Count(r.Arrived, "copy"), rest)
		if r.Arrived == 1 {
			r.Verdict = fmt.Sprintf("The only copy that was expected arrived, as expected%s.", rest)
		}
	default:
		r.Result = NothingJudged
		r.Verdict = "No packet of the source has a copy in the sensor's capture that could be judged" + rest + "."
	}
}

// unread names the sensors of which nothing is known, for the first line.
func (v *verifier) unread() (text string) {
	for i, s := range v.sensors {
		if s.clock.pairs == 0 && !(v.in.SensorsComplete && s.isRead()) {
			text += fmt.Sprintf("; nothing is known of sensor %d", i)
		}
	}
	return text
}

// describe completes a difference.
func (v reporter) describe(d *group) {
	k := d.key
	d.SessionNumber, d.Direction, d.RuleNumber, d.Explanations = k.session, string(k.direction), k.rule, []string{}
	d.Assumption = k.assumption.String()
	if k.reason != 0 {
		d.Reason = k.reason.String()
	}
	d.Why = v.why(d)
	if d.Class == OutOfOrder {
		d.Assumption = "A0200"
	}
	for i, a := range v.alternatives {
		if d.fits[i] == 0 {
			continue
		}
		some := "all of these fit"
		if d.fits[i] < d.Packets {
			some = fmt.Sprintf("%s of these fit", wording.Grouped(d.fits[i]))
		}
		d.Explanations = append(d.Explanations, fmt.Sprintf("With %s %s (assumption %s).", a.flag, some, a.assumption))
		if d.fits[i] == d.Packets {
			d.Assumption = a.assumption
		}
	}
	if d.Class == Unexpected && k.reason == dataplane.RuleRejects && !d.isExplained() {
		d.Explanations = append(d.Explanations, v.otherFilter(k))
	}
	if d.Assumption == "" && (d.Class == Shorter || d.Class == Longer) {
		d.Assumption = v.lengthAssumption(k)
	}
	if d.Class == Missing {
		d.Explanations = append(d.Explanations, v.missingTogether(d)...)
		d.Explanations = append(d.Explanations, v.unreadable()...)
	}
}

// isExplained reports whether another assumption says what has happened to all packets.
func (d *group) isExplained() bool { return slices.Contains(d.fits[:], d.Packets) }

// otherFilter says which filter to look at when copies arrive that a rule rejects.
func (v reporter) otherFilter(k groupKey) string {
	session, rule := k.session, fmt.Sprintf(", beginning with %s rule %d", k.direction, k.rule)
	if other := vniSession(v, k.vni); other != 0 && other != session {
		session, rule = other, "" // the later session has taken the packets
	}
	given := "the configuration"
	if v.in.Configuration != "" {
		given = v.in.Configuration
	}
	return fmt.Sprintf("EC2 may have another filter: compare the filter of session %d in EC2 with the one in %s%s.", session, given, rule)
}

// lengthAssumption returns the assumption about what limits the copies of a session.
func (v reporter) lengthAssumption(k groupKey) string {
	_, by := dataplane.CopyLimit(v.source, k.session)
	switch by {
	case dataplane.ByTargetMTU:
		return "A0105"
	case dataplane.ByGatewayLoadBalancer:
		return "A0106"
	}
	return ""
}

// why says what was expected.
func (v reporter) why(d *group) string {
	k := d.key
	by := "Session " + strconv.Itoa(k.session)
	if k.rule != 0 {
		by = fmt.Sprintf("%s rule %d of session %d", title(string(k.direction)), k.rule, k.session)
	}
	switch {
	case d.Class == Unexpected && !v.covers(k.session) && k.session != 0:
		return fmt.Sprintf("%s takes these packets, and the sensors should have no copies of session %d.", by, k.session)
	case d.Class == UnknownAtSource && vniSession(v, k.vni) != 0:
		return fmt.Sprintf("The copies have the VNI %d of session %d.", k.vni, vniSession(v, k.vni))
	case d.Class == UnknownAtSource:
		return fmt.Sprintf("The copies have the VNI %d.", k.vni)
	case k.reason == dataplane.RuleRejects:
		return by + " rejects these packets, and no later session accepts them." + v.arrivedBy(k.vni)
	case k.reason == dataplane.RuleAccepts:
		return by + " takes these packets." + v.otherVNI(d)
	case k.reason == dataplane.ServiceAccepts:
		return fmt.Sprintf("Session %d takes these packets: they are Amazon DNS, and its filter has the service amazon-dns.", k.session) + v.otherVNI(d)
	}
	return k.reason.Sentence() + v.arrivedBy(k.vni)
}

func (v reporter) otherVNI(d *group) string {
	if d.Class != WrongVNI {
		return ""
	}
	text := fmt.Sprintf(" It has no VNI in the configuration, and the copies have %d", d.key.vni)
	if s := v.sessions[d.key.session]; s.knowsVNI {
		text = fmt.Sprintf(" Its VNI is %d, and the copies have %d", s.vni, d.key.vni)
	}
	if other := vniSession(v, d.key.vni); other != 0 {
		text += fmt.Sprintf(", the VNI of session %d", other)
	}
	return text + "."
}

func (v reporter) arrivedBy(vni uint32) string {
	if session := vniSession(v, vni); session != 0 {
		return fmt.Sprintf(" The copies have the VNI of session %d.", session)
	}
	return ""
}

// vniSession returns the first session with a VNI, or 0.
func vniSession(v reporter, vni uint32) int {
	for _, number := range slices.Sorted(maps.Keys(v.sessions)) {
		if s := v.sessions[number]; s.knowsVNI && s.vni == vni {
			return number
		}
	}
	return 0
}

func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
