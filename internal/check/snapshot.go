package check

import (
	"context"
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A snapshot caches what a plan has read from the account. A plan lists each kind of
// object once. A finding about another object in the snapshot is only a warning, because
// that object may change before the apply.
type snapshot struct {
	account *account.Account

	sessionList answer[[]mirror.Session]
	targetList  answer[[]mirror.Target]
	filterList  answer[[]mirror.Filter]

	mu         sync.Mutex
	owners     map[string]*answer[string] // by target ID
	subnets    map[string]*answer[account.Subnet]
	interfaces map[string]*answer[mirror.Interface]
	instances  map[string]*answer[account.Instance]
	used       answer[map[string]mirror.Endpoint]             // of the targets in use, by endpointKey
	endpointOf map[string]*answer[map[string]mirror.Endpoint] // of another target
}

func newSnapshot(a *account.Account) snapshot {
	return snapshot{
		account:     a,
		sessionList: newAnswer[[]mirror.Session](), targetList: newAnswer[[]mirror.Target](), filterList: newAnswer[[]mirror.Filter](),
		owners: map[string]*answer[string]{}, subnets: map[string]*answer[account.Subnet]{},
		interfaces: map[string]*answer[mirror.Interface]{}, instances: map[string]*answer[account.Instance]{},
		used: newAnswer[map[string]mirror.Endpoint](), endpointOf: map[string]*answer[map[string]mirror.Endpoint]{},
	}
}

// An answer is what EC2 answers to one question. If several objects have the question, one
// asks it, and the others wait.
type answer[T any] struct {
	turn    chan struct{} // has room for the one that asks
	isKnown bool
	value   T
	refusal error
	until   time.Time // after which a refusal is not believed any more; zero: never
}

// believedFor is how long a refusal is believed that says nothing about the object and the
// permissions, such as expired credentials. A later object asks again, and not each.
const believedFor = account.LongestPause

func newAnswer[T any]() answer[T] { return answer[T]{turn: make(chan struct{}, 1)} }

// get returns the answer, and asks if there is none yet. What is no answer is not
// remembered, such as the end of ctx or a broken connection: the next object asks again.
// now is the clock of the account.
func (a *answer[T]) get(ctx context.Context, now func() time.Time, ask func(context.Context) (T, error)) (T, error) {
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
	if a.isKnown && (a.until.IsZero() || now().Before(a.until)) {
		return a.value, a.refusal
	}
	value, err := ask(ctx)
	if a.isKnown = ctx.Err() == nil && account.IsAnswered(err); a.isKnown {
		a.value, a.refusal, a.until = value, err, time.Time{}
	}
	if err != nil && !account.IsNotFound(err) && !account.IsDenied(err) {
		a.until = now().Add(believedFor)
	}
	return value, err
}

// The lists below are empty if EC2 refuses the request, or does not answer.

func (s *snapshot) sessions(ctx context.Context) []mirror.Session {
	return list(ctx, s, &s.sessionList, s.account.Sessions)
}

func (s *snapshot) targets(ctx context.Context) []mirror.Target {
	return list(ctx, s, &s.targetList, s.account.Targets)
}

func (s *snapshot) filters(ctx context.Context) []mirror.Filter {
	return list(ctx, s, &s.filterList, s.account.Filters)
}

func list[Noun any](ctx context.Context, s *snapshot, known *answer[[]Noun], list func(context.Context, ...account.Where) ([]Noun, error)) []Noun {
	all, _ := askList(ctx, s, known, list)
	return all
}

// askList is list, with the reason why EC2 does not show it.
func askList[Noun any](ctx context.Context, s *snapshot, known *answer[[]Noun], list func(context.Context, ...account.Where) ([]Noun, error)) ([]Noun, error) {
	return known.get(ctx, s.account.Now, func(ctx context.Context) ([]Noun, error) { return list(ctx) })
}

// present returns the lists, or why EC2 does not show one of them.
func (s *snapshot) present(ctx context.Context) (now present, err error) {
	if now.sessions, err = askList(ctx, s, &s.sessionList, s.account.Sessions); err != nil {
		return present{}, err
	}
	if now.targets, err = askList(ctx, s, &s.targetList, s.account.Targets); err != nil {
		return present{}, err
	}
	now.filters, err = askList(ctx, s, &s.filterList, s.account.Filters)
	return now, err
}

// endpoints returns the endpoints of targets, in their order. It asks for those of all targets
// in use together, whichever simulation needs one first.
func (s *snapshot) endpoints(ctx context.Context, viewer string, now present, targets []mirror.Target) ([]mirror.Endpoint, error) {
	if len(targets) == 0 {
		return nil, nil
	}
	ask := func(of ...mirror.Target) func(context.Context) (map[string]mirror.Endpoint, error) {
		return func(ctx context.Context) (map[string]mirror.Endpoint, error) {
			found, err := s.account.Endpoints(ctx, viewer, of...)
			byKey := map[string]mirror.Endpoint{}
			for i, e := range found {
				byKey[endpointKey(viewer, of[i])] = e
			}
			return byKey, err
		}
	}
	// If EC2 refuses it, each is asked for alone: the refusal may be about another one.
	used, _ := s.used.get(ctx, s.account.Now, ask(now.usedTargets()...))
	all := make([]mirror.Endpoint, len(targets))
	for i, t := range targets {
		key := endpointKey(viewer, t)
		endpoint, isKnown := used[key]
		if !isKnown {
			other, err := answerTo(s, s.endpointOf, key).get(ctx, s.account.Now, ask(t))
			if err != nil {
				return nil, err
			}
			endpoint = other[key]
		}
		all[i] = endpoint
	}
	return all, nil
}

// endpointKey names what decides about the endpoint of a target.
func endpointKey(viewer string, t mirror.Target) string {
	return viewer + " " + t.OwnerID + " " + t.Backing()
}

// ownerOf returns the account that owns a target.
func (s *snapshot) ownerOf(ctx context.Context, id string) (string, error) {
	return answerTo(s, s.owners, id).get(ctx, s.account.Now, func(ctx context.Context) (string, error) {
		var target account.Tagged[mirror.Target]
		err := s.account.RetryFor(ctx, visibleWithin, account.IsNotFound, func() (err error) {
			target, err = s.account.Target(ctx, id)
			return err
		})
		return target.Noun.OwnerID, err
	})
}

// subnet returns a subnet, or the zero value if it cannot be read.
func (s *snapshot) subnet(ctx context.Context, id string) account.Subnet {
	if id == "" {
		return account.Subnet{}
	}
	subnet, _ := answerTo(s, s.subnets, id).get(ctx, s.account.Now, func(ctx context.Context) (account.Subnet, error) { return s.account.Subnet(ctx, id) })
	return subnet
}

// answerTo returns the answer about the object with an ID.
func answerTo[T any](s *snapshot, answers map[string]*answer[T], id string) *answer[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if answers[id] == nil {
		a := newAnswer[T]()
		answers[id] = &a
	}
	return answers[id]
}

// networkInterface returns a network interface. Another run may have created it a moment ago.
func (s *snapshot) networkInterface(ctx context.Context, id string) (mirror.Interface, error) {
	return answerTo(s, s.interfaces, id).get(ctx, s.account.Now, func(ctx context.Context) (i mirror.Interface, err error) {
		err = s.account.RetryFor(ctx, visibleWithin, account.IsNotFound, func() (err error) {
			i, err = s.account.Interface(ctx, id)
			return err
		})
		return i, err
	})
}

// instance returns an instance.
func (s *snapshot) instance(ctx context.Context, id string) (account.Instance, error) {
	return answerTo(s, s.instances, id).get(ctx, s.account.Now, func(ctx context.Context) (account.Instance, error) { return s.account.Instance(ctx, id) })
}
