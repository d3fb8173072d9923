package cli_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// The command schema prints an empty object for functions. It has to learn how to
// print them before the provider has any.
func TestSchema_noFunctions(t *testing.T) {
	t.Parallel()
	server := provider.NewServer(provider.New("test"))()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for name := range schemas.Functions {
		t.Errorf("the command schema does not print the function %s", name)
	}
}
