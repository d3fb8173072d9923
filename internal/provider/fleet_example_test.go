package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
)

const fleetExample = "../../examples/fleet"

// The example mirrors a fleet in one apply, and does what its README says when it changes.
func TestAccFleet_example(t *testing.T) {
	space := newProcesses(t, nil)
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(space.folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	world, config := string(readFile(t, fleetExample, "topology.json")), string(readFile(t, fleetExample, "main.tf"))
	const small = "eni-0b67e6d5c4b3a2261" // of an instance that cannot be mirrored
	apply := func(want string, sensors ...string) {
		t.Helper()
		write("topology.json", world)
		write("main.tf", config)
		output := space.run(t, "apply -auto-approve")
		for _, want := range append(sensors, want, "Not mirrored: "+small+".") {
			if !strings.Contains(output, want) {
				t.Errorf("want %q:\n%s", want, output)
			}
		}
	}
	apply("11 added, 0 changed, 0 destroyed", `"a" = 3`, `"b" = 2`, `"c" = 2`)

	insert := func(before, line string) { world = strings.Replace(world, before, line+",\n"+before, 1) }
	insert(`    { "id": "i-0cf95d6c7b8a90924"`,
		`    { "id": "i-0bf05d6c7b8a91024", "instance_type": "m5.large", "state": "running", "launch_time": "2026-04-02T00:00:00Z", "tags": { "aws:autoscaling:groupName": "web" } }`)
	insert(`    { "id": "eni-0c97e6d5c4b3a2291"`,
		`    { "id": "eni-0b07e6d5c4b3a2301", "subnet_id": "subnet-0b5a2c8d9e3f04761", "instance_id": "i-0bf05d6c7b8a91024", "device_index": 0, "private_ip_address": "10.0.2.14" }`)
	apply("1 added, 0 changed, 0 destroyed", `"a" = 3`, `"b" = 3`, `"c" = 2`)

	// The sensor c retires. Its sessions move, and keep their numbers.
	config = strings.Replace(config, `    c = "eni-0c3e7a9b2d5f46802"`+"\n", "", 1)
	apply("0 added, 2 changed, 1 destroyed", `"a" = 4`, `"b" = 4`)
	space.planIsEmpty(t)
}

// The guide says what to do about each reason why an interface is not mirrored.
func TestFleet_guide(t *testing.T) {
	t.Parallel()
	guide := string(readFile(t, "../../templates/guides", "fleet.md"))
	for _, r := range inventory.Reasons {
		if !strings.Contains(guide, "| `"+string(r.Reason)+"` |") {
			t.Errorf("the guide does not say what to do about %s", r.Reason)
		}
	}
}
