package inventory

import (
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// A Status says whether a session mirrors packets now. EC2 shows none: it keeps a session, and
// AWS charges for it, whatever happens to its source and its target
// (https://docs.aws.amazon.com/vpc/latest/mirroring/what-is-traffic-mirroring.html).
type Status string

// The statuses. If several are true, the first one in this order is the status.
const (
	Disabled          Status = "disabled"               // it is in the Terraform state only
	SourceDetached    Status = "source_detached"        // its interface is attached to nothing
	SourceStopped     Status = "source_stopped"         // the instance of its interface does not run
	SourceUnsupported Status = "source_unsupported"     // its interface cannot be mirrored any more
	TargetGone        Status = "target_gone"            // its target, or what backs it, does not exist
	NoListener        Status = "no_listener"            // the load balancer does not listen for the copies
	NoReceiver        Status = "no_receiver"            // nothing runs or is registered that receives them
	NoHealthy         Status = "no_healthy_appliance"   // no appliance of a target group is healthy, or one of several groups has none
	NoZone            Status = "zone_without_appliance" // no appliance is where its copies probably go
	StatusUnknown     Status = "unknown"                // EC2 did not show what decides
	Active            Status = "active"                 // none of the above
)

// Statuses has all statuses, with what each means.
var Statuses = []struct {
	Status  Status
	Meaning string
}{
	{Active, "nothing that AWS shows keeps its source from being mirrored, or its target from receiving the copies. Routes, network ACLs and security groups between them are not looked at: the data source `trafficmirror_path` judges them"},
	{Disabled, "`enabled` is `false`, so EC2 has no session"},
	{SourceDetached, "its network interface is attached to nothing"},
	{SourceStopped, "the instance of its network interface does not run"},
	{SourceUnsupported, "its network interface cannot be mirrored any more, for example because of a new instance type"},
	{TargetGone, "the target, or what backs it, was deleted or is not shared any more"},
	{NoListener, fmt.Sprintf("the Network Load Balancer does not listen on UDP port %d, or the Gateway Load Balancer has no listener", packet.VXLANPort)},
	{NoReceiver, "nothing receives the copies. The target's interface is attached to no instance, its instance does not run, its endpoint or load balancer is not available, or no appliance is registered that gets packets"},
	{NoHealthy, "a target group behind the load balancer has no healthy appliance, fewer than its attributes ask for, or none at all while another group has some. Or one of several appliances is the source itself. Copies may still arrive: with too few healthy appliances, a load balancer sends to all of the group"},
	{NoZone, "cross-zone load balancing is off, and no healthy appliance is in the Availability Zone of the load balancer to which its copies probably go"},
	{StatusUnknown, "EC2 did not show the interface, the instance or the target, for example because a permission is missing"},
}

// SessionFacts are what decides about the status of a session. A fact that is not known has its
// zero value.
type SessionFacts struct {
	Source        mirror.Source    // with a network interface without ID, the source is unknown
	InstanceState string           // such as "running"
	TargetMissing bool             // EC2 does not show the target: it is deleted, or shared no longer
	Target        *mirror.Endpoint // what receives the copies; nil: unknown
	Receiver      mirror.Receiver  // of a target with an interface

	// Why facts are not known, one sentence each without its full stop: those about the receiver
	// leave a session active, the others do not.
	Unread, UnreadReceiver []string
}

// StatusOf returns the status of a session that EC2 has, and the reason as a sentence. The
// reason of an active session says what is not known, and is empty if all is known.
func StatusOf(s mirror.Session, facts SessionFacts) (Status, string) {
	source := facts.Source.Interface
	obstacle, why := facts.Source.Obstacle()
	switch {
	case source.ID != "" && source.InstanceID == "" && !source.RequesterManaged:
		return SourceDetached, fmt.Sprintf("%s is attached to no instance.", s.InterfaceID)
	case mirror.IsStopped(facts.InstanceState):
		return SourceStopped, fmt.Sprintf("Instance %s of %s is %s.", source.InstanceID, s.InterfaceID, facts.InstanceState)
	case obstacle != "" && obstacle != mirror.ManagedByOther: // that one is not certain
		return SourceUnsupported, s.InterfaceID + " " + why
	case facts.TargetMissing:
		return TargetGone, fmt.Sprintf("EC2 shows no target %s. It was deleted, or its owner does not share it any more.", s.TargetID)
	}
	problems := facts.delivery()
	for _, p := range problems {
		switch status, isStatus := mayArrive[p.Kind]; {
		case p.Loses:
			return statusOf[p.Kind], p.text(s.TargetID)
		case isStatus && !p.IsUnsure():
			return status, p.text(s.TargetID)
		}
	}
	switch {
	case len(facts.Unread) > 0:
		return StatusUnknown, strings.Join(facts.Unread, ". ") + "."
	case len(problems) > 0:
		return Active, problems[0].text(s.TargetID)
	case facts.Target != nil && facts.Target.UnknownDelivery(source.Zone) != nil:
		return Active, unknownText(s.TargetID, facts.Target.UnknownDelivery(source.Zone))
	case len(facts.UnreadReceiver) > 0:
		return Active, fmt.Sprintf("%s. Whether anything receives the copies for target %s is not known.", strings.Join(facts.UnreadReceiver, ". "), s.TargetID)
	}
	return Active, ""
}

// unknownText says which problems the load balancer of a target may have.
func unknownText(targetID string, kinds []mirror.DeliveryKind) string {
	texts := make([]string, len(kinds))
	for i, kind := range kinds {
		texts[i] = "whether " + unknownDelivery[kind]
	}
	return fmt.Sprintf("Of the load balancer of target %s, it is not known %s. Elastic Load Balancing and EC2 do not show it.", targetID, strings.Join(texts, ", and "))
}

var unknownDelivery = map[mirror.DeliveryKind]string{
	mirror.DeliveryNoListener:         fmt.Sprintf("it listens on UDP port %d", packet.VXLANPort),
	mirror.DeliveryNoAppliance:        "an appliance is registered",
	mirror.DeliveryNoHealthyAppliance: "an appliance is healthy",
	mirror.DeliveryZone:               "the node that gets the copies sends to an appliance",
}

// statusOf has the statuses of what loses every copy, and mayArrive those of what may lose some.
var (
	statusOf = map[mirror.DeliveryKind]Status{
		mirror.DeliveryTargetGone: TargetGone, mirror.DeliveryNoReceiver: NoReceiver, mirror.DeliveryNoListener: NoListener,
		mirror.DeliveryNoAppliance: NoReceiver, mirror.DeliveryZone: NoReceiver,
	}
	mayArrive = map[mirror.DeliveryKind]Status{
		mirror.DeliveryNoAppliance: NoHealthy, mirror.DeliveryNoHealthyAppliance: NoHealthy, mirror.DeliveryZone: NoZone,
	}
)

// Delivery has what keeps copies from arriving, by the statuses that say so.
var Delivery = map[Status]mirror.DeliveryKind{
	TargetGone: mirror.DeliveryTargetGone, NoReceiver: mirror.DeliveryNoReceiver, NoListener: mirror.DeliveryNoListener,
	NoHealthy: mirror.DeliveryNoHealthyAppliance, NoZone: mirror.DeliveryZone,
}

// A deliveryProblem is what keeps copies for a target from arriving. An interface is its own.
type deliveryProblem struct {
	mirror.DeliveryProblem
	of string // the ID of the interface that backs the target; "": something else does
}

// delivery returns what keeps copies for a target from arriving, or may keep them.
func (f SessionFacts) delivery() []deliveryProblem {
	var found []deliveryProblem
	if f.Target != nil {
		for _, p := range f.Target.DeliveryProblemsFrom(f.Source.Interface) {
			found = append(found, deliveryProblem{p, ""})
		}
	}
	why := f.Receiver.Obstacle()
	if why == "" || len(found) > 0 && found[0].Kind == mirror.DeliveryTargetGone {
		return found
	}
	return []deliveryProblem{{mirror.DeliveryProblem{Kind: mirror.DeliveryNoReceiver, Loses: true, Wrong: why}, f.Receiver.Interface.ID}}
}

// text says what is wrong, as one sentence or more.
func (p deliveryProblem) text(targetID string) string {
	switch {
	case p.Kind == mirror.DeliveryTargetGone:
		return fmt.Sprintf("What backs target %s does not exist any more.", targetID)
	case p.of != "":
		return fmt.Sprintf("%s, the interface of target %s, %s.", p.of, targetID, p.Wrong)
	}
	name := "What backs target " + targetID
	switch {
	case strings.Contains(p.Object, ":targetgroup/"):
		name = fmt.Sprintf("%s, the target group of target %s,", p.Object, targetID)
	case p.Object != "" || p.Kind != mirror.DeliveryNoReceiver:
		name = "The load balancer of target " + targetID
	}
	text := fmt.Sprintf("%s %s.", name, p.Wrong)
	if !p.Loses {
		text += " " + p.Effect
	}
	return text
}

// IsLive reports whether a session with the status may mirror packets.
func (s Status) IsLive() bool {
	return s == Active || s == StatusUnknown || s == NoHealthy || s == NoZone
}
