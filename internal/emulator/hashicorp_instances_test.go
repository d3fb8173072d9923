package emulator_test

import (
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
)

// hashicorp/aws launches instances with primary and further interfaces and mirrors them,
// sees no difference to what it asked for, changes them in place, there and back, and
// terminates them.
func TestHashicorpAWS_instances(t *testing.T) {
	t.Parallel()
	if os.Getenv("TRAFFICMIRROR_LONG") == "" {
		t.Skip("takes minutes: make test-long runs it")
	}
	e := newEmulator(t)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	before := everything(t, e)
	terraform := awsProviderIn(t, "hashicorp-aws-instances", "TF_VAR_endpoint="+server.URL)
	runSteps(t, terraform, []commandStep{
		{"apply -auto-approve", "12 added, 0 changed, 0 destroyed"},
		{"output found", "true"},
		{"plan", "No changes."},
		{"apply -auto-approve -var second=true", "0 added, 3 changed, 0 destroyed"},
		{"plan -var second=true", "No changes."},
		{"apply -auto-approve", "0 added, 3 changed, 0 destroyed"},
		{"plan", "No changes."},
		{"destroy -auto-approve", "12 destroyed"},
	})
	terminated := must(t, e, "DescribeInstances", filterBy("instance-state-name", "terminated")).texts(inInstance + "instanceId")
	after := slices.DeleteFunc(everything(t, e), func(id string) bool { return slices.Contains(terminated, id) }) // their tags are there for an hour
	if len(terminated) != 3 || !slices.Equal(after, before) {
		t.Errorf("after all was destroyed there are %q and\n%s\nwant three terminated instances and what there was before\n%s", terminated, strings.Join(after, " "), strings.Join(before, " "))
	}
	if left := must(t, e, "DescribeVolumes", "").all("volumeSet/item"); left != nil {
		t.Errorf("there are still the volumes %v", left)
	}
}
