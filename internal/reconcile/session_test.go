package reconcile

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// What a session test needs: an interface of a running instance, and another one for the
// target.
const (
	source = "eni-00000000000000001"
	sensor = "eni-00000000000000002"
	third  = "eni-00000000000000003"
	place  = `{
  "instances": [{ "id": "i-00000000000000001", "instance_type": "m5.large" }],
  "network_interfaces": [{ "id": "` + source + `", "instance_id": "i-00000000000000001" }, { "id": "` + sensor + `" }, { "id": "` + third + `" }]
}`
)

// newSessions returns a run, and the sessions of an interface with numbers from 1.
func newSessions(t *testing.T, count int) (*Run, []mirror.Session) {
	t.Helper()
	r, _, sessions := newSessionsAndOther(t, count)
	return r, sessions
}

// newSessionsAndOther is newSessions with a second run, which has changed nothing. The plan of
// its account has listed the sessions when there was none.
func newSessionsAndOther(t *testing.T, count int) (run, other *Run, sessions []mirror.Session) {
	t.Helper()
	file, err := topology.Parse([]byte(place))
	if err != nil {
		t.Fatal(err)
	}
	handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: file})
	if err != nil {
		t.Fatal(err)
	}
	clock := &testClock{}
	r := New(accountOf(emulator.Transport(handler), clock), clock)
	planned := accountOf(emulator.Transport(handler), clock)
	if none, err := planned.Sessions(t.Context()); err != nil || len(none) > 0 {
		t.Fatal(none, err)
	}
	other = New(planned, clock)
	target, err := r.CreateTarget(t.Context(), mirror.Target{InterfaceID: sensor}, nil)
	if err != nil {
		t.Fatal(err)
	}
	filter, err := r.account.CreateFilter(t.Context(), "", nil, account.NewToken())
	if err != nil {
		t.Fatal(err)
	}
	sessions = make([]mirror.Session, count)
	for i := range sessions {
		created, err := r.CreateSession(t.Context(), mirror.Session{InterfaceID: source, Number: i + 1, TargetID: target.Noun.ID, FilterID: filter.Noun.ID}, nil)
		if err != nil {
			t.Fatal(err)
		}
		sessions[i] = created.Noun
	}
	return r, other, sessions
}

// A session without a number gets the lowest free one.
func TestCreateSession_lowest(t *testing.T) {
	t.Parallel()
	r, sessions := newSessions(t, 3)
	if err := r.DeleteSession(t.Context(), source, sessions[1].ID, r.account.Now()); err != nil {
		t.Fatal(err)
	}
	wanted := sessions[1]
	wanted.ID, wanted.Number = "", 0
	created, err := r.CreateSession(t.Context(), wanted, nil)
	if err != nil || created.Noun.Number != 2 {
		t.Errorf("number %d, %v; want 2", created.Noun.Number, err)
	}
}

// A run sees what came after its plan: a move takes the sessions along that others have made.
func TestFinishMove_seesLaterSessions(t *testing.T) {
	t.Parallel()
	r, other, sessions := newSessionsAndOther(t, 2)
	created, err := r.account.CreateTarget(t.Context(), mirror.Target{InterfaceID: third}, nil, account.NewToken())
	if err != nil {
		t.Fatal(err)
	}
	if err := other.FinishMove(t.Context(), sessions[0].TargetID, created.Noun.ID); err != nil {
		t.Error(err)
	}
	moved, err := other.account.Sessions(t.Context(), account.OfTarget(created.Noun.ID))
	if err != nil || len(moved) != 2 {
		t.Errorf("%d sessions have moved, %v", len(moved), err)
	}
}

// A session without a number gets none that the run needs for another session.
func TestCreateSession_reserved(t *testing.T) {
	t.Parallel()
	r, sessions := newSessions(t, 1)
	r.Numbering.Reserve(func(interfaceID string) []int {
		if interfaceID != source {
			t.Errorf("asked for the numbers of %s", interfaceID)
		}
		return []int{2}
	})
	wanted := sessions[0]
	wanted.ID, wanted.Number = "", 0
	created, err := r.CreateSession(t.Context(), wanted, nil)
	if err != nil || created.Noun.Number != 3 {
		t.Errorf("number %d, %v; want 3", created.Noun.Number, err)
	}
}

// A session takes the number that this run has given to a session without one, and that
// session gets the next free number. A session that this run has not numbered keeps its own.
func TestCreateSession_claims(t *testing.T) {
	t.Parallel()
	r, sessions := newSessions(t, 1)
	wanted := sessions[0]
	wanted.ID = ""
	var conflict *ConflictError
	if _, err := r.CreateSession(t.Context(), wanted, nil); !errors.As(err, &conflict) || conflict.ID != sessions[0].ID {
		t.Errorf("a session with a wanted number: %v", err)
	}
	unnumbered := wanted
	unnumbered.Number = 0
	automatic, err := r.CreateSession(t.Context(), unnumbered, nil)
	if err != nil || automatic.Noun.Number != 2 {
		t.Fatalf("number %d, %v", automatic.Noun.Number, err)
	}
	check := func(got mirror.Session, err error, number int) {
		t.Helper()
		moved := r.Numbering.Renumbered(got)
		if err != nil || got.Number != number || len(moved) != 1 || moved[0].Session.ID != automatic.Noun.ID || moved[0].From != number {
			t.Errorf("number %d, %v, renumbered: %+v", got.Number, err, moved)
		}
	}
	wanted.Number = 2
	created, err := r.CreateSession(t.Context(), wanted, nil)
	check(created.Noun, err, 2)
	changed := sessions[0]
	changed.Number = 3
	got, err := r.ModifySession(t.Context(), sessions[0], changed, false, false)
	check(got, err, 3)
	now, err := r.account.Session(t.Context(), automatic.Noun.ID)
	if err != nil || now.Noun.Number != 1 && now.Noun.Number != 4 {
		t.Errorf("number %d, %v", now.Noun.Number, err)
	}
}

// Sessions that need each other's numbers get them in one run, whichever comes first. The clock of
// the test moves only when every session waits: none gives up before the others have begun.
func TestModifySession_exchange(t *testing.T) {
	t.Parallel()
	for name, numbers := range map[string][]int{"swap": {2, 1}, "cycle": {2, 3, 1}, "chain": {2, 3, 4}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				runs, sessions := newSessionsOn(t, 1, len(numbers))
				var group sync.WaitGroup
				for i, s := range sessions {
					group.Go(func() {
						wanted := s
						wanted.Number = numbers[i]
						if got, err := runs[0].ModifySession(t.Context(), s, wanted, false, false); err != nil || got.Number != numbers[i] {
							t.Errorf("session %d: number %d, %v", i+1, got.Number, err)
						}
					})
				}
				group.Wait()
				var got []int
				for _, s := range sessions {
					now, err := runs[0].account.Session(t.Context(), s.ID)
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, now.Noun.Number)
				}
				if !slices.Equal(got, numbers) {
					t.Errorf("numbers %v, want %v", got, numbers)
				}
			})
		})
	}
}

// A number that its session keeps is refused in the end, with the name of that session.
// The session that waited has moved aside, once.
func TestModifySession_numberTaken(t *testing.T) {
	t.Parallel()
	r, sessions := newSessions(t, 2)
	wanted := sessions[0]
	wanted.Number = 2
	got, err := r.ModifySession(t.Context(), sessions[0], wanted, false, false)
	var conflict *ConflictError
	var moved *MovedAsideError
	if !errors.As(err, &conflict) || conflict.ID != sessions[1].ID || conflict.Kind != mirror.KindSession || !errors.As(err, &moved) || moved.MovedTo != got.Number || got.Number != 32766 {
		t.Errorf("number %d, %v", got.Number, err)
	}
	again, err := r.ModifySession(t.Context(), got, wanted, false, true)
	if !errors.As(err, &conflict) || errors.As(err, &moved) || again.Number != 32766 {
		t.Errorf("number %d, %v", again.Number, err)
	}
}

// A target that a session uses which this run does not change is not deleted, and the
// session is named.
func TestDeleteTarget_inUse(t *testing.T) {
	t.Parallel()
	_, other, sessions := newSessionsAndOther(t, 1)
	err := other.DeleteTarget(t.Context(), sessions[0].TargetID, time.Time{})
	var inUse *InUseError
	if !errors.As(err, &inUse) || len(inUse.Sessions) != 1 || inUse.Sessions[0].ID != sessions[0].ID {
		t.Errorf("%v", err)
	}
}

// A session whose time is over before its number is free moves aside too.
func TestModifySession_timeout(t *testing.T) {
	t.Parallel()
	r, sessions := newSessions(t, 2)
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	r.sessions.clock = &testClock{ends: func(time.Duration) bool { return false }}
	err := r.sessions.take(ctx, mirror.Session{ID: sessions[0].ID, InterfaceID: source, Number: 2},
		func() error { _, err := r.account.NumberSession(t.Context(), sessions[0], 2); return err },
		func(ctx context.Context, number int) error {
			_, err := r.account.NumberSession(ctx, sessions[0], number)
			return err
		}, false)
	var moved *MovedAsideError
	if !errors.As(err, &moved) || moved.MovedTo != 32766 {
		t.Errorf("%v", err)
	}
}

// Sessions that need each other's numbers get them in two runs at the latest, even if the
// caller changes only one session, or fewer sessions than interfaces, at a time.
func TestModifySession_fewAtATime(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ interfaces, sessions, parallel, maxErrors int }{
		"one at a time, pairs":     {3, 2, 1, 3},
		"one at a time, threes":    {1, 3, 1, 2},
		"two at a time, threes":    {1, 3, 2, 1},
		"all pairs at a time":      {5, 2, 10, 0},
		"ten at a time, 30 pairs":  {30, 2, 10, 30},
		"ten at a time, 10 threes": {10, 3, 10, 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				runs, sessions := newSessionsOn(t, c.interfaces, c.sessions)
				wanted := map[string]int{}
				for _, s := range sessions {
					wanted[s.ID] = s.Number%c.sessions + 1
				}
				order := rand.New(rand.NewPCG(1, 2)).Perm(len(sessions))
				for i, r := range runs[:2] {
					failed := changeAll(t, r, wanted, sessions, order, c.parallel)
					if i == 0 && failed > c.maxErrors || i == 1 && failed > 0 {
						t.Errorf("run %d: %d of %d sessions fail", i+1, failed, len(sessions))
					}
					t.Logf("run %d: %d of %d sessions fail", i+1, failed, len(sessions))
				}
				now, err := runs[2].account.Sessions(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range now {
					if s.Number != wanted[s.ID] {
						t.Errorf("%s has number %d, want %d", s.ID, s.Number, wanted[s.ID])
					}
				}
			})
		})
	}
}

// changeAll changes sessions in an order, a few at a time, and counts those that fail.
func changeAll(t *testing.T, r *Run, wanted map[string]int, sessions []mirror.Session, order []int, parallel int) int {
	t.Helper()
	var group sync.WaitGroup
	var failed atomic.Int32
	free := make(chan struct{}, parallel)
	for _, i := range order {
		free <- struct{}{}
		group.Go(func() {
			defer func() { <-free }()
			present, err := r.account.Session(t.Context(), sessions[i].ID)
			if err != nil {
				t.Error(err)
				return
			}
			to := present.Noun
			to.Number = wanted[to.ID]
			if _, err := r.ModifySession(t.Context(), present.Noun, to, false, false); err != nil {
				failed.Add(1)
			}
		})
	}
	group.Wait()
	return int(failed.Load())
}

// newSessionsOn returns three runs, and the sessions of some interfaces with numbers from 1.
func newSessionsOn(t *testing.T, interfaces, perInterface int) ([]*Run, []mirror.Session) {
	t.Helper()
	var places []string
	for i := range interfaces {
		places = append(places, fmt.Sprintf(`{ "id": "eni-%017x", "instance_id": "i-00000000000000001" }`, 0x100+i))
	}
	file, err := topology.Parse([]byte(strings.Replace(place, `"network_interfaces": [`, `"network_interfaces": [`+strings.Join(places, ", ")+", ", 1)))
	if err != nil {
		t.Fatal(err)
	}
	quotas := mirror.DefaultQuotas()
	quotas.SourcesPerTarget = quotas.SourcesPerLargeTarget
	handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: file, Quotas: quotas})
	if err != nil {
		t.Fatal(err)
	}
	var runs []*Run
	for range 3 {
		clock := account.SystemClock{} // in a test with synctest, its clock
		runs = append(runs, New(accountOf(emulator.Transport(handler), clock), clock))
	}
	target, err := runs[0].CreateTarget(t.Context(), mirror.Target{InterfaceID: sensor}, nil)
	if err != nil {
		t.Fatal(err)
	}
	filter, err := runs[0].account.CreateFilter(t.Context(), "", nil, account.NewToken())
	if err != nil {
		t.Fatal(err)
	}
	var sessions []mirror.Session
	for i := range interfaces {
		for n := range perInterface {
			created, err := runs[0].CreateSession(t.Context(), mirror.Session{
				InterfaceID: fmt.Sprintf("eni-%017x", 0x100+i), TargetID: target.Noun.ID, FilterID: filter.Noun.ID, Number: n + 1,
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			sessions = append(sessions, created.Noun)
		}
	}
	return runs, sessions
}
