package simulation_test

import (
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

func TestExpectation_Check(t *testing.T) {
	t.Parallel()
	type expectation = simulation.Expectation
	all := &simulation.Where{}
	port := func(protocol string) *simulation.Where {
		return &simulation.Where{Protocol: protocol, DestinationPort: new(int64(22))}
	}
	for name, test := range map[string]struct {
		expectation expectation
		want        string
	}{
		"one packet":    {expectation{Packet: "ssh", Mirrored: "false"}, ""},
		"of a capture":  {expectation{Packet: "12", Bytes: new(int64(0))}, ""},
		"a set":         {expectation{Where: all, Mirrored: "none"}, ""},
		"all, at least": {expectation{Where: port("tcp"), Mirrored: "all", AtLeast: new(int64(1)), AtMost: new(int64(1))}, ""},
		"at most none":  {expectation{Where: port("17"), AtMost: new(int64(0))}, ""},
		"prefixes": {expectation{Where: &simulation.Where{
			Direction: "egress", Source: "2001:db8::/32", Destination: "2001:db8::1",
		}, Outcome: new("lost"), Reason: new("target_gone"), SessionNumber: new(int64(1)), RuleNumber: new(int64(32766))}, ""},

		"nothing":          {expectation{Packet: "ssh"}, "expects nothing of the packet. Set at least one of mirrored, outcome, reason, session_number, rule_number and bytes."},
		"nothing of a set": {expectation{Where: all}, "expects nothing of the packets. Set at least one of mirrored, at_least, at_most, outcome, reason, session_number, rule_number and bytes."},
		"neither":          {expectation{Mirrored: "true"}, "packet is missing. Write the name of one of packets, or the number of a packet of the capture, or write where for a set of packets."},
		"both":             {expectation{Packet: "ssh", Where: all, Mirrored: "all"}, "packet is set together with where. Write packet for one packet, or where for a set of packets."},
		"no packet":        {expectation{Packet: "web", Mirrored: "true"}, `packet is "web", and there is no such packet. Write the name of one of packets, or the number of a packet of the capture, from 1.`},
		"all of one":       {expectation{Packet: "ssh", Mirrored: "all"}, `mirrored is "all". Write true or false for one packet. For a set of packets, write where in place of packet.`},
		"yes":              {expectation{Packet: "ssh", Mirrored: "1"}, `mirrored is "1". Write true or false for one packet. For a set of packets, write where in place of packet.`},
		"true of a set":    {expectation{Where: all, Mirrored: "true"}, `mirrored is true. Write "all" or "none" for a set of packets, or use at_least and at_most.`},
		"count of one":     {expectation{Packet: "ssh", AtLeast: new(int64(1))}, "at_least counts the packets of a set, and the expectation is about one packet. Write where in place of packet, or remove at_least."},
		"above":            {expectation{Where: all, AtLeast: new(int64(3)), AtMost: new(int64(2))}, "at_least is 3, which is more than at_most, 2. Write a number that is not above at_most."},
		"always":           {expectation{Where: all, AtLeast: new(int64(0))}, "at_least is 0, which always holds. Write a whole number from 1, or remove it."},
		"negative":         {expectation{Where: all, AtMost: new(int64(-1))}, "at_most is -1. Write a whole number from 0."},
		"bytes":            {expectation{Where: all, Bytes: new(int64(-1))}, "bytes is -1. Write a whole number from 0."},
		"none and some":    {expectation{Where: all, Mirrored: "none", AtLeast: new(int64(2))}, `mirrored is "none", and at_least or at_most counts mirrored packets. Remove mirrored, or remove at_least and at_most.`},
		"ports of icmp":    {expectation{Where: port("icmp"), Mirrored: "none"}, `where.protocol is "icmp", which has no ports. Remove the ports, or write tcp or udp.`},
		"families": {expectation{Where: &simulation.Where{Source: "10.0.0.0/8", Destination: "::1"}, Mirrored: "none"},
			"where.destination is ::1, of another address family than source, 10.0.0.0/8. Write both as IPv4 or both as IPv6."},
		"host bits": {expectation{Where: &simulation.Where{Source: "10.0.0.1/8"}, Mirrored: "none"},
			`where.source is "10.0.0.1/8", which has bits set after the prefix length. Write "10.0.0.0/8".`},
		"no address": {expectation{Where: &simulation.Where{Source: "web"}, Mirrored: "none"},
			`where.source is "web", which is neither an IP address nor a CIDR block. Write an address such as "10.0.1.10", or a prefix such as "10.0.0.0/8" or "2001:db8::/32".`},
		"direction": {expectation{Where: &simulation.Where{Direction: "in"}, Mirrored: "none"}, `where.direction is "in". Write "ingress" or "egress".`},
		"port":      {expectation{Where: &simulation.Where{SourcePort: new(int64(65536))}, Mirrored: "none"}, "where.source_port is 65536. Write a whole number from 0 to 65535."},
		"outcome":   {expectation{Packet: "ssh", Outcome: new("dropped")}, `outcome is "dropped". Write one of mirrored, rejected, no_match, never_mirrored, no_direction, lost.`},
		"rule":      {expectation{Packet: "ssh", RuleNumber: new(int64(0))}, "rule_number is 0. Write a whole number from 1 to 32766."},
	} {
		got := ""
		if problems := test.expectation.Check(map[string]bool{"ssh": true}, true); problems != nil {
			got = problems.Error()
		}
		if got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, test.want)
		}
	}
}

// A problem names every field that it depends on: a caller that does not know the field yet says
// nothing.
func TestExpectation_Check_dependsOn(t *testing.T) {
	t.Parallel()
	for unknown, expectation := range map[string]simulation.Expectation{
		"where":    {Mirrored: "all"},
		"mirrored": {Packet: "ssh"},
		"at_most":  {Where: &simulation.Where{}},
		"packet":   {Packet: "web", Mirrored: "true"},
	} {
		if rest := known(expectation.Check(map[string]bool{"ssh": true}, false), unknown); rest != nil {
			t.Errorf("%s is not known, and there are problems: %v", unknown, rest)
		}
	}
}

func known(problems mirror.Problems, unknown string) mirror.Problems {
	var rest mirror.Problems
	for _, p := range problems {
		if !p.DependsOn(unknown) {
			rest = append(rest, p)
		}
	}
	return rest
}
