package simulation

import (
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

// outcomeOf returns an outcome that a reason is of.
func outcomeOf(r dataplane.Reason) dataplane.Outcome {
	switch {
	case r <= dataplane.ServiceAccepts:
		return dataplane.Mirrored
	case r == dataplane.RuleRejects:
		return dataplane.Rejected
	case r < dataplane.ARP:
		return dataplane.NoMatch
	case r <= dataplane.WindowsActivation:
		return dataplane.NeverMirrored
	case r <= dataplane.ImpossibleDirection:
		return dataplane.NoDirection
	}
	return dataplane.Lost
}

// Each reason has its own words, and filters by words find what they say.
func TestComment_reasons(t *testing.T) {
	t.Parallel()
	seen := map[string]dataplane.Reason{}
	for _, reason := range dataplane.Reasons {
		v := dataplane.Verdict{Outcome: outcomeOf(reason), Reason: reason, Bytes: 60}
		hasSession := v.Outcome == dataplane.Mirrored || v.Outcome == dataplane.Rejected || v.Outcome == dataplane.Lost
		if hasSession {
			v.SessionNumber, v.RuleNumber = 1, 20
		}
		if reason == dataplane.ServiceAccepts {
			v.RuleNumber = 0
		}
		text := string(appendComment(nil, &v, 60))
		if other, isSeen := seen[text]; isSeen {
			t.Errorf("%s and %s have the comment %q", reason, other, text)
		}
		seen[text] = reason
		_, words, _ := strings.Cut(text, ": ")
		if words == "" || strings.HasSuffix(text, ", ") {
			t.Errorf("%s has no words: %q", reason, text)
		}
		for filter, want := range map[string]bool{
			"mirrored": v.Outcome == dataplane.Mirrored, "rejected": v.Outcome == dataplane.Rejected, "lost": v.Outcome == dataplane.Lost,
			"never copied": v.Outcome == dataplane.NeverMirrored, "no match": v.Outcome == dataplane.NoMatch, "no direction": v.Outcome == dataplane.NoDirection,
			"session 1,": hasSession, "rule 20 ": v.RuleNumber == 20,
		} {
			if strings.Contains(text, filter) != want {
				t.Errorf("%s: does %q contain %q?", reason, text, filter)
			}
		}
	}
}

func TestComment(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]dataplane.Verdict{
		"mirrored: session 1, rule 200 accepts, 128 of 1514 bytes, cut to the packet length of the session": {
			Outcome: dataplane.Mirrored, Reason: dataplane.RuleAccepts, SessionNumber: 1, RuleNumber: 200, Bytes: 128, TruncatedBy: dataplane.ByPacketLength,
		},
		"mirrored: session 32766, rule 32766 accepts, 1460 of 1514 bytes, cut to the MTU of the target; not known: target_mtu; depends on assumption A0105": {
			Outcome: dataplane.Mirrored, Reason: dataplane.RuleAccepts, SessionNumber: 32766, RuleNumber: 32766, Bytes: 1460, TruncatedBy: dataplane.ByTargetMTU,
			Unknown: 1 << dataplane.Unknowns[0], Assumption: 105,
		},
		"mirrored: session 2, network service amazon-dns accepts, 1514 bytes; depends on assumption A0102": {
			Outcome: dataplane.Mirrored, Reason: dataplane.ServiceAccepts, SessionNumber: 2, Bytes: 1514, Assumption: 102,
		},
		"rejected: session 1, rule 100 rejects":                  {Outcome: dataplane.Rejected, Reason: dataplane.RuleRejects, SessionNumber: 1, RuleNumber: 100},
		"no match: no rule matches; depends on assumption A0004": {Outcome: dataplane.NoMatch, Reason: dataplane.NoRule, Assumption: 4},
		"lost: session 3, rule 7 accepts, what backed the target does not exist any more; depends on assumption A0108": {
			Outcome: dataplane.Lost, Reason: dataplane.TargetGone, SessionNumber: 3, RuleNumber: 7, Assumption: 108,
		},
	} {
		if got := string(appendComment(nil, &v, 1514)); got != want {
			t.Errorf("\n got %q\nwant %q", got, want)
		}
	}
	for _, cut := range dataplane.Truncations {
		if truncationWords[cut] == "" {
			t.Errorf("%s has no words", cut)
		}
	}
}
