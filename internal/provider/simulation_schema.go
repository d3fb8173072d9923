package provider

import (
	"context"
	"fmt"
	"regexp"
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

// packedAttributes are the attributes with an element for each packet or rule.
var packedAttributes = []string{"packets", "expect", "sessions", "verdicts"}

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
		MarkdownDescription: "Sends packets through mirror sessions, shows the result for each packet, and fails if a result is not as expected. A simulation changes nothing in AWS.\n\n" +
			"The sessions are those of a network interface (`network_interface_id`), or they are written in the configuration (`interface` and `sessions`).\n\n" +
			"- `network_interface_id`: the plan simulates the sessions as they will be after the apply. A broken expectation is an error of the plan, before anything is changed. " +
			"If the sessions use objects that do not exist yet, the simulation waits for the apply, and the plan says so. List the sessions in `traffic_mirror_session_ids`.\n" +
			"- `interface` and `sessions`: the plan knows all results, also before the first apply. A filter of the configuration can be used: `filter = trafficmirror_filter.web`. AWS is asked nothing.\n\n" +
			"The simulation also runs at every refresh. An apply runs it again if its arguments or files have changed, or if its last run failed. It also does so if the plan changes " +
			"a session of the interface, or a filter, rule or target that such a session uses. Other tags or another description do not count.\n\n" +
			"Every plan that knows of a broken expectation says so. The guide [to verdicts](../guides/verdicts.md#expectations) has examples of expectations. [What a plan checks](../guides/plan.md#simulations) lists what is a warning, what is an error, and when.",
		Attributes: map[string]schema.Attribute{
			"network_interface_id": schema.StringAttribute{
				MarkdownDescription: "ID of the network interface (`eni-...`) whose sessions are simulated. Set this, or `interface` and `sessions`.",
				Optional:            true,
			},
			"traffic_mirror_session_ids": schema.ListAttribute{
				MarkdownDescription: "IDs of sessions that the interface must have; it may have others. Refer to the sessions of this configuration here: Terraform then plans and applies them, their filters and their targets " +
					"before the simulation. The null ID of a session that is disabled is left out. List separate rules (`trafficmirror_filter_rule`) in `depends_on`. List the listener and the registered targets of a load balancer there or in `depends_on` of the target, so that the copies are received before the simulation runs. The plan warns of an object that Terraform plans after a simulation that uses it. Default: none.",
				ElementType: types.StringType,
				Optional:    true,
			},
			"interface": placedInterfaceAttribute(),
			"sessions":  placedSessionsAttribute(),
			"targets":   statedTargetsAttribute(),
			"dns_resolver_addresses": schema.ListAttribute{
				MarkdownDescription: "IP addresses of the Route 53 Resolver in the interface's VPC. The link-local addresses are always included. " +
					"DNS to and from these addresses is mirrored only if a filter has the network service `amazon-dns`. " +
					"Default: the base of the VPC's primary IPv4 CIDR block plus two. `[]` means none.",
				ElementType: types.StringType,
				Optional:    true,
			},
			"capture": captureAttribute(),
			"packets": packetsAttribute(),
			"expect":  expectAttribute(),
			"on_failure": schema.StringAttribute{
				MarkdownDescription: "How a plan or an apply that runs the simulation reports a broken expectation: `error` or `warn`. With `warn`, use `passed` and `failures` to judge. Default: `error`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(onError, onWarn)},
			},
			"on_drift": schema.StringAttribute{
				MarkdownDescription: "How a plan reports an expectation that a change outside of the configuration has broken: `warn` or `error`. It is about plans that do not run the simulation. With `on_failure = \"warn\"`, it is a warning. Default: `warn`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(onWarn, onError)},
			},
			"region": schema.StringAttribute{
				MarkdownDescription: "AWS Region of the network interface, such as `eu-west-1`. Not used with `interface` and `sessions`. A change replaces the simulation. Default: the Region of the provider block. See the [guide to Regions](../guides/regions.md).",
				Optional:            true,
				Computed:            true,
			},
			"output":    outputAttribute(),
			"annotated": annotatedAttribute(),
			"passed":    schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether every expectation held in the last run or refresh, and nothing else failed."},
			"failures":  schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: fmt.Sprintf("What failed in the last run or refresh, one text for each failure, at most %d. Empty if `passed` is true.", maxFailures)},
			"verdicts":  verdictsAttribute(),
			"summary":   summaryAttribute(),
		},
	}
}

func captureAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "A capture file with packets to simulate. Record it on the interface itself if you can. The direction of a packet is found by the MAC address of the interface, otherwise by its IP " +
			"addresses. Set at least one of `capture` and `packets`.",
		Optional: true,
		Attributes: map[string]schema.Attribute{
			"path": schema.StringAttribute{
				MarkdownDescription: "Path of the file: classic pcap or pcapng, optionally compressed with gzip or zstd.",
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
				MarkdownDescription: "SHA-256 of the file, as 64 lower-case hexadecimal digits. If you set it, any other file is an error, and the plan of a simulation in place knows the verdicts of the packets in the file. " +
					"Write the digits, not the function `filesha256`. Default: that of the file at the last create or update. If the file changes, the plan shows an update.",
				Optional:   true,
				Computed:   true,
				Validators: []validator.String{stringvalidator.RegexMatches(regexp.MustCompile("^[0-9a-f]{64}$"), "must have 64 lower-case hexadecimal digits")},
			},
		},
	}
}

// packetsAttribute has only optional attributes, as expectAttribute: of a packet that is
// unknown as a whole, the framework says that its required attributes are missing.
func packetsAttribute() schema.ListNestedAttribute {
	port := func(end string) schema.Attribute {
		return schema.Int64Attribute{
			MarkdownDescription: fmt.Sprintf("%s port, %s. Required for TCP and UDP, an error for any other protocol. Default: none.", end, mirror.Ports),
			Optional:            true,
		}
	}
	return schema.ListNestedAttribute{
		MarkdownDescription: "Packets described by their fields. They are simulated after the packets of the capture. " +
			"A packet that the interface cannot receive or send is an error. It cannot receive a packet from one of its own addresses. While its source/destination " +
			"check is on, it can only send packets from its addresses, and only receive packets for them. Set at least one of `capture` and `packets`.",
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
				MarkdownDescription: "Length of the packet in bytes with its Ethernet header of 14 bytes, at least that of its headers and at most 65549. Default: the headers without payload.",
				Optional:            true,
			},
		}},
	}
}

func expectAttribute() schema.ListNestedAttribute {
	count := func(text string) schema.Attribute {
		return schema.Int64Attribute{MarkdownDescription: text, Optional: true}
	}
	return schema.ListNestedAttribute{
		MarkdownDescription: "Expected verdicts, each of one packet (`packet`) or of a set of packets (`where`). Every value that is set in an expectation must hold, and a set must have a packet. `[]` expects nothing. Default: nothing is expected. " +
			"If the interface has no session, the simulation fails unless an expectation sets `reason = \"no_session\"`. Check the names: Terraform ignores an unknown name here without a message.",
		Optional: true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"packet": placedText("Name of one of `packets`, or the number of a packet of the capture, from 1. Set this or `where`."),
			"where": schema.SingleNestedAttribute{
				MarkdownDescription: "Selects a set of packets, from the capture and from `packets`: those for which every value that is set fits. `{}` selects all. A packet without a field, such as the ports of ICMP, does not fit it. Set this or `packet`.",
				Optional:            true,
				Attributes: map[string]schema.Attribute{
					"direction": placedText("`ingress` or `egress`. Default: both, and packets whose direction is not known."),
					"protocol": schema.StringAttribute{
						CustomType: protocolType{}, Optional: true,
						MarkdownDescription: fmt.Sprintf("Protocol: a number from %s or a name such as `tcp`. Default: every packet.", mirror.Protocols),
					},
					"source":           placedText("IP address or CIDR block of the source. Default: every packet."),
					"destination":      placedText("IP address or CIDR block of the destination. Default: every packet."),
					"source_port":      count("Source port, " + mirror.Ports.String() + ". Default: every packet."),
					"destination_port": count("Destination port, " + mirror.Ports.String() + ". Default: every packet."),
				},
			},
			"mirrored":       placedText("Whether the target gets a copy: `true` or `false` for one packet, `\"all\"` or `\"none\"` for a set. Routes, network ACLs and security groups on the way are not looked at: the data source `trafficmirror_path` judges them. Default: not checked."),
			"at_least":       count("With `where`: the smallest number of packets of the set that are mirrored, at least 1. Default: not checked."),
			"at_most":        count("With `where`: the largest number of packets of the set that are mirrored, from 0. Default: not checked."),
			"outcome":        placedText("Result for the packet, or for every packet of the set: " + wordList(dataplane.Outcomes) + ". Default: not checked."),
			"reason":         placedText("Reason for the outcome: one of the reasons in `verdicts`. Default: not checked."),
			"session_number": count("Number of the session that decided, " + mirror.SessionNumbers.String() + ". To expect that no session decides, use `outcome` or `reason`. Default: not checked."),
			"rule_number":    count("Number of the rule that decided, " + mirror.RuleNumbers.String() + ". To expect that no rule decides, use `outcome` or `reason`. Default: not checked."),
			"bytes":          count("Copied bytes of the packet, counted from its Ethernet header, from 0. 0 if it is not mirrored. Default: not checked."),
		}},
	}
}

func outputAttribute() schema.Attribute {
	return outputFileAttribute("A capture file with the packets that the targets receive: the truncated copies in VXLAN. "+
		"Copies to a target whose IPv4 address is not known, such as one that another account shares, are left out with a warning. Default: none is written.",
		"Path of the file: pcapng if it ends with `.pcapng`, otherwise classic pcap.")
}

func annotatedAttribute() schema.Attribute {
	return outputFileAttribute("A copy of the capture in pcapng, in which each packet has its verdict as a comment and its direction. Wireshark shows and filters both. "+
		"Packets of `packets` follow, on an interface of their own. See the [guide](../guides/annotate.md). Default: none is written.",
		"Path of the file. It ends with `.pcapng`.")
}

// outputFileAttribute is a file that a simulation writes.
func outputFileAttribute(text, pathText string) schema.Attribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: text,
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"path": schema.StringAttribute{
				MarkdownDescription: pathText + " It is written on create and update, also if an expectation does not hold, and never by a plan or a refresh. It " +
					"overwrites an existing file, but never a capture, nor a file that the same or another simulation of the configuration writes. Destroy removes the file if it has not changed.",
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

// The values of on_failure and on_drift.
const (
	onError = "error"
	onWarn  = "warn"
)

var verdictsType = types.MapType{ElemType: types.ObjectType{AttrTypes: verdictTypes}}

func verdictsAttribute() schema.Attribute {
	port := func(end string) schema.Attribute {
		return computedInt64(end + " port, " + mirror.Ports.String() + ". Null if the packet has none.")
	}
	return schema.MapNestedAttribute{
		Computed: true,
		MarkdownDescription: "The verdict of each packet, by packet name, or by packet number in the capture. It has all `packets`, " +
			"the packets in `expect`, and the first packets of the capture as set in `capture.verdicts`.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"packet":           computedString("Short form of the packet: protocol, addresses, ports and length."),
			"direction":        computedString("`ingress` or `egress`. Null if it is not known and the verdict does not need it."),
			"protocol":         computedString("Name of the IP protocol, or its number if it has no name. Null if the packet is not IP."),
			"source":           computedString("IP address of the source. Null if the packet is not IP."),
			"destination":      computedString("IP address of the destination. Null if the packet is not IP."),
			"source_port":      port("Source"),
			"destination_port": port("Destination"),
			"length":           computedInt64("Length of the packet in bytes, with its Ethernet header, from 0."),
			"mirrored":         schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the target gets a copy of the packet. Routes, network ACLs and security groups on the way are not looked at."},
			"outcome":          computedString("Result for the packet:" + sentences(dataplane.Outcomes)),
			"reason":           computedString("Reason for the outcome. [The guide](../guides/verdicts.md#every-reason) says what to do about each:" + sentences(dataplane.Reasons)),
			"session_number": computedInt64("Number of the session that took the packet, or else of the first session that rejected it, " + mirror.SessionNumbers.String() +
				". Null if no session decided."),
			"rule_number":  computedInt64("Number of the rule that decided, " + mirror.RuleNumbers.String() + ". Null if no rule decided."),
			"bytes":        computedInt64("Copied bytes of the packet, counted from its Ethernet header."),
			"truncated_by": computedString("Limit that made the copy shorter than the packet, or null:" + sentences(dataplane.Truncations)),
			"assumption":   computedString("Number of the [assumption](../guides/assumptions.md) about AWS that the verdict depends on. Null if there is none."),
			"appliance": computedString("IP address of the appliance behind the load balancer that gets the copy. All packets of a flow go to one appliance, and a hash chooses which: a real load balancer can choose another one ([assumption A0124](../guides/assumptions.md)). " +
				"Null if there is no copy, if the target is an interface, or if the addresses of the appliances are not known."),
			"unknown": schema.ListAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Facts about the target of a copy that are not known. Empty if all are known. The verdict is right if they are as the verdict assumes. " +
					"The provider reads listeners and appliances from Elastic Load Balancing. AWS shows no MTU. The embedded EC2 has it from its topology. The facts:" + sentences(dataplane.Unknowns),
			},
		}},
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
			"unknown":      counts("Mirrored packets, by the facts about their target that are not known: see `unknown` in `verdicts`."),
			"appliances":   counts("Copies by the address of the appliance behind a load balancer that gets them: see `appliance` in `verdicts`. Copies whose appliance is not known, or whose target is an interface, are not counted."),
			"table":        computedString("The summary as a text for people: the table that the command [`simulate`](../guides/simulate.md) prints. Use it in an `output`."),
			"bytes_in":     computedInt64("Captured bytes of the packets."),
			"bytes_out":    computedInt64("Copied bytes, after truncation. VXLAN and its outer headers are not counted."),
			"sessions": schema.ListNestedAttribute{
				MarkdownDescription: "Counts for each session of the interface, by session number.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"session_number":     computedInt64("Number of the session, " + mirror.SessionNumbers.String() + "."),
					"virtual_network_id": computedInt64("VXLAN network identifier (VNI) of its copies, " + mirror.VirtualNetworkIDs.String() + "."),
					"packets":            computedInt64("Packets that the session mirrors."),
					"bytes":              computedInt64("Bytes that the session copies."),
				}},
			},
			"rules": schema.ListNestedAttribute{
				MarkdownDescription: "Counts for each rule, by session, direction and number.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"session_number": computedInt64("Number of the session that has the filter of the rule, " + mirror.SessionNumbers.String() + "."),
					"direction":      computedString("`ingress` or `egress`."),
					"rule_number":    computedInt64("Number of the rule, " + mirror.RuleNumbers.String() + ". Null for the network service `amazon-dns`."),
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
	var list bulletList
	for _, w := range words {
		list = list.with(w.String(), strings.TrimSuffix(w.Sentence(), "."))
	}
	return string(list)
}
