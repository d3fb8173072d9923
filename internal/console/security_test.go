package console_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/console"
)

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// checkHeaders checks the headers that every answer has.
func checkHeaders(t *testing.T, name string, header http.Header) {
	t.Helper()
	for field, want := range map[string]string{
		"Content-Security-Policy": policy, "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := header.Get(field); got != want {
			t.Errorf("%s: %s is %q, want %q", name, field, got, want)
		}
	}
}

// Requests of other sites, of pages with another name, and forms of other pages are refused, and
// change nothing. Every answer has the policy.
func TestSecurity(t *testing.T) {
	t.Parallel()
	l := newLab(t, func(o *console.Options) { o.Names = []string{"console.test"} })
	b := l.browser()
	page := b.get("/targets/new")
	form := url.Values{"backing": {app}}
	for _, f := range fieldsOf(t, page.body, "/targets/new") {
		if f[0] == "csrf" || f[0] == "change" {
			form.Set(f[0], f[1])
		}
	}
	other := l.browser()
	foreign := url.Values{"backing": {app}, "change": {"x"}}
	for _, f := range fieldsOf(t, other.get("/targets/new").body, "/targets/new") {
		if f[0] == "csrf" {
			foreign.Set(f[0], f[1])
		}
	}
	without := url.Values{"backing": {app}, "change": {"x"}}
	wrong := url.Values{"backing": {app}, "change": {"x"}, "csrf": {strings.Repeat("0", 64)}}
	for name, c := range map[string]struct {
		method, path, host string
		header             map[string]string
		form               url.Values
		want               int
	}{
		"a foreign Host":                {"GET", "/", "evil.test", nil, nil, 403},
		"a foreign Host of a file":      {"GET", "/static/console.css", "evil.test:8787", nil, nil, 403},
		"the name in --listen":          {"GET", "/", "console.test:8787", nil, nil, 200},
		"an address":                    {"GET", "/", "[::1]:8787", nil, nil, 200},
		"a foreign Origin":              {"POST", "/targets/new", "", map[string]string{"Origin": "http://evil.test"}, form, 403},
		"an Origin without a name":      {"POST", "/targets/new", "", map[string]string{"Origin": "null"}, form, 403},
		"another site":                  {"POST", "/targets/new", "", map[string]string{"Sec-Fetch-Site": "cross-site"}, form, 403},
		"another port of the same host": {"POST", "/targets/new", "", map[string]string{"Sec-Fetch-Site": "same-site"}, form, 403},
		"no token":                      {"POST", "/targets/new", "", nil, without, 403},
		"a wrong token":                 {"POST", "/targets/new", "", nil, wrong, 403},
		"the token of another browser":  {"POST", "/targets/new", "", nil, foreign, 403},
		"too large":                     {"POST", "/targets/new", "", nil, url.Values{"backing": {strings.Repeat("x", 2<<20)}}, 413},
		"no such page":                  {"GET", "/nothing", "", nil, nil, 404},
		"no such method":                {"DELETE", "/targets/new", "", nil, nil, 403},
		"a path that is not clean":      {"GET", "//evil.test/..", "", nil, nil, 200},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, l.server.URL+c.path, strings.NewReader(c.form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if c.host != "" {
			r.Host = c.host
		}
		for field, value := range c.header {
			r.Header.Set(field, value)
		}
		got := b.do(r)
		if got.status != c.want {
			t.Errorf("%s: %d, want %d: %s", name, got.status, c.want, parse(t, got.body).words())
		}
		checkHeaders(t, name, got.header)
	}
	if all, err := l.account().Targets(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("a target was created: %v, %v", all, err)
	}
	if got := b.post(page, "/targets/new", url.Values{"backing": {app}}); got.status != 200 || !strings.HasPrefix(got.path, "/targets/tmt-") {
		t.Errorf("the right form: %d %s", got.status, got.path)
	}
}

// The cookie is for no script. A link of another site keeps it, and a form of another site does not send it.
func TestSecurity_cookie(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	answer := httptest.NewRecorder()
	l.console.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://localhost/targets/new", nil))
	cookies := answer.Result().Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteLaxMode || cookies[0].Path != "/" || cookies[0].Domain != "" {
		t.Errorf("%v", cookies)
	}
}

// Texts of objects are shown as they are, and are never markup.
func TestSecurity_markup(t *testing.T) {
	t.Parallel()
	b := newLab(t).browser()
	const attack = `"><script src="//evil.test/x.js"></script><img src=x onerror=alert(1)>`
	id := b.created("/targets/new", url.Values{"backing": {app}, "description": {attack}, "tag_key": {attack}, "tag_value": {attack}})
	for _, path := range []string{"/targets", "/targets/" + id, "/targets/" + id + "/edit", "/targets/" + id + "/delete", "/sessions/new?to=" + id, "/targets?tag=" + url.QueryEscape(attack), "/" + url.PathEscape(attack)} {
		got := b.get(path)
		root := parse(t, got.body)
		if n := len(root.all("script")); n != 1 || len(root.all("img")) != 0 {
			t.Errorf("%s: %d scripts, %d images", path, n, len(root.all("img")))
		}
		if problems := problemsOf(t, got.body); problems != nil {
			t.Errorf("%s: %q", path, problems)
		}
	}
	if words := parse(t, b.get("/targets/"+id).body).words(); !strings.Contains(words, attack) {
		t.Errorf("the description is not shown as it is: %s", words)
	}
}

// A console that is read-only refuses each form, says what to do instead, and offers none.
func TestSecurity_readOnly(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	w := l.browser().world()
	b := newLab(t, func(o *console.Options) {
		o.Account, o.ReadOnly = l.account, "It changes nothing here. Start it with --write to change what it shows."
	}).browser()
	crawl(t, b, 12)
	if got := b.get("/targets/" + w.target); strings.Contains(got.body, "/edit") {
		t.Error("the page links to a form")
	}
	for _, path := range []string{"/targets/new", "/targets/" + w.target + "/edit", "/targets/" + w.target + "/delete", "/sessions/" + w.session + "/edit", "/filters/" + w.filter + "/edit"} {
		page := b.get("/login")
		got := b.post(answer{body: strings.ReplaceAll(`<form action="PATH"></form>`, "PATH", path) + page.body}, path, nil)
		if got.status != http.StatusForbidden || !strings.Contains(got.body, "--write") {
			t.Errorf("%s: %d %s", path, got.status, parse(t, got.body).words())
		}
	}
	if _, err := l.account().Session(t.Context(), w.session); err != nil {
		t.Error(err)
	}
}

// With a token, a browser sees nothing before it has shown the token. Then it has a cookie.
func TestSecurity_token(t *testing.T) {
	t.Parallel()
	const token = "a-long-and-secret-token"
	var log strings.Builder
	l := newLab(t, func(o *console.Options) { o.Token, o.Log = token, logTo(&log) })
	b := l.browser()
	for _, path := range []string{"/", "/targets", "/targets/new", "/nothing"} {
		got := b.get(path)
		if got.status != http.StatusUnauthorized || strings.Contains(got.body, "123456789012") {
			t.Errorf("%s: %d", path, got.status)
		}
		checkHeaders(t, path, got.header)
	}
	if got := b.post(answer{body: `<form action="/targets/new"></form>`}, "/targets/new", url.Values{"backing": {app}}); got.status != http.StatusUnauthorized {
		t.Errorf("a form: %d", got.status)
	}
	if got := b.get("/login?token=another"); got.status != http.StatusForbidden {
		t.Errorf("another token: %d", got.status)
	}
	page := b.get("/")
	if got := b.post(page, "/login", url.Values{"token": {token}}); got.status != 200 || got.path != "/" {
		t.Errorf("the token in the form: %d %s", got.status, got.path)
	}
	second := l.browser()
	if got := second.get("/login?token=" + token); got.status != 200 || got.path != "/" || strings.Contains(got.body, token) {
		t.Errorf("the token in the URL: %d %s", got.status, got.path)
	}
	second.created("/targets/new", url.Values{"backing": {app}})
	if strings.Contains(log.String(), token) {
		t.Error("the token is in the log")
	}
}

// Credentials reach no page, also not by an error.
func TestSecurity_credentials(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	b := l.browser()
	b.world()
	l.emulator.SetFaults(faults(t, "DescribeTrafficMirrorSessions:UnauthorizedOperation"))
	for _, path := range []string{"/?fresh=1", "/targets", "/sessions?fresh=1"} {
		if got := b.get(path); strings.Contains(got.body, "very-secret") || strings.Contains(got.body, "Signature") || got.status == 200 && path != "/targets" {
			t.Errorf("%s: %d %s", path, got.status, parse(t, got.body).words())
		}
	}
}

// Browsers that read and write at the same time do not disturb each other.
func TestSecurity_parallel(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	w := l.browser().world()
	var wait sync.WaitGroup
	for range 4 {
		b := l.browser()
		wait.Go(func() {
			path := "/sessions/" + w.session + "/edit"
			for range 3 {
				if got := b.get("/sessions"); got.status != 200 {
					t.Errorf("/sessions: %d", got.status)
				}
				page := b.get(path)
				if got := b.post(page, path, url.Values{"tag_key": {"Name"}, "tag_value": {page.path}}); got.status != 200 && got.status != http.StatusConflict {
					t.Errorf("%s: %d", path, got.status)
				}
			}
		})
	}
	wait.Wait()
}

// A method without a body answers nothing but headers.
func TestSecurity_head(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	response, err := l.server.Client().Head(l.server.URL + "/sessions")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || len(body) != 0 || response.StatusCode != 200 {
		t.Errorf("%d %q %v", response.StatusCode, body, err)
	}
	checkHeaders(t, "HEAD", response.Header)
}

// The static files are small.
func TestStaticFiles(t *testing.T) {
	t.Parallel()
	b := newLab(t).browser()
	total := 0
	for _, path := range []string{"/static/console.css", "/static/htmx.min.js", "/static/htmx.LICENSE.txt"} {
		got := b.get(path)
		if total += len(got.body); got.status != 200 {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	if total > 150<<10 {
		t.Errorf("the static files have %d bytes, more than 150 KiB", total)
	}
}

// A countedBody counts the bytes that are read of a body.
type countedBody struct {
	io.Reader
	n int
}

func (c *countedBody) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

// A GET has no form: its body is not read, and so not kept, also of a browser without the token.
func TestSecurity_bodyOfGET(t *testing.T) {
	t.Parallel()
	const head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
	l := newLab(t, func(o *console.Options) { o.Token = "a-long-and-secret-token" })
	for _, path := range []string{"/login", "/", "/captures"} {
		body := &countedBody{Reader: io.MultiReader(strings.NewReader(head), strings.NewReader(strings.Repeat("a", 2<<20)))}
		r := httptest.NewRequest(http.MethodGet, "http://localhost"+path, body)
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		l.console.ServeHTTP(httptest.NewRecorder(), r)
		if body.n > 0 {
			t.Errorf("%s: %d bytes are read", path, body.n)
		}
	}
}

// A page of another site can link here. It cannot make a browser read without going here.
func TestSecurity_readsOfOtherSites(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for name, c := range map[string]struct {
		header map[string]string
		want   int
	}{
		"an image":        {map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403},
		"a frame":         {map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403},
		"another port":    {map[string]string{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, 403},
		"another origin":  {map[string]string{"Origin": "http://evil.test"}, 403},
		"a link":          {map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		"the address bar": {map[string]string{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		"its own script":  {map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, 200},
		"a program":       {nil, 200},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://localhost/?fresh=1", nil)
		for field, value := range c.header {
			r.Header.Set(field, value)
		}
		answer := httptest.NewRecorder()
		before := l.emulator.Calls()["DescribeTrafficMirrorSessions"].Count
		l.console.ServeHTTP(answer, r)
		if answer.Code != c.want {
			t.Errorf("%s: %d, want %d", name, answer.Code, c.want)
		}
		if reads := l.emulator.Calls()["DescribeTrafficMirrorSessions"].Count - before; (reads > 0) != (c.want == 200) {
			t.Errorf("%s: %d reads", name, reads)
		}
	}
}
