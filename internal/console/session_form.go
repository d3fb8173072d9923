package console

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/reconcile"
)

// sessionForm is the form of a new session.
func sessionForm(s *snapshot, values url.Values) *form {
	number := "Whole number. The session with the lowest number is tried first. Empty: the lowest free number of the interface."
	if free := s.freeNumber(values.Get("network_interface_id")); free > 0 {
		number += fmt.Sprintf(" The lowest free number is %d.", free)
	}
	return &form{
		action: "/sessions/new", submit: "Create the session", values: values, back: "/sessions", hidden: newForm(),
		fields: []field{
			{name: "network_interface_id", label: "Interface", choices: sourceChoices(s), hint: "ID of the network interface whose packets are copied."},
			{name: "traffic_mirror_filter_id", label: "Filter", choices: filterChoices(s), hint: "ID of the filter that decides which packets."},
			{name: "traffic_mirror_target_id", label: "Target", choices: targetChoices(s), hint: "ID of the target that receives the copies."},
			{name: "session_number", label: "Session number", hint: number},
			{name: "virtual_network_id", label: "VNI", hint: fmt.Sprintf("Whole number from %s in the VXLAN header of the copies. Empty: EC2 chooses one. The lowest that no session has is %d.", mirror.VirtualNetworkIDs, s.freeVNI())},
			{name: "packet_length", label: "Packet length", hint: fmt.Sprintf("Bytes to copy of each packet, from %s. Empty: whole packets.", mirror.PacketLengths)},
			{name: "description", label: "Description", hint: "Optional."},
			{name: "tags", label: "Tags", kind: tagsField},
		},
	}
}

// freeNumber returns the lowest free session number of an interface, or 0 if the interface is
// not known.
func (s *snapshot) freeNumber(interfaceID string) int {
	i, found := s.Interface(interfaceID)
	if !found {
		return 0
	}
	return s.Source(i).NextNumber(int(mirror.SessionNumbers.Min))
}

// freeVNI returns the lowest VNI that no session has.
func (s *snapshot) freeVNI() int {
	taken := map[int]bool{}
	for _, session := range s.Sessions {
		if vni := session.Noun.VirtualNetworkID; vni != nil {
			taken[*vni] = true
		}
	}
	free := int(mirror.VirtualNetworkIDs.Min)
	for taken[free] {
		free++
	}
	return free
}

// sourceChoices are the interfaces that can be mirrored.
func sourceChoices(s *snapshot) (choices []choice) {
	for _, i := range s.Interfaces {
		if len(choices) < maxChoices && s.Source(i).Reason == "" {
			choices = append(choices, choice{i.ID, inventory.Title(i.ID, i.Description, i.Tags)})
		}
	}
	return choices
}

func filterChoices(s *snapshot) (choices []choice) {
	for _, f := range s.Filters[:min(maxChoices, len(s.Filters))] {
		choices = append(choices, choice{f.Noun.ID, inventory.Title(f.Noun.ID, f.Noun.Description, f.Tags)})
	}
	return choices
}

func targetChoices(s *snapshot) (choices []choice) {
	for _, t := range s.Targets[:min(maxChoices, len(s.Targets))] {
		choices = append(choices, choice{t.Noun.ID, inventory.Title(t.Noun.ID, t.Noun.Description, t.Tags)})
	}
	return choices
}

func newSession(r *request) (*page, error) {
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	query := r.URL.Query()
	values := url.Values{"virtual_network_id": {strconv.Itoa(s.freeVNI())}}
	for name, parameter := range map[string]string{"network_interface_id": "on", "traffic_mirror_filter_id": "with", "traffic_mirror_target_id": "to"} {
		values.Set(name, query.Get(parameter))
	}
	if free := s.freeNumber(query.Get("on")); free > 0 {
		values.Set("session_number", strconv.Itoa(free))
	}
	for field, only := range map[string][]choice{"traffic_mirror_filter_id": filterChoices(s), "traffic_mirror_target_id": targetChoices(s)} {
		if len(only) == 1 && values.Get(field) == "" {
			values.Set(field, only[0].value)
		}
	}
	return formPage(r, r.formPageOf("/sessions", "Create a session"), sessionForm(s, values)), nil
}

// sessionIn reads the session of a form.
func sessionIn(values url.Values) (session mirror.Session, problems mirror.Problems) {
	get := func(name string) string { return strings.TrimSpace(values.Get(name)) }
	session = mirror.Session{
		InterfaceID: get("network_interface_id"), FilterID: get("traffic_mirror_filter_id"), TargetID: get("traffic_mirror_target_id"), Description: values.Get("description"),
	}
	number, wrong := numberIn(values, "session_number", mirror.SessionNumbers)
	problems = append(problems, wrong...)
	if number != nil {
		session.Number = *number
	}
	if number != nil && *number == 0 { // an empty field is 0 too
		problems = append(problems, mirror.SessionNumbers.Refuse("session_number", "0")...)
	}
	session.VirtualNetworkID, wrong = numberIn(values, "virtual_network_id", mirror.VirtualNetworkIDs)
	problems = append(problems, wrong...)
	session.PacketLength, wrong = numberIn(values, "packet_length", mirror.PacketLengths)
	return session, append(problems, wrong...)
}

// numberIn reads a number of a form; nil: the field is empty, or cannot be read.
func numberIn(values url.Values, name string, of mirror.Range) (*int, mirror.Problems) {
	text := strings.TrimSpace(values.Get(name))
	if text == "" {
		return nil, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil, of.Refuse(name, strconv.Quote(text))
	}
	return &n, nil
}

// checkSession returns the problems of a session that could be read. A session without ID is
// new. The number 0 is one that is chosen when it is created.
func checkSession(s *snapshot, session mirror.Session) (problems mirror.Problems) {
	checked := session
	if checked.Number == 0 && session.ID == "" {
		checked.Number = int(mirror.SessionNumbers.Min)
	}
	problems = checked.Validate()
	if checked.Number == 0 {
		problems = mirror.SessionNumbers.Refuse("session_number", "empty")
	}
	add := func(field, wrong, fix string) {
		problems = append(problems, mirror.Problem{Kind: mirror.Conflict, Field: field, Wrong: wrong, Fix: fix})
	}
	if _, found := s.Filter(session.FilterID); !found && mirror.KindFilter.Is(session.FilterID) {
		add("traffic_mirror_filter_id", "is a filter that EC2 does not show", "Choose a filter of this account and Region.")
	}
	if _, found := s.Target(session.TargetID); !found && mirror.KindTarget.Is(session.TargetID) {
		add("traffic_mirror_target_id", "is a target that EC2 does not show", "Choose a target of this account, or one that is shared with it.")
	}
	i, found := s.Interface(session.InterfaceID)
	if !found {
		if mirror.KindInterface.Is(session.InterfaceID) {
			add("network_interface_id", "is an interface that EC2 does not show", "Choose an interface of this account and Region.")
		}
		return problems
	}
	source := s.Source(i)
	if session.ID == "" && source.Reason != "" {
		add("network_interface_id", "cannot be mirrored", source.Detail)
	}
	for _, other := range source.Sessions {
		if other.Noun.Number == session.Number && other.Noun.ID != session.ID {
			add("session_number", "is taken by "+other.Noun.ID, fmt.Sprintf("The lowest free number is %d.", source.NextNumber(int(mirror.SessionNumbers.Min))))
		}
	}
	return problems
}

// readSession reads the form, and notes what is wrong.
func readSession(r *request, s *snapshot, f *form, present account.Tagged[mirror.Session]) (session mirror.Session, tags map[string]string) {
	session, problems := sessionIn(r.PostForm)
	unread := map[string]bool{}
	for _, p := range problems {
		unread[p.Field] = true
	}
	session.ID = present.Noun.ID
	for _, p := range checkSession(s, session) {
		if !unread[p.Field] { // it is said already why the field cannot be read
			problems = append(problems, p)
		}
	}
	tags, wrong := tagsIn(r.PostForm, present.Tags)
	f.wrong = slices.Concat(problems, wrong)
	return session, tags
}

// checkSent returns a check of the session of the form that was sent.
func checkSent(r *request, id string) func(*snapshot) mirror.Problems {
	session, _ := sessionIn(r.PostForm)
	session.ID = id
	return func(s *snapshot) mirror.Problems { return checkSession(s, session) }
}

func createSession(r *request) (*page, error) {
	s, err := snapshotFor(r, checkSent(r, ""))
	if err != nil {
		return nil, err
	}
	f := sessionForm(s, r.PostForm)
	f.hidden = sentForm(r)
	session, tags := readSession(r, s, f, account.Tagged[mirror.Session]{})
	var warnings []string
	if errorsIn(f.wrong) == nil {
		warnings = append(vniWarnings(s, session), idleWarnings(s, session)...)
	}
	return submit(r, change{
		page: r.formPageOf("/sessions", "Create a session"), form: f, warnings: warnings,
		what: fmt.Sprintf("Create a session: packets of %s that filter %s accepts are copied to target %s.", session.InterfaceID, session.FilterID, session.TargetID),
		save: func(ctx context.Context, _ *account.Account, run *reconcile.Run) (string, error) {
			created, err := run.CreateSession(ctx, session, tags)
			if err != nil {
				return "", err
			}
			return "/sessions/" + created.Noun.ID, nil
		},
	})
}
