package reconcile

import (
	"context"
	"sync"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// This file lets sessions without a wanted number (automatic ones) and sessions with one
// share an interface. The caller requests one change after another, in any order. So an
// automatic session may be created before the run knows that another session wants the
// number. The other session then takes the number, and the automatic one gets the next free
// number. Only automatic sessions of this run are renumbered: nobody has relied on their
// numbers yet.

// numbering chooses numbers for the automatic sessions of a run.
type numbering struct {
	account  *account.Account
	reserved func(interfaceID string) []int // nil: no number is reserved

	creating keyedMutex // by network interface: held to choose a free number and use it

	mu        sync.Mutex
	automatic map[string]bool // IDs of sessions whose numbers this run has chosen
	moved     []Renumbered
}

// A Renumbered session has got another number than the one it was created with, because
// another session of the run wanted that number.
type Renumbered struct {
	Session mirror.Session // with its new number
	From    int
}

// Renumbered returns the automatic sessions that were renumbered since the last call.
func (r *Run) Renumbered() []Renumbered {
	r.numbering.mu.Lock()
	defer r.numbering.mu.Unlock()
	moved := r.numbering.moved
	r.numbering.moved = nil
	return moved
}

func (n *numbering) noteAutomatic(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.automatic == nil {
		n.automatic = map[string]bool{}
	}
	n.automatic[id] = true
}

func (n *numbering) isAutomatic(id string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.automatic[id]
}

// used returns the numbers of an interface that an automatic session cannot get.
func (n *numbering) used(ctx context.Context, interfaceID string) (map[int]bool, error) {
	sessions, err := n.account.Sessions(ctx, account.OnInterface(interfaceID))
	if err != nil {
		return nil, err
	}
	used := map[int]bool{}
	for _, s := range sessions {
		used[s.Number] = true
	}
	if n.reserved != nil {
		for _, number := range n.reserved(interfaceID) {
			used[number] = true
		}
	}
	return used, nil
}

// claim calls take, which gives a session its wanted number. If an automatic session of this
// run has the number, it renumbers that session and calls take again.
func (n *numbering) claim(ctx context.Context, s mirror.Session, take func() error) error {
	err := take()
	if !account.IsNumberTaken(err) || !n.renumberHolder(ctx, s) {
		return err
	}
	return take()
}

// renumberHolder gives the automatic session with the wanted number of a session the lowest
// free number. It reports whether it has done so.
func (n *numbering) renumberHolder(ctx context.Context, wanted mirror.Session) bool {
	defer n.creating.Lock(wanted.InterfaceID)()
	sessions, err := n.account.Sessions(ctx, account.OnInterface(wanted.InterfaceID))
	if err != nil {
		return false
	}
	for _, holder := range sessions {
		if holder.Number == wanted.Number && holder.ID != wanted.ID && n.isAutomatic(holder.ID) {
			return n.renumber(ctx, holder)
		}
	}
	return false
}

func (n *numbering) renumber(ctx context.Context, s mirror.Session) bool {
	used, err := n.used(ctx, s.InterfaceID)
	if err != nil {
		return false
	}
	for number := int(mirror.SessionNumbers.Min); number <= int(mirror.SessionNumbers.Max); number++ {
		if used[number] {
			continue
		}
		moved, err := n.account.NumberSession(ctx, s, number)
		if account.IsNumberTaken(err) {
			continue
		}
		if err == nil {
			n.mu.Lock()
			n.moved = append(n.moved, Renumbered{moved, s.Number})
			n.mu.Unlock()
		}
		return err == nil
	}
	return false
}
