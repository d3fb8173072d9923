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
	return created, targetConflict(ctx, r.account, err, target)
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
// created is when it was created, or the zero time where nobody knows.
func (r *Run) DeleteTarget(ctx context.Context, id string, created time.Time) error {
	return untilUnused(ctx, r.account, account.OfTarget(id), func() error { return r.account.DeleteTarget(ctx, id, created) })
}

// A Move is what a MoveTarget has done.
type Move struct {
	// Target is the new target, or nil where the old one is still in its place.
	Target *account.Tagged[mirror.Target]

	// Undone is the ID of a new target that was created and deleted again, or "". The
	// next move has to be given it.
	Undone string

	// Leftover says that the old target still exists beside the new one. DeleteError says
	// why it could not be deleted; where it is nil, the sessions could not be moved.
	Leftover    bool
	DeleteError error
}

// MoveTarget gives a target another backing resource. EC2 cannot change one, and cannot
// delete a target that sessions use. So it creates a second target, points the sessions
// at it and deletes the first. When a step fails it goes back as far as it can.
//
// After a run that was cut off it finds the target which that run has created, because
// the token is that of the move. undone tells the moves of a target apart: see Move.
func (r *Run) MoveTarget(ctx context.Context, oldID string, wanted mirror.Target, tags map[string]string, undone string) (Move, error) {
	parameters := fmt.Sprint(oldID, undone, wanted.InterfaceID, wanted.LoadBalancerARN, wanted.GatewayLoadBalancerEndpointID, wanted.Description, tags)
	sum := sha256.Sum256([]byte(parameters))
	created, err := r.createTarget(ctx, wanted, tags, account.Token(hex.EncodeToString(sum[:])))
	if account.IsTokenUsed(err) {
		created, err = r.createTarget(ctx, wanted, tags, account.NewToken())
	}
	if err != nil {
		return Move{}, targetConflict(ctx, r.account, err, wanted)
	}
	newID := created.Noun.ID
	if err := pointSessions(ctx, r.account, oldID, newID); err != nil {
		if r.FinishMove(ctx, newID, oldID) == nil { // back again
			return Move{Undone: newID}, err
		}
		return Move{Target: &created, Leftover: true}, err // sessions may be on either target
	}
	if err := r.DeleteTarget(ctx, oldID, time.Time{}); err != nil {
		return Move{Target: &created, Leftover: true, DeleteError: err}, nil
	}
	return Move{Target: &created}, nil
}

// FinishMove moves the sessions that a move has left on a target to another one, and
// deletes the first.
func (r *Run) FinishMove(ctx context.Context, oldID, newID string) error {
	if err := pointSessions(ctx, r.account, oldID, newID); err != nil {
		return err
	}
	return r.DeleteTarget(ctx, oldID, time.Time{})
}

// pointSessions points every session of one target at another.
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
