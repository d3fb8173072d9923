// Package console is the web console: pages about who is mirrored, to where and why, and forms
// that change it. It is an http.Handler over one account, so over AWS, an endpoint, or the
// embedded EC2. It opens no port.
//
// It is no second truth: it keeps nothing that EC2 does not have, except what is in the URL of a
// page. Packages inventory, check and analysis answer its questions, and reconcile makes its
// changes. A page is HTML that the server writes. It works without JavaScript.
package console

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/adopt"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Options are the settings of a Console. Only Account is required.
type Options struct {
	// Account returns the account as a new run sees it. The console asks for one whenever it
	// reads, so that it sees what others have changed.
	Account func() *account.Account

	Place   string // what the pages call the account's EC2, such as "the embedded EC2 in ec2.db"
	Version string // of the program

	// ReadOnly is why the console changes nothing, with what to do instead, as sentences. "": it
	// may change the account.
	ReadOnly string

	// Confirms makes each change ask once, on a page that names the account and its Region.
	Confirms bool

	// IsConsistent says that EC2 shows a change at once. Otherwise the console corrects what it
	// reads by what it has just written.
	IsConsistent bool

	Rules inventory.Rules // zero quotas: mirror.DefaultQuotas()
	Price inventory.Money // of one session for one hour; 0: inventory.DefaultPrice

	Names []string // by which requests may call this host, besides localhost and IP addresses
	Token string   // that a browser must have; "": none, for a console that listens on loopback only

	// Adopt reads the objects of a selection, for their configuration. nil: the pages show none.
	Adopt func(context.Context, adopt.Selection) (*adopt.Found, error)

	// Others returns the other Regions of the store that have objects. nil: this is not known, as
	// of AWS.
	Others func(context.Context) ([]OtherRegion, error)

	Log *slog.Logger // nil: silent
}

// Console is the web console. Its methods may be called concurrently.
type Console struct {
	options Options
	key     []byte // of this process: it signs the cookies
	mux     *http.ServeMux
	routes  map[string]route // by pattern
	saved   saved

	captures captures
	reading  sync.Mutex // held while a snapshot is read, so that requests share it
	mu       sync.Mutex
	writer   *account.Account // that has written; nil: none has, or that was long ago
	wrote    time.Time
	last     *snapshot
	lastTook time.Duration
}

// New returns a Console.
func New(o Options) (*Console, error) {
	if o.Account == nil {
		return nil, errors.New("the console needs an account")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Rules.Quotas == (mirror.Quotas{}) {
		o.Rules.Quotas = mirror.DefaultQuotas()
	}
	if o.Price == 0 {
		o.Price = inventory.DefaultPrice
	}
	c := &Console{options: o, key: []byte(rand.Text()), mux: http.NewServeMux(), routes: map[string]route{}}
	for _, r := range routes() {
		c.routes[r.pattern] = r
		c.mux.HandleFunc(r.pattern, func(w http.ResponseWriter, sent *http.Request) { c.answer(w, sent, r) })
	}
	c.mux.HandleFunc("/", func(w http.ResponseWriter, sent *http.Request) { c.answer(w, sent, route{serve: noPage}) })
	return c, nil
}

// account returns the account to read from. For some time after a change it is the one that has
// made the change, because EC2 may not show it yet.
func (c *Console) account() *account.Account {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.writer != nil && time.Since(c.wrote) < settles {
		return c.writer.Fresh()
	}
	c.writer = nil
	return c.options.Account()
}

// settles is how long EC2 may show an object as it was before a change.
const settles = 30 * time.Second

// writes notes that an account is about to change objects.
func (c *Console) writes(a *account.Account) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last, c.wrote = nil, time.Now()
	if !c.options.IsConsistent {
		c.writer = a
	}
}

// snapshot returns everything that EC2 shows. Pages that are asked for one after the other share
// it, for longer if it takes long to read. isFresh asks for a new one.
func (c *Console) snapshot(ctx context.Context, isFresh bool) (*snapshot, error) {
	asked := time.Now()
	if last := c.shared(asked, isFresh); last != nil {
		return last, nil
	}
	c.reading.Lock()
	defer c.reading.Unlock()
	if last := c.shared(asked, isFresh); last != nil { // another request has read it meanwhile
		return last, nil
	}
	begin := time.Now()
	read, err := readSnapshot(ctx, c.account(), c.options)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wrote.Before(begin) { // otherwise the answer may be from before a change
		c.last, c.lastTook = read, time.Since(begin)
	}
	return read, nil
}

// shared returns the last snapshot if it answers a request, and otherwise nil. One that is fresh
// was begun after it was asked for.
func (c *Console) shared(asked time.Time, isFresh bool) *snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.last == nil:
		return nil
	case isFresh && !c.last.read.Add(-c.lastTook).After(asked):
		return nil
	case !isFresh && time.Since(c.last.read) > max(time.Second, min(10*c.lastTook, time.Minute)):
		return nil
	}
	return c.last
}
