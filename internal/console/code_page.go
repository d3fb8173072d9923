package console

import (
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/adopt"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// codeObjects is how many objects the page shows. The download has all.
const codeObjects = 100

func codeRoutes() []route {
	return []route{
		{pattern: "GET /code", serve: serveCode},
		{pattern: "GET /code/trafficmirror.tf", serve: serveCodeFile},
	}
}

// The parameters of the page, beside the bar.
const (
	idField    = "id"    // of the only object
	rulesField = "rules" // rules are resources of their own
)

// serveCode shows import blocks and resources for what exists.
func serveCode(r *request) (*page, error) {
	id := r.URL.Query().Get(idField)
	p := &page{title: "As code", section: "/code", hasBar: id == ""}
	if id != "" {
		p.title = "As code: " + id
	}
	if r.console.options.Adopt == nil {
		p.body = []g.Node{para("This console was started without the means to write configuration. Use the command ", code("adopt"), ".")}
		return p, nil
	}
	found, err := r.adopted()
	if err != nil {
		return nil, err
	}
	for _, w := range found.Warnings {
		p.notes = append(p.notes, note{kind: noteWarning, text: w})
	}
	text, err := configuration(found.Objects, codeObjects)
	if err != nil {
		return nil, err
	}
	values := r.URL.Query()
	p.body = []g.Node{
		para("Import blocks and resources for what exists in EC2, as the command ", code("adopt"), " writes them. A plan of them imports the objects and changes nothing."),
		rulesSwitch(r, id),
	}
	if len(found.Objects) == 0 {
		p.body = append(p.body, para("There is no such object of this account in Region ", r.console.account().Region, "."))
		return p, nil
	}
	p.body = append(p.body,
		para(countedObjects(found.Objects), " in ", strings.Join(found.Regions, ", "), ". ", anchor("/code/trafficmirror.tf?"+values.Encode(), "Download trafficmirror.tf")),
		g.If(len(found.Objects) > codeObjects, para(fmt.Sprintf("The page has the first %d objects. The download has all.", codeObjects))),
		h.Pre(h.Class("code"), h.TabIndex("0"), g.Attr("aria-label", "Configuration"), h.Role("region"), g.Text(text)))
	return p, nil
}

// rulesSwitch leads to the same page with the rules of filters written in the other way.
func rulesSwitch(r *request, id string) g.Node {
	if id != "" && !mirror.KindFilter.Is(id) {
		return nil
	}
	values := r.URL.Query()
	if values.Has(rulesField) {
		values.Del(rulesField)
		return para("Each rule is a resource of its own. ", anchor("/code?"+values.Encode(), "Write the rules in their filters"))
	}
	values.Set(rulesField, "1")
	return para("The rules are in their filters. ", anchor("/code?"+values.Encode(), "Write each rule as a resource of its own"))
}

// serveCodeFile is the configuration as a file.
func serveCodeFile(r *request) (*page, error) {
	if r.console.options.Adopt == nil {
		return noPage(r)
	}
	found, err := r.adopted()
	if err != nil {
		return nil, err
	}
	text, err := configuration(found.Objects, len(found.Objects))
	if err != nil {
		return nil, err
	}
	return &page{download: &download{name: "trafficmirror.tf", mediaType: "text/plain; charset=utf-8", write: func(to io.Writer) error {
		_, err := io.WriteString(to, text)
		return err
	}}}, nil
}

// adopted reads the objects that the URL asks for: one, those that the bar keeps, or all.
func (r *request) adopted() (*adopt.Found, error) {
	kinds := []string{adopt.Target, adopt.Filter, adopt.Session}
	values := r.URL.Query()
	if values.Has(rulesField) {
		kinds = adopt.Kinds
	}
	selection := adopt.Selection{Regions: []string{r.console.account().Region}, Kinds: kinds}
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	id := values.Get(idField)
	if id != "" {
		selection.Kinds, selection.Query = selectionOf(s, id, values.Has(rulesField))
	}
	if len(selection.Kinds) == 0 {
		return &adopt.Found{Regions: selection.Regions}, nil
	}
	found, err := r.console.options.Adopt(r.Context(), selection)
	if err != nil {
		return nil, err
	}
	found.Objects = slices.DeleteFunc(found.Objects, func(o adopt.Object) bool { return !r.keepsObject(s, id, o) })
	return found, nil
}

// selectionOf returns what has to be listed for one object.
func selectionOf(s *snapshot, id string, withRules bool) (kinds []string, q inventory.Query) {
	switch {
	case mirror.KindTarget.Is(id):
		return []string{adopt.Target}, inventory.Query{TargetIDs: []string{id}}
	case mirror.KindFilter.Is(id) && withRules:
		return []string{adopt.Filter, adopt.FilterRule}, inventory.Query{FilterIDs: []string{id}}
	case mirror.KindFilter.Is(id):
		return []string{adopt.Filter}, inventory.Query{FilterIDs: []string{id}}
	}
	for _, session := range s.Sessions {
		if session.Noun.ID == id {
			return []string{adopt.Session}, inventory.Query{InterfaceIDs: []string{session.Noun.InterfaceID}}
		}
	}
	return nil, q
}

// keepsObject reports whether an object is asked for.
func (r *request) keepsObject(s *snapshot, id string, o adopt.Object) bool {
	if id != "" {
		return o.ID == id || o.Kind == adopt.FilterRule
	}
	if r.bar.isEmpty() {
		return true
	}
	index := s.index()
	switch o.Kind {
	case adopt.Target:
		t, _ := s.Target(o.ID)
		return r.bar.keepsUsed(s, t.Tags, index.ofTarget[o.ID])
	case adopt.Filter:
		f, _ := s.Filter(o.ID)
		return r.bar.keepsUsed(s, f.Tags, index.ofFilter[o.ID])
	case adopt.FilterRule:
		f, _ := s.Filter(o.FilterID())
		return r.bar.keepsUsed(s, f.Tags, index.ofFilter[o.FilterID()])
	}
	at := slices.IndexFunc(s.Sessions, func(session account.Tagged[mirror.Session]) bool { return session.Noun.ID == o.ID })
	return at >= 0 && r.bar.keepsSession(s, s.Sessions[at])
}

// configuration writes the first objects, each import block before its resource.
func configuration(objects []adopt.Object, most int) (string, error) {
	blocks, err := adopt.Resources(objects)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for i := range blocks[:min(len(blocks), most)] {
		if i > 0 {
			text.WriteString("\n")
		}
		text.WriteString(objects[i].Import().String() + "\n" + blocks[i].String())
	}
	return text.String(), nil
}

// countedObjects says how many objects of each kind there are.
func countedObjects(objects []adopt.Object) string {
	count := map[string]int{}
	for _, o := range objects {
		count[o.Kind]++
	}
	var parts []string
	for _, kind := range adopt.Kinds {
		if count[kind] > 0 {
			parts = append(parts, counted(count[kind], strings.ReplaceAll(kind, "_", " ")))
		}
	}
	return strings.Join(parts, ", ")
}

// codeLink leads to the configuration of an object.
func codeLink(id string) g.Node {
	return anchor("/code?"+url.Values{idField: {id}}.Encode(), "As code")
}
