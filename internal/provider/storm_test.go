package provider_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// Every fault that the embedded EC2 knows, with the time it needs.
var faultKinds = []string{"RequestLimitExceeded", "500", "503", "latency=30ms", "cut-before", "cut-after", "stale=500ms"}

// What the provider asks of EC2.
var usedActions = []string{
	"CreateTrafficMirrorTarget", "DescribeTrafficMirrorTargets", "DeleteTrafficMirrorTarget",
	"CreateTrafficMirrorFilter", "DescribeTrafficMirrorFilters", "ModifyTrafficMirrorFilterNetworkServices", "DeleteTrafficMirrorFilter",
	"CreateTrafficMirrorFilterRule", "DescribeTrafficMirrorFilterRules", "ModifyTrafficMirrorFilterRule", "DeleteTrafficMirrorFilterRule",
	"CreateTrafficMirrorSession", "DescribeTrafficMirrorSessions", "ModifyTrafficMirrorSession", "DeleteTrafficMirrorSession",
	"CreateTags", "DeleteTags", "DescribeNetworkInterfaces",
}

// often is a list of faults that every action meets some times.
func often(kind string, times int) string {
	var list []string
	for _, action := range usedActions {
		list = append(list, fmt.Sprintf("%s:%s:n=%d", action, kind, times))
	}
	return strings.Join(list, ",")
}

// Whatever goes wrong on the way, an apply, its update and its destroy end right:
// exactly the objects of the configuration, and an empty plan.
func TestAccStorm(t *testing.T) {
	t.Parallel()
	// One fault hides another: a create is carried out and its answer lost, and the
	// next try does not see yet what it refers to.
	var mixed []string
	for _, kind := range append(faultKinds, "stale=1500ms") {
		mixed = append(mixed, "*:"+kind+":p=0.1")
	}
	t.Run("everything at 10 %", func(t *testing.T) { stormy(t, 2, strings.Join(mixed, ","), 1) })
	if os.Getenv("TRAFFICMIRROR_LONG") == "" {
		return // make test-long runs the rest
	}
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("everything, seed ", seed), func(t *testing.T) { stormy(t, 2, strings.Join(mixed, ","), seed) })
	}
	for i, kind := range faultKinds {
		t.Run(kind+" at 20 %", func(t *testing.T) { stormy(t, 10, "*:"+kind+":p=0.2", uint64(i)) })
		t.Run(kind+" three times", func(t *testing.T) { stormy(t, 10, often(kind, 3), uint64(i)) })
	}
}

// stormy applies a large world, its update and its destroy under faults. What is
// there is judged without them.
func stormy(t *testing.T, targets int, faults string, seed uint64) {
	t.Helper()
	space := newWorkspace(t)
	parsed, err := emulator.ParseFaults(faults)
	if err != nil {
		t.Fatal(err)
	}
	e, err := emulator.New(emulator.Options{
		Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: parseTopology(t, largeTopology(targets)), Seed: seed, Quotas: largeQuotas(),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	first, second := largeWorld(targets, false), largeWorld(targets, true)
	for _, step := range []struct {
		command string
		config  world
		want    world
	}{
		{"apply -auto-approve", first, first},
		{"apply -auto-approve", second, second},
		{"destroy -auto-approve", second, newWorld()},
	} {
		e.SetFaults(parsed)
		space.write(t, endpointBlock(server.URL)+step.config.config(t))
		space.run(t, step.command)
		e.SetFaults(nil)
		if difference := step.want.differs(t, dump(t, e)); difference != "" {
			t.Fatalf("after %s:\n%s", step.command, difference)
		}
		if len(step.want.Sessions) > 0 {
			space.planIsEmpty(t)
		}
	}
	calls := 0
	for _, count := range e.Calls() {
		calls += count.Count
	}
	t.Logf("%d calls", calls)
}

// endpointBlock is a provider block that uses what is served at a URL.
func endpointBlock(url string) string {
	return fmt.Sprintf(`
provider "trafficmirror" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = "true"
  skip_requesting_account_id  = true
  endpoints {
    ec2 = %q
  }
}
`, url)
}
