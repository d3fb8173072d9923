package check

import (
	"fmt"
	"strings"
)

// VerdictChanges are the verdicts of a simulation that the plan changes, one line for each
// packet and each session.
type VerdictChanges struct{ Packets, Sessions []string }

// maxVerdictChanges is how many lines of a kind a finding shows.
const maxVerdictChanges = 20

// VerdictsChange says which verdicts of a simulation the plan changes. Changes are the objects
// because of which it does.
func (s *Simulations) VerdictsChange(id, interfaceID string, changes []string, verdicts VerdictChanges) []Finding {
	if verdicts.Packets == nil && verdicts.Sessions == nil || !s.IsFirst("verdicts change "+id) {
		return nil
	}
	lines := append(firstLines(verdicts.Packets, "packets"), firstLines(verdicts.Sessions, "sessions")...)
	f := &findings{Plan: s.plan, about: []string{interfaceID}}
	f.add(Finding{
		Severity: Warning, Silence: VerdictsChanged, Summary: "Verdicts change",
		Detail: fmt.Sprintf("This plan changes %s. So the simulation of %s finds:\n\n  %s\n\nThis is for your information.",
			strings.Join(changes, ", "), interfaceID, strings.Join(lines, "\n  ")),
	})
	return f.all
}

func firstLines(lines []string, noun string) []string {
	if more := len(lines) - maxVerdictChanges; more > 0 {
		return append(lines[:maxVerdictChanges:maxVerdictChanges], fmt.Sprintf("and of %d more %s", more, noun))
	}
	return lines
}

// WaitingForArguments says that a simulation cannot run in the plan, because the plan does not know
// some of its arguments.
func (s *Simulations) WaitingForArguments(id string, arguments []string) []Finding {
	return s.waiting(id, nil, fmt.Sprintf("The plan cannot run this simulation, because these arguments, or values in them, are known only after apply: %s. %s.",
		strings.Join(arguments, ", "), waitingEnd))
}

// waitingEnd says what happens to a simulation that waits.
const waitingEnd = "The apply runs the simulation, and fails if an expectation does not hold"

// Waiting says that a simulation cannot run in the plan, because the plan does not know all of
// the sessions.
func (s *Simulations) Waiting(id, interfaceID string, waits []string) []Finding {
	return s.waiting(id, []string{interfaceID}, fmt.Sprintf("The plan cannot simulate the sessions of %s, because this is known only after apply: %s. %s. "+
		"To check the filter in the plan, write interface and sessions in the simulation instead of network_interface_id.", interfaceID, strings.Join(waits, "; "), waitingEnd))
}

func (s *Simulations) waiting(id string, about []string, text string) []Finding {
	if s.IsApply() || !s.IsFirst("waiting "+id) {
		return nil
	}
	f := &findings{Plan: s.plan, about: about}
	f.add(Finding{Severity: Warning, Silence: SimulationWaits, Summary: "The simulation waits for the apply", Detail: text})
	return f.all
}
