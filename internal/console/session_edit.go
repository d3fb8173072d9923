package console

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"

	g "maragu.dev/gomponents"
)

// sessionEditForm is the form of a session that exists.
func sessionEditForm(s *snapshot, id string, values url.Values) *form {
	f := sessionForm(s, values)
	f.action, f.submit, f.back = "/sessions/"+id+"/edit", "Save the session", "/sessions/"+id
	f.fields[0] = field{name: "network_interface_id", label: "Interface", kind: fixedField, hint: "EC2 cannot change the interface of a session."}
	f.fields[3].hint = "Whole number. The session with the lowest number is tried first."
	return f
}

func sessionValues(session account.Tagged[mirror.Session]) url.Values {
	noun := session.Noun
	values := url.Values{
		"network_interface_id": {noun.InterfaceID}, "traffic_mirror_filter_id": {noun.FilterID}, "traffic_mirror_target_id": {noun.TargetID},
		"session_number": {strconv.Itoa(noun.Number)}, "virtual_network_id": {optionalNumber(noun.VirtualNetworkID, "")},
		"packet_length": {optionalNumber(noun.PacketLength, "")}, "description": {noun.Description},
	}
	setTags(values, session.Tags)
	return values
}

func editSession(r *request) (*page, error) {
	session, err := r.console.account().Session(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	f := sessionEditForm(s, session.Noun.ID, sessionValues(session))
	f.hidden[began] = stateText(session)
	return formPage(r, sessionFormPage(r, session), f), nil
}

func sessionFormPage(r *request, session account.Tagged[mirror.Session]) *page {
	title := inventory.Title(session.Noun.ID, session.Noun.Description, session.Tags)
	return r.formPageOf("/sessions", "Edit session "+title, link{title, "/sessions/" + session.Noun.ID})
}

func changeSession(r *request) (*page, error) {
	present, err := r.console.account().Live().Session(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	id := present.Noun.ID
	r.PostForm.Set("network_interface_id", present.Noun.InterfaceID)
	s, err := snapshotFor(r, checkSent(r, id))
	if err != nil {
		return nil, err
	}
	f := sessionEditForm(s, id, r.PostForm)
	f.hidden = sentForm(r)
	p := sessionFormPage(r, present)
	if isStale(r, p, f, present, sessionLines) {
		return formPage(r, p, f), nil
	}
	wanted, tags := readSession(r, s, f, present)
	wanted.OwnerID = present.Noun.OwnerID
	newVNI := wanted.VirtualNetworkID == nil
	c := change{page: p, form: f, what: "Change session " + id + "."}
	if errorsIn(f.wrong) == nil {
		c.more, c.asks = sessionEffect(s, present.Noun, wanted)
		if !mirror.SameValue(wanted.VirtualNetworkID, present.Noun.VirtualNetworkID) {
			c.warnings = vniWarnings(s, wanted)
		}
	}
	c.save = func(ctx context.Context, a *account.Account, run *reconcile.Run) (string, error) {
		if _, err := run.ModifySession(ctx, present.Noun, wanted, newVNI, false); err != nil {
			return "", err
		}
		return "/sessions/" + id, a.Retag(ctx, mirror.KindSession, id, present.Tags, tags)
	}
	return submit(r, c)
}

func sessionLines(session account.Tagged[mirror.Session]) []line {
	noun := session.Noun
	return append([]line{
		{"Filter", noun.FilterID}, {"Target", noun.TargetID}, {"Number", strconv.Itoa(noun.Number)}, {"VNI", optionalNumber(noun.VirtualNetworkID, "")},
		{"Packet length", optionalNumber(noun.PacketLength, "")}, {"Description", noun.Description},
	}, tagLines(session.Tags)...)
}

// sessionEffect says what a change of a session means for its copies. It asks if the change
// decides about packets.
func sessionEffect(s *snapshot, present, wanted mirror.Session) (nodes []g.Node, asks bool) {
	var lines [][]g.Node
	add := func(format string, args ...any) { lines = append(lines, words(fmt.Sprintf(format, args...))) }
	if wanted.TargetID != present.TargetID {
		add("The copies go to target %s. They do not go to target %s any more.", wanted.TargetID, present.TargetID)
	}
	if !mirror.SameValue(wanted.VirtualNetworkID, present.VirtualNetworkID) {
		add("The copies have the VNI %s. Now it is %s.", optionalNumber(wanted.VirtualNetworkID, "that EC2 chooses"), optionalNumber(present.VirtualNetworkID, "not shown"))
	}
	if !mirror.SameValue(wanted.PacketLength, present.PacketLength) {
		add("The copies have %s. Now they have %s.", lengthText(wanted.PacketLength), lengthText(present.PacketLength))
	}
	if wanted.Number != present.Number {
		add("The session is tried as number %d. Now it is number %d.", wanted.Number, present.Number)
	}
	if lines != nil {
		nodes = append(nodes, part("effect", "What changes", list(lines...)))
	}
	if wanted.FilterID == present.FilterID {
		return nodes, lines != nil
	}
	before, knownBefore := s.Filter(present.FilterID)
	after, knownAfter := s.Filter(wanted.FilterID)
	if !knownBefore || !knownAfter {
		return append(nodes, para("What the other filter gains and loses is not known: EC2 does not show both filters.")), true
	}
	users := []account.Tagged[mirror.Session]{{Noun: present}}
	return append(nodes, gainsAndLosses(s, filterChange{before.Noun, after.Noun, users, wanted.Number != present.Number})), true
}
