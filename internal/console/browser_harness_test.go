package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// chromium is one browser for all tests. It ends with the process of the tests.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-features", "site-per-process,Translate,BackForwardCache"), // a page from that cache has another target
		chromedp.WSURLReadTimeout(patience),
	)
	allocator, stopProcess := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stopBrowser := chromedp.NewContext(allocator, chromedp.WithBrowserOption(chromedp.WithDialTimeout(patience)))
	ends = func() { stopBrowser(); stopProcess() }
	return ctx, chromedp.Run(ctx)
})

// ends stops the browser.
var ends = func() {}

func TestMain(m *testing.M) {
	code := m.Run()
	ends()
	os.Exit(code)
}

// A tab is a tab of a browser that shares nothing with those of other tests.
type tab struct {
	t    *testing.T
	ctx  context.Context
	home string // URL of the console, without a slash at its end

	mu       sync.Mutex
	problems []string // what the console of the browser shows: errors, violations of the policy, requests to other hosts
	allowed  []string // parts of problems that a test expects

	noted chan struct{} // holds one after a new problem
}

// patience is how long a tab may be open: make test-browser looks at every page in one tab.
const patience = 20 * time.Minute

// newTab opens a tab, or skips the test where there is no Chromium.
func newTab(t *testing.T, home string) *tab {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes long")
	}
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("chromium is not on the PATH: install the package chromium of Debian")
	}
	browser, err := chromium()
	if err != nil {
		t.Fatalf("chromium does not start: %v", err)
	}
	ctx, closeTab := chromedp.NewContext(browser, chromedp.WithTargetID(newWindow(browser, t)))
	t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(ctx, patience)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, home: home, noted: make(chan struct{}, 1)}
	chromedp.ListenTarget(ctx, b.listen)
	b.run(network.Enable(), log.Enable(), emulation.SetDeviceMetricsOverride(1280, 900, 1, false))
	t.Cleanup(b.checkProblems)
	return b
}

// newWindow opens a window that shares no cookies with others.
func newWindow(browser context.Context, t *testing.T) target.ID {
	t.Helper()
	executor := cdp.WithExecutor(browser, chromedp.FromContext(browser).Browser)
	place, err := target.CreateBrowserContext().WithDisposeOnDetach(true).Do(executor)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = target.DisposeBrowserContext(place).Do(executor) })
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(place).WithNewWindow(true).Do(executor)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// listen notes what no page of the console may do.
func (b *tab) listen(event any) {
	var problem string
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
			problem = fmt.Sprintf("console.%s: %s", e.Type, e.Args[0].Value)
		}
	case *runtime.EventExceptionThrown:
		problem = e.ExceptionDetails.Error()
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError || e.Entry.Source == log.SourceSecurity {
			problem = fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if to, err := url.Parse(e.Request.URL); err == nil && to.Scheme != "data" && to.Scheme != "about" && !strings.HasPrefix(e.Request.URL, b.home+"/") {
			problem = "a request to " + e.Request.URL
		}
	}
	if problem != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.problems = append(b.problems, problem)
		select {
		case b.noted <- struct{}{}:
		default: // there is one already
		}
	}
}

// reported waits until the browser reports a problem with a text. Some come after the page is loaded.
func (b *tab) reported(part string) {
	b.t.Helper()
	for {
		b.mu.Lock()
		problems := slices.Clone(b.problems)
		b.mu.Unlock()
		if slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, part) }) {
			return
		}
		select {
		case <-b.noted:
		case <-b.ctx.Done():
			b.t.Fatalf("the harness does not see %q: %q", part, problems)
		}
	}
}

// expect allows a problem that the test causes on purpose.
func (b *tab) expect(part string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.allowed = append(b.allowed, part)
}

func (b *tab) checkProblems() {
	b.mu.Lock()
	defer b.mu.Unlock()
problems:
	for _, p := range b.problems {
		for _, part := range b.allowed {
			if strings.Contains(p, part) {
				continue problems
			}
		}
		b.t.Errorf("the browser reports: %s", p)
	}
}

// run runs actions, and fails the test with the page as it is after an error.
func (b *tab) run(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.t.Fatalf("%v, on %s", err, b.place())
	}
}

// open goes to a path.
func (b *tab) open(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate(b.home + path))
}

// place is the path and the title of the page.
func (b *tab) place() string {
	var place, title string
	_ = chromedp.Run(b.ctx, chromedp.Location(&place), chromedp.Title(&title))
	return strings.TrimPrefix(place, b.home) + " (" + title + ")"
}

// path is the path and the query of the page.
func (b *tab) path() string {
	var place string
	b.run(chromedp.Location(&place))
	return strings.TrimPrefix(place, b.home)
}

// text is the text of the content of the page.
func (b *tab) text() string {
	var text string
	b.run(chromedp.Text("main", &text, chromedp.ByQuery))
	return text
}

// has fails the test unless the content of the page has the texts.
func (b *tab) has(texts ...string) {
	b.t.Helper()
	found := b.text()
	for _, text := range texts {
		if !strings.Contains(found, text) {
			b.t.Errorf("%s does not have %q:\n%s", b.place(), text, found)
		}
	}
}

// press presses keys, one after the other.
func (b *tab) press(keys ...string) {
	b.t.Helper()
	for _, key := range keys {
		b.run(chromedp.KeyEvent(key))
	}
}

// focused describes the element that has the focus: the text of a button, the name of a field,
// the address of a link.
func (b *tab) focused() string {
	var name string
	b.run(chromedp.Evaluate(`(e => e.tagName === "BUTTON" ? e.textContent.trim() : e.name || e.getAttribute("href") || e.textContent.trim())(document.activeElement)`, &name))
	return name
}

// maxTabs is how often Tab is pressed in search of an element.
const maxTabs = 200

// tabTo presses Tab until the element has the focus that focused describes so.
func (b *tab) tabTo(name string) {
	b.t.Helper()
	for range maxTabs {
		b.press(kb.Tab)
		if b.focused() == name {
			return
		}
	}
	b.t.Fatalf("Tab does not reach %q on %s", name, b.place())
}

// follow reaches a link or a button by the keyboard, and presses Enter.
func (b *tab) follow(name string) {
	b.t.Helper()
	b.tabTo(name)
	b.leaves(chromedp.KeyEvent(kb.Enter))
}

// fill reaches a field by the keyboard, and writes a text in place of its own.
func (b *tab) fill(name, text string) {
	b.t.Helper()
	b.tabTo(name)
	b.run(chromedp.KeyEvent("a", chromedp.KeyModifiers(input.ModifierCtrl)), chromedp.KeyEvent(kb.Delete))
	if text != "" {
		b.run(chromedp.KeyEvent(text))
	}
}

// leaves does something that leads to another page, and waits until that is loaded.
func (b *tab) leaves(does ...chromedp.Action) {
	b.t.Helper()
	if _, err := chromedp.RunResponse(b.ctx, does...); err != nil {
		b.t.Fatalf("%v, on %s", err, b.place())
	}
}

// axe is the source of axe-core, or "" where TRAFFICMIRROR_AXE does not name it.
var axe = sync.OnceValues(func() (string, error) {
	path := os.Getenv("TRAFFICMIRROR_AXE")
	if path == "" {
		return "", nil
	}
	text, err := os.ReadFile(path)
	return string(text), err
})

// A violation is what axe finds.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// accessible fails the test for each violation that axe finds in the page.
func (b *tab) accessible() {
	b.t.Helper()
	for _, v := range b.violations() {
		for _, n := range v.Nodes {
			b.t.Errorf("%s: axe: %s: %s\n%s\n%s", b.place(), v.ID, v.Help, n.HTML, n.Summary)
		}
	}
}

// violations returns what axe finds.
func (b *tab) violations() []violation {
	b.t.Helper()
	source, err := axe()
	if err != nil {
		b.t.Fatal(err)
	}
	if source == "" {
		b.t.Log("axe is not run: set TRAFFICMIRROR_AXE to the path that internal/tools/axe.sh prints")
		return nil
	}
	var found string
	b.run(
		chromedp.Evaluate(source+"\n;undefined", nil),
		chromedp.Evaluate(`axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations))`, &found,
			func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }),
	)
	var violations []violation
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		b.t.Fatal(err)
	}
	return violations
}

// looks are what a page can look like: width in CSS pixels, and the color scheme.
var looks = []struct {
	width  int64
	scheme string
}{{1280, "light"}, {1280, "dark"}, {400, "light"}, {400, "dark"}}

// look sets what the pages look like.
func (b *tab) look(width int64, scheme string) {
	b.t.Helper()
	b.run(
		emulation.SetDeviceMetricsOverride(width, 900, 1, false),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
	)
}

// shoot writes a screenshot of the whole page into the folder that TRAFFICMIRROR_SCREENSHOTS
// names.
func (b *tab) shoot(name string, width int64, scheme string) {
	b.t.Helper()
	folder := os.Getenv("TRAFFICMIRROR_SCREENSHOTS")
	if folder == "" {
		return
	}
	var picture []byte
	b.run(chromedp.FullScreenshot(&picture, 100))
	if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%d-%s.png", url.PathEscape(name), width, scheme)), picture, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// badPage serves a page that does what no page of the console may do.
func badPage(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		if r.URL.Path == "/bad.js" {
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, `console.error("said"); throw new Error("thrown on purpose");`)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
		fmt.Fprint(w, `<!doctype html><title>bad</title><main><img src="http://127.0.0.2/x"><p style="color:red">red</p></main><script>1</script><script src="/bad.js"></script>`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// quickstart makes the objects of the example of that name.
func (l *lab) quickstart() {
	l.t.Helper()
	a := l.account()
	targets, filters := map[string]string{}, map[string]string{}
	for name, target := range map[string]mirror.Target{
		"sensor":  {Description: "Intrusion detection sensor", InterfaceID: sensor},
		"sensors": {Description: "Sensors behind a Network Load Balancer", LoadBalancerARN: "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/sensors/7d2f9a1c4e6b8035"},
	} {
		made, err := a.CreateTarget(l.t.Context(), target, nil, account.NewToken())
		l.must(err)
		targets[name] = made.Noun.ID
	}
	ssh, ports := &mirror.PortRange{From: 22, To: 22}, &mirror.PortRange{From: 22, To: 443}
	inside := netip.MustParsePrefix("10.0.0.0/8")
	webRules := []mirror.Rule{
		{Direction: mirror.Ingress, Number: 100, Action: mirror.Reject, Protocol: new(mirror.TCP), SourceCIDR: inside, DestinationCIDR: mirror.EveryIPv4, DestinationPorts: ssh, Description: "SSH from the inside"},
		{Direction: mirror.Ingress, Number: 200, Action: mirror.Accept, Protocol: new(mirror.TCP), SourceCIDR: mirror.EveryIPv4, DestinationCIDR: mirror.EveryIPv4, DestinationPorts: ports},
		{Direction: mirror.Ingress, Number: 300, Action: mirror.Accept, Protocol: new(mirror.TCP), SourceCIDR: mirror.EveryIPv6, DestinationCIDR: mirror.EveryIPv6, DestinationPorts: ports},
		{Direction: mirror.Egress, Number: 100, Action: mirror.Reject, Protocol: new(mirror.TCP), SourceCIDR: mirror.EveryIPv4, DestinationCIDR: inside, SourcePorts: ssh, Description: "SSH from the inside"},
		{Direction: mirror.Egress, Number: 200, Action: mirror.Accept, Protocol: new(mirror.TCP), SourceCIDR: mirror.EveryIPv4, DestinationCIDR: mirror.EveryIPv4, SourcePorts: ports},
		{Direction: mirror.Egress, Number: 300, Action: mirror.Accept, Protocol: new(mirror.TCP), SourceCIDR: mirror.EveryIPv6, DestinationCIDR: mirror.EveryIPv6, SourcePorts: ports},
	}
	var all []mirror.Rule
	for _, d := range mirror.Directions {
		all = append(all,
			mirror.Rule{Direction: d, Number: 100, Action: mirror.Accept, SourceCIDR: mirror.EveryIPv4, DestinationCIDR: mirror.EveryIPv4},
			mirror.Rule{Direction: d, Number: 200, Action: mirror.Accept, SourceCIDR: mirror.EveryIPv6, DestinationCIDR: mirror.EveryIPv6})
	}
	for description, rules := range map[string][]mirror.Rule{"SSH, HTTP and TLS of the web server, without the administrators' SSH": webRules, "Everything": all} {
		filter, err := a.CreateFilter(l.t.Context(), description, nil, account.NewToken())
		l.must(err)
		filters[description[:3]] = filter.Noun.ID
		l.must(a.ModifyServices(l.t.Context(), filter.Noun, mirror.NetworkServices))
		for _, rule := range rules {
			rule.FilterID = filter.Noun.ID
			_, err := a.CreateRule(l.t.Context(), rule, nil, account.NewToken())
			l.must(err)
		}
	}
	for _, session := range []mirror.Session{
		{Description: "Web traffic, headers only", InterfaceID: web, TargetID: targets["sensor"], FilterID: filters["SSH"], Number: 1, VirtualNetworkID: new(1001), PacketLength: new(128)},
		{Description: "The rest, with some payload", InterfaceID: web, TargetID: targets["sensors"], FilterID: filters["Eve"], Number: 2, VirtualNetworkID: new(1002), PacketLength: new(512)},
		{Description: "The application server, whole packets", InterfaceID: app, TargetID: targets["sensor"], FilterID: filters["Eve"], Number: 1, VirtualNetworkID: new(1003)},
	} {
		_, err := a.CreateSession(l.t.Context(), session, nil, account.NewToken())
		l.must(err)
	}
}

func (l *lab) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}
