package emulator_test

import (
	"net/http/httptest"
	"os"
	"slices"
	"testing"
)

// hashicorp/aws makes security groups in each of its ways, sees no difference to what it
// asked for, changes everything in place, there and back, and takes it down.
func TestHashicorpAWS_securityGroups(t *testing.T) {
	t.Parallel()
	if os.Getenv("TRAFFICMIRROR_LONG") == "" {
		t.Skip("takes minutes: make test-long runs it")
	}
	e := newEmulator(t)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	groups := func() []string {
		return must(t, e, "DescribeSecurityGroupRules", "").texts("securityGroupRuleSet/item/securityGroupRuleId")
	}
	before := groups()
	terraform := awsProviderIn(t, "hashicorp-aws-groups", "TF_VAR_endpoint="+server.URL)
	runSteps(t, terraform, []commandStep{
		{"apply -auto-approve", "13 added, 0 changed, 0 destroyed"},
		{"plan", "No changes."},
		{"output -raw read", "true true true true true true true"},
		{"apply -auto-approve -var second=true", "0 added, 8 changed, 0 destroyed"},
		{"plan -var second=true", "No changes."},
		{"apply -auto-approve", "0 added, 8 changed, 0 destroyed"},
		{"plan", "No changes."},
		{"destroy -auto-approve", "13 destroyed"},
	})
	if after := groups(); !slices.Equal(after, before) {
		t.Errorf("after all was destroyed there are the rules %q, want those that there were before: %q", after, before)
	}
}
