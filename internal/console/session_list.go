package console

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

	g "maragu.dev/gomponents"
)

// serveSessions lists the sessions.
func serveSessions(r *request) (*page, error) {
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	var kept []account.Tagged[mirror.Session]
	for _, session := range s.Sessions {
		if r.bar.keepsSession(s, session) {
			kept = append(kept, session)
		}
	}
	p := &page{title: "Sessions", section: "/sessions", hasBar: true, notes: r.savedNotes()}
	shown, pages := paged(r, kept)
	var rows [][]g.Node
	for _, session := range shown {
		rows = append(rows, sessionRow(s, session))
	}
	p.body = []g.Node{
		r.newLink("/sessions/new", "Create a session"),
		para(s.countLine(len(kept), len(s.Sessions), "session"), " ", sentence(costText(s.price, len(kept)))),
		table("Sessions, by interface and in the order in which they are tried", sessionColumns, rows),
		pages, r.readAt(s),
	}
	return s.addOthers(p), nil
}

var sessionColumns = []column{
	{"Session", ""}, {"Interface", ""}, {"Number", "number"}, {"Filter", ""}, {"Target", ""}, {"VNI", "number"}, {"Length", "number"}, {"State", ""},
}

func sessionRow(s *snapshot, session account.Tagged[mirror.Session]) []g.Node {
	noun := session.Noun
	return []g.Node{
		titled("/sessions/", noun.ID, noun.Description, session.Tags),
		s.interfaceLink(noun.InterfaceID), g.Text(strconv.Itoa(noun.Number)), s.filterLink(noun.FilterID), s.targetLink(noun.TargetID),
		g.Text(optionalNumber(noun.VirtualNetworkID, "")), g.Text(optionalNumber(noun.PacketLength, "whole packets")), s.stateBadge(noun.ID),
	}
}

// stateBadge says whether a session mirrors packets.
func (s *snapshot) stateBadge(sessionID string) g.Node {
	if idle, isIdle := s.index().idle[sessionID]; isIdle {
		return g.Group([]g.Node{badge("not", "idle"), g.Text(" " + idleWord(idle.Reason))})
	}
	status := s.index().sessions[sessionID].Status
	switch {
	case status == inventory.StatusUnknown || status == "":
		return badge("unknown", "not known")
	case mayLose(status):
		return badge("partly", string(status))
	}
	return badge("mirrored", string(status))
}

// idleWord is what the pages call the reason why a session does nothing.
func idleWord(r inventory.IdleReason) string {
	switch r {
	case inventory.AcceptsNothing:
		return "accepts no packet"
	case inventory.NeverTakes:
		return "takes no packet"
	}
	return strings.ReplaceAll(string(r), "_", " ")
}

func optionalNumber(n *int, none string) string {
	if n == nil {
		return none
	}
	return strconv.Itoa(*n)
}

// titled is a link to an object by its name, with its ID.
func titled(path, id, description string, tags map[string]string) g.Node {
	title := inventory.Title(id, description, tags)
	if title == id {
		return anchor(path+id, code(id))
	}
	return g.Group([]g.Node{anchor(path+id, cmp.Or(title, id)), g.Text(" "), code(id)})
}

func (s *snapshot) interfaceLink(id string) g.Node {
	i, found := s.Interface(id)
	if !found {
		return code(id)
	}
	return titled("/interfaces/", id, i.Description, i.Tags)
}

func (s *snapshot) filterLink(id string) g.Node {
	f, found := s.Filter(id)
	if !found {
		return code(id)
	}
	return titled("/filters/", id, f.Noun.Description, f.Tags)
}

func (s *snapshot) targetLink(id string) g.Node {
	t, found := s.Target(id)
	if !found {
		return code(id)
	}
	return titled("/targets/", id, t.Noun.Description, t.Tags)
}
