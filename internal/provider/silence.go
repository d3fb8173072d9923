package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/check"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

type warningsModel struct {
	Silence types.Dynamic `tfsdk:"silence"`
}

const silenceFix = `Write a list of names and objects, such as ["quota", { finding = "unreachable_rule", id = "tmf-...", because = "kept for the audit" }].`

func warningsAttribute() schema.Attribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: "Warnings that the provider shows. Default: all.",
		Attributes: map[string]schema.Attribute{
			// A list of both texts and objects has no other type.
			"silence": schema.DynamicAttribute{
				Optional: true,
				MarkdownDescription: "Warnings to hide: a list of names and of objects, such as " +
					"`[\"quota\", { finding = \"unreachable_rule\", id = \"tmf-...\", rule_numbers = [20], because = \"kept for the audit\" }]`. " +
					"A name hides a finding everywhere. An object hides it for one filter, session, target or network interface, and has `finding`, `id` and `because`. " +
					"For findings about rules, it can have `rule_numbers` and `traffic_direction`: the finding is then shown for other rules only. " +
					"A new object has no ID, so its warnings are shown until it exists. Default: none. The names:" + string(findingNames()),
			},
		},
	}
}

// findingNames are the names of the warnings that can be hidden.
func findingNames() bulletList {
	var names bulletList
	for _, f := range [][2]string{
		{"embedded_ec2", "the embedded EC2 is in use"},
		{"ipv6_forgotten", "a rule of a session's filter accepts packets from and to `0.0.0.0/0`, no rule of the direction has IPv6 CIDR blocks, and the source has IPv6"},
		{"mirrors_nothing", "a filter accepts no packet"},
		{"no_healthy_appliance", "a target group behind the load balancer of a target has no healthy appliance, fewer than its attributes ask for, or none at all while another group has some"},
		{"no_listener", "the Network Load Balancer of a target has no listener for UDP port 4789, or its Gateway Load Balancer has no listener"},
		{"no_sources", "the conditions of a data source `trafficmirror_sources` select no network interface"},
		{"other_zone", "a data source `trafficmirror_sources` proposes a target in another Availability Zone, because those in the zone of the source are full"},
		{"ports_forgotten", "a `tcp` or `udp` rule rejects packets and has no port range"},
		{"quota", "more rules, sessions or sources than `quotas` allows"},
		{"shadowed_session", "earlier sessions of the interface copy every packet that a session accepts"},
		{"simulation_waits", "a plan cannot run a simulation, because something that it uses is known only after apply"},
		{"target_moves", "a target gets another backing resource and a new ID, and its sessions change with it"},
		{"target_unavailable", "the backing resource of a target is not attached, not running or not active now"},
		{"unproved_assertion", "a plan cannot say yet whether an assertion of a filter holds"},
		{"unreachable_rule", "a rule decides no packet, because earlier rules cover it"},
		{"verdicts_change", "a plan changes the verdicts of a simulation"},
		{"zone_without_appliance", "cross-zone load balancing is off, and an Availability Zone has no healthy appliance"},
	} {
		names = names.with(f[0], f[1])
	}
	return names
}

// silenced returns the findings that are silenced, and the exceptions for single objects. It
// leaves out what is not known yet.
func (m warningsModel) silenced() (names []string, exceptions []check.Exception, problems mirror.Problems) {
	elements, isList := elementsOf(m.Silence)
	if !isList {
		return nil, nil, mirror.Problems{{Kind: mirror.Malformed, Field: silenceField, Wrong: "is not a list", Fix: silenceFix}}
	}
	for i, element := range elements {
		at := fmt.Sprintf("%s[%d]", silenceField, i)
		if dynamic, isDynamic := element.(types.Dynamic); isDynamic {
			if dynamic.IsUnknown() || dynamic.IsUnderlyingValueUnknown() {
				continue
			}
			element = dynamic.UnderlyingValue()
		}
		if element != nil && element.IsUnknown() {
			continue
		}
		switch e := element.(type) {
		case types.String:
			problems = append(problems, check.ValidateSilence(e.ValueString()).Below(at)...)
			names = append(names, e.ValueString())
		case types.Object:
			exception, found := exceptionOf(e.Attributes())
			problems = append(problems, found.Below(at)...)
			exceptions = append(exceptions, exception)
		case types.Map:
			exception, found := exceptionOf(e.Elements())
			problems = append(problems, found.Below(at)...)
			exceptions = append(exceptions, exception)
		default:
			problems = append(problems, mirror.Problem{Kind: mirror.Malformed, Field: at, Wrong: "is neither a name nor an object", Fix: silenceFix})
		}
	}
	return names, exceptions, problems
}

const silenceField = "warnings.silence"

// elementsOf returns the elements of a list, a set or a tuple. There are none in null and in
// what is not known yet.
func elementsOf(value attr.Value) ([]attr.Value, bool) {
	switch v := value.(type) {
	case types.Dynamic:
		if v.IsNull() || v.IsUnknown() || v.IsUnderlyingValueNull() || v.IsUnderlyingValueUnknown() {
			return nil, true
		}
		return elementsOf(v.UnderlyingValue())
	case types.Tuple:
		return v.Elements(), true
	case types.List:
		return v.Elements(), true
	case types.Set:
		return v.Elements(), true
	}
	return nil, false
}

// exceptionOf reads an object of silence. The attributes of a dynamic value have no schema, so
// each is read by hand.
func exceptionOf(attributes map[string]attr.Value) (check.Exception, mirror.Problems) {
	var e check.Exception
	var problems mirror.Problems
	known := true
	text := func(name string) string {
		value, isSet := attributes[name]
		if !isSet || value.IsNull() || value.IsUnknown() {
			known = known && (!isSet || !value.IsUnknown())
			return ""
		}
		s, isText := value.(types.String)
		if !isText {
			problems = append(problems, mirror.Problem{Kind: mirror.Malformed, Field: name, Wrong: "is not a text", Fix: "Write it in quotes."})
		}
		return s.ValueString()
	}
	e.Finding, e.ID, e.Because, e.Direction = text("finding"), text("id"), text("because"), mirror.Direction(text("traffic_direction"))
	numbers, numberProblems := ruleNumbers(attributes["rule_numbers"])
	problems = append(problems, numberProblems...)
	e.Rules = numbers
	for _, name := range sortedRuleKeys(attributes) {
		if !slices.Contains([]string{"finding", "id", "because", "traffic_direction", "rule_numbers"}, name) {
			problems = append(problems, mirror.Problem{
				Kind: mirror.Invalid, Field: name, Wrong: "is no attribute of an element of silence",
				Fix: "Write finding, id, because, rule_numbers and traffic_direction.",
			})
		}
	}
	if value, isSet := attributes["rule_numbers"]; isSet {
		known = known && isFullyKnown(value)
	}
	if problems == nil && known {
		problems = e.Validate()
	}
	return e, problems
}

func ruleNumbers(value attr.Value) ([]int, mirror.Problems) {
	if value == nil || value.IsNull() || value.IsUnknown() {
		return nil, nil
	}
	elements, isList := elementsOf(value)
	wrong := mirror.Problems{{Kind: mirror.Malformed, Field: "rule_numbers", Wrong: "is not a list of whole numbers", Fix: "Write the numbers of rules, such as [20, 30]."}}
	if !isList {
		return nil, wrong
	}
	numbers := []int{}
	for _, element := range elements {
		number, isNumber := element.(types.Number)
		if element.IsUnknown() {
			continue
		}
		if !isNumber || number.IsNull() || !number.ValueBigFloat().IsInt() {
			return nil, wrong
		}
		n, _ := number.ValueBigFloat().Int64()
		numbers = append(numbers, int(n))
	}
	return numbers, nil
}

// checkPolicyOf reports what is wrong with the settings of the checks in the provider block.
func checkPolicyOf(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) {
	var m warningsModel
	var guard types.Object
	diags.Append(config.GetAttribute(ctx, path.Root("warnings").AtName("silence"), &m.Silence)...)
	diags.Append(config.GetAttribute(ctx, path.Root("guard"), &guard)...)
	if diags.HasError() {
		return
	}
	_, _, problems := m.silenced()
	isSet := func(value attr.Value) bool { return !value.IsNull() }
	if !guard.IsNull() && !guard.IsUnknown() && !slices.ContainsFunc(slices.Collect(maps.Values(guard.Attributes())), isSet) {
		problems = append(problems, mirror.Problem{
			Kind: mirror.Missing, Field: "guard", Wrong: "sets no limit", Fix: "Write target_owner_ids, widening or both, or remove guard.",
		})
	}
	report(diags, "Invalid provider argument", problems)
}
