package reconcile

import (
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A ruleStep is one call to EC2 on the way from the present rules of a filter to the
// wanted ones.
type ruleStep struct {
	call ruleCall
	rule mirror.Rule // as it is after the call; its ID is empty before a create

	// loses has the directions in which packets are missing after the call that are
	// accepted at the start and at the end.
	loses []mirror.Direction
}

// A Loss says that packets of a direction that the rules accept before and after a change
// were not accepted meanwhile, after so many calls to EC2.
type Loss struct {
	Direction mirror.Direction
	Calls     int
}

// lossesOf returns the losses of the calls that were made.
func lossesOf(steps []ruleStep) []Loss {
	var losses []Loss
	for _, d := range mirror.Directions {
		loss := Loss{Direction: d}
		for _, s := range steps {
			if slices.Contains(s.loses, d) {
				loss.Calls++
			}
		}
		if loss.Calls > 0 {
			losses = append(losses, loss)
		}
	}
	return losses
}

type ruleCall string

const (
	createCall ruleCall = "create"
	modifyCall ruleCall = "modify"
	deleteCall ruleCall = "delete"
)

// A ruleChange is a change of one rule. If from is nil the rule is created, if to is nil it
// is deleted.
type ruleChange struct{ from, to *mirror.Rule }

func inDirection(rules []mirror.Rule, d mirror.Direction) []mirror.Rule {
	return mirror.Filter{Rules: rules}.InDirection(d)
}

// pairRules decides which present rule becomes which wanted rule: a rule with the same
// number, otherwise one with the same content, otherwise any. It leaves out rules that do
// not change.
func pairRules(present, wanted []mirror.Rule) []ruleChange {
	present, wanted = slices.Clone(present), slices.Clone(wanted)
	var changes []ruleChange
	pair := func(fits func(from, to mirror.Rule) bool) {
		wanted = slices.DeleteFunc(wanted, func(to mirror.Rule) bool {
			i := slices.IndexFunc(present, func(from mirror.Rule) bool { return fits(from, to) })
			if i < 0 {
				return false
			}
			from := present[i]
			present = slices.Delete(present, i, i+1)
			if !mirror.SameRule(from, to) {
				changes = append(changes, ruleChange{&from, &to})
			}
			return true
		})
	}
	pair(func(from, to mirror.Rule) bool { return from.Number == to.Number })
	pair(mirror.SameContent)
	pair(func(from, to mirror.Rule) bool { return true })
	for _, from := range present {
		changes = append(changes, ruleChange{from: &from})
	}
	for _, to := range wanted {
		changes = append(changes, ruleChange{to: &to})
	}
	return changes
}

// applyStep returns the rules after a step.
func applyStep(rules []mirror.Rule, s ruleStep) []mirror.Rule {
	others := slices.DeleteFunc(slices.Clone(rules), func(r mirror.Rule) bool { return s.rule.ID != "" && r.ID == s.rule.ID })
	if s.call == deleteCall {
		return others
	}
	return append(others, s.rule)
}

// finalStep is the call that finishes a change.
func finalStep(c ruleChange) ruleStep {
	if c.to == nil {
		return ruleStep{call: deleteCall, rule: *c.from}
	}
	to := *c.to
	if c.from == nil {
		to.ID = ""
		return ruleStep{call: createCall, rule: to}
	}
	to.ID = c.from.ID
	return ruleStep{call: modifyCall, rule: to}
}

// isNumberUsed reports whether a rule has the number of another.
func isNumberUsed(rules []mirror.Rule, r mirror.Rule) bool {
	return slices.ContainsFunc(rules, func(o mirror.Rule) bool { return o.Direction == r.Direction && o.Number == r.Number })
}
