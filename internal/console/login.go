package console

import (
	"cmp"
	"net/http"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// loginRoutes take the token of the console, and give a cookie for it.
func loginRoutes() []route {
	return []route{
		{pattern: "GET /login", serve: serveLogin, isOpen: true},
		{pattern: "POST /login", serve: serveLogin, isOpen: true},
	}
}

func serveLogin(r *request) (*page, error) {
	token := cmp.Or(r.PostForm.Get("token"), r.URL.Query().Get("token")) // FormValue would read the body of a GET
	switch {
	case r.console.options.Token == "" || r.session != "":
		return &page{redirect: "/"}, nil
	case token == "":
		return loginPage(http.StatusOK, ""), nil
	case !equal(token, r.console.options.Token):
		return loginPage(http.StatusForbidden, "The token is another one. Write that of --token-file, or of TRAFFICMIRROR_CONSOLE_TOKEN."), nil
	}
	return &page{redirect: "/", begins: true}, nil
}

// loginPage asks for the token of the console.
func loginPage(status int, problem string) *page {
	p := &page{title: "Log in", status: status}
	if problem != "" {
		p.notes = []note{{kind: noteError, text: problem}}
	}
	p.body = []g.Node{
		para("This console asks for a token. The command that started it has read the token from a file or from the environment."),
		h.Form(h.Method("post"), h.Action("/login"), h.Class("form"),
			h.Div(h.Class("field"),
				h.Label(h.For("token"), g.Text("Token")),
				h.Input(h.Type("password"), h.ID("token"), h.Name("token"), h.Required(), h.AutoComplete("off")),
			),
			h.Button(h.Type("submit"), g.Text("Log in")),
		),
	}
	return p
}
