package provider_test

import (
	"fmt"
	"strings"
	"testing"
)

// A session that is replaced, or is new with a filter and a target that exist, has no ID in the
// plan. The plan simulates it all the same, whether traffic_mirror_session_ids names it or not.
func TestAccSimulation_newSessionIsKnown(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	config := c.named(rejectThenAll, c.capture()+neverSSH)
	space.write(t, config)
	space.run(t, "apply -auto-approve")
	refused := func(config, sentence string) {
		t.Helper()
		space.write(t, config)
		output, code := space.try(t, "plan")
		if code == 0 {
			t.Errorf("the plan passes")
		}
		says(t, output, 1, sentence)
		says(t, output, 0, "The simulation waits for the apply", " is not a session of ")
	}
	moved := strings.Replace(config, fmt.Sprintf("network_interface_id     = %q", source), fmt.Sprintf("network_interface_id     = %q", source2), 1)
	refused(moved, `expected: mirrored = true actual: mirrored = false The interface has no session.`)

	second := strings.Replace(config, "session_ids = [", "session_ids = [trafficmirror_session.second.id, ", 1) + fmt.Sprintf(`
resource "trafficmirror_session" "second" {
  network_interface_id     = %q
  traffic_mirror_target_id = trafficmirror_target.this.id
  traffic_mirror_filter_id = trafficmirror_filter.this.id
  session_number           = 2
}
`, source)
	refused(strings.Replace(second, `{ packet = "1", mirrored = true }`, `{ packet = "1", session_number = 2 }`, 1), "expected: session_number = 2 actual: session_number = 1")
	// An ID that is known is checked.
	space.write(t, strings.Replace(second, "session_ids = [", `session_ids = ["tms-00000000000000099", `, 1))
	output, code := space.try(t, "plan")
	if code == 0 {
		t.Error("the plan passes")
	}
	says(t, output, 1, "tms-00000000000000099 is not a session of "+source)
	says(t, output, 1, " is not a session of ")
	space.write(t, second)
	says(t, space.run(t, "apply -auto-approve"), 0, "The simulation waits for the apply")
	space.planIsEmpty(t)
}

// A simulation whose arguments are known only after apply waits for it, and the plan says so.
func TestAccSimulation_waitsForArguments(t *testing.T) {
	const late = "\nresource \"terraform_data\" \"late\" {\n  input = %q\n}\n"
	inPlace := func(c simulationCase) string {
		rules := strings.Replace(all, `source_cidr_block = "0.0.0.0/0"`, "source_cidr_block = terraform_data.late.output", 1)
		return c.placed(rules, ssh+`expect = [{ packet = "ssh", mirrored = true }]`) + fmt.Sprintf(late, "0.0.0.0/0")
	}
	unknownInterface := func(c simulationCase) string {
		config := c.named(rejectThenAll, c.capture()+neverSSH)
		i := strings.LastIndex(config, fmt.Sprintf("network_interface_id = %q", source))
		return config[:i] + strings.Replace(config[i:], fmt.Sprintf("%q", source), "terraform_data.late.output", 1) + fmt.Sprintf(late, source)
	}
	unknownPacket := func(c simulationCase) string {
		return strings.Replace(c.placed(all, ssh), `source = "192.0.2.1"`, "source = terraform_data.late.output", 1) + fmt.Sprintf(late, "192.0.2.1")
	}
	unknownCount := func(c simulationCase) string {
		capture := strings.Replace(c.capture(), "verdicts = 100", "verdicts = tonumber(terraform_data.late.output)", 1)
		return c.placed(all, capture) + fmt.Sprintf(late, "2")
	}
	unknownSeverity := func(c simulationCase) string {
		return c.placed(all, ssh+`expect = [{ packet = "ssh", mirrored = false }]`+"\non_failure = terraform_data.late.output") + fmt.Sprintf(late, "warn")
	}
	for name, test := range map[string]struct {
		config func(c simulationCase) string
		want   string
	}{
		"in place":  {inPlace, `sessions.`},
		"interface": {unknownInterface, `network_interface_id.`},
		"packet":    {unknownPacket, `packets.`},
		"verdicts":  {unknownCount, `capture.`},
		"severity":  {unknownSeverity, `on_failure.`},
	} {
		t.Run(name, func(t *testing.T) {
			space := newWorkspace(t)
			c := newSimulationCase(t)
			space.write(t, test.config(c))
			says(t, space.run(t, "plan"), 1, "Warning: The simulation waits for the apply",
				"The plan cannot run this simulation, because these arguments, or values in them, are known only after apply: "+test.want)
			says(t, space.run(t, "apply -auto-approve"), 1, "Warning: The simulation waits for the apply")
			space.planIsEmpty(t)
		})
	}
}
