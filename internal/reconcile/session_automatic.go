package reconcile

import (
	"context"
	"fmt"
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

// Numbering chooses numbers for the automatic sessions of a run.
type Numbering struct {
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

// Reserve sets the function that returns the session numbers of an interface that the run is
// going to need. An automatic session gets none of them. Call it before the first change.
func (n *Numbering) Reserve(reserved func(interfaceID string) []int) { n.reserved = reserved }

// Renumbered returns the automatic sessions that were renumbered because a session needed its
// number. It returns each of them once.
func (n *Numbering) Renumbered(by mirror.Session) []Renumbered {
	n.mu.Lock()
	defer n.mu.Unlock()
	var own, others []Renumbered
	for _, moved := range n.moved {
		if moved.Session.InterfaceID == by.InterfaceID && moved.From == by.Number {
			own = append(own, moved)
		} else {
			others = append(others, moved)
		}
	}
	n.moved = others
	return own
}

// create creates a session with the lowest free number of its interface. It leaves
// out the numbers that the run has reserved for other sessions. Within a run, these creates
// on one interface happen one after another. If another program takes the number at the same
// time, the next number is tried.
func (n *Numbering) create(ctx context.Context, s mirror.Session, tags map[string]string) (account.Tagged[mirror.Session], error) {
	unlock, err := n.creating.Lock(ctx, s.InterfaceID)
	if err != nil {
		return account.Tagged[mirror.Session]{}, fmt.Errorf("waiting for a session number of %s, while another session gets one: %w", s.InterfaceID, err)
	}
	defer unlock()
	used, err := n.used(ctx, s.InterfaceID)
	if err != nil {
		return account.Tagged[mirror.Session]{}, err
	}
	for number := mirror.SessionNumbers.Min; number <= mirror.SessionNumbers.Max; number++ {
		if s.Number = int(number); used[s.Number] {
			continue
		}
		created, err := n.account.CreateSession(ctx, s, tags, account.NewToken())
		if err == nil {
			n.noteAutomatic(created.Noun.ID)
		}
		if !account.IsNumberTaken(err) {
			return created, err
		}
	}
	return account.Tagged[mirror.Session]{}, fmt.Errorf("network interface %s has no free session number", s.InterfaceID)
}

func (n *Numbering) noteAutomatic(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.automatic == nil {
		n.automatic = map[string]bool{}
	}
	n.automatic[id] = true
}

func (n *Numbering) isAutomatic(id string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.automatic[id]
}

// used returns the numbers of an interface that an automatic session cannot get.
func (n *Numbering) used(ctx context.Context, interfaceID string) (map[int]bool, error) {
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
func (n *Numbering) claim(ctx context.Context, s mirror.Session, take func() error) error {
	err := take()
	if !account.IsNumberTaken(err) || !n.renumberHolder(ctx, s) {
		return err
	}
	return take()
}

// renumberHolder gives the automatic session with the wanted number of a session the lowest
// free number. It reports whether it has done so.
func (n *Numbering) renumberHolder(ctx context.Context, wanted mirror.Session) bool {
	unlock, err := n.creating.Lock(ctx, wanted.InterfaceID)
	if err != nil {
		return false
	}
	defer unlock()
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

func (n *Numbering) renumber(ctx context.Context, s mirror.Session) bool {
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
