package console

import (
	"context"
	"crypto/sha256"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"
)

// changeToken is the field of a form that has the token of the change: a form that is sent
// twice changes the account once.
const changeToken = "change"

// maxSaved is how many changes are remembered.
const maxSaved = 1000

// saved has the changes that this process has made, by the token of their form.
type saved struct {
	mu    sync.Mutex
	all   map[string]*outcome
	order []string
	forms map[string]*sentForms
}

// sentForms are the requests that have the same form.
type sentForms struct {
	turn sync.Mutex
	n    int
}

// lock waits until no other request has the same form. The caller calls unlock.
func (s *saved) lock(token string) (unlock func()) {
	s.mu.Lock()
	if s.forms == nil {
		s.forms = map[string]*sentForms{}
	}
	if s.forms[token] == nil {
		s.forms[token] = &sentForms{}
	}
	form := s.forms[token]
	form.n++
	s.mu.Unlock()
	form.turn.Lock()
	return func() {
		form.turn.Unlock()
		s.mu.Lock()
		defer s.mu.Unlock()
		if form.n--; form.n == 0 {
			delete(s.forms, token)
		}
	}
}

// An outcome is what a change has done.
type outcome struct {
	form  string        // digest of the form that asked for it
	done  chan struct{} // closed when the fields below are set
	calls []call
	path  string // of the page that shows the object
	err   error
}

// A call is one that changed the account, or tried to.
type call struct {
	action, object string
	took           time.Duration
	err            error
}

// find returns a change.
func (s *saved) find(token string) *outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[token]
}

// begin returns the change with the token of a form, and whether it is new, so that the caller
// has to make it.
func (s *saved) begin(token, form string) (o *outcome, isNew bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.all[token]; known != nil {
		return known, false
	}
	if s.all == nil {
		s.all = map[string]*outcome{}
	}
	if len(s.order) >= maxSaved {
		delete(s.all, s.order[0])
		s.order = s.order[1:]
	}
	s.all[token], s.order = &outcome{form: form, done: make(chan struct{})}, append(s.order, token)
	return s.all[token], true
}

// forget forgets a change that has failed.
func (s *saved) forget(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, token)
}

// digestOf identifies the values of a form and where it is sent to. It leaves out what only says
// which page of the form has sent it.
func digestOf(r *request) string {
	values := maps.Clone(r.PostForm)
	for _, name := range []string{formToken, confirmed, began, seenField} {
		values.Del(name)
	}
	sum := sha256.Sum256([]byte(r.URL.Path + "?" + values.Encode()))
	return string(sum[:])
}

// sentAgain returns the page of the change that a form has made already, if it is sent once more.
// With other values it is another change, which is not made: what EC2 has now was not on the page.
func (r *request) sentAgain() *page {
	token := r.PostForm.Get(changeToken)
	o := r.console.saved.find(token)
	if o == nil {
		return nil
	}
	<-o.done
	switch {
	case o.path == "":
		return nil
	case o.form != r.digest:
		return refusal(http.StatusConflict, "The form was sent already", "The form was sent before with other values, and that change is made. Nothing was changed now. ",
			anchor(r.URL.Path, "Open the page again"), ", and repeat the change.")
	}
	return &page{redirect: o.path + "?saved=" + token}
}

// saveTime is how long a change may take.
const saveTime = 90 * time.Second

// A save changes the account, and returns the path of the page that shows the object.
type save func(ctx context.Context, a *account.Account, run *reconcile.Run) (path string, err error)

// save makes the change of a form once, also if the browser goes away.
func (r *request) save(token string, f save) *outcome {
	c := r.console
	o, isNew := c.saved.begin(token, r.digest)
	if !isNew {
		<-o.done
		return o
	}
	defer close(o.done)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), saveTime)
	defer cancel()
	var mu sync.Mutex
	from := c.account() // without the watch: later requests read from it
	a := from.Watched(func(ctx context.Context, make func(context.Context) error) error {
		action, object := account.CallOf(ctx)
		if action == "" || strings.HasPrefix(action, "Describe") { // a read that requests share has no name
			return make(ctx)
		}
		begin := time.Now()
		err := make(ctx)
		mu.Lock()
		defer mu.Unlock()
		o.calls = append(o.calls, call{action, object, time.Since(begin), err})
		return err
	})
	c.writes(from)
	defer c.writes(from)
	o.path, o.err = f(ctx, a, reconcile.New(a, account.SystemClock{}))
	if o.path == "" {
		c.saved.forget(token) // the form can be sent again
	}
	return o
}
