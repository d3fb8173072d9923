package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Schema implements resource.Resource.
func (r *simulationResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sends packets through the mirror sessions of a network interface, as they are in EC2, and shows what becomes of each packet. " +
			"The apply fails when that is not what was expected. A simulation changes nothing in AWS.\n\n" +
			"It runs when it is created or updated, and at every refresh. A refresh never fails on an expectation: the plan warns of it.\n\n" +
			"Nothing in its arguments says that it needs the sessions and the rules of the interface: name them in `depends_on`. It then runs again " +
			"in every apply that changes one of them.",
		Attributes: map[string]schema.Attribute{
			"network_interface_id": schema.StringAttribute{
				MarkdownDescription: "ID of the network interface (`eni-...`) whose sessions are simulated.",
				Required:            true,
			},
			"dns_resolver_addresses": schema.ListAttribute{
				MarkdownDescription: "IP addresses of the Route 53 Resolver in the interface's VPC, beside the link-local ones, which are always known. " +
					"DNS to and from them is mirrored if and only if a filter has the network service `amazon-dns`. " +
					"If left out, the base of the VPC's primary IPv4 CIDR block plus two; `[]` means none.",
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
		MarkdownDescription: "A capture file whose packets are simulated, best recorded on the interface itself: their direction is found from its MAC address, else from its IP " +
			"addresses. At least one of `capture` and `packets` is needed.",
		Optional: true,
		Attributes: map[string]schema.Attribute{
			"path": schema.StringAttribute{
				MarkdownDescription: "Path of the file: classic pcap or pcapng, also compressed with gzip.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"verdicts": schema.Int64Attribute{
				MarkdownDescription: fmt.Sprintf("How many packets, from the first on, have a verdict of their own in `verdicts` without being named in `expect`, 0 to %d. "+
					"Each makes plans longer. If left out, none; `summary` counts all packets in any case, and the command `simulate` writes all verdicts.", maxCaptureVerdicts),
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(0, maxCaptureVerdicts)},
			},
			"sha256": schema.StringAttribute{
				MarkdownDescription: "SHA-256 of the file in hexadecimal, as it was when the simulation was created or updated. Another content plans an update.",
				Computed:            true,
			},
		},
	}
}

func packetsAttribute() schema.Attribute {
	port := func(end string) schema.Attribute {
		return schema.Int64Attribute{
			MarkdownDescription: fmt.Sprintf("%s port, %s. Required for TCP and UDP, an error for any other protocol.", end, mirror.Ports),
			Optional:            true,
		}
	}
	return schema.ListNestedAttribute{
		MarkdownDescription: "Packets in words, simulated after those of the capture.",
		Optional:            true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the packet, unique, by which `expect` and `verdicts` refer to it. Not a number: numbers are the packets of the capture.",
				Required:            true,
			},
			"direction": schema.StringAttribute{
				MarkdownDescription: "`ingress` if the interface receives the packet, `egress` if it sends it.",
				Required:            true,
			},
			"protocol": schema.StringAttribute{
				CustomType:          protocolType{},
				MarkdownDescription: fmt.Sprintf("Protocol of the packet: a number from %s or a name such as `tcp`, `udp`, `icmp` or `icmpv6`.", mirror.Protocols),
				Required:            true,
			},
			"source": schema.StringAttribute{
				MarkdownDescription: "IPv4 or IPv6 address that the packet comes from.",
				Required:            true,
			},
			"destination": schema.StringAttribute{
				MarkdownDescription: "IPv4 or IPv6 address that the packet goes to, of the family of `source`.",
				Required:            true,
			},
			"source_port":      port("Source"),
			"destination_port": port("Destination"),
			"length": schema.Int64Attribute{
				MarkdownDescription: "Length of the packet in bytes, with its Ethernet header of 14 bytes. If left out, its headers and no payload.",
				Optional:            true,
			},
		}},
	}
}

func expectAttribute() schema.Attribute {
	return schema.ListNestedAttribute{
		MarkdownDescription: "What the verdicts have to be. Of each expectation everything that is set has to hold. Mind the spelling: Terraform drops an unknown name in here without a word.",
		Optional:            true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"packet": schema.StringAttribute{
				MarkdownDescription: "Name of one of `packets`, or the number of a packet of the capture, from 1.",
				Required:            true,
			},
			"mirrored": schema.BoolAttribute{
				MarkdownDescription: "Whether the target gets a copy of the packet.",
				Optional:            true,
			},
			"outcome": schema.StringAttribute{
				MarkdownDescription: "What becomes of the packet: " + wordList(dataplane.Outcomes) + ".",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(names(dataplane.Outcomes)...)},
			},
			"reason": schema.StringAttribute{
				MarkdownDescription: "Why: a reason of `verdicts`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(names(dataplane.Reasons)...)},
			},
			"session_number": schema.Int64Attribute{
				MarkdownDescription: "Number of the session that decided. That none did is an `outcome` or a `reason`.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(mirror.SessionNumbers.Min, mirror.SessionNumbers.Max)},
			},
			"rule_number": schema.Int64Attribute{
				MarkdownDescription: "Number of the rule that decided. That none did is an `outcome` or a `reason`.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(mirror.RuleNumbers.Min, mirror.RuleNumbers.Max)},
			},
			"bytes": schema.Int64Attribute{
				MarkdownDescription: "Bytes of the packet that are copied, counted from its Ethernet header; 0 if it is not mirrored.",
				Optional:            true,
			},
		}},
		Validators: []validator.List{listvalidator.SizeAtLeast(1)},
	}
}

func outputAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "A capture file of what the targets receive: the copies, cut to length, in VXLAN.",
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"path": schema.StringAttribute{
				MarkdownDescription: "Path of the file (classic pcap). It is written when the simulation is created or updated, never by a plan or a refresh, and " +
					"overwrites what is there, but never the capture. Destroy removes it if it is still the file that was written.",
				Required:   true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"sha256": schema.StringAttribute{
				MarkdownDescription: "SHA-256 of the file in hexadecimal. A file that is missing or was changed is written again by the next apply.",
				Computed:            true,
			},
		},
	}
}

// verdictsAttribute is a map of objects rather than a nested attribute: the
// framework walks through every attribute of those in each plan, which for some
// hundred packets takes seconds.
func verdictsAttribute() schema.Attribute {
	return schema.MapAttribute{
		Computed:    true,
		ElementType: types.ObjectType{AttrTypes: verdictTypes},
		MarkdownDescription: "What becomes of each packet, by its name or, for a packet of the capture, its number: every one of `packets`, " +
			"every one that `expect` names, and as many of the capture as `capture.verdicts` asks for.\n\n" +
			"  - `packet`: the packet in short: protocol, addresses, ports and length.\n" +
			"  - `direction`: `ingress` or `egress`; null where nothing tells and the verdict does not need it.\n" +
			"  - `mirrored`: whether the target gets a copy of the packet.\n" +
			"  - `outcome`: what becomes of the packet." + sentences(dataplane.Outcomes) + "\n" +
			"  - `reason`: why." + sentences(dataplane.Reasons) + "\n" +
			"  - `session_number`: the session that took the packet or, of a rejected packet, the first that rejected it; null where none decided.\n" +
			"  - `rule_number`: the rule that decided; null where none did.\n" +
			"  - `bytes`: bytes of the packet that are copied, counted from its Ethernet header.\n" +
			"  - `truncated_by`: what made the copy shorter than the packet, null if nothing did." + sentences(dataplane.Truncations) + "\n" +
			"  - `assumption`: number of the [assumption](../guides/assumptions.md) about AWS that the verdict rests on, null if it rests on none.",
	}
}

func summaryAttribute() schema.Attribute {
	counts := func(text string) schema.Attribute {
		return schema.MapAttribute{Computed: true, ElementType: types.Int64Type, MarkdownDescription: text}
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Counts of all packets, of the capture and in words.",
		Computed:            true,
		Attributes: map[string]schema.Attribute{
			"packets":      computedInt64("Packets that were simulated."),
			"mirrored":     computedInt64("Packets of which a target gets a copy."),
			"not_mirrored": counts("Packets of which none does, by reason."),
			"truncated":    counts("Packets whose copy is shorter than they are, by what cut it."),
			"bytes_in":     computedInt64("Bytes of the packets as they were captured."),
			"bytes_out":    computedInt64("Bytes that were copied, without the headers around them."),
			"sessions": schema.ListNestedAttribute{
				MarkdownDescription: "What each session of the interface mirrors, by session number.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"session_number":     computedInt64("Number of the session."),
					"virtual_network_id": computedInt64("Its VNI."),
					"packets":            computedInt64("Packets that it mirrors."),
					"bytes":              computedInt64("Bytes that it copies."),
				}},
			},
			"rules": schema.ListNestedAttribute{
				MarkdownDescription: "What each rule decides, by session, direction and number.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"session_number": computedInt64("Number of the session that has the rule's filter."),
					"direction":      computedString("`ingress` or `egress`."),
					"rule_number":    computedInt64("Number of the rule; not set for the network service `amazon-dns`."),
					"packets":        computedInt64("Packets that the rule accepts, or rejects without a later session that accepts them."),
					"bytes":          computedInt64("Bytes copied of them."),
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
