package provider

import (
	"context"
	"fmt"
	"iter"
	"net/netip"
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packed"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

type simulationModel struct {
	NetworkInterfaceID   types.String `tfsdk:"network_interface_id"`
	SessionIDs           types.List   `tfsdk:"traffic_mirror_session_ids"`
	Interface            types.Object `tfsdk:"interface"`
	Sessions             packed.Value `tfsdk:"sessions"`
	Targets              types.Map    `tfsdk:"targets"`
	DNSResolverAddresses types.List   `tfsdk:"dns_resolver_addresses"`
	Capture              types.Object `tfsdk:"capture"`
	Packets              packed.Value `tfsdk:"packets"`
	Expect               packed.Value `tfsdk:"expect"`
	OnFailure            types.String `tfsdk:"on_failure"`
	OnDrift              types.String `tfsdk:"on_drift"`
	Region               types.String `tfsdk:"region"`
	Output               types.Object `tfsdk:"output"`
	Annotated            types.Object `tfsdk:"annotated"`
	Passed               types.Bool   `tfsdk:"passed"`
	Failures             types.List   `tfsdk:"failures"`
	Verdicts             packed.Value `tfsdk:"verdicts"`
	Summary              types.Object `tfsdk:"summary"`
}

// withSHA256 returns capture, output or annotated with another digest.
func withSHA256(file types.Object, sha256 types.String) types.Object {
	values := file.Attributes()
	values["sha256"] = sha256
	return types.ObjectValueMust(file.AttributeTypes(context.Background()), values)
}

// filePath and fileSHA256 read capture, output or annotated; null if it is not set.
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

// kept is how many packets from the start of the capture get a verdict in the state.
func (m *simulationModel) kept() int64 {
	if m.Capture.IsNull() || m.Capture.IsUnknown() {
		return 0
	}
	return m.Capture.Attributes()["verdicts"].(numberValue).ValueInt64()
}

// packetsByName returns the packets in words that have a known name.
func packetsByName(list packed.Value) map[string]attr.Value {
	packets := map[string]attr.Value{}
	for _, element := range list.Elements() {
		if name, isKnown := element.(types.Object).Attributes()["name"].(types.String); isKnown && !name.IsUnknown() {
			packets[name.ValueString()] = element
		}
	}
	return packets
}

// results reads the results of the last run from a state.
func (m *simulationModel) results(ctx context.Context) results {
	r := results{verdicts: expandVerdicts(ctx, m.Verdicts)}
	if all, isKnown := m.Summary.Attributes()["packets"].(types.Int64); isKnown && !m.Capture.IsNull() {
		r.captured = all.ValueInt64() - int64(len(m.Packets.Elements()))
	}
	return r
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

// objectsOf reads the known elements of a list of nested objects, with their indexes. In
// validation and in a plan, some elements may be unknown.
func objectsOf[M any](_ context.Context, list packed.Value) iter.Seq2[int, M] {
	return func(yield func(int, M) bool) {
		for i, element := range list.Elements() {
			object := element.(types.Object)
			if object.IsUnknown() || object.IsNull() {
				continue
			}
			if !yield(i, modelOf[M](object)) {
				return
			}
		}
	}
}

// refuseNulls refuses elements of a list that are null.
func refuseNulls(name string, list packed.Value, noun string, diags *diag.Diagnostics) {
	for i, element := range list.Elements() {
		if element.IsNull() {
			at := path.Root(name).AtListIndex(i)
			diags.AddAttributeError(at, "Invalid simulation", fmt.Sprintf("%s is null. Write %s, or leave it out.", at, noun))
		}
	}
}

// modelOf reads an object into a model whose fields are all of the types of the attributes.
// The framework's As does the same, but compiles a regular expression for each field of each
// object.
func modelOf[M any](object types.Object) M {
	var m M
	to, attributes := reflect.ValueOf(&m).Elem(), object.Attributes()
	for i := range to.NumField() {
		to.Field(i).Set(reflect.ValueOf(attributes[to.Type().Field(i).Tag.Get("tfsdk")]))
	}
	return m
}

// objectOf is the reverse of modelOf.
func objectOf[M any](kinds map[string]attr.Type, m M) types.Object {
	from, attributes := reflect.ValueOf(m), make(map[string]attr.Value, len(kinds))
	for i := range from.NumField() {
		attributes[from.Type().Field(i).Tag.Get("tfsdk")] = from.Field(i).Interface().(attr.Value)
	}
	return types.ObjectValueMust(kinds, attributes)
}

// known reports whether the packet can be built.
func (m packetModel) known() bool {
	return !slices.ContainsFunc([]attr.Value{
		m.Name, m.Direction, m.Protocol, m.Source, m.Destination, m.SourcePort, m.DestinationPort, m.Length,
	}, attr.Value.IsUnknown)
}

// expand reads a known packet.
func (m packetModel) expand() simulation.PacketInWords {
	return simulation.PacketInWords{
		Name:            m.Name.ValueString(),
		Direction:       m.Direction.ValueString(),
		Protocol:        m.Protocol.ValueString(),
		Source:          m.Source.ValueString(),
		Destination:     m.Destination.ValueString(),
		SourcePort:      m.SourcePort.ValueInt64Pointer(),
		DestinationPort: m.DestinationPort.ValueInt64Pointer(),
		Length:          m.Length.ValueInt64(),
	}
}

type verdictModel struct {
	Packet          types.String `tfsdk:"packet"`
	Direction       types.String `tfsdk:"direction"`
	Protocol        types.String `tfsdk:"protocol"`
	Source          types.String `tfsdk:"source"`
	SourcePort      types.Int64  `tfsdk:"source_port"`
	Destination     types.String `tfsdk:"destination"`
	DestinationPort types.Int64  `tfsdk:"destination_port"`
	Length          types.Int64  `tfsdk:"length"`
	Mirrored        types.Bool   `tfsdk:"mirrored"`
	Outcome         types.String `tfsdk:"outcome"`
	Reason          types.String `tfsdk:"reason"`
	SessionNumber   types.Int64  `tfsdk:"session_number"`
	RuleNumber      types.Int64  `tfsdk:"rule_number"`
	Bytes           types.Int64  `tfsdk:"bytes"`
	TruncatedBy     types.String `tfsdk:"truncated_by"`
	Assumption      types.String `tfsdk:"assumption"`
	Unknown         types.List   `tfsdk:"unknown"`
	Appliance       types.String `tfsdk:"appliance"`
}

var verdictTypes = map[string]attr.Type{
	"protocol": types.StringType, "source": types.StringType, "source_port": types.Int64Type, "destination": types.StringType,
	"destination_port": types.Int64Type, "length": types.Int64Type,
	"packet": types.StringType, "direction": types.StringType, "mirrored": types.BoolType, "outcome": types.StringType,
	"reason": types.StringType, "session_number": types.Int64Type, "rule_number": types.Int64Type, "bytes": types.Int64Type,
	"truncated_by": types.StringType, "assumption": types.StringType, "unknown": types.ListType{ElemType: types.StringType},
	"appliance": types.StringType,
}

func flattenVerdicts(verdicts map[string]simulation.PacketVerdict) types.Map {
	models := make(map[string]attr.Value, len(verdicts))
	for name, v := range verdicts {
		models[name] = objectOf(verdictTypes, verdictModel{
			Packet:          types.StringValue(v.Packet),
			Direction:       textOrNull(v.Direction),
			Protocol:        textOrNull(v.Protocol),
			Source:          textOrNull(v.Source),
			SourcePort:      types.Int64PointerValue(v.SourcePort),
			Destination:     textOrNull(v.Destination),
			DestinationPort: types.Int64PointerValue(v.DestinationPort),
			Length:          types.Int64Value(v.Length),
			Mirrored:        types.BoolValue(v.Mirrored),
			Outcome:         types.StringValue(v.Outcome),
			Reason:          types.StringValue(v.Reason),
			SessionNumber:   types.Int64PointerValue(v.SessionNumber),
			RuleNumber:      types.Int64PointerValue(v.RuleNumber),
			Bytes:           types.Int64Value(v.Bytes),
			TruncatedBy:     textOrNull(v.TruncatedBy),
			Assumption:      textOrNull(v.Assumption),
			Unknown:         textList(v.Unknown),
			Appliance:       textOrNull(v.Appliance),
		})
	}
	return types.MapValueMust(verdictsType.ElemType, models)
}

// textList is a list that is empty rather than null.
func textList(texts []string) types.List {
	elements := make([]attr.Value, len(texts))
	for i, text := range texts {
		elements[i] = types.StringValue(text)
	}
	return types.ListValueMust(types.StringType, elements)
}

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// expandVerdicts reads the verdicts of a state.
func expandVerdicts(ctx context.Context, packedVerdicts packed.Value) map[string]simulation.PacketVerdict {
	verdicts := map[string]simulation.PacketVerdict{}
	value, err := packedVerdicts.Unpack(ctx)
	models, isMap := value.(types.Map)
	if err != nil || !isMap {
		return verdicts
	}
	for name, element := range models.Elements() {
		v := modelOf[verdictModel](element.(types.Object))
		verdicts[name] = simulation.PacketVerdict{
			Packet:          v.Packet.ValueString(),
			Direction:       v.Direction.ValueString(),
			Protocol:        v.Protocol.ValueString(),
			Source:          v.Source.ValueString(),
			SourcePort:      v.SourcePort.ValueInt64Pointer(),
			Destination:     v.Destination.ValueString(),
			DestinationPort: v.DestinationPort.ValueInt64Pointer(),
			Length:          v.Length.ValueInt64(),
			Mirrored:        v.Mirrored.ValueBool(),
			Outcome:         v.Outcome.ValueString(),
			Reason:          v.Reason.ValueString(),
			SessionNumber:   v.SessionNumber.ValueInt64Pointer(),
			RuleNumber:      v.RuleNumber.ValueInt64Pointer(),
			Bytes:           v.Bytes.ValueInt64(),
			TruncatedBy:     v.TruncatedBy.ValueString(),
			Assumption:      v.Assumption.ValueString(),
			Unknown:         texts(v.Unknown),
			Appliance:       v.Appliance.ValueString(),
		}
	}
	return verdicts
}

type summaryModel struct {
	Packets     int64            `tfsdk:"packets"`
	Mirrored    int64            `tfsdk:"mirrored"`
	NotMirrored map[string]int64 `tfsdk:"not_mirrored"`
	Truncated   map[string]int64 `tfsdk:"truncated"`
	Unknown     map[string]int64 `tfsdk:"unknown"`
	Appliances  map[string]int64 `tfsdk:"appliances"`
	BytesIn     int64            `tfsdk:"bytes_in"`
	BytesOut    int64            `tfsdk:"bytes_out"`
	Sessions    []sessionCount   `tfsdk:"sessions"`
	Rules       []ruleCount      `tfsdk:"rules"`
	Table       string           `tfsdk:"table"`
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
	Hits          int64  `tfsdk:"hits"`
	Packets       int64  `tfsdk:"packets"`
	Bytes         int64  `tfsdk:"bytes"`
}

var (
	sessionCountTypes = map[string]attr.Type{
		"session_number": types.Int64Type, "virtual_network_id": types.Int64Type, "packets": types.Int64Type, "bytes": types.Int64Type,
	}
	ruleCountTypes = map[string]attr.Type{
		"session_number": types.Int64Type, "direction": types.StringType, "rule_number": types.Int64Type, "hits": types.Int64Type,
		"packets": types.Int64Type, "bytes": types.Int64Type,
	}
	summaryTypes = map[string]attr.Type{
		"packets": types.Int64Type, "mirrored": types.Int64Type, "bytes_in": types.Int64Type, "bytes_out": types.Int64Type,
		"not_mirrored": types.MapType{ElemType: types.Int64Type}, "truncated": types.MapType{ElemType: types.Int64Type},
		"unknown": types.MapType{ElemType: types.Int64Type}, "table": types.StringType,
		"appliances": types.MapType{ElemType: types.Int64Type},
		"sessions":   types.ListType{ElemType: types.ObjectType{AttrTypes: sessionCountTypes}},
		"rules":      types.ListType{ElemType: types.ObjectType{AttrTypes: ruleCountTypes}},
	}
)

func flattenSummary(s dataplane.Summary, appliances map[netip.Addr]int64) summaryModel {
	m := summaryModel{
		Packets: s.Packets, Mirrored: s.Mirrored, BytesIn: s.BytesIn, BytesOut: s.BytesOut,
		NotMirrored: countsByName(s.NotMirrored), Truncated: countsByName(s.Truncated), Unknown: countsByName(s.Unknown), Table: simulation.Table(s),
		Appliances: countsByName(appliances), Sessions: []sessionCount{}, Rules: []ruleCount{},
	}
	for _, c := range s.Sessions {
		m.Sessions = append(m.Sessions, sessionCount(c))
	}
	for _, c := range s.Rules {
		m.Rules = append(m.Rules, ruleCount{c.SessionNumber, string(c.Direction), c.RuleNumber, c.Hits, c.Packets, c.Bytes})
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
