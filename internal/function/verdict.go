package function

import (
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// verdictResult is what a filter does with a packet.
type verdictResult struct {
	Mirrored   bool    `json:"mirrored"`
	Outcome    string  `json:"outcome"`
	Reason     string  `json:"reason"`
	RuleNumber *int    `json:"rule_number"`
	Assumption *string `json:"assumption"`
	Text       string  `json:"text"`
}

// traceResult is a verdictResult with its steps.
type traceResult struct {
	Mirrored   bool        `json:"mirrored"`
	Outcome    string      `json:"outcome"`
	Reason     string      `json:"reason"`
	RuleNumber *int        `json:"rule_number"`
	Assumption *string     `json:"assumption"`
	Steps      []traceStep `json:"steps"`
	Text       string      `json:"text"`
}

type traceStep struct {
	Number     int     `json:"number"`
	Step       string  `json:"step"`
	Result     string  `json:"result"`
	Decides    bool    `json:"decides"`
	RuleNumber *int    `json:"rule_number"`
	RuleAction *string `json:"rule_action"`
	Field      *string `json:"field"`
	Reason     *string `json:"reason"`
	Assumption *string `json:"assumption"`
	Text       string  `json:"text"`
}

const resultText = "The result has:\n\n" +
	"- `mirrored`: whether the filter mirrors the packet.\n" +
	"- `outcome`: `mirrored`, `rejected`, `no_match` or `never_mirrored`.\n" +
	"- `reason`: why. [The guide](../guides/verdicts.md#every-reason) lists the values.\n" +
	"- `rule_number`: the rule that decides; null if none does.\n" +
	"- `assumption`: number of the [assumption](../guides/assumptions.md) that the answer depends on; null if there is none.\n"

var filterAndPacket = []function.Parameter{dynamic("filter", filterText), dynamic("packet", packetText)}

var verdict = pure{
	name:       "verdict",
	summary:    "What a filter does with a packet",
	parameters: filterAndPacket,
	description: "Returns what a filter does with one packet, as an object. " +
		"The answer is about a session with this filter alone: a target, a packet length and other sessions of the interface do not matter. " +
		"For them, use [`trafficmirror_simulation`](../resources/simulation.md).\n\n" + resultText + "- `text`: the answer as a sentence.",
	result: typeOf(reflect.TypeFor[verdictResult]()),
	run: func(arguments []attr.Value) (attr.Value, error) {
		t, isKnown, err := ask(arguments)
		if err != nil || !isKnown {
			return nil, err
		}
		v := t.Verdict
		return show(verdictResult{v.Outcome == dataplane.Mirrored, v.Outcome.String(), v.Reason.String(), optional(v.RuleNumber), optional(v.Assumption.String()), decision(t)}), nil
	},
}

var trace = pure{
	name:       "trace",
	summary:    "How a filter decides about a packet",
	parameters: filterAndPacket,
	description: "Returns what a filter does with one packet, step by step, as an object.\n\n" + resultText +
		"- `steps`: each question with its answer, in order. First: does EC2 mirror packets of this kind, and is the packet Amazon DNS? Then each rule up to the first that matches. " +
		"If a rule does not match, `field` is the first field that does not fit.\n" +
		"- `text`: the steps in lines, as the command [`trace`](../guides/trace.md) prints them.",
	result: typeOf(reflect.TypeFor[traceResult]()),
	run: func(arguments []attr.Value) (attr.Value, error) {
		t, isKnown, err := ask(arguments)
		if err != nil || !isKnown {
			return nil, err
		}
		v := t.Verdict
		result := traceResult{v.Outcome == dataplane.Mirrored, v.Outcome.String(), v.Reason.String(), optional(v.RuleNumber), optional(v.Assumption.String()), []traceStep{}, t.String()}
		for _, s := range t.Steps {
			result.Steps = append(result.Steps, traceStep{
				s.Number, string(s.Kind), string(s.Result), s.Decides, optional(s.RuleNumber), optional(string(s.Action)), optional(s.Field), optional(s.Reason),
				optional(s.Assumption.String()), s.Text,
			})
		}
		return show(result), nil
	},
}

// ask traces the packet through the filter. isKnown is false if something that matters is
// known only after apply.
func ask(arguments []attr.Value) (t dataplane.Trace, isKnown bool, err error) {
	var ofPacket, ofFilter reader
	q := ofPacket.packet(arguments[1])
	if err := ofPacket.err(1); err != nil {
		return t, false, err
	}
	directions := mirror.Directions
	if !ofPacket.unknown {
		directions = []mirror.Direction{q.direction}
	}
	f := ofFilter.filter(arguments[0], directions...)
	if err := ofFilter.err(0); err != nil || ofFilter.unknown || ofPacket.unknown {
		return t, false, err
	}
	return dataplane.TraceFilter(f, q.resolvers, &q.packet, q.direction), true, nil
}

// decision returns the text of the step that decides.
func decision(t dataplane.Trace) string {
	for _, s := range t.Steps {
		if s.Decides {
			return s.Text
		}
	}
	return ""
}

// optional returns nil for a zero value.
func optional[T int | string](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
