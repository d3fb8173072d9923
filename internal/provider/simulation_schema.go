package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packed"
)

// packedAttributes are the attributes with an element for each packet.
var packedAttributes = []string{"packets", "expect", "verdicts"}

// Schema is the schema for the framework.
func (r *simulationResource) Schema(ctx context.Context, req resource.SchemaRequest, resp *resource.SchemaResponse) {
	describedSimulation{}.Schema(ctx, req, resp)
	for _, name := range packedAttributes {
		resp.Schema.Attributes[name] = packed.Attribute(resp.Schema.Attributes[name])
	}
}

// describedSimulation has the schema for Terraform.
type describedSimulation struct{ simulationResource }

// Schema implements resource.Resource.
func (describedSimulation) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sends packets through the mirror sessions of a network interface, as they are in EC2, and shows the result for each packet. " +
			"The apply fails if a result is not as expected. A simulation changes nothing in AWS.\n\n" +
			"It runs when it is created or updated, and at every refresh. An apply runs it again if its arguments or files have changed, or if its last run failed. It also does so if the plan changes " +
			"a session of the interface, or a filter, rule or target that such a session uses. Other tags or another description do not count.\n\n" +
			"List the sessions and rules of the interface in `depends_on`. Without it the simulation can run too early, or not see a change. The plan warns of an object that " +
			"Terraform plans after a simulation that uses it.\n\n" +
			"Every plan that knows of a broken expectation says so. [What a plan checks](../guides/plan.md#simulations) lists what is a warning, what is an error, and when.",
		Attributes: map[string]schema.Attribute{
			"network_interface_id": schema.StringAttribute{
				MarkdownDescription: "ID of the network interface (`eni-...`) whose sessions are simulated.",
				Required:            true,
			},
			"dns_resolver_addresses": schema.ListAttribute{
				MarkdownDescription: "IP addresses of the Route 53 Resolver in the interface's VPC. The link-local addresses are always included. " +
					"DNS to and from these addresses is mirrored only if a filter has the network service `amazon-dns`. " +
					"Default: the base of the VPC's primary IPv4 CIDR block plus two. `[]` means none.",
				ElementType: types.StringType,
				Optional:    true,
			},
			"capture":  captureAttribute(),
			"packets":  packetsAttribute(),
			"expect":   expectAttribute(),
			"output":   outputAttribute(),
			"verdicts": verdictsAttribute(),
			"summary":  summaryAttribute(),
		},
	}
}

func captureAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "A capture file with packets to simulate. Record it on the interface itself if you can: the direction of a packet is found by the interface's MAC address, otherwise by its IP " +
			"addresses. Set at least one of `capture` and `packets`.",
		Optional: true,
		Attributes: map[string]schema.Attribute{
			"path": schema.StringAttribute{
				MarkdownDescription: "Path of the file: classic pcap or pcapng, optionally compressed with gzip.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"verdicts": schema.Int64Attribute{
				MarkdownDescription: fmt.Sprintf("How many packets from the start of the capture get a verdict in `verdicts`, in addition to the packets in `expect`, 0 to %d. "+
					"Each verdict makes plans longer. Default: 0. `summary` always counts all packets, and the command `simulate` writes all verdicts.", maxCaptureVerdicts),
				Optional:   true,
				CustomType: numberType{},
				Validators: []validator.Int64{wholeNumber{int64validator.Between(0, maxCaptureVerdicts)}},
			},
			"sha256": schema.StringAttribute{
				MarkdownDescription: "SHA-256 of the file in hexadecimal at the last create or update. If the file changes, the plan shows an update.",
				Computed:            true,
			},
		},
	}
}

// packetsAttribute has only optional attributes, as expectAttribute: of a packet that is
// unknown as a whole, the framework says that its required attributes are missing.
func packetsAttribute() schema.ListNestedAttribute {
	port := func(end string) schema.Attribute {
		return schema.Int64Attribute{
			MarkdownDescription: fmt.Sprintf("%s port, %s. Required for TCP and UDP, an error for any other protocol.", end, mirror.Ports),
			Optional:            true,
		}
	}
	return schema.ListNestedAttribute{
		MarkdownDescription: "Packets described by their fields. They are simulated after the packets of the capture. " +
			"A packet that the interface cannot receive or send is an error: one that it receives from one of its own addresses, and, while its source/destination " +
			"check is on, one that it sends from another address or receives for another address.",
		Optional: true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "Required. Unique name of the packet, used in `expect` and `verdicts`, without control characters. It must not be a number: numbers mean packets of the capture.",
				Optional:            true,
			},
			"direction": schema.StringAttribute{
				MarkdownDescription: "Required. `ingress` if the interface receives the packet, `egress` if it sends it.",
				Optional:            true,
			},
			"protocol": schema.StringAttribute{
				CustomType:          protocolType{},
				MarkdownDescription: fmt.Sprintf("Required. Protocol of the packet: a number from %s or a name such as `tcp`, `udp`, `icmp` or `icmpv6`.", mirror.Protocols),
				Optional:            true,
			},
			"source": schema.StringAttribute{
				MarkdownDescription: "Required. IPv4 or IPv6 source address.",
				Optional:            true,
			},
			"destination": schema.StringAttribute{
				MarkdownDescription: "Required. IPv4 or IPv6 destination address, of the same family as `source`.",
				Optional:            true,
			},
			"source_port":      port("Source"),
			"destination_port": port("Destination"),
			"length": schema.Int64Attribute{
				MarkdownDescription: "Length of the packet in bytes, including its Ethernet header of 14 bytes. Default: the headers without payload.",
				Optional:            true,
			},
		}},
	}
}

func expectAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: "Expected verdicts. Every value that is set in an expectation must hold. `[]` expects nothing. " +
			"If the interface has no session, an expectation holds only if it sets `reason = \"no_session\"`. Check the spelling of the names: Terraform ignores an unknown name here without a message.",
		Optional: true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"packet": schema.StringAttribute{
				MarkdownDescription: "Required. Name of one of `packets`, or the number of a packet of the capture, from 1.",
				Optional:            true,
			},
			"mirrored": schema.BoolAttribute{
				MarkdownDescription: "Whether the target gets a copy of the packet.",
				Optional:            true,
			},
			"outcome": schema.StringAttribute{
				MarkdownDescription: "Result for the packet: " + wordList(dataplane.Outcomes) + ".",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(names(dataplane.Outcomes)...)},
			},
			"reason": schema.StringAttribute{
				MarkdownDescription: "Reason for the outcome: one of the reasons in `verdicts`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(names(dataplane.Reasons)...)},
			},
			"session_number": schema.Int64Attribute{
				MarkdownDescription: "Number of the session that decided. To expect that no session decides, use `outcome` or `reason`.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(mirror.SessionNumbers.Min, mirror.SessionNumbers.Max)},
			},
			"rule_number": schema.Int64Attribute{
				MarkdownDescription: "Number of the rule that decided. To expect that no rule decides, use `outcome` or `reason`.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(mirror.RuleNumbers.Min, mirror.RuleNumbers.Max)},
			},
			"bytes": schema.Int64Attribute{
				MarkdownDescription: "Copied bytes of the packet, counted from its Ethernet header; 0 if it is not mirrored.",
				Optional:            true,
			},
		}},
	}
}

func outputAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "A capture file with the packets that the targets receive: the truncated copies in VXLAN. " +
			"Copies to a target whose IPv4 address is not known, such as one that another account shares, are left out with a warning.",
		Optional: true,
		Attributes: map[string]schema.Attribute{
			"path": schema.StringAttribute{
				MarkdownDescription: "Path of the file (classic pcap). It is written on create and update, also if an expectation does not hold, and never by a plan or a refresh. It " +
					"overwrites an existing file, but never a capture, nor the output of another simulation of the configuration. Destroy removes the file if it has not changed.",
				Required:   true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"sha256": schema.StringAttribute{
				MarkdownDescription: "SHA-256 of the file in hexadecimal. If the file is missing or was changed, the next apply writes it again.",
				Computed:            true,
			},
		},
	}
}

var verdictsType = types.MapType{ElemType: types.ObjectType{AttrTypes: verdictTypes}}

func verdictsAttribute() schema.Attribute {
	return schema.MapAttribute{
		Computed:    true,
		ElementType: verdictsType.ElemType,
		MarkdownDescription: "The verdict of each packet, by packet name, or by packet number in the capture. It has all `packets`, " +
			"the packets in `expect`, and the first packets of the capture as set in `capture.verdicts`.\n\n" +
			"  - `packet`: short form of the packet: protocol, addresses, ports and length.\n" +
			"  - `direction`: `ingress` or `egress`; null if it is not known and the verdict does not need it.\n" +
			"  - `mirrored`: whether the target gets a copy of the packet.\n" +
			"  - `outcome`: result for the packet." + sentences(dataplane.Outcomes) + "\n" +
			"  - `reason`: reason for the outcome." + sentences(dataplane.Reasons) + "\n" +
			"  - `session_number`: the session that took the packet, or the first session that rejected it; null if no session decided.\n" +
			"  - `rule_number`: the rule that decided; null if no rule decided.\n" +
			"  - `bytes`: copied bytes of the packet, counted from its Ethernet header.\n" +
			"  - `truncated_by`: the limit that made the copy shorter than the packet; null if it is not shorter." + sentences(dataplane.Truncations) + "\n" +
			"  - `assumption`: number of the [assumption](../guides/assumptions.md) about AWS that the verdict depends on; null if there is none.\n" +
			"  - `unknown`: what nobody knows of the target of a copy; empty if there is nothing. The verdict is right if all of it is as it should be. " +
			"The provider reads none of it from AWS; the embedded EC2 has it from its topology." + sentences(dataplane.Unknowns),
	}
}

func summaryAttribute() schema.Attribute {
	counts := func(text string) schema.Attribute {
		return schema.MapAttribute{Computed: true, ElementType: types.Int64Type, MarkdownDescription: text}
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Counts of all packets: those of the capture and those of `packets`.",
		Computed:            true,
		Attributes: map[string]schema.Attribute{
			"packets":      computedInt64("Simulated packets."),
			"mirrored":     computedInt64("Packets that were mirrored to a target."),
			"not_mirrored": counts("Packets that were not mirrored, by reason."),
			"truncated":    counts("Packets with a truncated copy, by the limit that truncated it."),
			"unknown":      counts("Mirrored packets, by what nobody knows of their target: see `unknown` in `verdicts`."),
			"table":        computedString("The summary as a text for people: the table that the command [`simulate`](../guides/simulate.md) prints. Use it in an `output`."),
			"bytes_in":     computedInt64("Captured bytes of the packets."),
			"bytes_out":    computedInt64("Copied bytes, after truncation. VXLAN and its outer headers are not counted."),
			"sessions": schema.ListNestedAttribute{
				MarkdownDescription: "Counts for each session of the interface, by session number.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"session_number":     computedInt64("Number of the session."),
					"virtual_network_id": computedInt64("VNI of the session."),
					"packets":            computedInt64("Packets that the session mirrors."),
					"bytes":              computedInt64("Bytes that the session copies."),
				}},
			},
			"rules": schema.ListNestedAttribute{
				MarkdownDescription: "Counts for each rule, by session, direction and number.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"session_number": computedInt64("Number of the session that has the rule's filter."),
					"direction":      computedString("`ingress` or `egress`."),
					"rule_number":    computedInt64("Number of the rule; null for the network service `amazon-dns`."),
					"hits":           computedInt64("Packets of which the rule is the first of its session to match. A packet that it rejects is counted here even if a later session takes it."),
					"packets":        computedInt64("Packets whose verdict the rule made: those that it accepts, and those that it rejects and no later session accepts."),
					"bytes":          computedInt64("Copied bytes of these packets."),
				}},
			},
		},
	}
}

func computedString(text string) schema.Attribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: text}
}

func computedInt64(text string) schema.Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: text}
}

// word is a value of one of the dataplane's enumerations.
type word interface {
	String() string
	Sentence() string
}

func names[W word](words []W) []string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = w.String()
	}
	return list
}

func wordList[W word](words []W) string {
	return "`" + strings.Join(names(words), "`, `") + "`"
}

func sentences[W word](words []W) string {
	var b strings.Builder
	for _, w := range words {
		fmt.Fprintf(&b, " `%s`: %s", w, w.Sentence())
	}
	return b.String()
}
