package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// ruleNumberTaken is how EC2 refuses the number of another rule.
const ruleNumberTaken = "TrafficMirrorFilterRuleAlreadyExists"

// A crowdedError says that a rule did not get its number, because another one has
// it and has not moved.
type crowdedError struct {
	wanted   mirror.Rule
	holder   mirror.Rule
	parkedAt int // the number to which the rule has gone meanwhile; 0 if to none
}

// Error names the rules and what to do.
func (e *crowdedError) Error() string {
	text := fmt.Sprintf("Number %d of the %s rules of %s is that of %s, which did not move while this rule was waiting. ",
		e.wanted.Number, e.wanted.Direction, e.wanted.FilterID, e.holder.ID)
	if e.parkedAt != 0 {
		text += fmt.Sprintf("So this rule has gone to number %d, out of the way of others. ", e.parkedAt)
	}
	held := heldError{resource: "trafficmirror_filter_rule", id: e.holder.ID}
	return text + "If the plan moves or deletes that one too, apply again: that finishes. Rules that exchange numbers do so in one apply if -parallelism is at least their number, " +
		"and whatever it is when they stand in the ingress_rules and egress_rules of their trafficmirror_filter.\n\n" +
		"If nothing moves it, choose another number. " + held.adoption()
}

// changeRule makes a rule another, and returns what EC2 has, as far as it is known,
// also when it fails. aside says that the rule stands where an earlier run has
// parked it.
func (c *Client) changeRule(ctx context.Context, from, to mirror.Rule, aside bool) (mirror.Rule, error) {
	if sameRule(from, to) {
		return from, nil
	}
	if from.Number == to.Number && from.Direction == to.Direction {
		done, err := c.takeStep(ctx, ruleStep{modifyCall, to})
		if err != nil {
			return from, err
		}
		c.exchanges.of(from.FilterID).note(done.rule)
		return done.rule, nil
	}
	at, err := c.exchangeNumber(ctx, c.takeStep, ruleChange{&from, &to}, aside)
	return *at, err
}

// newRule creates a rule with create, as soon as its number is free. An error is
// that of EC2, which refused the number.
func (c *Client) newRule(ctx context.Context, to mirror.Rule, create func() (mirror.Rule, error)) error {
	created, err := create()
	if err == nil {
		c.exchanges.of(to.FilterID).note(created)
	}
	if !hasCode(err, ruleNumberTaken) {
		return err
	}
	take := func(_ context.Context, s ruleStep) (_ ruleStep, err error) {
		s.rule, err = create()
		return s, err
	}
	_, late := c.exchangeNumber(ctx, take, ruleChange{to: &to}, false)
	var crowded *crowdedError
	if errors.As(late, &crowded) {
		return err
	}
	return late
}

// exchangeNumber makes a change in turn with the others that take a number of the
// same filter at this time. It returns the rule as it is, or nil if it was not
// created.
func (c *Client) exchangeNumber(ctx context.Context, take takeStep, change ruleChange, aside bool) (*mirror.Rule, error) {
	e := c.exchanges.of(change.to.FilterID)
	m := e.join(change, aside)
	var err error
	for done := false; !done && err == nil; {
		select {
		case <-ctx.Done():
			err = e.stopped(m, ctx.Err())
		case t := <-m.turns:
			done, err = c.takeTurn(ctx, e, m, t, take)
		}
	}
	e.leave(m)
	return m.change.from, err
}

// takeStep makes the call of a step and returns the step with what EC2 made of it.
type takeStep = func(context.Context, ruleStep) (ruleStep, error)

// takeTurn does what the turn of a member asks for, and reports whether the member
// has come to its end.
func (c *Client) takeTurn(ctx context.Context, e *exchange, m *member, t turn, take takeStep) (done bool, err error) {
	switch {
	case t.giveUp != nil:
		return false, c.giveUp(ctx, e, m, t)
	case t.step == nil:
		var filter account.Tagged[mirror.Filter]
		err := c.seen(ctx, func() (err error) {
			filter, err = c.Inventory.Filter(ctx, m.change.to.FilterID)
			return err
		}, m.change.to.FilterID)
		if err == nil {
			e.saw(filter.Noun.Rules)
		}
		return false, err
	}
	step, err := take(ctx, *t.step)
	switch {
	case hasCode(err, ruleNumberTaken):
		m.denied = err
		if e.failed() {
			err = nil
		}
		return false, err
	case err != nil:
		return false, err
	}
	done = sameRule(t.step.rule, *m.change.to)
	e.did(m, step, done)
	return done, nil
}

// giveUp moves a rule out of the way, if it can, and says why.
func (c *Client) giveUp(ctx context.Context, e *exchange, m *member, t turn) error {
	crowded := &crowdedError{wanted: *m.change.to, holder: *t.giveUp}
	if t.step != nil {
		if step, err := c.takeStep(ctx, *t.step); err == nil {
			crowded.parkedAt = step.rule.Number
			e.yielded(m, step.rule)
		}
	}
	return crowded
}

// stopped says why a member that has run out of time waits.
func (e *exchange) stopped(m *member, err error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	holder, held := e.holder(m)
	switch {
	case !errors.Is(err, context.DeadlineExceeded):
	case held:
		return &crowdedError{wanted: *m.change.to, holder: holder}
	case m.denied != nil:
		return m.denied
	}
	return err
}
