package console

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// A bar filters what all pages show. Its state is in the URL of a page: the names of the
// fields are those of the parameters.
type bar struct {
	Interface string // an ID, or a part of a name
	VPC       string // an ID
	Tag       string // KEY or KEY=VALUE, of the session or of its interface
	Target    string // an ID, or a part of a name
	VNI       string
	Unmanaged string // KEY or KEY=VALUE: the session has no such tag
	Idle      bool
}

// barFields are the texts of a bar, with their parameters and labels.
var barFields = []struct {
	name, label, hint string
	of                func(*bar) *string
}{
	{"interface", "Interface", "ID or name", func(b *bar) *string { return &b.Interface }},
	{"vpc", "VPC", "vpc-...", func(b *bar) *string { return &b.VPC }},
	{"tag", "Tag", "KEY or KEY=VALUE", func(b *bar) *string { return &b.Tag }},
	{"target", "Target", "ID or name", func(b *bar) *string { return &b.Target }},
	{"vni", "VNI", "number", func(b *bar) *string { return &b.VNI }},
	{"unmanaged", "Without the tag", "KEY or KEY=VALUE", func(b *bar) *string { return &b.Unmanaged }},
}

// barOf returns the bar in the parameters of a URL.
func barOf(values url.Values) bar {
	b := bar{Idle: values.Get("idle") != ""}
	for _, f := range barFields {
		*f.of(&b) = strings.TrimSpace(values.Get(f.name))
	}
	return b
}

// isEmpty reports whether the bar keeps everything.
func (b bar) isEmpty() bool { return b == bar{} }

// query returns the bar as parameters of a URL.
func (b bar) query() url.Values {
	values := url.Values{}
	for _, f := range barFields {
		if text := *f.of(&b); text != "" {
			values.Set(f.name, text)
		}
	}
	if b.Idle {
		values.Set("idle", "1")
	}
	return values
}

// link returns a path of the console with the bar as it is.
func (b bar) link(path string) string {
	query := b.query().Encode()
	switch {
	case query == "":
		return path
	case strings.Contains(path, "?"):
		return path + "&" + query
	}
	return path + "?" + query
}

// form is the bar on a page.
func (b bar) form(path string) g.Node {
	var fields []g.Node
	for _, f := range barFields {
		id := "bar-" + f.name
		fields = append(fields, h.Div(h.Label(h.For(id), g.Text(f.label)),
			h.Input(h.Type("text"), h.ID(id), h.Name(f.name), h.Value(*f.of(&b)), h.Placeholder(f.hint), h.AutoComplete("off"))))
	}
	fields = append(fields,
		h.Div(h.Class("check"), h.Input(h.Type("checkbox"), h.ID("bar-idle"), h.Name("idle"), h.Value("1"), g.If(b.Idle, h.Checked())), h.Label(h.For("bar-idle"), g.Text("Idle only"))),
		h.Div(h.Button(h.Type("submit"), g.Text("Filter")), g.If(!b.isEmpty(), anchor(path, "Show all"))),
	)
	return h.Form(append([]g.Node{h.Method("get"), h.Action(path), h.Class("bar"), h.Role("search"), g.Attr("aria-label", "Filter the pages")}, fields...)...)
}

// keepsSession reports whether the bar keeps a session.
func (b bar) keepsSession(s *snapshot, session account.Tagged[mirror.Session]) bool {
	i, _ := s.Interface(session.Noun.InterfaceID)
	if !b.keepsPlace(i, session.Noun.InterfaceID) || b.Tag != "" && !hasTag(b.Tag, session.Tags) && !hasTag(b.Tag, i.Tags) {
		return false
	}
	target, _ := s.Target(session.Noun.TargetID)
	if b.Target != "" && !isNamed(b.Target, session.Noun.TargetID, target.Noun.Description, target.Tags) {
		return false
	}
	if vni := session.Noun.VirtualNetworkID; b.VNI != "" && (vni == nil || strconv.Itoa(*vni) != b.VNI) {
		return false
	}
	if b.Unmanaged != "" && hasTag(b.Unmanaged, session.Tags) {
		return false
	}
	return !b.Idle || s.index().idle[session.Noun.ID].Reason != ""
}

// keepsPlace reports whether the bar keeps an interface by itself and its VPC.
func (b bar) keepsPlace(i account.NetworkInterface, id string) bool {
	return (b.Interface == "" || isNamed(b.Interface, id, i.Description, i.Tags)) && (b.VPC == "" || i.VPCID == b.VPC)
}

// keepsInterface reports whether the bar keeps an interface: its own fields do, and, if the bar
// is about sessions too, one of its sessions is kept.
func (b bar) keepsInterface(s *snapshot, i account.NetworkInterface) bool {
	if !b.keepsPlace(i, i.ID) {
		return false
	}
	ofSessions := b
	ofSessions.Tag = ""
	if (b.Tag == "" || hasTag(b.Tag, i.Tags)) && !ofSessions.isAboutSessions() {
		return true
	}
	for _, session := range s.SessionsOf(i.ID) {
		if b.keepsSession(s, session) {
			return true
		}
	}
	return false
}

// isAboutSessions reports whether a field of the bar is one of sessions.
func (b bar) isAboutSessions() bool {
	return b.Tag != "" || b.Target != "" || b.VNI != "" || b.Unmanaged != "" || b.Idle
}

// keepsUsed reports whether the bar keeps a target or a filter, which sessions use. Without
// sessions it is kept by its own tags, and it is idle.
func (b bar) keepsUsed(s *snapshot, tags map[string]string, users []account.Tagged[mirror.Session]) bool {
	if b.isEmpty() {
		return true
	}
	own := b
	own.Tag, own.Unmanaged, own.Idle = "", "", false
	if own.isEmpty() && (b.Tag == "" || hasTag(b.Tag, tags)) && (b.Unmanaged == "" || !hasTag(b.Unmanaged, tags)) {
		return !b.Idle || len(users) == 0
	}
	for _, session := range users {
		if b.keepsSession(s, session) {
			return true
		}
	}
	return false
}

// hasTag reports whether tags have KEY or KEY=VALUE.
func hasTag(wanted string, tags map[string]string) bool {
	key, value, hasValue := strings.Cut(wanted, "=")
	managed := inventory.Managed{TagKey: key}
	if hasValue {
		managed.TagValue = &value
	}
	return managed.Has(tags)
}

// isNamed reports whether an object has an ID, or a part of its title.
func isNamed(wanted, id, description string, tags map[string]string) bool {
	return wanted == id || strings.Contains(strings.ToLower(inventory.Title(id, description, tags)), strings.ToLower(wanted))
}
