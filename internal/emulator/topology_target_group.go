package emulator

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// loadTargetGroups loads the target groups of a topology into the Region of their ARNs.
func loadTargetGroups(t *tx, f *topology.File) {
	for _, v := range f.TargetGroups {
		if strings.Split(v.ARN, ":")[3] == t.region {
			isUnread := slices.Contains(f.PartlyRead, "target_groups") && v.CrossZone == "" && v.Attributes == nil
			loadTargetGroup(t, v, isUnread)
		}
	}
}

// loadTargetGroup loads a target group. What the file leaves out stays as it is. Targets that it
// leaves out of a new group are unknown, and so are attributes of a new group that an export could not read.
func loadTargetGroup(t *tx, v mirror.TargetGroup, isUnread bool) {
	addTags(t, v.ARN, v.Tags)
	known, isKnown := targetGroups.get(t, v.ARN)
	switch {
	case isUnread && !isKnown:
		known.UnknownAttributes = true
	case v.CrossZone != "" || v.Attributes != nil:
		known.UnknownAttributes = false
	}
	keepGroup(&v, known.TargetGroup)
	set := maps.Clone(v.Attributes)
	switch v.CrossZone {
	case "":
	case mirror.UseBalancerCrossZone:
		delete(set, crossZoneEnabled)
	default:
		if set == nil {
			set = map[string]string{}
		}
		set[crossZoneEnabled] = v.CrossZone
	}
	if v.Targets == nil {
		v.Targets = known.Targets
	} else {
		known.Draining, known.UnknownTargets = nil, false
	}
	v.Tags, v.Attributes, v.CrossZone = nil, set, ""
	v.Targets = slices.Clone(v.Targets)
	known.TargetGroup = v
	known.complete()
	known.dropDefaults()
	targetGroups.put(t, v.ARN, known)
}

// keepGroup takes what a topology leaves out of a target group from what is known of it.
func keepGroup(v *mirror.TargetGroup, known mirror.TargetGroup) {
	v.Protocol, v.Port, v.TargetType = cmp.Or(v.Protocol, known.Protocol), cmp.Or(v.Port, known.Port), cmp.Or(v.TargetType, known.TargetType)
	v.VPCID, v.IPAddressType = cmp.Or(v.VPCID, known.VPCID), cmp.Or(v.IPAddressType, known.IPAddressType)
	if v.HealthCheck == (mirror.HealthCheck{}) {
		v.HealthCheck = known.HealthCheck
	}
	if v.Attributes == nil {
		v.Attributes = known.Attributes
	}
}

// complete adds what follows from the rest, and the default health check.
func (v *targetGroup) complete() {
	parts := strings.Split(v.ARN, "/")
	v.Name = cmp.Or(v.Name, parts[1])
	v.IPAddressType = cmp.Or(v.IPAddressType, groupsIPv4)
	if v.Protocol == geneve {
		v.Port = genevePort
	}
	if v.TargetType == "" {
		v.TargetType = targetTypeOf(v.Targets)
	}
	h := defaultHealthCheck(v.Protocol)
	if p := v.HealthCheck.Protocol; p != "" && p != h.Protocol {
		h.Protocol = p
		useProtocolDefaults(&h, v.Protocol)
	}
	given := v.HealthCheck
	v.HealthCheck = mirror.HealthCheck{
		Protocol: h.Protocol, Port: cmp.Or(given.Port, h.Port), Path: cmp.Or(given.Path, h.Path), Matcher: cmp.Or(given.Matcher, h.Matcher),
		IntervalSeconds: cmp.Or(given.IntervalSeconds, h.IntervalSeconds), TimeoutSeconds: cmp.Or(given.TimeoutSeconds, h.TimeoutSeconds),
		HealthyThreshold: cmp.Or(given.HealthyThreshold, h.HealthyThreshold), UnhealthyThreshold: cmp.Or(given.UnhealthyThreshold, h.UnhealthyThreshold),
	}
	for i := range v.Targets {
		v.Targets[i].Port = cmp.Or(v.Targets[i].Port, v.Port)
	}
}

// targetTypeOf returns the type of a group with some targets: instance, unless they are
// addresses.
func targetTypeOf(list []mirror.RegisteredTarget) string {
	for _, r := range list {
		if _, err := netip.ParseAddr(r.ID); err == nil {
			return byAddress
		}
	}
	return byInstance
}

// loadEndpointServices loads the endpoint services of a topology. One whose name has another
// Region is not in this one.
func loadEndpointServices(t *tx, f *topology.File) {
	for _, v := range f.EndpointServices {
		if v.Name != "" && !strings.HasPrefix(v.Name, servicePrefix(t)) {
			continue
		}
		addTags(t, v.ID, v.Tags)
		v.Tags = nil
		v.Name = serviceNameOf(t, v.ID)
		known, _ := endpointServices.get(t, v.ID)
		known.EndpointService = v
		endpointServices.put(t, v.ID, known)
	}
}
