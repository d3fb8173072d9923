package console

import (
	"errors"
	"net/http"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"

	g "maragu.dev/gomponents"
)

// errStale says that a snapshot does not have an object yet.
var errStale = errors.New("the object is newer than what was read; read again")

// failurePage says in words what EC2 has refused, or why it could not be asked.
func failurePage(r *request, err error) *page {
	p := &page{title: "The page could not be made", status: http.StatusInternalServerError}
	if isOfEC2(err) {
		p.title, p.status = "EC2 has not answered", http.StatusBadGateway
	}
	if kind, missing := account.NotFound(err); missing {
		p.title, p.status = "There is no such object", http.StatusNotFound
		p.body = []g.Node{para("EC2 shows no such ", kindWord(kind), " in Region "+r.console.account().Region+". It may be deleted, or belong to another account.")}
		return p
	}
	if account.IsDenied(err) {
		p.title, p.status = "The credentials may not do this", http.StatusForbidden
		p.notes = append(p.notes, note{kind: noteError, text: "The credentials may not call " + account.Action(err) + ". Add this permission, or use others."})
	}
	r.console.options.Log.Warn("a page failed", "path", r.URL.Path, "error", err)
	p.body = append(p.body, para(sentence(account.Explain(err))), para(anchor(r.again(), "Try again")))
	return p
}

// isOfEC2 reports whether a call of EC2 has failed, and not the console's own work.
func isOfEC2(err error) bool {
	return account.Action(err) != "" || account.Code(err) != "" || errors.Is(err, errStale)
}

// isQuota reports whether a code of EC2 says that a quota is used up.
func isQuota(code string) bool {
	return strings.HasSuffix(code, "LimitExceeded") && code != "RequestLimitExceeded"
}
