package console

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// confirmed is the field of a form whose change was confirmed.
const confirmed = "confirmed"

// A change is what a form asks for.
type change struct {
	page     *page // the page with the form, without the form
	form     *form
	what     string   // the change as a sentence, such as "Create a target on eni-1."
	warnings []string // what is allowed, and may be a mistake
	more     []g.Node // what the change does, for the page that asks
	asks     bool     // it asks once, also where the console does not ask by itself
	save     save
}

// newForm returns the hidden fields of a form that is opened now.
func newForm() map[string]string { return map[string]string{changeToken: rand.Text()} }

// sentForm returns the hidden fields of a form that was sent.
func sentForm(r *request) map[string]string {
	return map[string]string{changeToken: r.PostForm.Get(changeToken)}
}

// submit checks a change, asks if it has to, makes it, and goes to the object.
func submit(r *request, c change) (*page, error) {
	token := r.PostForm.Get(changeToken)
	if token == "" || len(token) > 100 {
		return refusal(http.StatusBadRequest, "The form is incomplete", "The form has no token of a change. Open its page again."), nil
	}
	if errorsIn(c.form.wrong) != nil {
		return formPage(r, c.page, c.form), nil //nolint:nilerr // the form says it
	}
	for _, p := range c.form.wrong {
		c.warnings = append(c.warnings, problemTextWithField(p, c.form.label))
	}
	if (r.console.options.Confirms || c.asks || c.warnings != nil) && r.PostForm.Get(confirmed) == "" {
		return confirmation(r, c), nil
	}
	return outcomePage(r, c, r.save(token, c.save), token), nil
}

// outcomePage goes to the page of the object, or shows the form again with the error.
func outcomePage(r *request, c change, o *outcome, token string) *page {
	if o.err == nil || o.path != "" {
		return &page{redirect: o.path + "?saved=" + token}
	}
	p := c.page
	p.status = http.StatusConflict
	field, words := refusalWords(o.err)
	c.form.hidden[changeToken] = rand.Text() // another try is another change
	if field != "" && c.form.label(field) != "" {
		c.form.wrong = mirror.Problems{{Kind: mirror.Conflict, Field: field, Wrong: words}}
		p.notes = append(p.notes, note{kind: noteError, text: "EC2 has refused the change.", more: callNodes(o.calls)})
		return formPage(r, p, c.form)
	}
	p.notes = append(p.notes, note{kind: noteError, text: "EC2 has refused the change. " + words, more: callNodes(o.calls)})
	return formPage(r, p, c.form)
}

// confirmation asks once, with the same form in hidden fields.
func confirmation(r *request, c change) *page {
	a := r.console.account()
	p := &page{title: "Make this change?", section: c.page.section, trail: c.page.trail}
	for _, w := range c.warnings {
		p.notes = append(p.notes, note{kind: noteWarning, text: w})
	}
	nodes := []g.Node{h.Method("post"), h.Action(c.form.action), h.Input(h.Type("hidden"), h.Name(confirmed), h.Value("1"))}
	for _, name := range slices.Sorted(maps.Keys(r.sent)) {
		for _, value := range r.sent[name] {
			nodes = append(nodes, h.Input(h.Type("hidden"), h.Name(name), h.Value(value)))
		}
	}
	nodes = append(nodes, h.P(h.Class("actions"), h.Button(h.Type("submit"), g.Text(c.form.submit)), g.If(c.form.back != "", anchor(c.form.back, "Cancel"))))
	p.body = append([]g.Node{
		para(c.what),
		facts(fact{"Account", text(orUnknown(a.ID))}, fact{"Region", text(a.Region)}, fact{"In", text(r.console.options.Place)}),
	}, c.more...)
	p.body = append(p.body, h.Form(nodes...))
	return p
}

func orUnknown(id string) string {
	if id == "" {
		return "not known"
	}
	return id
}

func problemTextWithField(p mirror.Problem, label func(string) string) string {
	if words := label(p.Field); words != "" {
		return words + " " + problemTextLower(p)
	}
	return p.Error()
}

func problemTextLower(p mirror.Problem) string { return p.Wrong + ". " + p.Fix }

// savedNotes says what the change that leads to this page has done: the calls, in order.
func (r *request) savedNotes() []note {
	o := r.console.saved.find(r.URL.Query().Get("saved"))
	if o == nil {
		return nil
	}
	<-o.done
	if o.err != nil {
		_, words := refusalWords(o.err)
		return []note{{kind: noteError, text: "The change was made in part. " + words, more: callNodes(o.calls)}}
	}
	if len(o.calls) == 0 {
		return []note{{kind: noteDone, text: "Nothing differs. No call was made."}}
	}
	return []note{{kind: noteDone, text: "The change is made.", more: callNodes(o.calls)}}
}

// callNodes lists calls in their order.
func callNodes(calls []call) []g.Node {
	if len(calls) == 0 {
		return nil
	}
	var lines []g.Node
	for _, c := range calls {
		line := []g.Node{code(c.action)}
		if c.object != "" {
			line = append(line, g.Text(" of "), code(c.object))
		}
		line = append(line, g.Textf(", %d ms", c.took.Round(time.Millisecond).Milliseconds()))
		if c.err != nil {
			line = append(line, h.Span(h.Class("wrong"), g.Text(": "+account.Explain(c.err))))
		}
		lines = append(lines, h.Li(line...))
	}
	return []g.Node{h.P(g.Text("Calls to EC2, in order:")), h.Ol(lines...)}
}

// refusalWords words an error of a change, with the field that it is about.
func refusalWords(err error) (field, words string) {
	holder := func(text string) string {
		var conflict *reconcile.ConflictError
		if errors.As(err, &conflict) && conflict.ID != "" {
			return fmt.Sprintf(text, " "+conflict.ID)
		}
		return fmt.Sprintf(text, "")
	}
	kind, isMissing := account.NotFound(err)
	var inUse *reconcile.InUseError
	switch {
	case errors.As(err, &inUse):
		return "", sentence(fmt.Sprintf("Sessions use it: %s. Change or delete them first", inUse.Users()))
	case account.IsInUse(err):
		return "", "Sessions use it. Change or delete them first."
	case account.Code(err) == account.SessionNumberTaken:
		return "session_number", holder("is taken by another session%s of the interface. Write another number, or leave it empty.")
	case account.IsBackingTaken(err):
		return "backing", holder("backs another target%s already, or is the source of a session. Choose another one.")
	case account.IsDenied(err):
		return "", "The credentials may not call " + account.Action(err) + ". Add this permission, or use others."
	case isMissing && kind == mirror.KindTarget:
		return "traffic_mirror_target_id", "does not exist any more. Choose another target."
	case isMissing && kind == mirror.KindFilter:
		return "traffic_mirror_filter_id", "does not exist any more. Choose another filter."
	case isMissing && kind == mirror.KindInterface:
		return "network_interface_id", "does not exist. Choose another interface."
	case isQuota(account.Code(err)):
		return "", "A quota of the account is used up. " + account.Explain(err)
	}
	return "", account.Explain(err)
}
