package console

import (
	"context"
	"net/http"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// never is the time of an object of which it is not known when it was created.
var never time.Time

// kindOfObject is what a delete needs to know of a kind of object.
type kindOfObject struct {
	section, noun string
	users         func(s *snapshot, id string) []account.Tagged[mirror.Session] // nil: nothing uses such an object
	read          func(r *request, id string) (title string, what []g.Node, err error)
	delete        func(ctx context.Context, a *account.Account, run *reconcile.Run, id string) error
}

// askDelete asks before an object is deleted, and says what uses it.
func askDelete(r *request, k kindOfObject) (*page, error) {
	return deletePage(r, k, nil)
}

func deletePage(r *request, k kindOfObject, problems []note) (*page, error) {
	id := r.PathValue("id")
	title, what, err := k.read(r, id)
	if err != nil {
		return nil, err
	}
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	p := r.formPageOf(k.section, "Delete "+k.noun+" "+title+"?", link{title, k.section + "/" + id})
	p.notes = append(p.notes, problems...)
	a := r.console.account()
	p.body = []g.Node{
		facts(fact{"ID", code(id)}, fact{"What", g.Group(what)}, fact{"Account", text(orUnknown(a.ID))}, fact{"Region", text(a.Region)}, fact{"In", text(r.console.options.Place)}),
	}
	var users []account.Tagged[mirror.Session]
	if k.users != nil {
		users = k.users(s, id)
	}
	if len(users) > 0 { // they may be deleted by now
		if s, err = r.readAgain(); err != nil {
			return nil, err
		}
		users = k.users(s, id)
	}
	if len(users) > 0 {
		p.body = append(p.body,
			note{kind: noteWarning, text: "EC2 does not delete a " + k.noun + " that sessions use. Delete these sessions first, or give them another " + k.noun + "."}.node(),
			part("users", "Sessions that use it", s.sessionTable(r, users)))
		return p, nil
	}
	p.body = append(p.body, para("No session uses it. A delete cannot be undone."))
	if k.users == nil {
		p.body[len(p.body)-1] = para("Its interface is not mirrored by this session any more. A delete cannot be undone.")
	}
	p.body = append(p.body, h.Form(h.Method("post"), h.Action(r.URL.Path), r.hiddenToken(),
		h.Input(h.Type("hidden"), h.Name(changeToken), h.Value(newForm()[changeToken])),
		h.P(h.Class("actions"), h.Button(h.Type("submit"), h.Class("danger"), g.Text("Delete the "+k.noun)), anchor(k.section+"/"+id, "Cancel"))))
	return p, nil
}

// deleteObject deletes an object.
func deleteObject(r *request, k kindOfObject) (*page, error) {
	id, token := r.PathValue("id"), r.PostForm.Get(changeToken)
	if token == "" || len(token) > 100 {
		return refusal(http.StatusBadRequest, "The form is incomplete", "The form has no token of a change. Open its page again."), nil
	}
	o := r.save(token, func(ctx context.Context, a *account.Account, run *reconcile.Run) (string, error) {
		return pathUnless(k.section, k.delete(ctx, a, run, id))
	})
	if o.err == nil {
		return &page{redirect: k.section + "?saved=" + token}, nil
	}
	_, words := refusalWords(o.err)
	p, err := deletePage(r, k, []note{{kind: noteError, text: "EC2 has refused the delete. " + words, more: callNodes(o.calls)}})
	if err == nil {
		p.status = http.StatusConflict
	}
	return p, err
}

func actions(nodes ...g.Node) g.Node {
	return h.P(append([]g.Node{h.Class("actions")}, nodes...)...)
}

func buttonLink(path, words, class string) g.Node {
	return h.A(h.Class("button second "+class), h.Href(path), g.Text(words))
}
