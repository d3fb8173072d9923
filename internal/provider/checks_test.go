package provider_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

var update = flag.Bool("update", false, "write testdata/checks.txt anew")

// unknown means a value in testdata that is known only after apply.
const unknown = "(known after apply)"

// valid are configurations without a fault. A case of testdata/checks.txt
// changes some of their attributes, or removes them with null.
var valid = map[string]map[string]any{
	"trafficmirror_target": {"network_interface_id": sensor},
	"trafficmirror_filter": {},
	"trafficmirror_filter_rule": {
		"traffic_mirror_filter_id": "tmf-00000000000000001", "traffic_direction": "ingress", "rule_number": 100, "rule_action": "accept",
		"source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0",
	},
	"trafficmirror_session": {
		"network_interface_id": source, "traffic_mirror_target_id": "tmt-00000000000000001", "traffic_mirror_filter_id": "tmf-00000000000000001",
	},
	"trafficmirror_simulation": {
		"network_interface_id": source,
		"packets": []any{map[string]any{
			"name": "tls", "direction": "ingress", "protocol": "tcp", "source": "192.0.2.1", "source_port": 50000, "destination": "10.0.1.11", "destination_port": 443,
		}},
	},
}

// TestChecks compares every message of validation and of a plan, word for word, with
// testdata/checks.txt, where they can be judged all at once.
func TestChecks(t *testing.T) {
	const path = "testdata/checks.txt"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	validate, p := newValidator(t), newPlanner(t)
	var rewritten strings.Builder
	for i, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
		if strings.HasPrefix(block, "#") {
			rewritten.WriteString(block + "\n\n")
			continue
		}
		head, want := cutCase(block)
		var got string
		if value, isValidated := strings.CutPrefix(head, "validate "); isValidated {
			kind, changes, _ := strings.Cut(value, " ")
			got = validate(kind, changes)
		} else {
			got = p.standIns.Replace(p.planCase(t, head))
		}
		if got != want && !*update {
			t.Errorf("case %d, %s:\ngot\n%s\nwant\n%s", i, head, got, want)
		}
		rewritten.WriteString(strings.TrimSpace(head+"\n"+got) + "\n\n")
	}
	if *update {
		if err := os.WriteFile(path, []byte(strings.TrimSpace(rewritten.String())+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// cutCase cuts a case into what is planned and the diagnostics, which are indented.
func cutCase(block string) (head, want string) {
	head, want, found := strings.Cut(block, "\n  ")
	if found {
		want = "  " + want
	}
	return head, want
}

// planCase plans the objects of a case, a line each.
func (p *planner) planCase(t *testing.T, head string) string {
	t.Helper()
	var arguments string
	var steps []step
	p.denied = nil
	for line := range strings.Lines(head) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "provider":
			arguments = rest
		case "denied":
			p.denied = strings.Split(rest, " ")
		case "destroy":
			kind, prior, _ := strings.Cut(rest, " ")
			steps = append(steps, step{kind: kind, prior: prior})
		case "plan":
			kind, object, _ := strings.Cut(rest, " ")
			changes, prior, _ := strings.Cut(object, " from ")
			steps = append(steps, step{kind: kind, prior: prior, changes: changes})
		default:
			t.Fatalf("%q begins with none of plan, destroy, provider and denied", line)
		}
	}
	return p.plan(t, arguments, steps...)
}

// newValidator returns a function that validates a configuration as Terraform
// does, and words the diagnostics in lines.
func newValidator(t *testing.T) func(resource, changes string) string {
	t.Helper()
	server := provider.NewServer(newProvider)()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return func(resource, changes string) string {
		config := maps.Clone(valid[resource])
		if err := json.Unmarshal([]byte(changes), &config); err != nil {
			t.Fatalf("%s: %v", changes, err)
		}
		value := dynamicValue(t, schemas.ResourceSchemas[resource].ValueType(), config)
		resp, err := server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: resource, Config: value})
		if err != nil {
			t.Fatal(err)
		}
		return worded(resp.Diagnostics)
	}
}

// worded words diagnostics in lines.
func worded(diagnostics []*tfprotov6.Diagnostic) string {
	lines := make([]string, len(diagnostics))
	for i, d := range diagnostics {
		lines[i] = fmt.Sprintf("  %s at %s: %s\n    %s", strings.ToLower(d.Severity.String()), place(d.Attribute), d.Summary, strings.ReplaceAll(d.Detail, "\n", "\n    "))
	}
	return strings.Join(lines, "\n")
}

// place words the path of a diagnostic.
func place(p *tftypes.AttributePath) string {
	names := []string{}
	for _, step := range p.Steps() {
		names = append(names, fmt.Sprint(step))
	}
	switch {
	case p == nil:
		return "the resource"
	case len(names) == 0:
		return "no line of the configuration"
	}
	return strings.Join(names, ".")
}

// dynamicValue turns a configuration into what Terraform sends, with unknown
// values in the places that say so.
func dynamicValue(t testing.TB, schema tftypes.Type, config map[string]any) *tfprotov6.DynamicValue {
	t.Helper()
	hidden := map[string]bool{}
	text, err := json.Marshal(hide(config, schema, tftypes.NewAttributePath(), hidden))
	if err != nil {
		t.Fatal(err)
	}
	value, err := tftypes.ValueFromJSON(text, schema) //nolint:staticcheck // what replaces it is not for tests of a provider
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	value, err = tftypes.Transform(value, func(p *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if hidden[p.String()] {
			return tftypes.NewValue(v.Type(), tftypes.UnknownValue), nil
		}
		return v, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	dynamic, err := tfprotov6.NewDynamicValue(schema, value)
	if err != nil {
		t.Fatal(err)
	}
	return &dynamic
}

// typed returns the value of a dynamic attribute as JSON has it, with its type.
func typed(value any) any {
	if value == nil {
		return nil
	}
	return map[string]any{"type": typeOf(value), "value": value}
}

func typeOf(value any) any {
	switch v := value.(type) {
	case []any:
		types := make([]any, len(v))
		for i, element := range v {
			types[i] = typeOf(element)
		}
		return []any{"tuple", types}
	case map[string]any:
		types := map[string]any{}
		for name, attribute := range v {
			types[name] = typeOf(attribute)
		}
		return []any{"object", types}
	case float64, int:
		return "number"
	case bool:
		return "bool"
	}
	return "string"
}

// hide puts null where a value of a type is unknown, because JSON has no word for it, and
// remembers the place.
func hide(value any, of tftypes.Type, at *tftypes.AttributePath, hidden map[string]bool) any {
	if value == unknown {
		hidden[at.String()] = true
		return nil
	}
	if of != nil && of.Is(tftypes.DynamicPseudoType) {
		return typed(value)
	}
	switch v := value.(type) {
	case []any:
		shown := make([]any, len(v))
		for i, element := range v {
			next := at.WithElementKeyInt(i)
			if set, isSet := of.(tftypes.Set); isSet && element == unknown {
				next = at.WithElementKeyValue(tftypes.NewValue(set.ElementType, nil))
			}
			shown[i] = hide(element, elementType(of), next, hidden)
		}
		return shown
	case map[string]any:
		shown := map[string]any{}
		for key, element := range v {
			switch of := of.(type) {
			case tftypes.Map:
				shown[key] = hide(element, of.ElementType, at.WithElementKeyString(key), hidden)
			case tftypes.Object:
				shown[key] = hide(element, of.AttributeTypes[key], at.WithAttributeName(key), hidden)
			default:
				shown[key] = element
			}
		}
		return shown
	}
	return value
}

// elementType returns the type of the elements of a list or a set.
func elementType(of tftypes.Type) tftypes.Type {
	switch of := of.(type) {
	case tftypes.List:
		return of.ElementType
	case tftypes.Set:
		return of.ElementType
	}
	return nil
}
