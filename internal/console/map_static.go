package console

import (
	_ "embed" // the static files
	"io"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/picture"
)

// The style sheet and the script of the pages that show rather than change.
var (
	//go:embed view.css
	viewStyles string
	//go:embed view.js
	viewScript string
)

// viewRoutes are the routes of the pages that show rather than change.
func viewRoutes() []route {
	return slices.Concat([]route{viewStylesRoute(), staticRoute("view.js", "text/javascript; charset=utf-8", viewScript)}, mapRoutes(), coverageRoutes(), traceRoutes(), captureRoutes(), codeRoutes())
}

// viewStylesRoute is the style sheet with the rules of the map and of the pictures.
func viewStylesRoute() route {
	return route{pattern: "GET /static/view.css", isOpen: true, serve: func(*request) (*page, error) {
		return &page{download: &download{mediaType: "text/css; charset=utf-8", write: func(w io.Writer) error {
			_, err := io.WriteString(w, picture.Style+picture.LayersStyle+picture.LitStyle(pictureChains)+viewStyles)
			return err
		}}}, nil
	}}
}
