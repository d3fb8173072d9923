package reconcile

import (
	"context"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// CreateSession creates a session, as soon as its number is free. The number 0 means the
// lowest free number of the interface that no other session of the run needs.
func (r *Run) CreateSession(ctx context.Context, s mirror.Session, tags map[string]string) (account.Tagged[mirror.Session], error) {
	if s.Number == 0 {
		return r.Numbering.create(ctx, s, tags)
	}
	var created account.Tagged[mirror.Session]
	token := account.NewToken()
	err := r.sessions.take(ctx, s, func() error {
		return r.Numbering.claim(ctx, s, func() (err error) {
			created, err = r.account.CreateSession(ctx, s, tags, token)
			return err
		})
	}, nil, false)
	return created, ofCreate(sessionConflict(ctx, r.account, err, s))
}

// ModifySession makes the present session like the wanted one, as soon as its number is
// free. It returns the session as EC2 has it, also after an error. A packet length and a
// description that are not wanted are removed. newVNI makes EC2 choose another VNI.
// alreadyMoved says that an earlier run gave up and moved the session away from its number.
// Then the session keeps its number if it has to give up again.
func (r *Run) ModifySession(ctx context.Context, present, wanted mirror.Session, newVNI, alreadyMoved bool) (mirror.Session, error) {
	if !account.SessionsDiffer(present, wanted, newVNI) {
		return present, nil
	}
	change := func() error {
		return r.Numbering.claim(ctx, wanted, func() error {
			changed, err := r.account.ModifySession(ctx, present, wanted, newVNI)
			if err == nil {
				present = changed
			}
			return err
		})
	}
	moveAside := func(ctx context.Context, number int) error {
		moved, err := r.account.NumberSession(ctx, present, number)
		if err == nil {
			present = moved
		}
		return err
	}
	err := r.sessions.take(ctx, wanted, change, moveAside, alreadyMoved)
	return present, sessionConflict(ctx, r.account, err, wanted)
}

// DeleteSession deletes a session, which may be gone already. created is when it was
// created, or the zero time if that is not known.
func (r *Run) DeleteSession(ctx context.Context, interfaceID, id string, created time.Time) error {
	defer r.sessions.deleting(interfaceID)()
	return r.account.DeleteSession(ctx, id, created)
}
