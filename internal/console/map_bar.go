package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The parameters of the bar in a URL.
const (
	barInterface = "interface"
	barVPC       = "vpc"
	barTag       = "tag"
	barTarget    = "target"
	barVNI       = "vni"
	barIdle      = "idle"
	barUnmanaged = "unmanaged"
	barManagedBy = "managed_by"
)

// A bar narrows a page to some interfaces and sessions. An interface meets the conditions
// on interfaces. If there are conditions on sessions, it also has a session that meets all of
// them, and no other session is shown.
type bar struct {
	Interface string // part of its ID or of its tag Name
	VPC       string // part of the ID of its VPC
	Tag       string // KEY or KEY=VALUE; of the interface, of its instance or of a session
	Target    string // part of the ID of the target, of its description or of its tag Name
	VNI       int    // 0: any
	Idle      bool
	Unmanaged bool   // without the tag ManagedBy
	ManagedBy string // KEY or KEY=VALUE
}

// parseBar reads the parameters of a URL. What cannot be read is left out, with a problem.
func parseBar(values url.Values) (bar, mirror.Problems) {
	text := func(name string) string { return strings.TrimSpace(values.Get(name)) }
	b := bar{
		Interface: text(barInterface), VPC: text(barVPC), Tag: text(barTag), Target: text(barTarget),
		Idle: values.Has(barIdle), Unmanaged: values.Has(barUnmanaged), ManagedBy: text(barManagedBy),
	}
	var problems mirror.Problems
	if written := text(barVNI); written != "" {
		vni, err := strconv.Atoi(written)
		if err != nil {
			problems = append(problems, mirror.VirtualNetworkIDs.Refuse(barVNI, written)...)
		} else if found := mirror.VirtualNetworkIDs.Check(barVNI, int64(vni)); found != nil {
			problems, vni = append(problems, found...), 0
		}
		b.VNI = vni
	}
	for field, tag := range map[string]string{barTag: b.Tag, barManagedBy: b.ManagedBy} {
		if strings.HasPrefix(tag, "=") {
			problems = append(problems, mirror.Problem{Kind: mirror.Malformed, Field: field, Wrong: "has no key", Fix: "Write KEY or KEY=VALUE."})
		}
	}
	if b.Unmanaged && b.ManagedBy == "" {
		problems = append(problems, mirror.Problem{
			Kind: mirror.Missing, Field: barManagedBy, Wrong: "is empty", Fix: "Write the tag that your configurations set on all of their objects: KEY or KEY=VALUE.",
		})
		b.Unmanaged = false
	}
	slices.SortFunc(problems, func(x, y mirror.Problem) int { return strings.Compare(x.Field, y.Field) })
	return b, problems
}

// values returns the parameters of a URL that has this bar.
func (b bar) values() url.Values {
	values := url.Values{}
	for name, text := range map[string]string{barInterface: b.Interface, barVPC: b.VPC, barTag: b.Tag, barTarget: b.Target, barManagedBy: b.ManagedBy} {
		if text != "" {
			values.Set(name, text)
		}
	}
	if b.VNI != 0 {
		values.Set(barVNI, strconv.Itoa(b.VNI))
	}
	for name, isSet := range map[string]bool{barIdle: b.Idle, barUnmanaged: b.Unmanaged} {
		if isSet {
			values.Set(name, "on")
		}
	}
	return values
}

// isEmpty reports whether the bar shows everything.
func (b bar) isEmpty() bool { b.ManagedBy = ""; return b == bar{} }

// managed returns how to know a managed object, or nil.
func (b bar) managed() *inventory.Managed {
	if b.ManagedBy == "" {
		return nil
	}
	key, value, hasValue := strings.Cut(b.ManagedBy, "=")
	m := &inventory.Managed{TagKey: key}
	if hasValue {
		m.TagValue = &value
	}
	return m
}

// A shownInterface is an interface that a bar shows, with those of its sessions that it shows.
type shownInterface struct {
	inventory.InterfaceCoverage
	sessions []account.Tagged[mirror.Session] // in the order in which they are tried
}

// apply returns what the bar shows of a world, in the order of the IDs of the interfaces.
func (b bar) apply(w *world) []shownInterface {
	var shown []shownInterface
	for _, i := range w.interfaces {
		if sessions, isShown := b.shows(w, i); isShown {
			shown = append(shown, shownInterface{i, sessions})
		}
	}
	return shown
}

// shows reports whether the bar shows an interface, and which of its sessions.
func (b bar) shows(w *world, i inventory.InterfaceCoverage) ([]account.Tagged[mirror.Session], bool) {
	iface := i.Source.Interface
	if !contains(b.Interface, iface.ID, iface.Tags["Name"]) || !contains(b.VPC, iface.VPCID) {
		return nil, false
	}
	isTagged := hasTag(b.Tag, iface.Tags) || hasTag(b.Tag, i.Source.Instance.Tags)
	if isTagged && !b.asksSessions() {
		return i.Source.Sessions, true
	}
	var sessions []account.Tagged[mirror.Session]
	for _, s := range i.Source.Sessions {
		if (isTagged || hasTag(b.Tag, s.Tags)) && b.showsSession(w, s) {
			sessions = append(sessions, s)
		}
	}
	return sessions, len(sessions) > 0
}

// asksSessions reports whether there is a condition on sessions.
func (b bar) asksSessions() bool { return b.Target != "" || b.VNI != 0 || b.Idle || b.Unmanaged }

func (b bar) showsSession(w *world, s account.Tagged[mirror.Session]) bool {
	target, _ := w.fleet.Target(s.Noun.TargetID)
	_, isIdle := w.idle[s.Noun.ID]
	switch {
	case !contains(b.Target, s.Noun.TargetID, target.Noun.Description, target.Tags["Name"]):
		return false
	case b.VNI != 0 && (s.Noun.VirtualNetworkID == nil || *s.Noun.VirtualNetworkID != b.VNI):
		return false
	case b.Idle && !isIdle:
		return false
	}
	return !b.Unmanaged || !b.managed().Has(s.Tags)
}

// contains reports whether one of the texts contains part, in upper or lower case.
func contains(part string, texts ...string) bool {
	part = strings.ToLower(part)
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(strings.ToLower(text), part) })
}

// hasTag reports whether tags has a tag that is written KEY or KEY=VALUE. "" is any.
func hasTag(written string, tags map[string]string) bool {
	if written == "" {
		return true
	}
	key, value, hasValue := strings.Cut(written, "=")
	found, has := tags[key]
	return has && (!hasValue || value == found)
}
