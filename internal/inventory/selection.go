package inventory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Interfaces says which interfaces of an instance a selection takes.
type Interfaces string

// The values of Interfaces.
const (
	AllInterfaces      Interfaces = "all"      // attached or not
	AttachedInterfaces Interfaces = "attached" // to an instance
	PrimaryInterfaces  Interfaces = "primary"  // the first interface of an instance
)

// InterfaceChoices lists every value of Interfaces.
var InterfaceChoices = []Interfaces{AllInterfaces, AttachedInterfaces, PrimaryInterfaces}

// A Selection says which network interfaces of an account are meant. An interface must match
// every condition that is not nil. A list matches if one of its elements does, so an empty
// list matches nothing.
type Selection struct {
	All                   bool // every interface, in place of conditions
	InterfaceIDs          []string
	VPCIDs                []string
	SubnetIDs             []string
	SecurityGroupIDs      []string
	InstanceIDs           []string
	AutoScalingGroupNames []string
	LoadBalancerARNs      []string            // of the load balancers that the interfaces belong to
	Tags                  []map[string]string // of the interface; it has all tags of one of the maps
	InstanceTags          []map[string]string
	Interfaces            Interfaces  // "": AllInterfaces
	Exclude               []Selection // an interface that one of them matches is not meant
}

// AutoScalingGroupTag is the tag of the instances of an Auto Scaling group
// (https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html).
const AutoScalingGroupTag = "aws:autoscaling:groupName"

// SelectionFields are the names of the conditions of a selection, in the order of the
// documentation. A selection has at least one of them, or all = true.
var SelectionFields = []string{
	"network_interface_ids", "vpc_ids", "subnet_ids", "security_group_ids", "instance_ids", "auto_scaling_group_names", "load_balancer_arns", "tags", "instance_tags",
}

// ids returns the conditions that are lists of IDs or names, in the order of SelectionFields.
func (s Selection) ids() [][]string {
	return [][]string{s.InterfaceIDs, s.VPCIDs, s.SubnetIDs, s.SecurityGroupIDs, s.InstanceIDs, s.AutoScalingGroupNames, s.LoadBalancerARNs}
}

// kinds are those of the first lists of ids.
var kinds = []mirror.Kind{mirror.KindInterface, mirror.KindVPC, mirror.KindSubnet, mirror.KindGroup, mirror.KindInstance}

// tags returns the conditions on tags, in the order of SelectionFields.
func (s Selection) tags() [][]map[string]string {
	return [][]map[string]string{s.Tags, s.InstanceTags}
}

// Validate checks the selection and its exclusions.
func (s Selection) Validate() mirror.Problems {
	ps := s.validate()
	for i, e := range s.Exclude {
		ps = append(ps, e.validate().Below(fmt.Sprintf("exclude[%d]", i))...)
	}
	for i := range ps {
		if ps[i].Field == "" {
			ps[i].Wrong = "the selection " + ps[i].Wrong
		}
	}
	return ps
}

func (s Selection) validate() mirror.Problems {
	ps := s.checkConditions()
	for i, kind := range kinds {
		for j, id := range s.ids()[i] {
			ps = append(ps, kind.Check(fmt.Sprintf("%s[%d]", SelectionFields[i], j), id)...)
		}
	}
	for i, name := range s.AutoScalingGroupNames {
		if name == "" {
			ps = append(ps, mirror.Problem{
				Kind: mirror.Missing, Field: fmt.Sprintf("auto_scaling_group_names[%d]", i), Wrong: "is missing", Fix: "Write the name of an Auto Scaling group.",
			})
		}
	}
	for i, arn := range s.LoadBalancerARNs {
		ps = append(ps, mirror.CheckAnyLoadBalancerARN(fmt.Sprintf("load_balancer_arns[%d]", i), arn)...)
	}
	for i, maps := range s.tags() {
		field := SelectionFields[len(s.ids())+i]
		for j, tags := range maps {
			if len(tags) == 0 {
				ps = append(ps, mirror.Problem{
					Kind: mirror.Invalid, Field: fmt.Sprintf("%s[%d]", field, j), Wrong: "is an empty map, which every network interface matches",
					Fix: "Write at least one tag, or remove the map.",
				})
			}
		}
	}
	if s.Interfaces != "" && !slices.Contains(InterfaceChoices, s.Interfaces) {
		ps = append(ps, mirror.Problem{
			Kind: mirror.Invalid, Field: "interfaces", Wrong: fmt.Sprintf("is %q", s.Interfaces), Fix: `Write "all", "attached" or "primary".`,
		})
	}
	return ps
}

// hasCondition reports whether a condition other than all = true is set.
func (s Selection) hasCondition() bool {
	return slices.ContainsFunc(s.ids(), func(ids []string) bool { return ids != nil }) ||
		slices.ContainsFunc(s.tags(), func(maps []map[string]string) bool { return maps != nil })
}

// checkConditions refuses a selection that does not say what it means.
func (s Selection) checkConditions() mirror.Problems {
	switch isSet := s.hasCondition(); {
	case !s.All && !isSet:
		return mirror.Problems{{
			Kind: mirror.Missing, With: append([]string{"all"}, SelectionFields...), Wrong: "has no condition",
			Fix: fmt.Sprintf("Set at least one of %s. To select every network interface, write all = true.", strings.Join(SelectionFields, ", ")),
		}}
	case s.All && isSet:
		return mirror.Problems{{
			Kind: mirror.Conflict, Field: "all", With: SelectionFields, Wrong: "is true and the selection has conditions too",
			Fix: "Remove all, or remove the conditions.",
		}}
	}
	return nil
}

// matches reports whether an interface is meant. instance is the one that it is attached to.
func (s Selection) matches(i account.NetworkInterface, instance account.Instance) bool {
	if !s.meets(i, instance) {
		return false
	}
	return !slices.ContainsFunc(s.Exclude, func(e Selection) bool { return e.meets(i, instance) })
}

// meets reports whether an interface meets every condition.
func (s Selection) meets(i account.NetworkInterface, instance account.Instance) bool {
	for n, has := range [][]string{{i.ID}, {i.VPCID}, {i.SubnetID}, i.GroupIDs, {i.InstanceID}, {instance.Tags[AutoScalingGroupTag]}} {
		if !meetsAny(s.ids()[n], func(wanted string) bool { return wanted != "" && slices.Contains(has, wanted) }) {
			return false
		}
	}
	isOf := func(arn string) bool { return i.Description == mirror.LoadBalancerInterfaceDescription(arn) }
	return meetsAny(s.LoadBalancerARNs, isOf) && s.takes(i) &&
		meetsAny(s.Tags, func(wanted map[string]string) bool { return mirror.HasTags(i.Tags, wanted) }) &&
		meetsAny(s.InstanceTags, func(wanted map[string]string) bool { return mirror.HasTags(instance.Tags, wanted) })
}

// meetsAny reports whether a condition is not set, or an element of it is met.
func meetsAny[Element any](condition []Element, isMet func(Element) bool) bool {
	return condition == nil || slices.ContainsFunc(condition, isMet)
}

// takes reports whether the selection takes an interface with this attachment.
func (s Selection) takes(i account.NetworkInterface) bool {
	switch s.Interfaces {
	case PrimaryInterfaces:
		return i.IsPrimary
	case AttachedInterfaces:
		return i.InstanceID != ""
	}
	return true
}
