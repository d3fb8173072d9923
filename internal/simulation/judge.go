package simulation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// Judge is a Sink that compares the packets of a run with expectations, for which Check has found
// no problem. It keeps no packet: for each set it keeps counts, and a text for the first packets
// that are not as expected.
type Judge struct {
	source       *dataplane.Source
	expectations []Expectation
	texts        []string // of failures, by expectation; "": it holds so far
	causes       []cause  // of them
	seen         []bool   // the packet of the expectation

	byName   map[string][]int // expectations of one packet, by name or by number
	byNumber map[int64][]int
	sets     []*set

	captured, all int64 // packets
	noSession     int64 // packets with this reason
	isVacuous     bool  // a failure has said that there is no session
}

// NewJudge returns a judge of a run of the source.
func NewJudge(source *dataplane.Source, expectations []Expectation) *Judge {
	j := &Judge{
		source: source, expectations: expectations, texts: make([]string, len(expectations)), causes: make([]cause, len(expectations)), seen: make([]bool, len(expectations)),
		byName: map[string][]int{}, byNumber: map[int64][]int{},
	}
	for i, e := range expectations {
		number, err := strconv.ParseInt(e.Packet, 10, 64)
		switch {
		case e.Where != nil:
			j.sets = append(j.sets, newSet(i, e))
		case err == nil && IsCaptureNumber(e.Packet):
			j.byNumber[number] = append(j.byNumber[number], i)
		default:
			j.byName[e.Packet] = append(j.byName[e.Packet], i)
		}
	}
	return j
}

// Take implements Sink. It allocates only for a packet that is not as expected, or that an
// expectation names.
func (j *Judge) Take(p *Packet) error {
	j.all++
	if p.Verdict.Reason == dataplane.NoSession {
		j.noSession++
	}
	for _, s := range j.sets {
		if s.selector.fits(p) {
			s.take(j.source, p)
		}
	}
	if p.Name != "" {
		j.compare(p, j.byName[p.Name])
		return nil
	}
	j.captured++
	if len(j.byNumber) > 0 {
		j.compare(p, j.byNumber[p.Number])
	}
	return nil
}

// compare compares a packet with the expectations about it.
func (j *Judge) compare(p *Packet, expectations []int) {
	if len(expectations) == 0 {
		return
	}
	v := newPacketVerdict(p)
	for _, i := range expectations {
		j.seen[i] = true
		e := j.expectations[i]
		broken := e.Broken(v)
		if broken == "" {
			continue
		}
		j.texts[i], j.causes[i] = broken+"\n"+traceOf(j.source, p), causeOf(&p.Verdict)
		j.isVacuous = j.isVacuous || e.IsVacuous(v)
	}
}

// traceOf returns how a packet got its verdict.
func traceOf(source *dataplane.Source, p *Packet) string {
	return fmt.Sprintf("%s%s is reached:\n%s", traceHead, p.title(), source.Trace(&p.Decoded, p.Stated))
}

// Close implements Sink.
func (j *Judge) Close() error { return nil }

// Failures returns the expectations that do not hold, by index, after the run.
func (j *Judge) Failures() []Failure {
	texts, causes := slices.Clone(j.texts), slices.Clone(j.causes)
	for i, e := range j.expectations {
		if e.Where == nil && !j.seen[i] {
			texts[i] = NoPacket(e.Packet, j.captured)
		}
	}
	isVacuous := j.isVacuous
	for _, s := range j.sets {
		texts[s.index], causes[s.index] = s.failure(j.all), s.cause()
		isVacuous = isVacuous || s.noSession.count > 0
	}
	var failures []Failure
	for i, text := range texts {
		if text != "" {
			failures = append(failures, Failure{Index: i, Text: strings.TrimRight(text, "\n"), Cause: causes[i].String()})
		}
	}
	// A run in which nothing could be mirrored proves nothing, even if its expectations hold.
	isAskedFor := slices.ContainsFunc(j.expectations, Expectation.expectsNoSession)
	if j.noSession > 0 && !isAskedFor && !isVacuous {
		failures = append(failures, Failure{Index: -1, Text: fmt.Sprintf("No session decides about %s, and no expectation asks for this. %s",
			wording.Count(j.noSession, "packet"), noSessionAdvice)})
	}
	return failures
}
