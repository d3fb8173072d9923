package mirror

import "net/netip"

// A SecurityGroup lets packets pass that one of its rules allows
// (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html).
type SecurityGroup struct {
	ID          string              `json:"id"`
	VPCID       string              `json:"vpc_id,omitempty"`
	OwnerID     string              `json:"owner_id,omitempty"`
	Name        string              `json:"name,omitempty"`
	Description string              `json:"description,omitempty"`
	Rules       []SecurityGroupRule `json:"rules,omitempty"`
	Tags        map[string]string   `json:"tags,omitempty"`
}

// A SecurityGroupRule allows packets. It has exactly one of CIDR, GroupID and PrefixListID.
type SecurityGroupRule struct {
	ID           string            `json:"id,omitempty"`
	Direction    Direction         `json:"direction"`
	Protocol     int               `json:"protocol"`  // AllProtocols: every one
	FromPort     int               `json:"from_port"` // of ICMP: the type; AnyPort: every one
	ToPort       int               `json:"to_port"`   // of ICMP: the code
	CIDR         netip.Prefix      `json:"cidr_block,omitzero"`
	GroupID      string            `json:"security_group_id,omitempty"`
	PrefixListID string            `json:"prefix_list_id,omitempty"`
	Description  string            `json:"description,omitempty"`
	Tags         map[string]string `json:"tags,omitempty"`
}

// What matches every protocol and every port, as EC2 writes it.
const (
	AllProtocols = -1
	AnyPort      = -1
)

// A NetworkACL decides about packets that enter or leave a subnet
// (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html).
type NetworkACL struct {
	ID      string            `json:"id"`
	VPCID   string            `json:"vpc_id,omitempty"`
	Default bool              `json:"default,omitempty"`
	Entries []NetworkACLEntry `json:"entries,omitempty"` // in the order of direction and number
	Subnets []string          `json:"subnet_ids,omitempty"`
	Tags    map[string]string `json:"tags,omitempty"`

	Associations map[string]string `json:"association_ids,omitempty"` // by the ID of a subnet
}

// A NetworkACLEntry is a rule of a network ACL. The entry with the lowest number that matches
// decides.
type NetworkACLEntry struct {
	Number   int          `json:"rule_number"` // 32767 and 32768: the last entries, which deny
	Egress   bool         `json:"egress,omitempty"`
	Allow    bool         `json:"allow,omitempty"`
	Protocol int          `json:"protocol"` // AllProtocols: every one
	CIDR     netip.Prefix `json:"cidr_block"`
	FromPort int          `json:"from_port"` // AnyPort: every one
	ToPort   int          `json:"to_port"`
	ICMPType *int         `json:"icmp_type,omitempty"`
	ICMPCode *int         `json:"icmp_code,omitempty"`
}

// A RouteTable decides where packets go that leave the subnets associated with it
// (https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html).
type RouteTable struct {
	ID      string            `json:"id"`
	VPCID   string            `json:"vpc_id,omitempty"`
	Main    bool              `json:"main,omitempty"` // for the subnets that no table names
	Subnets []string          `json:"subnet_ids,omitempty"`
	Routes  []Route           `json:"routes,omitempty"`
	Tags    map[string]string `json:"tags,omitempty"`

	Gateways     []string          `json:"gateway_ids,omitempty"`     // to which the table says where packets go that come in by them
	Associations map[string]string `json:"association_ids,omitempty"` // by the ID of a subnet or a gateway; that of the main table by the ID of its VPC
}

// An InternetGateway joins a VPC to the internet
// (https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html).
type InternetGateway struct {
	ID    string            `json:"id"`
	VPCID string            `json:"vpc_id,omitempty"` // "": it is not attached
	Tags  map[string]string `json:"tags,omitempty"`
}

// A Route leads packets to a destination. The longest prefix that has the destination decides.
type Route struct {
	Destination  netip.Prefix `json:"destination_cidr_block,omitzero"`
	PrefixListID string       `json:"destination_prefix_list_id,omitempty"` // in place of Destination
	Target       string       `json:"target"`                               // "local", or the ID of a gateway, connection, interface or endpoint
	State        string       `json:"state,omitempty"`                      // active or blackhole
	Origin       string       `json:"origin,omitempty"`                     // CreateRouteTable, CreateRoute or EnableVgwRoutePropagation
}

// What a route can have as its target, as its state and as its origin.
const (
	LocalRoute      = "local"
	ActiveRoute     = "active"
	BlackholeRoute  = "blackhole"
	PropagatedRoute = "EnableVgwRoutePropagation" // from a virtual private gateway
)

// A PrefixList has CIDR blocks to which rules and routes refer
// (https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html).
type PrefixList struct {
	ID      string            `json:"id"`
	Name    string            `json:"name,omitempty"`
	OwnerID string            `json:"owner_id,omitempty"`
	Entries []PrefixListEntry `json:"entries,omitempty"`
	Tags    map[string]string `json:"tags,omitempty"`
}

// A PrefixListEntry is a CIDR block of a prefix list.
type PrefixListEntry struct {
	CIDR        netip.Prefix `json:"cidr_block"`
	Description string       `json:"description,omitempty"`
}

// A PeeringConnection joins two VPCs
// (https://docs.aws.amazon.com/vpc/latest/peering/what-is-vpc-peering.html).
type PeeringConnection struct {
	ID        string            `json:"id"`
	Requester PeeredVPC         `json:"requester"`
	Accepter  PeeredVPC         `json:"accepter"`
	State     string            `json:"state,omitempty"` // such as active or pending-acceptance
	Tags      map[string]string `json:"tags,omitempty"`

	// Whether the DNS names of the VPC mean private addresses in the other one; nil: unknown.
	RequesterDNS *bool `json:"requester_dns_resolution,omitempty"`
	AccepterDNS  *bool `json:"accepter_dns_resolution,omitempty"`
}

// A PeeredVPC is a VPC of a peering connection.
type PeeredVPC struct {
	VPCID   string         `json:"vpc_id"`
	OwnerID string         `json:"owner_id,omitempty"`
	Region  string         `json:"region,omitempty"`
	CIDRs   []netip.Prefix `json:"cidr_blocks,omitempty"`
}
