package provider_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// says checks how often the CLI says each of the sentences.
func says(t *testing.T, output string, count int, sentences ...string) {
	t.Helper()
	for _, sentence := range sentences {
		if n := strings.Count(words(output), sentence); n != count {
			t.Errorf("the CLI says %d times, not %d times, %q:\n%s", n, count, sentence, output)
		}
	}
}

// afterChanges is what the CLI says after the changes, which show the failures in the state.
func afterChanges(output string) string {
	_, rest, _ := strings.Cut(output, "Warning: The embedded EC2 is in use")
	return rest
}

// aBroken is in each message about a broken expectation that packet 1 is mirrored.
const aBroken = "expected: mirrored = true actual: mirrored = false"

// When drift alone breaks an expectation, a plan warns and goes on: the plan that
// repairs the filter must be possible, and so must a destroy. A plan that only
// refreshes warns too.
func TestAccSimulation_driftWarns(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	mirrored := c.mirrored("", c.capture()+`expect = [{ packet = "1", mirrored = true }, { packet = "1", rule_number = 100 }]`)
	space.write(t, mirrored)
	space.run(t, "apply -auto-approve")
	// A filter that leaves its ingress rules to others does not repair them.
	unowned := regexp.MustCompile(`(?s)ingress_rules = \{.*?\n  \}\n`).ReplaceAllString(mirrored, "")
	space.write(t, unowned)
	says(t, space.run(t, "plan"), 0, "Expectation does not hold")
	c.deleteRules(t)
	for _, command := range []string{"plan", "plan -refresh-only"} {
		says(t, afterChanges(space.run(t, command)), 1, "Warning: Expectation does not hold any more", aBroken, "expected: rule_number = 100 actual: rule_number = none",
			"Something was changed outside of this configuration. Until the expectation holds again, an apply that runs the simulation fails.")
	}
	// Nothing has read the rules: the state has the verdicts of the last run.
	says(t, space.run(t, "plan -refresh=false"), 0, "Expectation does not hold")
	space.run(t, "apply -refresh-only -auto-approve")
	says(t, space.run(t, "plan -refresh=false"), 1, "Warning: Expectation does not hold any more", aBroken)
	space.run(t, "destroy -auto-approve")
}

// A plan that reverts a change by hand knows that the expectation is broken, and that it
// changes what the simulation uses. The apply does not say it again.
func TestAccSimulation_repairWarns(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	space.write(t, c.mirrored("", c.capture()+`expect = [{ packet = "1", mirrored = true }]`))
	space.run(t, "apply -auto-approve")
	c.deleteRules(t)
	output := space.run(t, "apply -auto-approve")
	says(t, afterChanges(output), 1, "Warning: Expectation does not hold with", aBroken, "The apply then runs the simulation again, and fails if the expectation still does not hold.")
	if want := regexp.MustCompile(`This plan changes what the simulation uses: tmf-[0-9a-f]+\. The apply`); !want.MatchString(words(output)) {
		t.Errorf("the plan does not say what it changes:\n%s", output)
	}
	space.planIsEmpty(t)
	says(t, space.run(t, "plan"), 0, "Expectation does not hold")
}

// After an apply that has failed on an expectation, each plan says so, whether the
// simulation is new or not. Files and results are those of the failed run.
func TestAccSimulation_failureWarns(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	body := c.capture() + c.output() + `expect = [{ packet = "1", mirrored = true }]`
	right := c.mirrored("", body)
	wrong := strings.Replace(right, "to_port = 443", "to_port = 80", 1)
	wrong = strings.Replace(wrong, "from_port = 443", "from_port = 80", 1)

	fails := func(copies ...int) {
		t.Helper()
		output, code := space.try(t, "apply -auto-approve")
		if code == 0 {
			t.Fatalf("the apply does not fail:\n%s", output)
		}
		says(t, output, 1, "Error: Expectation does not hold with")
		if err := checkCopies(c.path("mirrored.pcap"), copies...); err != nil {
			t.Errorf("the output is not that of the failed run: %v", err)
		}
		if state := space.run(t, "show -json"); !strings.Contains(state, `"outcome":"no_match"`) || !strings.Contains(state, `"passed":false`) {
			t.Errorf("the results are not those of the failed run:\n%s", state)
		}
	}
	space.write(t, wrong)
	fails(50 + 100) // a create: packet 3 is mirrored, and not packet 1
	// Terraform replaces a simulation that failed as it was created, and the plan knows the result.
	output, code := space.try(t, "plan")
	if code == 0 {
		t.Errorf("the plan does not fail:\n%s", output)
	}
	says(t, output, 1, "Error: Expectation does not hold with", "terraform destroy -refresh=false", "Warning: Expectation does not hold with",
		"How the verdict of packet 1 is reached:", "Another message of this run shows how the verdict is reached.")
	output, _ = space.try(t, "plan -refresh=false")
	says(t, output, 1, "Error: Expectation does not hold with", "How the verdict of packet 1 is reached:")
	fails(50 + 100)
	space.write(t, right)
	space.run(t, "apply -auto-approve")
	if err := checkCopies(c.path("mirrored.pcap"), 50+128); err != nil {
		t.Error(err)
	}
	space.planIsEmpty(t)
	// The plan does not know what a session with a new filter does.
	waits := strings.Replace(right, `expect = [{ packet = "1", mirrored = true }]`, `expect = [{ packet = "2", mirrored = true }]`, 1)
	waits = strings.Replace(waits, "depends_on = [trafficmirror_session.this]", "depends_on = [trafficmirror_session.this, trafficmirror_session.second]", 1) + `
resource "trafficmirror_session" "second" {
  network_interface_id     = "` + source + `"
  traffic_mirror_target_id = trafficmirror_target.this.id
  traffic_mirror_filter_id = trafficmirror_filter.second.id
  session_number           = 2
}
resource "trafficmirror_filter" "second" {
  network_services = ["amazon-dns"]
}
`
	space.write(t, waits)
	says(t, space.run(t, "plan"), 1, "Warning: The simulation waits for the apply", "the filter of the new session with number 2")
	fails(50 + 128) // an update
	for range 2 {
		says(t, afterChanges(space.run(t, "plan")), 1, "Warning: Expectation does not hold with", "Every apply runs it again, and fails until every expectation holds.")
		says(t, afterChanges(space.run(t, "plan -refresh=false")), 1, "Warning: Expectation does not hold with", "The last run of the simulation failed.")
		fails(50 + 128)
	}
	space.run(t, "destroy -auto-approve")
	if _, err := os.Stat(c.path("mirrored.pcap")); !os.IsNotExist(err) {
		t.Errorf("the output outlives destroy: %v", err)
	}
}

// An expectation that is edited is judged at plan, as far as the plan knows the verdict.
func TestAccSimulation_editedExpectation(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	const ssh = `packets = [{ name = "ssh", direction = "ingress", protocol = "tcp", source = "192.0.2.1", source_port = 1, destination = "10.0.1.11", destination_port = 22 }]
`
	config := func(rules, expect string) string { return c.mirrored(rules, c.capture()+ssh+"expect = ["+expect+"]") }
	space.write(t, config(rejectSSH, `{ packet = "1", mirrored = true }`))
	space.run(t, "apply -auto-approve")

	refused := func(config string, sentences ...string) {
		t.Helper()
		space.write(t, config)
		output, code := space.try(t, "plan")
		if code == 0 {
			t.Errorf("the plan passes:\n%s", output)
		}
		says(t, output, 1, append(sentences, "Error: Expectation does not hold with", "The apply would fail: nothing in this plan changes what the simulation uses.",
			"terraform destroy -refresh=false")...)
	}
	refused(config(rejectSSH, `{ packet = "ssh", mirrored = true }`), "expected: mirrored = true actual: mirrored = false Rejected by session 1: ingress rule 200 (reject)")
	refused(config(rejectSSH, `{ packet = "2", rule_number = 100 }`), "expected: rule_number = 100 actual: rule_number = 200")
	refused(config(rejectSSH, `{ packet = "4", mirrored = true }`), "There is no packet 4: the capture has 3 packets. Write a number from 1 to 3, or the name of one of packets.")
	c.writeCapture(t, c.frame(t, 80, 100)) // the refresh reads it
	refused(config(rejectSSH, `{ packet = "1", mirrored = true, rule_number = 100 }`), "expected: mirrored = true, rule_number = 100 actual: mirrored = false, rule_number = none")
	c.writeCapture(t, c.frame(t, 443, 1000), c.frame(t, 22, 100), c.frame(t, 80, 100))
	space.write(t, config(rejectSSH, `{ packet = "4", mirrored = true }`))
	says(t, space.run(t, "plan -refresh=false -destroy"), 0, "Expectation does not hold")
	// The plan simulates also without a refresh.
	output, code := space.try(t, "plan -refresh=false")
	if code == 0 {
		t.Errorf("the plan passes:\n%s", output)
	}
	says(t, output, 1, "Error: Expectation does not hold with", "There is no packet 4")

	// The filter changes with the expectation, so that it holds.
	space.write(t, config(strings.Replace(rejectSSH, "reject", "accept", 1), `{ packet = "ssh", mirrored = true }`))
	output = space.run(t, "apply -auto-approve")
	says(t, output, 0, "Expectation does not hold")
	says(t, output, 1, "Warning: Verdicts change", "Session 1: 1 -> 3 packets mirrored")

	// Another packet of this name: its verdict is not known.
	space.write(t, strings.Replace(config(rejectSSH, `{ packet = "ssh", mirrored = true }`), "destination_port = 22 }]", "destination_port = 443 }]", 1))
	says(t, space.run(t, "apply -auto-approve"), 0, "Expectation does not hold")
	space.run(t, "destroy -auto-approve")
}

// A refresh that cannot read the mirror says that the verdicts prove nothing, and no
// expectation is refused because of them.
func TestAccSimulation_notRefreshed(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	config := c.mirrored("", c.capture()+`expect = [{ packet = "1", mirrored = true }]`)
	space.write(t, config)
	space.run(t, "apply -auto-approve")
	broken := strings.Replace(config, "topology =", `faults = "DescribeVpcs:500", topology =`, 1)
	broken = strings.Replace(broken, `region   = "us-east-1"`, `region = "us-east-1"`+"\n  max_retries = 1", 1)
	space.write(t, broken)
	says(t, space.run(t, "plan"), 1, "Warning: Simulation not refreshed", "This run of the simulation failed: ",
		"The state keeps the verdicts of the last run. They do not prove that the sessions behave like that now.")
	space.write(t, strings.Replace(broken, "mirrored = true", "mirrored = false", 1))
	says(t, space.run(t, "plan"), 1, "Warning: Expectation does not hold with", "because this plan has not refreshed it")
}

// The interface has no session: that must not pass as "not mirrored".
func TestAccSimulation_noSession(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	config := func(expect string) string {
		return c.config("resource \"trafficmirror_simulation\" \"this\" {\n  network_interface_id = %q\n  %s\n}\n", source, c.capture()+expect)
	}
	space.write(t, config(`expect = [{ packet = "2", mirrored = false }]`))
	output, code := space.try(t, "apply -auto-approve")
	if code == 0 {
		t.Errorf("the apply passes:\n%s", output)
	}
	const hint = "The interface has no session. If this configuration creates one, write its ID in traffic_mirror_session_ids. In place, write a session in sessions. If there is to be none, expect reason = \"no_session\"."
	says(t, output, 1, "is as expected only because no session decides. "+hint)
	// Without an expectation, it is an error too.
	space.write(t, config(""))
	output, code = space.try(t, "apply -auto-approve")
	if code == 0 {
		t.Errorf("the apply passes:\n%s", output)
	}
	says(t, output, 1, "No session decides about 3 packets, and no expectation asks for this. "+hint)
	// So is it in place.
	space.write(t, c.config("resource \"trafficmirror_simulation\" \"this\" {\n  interface = { private_ip_address = \"10.0.1.11\" }\n  sessions = []\n  %s\n}\n", c.capture()))
	output, code = space.try(t, "plan")
	if code == 0 {
		t.Errorf("the plan passes:\n%s", output)
	}
	says(t, output, 1, "No session decides about 3 packets, and no expectation asks for this. "+hint)
	space.write(t, config(`expect = [{ packet = "2", mirrored = false, reason = "no_session" }]`))
	says(t, space.run(t, "apply -auto-approve"), 0, source+" has no session", "as expected only because no session decides")
	space.planIsEmpty(t)

	// A session that somebody deletes is drift.
	space.write(t, c.mirrored("", c.capture()+`expect = [{ packet = "2", mirrored = false }]`))
	space.run(t, "apply -auto-approve")
	c.deleteSessions(t)
	says(t, space.run(t, "plan -refresh-only"), 1, "Warning: Expectation does not hold any more", hint)
}

// A refresh does not know the configuration: it does not say what an apply does, when on_failure
// has just been removed.
func TestAccSimulation_onFailureRemoved(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	body := c.capture() + `expect = [{ packet = "2", mirrored = true }]` + "\n"
	space.write(t, c.mirrored(rejectSSH, body+`on_failure = "warn"`))
	space.run(t, "apply -auto-approve")
	const (
		refreshed = `In the last run, on_failure was "warn". Judge by passed and failures.`
		planned   = "so that no apply fails because of this"
	)
	says(t, afterChanges(space.run(t, "plan -refresh-only")), 1, refreshed)
	says(t, space.run(t, "plan -refresh=false"), 1, planned)
	space.write(t, c.mirrored(rejectSSH, body))
	output, code := space.try(t, "plan")
	if code == 0 {
		t.Error("the plan passes")
	}
	says(t, output, 1, "Error: Expectation does not hold", refreshed)
	says(t, output, 0, planned)
}

// deleteSessions deletes every session of the account.
func (c simulationCase) deleteSessions(t *testing.T) {
	t.Helper()
	sessions, err := c.client.DescribeTrafficMirrorSessions(t.Context(), &ec2.DescribeTrafficMirrorSessionsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sessions.TrafficMirrorSessions {
		_, err := c.client.DeleteTrafficMirrorSession(t.Context(), &ec2.DeleteTrafficMirrorSessionInput{TrafficMirrorSessionId: s.TrafficMirrorSessionId})
		if err != nil {
			t.Fatal(err)
		}
	}
}
