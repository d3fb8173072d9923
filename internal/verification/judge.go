package verification

import (
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

// judge decides what is a difference.
type judge struct{ matcher }

// isExpected reports whether a copy of a packet should arrive.
func (x *item) isExpected() bool { return x.verdict.Outcome == dataplane.Mirrored }

// take compares what should have happened to a packet of the source with what did.
func (v judge) take(s *item) {
	if s.isCopy {
		return
	}
	v.queue.unpair(s)
	class, why := v.classify(s)
	switch {
	case why != "":
		v.results.notJudged[why]++
		return
	case class == "" && s.isExpected():
		v.results.right++
	case class == "":
		v.results.notExpected++
	}
	v.count(s, class)
	fits := v.tryAlternatives(s)
	switch class {
	case "":
	case Altered, OutOfOrder: // no alternative is about these
		v.results.difference(class, s, s.copy, [alternativeCount]bool{})
	default:
		v.results.difference(class, s, s.copy, fits)
	}
}

// classify returns the difference of a packet, or why it is not judged. Both are "" if everything
// is as expected.
func (v judge) classify(s *item) (Class, Unjudged) {
	switch c := s.copy; {
	case slices.Contains(dataplane.Unjudged, s.verdict.Reason):
		return "", Unjudged(s.verdict.Reason.String())
	case s.isExpected() && !v.covers(s.verdict.SessionNumber):
		return v.classifyOther(s, c)
	case c == nil && !v.isInSensors(s) && s.isExpected():
		return "", MissingOutsideSensor
	case c == nil && !v.isInSensors(s):
		return "", OutsideSensor
	case c == nil && s.isExpected():
		return Missing, ""
	case c == nil:
		return "", ""
	case !s.isExpected():
		return Unexpected, ""
	case !v.hasVNI(s, c):
		return WrongVNI, ""
	default:
		return v.compareCopy(s, c)
	}
}

// covers reports whether the sensors should have the copies of a session.
func (v *verifier) covers(session int) bool { return v.covered == nil || v.covered[session] }

// classifyOther is classify for a packet whose copy belongs to a sensor that was not captured. A copy
// that has the VNI of its session was only captured too. Without a VNI nothing shows that it is one.
func (v judge) classifyOther(s, c *item) (Class, Unjudged) {
	switch {
	case c == nil:
		return "", OtherSession
	case v.sensors[c.sensor].form == Frames:
		return Unexpected, ""
	case !v.hasVNI(s, c):
		return WrongVNI, ""
	}
	return "", OtherSession
}

// compareCopy compares a copy that should have arrived with its packet.
func (v judge) compareCopy(s, c *item) (Class, Unjudged) {
	bytes := compareBytes(s, c)
	fits, isKnown := checksumFits(s, c)
	if isKnown && fits && s.sums.differ(c.sums) {
		v.results.completed++
	}
	switch {
	case bytes == different || isKnown && !fits:
		return Altered, ""
	case c.length < s.length:
		return Shorter, ""
	case c.length > s.length:
		return Longer, ""
	case s.isLate:
		return OutOfOrder, ""
	case (bytes == unseen || !isKnown) && s.have < min(s.frame, c.length):
		return "", SourceCut
	case bytes == unseen:
		return "", SensorCut
	case !isKnown:
		return "", SourceCut
	}
	return "", ""
}

// isInSensors reports whether all captures at sensors certainly cover the copy of a packet.
func (v matcher) isInSensors(s *item) bool {
	for _, sensor := range v.sensors {
		margin := sensor.clock.margin()
		switch {
		case v.in.SensorsComplete && sensor.isRead():
		case sensor.clock.pairs == 0 || s.time-margin < sensor.low() || s.time+margin > sensor.high():
			return false
		}
	}
	return true
}

// isRead reports whether it is known which copies of the source's interface a capture has. It is not
// if the capture has some, and none fits a packet of the source.
func (s *sensor) isRead() bool {
	return s.clock.pairs > 0 || s.extent.packets == 0 || s.form == Copies && s.own == 0
}

// low and high are the first and the last time of a sensor's capture, in the clock of the source.
func (s *sensor) low() int64  { return s.clock.toSource(s.extent.first) }
func (s *sensor) high() int64 { return s.clock.toSource(s.extent.last) }

// hasVNI reports whether a copy has the VNI of its session. EC2 chooses the VNI of a session that
// has none in the configuration: the first copy with a VNI of no other session shows it
// (assumption A0120).
func (v judge) hasVNI(s, c *item) bool {
	if v.sensors[c.sensor].form == Frames {
		return true
	}
	session := v.sessions[s.verdict.SessionNumber]
	if !v.mayHaveVNI(session, c.vni) {
		return false
	}
	if !session.knowsVNI {
		session.vni, session.knowsVNI, session.learned = c.vni, true, true
	}
	return true
}

// mayHaveVNI reports whether a VNI is that of a session, as far as it is known.
func (v *verifier) mayHaveVNI(session *sessionState, vni uint32) bool {
	if session.knowsVNI {
		return session.vni == vni
	}
	for _, other := range v.sessions {
		if other.knowsVNI && other.vni == vni {
			return false
		}
	}
	return true
}

// tryAlternatives returns which alternatives say what has happened to a packet.
func (v judge) tryAlternatives(s *item) (fits [alternativeCount]bool) {
	for i, a := range v.alternatives {
		p := s.predicted[i]
		switch c := s.copy; {
		case c == nil:
			fits[i] = !p.isMirrored || !v.covers(p.session)
		case v.sensors[c.sensor].form == Frames:
			fits[i] = p.isMirrored && v.covers(p.session) && p.length == c.length
		case p.isMirrored:
			fits[i] = p.length == c.length && v.mayHaveVNI(v.sessions[p.session], c.vni)
		}
		if !fits[i] {
			a.differences++
		}
	}
	return fits
}

// duplicate reports a second copy of a packet.
func (v judge) duplicate(s, c *item) {
	if slices.Contains(dataplane.Unjudged, s.verdict.Reason) {
		v.results.notJudged[Unjudged(s.verdict.Reason.String())]++
		return
	}
	v.results.difference(Duplicate, s, c, [alternativeCount]bool{})
}

// unknown reports a copy of a packet that the capture at the source does not have.
func (v judge) unknown(c *item) {
	v.results.difference(UnknownAtSource, nil, c, [alternativeCount]bool{})
}
