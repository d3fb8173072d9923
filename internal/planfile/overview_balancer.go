package planfile

import (
	"cmp"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Behind is what the file has of what is behind a target with a load balancer.
type Behind struct {
	Gateway    *Planned           // the Gateway Load Balancer endpoint; nil: the file does not have it
	Balancer   *Planned           // with its listener and its target group; nil: the file does not have it
	Registered []PlannedAppliance // what the file registers in the target group
	Leaving    []PlannedAppliance // what the plan deregisters
	IsOpen     bool               // others can be registered in the target group
}

// A PlannedAppliance is what a target group has, and what the plan does with it: with its
// registration or with its instance.
type PlannedAppliance struct {
	Planned // of the instance, without an address if the file does not have it
	Target  mirror.RegisteredTarget
}

// earlier is the file as it was before the apply.
func (f *File) earlier() *File {
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

// behind returns the load balancer of a target, and its Gateway Load Balancer endpoint, as far as
// the file has them.
func (q balancers) behind(target *object, e *mirror.Endpoint) (b balancing, gateway *object) {
	argument := mirror.TargetBackings[slices.Index(mirror.TargetTypes, e.Type)]
	if e.Type == mirror.NetworkLoadBalancer {
		if o, found := q.file.follow(target, argument, balancerKinds); found {
			b = q.readBalancing(o)
		}
		return b, nil
	}
	gateway, found := q.file.follow(target, argument, endpointKinds)
	if found {
		b, _ = q.gatewayEndpoint(gateway, e)
	}
	return b, gateway
}

// addBehind adds what is behind a target, in the file as it is after the apply, or before it.
func (q overviewer) addBehind(t *PlannedTarget, shown *object, file *File) {
	b, gateway := balancers{&question{file: file}}.behind(shown, t.Endpoint)
	if gateway != nil {
		t.Backing, t.Gateway = gateway.name(), new(plannedOf(gateway))
		t.addPart(*t.Gateway)
	}
	if b.object == nil {
		return
	}
	if gateway == nil {
		t.Backing = b.object.name()
	}
	t.Balancer, t.IsOpen = new(plannedOf(b.object)), b.isOpen
	was := q.balancingBefore(b.object, file)
	for _, part := range []*object{b.listener, b.group} {
		if part != nil {
			t.Balancer.addPart(plannedOf(part))
		}
	}
	if was.listener != nil && changeOf(was.listener) == "delete" {
		t.Balancer.addPart(plannedOf(was.listener))
	}
	t.Endpoint.TargetGroups = slices.Clone(b.groups)
	for i, g := range t.Endpoint.TargetGroups {
		targets := slices.Clone(g.Targets)
		for at, r := range targets {
			a := q.appliance(b.attachments[at], r, g.IPAddressType)
			targets[at] = a.Target
			t.Registered = append(t.Registered, a)
		}
		t.Endpoint.TargetGroups[i].Targets = targets
	}
	for _, g := range was.groups {
		for at, r := range g.Targets {
			if changeOf(was.attachments[at]) != "delete" {
				continue
			}
			a := q.appliance(was.attachments[at], r, g.IPAddressType)
			if !slices.ContainsFunc(t.Registered, func(b PlannedAppliance) bool { return b.Target.ID == r.ID && b.Target.Port == r.Port }) {
				t.Leaving = append(t.Leaving, a)
			}
		}
	}
}

// balancingBefore is what a load balancer of the file after the apply had before it.
func (q overviewer) balancingBefore(balancer *object, file *File) balancing {
	if file == q.before {
		return balancing{}
	}
	for _, o := range q.before.objects {
		if o.address == balancer.address {
			return balancers{&question{file: q.before}}.readBalancing(o)
		}
	}
	return balancing{}
}

// appliance is what an attachment registers. As for a session, the instance can be a guess, which a
// warning names.
func (q overviewer) appliance(attachment *object, r mirror.RegisteredTarget, addresses string) PlannedAppliance {
	registration := plannedOf(attachment)
	instance := q.instanceOf(attachment)
	if instance == nil {
		return PlannedAppliance{Planned{Key: r.ID, Change: registration.Change, Old: oldTarget(attachment)}, r}
	}
	shown := shownOf(instance)
	r.ID = shown.name()
	if !r.Address.IsValid() && addresses != ipv6 {
		r.Address = interfaceOf(shown).PrivateIPAddress
	}
	a := PlannedAppliance{plannedOf(instance), r}
	if registration.Change != a.Change && registration.Change != "" {
		a.Old = append(a.Old, changeSigns[registration.Change]+" "+registration.Address)
	}
	a.Old = append(a.Old, oldTarget(attachment)...)
	for _, change := range []string{"delete", "create", "replace", "update"} {
		if registration.Change == change || a.Change == change {
			a.Change = change
			break
		}
	}
	return a
}

func oldTarget(attachment *object) []string {
	if !isChanged(attachment) {
		return nil
	}
	return oldValues(attachment, "target_id")
}

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

// changeSigns are written before what a plan does something with.
var changeSigns = map[string]string{"create": "+", "delete": "-", "update": "~", "replace": "-/+", "forget": "-"}

// addPart adds what the plan does with a part of the object that is a resource of its own. An object
// of which a part changes does so too.
func (p *Planned) addPart(part Planned) {
	if part.Change == "" || part.Change == p.Change {
		return
	}
	p.Change = cmp.Or(p.Change, "update")
	p.Old = append(p.Old, changeSigns[part.Change]+" "+part.Address)
}
