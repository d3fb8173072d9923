package reconcile

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A ConflictError is EC2's refusal of a create or a change, with the ID of the object that
// has the wanted number or backing resource. An interrupted run may have created that object
// without saving its ID.
type ConflictError struct {
	Err  error
	Kind mirror.Kind
	ID   string

	// OfCreate says that EC2 refused a create. The caller may have to create an object that
	// replaces the other one, and to delete the other one later. This never works.
	OfCreate bool
}

// Error implements error.
func (e *ConflictError) Error() string { return e.ID + " has it: " + e.Err.Error() }

// Unwrap returns EC2's refusal.
func (e *ConflictError) Unwrap() error { return e.Err }

// A NumberTakenError says that a separate rule did not get its number, because another
// rule has it and has not moved.
type NumberTakenError struct {
	Wanted mirror.Rule
	Holder mirror.Rule

	// MovedTo is the number that the waiting rule has got instead, or 0.
	MovedTo int
}

// Error implements error.
func (e *NumberTakenError) Error() string {
	return fmt.Sprintf("number %d of the %s rules of %s is that of %s", e.Wanted.Number, e.Wanted.Direction, e.Wanted.FilterID, e.Holder.ID)
}

// A NoSafeOrderError says that a separate rule does not change, because a packet would leak
// meanwhile in every order in which it and the other rules of the run can change.
type NoSafeOrderError struct{ Wanted mirror.Rule }

// Error implements error.
func (e *NoSafeOrderError) Error() string {
	return fmt.Sprintf("no safe order to change rule %d of the %s rules of %s", e.Wanted.Number, e.Wanted.Direction, e.Wanted.FilterID)
}

// A MovedAsideError is EC2's refusal of a session's number, after which the session has got
// another number. Its old number is free for other sessions.
type MovedAsideError struct {
	Err     error
	MovedTo int
}

// Error implements error.
func (e *MovedAsideError) Error() string {
	return fmt.Sprintf("moved to number %d: %v", e.MovedTo, e.Err)
}

// Unwrap returns EC2's refusal.
func (e *MovedAsideError) Unwrap() error { return e.Err }

// An InUseError is EC2's refusal to delete an object, with the sessions that use it and
// that this run does not change.
type InUseError struct {
	Err      error
	Sessions []mirror.Session
}

// Error implements error.
func (e *InUseError) Error() string { return "in use by " + e.Users() + ": " + e.Err.Error() }

// Users names the sessions and their owners.
func (e *InUseError) Users() string {
	names := make([]string, len(e.Sessions))
	for i, s := range e.Sessions {
		names[i] = fmt.Sprintf("%s (account %s)", s.ID, s.OwnerID)
	}
	return strings.Join(names, ", ")
}

// Unwrap returns EC2's refusal.
func (e *InUseError) Unwrap() error { return e.Err }

// conflict adds the conflicting object to an error of EC2. If find returns none, the error does
// not change.
func conflict(err error, kind mirror.Kind, find func() string) error {
	if id := find(); id != "" {
		return &ConflictError{Err: err, Kind: kind, ID: id}
	}
	return err
}

// ofCreate marks the conflict of a create.
func ofCreate(err error) error {
	var c *ConflictError
	if errors.As(err, &c) {
		c.OfCreate = true
	}
	return err
}

func targetConflict(ctx context.Context, a *account.Account, err error, target mirror.Target) error {
	if !account.HasTarget(err) {
		return err
	}
	where := account.OnInterface(target.InterfaceID)
	if target.InterfaceID == "" {
		where = account.OnLoadBalancer(target.LoadBalancerARN)
	}
	return conflict(err, mirror.KindTarget, func() string {
		targets, listErr := a.Targets(ctx, where)
		if listErr != nil || len(targets) == 0 {
			return ""
		}
		return targets[0].ID
	})
}

func ruleConflict(ctx context.Context, a *account.Account, err error, rule mirror.Rule) error {
	if !account.IsNumberTaken(err) {
		return err
	}
	return conflict(err, mirror.KindFilterRule, func() string {
		filter, _ := a.Filter(ctx, rule.FilterID)
		for _, other := range filter.Noun.InDirection(rule.Direction) {
			if other.Number == rule.Number {
				return other.ID
			}
		}
		return ""
	})
}

func sessionConflict(ctx context.Context, a *account.Account, err error, session mirror.Session) error {
	if !account.IsNumberTaken(err) {
		return err
	}
	return conflict(err, mirror.KindSession, func() string {
		sessions, _ := a.Sessions(ctx, account.OnInterface(session.InterfaceID))
		for _, other := range sessions {
			if other.Number == session.Number {
				return other.ID
			}
		}
		return ""
	})
}
