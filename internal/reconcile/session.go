package reconcile

import (
	"context"
	"fmt"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// CreateSession creates a session, as soon as its number is free. The number 0 means the
// lowest free number of the interface.
func (r *Run) CreateSession(ctx context.Context, s mirror.Session, tags map[string]string) (account.Tagged[mirror.Session], error) {
	if s.Number == 0 {
		return r.createNumbered(ctx, s, tags)
	}
	var created account.Tagged[mirror.Session]
	token := account.NewToken()
	err := r.sessions.take(ctx, s, func() (err error) {
		created, err = r.account.CreateSession(ctx, s, tags, token)
		return err
	}, nil, false)
	return created, ofCreate(sessionConflict(ctx, r.account, err, s))
}

// createNumbered creates a session with the lowest free number of its interface. Within a run,
// these creates on one interface happen one after another. If another program takes the
// number at the same time, the next number is tried.
func (r *Run) createNumbered(ctx context.Context, s mirror.Session, tags map[string]string) (account.Tagged[mirror.Session], error) {
	defer r.creating.Lock(s.InterfaceID)()
	sessions, err := r.account.Sessions(ctx, account.OnInterface(s.InterfaceID))
	if err != nil {
		return account.Tagged[mirror.Session]{}, err
	}
	used := map[int]bool{}
	for _, other := range sessions {
		used[other.Number] = true
	}
	for n := mirror.SessionNumbers.Min; n <= mirror.SessionNumbers.Max; n++ {
		if s.Number = int(n); used[s.Number] {
			continue
		}
		created, err := r.account.CreateSession(ctx, s, tags, account.NewToken())
		if !account.IsNumberTaken(err) {
			return created, err
		}
	}
	return account.Tagged[mirror.Session]{}, fmt.Errorf("network interface %s has no free session number", s.InterfaceID)
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
		changed, err := r.account.ModifySession(ctx, present, wanted, newVNI)
		if err == nil {
			present = changed
		}
		return err
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
