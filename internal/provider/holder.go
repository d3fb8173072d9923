package provider

import (
	"context"
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A heldError says which object is in the way of a create. It may be what an
// earlier run made and could not write to the state any more.
type heldError struct {
	error
	resource, id string
}

func (e *heldError) Unwrap() error { return e.error }

// adoption tells how to take the object over.
func (e *heldError) adoption() string {
	return fmt.Sprintf("It is %s. If this configuration shall manage that object, import it:\n\n  import {\n    to = %s.NAME\n    id = %[1]q\n  }", e.id, e.resource)
}

// heldBy names the object that find knows to be in the way. Where it finds none,
// the error stays as it is.
func heldBy(err error, resource string, find func() string) error {
	if id := find(); id != "" {
		return &heldError{err, resource, id}
	}
	return err
}

// nameTargetHolder names the target that has what shall back another.
func (c *Client) nameTargetHolder(ctx context.Context, err error, plan targetModel) error {
	where := account.Where{Name: "network-interface-id", Values: []string{plan.NetworkInterfaceID.ValueString()}}
	if plan.NetworkInterfaceID.IsNull() {
		where = account.Where{Name: "network-load-balancer-arn", Values: []string{plan.NetworkLoadBalancerARN.ValueString()}}
	}
	if !hasCode(err, "InterfaceInUseByTrafficMirrorTarget", "NlbInUseByTrafficMirrorTargetException") {
		return err
	}
	return heldBy(err, "trafficmirror_target", func() string {
		targets, listErr := c.Inventory.Targets(ctx, where)
		if listErr != nil || len(targets) == 0 {
			return ""
		}
		return targets[0].ID
	})
}

// nameRuleHolder names the rule that has the number of another.
func (c *Client) nameRuleHolder(ctx context.Context, err error, rule mirror.Rule) error {
	if !hasCode(err, ruleNumberTaken) {
		return err
	}
	return heldBy(err, "trafficmirror_filter_rule", func() string {
		filter, _ := c.Inventory.Filter(ctx, rule.FilterID)
		for _, r := range filter.Noun.InDirection(rule.Direction) {
			if r.Number == rule.Number {
				return r.ID
			}
		}
		return ""
	})
}

// nameSessionHolder names the session that has the number of another.
func (c *Client) nameSessionHolder(ctx context.Context, err error, session mirror.Session) error {
	if !isNumberTaken(err) {
		return err
	}
	return heldBy(err, "trafficmirror_session", func() string {
		sessions, _ := c.Inventory.Sessions(ctx, account.Where{Name: "network-interface-id", Values: []string{session.InterfaceID}})
		for _, s := range sessions {
			if s.Number == session.Number {
				return s.ID
			}
		}
		return ""
	})
}
