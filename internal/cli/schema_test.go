package cli_test

import (
	"encoding/json"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// The command schema prints each function with what the documentation needs of it.
func TestSchema_functions(t *testing.T) {
	t.Parallel()
	server := provider.NewServer(provider.New("test"))()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(schemas.Functions) == 0 {
		t.Fatalf("the provider has no functions: %v", err)
	}
	status, stdout, stderr := run(t, "schema")
	if status != 0 {
		t.Fatal(stderr)
	}
	var printed tfjson.ProviderSchemas
	if err := json.Unmarshal([]byte(stdout), &printed); err != nil {
		t.Fatal(err)
	}
	functions := printed.Schemas["trafficmirror"].Functions
	for name, f := range schemas.Functions {
		shown, has := functions[name]
		if !has || shown.Description != f.Description || shown.Summary != f.Summary || len(shown.Parameters) != len(f.Parameters) {
			t.Errorf("the function %s is printed as %+v", name, shown)
			continue
		}
		for i, p := range f.Parameters {
			if got := shown.Parameters[i]; got.Name != p.Name || got.Description != p.Description || got.IsNullable {
				t.Errorf("the parameter %s of %s is printed as %+v", p.Name, name, got)
			}
		}
	}
	if got := functions["max_source_mtu"]; got.ReturnType.FriendlyName() != "number" || got.Parameters[1].Type.FriendlyName() != "string" {
		t.Errorf("max_source_mtu returns %s", got.ReturnType.FriendlyName())
	}
	if got := functions["verdict"].Parameters[0].Type.FriendlyName(); got != "dynamic" {
		t.Errorf("the filter of verdict is %s", got)
	}
}
