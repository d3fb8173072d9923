package emulator

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// everyZone is the zone of a target that gets packets from each zone of the load balancer.
const everyZone = "all"

// readRegistered reads the targets of a request. A port of 0 is the one of the group. An address gets its shortest form, so that the same
// address in another form is the same target.
func readRegistered(q *query.Query) []mirror.RegisteredTarget {
	var list []mirror.RegisteredTarget
	for _, member := range q.Items("Targets") {
		v := mirror.RegisteredTarget{ID: q.NeedText(member + ".Id"), Zone: q.Text(member + ".AvailabilityZone")}
		if a, err := netip.ParseAddr(v.ID); err == nil {
			v.ID = a.String()
		}
		if port := q.Int(member + ".Port"); port != nil {
			v.Port = *port
			q.Fail(refusePort(v.Port))
		}
		if q.Text(member+".QuicServerId") != "" {
			q.Fail(query.Refuse("ValidationError", "QuicServerId is for target groups with the protocol QUIC or TCP_QUIC"))
		}
		list = append(list, v)
	}
	return list
}

func refusePort(port int) error {
	if port < 1 || port > 65535 {
		return query.Refuse("ValidationError", "Port '%d' is not valid. Write a number from 1 to 65535.", port)
	}
	return nil
}

func needRegistered(q *query.Query) []mirror.RegisteredTarget {
	list := readRegistered(q)
	if len(list) == 0 {
		q.Fail(query.Missing("Targets.member.1.Id"))
	}
	return list
}

// registerTargets registers targets. One that is registered stays, also if it was draining.
func registerTargets(q *query.Query) operation {
	arn, list := needGroupARN(q), needRegistered(q)
	return func(t *tx, _ *query.Writer) error {
		v, err := needGroup(t, arn)
		if err != nil {
			return err
		}
		v.UnknownTargets = v.hasUnknown()
		in := subnetsOf(t, v)
		for _, r := range list {
			if r, err = v.checkTarget(t, in, r); err != nil {
				return err
			}
			delete(v.Draining, targetKey(r.ID, r.Port))
			if v.find(r) < 0 {
				v.Targets = append(v.Targets, r)
			}
		}
		if len(v.Targets)-len(v.Draining) > mostTargets {
			return query.Refuse("TooManyTargets", "The limit of %d targets of a target group has been reached", mostTargets)
		}
		targetGroups.put(t, arn, v)
		return nil
	}
}

// hasUnknown reports whether a topology does not say which targets are registered.
func (v targetGroup) hasUnknown() bool { return v.UnknownTargets || v.Targets == nil }

// find returns the position of a registered target, -1 if it is not registered.
func (v targetGroup) find(r mirror.RegisteredTarget) int {
	return slices.IndexFunc(v.Targets, func(known mirror.RegisteredTarget) bool {
		return known.ID == r.ID && known.Port == cmp.Or(r.Port, v.Port)
	})
}

// checkTarget refuses a target that cannot be registered. It adds the port and the zone that
// the request leaves out. in are the subnets of its VPC.
func (v targetGroup) checkTarget(t *tx, in []subnet, r mirror.RegisteredTarget) (mirror.RegisteredTarget, error) {
	r.Port = cmp.Or(r.Port, v.Port)
	if v.Protocol == geneve && r.Port != genevePort {
		return r, query.Refuse("ValidationError", "The port of a target in a group with the protocol GENEVE must be %d", genevePort)
	}
	if v.TargetType == byInstance {
		return r, v.checkInstance(t, r)
	}
	return v.checkAddress(t, in, r)
}

func (v targetGroup) checkInstance(t *tx, r mirror.RegisteredTarget) error {
	if !mirror.KindInstance.Is(r.ID) {
		return query.Refuse("ValidationError", "Instance ID '%s' is not valid", r.ID)
	}
	if r.Zone != "" {
		return query.Refuse("ValidationError", "An Availability Zone cannot be specified for a target of type instance: '%s'", r.ID)
	}
	i, ok := instances.get(t, r.ID)
	if !ok {
		return query.Refuse("InvalidTarget", "The following targets do not exist: '%s'", r.ID)
	}
	if stateOf(i) != stateRunning {
		return query.Refuse("InvalidTarget", "The following targets are not in a running state and cannot be registered: '%s'", r.ID)
	}
	if primary, ok := primaryOf(t, r.ID); ok && primary.VPCID != v.VPCID {
		return query.Refuse("InvalidTarget", "The following targets are not in the target group VPC '%s': '%s'", v.VPCID, r.ID)
	}
	family, _, _ := strings.Cut(i.InstanceType, ".")
	if v.Protocol != geneve && slices.Contains(familiesByAddress, family) {
		return query.Refuse("InvalidTarget", "The following targets have an instance type that a Network Load Balancer takes by IP address only: '%s'", r.ID)
	}
	return nil
}

// familiesByAddress are the instance types that a Network Load Balancer does not take by
// instance ID
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-register-targets.html).
var familiesByAddress = strings.Fields("c1 cc1 cc2 cg1 cg2 cr1 cs1 g1 g2 hi1 hs1 m1 m2 m3 t1")

// privateBlocks are the addresses outside of the VPC that can be registered.
var privateBlocks = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("100.64.0.0/10"),
}

func (v targetGroup) checkAddress(t *tx, in []subnet, r mirror.RegisteredTarget) (mirror.RegisteredTarget, error) {
	a, err := netip.ParseAddr(r.ID)
	if err != nil || !v.takes(a) || a.Zone() != "" {
		return r, query.Refuse("ValidationError", "'%s' is not a valid %s address", r.ID, v.IPAddressType)
	}
	if in, ok := subnetWith(in, a); ok {
		zone := in.zone(t)
		if r.Zone != "" && r.Zone != zone {
			return r, query.Refuse("ValidationError", "The IP address '%s' is within the VPC, and cannot have its Availability Zone overridden to '%s' from '%s'", r.ID, r.Zone, zone)
		}
		r.Zone = zone
		return r, nil
	}
	isPrivate := func(block netip.Prefix) bool { return block.Contains(a) }
	switch {
	case a.Is6() || !slices.ContainsFunc(privateBlocks, isPrivate):
		return r, query.Refuse("ValidationError", "The IP address '%s' is outside the VPC, and is no private address of RFC 1918 or RFC 6598", r.ID)
	case r.Zone != everyZone && !slices.ContainsFunc(zones(t), func(z zone) bool { return z.name() == r.Zone }):
		return r, query.Refuse("ValidationError", "You must specify a valid Availability Zone or select 'all' for all enabled Availability zones, since the IP address '%s' is outside the VPC", r.ID)
	}
	return r, nil
}

// subnetsOf returns the subnets in which targets of a group can be by their addresses.
func subnetsOf(t *tx, v targetGroup) []subnet {
	if v.TargetType != byAddress {
		return nil
	}
	var all []subnet
	for _, id := range subnetsByVPC.idsBelow(t, v.VPCID) {
		in, _ := subnets.get(t, id)
		all = append(all, in)
	}
	return all
}

// subnetWith returns the subnet that has an address.
func subnetWith(all []subnet, a netip.Addr) (subnet, bool) {
	for _, in := range all {
		if block := in.blockOf(a); block.IsValid() && block.Contains(a) {
			return in, true
		}
	}
	return subnet{}, false
}

// deregisterTargets deregisters targets. A target of a group in use drains first, for as long
// as the group's deregistration delay. A target that is not registered is ignored.
func deregisterTargets(q *query.Query) operation {
	arn, list := needGroupARN(q), needRegistered(q)
	return func(t *tx, _ *query.Writer) error {
		v, err := needGroup(t, arn)
		if err != nil {
			return err
		}
		delay, _ := strconv.Atoi(v.attribute(deregistrationDelay))
		if len(userARNs(t, arn)) == 0 {
			delay = 0
		}
		if v.Draining == nil {
			v.Draining = map[string]time.Time{}
		}
		for _, r := range list {
			key := targetKey(r.ID, cmp.Or(r.Port, v.Port))
			if _, draining := v.Draining[key]; v.find(r) >= 0 && !draining {
				v.Draining[key] = t.now.UTC().Add(time.Duration(delay) * time.Second)
			}
		}
		v.dropDrained(t.now)
		targetGroups.put(t, arn, v)
		return nil
	}
}
