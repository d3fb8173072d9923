package planfile

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// An Overview is everything that a file has of mirroring, for a picture of it. What the file does
// not show is unknown in it, and no error.
type Overview struct {
	Interfaces []PlannedInterface // that the file has, also those without a session
	Sessions   []PlannedSession
	Filters    []PlannedFilter
	Targets    []PlannedTarget
	Warnings   mirror.Problems
}

// Planned is what is said of every object.
type Planned struct {
	Key     string // by which the others name it: its ID, or its address while it has none
	Address string // in the configuration
	ID      string // "": known only after apply
	Name    string // its tag Name; "": it has none
	Change  string // create, update, replace, delete, forget; "": it stays as it is
	Old     []string
}

// A PlannedInterface is a network interface, or the primary one of an instance.
type PlannedInterface struct {
	Planned
	mirror.Interface
	Tags      map[string]string
	VPCID     string
	IsPrimary bool // of an aws_instance: it is no resource of its own
}

// A PlannedSession names the others by their keys; "": the file does not show which it is.
type PlannedSession struct {
	Planned
	Interface, Filter, Target string
	Number                    int // 0: known only after apply
	VNI, PacketLength         *int
	Disabled                  bool
	Status, Reason            string   // at the last refresh; "": not known
	Vague                     []string // why it is not known what the session leads to, as sentences
}

// A PlannedFilter is a filter as it will be.
type PlannedFilter struct {
	Planned
	mirror.Filter
	Unknown string // why its rules are not known; "": they are
}

// A PlannedTarget is a target with what the file has of what backs it.
type PlannedTarget struct {
	Planned
	Backing  string // the key of what backs it; "": not known
	Endpoint *mirror.Endpoint
	Unknown  string // why its type is not known; "": it is
	Behind
}

// an overviewer asks a file for an overview.
type overviewer struct{ *question }

// Overview returns everything that the file has of mirroring.
func (f *File) Overview() *Overview {
	f.was = fileBefore(f)
	q := overviewer{&question{file: f}}
	q.warnings = append(q.warnings, f.Warnings...)
	all := &Overview{}
	for _, o := range f.objects {
		switch {
		case slices.Contains(sessionKinds, o.place.kind):
			all.Sessions = append(all.Sessions, q.plannedSession(o))
		case slices.Contains(filterKinds, o.place.kind):
			all.Filters = append(all.Filters, q.plannedFilter(o))
		case slices.Contains(targetKinds, o.place.kind):
			all.Targets = append(all.Targets, q.plannedTarget(o))
		}
	}
	for _, o := range slices.Concat(f.objects, f.data) {
		if slices.Contains(interfaceKinds, o.place.kind) {
			all.Interfaces = append(all.Interfaces, q.plannedInterface(o))
		}
	}
	all.Warnings = q.warnings
	return all
}

// earlier is the object as it was before the apply.
func earlier(o *object) *object {
	return &object{address: o.address, place: o.place, values: o.before, sensitive: o.beforeSensitive}
}

// shownOf is the object as a picture shows it: as it will be, or as it was if it will not be.
func shownOf(o *object) *object {
	if o.isDeleted {
		return earlier(o)
	}
	return o
}

func plannedOf(o *object) Planned {
	s := shownOf(o)
	p := Planned{Key: s.name(), Address: o.address, ID: s.id(), Name: tagsOf(s)["Name"], Change: changeOf(o)}
	if isChanged(o) {
		p.Old = slices.Concat(oldValues(o, "description"), oldTags(o))
	}
	return p
}

// isChanged reports whether the object is there before and after the apply, and not the same.
func isChanged(o *object) bool { return changeOf(o) == "update" || changeOf(o) == "replace" }

// oldTags says how tags change: "tag Name web -> shop".
func oldTags(o *object) (lines []string) {
	before, after := tagsOf(earlier(o)), tagsOf(o)
	if o.isUnknown("tags") || o.isUnknown("tags_all") {
		return nil
	}
	keys := maps.Clone(before)
	maps.Copy(keys, after)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		old, had := before[key]
		now, has := after[key]
		switch {
		case had && !has:
			lines = append(lines, fmt.Sprintf("tag %s %s -> none", key, old))
		case !had:
			lines = append(lines, fmt.Sprintf("tag %s none -> %s", key, now))
		case old != now:
			lines = append(lines, fmt.Sprintf("tag %s %s -> %s", key, old, now))
		}
	}
	return lines
}

// changeOf names what the plan does with the object.
func changeOf(o *object) string {
	switch {
	case o.isForgotten:
		return "forget"
	case len(o.actions) > 1:
		return "replace"
	case len(o.actions) == 1 && slices.Contains([]string{"create", "update", "delete"}, o.actions[0]):
		return o.actions[0]
	}
	return ""
}

// tagsOf are the tags that are known and not sensitive.
func tagsOf(o *object) map[string]string {
	tags := map[string]string{}
	for _, argument := range []string{"tags", "tags_all"} {
		value, err := o.value(argument)
		entries, _ := value.(map[string]any)
		for key, entry := range entries {
			if text, isText := entry.(string); isText && err == nil {
				tags[key] = text
			}
		}
	}
	return tags
}

// keyOf returns the key of the object that an argument refers to, and why there is none.
func (q overviewer) keyOf(o *object, argument string, kinds []string) (key, vague string) {
	id, err := q.reference(o, argument, kinds)
	if err != nil {
		return "", err.Error()
	}
	return q.keyOfID(id, kinds), ""
}

// keyOfID returns the key of the object that had an ID before it was replaced, or else the ID.
func (q overviewer) keyOfID(id string, kinds []string) string {
	for _, o := range q.file.objects {
		if slices.Contains(kinds, o.place.kind) && !o.isDeleted && o.before["id"] == id {
			return o.name()
		}
	}
	return id
}

func (q overviewer) plannedSession(o *object) PlannedSession {
	shown := shownOf(o)
	s := PlannedSession{Planned: plannedOf(o), Status: shown.knownText("status"), Reason: shown.knownText("status_reason")}
	for _, r := range []struct {
		argument string
		kinds    []string
		key      *string
	}{
		{"network_interface_id", interfaceKinds, &s.Interface},
		{"traffic_mirror_filter_id", filterKinds, &s.Filter},
		{"traffic_mirror_target_id", targetKinds, &s.Target},
	} {
		key, vague := q.keyOf(shown, r.argument, r.kinds)
		*r.key = key
		if vague != "" {
			s.Vague = append(s.Vague, vague)
		}
		if isChanged(o) {
			s.Old = append(s.Old, q.oldReference(o, r.argument, r.kinds, key)...)
		}
	}
	if number, err := shown.number("session_number"); err == nil && number != nil {
		s.Number = *number
	}
	s.VNI, s.PacketLength = picked(shown, "virtual_network_id"), picked(shown, "packet_length")
	enabled, err := shown.value("enabled")
	s.Disabled = err == nil && enabled == false
	if isChanged(o) {
		s.Old = append(s.Old, oldValues(o, "session_number", "virtual_network_id", "packet_length", "enabled")...)
	}
	if changeOf(o) != "" {
		s.Status, s.Reason = "", "" // it is that of before
	}
	return s
}

// picked is a number of a session that EC2 picks if none is set.
func picked(o *object, argument string) *int {
	n, err := o.number(argument)
	if err != nil || isOfAWS(o.place.kind) && n != nil && *n == 0 {
		return nil
	}
	return n
}

// oldValues says how arguments change: "session_number 1 -> 2".
func oldValues(o *object, arguments ...string) (lines []string) {
	earlier := earlier(o)
	for _, argument := range arguments {
		before, errBefore := earlier.value(argument)
		after, err := o.value(argument)
		switch {
		case errBefore != nil:
		case o.isUnknown(argument) && o.isSet(argument):
			lines = append(lines, fmt.Sprintf("%s %v -> known after apply", argument, cmp.Or(before, any("none"))))
		case err == nil && !reflect.DeepEqual(before, after):
			lines = append(lines, fmt.Sprintf("%s %v -> %v", argument, cmp.Or(before, any("none")), cmp.Or(after, any("none"))))
		}
	}
	return lines
}

// oldReference says what an argument referred to, if it refers to something else now.
func (q overviewer) oldReference(o *object, argument string, kinds []string, key string) []string {
	before := earlier(o).knownText(argument)
	if before == "" || key == "" || q.keyOfID(before, kinds) == key {
		return nil
	}
	return []string{fmt.Sprintf("%s %s -> %s", argument, q.addressOf(before, kinds), q.addressOf(key, kinds))}
}

// addressOf is the address of the object with a key, or else the key.
func (q overviewer) addressOf(key string, kinds []string) string {
	for _, o := range q.file.objects {
		if slices.Contains(kinds, o.place.kind) && (shownOf(o).name() == key || o.before["id"] == key) {
			return o.address
		}
	}
	return key
}

func (q overviewer) plannedTarget(o *object) PlannedTarget {
	t := PlannedTarget{Planned: plannedOf(o)}
	shown, of := shownOf(o), q.question
	if o.isDeleted {
		of = &question{file: q.file.was}
	}
	endpoint, err := of.endpoint(shown)
	if err != nil {
		t.Unknown = err.Error()
		return t
	}
	t.Endpoint = &endpoint
	if isChanged(o) {
		t.Old = append(t.Old, oldValues(o, mirror.TargetBackings...)...)
	}
	argument := mirror.TargetBackings[slices.Index(mirror.TargetTypes, endpoint.Type)]
	if endpoint.Type == mirror.NetworkInterface {
		t.Backing, _ = q.keyOf(shown, argument, interfaceKinds)
		return t
	}
	t.Backing = shown.knownText(argument)
	q.addBehind(&t, shown, argument, of.file)
	return t
}

func (q overviewer) plannedInterface(o *object) PlannedInterface {
	shown := shownOf(o)
	i := PlannedInterface{Planned: plannedOf(o), Interface: interfaceOf(shown), Tags: tagsOf(shown)}
	if key, err := q.idOf(shown); err == nil {
		i.Key = key
	}
	i.SubnetID = cmp.Or(shown.knownText("subnet_id"), nameOf(q.file.follow(shown, "subnet_id", subnetKinds)))
	if subnet, found := q.file.follow(shown, "subnet_id", subnetKinds); found {
		i.VPCID = cmp.Or(subnet.knownText("vpc_id"), nameOf(q.file.follow(subnet, "vpc_id", vpcKinds)))
	}
	if o.place.kind == instanceKind {
		i.IsPrimary = true
		i.InstanceID, i.Planned.ID = shown.name(), shown.knownText(primaryInterface)
	} else if attachments, _ := shown.values["attachment"].([]any); len(attachments) == 1 {
		attachment, _ := attachments[0].(map[string]any)
		i.InstanceID, _ = attachment["instance"].(string)
	}
	return i
}

func nameOf(o *object, found bool) string {
	if !found {
		return ""
	}
	return o.name()
}
