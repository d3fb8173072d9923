package emulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Readings choose how EC2 is read where it documents nothing and two readings are
// plausible. The zero value is the reading that docs/guides/assumptions.md takes.
type Readings struct {
	// AttachedSources refuses a source that hangs off no instance (A0061).
	AttachedSources bool

	// LoadBalancerSources lets the interfaces of Application and Classic Load
	// Balancers be mirrored (A0065). Those of Network Load Balancers are of a type
	// that never can be.
	LoadBalancerSources bool

	// RepeatedSessionNumbers lets several sessions of an interface have one number
	// (A0050).
	RepeatedSessionNumbers bool

	// RulesPerDirection counts the quota of rules for each direction of a filter
	// (A0003).
	RulesPerDirection bool

	// SessionsPerTarget counts every session as a source of its target, also where
	// several have the same interface (A0051).
	SessionsPerTarget bool

	// UniqueVNIs refuses a VNI that another session of the account has (A0052).
	UniqueVNIs bool
}

// byName returns the readings as whoever starts an emulator names them.
func (r *Readings) byName() map[string]*bool {
	return map[string]*bool{
		"attached-sources":         &r.AttachedSources,
		"load-balancer-sources":    &r.LoadBalancerSources,
		"repeated-session-numbers": &r.RepeatedSessionNumbers,
		"rules-per-direction":      &r.RulesPerDirection,
		"sessions-per-target":      &r.SessionsPerTarget,
		"unique-vnis":              &r.UniqueVNIs,
	}
}

// ReadingNames lists the names that Set takes.
func ReadingNames() []string { return slices.Sorted(maps.Keys(new(Readings).byName())) }

// Set chooses the reading of that name.
func (r *Readings) Set(name string) error {
	chosen, known := r.byName()[name]
	if !known {
		return fmt.Errorf("there is no reading %q: write one of %s", name, strings.Join(ReadingNames(), ", "))
	}
	*chosen = true
	return nil
}

// checkAttached refuses a source without an instance where the reading is that EC2
// does. What a requester manages is attached to something of the requester's.
func (t *tx) checkAttached(v networkInterface) error {
	if !t.readings.AttachedSources || v.InstanceID != "" || v.RequesterManaged {
		return nil
	}
	return unsupportedSource(v, "must be attached to a supported instance")
}

// isBalancingSource reports whether the interfaces that a requester manages can be
// mirrored although they are those of a load balancer.
func (t *tx) isBalancingSource(requesterID string) bool {
	return t.readings.LoadBalancerSources && requesterID == balancingRequester
}

// quotaPlace is the key of the rules that the quota counts together with one: those
// of its filter, or of one direction of it.
func (t *tx) quotaPlace(v mirror.Rule) []string {
	if t.readings.RulesPerDirection {
		return []string{v.FilterID, string(v.Direction)}
	}
	return []string{v.FilterID}
}

// checkNetwork refuses a VNI that another session has, where the reading is that
// EC2 does. A session that had it before keeps it.
func (t *tx) checkNetwork(v, before mirror.Session) error {
	vni, had := v.VirtualNetworkID, before.VirtualNetworkID
	if !t.readings.UniqueVNIs || vni == nil || had != nil && *had == *vni {
		return nil
	}
	user := sessionsByNetwork.firstBelow(t, numberKey(*vni))
	if user == "" {
		return nil
	}
	return query.Refuse("InvalidParameterValue", "Virtual network ID %d is already being used by %s", *vni, user)
}
