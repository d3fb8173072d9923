package mirror

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// Target is where sessions send their copies. Exactly one of the three backing
// resources is set.
type Target struct {
	ID                            string `json:"id,omitempty"`
	OwnerID                       string `json:"owner_id,omitempty"`
	InterfaceID                   string `json:"network_interface_id,omitempty"`
	LoadBalancerARN               string `json:"network_load_balancer_arn,omitempty"`
	GatewayLoadBalancerEndpointID string `json:"gateway_load_balancer_endpoint_id,omitempty"`
	Description                   string `json:"description,omitempty"`
}

// Type returns the type of the backing resource, or "" if there is none.
func (t Target) Type() TargetType {
	switch {
	case t.InterfaceID != "":
		return NetworkInterface
	case t.LoadBalancerARN != "":
		return NetworkLoadBalancer
	case t.GatewayLoadBalancerEndpointID != "":
		return GatewayLoadBalancerEndpoint
	}
	return ""
}

// Backing returns the ID or the ARN of the backing resource.
func (t Target) Backing() string {
	switch t.Type() {
	case NetworkInterface:
		return t.InterfaceID
	case NetworkLoadBalancer:
		return t.LoadBalancerARN
	}
	return t.GatewayLoadBalancerEndpointID
}

// TargetBackings has the names of the arguments for the backing resource of a target.
var TargetBackings = []string{"network_interface_id", "network_load_balancer_arn", "gateway_load_balancer_endpoint_id"}

// Validate checks the target.
func (t Target) Validate() Problems {
	var set []string
	var ps Problems
	if t.InterfaceID != "" {
		set = append(set, TargetBackings[0])
		ps = append(ps, KindInterface.Check(TargetBackings[0], t.InterfaceID)...)
	}
	if t.LoadBalancerARN != "" {
		set = append(set, TargetBackings[1])
		ps = append(ps, CheckLoadBalancerARN(TargetBackings[1], t.LoadBalancerARN)...)
	}
	if t.GatewayLoadBalancerEndpointID != "" {
		set = append(set, TargetBackings[2])
		ps = append(ps, KindEndpoint.Check(TargetBackings[2], t.GatewayLoadBalancerEndpointID)...)
	}
	const fix = "Set exactly one of network_interface_id, network_load_balancer_arn and gateway_load_balancer_endpoint_id."
	switch len(set) {
	case 0:
		ps = append(ps, Problem{Kind: Missing, With: TargetBackings, Wrong: "the target has no network interface, load balancer or endpoint", Fix: fix})
	case 1:
	default:
		ps = append(ps, Problem{
			Kind: Conflict, Field: set[1], With: set, Wrong: "is set together with " + strings.Join(slices.Delete(slices.Clone(set), 1, 2), " and "), Fix: fix,
		})
	}
	return append(ps, checkText("description", t.Description)...)
}

// loadBalancerARN is the ARN of an Elastic Load Balancing v2 load balancer
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html).
var loadBalancerARN = regexp.MustCompile(`^arn:aws[a-z-]*:elasticloadbalancing:([a-z0-9-]+):([0-9]{12}):loadbalancer/(net|app|gwy)/([A-Za-z0-9-]{1,32})/([0-9a-f]{16})$`)

// CheckLoadBalancerARN returns a problem unless arn is that of a Network Load
// Balancer.
func CheckLoadBalancerARN(field, arn string) Problems {
	parts := loadBalancerARN.FindStringSubmatch(arn)
	const form = `Write the ARN of a Network Load Balancer, "arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/net/NAME/ID".`
	switch {
	case parts == nil:
		return Problems{{Kind: Malformed, Field: field, Wrong: fmt.Sprintf("is %q, which is not the ARN of a load balancer", arn), Fix: form}}
	case parts[3] == "app":
		return Problems{{Kind: Invalid, Field: field, Wrong: fmt.Sprintf("is %q, the ARN of an Application Load Balancer", arn), Fix: form}}
	case parts[3] == "gwy":
		return Problems{{
			Kind: Invalid, Field: field, Wrong: fmt.Sprintf("is %q, the ARN of a Gateway Load Balancer", arn),
			Fix: "Set gateway_load_balancer_endpoint_id to the ID of its endpoint in the VPC of the source instead.",
		}}
	}
	return nil
}

// CheckAnyLoadBalancerARN returns a problem unless arn is that of a Network, Application or
// Gateway Load Balancer.
func CheckAnyLoadBalancerARN(field, arn string) Problems {
	if loadBalancerARN.MatchString(arn) {
		return nil
	}
	return Problems{{
		Kind: Malformed, Field: field, Wrong: fmt.Sprintf("is %q, which is not the ARN of a load balancer", arn),
		Fix: `Write the ARN of a load balancer, such as "arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app/NAME/ID".`,
	}}
}

// LoadBalancerInterfaceDescription returns the description that EC2 sets on the network
// interfaces of a load balancer. They can be found by it.
func LoadBalancerInterfaceDescription(arn string) string {
	_, name, _ := strings.Cut(arn, ":loadbalancer/")
	return "ELB " + name
}

// Endpoint is the backing resource of a target, as the receiver of packets.
type Endpoint struct {
	Type         TargetType
	Address      netip.Addr   // not valid: unknown
	MTU          int          // of the interface that backs the target; 0: unknown, assumed to be DefaultMTU
	State        string       // of a Gateway Load Balancer endpoint, such as "available"; "": unknown
	Gone         bool         // the backing resource does not exist any more
	UDPListeners []int        // of a load balancer; nil: unknown, assumed to be right
	Appliances   []netip.Addr // behind a load balancer, that copies are sent to; nil: unknown, assumed to exist

	Zone         string        // name of the Availability Zone of a Gateway Load Balancer endpoint; "": unknown
	Down         string        // why it receives nothing now, as a verb phrase such as "is attached to no instance now"; "": nothing is known
	LoadBalancer *LoadBalancer // that copies go through; nil: unknown, or there is none
	TargetGroups []TargetGroup // to which the listener for copies sends; nil: unknown
	FreeGroups   []TargetGroup // to which such a listener can forward, if it is missing; nil: unknown
}
