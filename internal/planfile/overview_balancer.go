package planfile

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Behind is what the file has of what is behind a target with a load balancer.
type Behind struct {
	Gateway    string              // the address of the Gateway Load Balancer endpoint; "": the file does not have it
	Balancer   *Planned            // with its listener and its target group; nil: the file does not have it
	Registered []*PlannedAppliance // what the file registers in the target group, and then what the plan deregisters
	IsOpen     bool                // others can be registered in the target group
}

// A PlannedAppliance is what a target group has, and what the plan does with it: with its
// registration or with its instance.
type PlannedAppliance struct {
	Planned // of the instance, without an address if the file does not have it
	Target  *mirror.RegisteredTarget

	IsLeaving bool // the plan deregisters it
}

// fileBefore is the file as it was before the apply.
func fileBefore(f *File) *File {
	if f.kind == State {
		return f
	}
	was := &File{kind: f.kind, data: f.data, config: &configModule{}, Warnings: f.Warnings}
	for _, o := range f.objects {
		if o.before != nil {
			of := earlier(o)
			of.before, of.beforeSensitive, of.actions, of.isForgotten = o.before, o.beforeSensitive, o.actions, o.isForgotten
			was.objects = append(was.objects, of)
		}
	}
	return was
}

// addBehind adds what is behind a target, in the file as it is after the apply, or before it.
func (q overviewer) addBehind(t *PlannedTarget, shown *object, argument string, file *File) {
	kinds := balancerKinds
	if t.Endpoint.Type != mirror.NetworkLoadBalancer {
		kinds = endpointKinds
	}
	backing, found := file.follow(shown, argument, kinds)
	if !found {
		return
	}
	t.Backing = backing.name()
	var b balancing
	if in := (balancers{&question{file: file}}); t.Endpoint.Type == mirror.NetworkLoadBalancer {
		b = in.readBalancing(backing)
	} else {
		b, _ = in.gatewayEndpoint(backing, t.Endpoint)
		t.Gateway = backing.address
		t.addPart(backing)
	}
	if b.object == nil {
		return
	}
	t.Balancer, t.IsOpen = new(plannedOf(b.object)), b.isOpen
	t.Balancer.addPart(b.listener)
	t.Balancer.addPart(b.group)
	t.Endpoint.TargetGroups = b.groups
	for at, attachment := range b.attachments {
		t.Registered = append(t.Registered, q.appliance(attachment, &b.groups[0], at))
	}
	if was, err := q.file.was.byReference(b.object.address, balancerKinds); err == nil && file == q.file {
		q.addLeaving(t, balancers{&question{file: q.file.was}}.readBalancing(was))
	}
}

// addLeaving adds the listener and the registrations that a load balancer has before the apply and
// not after it.
func (q overviewer) addLeaving(t *PlannedTarget, was balancing) {
	if was.listener != nil && changeOf(was.listener) == "delete" {
		t.Balancer.addPart(was.listener)
	}
	for at, attachment := range was.attachments {
		if changeOf(attachment) == "delete" {
			a := q.appliance(attachment, &was.groups[0], at)
			a.IsLeaving = true
			t.Registered = append(t.Registered, a)
		}
	}
}

// appliance is what an attachment registers in a target group, and gives the target there the name and
// the address of the instance. As for a session, the instance can be a guess, which a warning names.
func (q overviewer) appliance(attachment *object, g *mirror.TargetGroup, at int) *PlannedAppliance {
	a := &PlannedAppliance{Target: &g.Targets[at]}
	if instance := q.instanceOf(attachment); instance != nil {
		a.Planned = plannedOf(instance)
		a.Target.ID = a.Key
		if address := shownOf(instance).knownText("private_ip"); g.IPAddressType != ipv6 && address != "" {
			a.Target.Address, _ = netip.ParseAddr(address)
		}
	}
	change, registration := a.Change, changeOf(attachment)
	if a.Address != "" {
		a.addPart(attachment)
	}
	if isChanged(attachment) {
		a.Old = append(a.Old, oldValues(attachment, "target_id")...)
	}
	a.Change = change
	if slices.Index(changeOrder, registration) > slices.Index(changeOrder, change) {
		a.Change = registration
	}
	return a
}

// changeOrder has what a plan does with an appliance, if it does two things with it: the last of them.
var changeOrder = []string{"update", "replace", "create", "delete"}

// instanceOf returns the instance that an attachment registers, also one that the plan deletes, or nil.
func (q overviewer) instanceOf(attachment *object) *object {
	if attachment.isUnknown("target_id") {
		found, warning, err := q.file.resolve(attachment, "target_id", targetInstances)
		if err != nil {
			return nil
		}
		q.warning(warning, "")
		return found
	}
	id := attachment.knownText("target_id")
	for _, o := range slices.Concat(q.file.objects, q.file.data) {
		if id != "" && o.place.kind == instanceKind && shownOf(o).id() == id {
			return o
		}
	}
	return nil
}

// signOf is written before what a plan does something with.
func signOf(change string) string {
	switch change {
	case "create":
		return "+ "
	case "update":
		return "~ "
	case "replace":
		return "-/+ "
	}
	return "- "
}

// addPart adds what the plan does with a part of the object that is a resource of its own, if there is
// one. An object of which a part changes does so too. What leaves the state stays as it is.
func (p *Planned) addPart(part *object) {
	if part == nil || part.isForgotten || changeOf(part) == "" || changeOf(part) == p.Change {
		return
	}
	p.Change = cmp.Or(p.Change, "update")
	p.Old = append(p.Old, signOf(changeOf(part))+part.address)
}
