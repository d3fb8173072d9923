package emulator_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
)

// hashicorp/aws makes fleets behind both types of load balancer, and endpoints in another VPC,
// sees no difference to what it asked for, changes everything in place, there and back, imports
// what it has forgotten, and takes it down.
func TestHashicorpAWS_fleet(t *testing.T) {
	t.Parallel()
	if os.Getenv("TRAFFICMIRROR_LONG") == "" {
		t.Skip("takes minutes: make test-long runs it")
	}
	e := newEmulator(t)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	before := everything(t, e)
	terraform := awsProviderIn(t, "hashicorp-aws-fleet", "TF_VAR_endpoint="+server.URL)
	runSteps(t, terraform, []commandStep{
		{"apply -auto-approve", "22 added, 0 changed, 0 destroyed"},
		{"plan", "No changes."},
		{"output -raw read", "available available true 4789"},
		{"apply -auto-approve -var second=true", "0 added, 5 changed, 0 destroyed"},
		{"plan -var second=true", "No changes."},
		{"apply -auto-approve", "0 added, 5 changed, 0 destroyed"},
		{"plan", "No changes."},
	})
	importAll(t, terraform)
	runSteps(t, terraform, []commandStep{
		{"plan", "No changes."},
		{"destroy -auto-approve", "22 destroyed"},
	})
	if after := everything(t, e); !slices.Equal(after, before) {
		t.Errorf("after all was destroyed there is\n%s\nwant what there was before\n%s", strings.Join(after, " "), strings.Join(before, " "))
	}
}

// importAll removes resources from the state, and imports them by the IDs in the output imports.
func importAll(t *testing.T, terraform func(words ...string) (string, error)) {
	t.Helper()
	output, err := terraform("output", "-json", "imports")
	fatal(t, err)
	ids := map[string]string{}
	fatal(t, json.Unmarshal([]byte(output), &ids))
	for address, id := range ids {
		runSteps(t, terraform, []commandStep{
			{"state rm " + address, "Successfully removed"},
			{"import " + address + " " + id, "Import successful!"},
		})
	}
}
