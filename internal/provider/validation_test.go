package provider_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

var update = flag.Bool("update", false, "write testdata/validation.txt and testdata/plan.txt anew")

// unknown stands in testdata for a value that is known after apply.
const unknown = "(known after apply)"

// valid are configurations without a fault. A case of testdata/validation.txt
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
}

// TestValidation compares every message of validation, word for word, with
// testdata/validation.txt, where they can be judged all at once.
func TestValidation(t *testing.T) {
	const path = "testdata/validation.txt"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	validate := newValidator(t)
	var rewritten strings.Builder
	for i, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
		head, want, _ := strings.Cut(block, "\n")
		if strings.HasPrefix(head, "#") {
			rewritten.WriteString(block + "\n\n")
			continue
		}
		resource, changes, _ := strings.Cut(head, " ")
		got := validate(resource, changes)
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

// newValidator returns a function that validates a configuration as Terraform
// does, and words the diagnostics in lines.
func newValidator(t *testing.T) func(resource, changes string) string {
	t.Helper()
	server := providerserver.NewProtocol6(provider.New("test")())()
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
	if len(names) == 0 {
		return "the resource"
	}
	return strings.Join(names, ".")
}

// dynamicValue turns a configuration into what Terraform sends, with unknown
// values in the places that say so.
func dynamicValue(t *testing.T, schema tftypes.Type, config map[string]any) *tfprotov6.DynamicValue {
	t.Helper()
	hidden := map[string]bool{}
	text, err := json.Marshal(hide(config, tftypes.NewAttributePath(), hidden))
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

// hide puts null where a value is unknown, because JSON has no word for it, and
// remembers the place. Keys of objects and keys of maps are tried both: only one
// of them exists in the schema.
func hide(value any, at *tftypes.AttributePath, hidden map[string]bool) any {
	object, isObject := value.(map[string]any)
	switch {
	case value == unknown:
		hidden[at.String()] = true
		return nil
	case !isObject:
		return value
	}
	shown := map[string]any{}
	for key, element := range object {
		next := at.WithAttributeName(key)
		if strings.HasSuffix(at.String(), `_rules")`) || strings.HasSuffix(at.String(), `"tags")`) {
			next = at.WithElementKeyString(key)
		}
		shown[key] = hide(element, next, hidden)
	}
	return shown
}
