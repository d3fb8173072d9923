// Package topology reads two files. The topology file lists what exists in the
// emulated account: networks, interfaces, instances, load balancers and
// endpoints. mirror.json describes an interface and its mirror sessions for a
// simulation. Both are read strictly: every error names the path of the wrong
// value. The package neither emulates nor simulates.
//
// The formats are described in docs/guides/emulator.md and docs/guides/simulate.md.
package topology

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/regularfile"
)

// DefaultAccountID is the account of a topology without account_id.
const DefaultAccountID = "123456789012"

// File is the content of a topology file.
type File struct {
	AccountID                    string                        `json:"account_id,omitempty"`
	Region                       string                        `json:"region,omitempty"` // in which the objects exist; "": in each
	VPCs                         []VPC                         `json:"vpcs,omitempty"`
	Subnets                      []Subnet                      `json:"subnets,omitempty"`
	Instances                    []Instance                    `json:"instances,omitempty"`
	NetworkInterfaces            []mirror.Interface            `json:"network_interfaces,omitempty"`
	NetworkLoadBalancers         []NetworkLoadBalancer         `json:"network_load_balancers,omitempty"`
	GatewayLoadBalancerEndpoints []GatewayLoadBalancerEndpoint `json:"gateway_load_balancer_endpoints,omitempty"`
	SharedTargets                []mirror.Target               `json:"shared_targets,omitempty"`   // of other accounts
	ForeignSessions              []mirror.Session              `json:"foreign_sessions,omitempty"` // of other accounts, on targets of this account

	// What an export of an account has besides.
	SecurityGroups     []mirror.SecurityGroup     `json:"security_groups,omitempty"`
	NetworkACLs        []mirror.NetworkACL        `json:"network_acls,omitempty"`
	InternetGateways   []mirror.InternetGateway   `json:"internet_gateways,omitempty"`
	RouteTables        []mirror.RouteTable        `json:"route_tables,omitempty"`
	PeeringConnections []mirror.PeeringConnection `json:"vpc_peering_connections,omitempty"`
	PrefixLists        []mirror.PrefixList        `json:"prefix_lists,omitempty"`
	LoadBalancers      []mirror.LoadBalancer      `json:"load_balancers,omitempty"` // in full; network_load_balancers has the short form
	TargetGroups       []mirror.TargetGroup       `json:"target_groups,omitempty"`
	EndpointServices   []mirror.EndpointService   `json:"vpc_endpoint_services,omitempty"`
	Targets            []TaggedTarget             `json:"traffic_mirror_targets,omitempty"`
	Filters            []TaggedFilter             `json:"traffic_mirror_filters,omitempty"`
	Sessions           []TaggedSession            `json:"traffic_mirror_sessions,omitempty"`

	NotRead    []string `json:"not_read,omitempty"`    // the lists that an export could not read, or not to the end: what else they would have is unknown
	PartlyRead []string `json:"partly_read,omitempty"` // the lists that have every object, but not all of each
}

// TaggedTarget is a target of this account, with its tags.
type TaggedTarget struct {
	mirror.Target
	Tags map[string]string `json:"tags,omitempty"`
}

// TaggedFilter is a filter with its rules, and its tags. RuleTags are by the ID of a rule.
type TaggedFilter struct {
	mirror.Filter
	Tags     map[string]string            `json:"tags,omitempty"`
	RuleTags map[string]map[string]string `json:"rule_tags,omitempty"`
}

// TaggedSession is a session of this account, with its tags.
type TaggedSession struct {
	mirror.Session
	Tags map[string]string `json:"tags,omitempty"`
}

// Instance is an EC2 instance.
type Instance struct {
	ID                 string            `json:"id"`
	InstanceType       string            `json:"instance_type,omitempty"`
	State              string            `json:"state,omitempty"`
	ImageID            string            `json:"image_id,omitempty"`
	AvailabilityZone   string            `json:"availability_zone,omitempty"` // of an instance without a primary interface
	KeyName            string            `json:"key_name,omitempty"`
	IAMInstanceProfile string            `json:"iam_instance_profile,omitempty"` // the ARN
	LaunchTime         time.Time         `json:"launch_time,omitzero"`
	Tags               map[string]string `json:"tags,omitempty"`

	// What is not in the file stays as it is in the store.
	DetailedMonitoring *bool            `json:"detailed_monitoring,omitempty"`
	EBSOptimized       *bool            `json:"ebs_optimized,omitempty"`
	MetadataOptions    *MetadataOptions `json:"metadata_options,omitempty"`
}

// MetadataOptions are how an instance reaches its metadata. What is empty is the default.
type MetadataOptions struct {
	HTTPTokens   string `json:"http_tokens,omitempty"` // optional or required
	HopLimit     int    `json:"http_put_response_hop_limit,omitempty"`
	HTTPEndpoint string `json:"http_endpoint,omitempty"` // this and the following: enabled or disabled
	HTTPIPv6     string `json:"http_protocol_ipv6,omitempty"`
	MetadataTags string `json:"instance_metadata_tags,omitempty"`
}

// Appliance is registered in a target group of a load balancer.
type Appliance struct {
	IPAddress netip.Addr `json:"ip_address"`
}

// Addresses returns the addresses of appliances; nil if the appliances are unknown.
func Addresses(appliances []Appliance) []netip.Addr {
	if appliances == nil {
		return nil
	}
	addresses := make([]netip.Addr, len(appliances))
	for i, a := range appliances {
		addresses[i] = a.IPAddress
	}
	return addresses
}

// NetworkLoadBalancer can back a target. It needs a listener on UDP port 4789.
type NetworkLoadBalancer struct {
	ARN          string      `json:"arn"`
	SubnetID     string      `json:"subnet_id,omitempty"`
	IPAddress    netip.Addr  `json:"ip_address,omitzero"`
	UDPListeners []int       `json:"udp_listeners,omitzero"` // nil: unknown, which is not the same as none
	Appliances   []Appliance `json:"appliances,omitzero"`    // nil: unknown
}

// GatewayLoadBalancerEndpoint is a VPC endpoint that leads to a Gateway Load
// Balancer.
type GatewayLoadBalancerEndpoint struct {
	ID          string            `json:"id"`
	VPCID       string            `json:"vpc_id,omitempty"`
	SubnetID    string            `json:"subnet_id,omitempty"`
	IPAddress   netip.Addr        `json:"ip_address,omitzero"`
	InterfaceID string            `json:"network_interface_id,omitempty"` // with its address; "": one that is made
	Appliances  []Appliance       `json:"appliances,omitzero"`            // nil: unknown, unless an endpoint service of the file leads to them
	ServiceName string            `json:"service_name,omitempty"`
	State       string            `json:"state,omitempty"` // such as available or pendingAcceptance; "": available
	Tags        map[string]string `json:"tags,omitempty"`
}

// Load reads the topology file at path.
func Load(ctx context.Context, path string) (*File, error) {
	text, err := regularfile.ReadAll(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("reading the topology: %w", err)
	}
	f, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("topology %s: %w", path, err)
	}
	return f, nil
}

// Parse reads a topology file. It fills in a missing account, and a missing type
// of an interface.
func Parse(text []byte) (*File, error) {
	f := &File{}
	if err := decode(text, f); err != nil {
		return nil, err
	}
	if f.AccountID == "" {
		f.AccountID = DefaultAccountID
	}
	for i := range f.NetworkInterfaces {
		if f.NetworkInterfaces[i].Type == "" {
			f.NetworkInterfaces[i].Type = "interface"
		}
	}
	if err := f.validate(); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *File) validate() error {
	if !mirror.AccountIDs.MatchString(f.AccountID) {
		return fmt.Errorf("account_id is %q: write twelve digits", f.AccountID)
	}
	if f.Region != "" && !regionName.MatchString(f.Region) {
		return fmt.Errorf("region is %q: write the name of a Region, such as eu-west-1, or leave it out", f.Region)
	}
	seen := map[string]string{}
	for _, list := range f.ids() {
		for i, id := range list.ids {
			at := fmt.Sprintf("%s[%d].id", list.path, i)
			if ps := list.kind.Check(at, id); ps != nil {
				return ps
			}
			if first, twice := seen[id]; twice {
				return fmt.Errorf("%s is %q, as is %s: give each an ID of its own", at, id, first)
			}
			seen[id] = at
		}
	}
	return cmp.Or(f.validateNetworks(), f.validateDefaults(), f.validateInstances(), f.validateInterfaces(), f.validateAttachments(), f.validateLoadBalancers(),
		f.validateTargets(), f.validateNetworkParts(), f.validateBalancing(), f.validateMirror(), f.checkConsistency())
}

// checkPrefixes checks the prefixes of an address family that are delegated to an
// interface.
func checkPrefixes(at string, prefixes []netip.Prefix, ipv4 bool) mirror.Problems {
	for i, p := range prefixes {
		problem := mirror.Problem{Kind: mirror.Invalid, Field: fmt.Sprintf("%s[%d]", at, i)}
		switch {
		case p.Addr().Is4() != ipv4:
			problem.Wrong = fmt.Sprintf("is %s, of the other address family", p)
			problem.Fix = "Write IPv4 in ipv4_prefixes and IPv6 in ipv6_prefixes."
		case p != p.Masked():
			problem.Wrong = fmt.Sprintf("is %s, which has bits set after the prefix length", p)
			problem.Fix = fmt.Sprintf("Write %s.", p.Masked())
		default:
			continue
		}
		return mirror.Problems{problem}
	}
	return nil
}

// checkReference checks the form of an optional ID. The object may be missing in
// the file: it may already exist in the account.
func checkReference(at string, kind mirror.Kind, id string) error {
	if id == "" {
		return nil
	}
	return kind.Check(at, id).Err()
}

func (f *File) validateInstances() error {
	for i, v := range f.Instances {
		at := fmt.Sprintf("instances[%d]", i)
		if err := checkReference(at+".image_id", mirror.KindImage, v.ImageID); err != nil {
			return err
		}
		if v.IAMInstanceProfile != "" && !profileARN.MatchString(v.IAMInstanceProfile) {
			return fmt.Errorf("%s.iam_instance_profile is %q: write the ARN of an instance profile", at, v.IAMInstanceProfile)
		}
		if err := checkMetadataOptions(at+".metadata_options", v.MetadataOptions); err != nil {
			return err
		}
	}
	return nil
}

// maxHopLimit is the largest hop limit of the answers of the metadata service
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsRequest.html).
const maxHopLimit = 64

func checkMetadataOptions(at string, m *MetadataOptions) error {
	if m == nil {
		return nil
	}
	if m.HopLimit < 0 || m.HopLimit > maxHopLimit {
		return fmt.Errorf("%s.http_put_response_hop_limit is %d: write a number from 1 to %d", at, m.HopLimit, maxHopLimit)
	}
	return cmp.Or(
		checkWord(at+".http_tokens", m.HTTPTokens, "optional", "required"), checkWord(at+".http_endpoint", m.HTTPEndpoint, "enabled", "disabled"),
		checkWord(at+".http_protocol_ipv6", m.HTTPIPv6, "enabled", "disabled"), checkWord(at+".instance_metadata_tags", m.MetadataTags, "enabled", "disabled"),
	)
}

// profileARN is the form of the ARN of an instance profile
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html).
var profileARN = regexp.MustCompile(`^arn:[^:]+:iam::[0-9]{12}:instance-profile/.+$`)

func (f *File) validateInterfaces() error {
	for i, v := range f.NetworkInterfaces {
		at := fmt.Sprintf("network_interfaces[%d]", i)
		if v.MTU != 0 && v.MTU < mirror.LeastMTU {
			return fmt.Errorf("%s.mtu is %d: write bytes, %d or more, %d for jumbo frames", at, v.MTU, mirror.LeastMTU, mirror.DefaultMTU)
		}
		err := cmp.Or(checkFamily(at+".private_ip_address", v.PrivateIPAddress, true), checkFamilies(at+".private_ip_addresses", v.PrivateIPAddresses, true),
			checkFamilies(at+".ipv6_addresses", v.IPv6Addresses, false), checkPrefixes(at+".ipv4_prefixes", v.IPv4Prefixes, true).Err(), checkPrefixes(at+".ipv6_prefixes", v.IPv6Prefixes, false).Err(),
			checkReference(at+".subnet_id", mirror.KindSubnet, v.SubnetID), checkReference(at+".instance_id", mirror.KindInstance, v.InstanceID))
		if err != nil {
			return err
		}
	}
	return nil
}

func checkFamilies(at string, addresses []netip.Addr, ipv4 bool) error {
	for i, a := range addresses {
		if err := checkFamily(fmt.Sprintf("%s[%d]", at, i), a, ipv4); err != nil {
			return err
		}
	}
	return nil
}

// checkFamily refuses an address of the other family, and IPv4 in the form of IPv6.
func checkFamily(at string, a netip.Addr, ipv4 bool) error {
	switch {
	case !a.IsValid() || a.Is4() && ipv4 || a.Is6() && !a.Is4In6() && !ipv4:
		return nil
	case ipv4:
		return fmt.Errorf("%s is %s: write an IPv4 address such as 10.0.1.10", at, a)
	}
	return fmt.Errorf("%s is %s: write an IPv6 address such as 2001:db8::10", at, a)
}

func (f *File) validateLoadBalancers() error {
	first := map[string]int{}
	for i, b := range f.NetworkLoadBalancers {
		at := fmt.Sprintf("network_load_balancers[%d]", i)
		if err := mirror.CheckLoadBalancerARN(at+".arn", b.ARN).Err(); err != nil {
			return err
		}
		if before, twice := first[b.ARN]; twice {
			return fmt.Errorf("%s.arn is that of network_load_balancers[%d] too: write each load balancer once", at, before)
		}
		first[b.ARN] = i
		for j, port := range b.UDPListeners {
			if !mirror.Ports.Contains(int64(port)) {
				return fmt.Errorf("%s.udp_listeners[%d] is %d: write a port from %s", at, j, port, mirror.Ports)
			}
		}
	}
	return nil
}

func (f *File) validateTargets() error {
	for i, t := range f.SharedTargets {
		if err := f.checkForeign(fmt.Sprintf("shared_targets[%d]", i), t.OwnerID, t.Validate()); err != nil {
			return err
		}
	}
	for i, s := range f.ForeignSessions {
		at := fmt.Sprintf("foreign_sessions[%d]", i)
		if err := f.checkForeign(at, s.OwnerID, s.Validate()); err != nil {
			return err
		}
		if s.VirtualNetworkID == nil {
			return fmt.Errorf("%s.virtual_network_id is missing: write a whole number from %s", at, mirror.VirtualNetworkIDs)
		}
	}
	return nil
}

// checkForeign checks that an object belongs to another account.
func (f *File) checkForeign(at, owner string, ps mirror.Problems) error {
	if !mirror.AccountIDs.MatchString(owner) || owner == f.AccountID {
		return fmt.Errorf("%s.owner_id is %q: write the twelve digits of another account", at, owner)
	}
	if err := ps.Err(); err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	return nil
}

type idList struct {
	path string
	kind mirror.Kind
	ids  []string
}

func (f *File) ids() []idList {
	return []idList{
		{"vpcs", mirror.KindVPC, idsOf(f.VPCs, func(v VPC) string { return v.ID })},
		{"subnets", mirror.KindSubnet, idsOf(f.Subnets, func(s Subnet) string { return s.ID })},
		{"instances", mirror.KindInstance, idsOf(f.Instances, func(i Instance) string { return i.ID })},
		{"network_interfaces", mirror.KindInterface, idsOf(f.NetworkInterfaces, func(i mirror.Interface) string { return i.ID })},
		{"gateway_load_balancer_endpoints", mirror.KindEndpoint, idsOf(f.GatewayLoadBalancerEndpoints, func(e GatewayLoadBalancerEndpoint) string { return e.ID })},
		{"vpc_endpoint_services", mirror.KindEndpointService, idsOf(f.EndpointServices, func(s mirror.EndpointService) string { return s.ID })},
		{"shared_targets", mirror.KindTarget, idsOf(f.SharedTargets, func(t mirror.Target) string { return t.ID })},
		{"foreign_sessions", mirror.KindSession, idsOf(f.ForeignSessions, func(s mirror.Session) string { return s.ID })},
		{"security_groups", mirror.KindGroup, idsOf(f.SecurityGroups, func(g mirror.SecurityGroup) string { return g.ID })},
		{"network_acls", mirror.KindNetworkACL, idsOf(f.NetworkACLs, func(a mirror.NetworkACL) string { return a.ID })},
		{"internet_gateways", mirror.KindInternetGateway, idsOf(f.InternetGateways, func(g mirror.InternetGateway) string { return g.ID })},
		{"route_tables", mirror.KindRouteTable, idsOf(f.RouteTables, func(r mirror.RouteTable) string { return r.ID })},
		{"vpc_peering_connections", mirror.KindPeering, idsOf(f.PeeringConnections, func(p mirror.PeeringConnection) string { return p.ID })},
		{"prefix_lists", mirror.KindPrefixList, idsOf(f.PrefixLists, func(l mirror.PrefixList) string { return l.ID })},
		{"traffic_mirror_targets", mirror.KindTarget, idsOf(f.Targets, func(t TaggedTarget) string { return t.ID })},
		{"traffic_mirror_filters", mirror.KindFilter, idsOf(f.Filters, func(f TaggedFilter) string { return f.ID })},
		{"traffic_mirror_sessions", mirror.KindSession, idsOf(f.Sessions, func(s TaggedSession) string { return s.ID })},
	}
}

func idsOf[T any](items []T, id func(T) string) []string {
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = id(item)
	}
	return ids
}
