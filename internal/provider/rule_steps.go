package provider

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A ruleStep is one call to EC2 on the way from the rules that a filter has to
// those that it shall have.
type ruleStep struct {
	call ruleCall
	rule mirror.Rule // as it is after the call; its ID is empty before a create
}

type ruleCall string

const (
	createCall ruleCall = "create"
	modifyCall ruleCall = "modify"
	deleteCall ruleCall = "delete"
)

// A ruleChange is a rule that has to become another. Without from it is created,
// without to it is deleted.
type ruleChange struct{ from, to *mirror.Rule }

// directions are those whose rules the change concerns. Only a rule of its own can
// go from one to the other.
func (c ruleChange) directions() []mirror.Direction {
	switch {
	case c.from == nil:
		return []mirror.Direction{c.to.Direction}
	case c.to == nil || c.from.Direction == c.to.Direction:
		return []mirror.Direction{c.from.Direction}
	}
	return []mirror.Direction{c.from.Direction, c.to.Direction}
}

func inDirection(rules []mirror.Rule, d mirror.Direction) []mirror.Rule {
	return mirror.Filter{Rules: rules}.InDirection(d)
}

// pairRules says which present rule becomes which wanted one: the one of its
// number, else one of its content, else any. What is as it should be is left out.
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
			if !sameRule(from, to) {
				changes = append(changes, ruleChange{&from, &to})
			}
			return true
		})
	}
	pair(func(from, to mirror.Rule) bool { return from.Number == to.Number })
	pair(sameContent)
	pair(func(from, to mirror.Rule) bool { return true })
	for _, from := range present {
		changes = append(changes, ruleChange{from: &from})
	}
	for _, to := range wanted {
		changes = append(changes, ruleChange{to: &to})
	}
	return changes
}

// sameRule reports whether two rules differ in nothing that can be set.
func sameRule(a, b mirror.Rule) bool { return a.Number == b.Number && sameContent(a, b) }

func sameContent(a, b mirror.Rule) bool {
	return a.Direction == b.Direction && a.Action == b.Action && a.Description == b.Description &&
		a.SourceCIDR == b.SourceCIDR && a.DestinationCIDR == b.DestinationCIDR &&
		same(a.Protocol, b.Protocol) && same(a.SourcePorts, b.SourcePorts) && same(a.DestinationPorts, b.DestinationPorts)
}

func same[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

// applyStep returns the rules after a step.
func applyStep(rules []mirror.Rule, s ruleStep) []mirror.Rule {
	others := slices.DeleteFunc(slices.Clone(rules), func(r mirror.Rule) bool { return s.rule.ID != "" && r.ID == s.rule.ID })
	if s.call == deleteCall {
		return others
	}
	return append(others, s.rule)
}

// convergeRules makes the filter's rules of some directions the wanted ones. The
// noun follows each call that succeeds.
func (c *Client) convergeRules(ctx context.Context, filter *mirror.Filter, directions []mirror.Direction, wanted []mirror.Rule) error {
	var present []mirror.Rule
	for _, d := range directions {
		present = append(present, filter.InDirection(d)...)
	}
	for _, s := range ruleSteps(present, wanted) {
		s.rule.FilterID = filter.ID
		done, err := c.takeStep(ctx, s)
		if err != nil {
			return fmt.Errorf("rule %d of the %s rules: %w", s.rule.Number, s.rule.Direction, err)
		}
		filter.Rules = applyStep(filter.Rules, done)
	}
	slices.SortFunc(filter.Rules, func(a, b mirror.Rule) int {
		return cmp.Or(-cmp.Compare(a.Direction, b.Direction), cmp.Compare(a.Number, b.Number))
	})
	return nil
}

// takeStep makes the call of a step and returns the step with what EC2 made of it.
func (c *Client) takeStep(ctx context.Context, s ruleStep) (ruleStep, error) {
	call := c.ruleCall(s)
	done := s
	early := []string{s.rule.FilterID}
	if s.call == modifyCall {
		early = append(early, s.rule.ID) // to a delete, that there is none is good news
	}
	err := c.seen(ctx, func() (err error) {
		done.rule, err = call(ctx)
		return err
	}, early...)
	switch {
	case s.call == deleteCall && account.IsNotFound(err):
		return s, nil
	case err != nil:
		return s, err
	}
	c.touched.note(done.rule.ID)
	return done, nil
}

// ruleCall returns the call of a step. Its request is made once: the client token
// stays in it, so that a create of which the answer was lost makes one rule.
func (c *Client) ruleCall(s ruleStep) func(context.Context) (mirror.Rule, error) {
	switch s.call {
	case createCall:
		in := createRuleInput(s.rule)
		return func(ctx context.Context) (mirror.Rule, error) {
			out, err := c.createRule(ctx, in)
			if err != nil {
				return s.rule, err
			}
			return account.RuleOf(*out.TrafficMirrorFilterRule)
		}
	case modifyCall:
		in := modifyRuleInput(s.rule)
		return func(ctx context.Context) (mirror.Rule, error) {
			out, err := c.modifyRule(ctx, in)
			if err != nil {
				return s.rule, err
			}
			return account.RuleOf(*out.TrafficMirrorFilterRule)
		}
	}
	return func(ctx context.Context) (mirror.Rule, error) {
		_, err := c.deleteRule(ctx, &ec2.DeleteTrafficMirrorFilterRuleInput{TrafficMirrorFilterRuleId: &s.rule.ID})
		return s.rule, err
	}
}
