package dataplane

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

// Given returns what a source was made of: the interface, the sessions by ascending number, and
// the options. The caller must not change the sessions.
func Given(s *Source) (mirror.Interface, []Session, Options) { return s.own.iface, s.given, s.options }

// CopyLimit returns how many bytes of a frame a session copies at most, and what limits them. The
// source must have the session.
func CopyLimit(s *Source, sessionNumber int) (int, Truncation) {
	c := &s.sessions[s.sessionAt(sessionNumber)]
	return c.limit, c.limitedBy
}
