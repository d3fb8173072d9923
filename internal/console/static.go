package console

import (
	_ "embed" // the static files
	"io"
)

// The static files. htmx comes from https://www.npmjs.com/package/htmx.org and is as its authors
// publish it. Its licence is beside it.
var (
	//go:embed console.css
	styleSheet string
	//go:embed htmx/htmx.min.js
	htmxScript string
	//go:embed htmx/LICENSE
	htmxLicence string
)

func staticRoutes() []route {
	return []route{
		staticRoute("console.css", "text/css; charset=utf-8", styleSheet),
		staticRoute("htmx.min.js", "text/javascript; charset=utf-8", htmxScript),
		staticRoute("htmx.LICENSE.txt", "text/plain; charset=utf-8", htmxLicence),
	}
}

func staticRoute(name, mediaType, text string) route {
	return route{pattern: "GET /static/" + name, isOpen: true, serve: func(*request) (*page, error) {
		return &page{download: &download{mediaType: mediaType, write: func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		}}}, nil
	}}
}
