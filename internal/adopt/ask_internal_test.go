package adopt

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// The settings make a provider block of the types of its schema.
func TestSettings_block(t *testing.T) {
	t.Parallel()
	schemas, err := provider.NewServer(provider.New("test"))().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for name, settings := range map[string]Settings{
		"AWS": {}, "another endpoint": {EndpointURL: "http://127.0.0.1:4566"}, "the embedded EC2": {Emulator: "ec2.db"},
		"default tags": {DefaultTags: map[string]string{"team": "netsec"}},
	} {
		block, err := settings.block("us-east-1").dynamic(schemas.Provider.ValueType())
		if err == nil {
			_, err = block.Unmarshal(schemas.Provider.ValueType())
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
