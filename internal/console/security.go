package console

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/caller"

	g "maragu.dev/gomponents"
)

// policy is the Content-Security-Policy of every answer: nothing of another host, no script and
// no style inside of a page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// securityHeaders are those of every answer. With the referrer policy no-referrer, a browser
// would hide the origin of the console's own forms.
var securityHeaders = map[string]string{
	"Content-Security-Policy":      policy,
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy":              "same-origin",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Cache-Control":                "no-store",
}

const (
	formToken  = "csrf"  // the field of a form that has the token of the browser's session
	maxForm    = 1 << 20 // bytes of a form without files
	answerTime = 2 * time.Minute
)

// A request is one that the console has admitted.
type request struct {
	*http.Request
	console *Console
	bar     bar
	session string            // of the browser
	sent    url.Values        // the form as the browser has sent it
	digest  string            // of its values
	parts   *multipart.Reader // of a form with files, without its token
}

// admit checks a request, and returns the page that refuses it.
func (c *Console) admit(w http.ResponseWriter, sent *http.Request, to route) (*request, *page) {
	limits := http.NewResponseController(w)
	_ = limits.SetWriteDeadline(time.Now().Add(answerTime)) // tests without a server have none
	sent.Body = http.MaxBytesReader(w, sent.Body, max(to.upload, maxForm))
	r := &request{Request: sent, console: c, bar: barOf(sent.URL.Query())}
	if !caller.NamesHost(sent, c.options.Names) {
		return r, refusal(http.StatusForbidden, "This name is not known", "The console is not known by the name ", code(caller.HostName(sent)),
			". Use ", code("localhost"), " or an IP address of its host, or start it with ", code("--allow-host "+caller.HostName(sent)), ".")
	}
	reads := sent.Method == http.MethodGet || sent.Method == http.MethodHead
	if reads && caller.OtherSite(sent) != "" && !isVisit(sent) {
		return r, refusal(http.StatusForbidden, "The request is of another site", "A page of another site can link to the console. It cannot read it.")
	}
	if site := caller.OtherSite(sent); site != "" && !reads {
		return r, refusal(http.StatusForbidden, "The form is of another site", "The console takes forms of its own pages only. This one comes from ", code(site), ".")
	}
	r.session = c.sessionOf(sent)
	if r.session == "" && !to.isOpen && c.options.Token != "" {
		return r, loginPage(http.StatusUnauthorized, "")
	}
	if r.session == "" && c.options.Token == "" {
		r.session = c.begin(w)
	}
	c.captures.see(r.session)
	if reads {
		return r, nil
	}
	if to.changes && c.options.ReadOnly != "" {
		return r, refusal(http.StatusForbidden, "The console is read-only", c.options.ReadOnly)
	}
	return r, c.readForm(w, r, to)
}

// isVisit reports whether the browser goes to a page, as by a link, and shows it in a window.
func isVisit(r *http.Request) bool {
	to := r.Header.Get("Sec-Fetch-Dest")
	return r.Header.Get("Sec-Fetch-Mode") == "navigate" && (to == "document" || to == "")
}

// readForm reads a form, and checks that a page of the same browser session has it.
func (c *Console) readForm(w http.ResponseWriter, r *request, to route) *page {
	var token string
	var err error
	if to.upload > 0 {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(answerTime))
		token, err = r.readParts()
	} else if err = r.ParseForm(); err == nil {
		token = r.PostForm.Get(formToken)
	}
	var tooLarge *http.MaxBytesError
	switch {
	case asError(err, &tooLarge):
		return refusal(http.StatusRequestEntityTooLarge, "The form is too large", "The console takes at most ", size(max(to.upload, maxForm)), " here.")
	case err != nil:
		return refusal(http.StatusBadRequest, "The form cannot be read", "The browser has sent a form that the console cannot read: ", err.Error(), ".")
	case to.isOpen:
		return nil
	case r.session == "" || !equal(token, r.token()):
		return refusal(http.StatusForbidden, "The form is out of date",
			"The form is not of a page that this browser has got from this console, or the console was started again since. Open the page again, and repeat the change.")
	}
	return nil
}

// readParts returns the token of a form with files, which is its first part.
func (r *request) readParts() (token string, err error) {
	if r.parts, err = r.MultipartReader(); err != nil {
		return "", err
	}
	first, err := r.parts.NextPart()
	if err != nil || first.FormName() != formToken {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(first, 1000))
	return string(text), err
}

// cookieName is not that of another console on the same host: the port does not separate
// cookies.
func (c *Console) cookieName() string { return "console-" + c.sign("cookie")[:8] }

// sign returns a text that only this process can make of another one.
func (c *Console) sign(text string) string {
	mac := hmac.New(sha256.New, c.key)
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// sessionOf returns the session of the browser, or "" if it has none.
func (c *Console) sessionOf(sent *http.Request) string {
	cookie, err := sent.Cookie(c.cookieName())
	if err != nil {
		return ""
	}
	id, signature, _ := strings.Cut(cookie.Value, ".")
	if !equal(signature, c.sign("session "+id)) {
		return ""
	}
	return id
}

// begin begins a session. The cookie comes with a link of another site, which opens a page, and
// not with a form of another site.
func (c *Console) begin(w http.ResponseWriter) string {
	id := rand.Text()
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // without Secure: the console is served on loopback, without TLS
		Name: c.cookieName(), Value: id + "." + c.sign("session "+id), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return id
}

// token returns the token that each form of the browser's session has.
func (r *request) token() string { return r.console.sign("form " + r.session) }

// equal compares secrets in a time that does not depend on them.
func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// refusal is a page that says why a request was not answered.
func refusal(status int, title string, words ...any) *page {
	return &page{title: title, status: status, body: []g.Node{para(words...)}}
}
