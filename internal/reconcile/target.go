package reconcile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// CreateTarget creates a target, as soon as its backing resource is free.
func (r *Run) CreateTarget(ctx context.Context, target mirror.Target, tags map[string]string) (account.Tagged[mirror.Target], error) {
	created, err := r.createTarget(ctx, target, tags, account.NewToken())
	return created, ofCreate(targetConflict(ctx, r.account, err, target))
}

// createTarget waits for Patience for the backing resource: another target may give it up
// in the same run, or the sessions of an interface may go, and nothing orders the changes.
func (r *Run) createTarget(ctx context.Context, target mirror.Target, tags map[string]string, token account.Token) (account.Tagged[mirror.Target], error) {
	var created account.Tagged[mirror.Target]
	err := r.account.RetryFor(ctx, Patience, account.IsBackingTaken, func() (err error) {
		created, err = r.account.CreateTarget(ctx, target, tags, token)
		return err
	})
	return created, err
}

// DeleteTarget deletes a target, as soon as no session uses it. It may be gone already.
// created is when it was created, or the zero time if that is not known.
func (r *Run) DeleteTarget(ctx context.Context, id string, created time.Time) error {
	return untilUnused(ctx, r.account, account.OfTarget(id), func() error { return r.account.DeleteTarget(ctx, id, created) })
}

// A MoveResult is the result of MoveTarget.
type MoveResult struct {
	// Target is the new target, or nil if the old one is still in use.
	Target *account.Tagged[mirror.Target]

	// Undone is the ID of a new target that was created and deleted again, or "". The
	// caller passes it to the next MoveTarget, so that this uses another token.
	Undone string

	// Leftover says that the old target still exists in addition to the new one. DeleteError is
	// the error of deleting it, or nil if not all sessions could be moved.
	Leftover    bool
	DeleteError error
}

// MoveTarget moves a target to another backing resource. EC2 cannot change a target, and
// cannot delete a target that sessions use. So MoveTarget creates a second target, changes
// the sessions to it and deletes the first. If a step fails, it undoes the others as far as
// possible.
//
// The token of the create is computed from the parameters of the move. So after an
// interrupted run, MoveTarget finds the target that the run created. undone is the ID from
// the last MoveTarget that was undone: with it, a repeated move gets another token.
func (r *Run) MoveTarget(ctx context.Context, oldID string, wanted mirror.Target, tags map[string]string, undone string) (MoveResult, error) {
	parameters := fmt.Sprint(oldID, undone, wanted.InterfaceID, wanted.LoadBalancerARN, wanted.GatewayLoadBalancerEndpointID, wanted.Description, tags)
	sum := sha256.Sum256([]byte(parameters))
	created, err := r.createTarget(ctx, wanted, tags, account.Token(hex.EncodeToString(sum[:])))
	if account.IsTokenUsed(err) {
		created, err = r.createTarget(ctx, wanted, tags, account.NewToken())
	}
	if err != nil {
		return MoveResult{}, targetConflict(ctx, r.account, err, wanted)
	}
	newID := created.Noun.ID
	if err := pointSessions(ctx, r.account, oldID, newID); err != nil {
		if r.FinishMove(ctx, newID, oldID) == nil { // back again
			return MoveResult{Undone: newID}, err
		}
		return MoveResult{Target: &created, Leftover: true}, err // sessions may be on either target
	}
	done := MoveResult{Target: &created, DeleteError: r.DeleteTarget(ctx, oldID, time.Time{})}
	done.Leftover = done.DeleteError != nil
	return done, nil
}

// FinishMove finishes a move that left the old target: it changes the remaining sessions to
// the new target, and deletes the old one.
func (r *Run) FinishMove(ctx context.Context, oldID, newID string) error {
	if err := pointSessions(ctx, r.account, oldID, newID); err != nil {
		return err
	}
	return r.DeleteTarget(ctx, oldID, time.Time{})
}

// pointSessions changes every session of one target to another target.
func pointSessions(ctx context.Context, a *account.Account, from, to string) error {
	sessions, err := a.Sessions(ctx, account.OfTarget(from))
	if err != nil {
		return err
	}
	for _, s := range sessions {
		if _, err := a.PointSession(ctx, s, to); err != nil && !account.IsNotFound(err) {
			return err
		}
	}
	return nil
}
