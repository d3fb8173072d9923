package inventory

import (
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A Reason is the name of why an interface cannot be mirrored.
type Reason string

// The reasons. They are part of what users rely on, and do not change.
const (
	ReasonInterfaceType    Reason = "interface_type"
	ReasonRequesterManaged Reason = "requester_managed"
	ReasonIPv6OnlySubnet   Reason = "ipv6_only_subnet"
	ReasonInstanceType     Reason = "instance_type"
	ReasonNotAttached      Reason = "not_attached" // in a variant of the embedded EC2 only
	ReasonOtherAccount     Reason = "other_account"
	ReasonBacksTarget      Reason = "backs_target"
	ReasonSessionsUsedUp   Reason = "sessions_used_up"
	ReasonTargetsFull      Reason = "targets_full"
)

// Reasons has all reasons, with what each means.
var Reasons = []struct {
	Reason  Reason
	Meaning string
}{
	{ReasonInterfaceType, "only network interfaces of type `interface` can be mirrored, not trunk, branch, EFA, load balancer or NAT gateway interfaces"},
	{ReasonRequesterManaged, "an AWS service manages the interface, and it is none of RDS and ElastiCache. An interface that has a session already can be mirrored all the same"},
	{ReasonIPv6OnlySubnet, "the subnet has no IPv4"},
	{ReasonInstanceType, "AWS does not mirror interfaces of this instance type"},
	{ReasonNotAttached, "the interface is attached to no instance, and the embedded EC2 has the variant `attached-sources`"},
	{ReasonOtherAccount, "the interface and its subnet belong to other accounts"},
	{ReasonBacksTarget, "the interface backs a traffic mirror target, and an interface cannot be both. Or it is an appliance behind the Network Load Balancer of each of `targets`, which loses what it sends back to its source"},
	{ReasonSessionsUsedUp, "the interface has as many sessions as the quota allows, and none of them is of this fleet"},
	{ReasonTargetsFull, "each of `targets` has as many sources as its quota or its `max_sources` allows, or `targets` is empty"},
}

var reasonOf = map[mirror.Obstacle]Reason{
	mirror.WrongInterfaceType:  ReasonInterfaceType,
	mirror.ManagedByOther:      ReasonRequesterManaged,
	mirror.IPv6OnlySubnet:      ReasonIPv6OnlySubnet,
	mirror.UnmirroredInstances: ReasonInstanceType,
}

// A Source is a network interface of a selection.
type Source struct {
	Interface account.NetworkInterface
	Instance  account.Instance // without ID: there is none, or EC2 does not show it
	Subnet    account.Subnet
	Sessions  []account.Tagged[mirror.Session] // in the order in which they are tried
	Reason    Reason                           // why it cannot be mirrored at all; "": it can
	Detail    string                           // the same as a sentence
}

// Select returns the interfaces that a selection means, in the order of their IDs.
func (f *Fleet) Select(s Selection) []Source {
	var sources []Source
	for _, i := range f.Interfaces {
		if s.matches(i, f.instances[i.InstanceID]) {
			sources = append(sources, f.Source(i))
		}
	}
	return sources
}

// Source returns an interface with what decides whether it can be mirrored.
func (f *Fleet) Source(i account.NetworkInterface) Source {
	s := Source{Interface: i, Instance: f.instances[i.InstanceID], Subnet: f.subnets[i.SubnetID], Sessions: f.sessions[i.ID]}
	s.Reason, s.Detail = f.obstacle(s)
	return s
}

// Mirror returns the facts of the source that decide whether it can be mirrored.
func (s Source) Mirror() mirror.Source {
	return mirror.Source{Interface: s.Interface.Interface, IPv6Only: s.Subnet.IPv6Only, InstanceType: s.Instance.Type}
}

func (f *Fleet) obstacle(s Source) (Reason, string) {
	i := s.Interface
	if i.IsForeign(f.AccountID, s.Subnet.OwnerID) {
		return ReasonOtherAccount, fmt.Sprintf("%s belongs to account %s. Only the owner of a network interface or of its subnet can mirror it.", i.ID, i.OwnerID)
	}
	if target := f.TargetOn(i.ID); target != "" {
		return ReasonBacksTarget, fmt.Sprintf("%s backs target %s. A network interface cannot be a source and back a target.", i.ID, target)
	}
	facts := s.Mirror()
	// EC2 accepted the interface if it has a session. Who manages it does not change (A0190).
	if len(s.Sessions) > 0 || f.Rules.LoadBalancerSources && i.RequesterID == mirror.BalancingRequester {
		facts.Interface.RequesterManaged = false
	}
	if obstacle, why := facts.Obstacle(); obstacle != "" {
		return reasonOf[obstacle], i.ID + " " + why
	}
	if f.Rules.AttachedSources && i.InstanceID == "" && !i.RequesterManaged {
		return ReasonNotAttached, i.ID + " is attached to no instance. The embedded EC2 refuses it in the variant \"attached-sources\"."
	}
	return "", ""
}

// NextNumber returns the lowest session number from least on that no session of the source
// has, or 0 if there is none.
func (s Source) NextNumber(least int) int {
	taken := map[int]bool{}
	for _, session := range s.Sessions {
		taken[session.Noun.Number] = true
	}
	for taken[least] {
		least++
	}
	if !mirror.SessionNumbers.Contains(int64(least)) {
		return 0
	}
	return least
}
