package emulator

import (
	"iter"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// loadBalancer is a load balancer with what Elastic Load Balancing describes and mirroring does not
// need. Its listeners and tags are in collections of their own. Attributes has those that a client or
// a topology has set.
type loadBalancer struct {
	mirror.LoadBalancer
	Created          time.Time `json:"created_time,omitzero"`
	UnknownListeners bool      `json:"unknown_listeners,omitempty"`     // a topology does not say which there are
	TargetGroups     []string  `json:"target_groups,omitempty"`         // that have its appliances, without a known listener
	PrivateLinkRules string    `json:"private_link_rules,omitempty"`    // whether security groups apply to PrivateLink: on or off
	SourceNAT        string    `json:"prefix_for_source_nat,omitempty"` // on or off

	// What programs before wrote in place of the others: the short form of a topology.
	SubnetID     string               `json:"subnet_id,omitempty"`
	IPAddress    netip.Addr           `json:"ip_address,omitzero"`
	UDPListeners []int                `json:"udp_listeners,omitzero"`
	Appliances   []topology.Appliance `json:"appliances,omitzero"`
}

// The states, schemes and IP address types of a load balancer.
const (
	balancerActive = "active"
	internalScheme = "internal"
	internetScheme = "internet-facing"
	ipv4Only       = "ipv4"
	dualStack      = "dualstack"
)

const balancerResource = "loadbalancer"

// needBalancer returns a load balancer, or the error of Elastic Load Balancing for one that does not
// exist.
func needBalancer(t *tx, arn string) (loadBalancer, error) {
	v, ok := loadBalancers.get(t, arn)
	if !ok && t.err == nil {
		return v, query.Refuse("LoadBalancerNotFound", "Load balancer '%s' not found", arn)
	}
	return v, t.err
}

// balancerNamed returns the ARN of the load balancer with a name, "" if there is none.
func balancerNamed(t *tx, name string) string { return balancersByName.firstBelow(t, name) }

func describeLoadBalancers(q *query.Query) operation {
	l := q.Markers()
	arns := readBalancingARNs(q, "LoadBalancerArns", balancerResource, 20)
	names := q.Texts("Names")
	refuseMany(q, "Names", names, 20)
	if len(arns) > 0 && len(names) > 0 {
		q.Fail(query.Refuse("ValidationError", "Load balancer names and load balancer ARNs cannot be specified at the same time"))
	}
	return func(t *tx, x *query.Writer) error {
		arns := slices.Clone(arns)
		for _, name := range names {
			arns = append(arns, balancerNamed(t, name))
		}
		for _, arn := range arns {
			if !loadBalancers.has(t, arn) {
				return query.Refuse("LoadBalancerNotFound", "One or more load balancers not found")
			}
		}
		writeBalancingPage(t, x, l, "LoadBalancers", loadBalancers, arns, func(v loadBalancer) { writeBalancer(t, x, v) })
		return t.err
	}
}

// writeBalancingPage writes a page of a collection, or of those of its objects that the ARNs name.
func writeBalancingPage[T any](t *tx, x *query.Writer, l query.Listing, set string, of *collection[T], arns []string, write func(T)) {
	ids := idsAfter(t, of.bucket, l.After)
	if arns != nil {
		ids = sortedAfter(arns, l.After)
	}
	query.WritePage(x, l, set, objects(t, of, ids), func(T) bool { return true }, write)
}

// objects yields the objects of a collection that have the IDs.
func objects[T any](t *tx, of *collection[T], ids iter.Seq[string]) iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for id := range ids {
			if v, ok := of.get(t, id); ok && !yield(id, v) {
				return
			}
		}
	}
}

func writeBalancer(t *tx, x *query.Writer, v loadBalancer) {
	x.Text("LoadBalancerArn", v.ARN)
	x.Text("LoadBalancerName", v.Name)
	x.Text("Type", string(v.Type))
	if v.Type == mirror.NetworkBalancer {
		x.Text("DNSName", v.hostname(t))
		x.Text("CanonicalHostedZoneId", hostedZone(t.region))
		x.OptText("Scheme", v.Scheme)
		x.Text("EnablePrefixForIpv6SourceNat", v.sourceNAT())
	}
	x.Text("CreatedTime", v.created().Format(time.RFC3339Nano))
	x.OptText("VpcId", v.VPCID)
	x.OptText("IpAddressType", v.IPAddressType)
	if v.State != "" {
		x.In("State", func() { x.Text("Code", v.State) })
	}
	if len(v.SecurityGroups) > 0 {
		x.Texts("SecurityGroups", v.SecurityGroups)
		x.Text("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", v.privateLinkRules())
	}
	writeBalancerZones(x, v)
}

// addressText returns an address as text, "" if there is none.
func addressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// writeBalancerZones writes an address only where a client chose it, as Elastic Load Balancing does.
// The interfaces have all addresses.
func writeBalancerZones(x *query.Writer, v loadBalancer) {
	query.List(x, "AvailabilityZones", v.Zones, func(z mirror.LoadBalancerZone) {
		x.OptText("ZoneName", z.Zone)
		x.OptText("SubnetId", z.SubnetID)
		x.In("LoadBalancerAddresses", func() {
			if z.ChosenIPv4.IsValid() || z.ChosenIPv6.IsValid() {
				x.In("member", func() {
					x.OptText("PrivateIPv4Address", addressText(z.ChosenIPv4))
					x.OptText("IPv6Address", addressText(z.ChosenIPv6))
				})
			}
		})
	})
}

// path returns net/NAME/ID or gwy/NAME/ID.
func (v loadBalancer) path() string {
	_, path, _ := strings.Cut(v.ARN, ":"+balancerResource+"/")
	return path
}

// hostname returns the DNS name. No server resolves it (A0206).
func (v loadBalancer) hostname(t *tx) string {
	name, id, _ := strings.Cut(strings.TrimPrefix(v.path(), "net/"), "/")
	return name + "-" + id + ".elb." + t.region + "." + domainOf(t.region)
}

func domainOf(region string) string {
	if mirror.PartitionOf(region) == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// hostedZone returns an ID that has the form of those of Route 53. AWS has others (A0206).
func hostedZone(region string) string {
	return strings.ToUpper(derivedID("Z", "elb "+region)[:14])
}

// created returns the time of creation. A topology does not have it (A0203).
func (v loadBalancer) created() time.Time {
	if v.Created.IsZero() {
		return time.Unix(0, 0).UTC()
	}
	return v.Created.UTC()
}

func (v loadBalancer) sourceNAT() string {
	if v.SourceNAT == "" {
		return "off"
	}
	return v.SourceNAT
}

func (v loadBalancer) privateLinkRules() string {
	if v.PrivateLinkRules == "" {
		return "on"
	}
	return v.PrivateLinkRules
}

// subnets returns the IDs of its subnets, in order.
func (v loadBalancer) subnets() []string {
	ids := map[string]bool{}
	for _, z := range v.Zones {
		ids[z.SubnetID] = true
	}
	return slices.Sorted(maps.Keys(ids))
}
