package emulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Variants choose another behavior where EC2 documents nothing and two behaviors are
// plausible. The zero value is the behavior in docs/guides/assumptions.md.
type Variants struct {
	// AttachedSources refuses a source that is attached to no instance (A0061).
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

// byName returns the variants by the names of the flag and of the provider block.
func (r *Variants) byName() map[string]*bool {
	return map[string]*bool{
		"attached-sources":         &r.AttachedSources,
		"load-balancer-sources":    &r.LoadBalancerSources,
		"repeated-session-numbers": &r.RepeatedSessionNumbers,
		"rules-per-direction":      &r.RulesPerDirection,
		"sessions-per-target":      &r.SessionsPerTarget,
		"unique-vnis":              &r.UniqueVNIs,
	}
}

// VariantNames lists the names that Set takes.
func VariantNames() []string { return slices.Sorted(maps.Keys(new(Variants).byName())) }

// Set chooses the variant with a name.
func (r *Variants) Set(name string) error {
	chosen, known := r.byName()[name]
	if !known {
		return fmt.Errorf("there is no variant %q: write one of %s", name, strings.Join(VariantNames(), ", "))
	}
	*chosen = true
	return nil
}

// checkAttached refuses a source without an instance in the variant in which EC2 does.
// An interface that a requester manages is attached to a resource of the requester.
func checkAttached(t *tx, v networkInterface) error {
	if !t.variants.AttachedSources || v.InstanceID != "" || v.RequesterManaged {
		return nil
	}
	return unsupportedSource(v, "must be attached to a supported instance")
}

// isBalancingSource reports whether the interfaces of a requester are those of load
// balancers, and can be mirrored all the same.
func isBalancingSource(t *tx, requesterID string) bool {
	return t.variants.LoadBalancerSources && requesterID == mirror.BalancingRequester
}

// quotaPlace returns the key of the rules that the quota counts together with a rule:
// those of its filter, or only those of its direction.
func quotaPlace(t *tx, v mirror.Rule) []string {
	if t.variants.RulesPerDirection {
		return []string{v.FilterID, string(v.Direction)}
	}
	return []string{v.FilterID}
}

// checkNetwork refuses a VNI that another session has, in the variant in which EC2 does.
// A session that had it before keeps it.
func checkNetwork(t *tx, v, before mirror.Session) error {
	vni, had := v.VirtualNetworkID, before.VirtualNetworkID
	if !t.variants.UniqueVNIs || vni == nil || had != nil && *had == *vni {
		return nil
	}
	user := sessionsByNetwork.firstBelow(t, numberKey(*vni))
	if user == "" {
		return nil
	}
	return query.Refuse("InvalidParameterValue", "Virtual network ID %d is already being used by %s", *vni, user)
}
