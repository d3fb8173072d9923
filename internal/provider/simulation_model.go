package provider

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

type simulationModel struct {
	NetworkInterfaceID   types.String `tfsdk:"network_interface_id"`
	DNSResolverAddresses types.List   `tfsdk:"dns_resolver_addresses"`
	Capture              types.Object `tfsdk:"capture"`
	Packets              types.List   `tfsdk:"packets"`
	Expect               types.List   `tfsdk:"expect"`
	Output               types.Object `tfsdk:"output"`
	Verdicts             types.Map    `tfsdk:"verdicts"`
	Summary              types.Object `tfsdk:"summary"`
}

// withSHA256 returns capture or output with another digest.
func withSHA256(file types.Object, sha256 types.String) types.Object {
	values := file.Attributes()
	values["sha256"] = sha256
	return types.ObjectValueMust(file.AttributeTypes(context.Background()), values)
}

// filePath and fileSHA256 read capture or output; null if it is not set.
func filePath(file types.Object) types.String   { return fileText(file, "path") }
func fileSHA256(file types.Object) types.String { return fileText(file, "sha256") }

func fileText(file types.Object, name string) types.String {
	switch {
	case file.IsUnknown():
		return types.StringUnknown()
	case file.IsNull():
		return types.StringNull()
	}
	return file.Attributes()[name].(types.String)
}

// kept is how many packets of the capture have a verdict of their own.
func (m *simulationModel) kept() int64 {
	if m.Capture.IsNull() || m.Capture.IsUnknown() {
		return 0
	}
	return m.Capture.Attributes()["verdicts"].(types.Int64).ValueInt64()
}

type packetModel struct {
	Name            types.String  `tfsdk:"name"`
	Direction       types.String  `tfsdk:"direction"`
	Protocol        protocolValue `tfsdk:"protocol"`
	Source          types.String  `tfsdk:"source"`
	Destination     types.String  `tfsdk:"destination"`
	SourcePort      types.Int64   `tfsdk:"source_port"`
	DestinationPort types.Int64   `tfsdk:"destination_port"`
	Length          types.Int64   `tfsdk:"length"`
}

// objectsOf reads the elements of a list of nested objects that are known, and the
// index of each. In validation and in a plan some may not be.
func objectsOf[M any](ctx context.Context, list types.List) iter.Seq2[int, M] {
	return func(yield func(int, M) bool) {
		for i, element := range list.Elements() {
			var m M
			object := element.(types.Object)
			if object.IsUnknown() || object.IsNull() || object.As(ctx, &m, basetypes.ObjectAsOptions{}).HasError() {
				continue
			}
			if !yield(i, m) {
				return
			}
		}
	}
}

// known reports whether the packet can be built.
func (m packetModel) known() bool {
	return !slices.ContainsFunc([]attr.Value{
		m.Name, m.Direction, m.Protocol, m.Source, m.Destination, m.SourcePort, m.DestinationPort, m.Length,
	}, attr.Value.IsUnknown)
}

// wordedPacket is a packet in words, read.
type wordedPacket struct {
	name      string
	direction mirror.Direction
	spec      packet.Spec
}

// expand reads a packet that is known.
func (m packetModel) expand() (wordedPacket, mirror.Problems) {
	w := wordedPacket{name: m.Name.ValueString(), direction: mirror.Direction(m.Direction.ValueString())}
	protocol, ps := mirror.ParseProtocol("protocol", m.Protocol.ValueString())
	w.spec = packet.Spec{Protocol: uint8(protocol), Length: int(m.Length.ValueInt64())}
	ps = append(ps, checkPacketName(w.name)...)
	ps = append(ps, w.direction.Check("direction")...)
	ps = append(ps, readAddress("source", m.Source, &w.spec.Source)...)
	ps = append(ps, readAddress("destination", m.Destination, &w.spec.Destination)...)
	ps = append(ps, readPort("source_port", m.SourcePort, &w.spec.SourcePort)...)
	ps = append(ps, readPort("destination_port", m.DestinationPort, &w.spec.DestinationPort)...)
	if ps != nil {
		return w, ps
	}
	_, err := packet.Build(w.spec)
	var wrong *packet.SpecError
	if errors.As(err, &wrong) {
		ps = mirror.Problems{{Kind: mirror.Invalid, Field: wrong.Field, Wrong: wrong.Wrong, Fix: wrong.Fix}}
	}
	return w, ps
}

func checkPacketName(name string) mirror.Problems {
	wrong := ""
	if packetNumber.MatchString(name) {
		wrong = fmt.Sprintf("is %q, and numbers are the packets of the capture", name)
	} else if name == "" {
		wrong = "is empty"
	}
	if wrong == "" {
		return nil
	}
	return mirror.Problems{{Kind: mirror.Invalid, Field: "name", Wrong: wrong, Fix: `Write a name such as "ssh from the office".`}}
}

func readAddress(field string, text types.String, to *netip.Addr) mirror.Problems {
	addr, err := netip.ParseAddr(text.ValueString())
	if err != nil {
		return mirror.Problems{{
			Kind: mirror.Malformed, Field: field, Wrong: fmt.Sprintf("is %q, which is not an IP address", text.ValueString()),
			Fix: `Write an address such as "10.0.1.10" or "2001:db8::10".`,
		}}
	}
	*to = addr
	return nil
}

func readPort(field string, value types.Int64, to **uint16) mirror.Problems {
	n := value.ValueInt64()
	switch {
	case value.IsNull():
		return nil
	case !mirror.Ports.Contains(n):
		return mirror.Problems{{
			Kind: mirror.Invalid, Field: field, Wrong: fmt.Sprintf("is %d", n), Fix: "Write a whole number from " + mirror.Ports.String() + ".",
		}}
	}
	*to = new(uint16(n))
	return nil
}

type verdictModel struct {
	Packet        types.String `tfsdk:"packet"`
	Direction     types.String `tfsdk:"direction"`
	Mirrored      types.Bool   `tfsdk:"mirrored"`
	Outcome       types.String `tfsdk:"outcome"`
	Reason        types.String `tfsdk:"reason"`
	SessionNumber types.Int64  `tfsdk:"session_number"`
	RuleNumber    types.Int64  `tfsdk:"rule_number"`
	Bytes         types.Int64  `tfsdk:"bytes"`
	TruncatedBy   types.String `tfsdk:"truncated_by"`
	Assumption    types.String `tfsdk:"assumption"`
}

var verdictTypes = map[string]attr.Type{
	"packet": types.StringType, "direction": types.StringType, "mirrored": types.BoolType, "outcome": types.StringType,
	"reason": types.StringType, "session_number": types.Int64Type, "rule_number": types.Int64Type, "bytes": types.Int64Type,
	"truncated_by": types.StringType, "assumption": types.StringType,
}

func flattenVerdict(what string, v dataplane.Verdict) verdictModel {
	return verdictModel{
		Packet:        types.StringValue(what),
		Direction:     textOrNull(string(v.Direction)),
		Mirrored:      types.BoolValue(v.Outcome == dataplane.Mirrored),
		Outcome:       types.StringValue(v.Outcome.String()),
		Reason:        types.StringValue(v.Reason.String()),
		SessionNumber: numberOrNull(v.SessionNumber),
		RuleNumber:    numberOrNull(v.RuleNumber),
		Bytes:         types.Int64Value(int64(v.Bytes)),
		TruncatedBy:   textOrNull(v.TruncatedBy.String()),
		Assumption:    textOrNull(v.Assumption.String()),
	}
}

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// numberOrNull returns null for the 0 of a verdict, which stands for none.
func numberOrNull(n int) types.Int64 {
	if n == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(int64(n))
}

func verdictsOf(ctx context.Context, m types.Map) map[string]verdictModel {
	verdicts := map[string]verdictModel{}
	if !m.IsNull() && !m.IsUnknown() {
		m.ElementsAs(ctx, &verdicts, false)
	}
	return verdicts
}

type summaryModel struct {
	Packets     int64            `tfsdk:"packets"`
	Mirrored    int64            `tfsdk:"mirrored"`
	NotMirrored map[string]int64 `tfsdk:"not_mirrored"`
	Truncated   map[string]int64 `tfsdk:"truncated"`
	BytesIn     int64            `tfsdk:"bytes_in"`
	BytesOut    int64            `tfsdk:"bytes_out"`
	Sessions    []sessionCount   `tfsdk:"sessions"`
	Rules       []ruleCount      `tfsdk:"rules"`
}

type sessionCount struct {
	SessionNumber    int   `tfsdk:"session_number"`
	VirtualNetworkID int   `tfsdk:"virtual_network_id"`
	Packets          int64 `tfsdk:"packets"`
	Bytes            int64 `tfsdk:"bytes"`
}

type ruleCount struct {
	SessionNumber int    `tfsdk:"session_number"`
	Direction     string `tfsdk:"direction"`
	RuleNumber    *int   `tfsdk:"rule_number"`
	Packets       int64  `tfsdk:"packets"`
	Bytes         int64  `tfsdk:"bytes"`
}

var (
	sessionCountTypes = map[string]attr.Type{
		"session_number": types.Int64Type, "virtual_network_id": types.Int64Type, "packets": types.Int64Type, "bytes": types.Int64Type,
	}
	ruleCountTypes = map[string]attr.Type{
		"session_number": types.Int64Type, "direction": types.StringType, "rule_number": types.Int64Type, "packets": types.Int64Type, "bytes": types.Int64Type,
	}
	summaryTypes = map[string]attr.Type{
		"packets": types.Int64Type, "mirrored": types.Int64Type, "bytes_in": types.Int64Type, "bytes_out": types.Int64Type,
		"not_mirrored": types.MapType{ElemType: types.Int64Type}, "truncated": types.MapType{ElemType: types.Int64Type},
		"sessions": types.ListType{ElemType: types.ObjectType{AttrTypes: sessionCountTypes}},
		"rules":    types.ListType{ElemType: types.ObjectType{AttrTypes: ruleCountTypes}},
	}
)

func flattenSummary(s dataplane.Summary) summaryModel {
	m := summaryModel{
		Packets: s.Packets, Mirrored: s.Mirrored, BytesIn: s.BytesIn, BytesOut: s.BytesOut,
		NotMirrored: countsByName(s.NotMirrored), Truncated: countsByName(s.Truncated),
		Sessions: []sessionCount{}, Rules: []ruleCount{},
	}
	for _, c := range s.Sessions {
		m.Sessions = append(m.Sessions, sessionCount(c))
	}
	for _, c := range s.Rules {
		m.Rules = append(m.Rules, ruleCount{c.SessionNumber, string(c.Direction), c.RuleNumber, c.Packets, c.Bytes})
	}
	return m
}

func countsByName[W interface {
	comparable
	String() string
}](counts map[W]int64) map[string]int64 {
	named := make(map[string]int64, len(counts))
	for w, n := range counts {
		named[w.String()] = n
	}
	return named
}
