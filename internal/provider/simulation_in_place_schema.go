package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// The attributes of a simulation in place are optional for the framework. It would report what
// is missing or malformed in a rule at the key of the rule, and so crash the CLI (see
// attributePath).

func placedText(text string) schema.Attribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: text}
}

func placedTexts(text string) schema.Attribute {
	return schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: text}
}

func placedNumber(text string) schema.Attribute {
	return schema.Int64Attribute{Optional: true, CustomType: numberType{}, MarkdownDescription: text}
}

func placedBool(text string) schema.Attribute {
	return schema.BoolAttribute{Optional: true, MarkdownDescription: text}
}

func placedInterfaceAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "The network interface whose packets are simulated, written here instead of `network_interface_id`. Its addresses show the direction of captured packets, and which packets are possible. " +
			"`{}` says nothing about it. Set `sessions` with it.",
		Optional: true,
		Attributes: map[string]schema.Attribute{
			"mac_address":            placedText("MAC address, `02:00:00:00:00:01`. Default: not known."),
			"private_ip_address":     placedText("Primary private IPv4 address. Default: not known."),
			"private_ip_addresses":   placedTexts("Private IPv4 addresses. The primary one may be left out. Default: not known."),
			"ipv6_addresses":         placedTexts("IPv6 addresses. Default: not known. `[]` means none."),
			"dns_resolver_addresses": placedTexts("IP addresses of the Route 53 Resolver of its VPC. The link-local addresses are always included. Default: none."),
			"mtu":                    placedNumber(fmt.Sprintf("MTU in bytes, at least %d. Default: not known.", mirror.LeastMTU)),
			"source_dest_check":      placedBool("Whether EC2 checks the source and the destination of its packets. Default: `true`."),
		},
	}
}

func placedSessionsAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: "The mirror sessions of `interface`, written here instead of those in EC2. The simulation then asks AWS nothing, and a plan knows its verdicts before anything is created. `[]` means no session. Set `interface` with it.",
		Optional:            true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"session_number":     placedNumber("Required. Number of the session, " + mirror.SessionNumbers.String() + ". The session with the lowest number is tried first."),
			"packet_length":      placedNumber("Bytes of each packet that are copied, " + mirror.PacketLengths.String() + ". Default: whole packets."),
			"virtual_network_id": placedNumber("VNI of the copies, " + mirror.VirtualNetworkIDs.String() + ". Default: the session number."),
			"filter": schema.SingleNestedAttribute{
				Optional: true,
				MarkdownDescription: "Required. The filter: `trafficmirror_filter.web`, or an object of the same form. A `trafficmirror_filter` whose rules are in `trafficmirror_filter_rule` is refused, because its maps are null: use `network_interface_id`. " +
					"Check the names inside a rule: Terraform ignores an unknown name there without a message.",
				Attributes: map[string]schema.Attribute{
					"network_services": schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "As in `trafficmirror_filter`. Default: none."},
					"ingress_rules":    placedRulesAttribute("Required. Rules for the packets that the interface receives, as in `trafficmirror_filter`. `{}` if there is none."),
					"egress_rules":     placedRulesAttribute("Required. Rules for the packets that the interface sends, as in `trafficmirror_filter`. `{}` if there is none."),
				},
			},
			"target": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Required. The target.",
				Attributes: map[string]schema.Attribute{
					"type":          placedText(fmt.Sprintf("Required. `%s`, `%s` or `%s`.", mirror.NetworkInterface, mirror.NetworkLoadBalancer, mirror.GatewayLoadBalancerEndpoint)),
					"ip_address":    placedText("IP address that receives the copies. Default: not known. Without it, `output` has no copies for this target."),
					"mtu":           placedNumber(fmt.Sprintf("MTU of the target's interface in bytes, at least %d. Default: %d.", mirror.LeastMTU, mirror.DefaultMTU)),
					"available":     placedBool("Whether the backing resource exists. Default: `true`."),
					"udp_listeners": udpListenersAttribute(),
					"appliances":    appliancesAttribute(),
				},
			},
		}},
	}
}

func placedRulesAttribute(text string) schema.Attribute {
	return schema.MapNestedAttribute{Optional: true, MarkdownDescription: text, NestedObject: schema.NestedAttributeObject{Attributes: ruleAttributes()}}
}

func udpListenersAttribute() schema.Attribute {
	return schema.ListAttribute{
		Optional: true, ElementType: numberType{},
		MarkdownDescription: fmt.Sprintf("UDP ports on which a load balancer listens, %s. The copies go to port %d. Default: not known. `[]` means none.", mirror.Ports, packet.VXLANPort),
	}
}

func appliancesAttribute() schema.Attribute {
	return placedTexts("IP addresses of the appliances behind a load balancer. Default: not known. `[]` means none.")
}

func statedTargetsAttribute() schema.Attribute {
	return schema.MapNestedAttribute{
		MarkdownDescription: "Facts about targets that AWS does not show, by the number of the session that uses the target, in quotes. They replace what EC2, Elastic Load Balancing and the embedded EC2 know. Default: none.",
		Optional:            true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"mtu":           placedNumber(fmt.Sprintf("MTU of the target's interface in bytes, at least %d. Default: as in EC2.", mirror.LeastMTU)),
			"udp_listeners": udpListenersAttribute(),
			"appliances":    appliancesAttribute(),
		}},
	}
}
