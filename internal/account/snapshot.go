package account

import (
	"context"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// A snapshot is what exists of one kind, as far as it was read: page by page, each when a
// reader needs it. An object that a snapshot does not have may exist.
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
}

// A partAt says where a part is.
type partAt struct {
	item string
	n    int
}

// A look is what a reader sees of a snapshot.
type look struct {
	pages    int
	isWhole  bool
	mayFetch bool // a next page is worth a request
}

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
	return look{s.pages, s.isWhole, !s.isWhole && s.pages < s.reads}
}

// item returns an object that can be read. The caller holds mu.
func (s *snapshot) item(id string) (item, bool) {
	i, found := s.items[id]
	return i, found && i.err == nil
}

// fetch fetches the next page after so many pages, unless another reader has.
func (s *snapshot) fetch(ctx context.Context, a *Account, pages int) error {
	return a.await(ctx, &s.flight, strconv.Itoa(pages), func(ctx context.Context) error {
		s.mu.Lock()
		token, isDone := s.next, s.isWhole || s.pages != pages
		s.mu.Unlock()
		if isDone {
			return nil
		}
		page, err := a.ask(ctx, s.source, question{token: token}, []func(*ec2.Options){reportsTries})
		s.mu.Lock()
		defer s.mu.Unlock()
		switch {
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
	for _, i := range items {
		for _, p := range s.items[i.id].parts {
			delete(s.parts, p.id)
		}
		s.items[i.id] = i
		for n, p := range i.parts {
			s.parts[p.id] = partAt{i.id, n}
			s.hasTags = s.hasTags || p.tags != nil
		}
	}
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
}
