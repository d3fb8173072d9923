package provider

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A session may take a number that another one gives up in the same run. Nothing
// orders the two, so that the first waits. Of sessions that exchange numbers, and so
// all wait, one steps aside.

// vacancies are what sessions wait for, by network interface. The zero value is ready
// to use.
type vacancies struct {
	mu          sync.Mutex
	byInterface map[string]*vacancy
}

// A vacancy is what the sessions of one interface know of each other.
type vacancy struct {
	changed chan struct{}  // closed when there is something new
	taking  map[string]int // the numbers that sessions take, by ID
	going   int            // how many are being deleted
	vain    bool           // one has waited until its patience was over
}

// use calls f with what is known of an interface. Nothing else may use it.
func (v *vacancies) use(interfaceID string, f func(*vacancy)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.byInterface == nil {
		v.byInterface = map[string]*vacancy{}
	}
	if v.byInterface[interfaceID] == nil {
		v.byInterface[interfaceID] = &vacancy{changed: make(chan struct{}), taking: map[string]int{}}
	}
	f(v.byInterface[interfaceID])
}

// change wakes those who wait.
func (v *vacancy) change() {
	close(v.changed)
	v.changed = make(chan struct{})
}

// delete notes that a session is being deleted, and returns what notes its end.
func (v *vacancies) delete(interfaceID string) (end func()) {
	v.use(interfaceID, func(v *vacancy) { v.going++ })
	return func() {
		v.use(interfaceID, func(v *vacancy) {
			v.going--
			v.change()
		})
	}
}

// enter notes that a session takes a number, and returns what notes its end.
func (v *vacancies) enter(s mirror.Session) (end func()) {
	if s.ID == "" {
		return func() {} // it has no number that others could wait for
	}
	v.use(s.InterfaceID, func(v *vacancy) {
		v.taking[s.ID] = s.Number
		v.change()
	})
	return func() { v.use(s.InterfaceID, func(v *vacancy) { delete(v.taking, s.ID) }) }
}

// look returns what tells of a change, and whether there is none to wait for. quiet
// is how long there has been none.
func (v *vacancies) look(interfaceID string, quiet time.Duration) (changed <-chan struct{}, hopeless bool) {
	v.use(interfaceID, func(v *vacancy) {
		v.vain = v.vain || quiet >= patience && v.going == 0
		changed, hopeless = v.changed, v.vain && v.going == 0
	})
	return changed, hopeless
}

// takeNumber calls take, which asks EC2 for the number of a session, until EC2 does
// not refuse it any more. It gives up when nothing has changed on the interface for
// as long as its patience, and at once where another session has waited in vain
// before. stepAside asks for another number; a session without ID needs none.
func (c *Client) takeNumber(ctx context.Context, s mirror.Session, take func() error, stepAside func(number int) error) error {
	defer c.vacancies.enter(s)()
	pause, quiet := firstPause, time.Duration(0)
	for {
		changed, hopeless := c.vacancies.look(s.InterfaceID, quiet)
		err := take()
		if err == nil {
			c.vacancies.use(s.InterfaceID, (*vacancy).change)
		}
		if hopeless || !isNumberTaken(err) {
			return err
		}
		if number := c.refuge(ctx, s); number != 0 && stepAside(number) == nil {
			c.vacancies.use(s.InterfaceID, (*vacancy).change)
		}
		select {
		case <-ctx.Done():
			return stopped(ctx, err)
		case <-changed:
			pause, quiet = firstPause, 0
		case <-time.After(pause):
			quiet += pause
			pause = min(2*pause, longestPause, max(patience-quiet, firstPause))
		}
	}
}

// stopped returns why a wait has ended early: that of a deadline is what was waited
// out.
func stopped(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return err
}

// refuge returns the highest number that is free on the interface of a session, if
// sessions exchange numbers in a circle and it is the first of them: that is the one
// whose packets the others get when it goes. Otherwise it returns 0.
func (c *Client) refuge(ctx context.Context, s mirror.Session) int {
	if s.ID == "" {
		return 0 // it is to be created, and has no number that another could wait for
	}
	sessions, err := c.Inventory.Sessions(ctx, account.Where{Name: "network-interface-id", Values: []string{s.InterfaceID}})
	if err != nil {
		return 0
	}
	var taking map[string]int
	c.vacancies.use(s.InterfaceID, func(v *vacancy) { taking = maps.Clone(v.taking) })
	holder := map[int]mirror.Session{}
	for _, other := range sessions {
		holder[other.Number] = other
	}
	var circle []int
	for next := s; len(circle) < len(taking) && taking[next.ID] != 0; {
		next = holder[taking[next.ID]]
		circle = append(circle, next.Number)
		if next.ID != s.ID {
			continue
		}
		if next.Number != slices.Min(circle) {
			return 0
		}
		number := int(mirror.SessionNumbers.Max)
		for holder[number].ID != "" {
			number--
		}
		return number
	}
	return 0
}
