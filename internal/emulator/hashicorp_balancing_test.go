package emulator_test

import (
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
)

// hashicorp/aws makes load balancers and listeners, reads them, sees no difference to what it asked
// for, changes everything in place, imports load balancers, and takes all down. An imported listener is
// not compared: hashicorp/aws then sees the target group twice, as on AWS.
func TestHashicorpAWS_balancing(t *testing.T) {
	t.Parallel()
	if os.Getenv("TRAFFICMIRROR_LONG") == "" {
		t.Skip("takes minutes: make test-long runs it")
	}
	e := newEmulator(t)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	before := everything(t, e)
	terraform := awsProviderIn(t, "hashicorp-aws-balancing", "TF_VAR_endpoint="+server.URL)
	runSteps(t, terraform, []commandStep{
		{"apply -auto-approve", "15 added, 0 changed, 0 destroyed"},
		{"plan", "No changes."},
		{"output -raw read", "true true gateway true true"},
		{"apply -auto-approve -var second=true", "0 added, 4 changed, 0 destroyed"},
		{"plan -var second=true", "No changes."},
	})
	arns, err := terraform("output", "-raw", "arns")
	fatal(t, err)
	runSteps(t, terraform, []commandStep{{"state rm aws_lb.network aws_lb.gateway", "Successfully removed 2"}})
	for _, imported := range strings.Fields(arns) {
		runSteps(t, terraform, []commandStep{{"import -var second=true " + strings.Replace(imported, "=", " ", 1), "Import successful"}})
	}
	runSteps(t, terraform, []commandStep{
		{"plan -var second=true", "No changes."},
		{"destroy -auto-approve -var second=true", "15 destroyed"},
	})
	if after := everything(t, e); !slices.Equal(after, before) {
		t.Errorf("after all was destroyed there is\n%s\nwant what there was before\n%s", strings.Join(after, " "), strings.Join(before, " "))
	}
}
