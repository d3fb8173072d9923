package provider_test

import (
	"maps"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// Each object imports by its identity, where the CLI knows of identities.
func TestAccIdentity_import(t *testing.T) {
	a := newAccount(t)
	steps := []resource.TestStep{{Config: a.tagged(``, ``)}}
	for _, address := range taggedResources {
		steps = append(steps, resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity})
	}
	acceptance(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		CheckDestroy:             a.isEmpty,
		Steps:                    steps,
	})
}

// An import by the identity of another account or Region is refused, and one by ID
// alone takes those of the provider. This asks the provider itself, because not
// every CLI knows of identities.
func TestIdentity_import(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	server, _ := a.server(t)
	identityType := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String, "account_id": tftypes.String, "region": tftypes.String}}
	for _, c := range []struct {
		identity map[string]any
		refused  string
	}{
		{map[string]any{"id": "tms-00000000000000001"}, ""},
		{map[string]any{"id": "tms-00000000000000001", "account_id": "123456789012", "region": "us-east-1"}, ""},
		{map[string]any{"id": "tms-00000000000000001", "account_id": "999999999999"}, `^The account_id of the identity is "999999999999", but the provider uses "123456789012"\. Use a provider block for "999999999999"\.$`},
		{map[string]any{"id": "tms-00000000000000001", "region": "eu-west-1"}, `^The region of the identity is "eu-west-1", but the provider uses "us-east-1"\. Use a provider block for "eu-west-1"\.$`},
		{map[string]any{"id": "tmt-00000000000000001"}, `^id is "tmt-00000000000000001"\. Write the ID of a traffic mirror session: "tms-" and 17 hexadecimal digits\.$`},
	} {
		resp, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
			TypeName: "trafficmirror_session",
			Identity: &tfprotov6.ResourceIdentityData{IdentityData: dynamicValue(t, identityType, c.identity)},
		})
		switch {
		case err != nil:
			t.Fatal(err)
		case c.refused == "" && len(resp.Diagnostics) > 0:
			t.Errorf("%v: %s", c.identity, resp.Diagnostics[0].Detail)
		case c.refused != "" && (len(resp.Diagnostics) != 1 || !regexp.MustCompile(c.refused).MatchString(resp.Diagnostics[0].Detail)):
			t.Errorf("%v: %+v", c.identity, resp.Diagnostics)
		}
	}
}

// What is no ID of the kind is refused before EC2 is asked.
func TestImport_malformed(t *testing.T) {
	t.Parallel()
	server, _ := newAccount(t).server(t)
	for kind, want := range map[string]string{
		"trafficmirror_target":      `id is "web". Write the ID of a traffic mirror target: "tmt-" and 17 hexadecimal digits.`,
		"trafficmirror_filter":      `id is "web". Write the ID of a traffic mirror filter: "tmf-" and 17 hexadecimal digits.`,
		"trafficmirror_filter_rule": `The import ID is "web". Import a rule by its ID, "tmfr-0123456789abcdef0", or by the IDs of its filter and the rule, "tmf-0123456789abcdef0:tmfr-0123456789abcdef0".`,
		"trafficmirror_session":     `id is "web". Write the ID of a traffic mirror session: "tms-" and 17 hexadecimal digits.`,
	} {
		resp, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: "web"})
		if err != nil {
			t.Fatal(err)
		}
		if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Detail != want {
			t.Errorf("%s: %s", kind, worded(resp.Diagnostics))
		}
	}
}

// server is the provider, configured for the account, without a CLI.
func (a *account) server(t testing.TB) (tfprotov6.ProviderServer, *tfprotov6.GetProviderSchemaResponse) {
	t.Helper()
	return a.serverWith(t, nil)
}

// serverWith is server with more arguments of the provider block.
func (a *account) serverWith(t testing.TB, arguments map[string]any) (tfprotov6.ProviderServer, *tfprotov6.GetProviderSchemaResponse) {
	t.Helper()
	server := provider.NewServer(newProvider)()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	block := map[string]any{
		"assume_role": []any{}, "assume_role_with_web_identity": []any{}, "default_tags": []any{}, "endpoints": []any{}, "ignore_tags": []any{},
		"region":   "us-east-1",
		"emulator": map[string]any{"path": a.path("ec2.db"), "topology": a.path("topology.json")},
	}
	maps.Copy(block, arguments)
	config := dynamicValue(t, schemas.Provider.ValueType(), block)
	if _, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config}); err != nil {
		t.Fatal(err)
	}
	return server, schemas
}
