package cli

import (
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// traceSchema returns the JSON schema of what trace prints with --json.
func traceSchema() []byte {
	step := closedObject("A question about the packet, and its answer.", object{
		"number":         typeOf("integer", "The number of the step, from 1."),
		"step":           enumOf("What the step asks.", dataplane.StepKinds),
		"result":         enumOf("The answer. passes: nothing changes for the packet. stops: it is not mirrored, or its copy does not arrive. unknown: the step assumes what its text says.", dataplane.StepResults),
		"decides":        typeOf("boolean", "True for the step that decides the outcome, and for the rule that took a packet whose copy is lost. Left out for other steps."),
		"session_number": typeOf("integer", "The session that the step is about. Left out if it is about none."),
		"rule_number":    typeOf("integer", "The rule that the step is about. Left out if it is about none."),
		"rule_action":    enumOf("What the rule does with packets that match it.", mirror.Actions),
		"field":          enumOf("The first field of the rule that does not fit the packet.", dataplane.RuleFields),
		"reason":         typeOf("string", "The reason of a verdict, what cuts a copy, or what is not known."),
		"assumption":     typeOf("string", "The number of the assumption that the step depends on."),
		"text":           typeOf("string", "The step for a person."),
	}, "number", "step", "result", "text")
	verdict := closedObject("What happens to the packet.", object{
		"outcome":        enumOf("What happens to the packet.", namesOf(dataplane.Outcomes)),
		"direction":      enumOf("Seen from the interface. Left out if it is not known.", mirror.Directions),
		"session_number": typeOf("integer", "The session that decides. Left out if there is none."),
		"rule_number":    typeOf("integer", "The rule that decides. Left out if there is none."),
		"reason":         enumOf("Why the packet has its outcome.", namesOf(dataplane.Reasons)),
		"bytes":          typeOf("integer", "Bytes of the packet that are copied, from its Ethernet header."),
		"truncated_by":   enumOf("What cut the copy. Left out if it is whole.", namesOf(dataplane.Truncations)),
		"unknown": object{
			"type": "array", "items": enumOf("", namesOf(dataplane.Unknowns)),
			"description": "What is not known about the target. The verdict is right if all of it is as it should be.",
		},
		"assumption": typeOf("string", "The number of the assumption that the verdict depends on."),
	}, "outcome", "reason", "bytes")
	whole := closedObject("How a verdict about a packet is reached, step by step.", object{
		"packet":    typeOf("string", "The packet in words."),
		"steps":     object{"type": "array", "items": step, "description": "The steps in their order."},
		"verdict":   verdict,
		"appliance": typeOf("string", "The IP address of the appliance behind a load balancer that gets the copy. Left out if there is none, or if it is not known."),
	}, "packet", "steps", "verdict")
	return published("trace", whole)
}

// closedObject is the schema of an object without other properties.
func closedObject(description string, properties object, required ...string) object {
	return object{"type": "object", "description": description, "properties": properties, "additionalProperties": false, "required": required}
}

func typeOf(name, description string) object {
	return object{"type": name}.set("description", description)
}

func enumOf[T ~string](description string, values []T) object {
	return object{"type": "string", "enum": values}.set("description", description)
}

// namesOf returns the names of values.
func namesOf[T fmt.Stringer](values []T) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = v.String()
	}
	return texts
}
