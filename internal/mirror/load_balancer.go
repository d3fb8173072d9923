package mirror

import (
	"fmt"
	"net/netip"
)

// A LoadBalancer is a load balancer of Elastic Load Balancing
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html).
// A Network Load Balancer backs a target by itself, and a Gateway Load Balancer by its endpoint.
type LoadBalancer struct {
	ARN            string             `json:"arn"`
	Name           string             `json:"name,omitempty"`
	Type           LoadBalancerType   `json:"type,omitempty"`
	Scheme         string             `json:"scheme,omitempty"` // internal or internet-facing
	State          string             `json:"state,omitempty"`  // such as "active"; "": unknown
	VPCID          string             `json:"vpc_id,omitempty"`
	IPAddressType  string             `json:"ip_address_type,omitempty"` // ipv4 or dualstack
	Zones          []LoadBalancerZone `json:"zones,omitempty"`
	SecurityGroups []string           `json:"security_groups,omitempty"`
	CrossZone      *bool              `json:"cross_zone,omitempty"` // cross-zone load balancing; nil: unknown
	Listeners      []Listener         `json:"listeners,omitzero"`   // nil: unknown, which is not the same as none
	Attributes     map[string]string  `json:"attributes,omitempty"` // by the keys of Elastic Load Balancing; those that are not the default
	Tags           map[string]string  `json:"tags,omitempty"`
}

// LoadBalancerType is the type of a load balancer.
type LoadBalancerType string

// The types of load balancer that can receive mirrored packets.
const (
	NetworkBalancer LoadBalancerType = "network"
	GatewayBalancer LoadBalancerType = "gateway"
)

// A LoadBalancerZone is an Availability Zone in which a load balancer has a node.
type LoadBalancerZone struct {
	Zone        string     `json:"availability_zone,omitempty"`
	SubnetID    string     `json:"subnet_id,omitempty"`
	InterfaceID string     `json:"network_interface_id,omitempty"`
	Address     netip.Addr `json:"ip_address,omitzero"` // not valid: unknown

	// The addresses that a client has chosen. Elastic Load Balancing shows these, and no others.
	ChosenIPv4 netip.Addr `json:"private_ipv4_address,omitzero"`
	ChosenIPv6 netip.Addr `json:"ipv6_address,omitzero"`
}

// A Listener of a load balancer.
type Listener struct {
	ARN          string            `json:"arn,omitempty"`
	Protocol     string            `json:"protocol,omitempty"` // UDP, TCP_UDP, TCP, TLS, QUIC, TCP_QUIC; GENEVE or "" for a Gateway Load Balancer
	Port         int               `json:"port,omitempty"`     // 0 for a Gateway Load Balancer
	TargetGroups []string          `json:"target_groups,omitempty"`
	Tags         map[string]string `json:"tags,omitempty"`

	Certificate    string            `json:"certificate,omitempty"` // the ARN of that of TLS
	SecurityPolicy string            `json:"security_policy,omitempty"`
	ALPN           string            `json:"alpn_policy,omitempty"`
	Attributes     map[string]string `json:"attributes,omitempty"` // those that are not the default; nil: none, or unknown
}

// Receives reports whether packets to a UDP port reach the listener.
func (l Listener) Receives(port int) bool {
	return l.Port == port && (l.Protocol == "UDP" || l.Protocol == "TCP_UDP")
}

// A TargetGroup has the appliances to which a listener sends packets
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroup.html).
type TargetGroup struct {
	ARN           string             `json:"arn"`
	Name          string             `json:"name,omitempty"`
	Protocol      string             `json:"protocol,omitempty"` // UDP, TCP_UDP, ..., GENEVE
	Port          int                `json:"port,omitempty"`
	TargetType    string             `json:"target_type,omitempty"` // instance, ip or alb
	VPCID         string             `json:"vpc_id,omitempty"`
	IPAddressType string             `json:"ip_address_type,omitempty"` // ipv4 or ipv6
	CrossZone     string             `json:"cross_zone,omitempty"`      // a value of CrossZones; "": no attribute is known
	HealthCheck   HealthCheck        `json:"health_check,omitzero"`
	Targets       []RegisteredTarget `json:"targets,omitzero"`     // nil: unknown, which is not the same as none
	Attributes    map[string]string  `json:"attributes,omitempty"` // those that are not the default
	Tags          map[string]string  `json:"tags,omitempty"`
	LoadBalancers []string           `json:"-"` // ARNs of those with a listener that forwards to it
}

// HealthCheck is how a load balancer finds out whether a registered target is healthy.
type HealthCheck struct {
	Protocol           string `json:"protocol,omitempty"` // TCP, HTTP or HTTPS
	Port               string `json:"port,omitempty"`     // a number, or traffic-port
	Path               string `json:"path,omitempty"`
	IntervalSeconds    int    `json:"interval_seconds,omitempty"`
	TimeoutSeconds     int    `json:"timeout_seconds,omitempty"`
	HealthyThreshold   int    `json:"healthy_threshold,omitempty"`
	UnhealthyThreshold int    `json:"unhealthy_threshold,omitempty"`
	Matcher            string `json:"matcher,omitempty"` // HTTP codes
}

// UseBalancerCrossZone lets the load balancer of a target group decide about cross-zone load balancing. It is the default.
const UseBalancerCrossZone = "use_load_balancer_configuration"

// CrossZones lists what a target group can say about cross-zone load balancing. That of a Gateway Load Balancer leaves it to the load balancer
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html).
var CrossZones = []string{"true", "false", UseBalancerCrossZone}

// CrossesZones reports whether each node of the load balancer sends to the targets of a group in all Availability Zones, and not only to those
// in its own. isKnown is false if it is not known.
func (lb *LoadBalancer) CrossesZones(to TargetGroup) (crosses, isKnown bool) {
	switch {
	case to.CrossZone == "true" || to.CrossZone == "false":
		return to.CrossZone == "true", true
	case to.CrossZone == "" || lb.CrossZone == nil:
		return false, false
	}
	return *lb.CrossZone, true
}

// A RegisteredTarget is an appliance in a target group. It is no target of Traffic Mirroring.
type RegisteredTarget struct {
	ID          string     `json:"id"`                             // an instance or an IP address
	Address     netip.Addr `json:"ip_address,omitzero"`            // not valid: unknown
	InterfaceID string     `json:"network_interface_id,omitempty"` // that has the address; "": unknown
	Zone        string     `json:"availability_zone,omitempty"`    // also "all"
	Port        int        `json:"port,omitempty"`
	Health      string     `json:"health,omitempty"` // a value of Healths; "": unknown
	Reason      string     `json:"reason,omitempty"` // such as Target.FailedHealthChecks
	Description string     `json:"description,omitempty"`
}

// The states of a registered target
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html).
const (
	TargetInitial           = "initial"
	TargetHealthy           = "healthy"
	TargetUnhealthy         = "unhealthy"
	TargetUnhealthyDraining = "unhealthy.draining"
	TargetUnused            = "unused"
	TargetDraining          = "draining"
	TargetUnavailable       = "unavailable"
)

// Healths lists the states of a registered target.
var Healths = []string{TargetInitial, TargetHealthy, TargetUnhealthy, TargetUnhealthyDraining, TargetUnused, TargetDraining, TargetUnavailable}

// An EndpointService is a VPC endpoint service that leads to Gateway Load Balancers
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ServiceConfiguration.html).
type EndpointService struct {
	ID                 string            `json:"id"`
	Name               string            `json:"name,omitempty"` // com.amazonaws.vpce.REGION.ID
	State              string            `json:"state,omitempty"`
	AcceptanceRequired bool              `json:"acceptance_required,omitempty"`
	GatewayBalancers   []string          `json:"gateway_load_balancer_arns,omitempty"`
	NetworkBalancers   []string          `json:"network_load_balancer_arns,omitempty"`
	AllowedPrincipals  []string          `json:"allowed_principals,omitempty"`
	Tags               map[string]string `json:"tags,omitempty"`
}

// balancingARN is the form of the ARNs of load balancers, listeners and target groups.
const balancingARN = "arn:%s:elasticloadbalancing:%s:%s:%s"

// BalancingARN returns the ARN of an object of Elastic Load Balancing, such as
// "targetgroup/NAME/ID".
func BalancingARN(partition, region, account, resource string) string {
	return fmt.Sprintf(balancingARN, partition, region, account, resource)
}
