package account

import (
	"context"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// A snapshot is what exists of one kind, as far as it was read: page by page, each when a
// reader needs it. An object that a snapshot does not have may exist. A whole snapshot is taken
// for a listing (A0184).
type snapshot struct {
	source *source
	flight flight

	mu      sync.Mutex
	items   map[string]item
	parts   map[string]partAt
	hasTags bool // parts have tags in these answers
	pages   int
	next    *string
	isWhole bool
	reads   int
	cleared int // how often everything was forgotten

	missing map[string]bool // by ID: EC2 was asked for it, and does not show it
	denial  error           // not nil: the credentials may not describe the kind

	hasUnreadable bool                           // an object cannot be read
	indexes       map[string]map[string][]string // IDs by condition and value
}

// A partAt says where a part is.
type partAt struct {
	item string
	n    int
}

// A look is what a reader sees of a snapshot.
type look struct {
	at       position
	isWhole  bool
	mayFetch bool // a next page is worth a request
}

// A position is how far a snapshot is.
type position struct{ cleared, pages int }

// position returns how far the snapshot is. The caller holds mu.
func (s *snapshot) position() position { return position{s.cleared, s.pages} }

// begin counts a read.
func (s *snapshot) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
}

// look calls see with the snapshot, while nobody changes it. A page is worth its request as
// long as there were more reads than pages: each of them would have been a request too.
func (s *snapshot) look(see func()) look {
	s.mu.Lock()
	defer s.mu.Unlock()
	see()
	return look{s.position(), s.isWhole, !s.isWhole && s.pages < s.reads}
}

// item returns an object that can be read. The caller holds mu.
func (s *snapshot) item(id string) (item, bool) {
	i, found := s.items[id]
	return i, found && i.err == nil
}

// fetch fetches the next page after a position, unless another reader has.
func (s *snapshot) fetch(ctx context.Context, a *Account, at position) error {
	if err := a.denied(s.source); err != nil {
		return err
	}
	return a.await(ctx, &s.flight, fmt.Sprint(at), func(ctx context.Context) error {
		s.mu.Lock()
		token, isDone := s.next, s.isWhole || s.position() != at
		s.mu.Unlock()
		if isDone {
			return nil
		}
		page, err := a.ask(ctx, s.source, question{token: token}, []func(*ec2.Options){reportsTries})
		s.mu.Lock()
		defer s.mu.Unlock()
		switch {
		case s.position() != at:
		case err == nil:
			s.add(page.items)
			s.pages, s.next = s.pages+1, page.next
			s.isWhole = aws.ToString(page.next) == ""
		case IsAnswered(err):
			s.clear() // the token may be out of date
		}
		return err
	})
}

// add adds objects. The caller holds mu.
func (s *snapshot) add(items []item) {
	if s.items == nil {
		s.items, s.parts = map[string]item{}, map[string]partAt{}
	}
	s.indexes = nil
	for _, i := range items {
		for _, p := range s.items[i.id].parts {
			delete(s.parts, p.id)
		}
		s.items[i.id] = i
		delete(s.missing, i.id)
		s.hasUnreadable = s.hasUnreadable || i.err != nil
		for n, p := range i.parts {
			s.parts[p.id] = partAt{i.id, n}
			s.hasTags = s.hasTags || p.tags != nil
		}
	}
}

// index returns the IDs of all objects by what a condition is about. The caller holds mu.
func (s *snapshot) index(condition string) map[string][]string {
	if s.indexes == nil {
		s.indexes = map[string]map[string][]string{}
	}
	if s.indexes[condition] == nil {
		ids := map[string][]string{}
		for id, i := range s.items {
			value, _ := s.source.value(i.noun, condition)
			ids[value] = append(ids[value], id)
		}
		s.indexes[condition] = ids
	}
	return s.indexes[condition]
}

// keep adds objects that were read by their IDs.
func (s *snapshot) keep(items []item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(items)
}

// clear forgets everything. The caller holds mu.
func (s *snapshot) clear() {
	s.items, s.parts, s.hasTags, s.pages, s.next, s.isWhole = nil, nil, false, 0, nil, false
	s.hasUnreadable, s.indexes = false, nil
	s.cleared++
}
