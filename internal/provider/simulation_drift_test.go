package provider_test

import (
	"regexp"
	"strings"
	"testing"
)

// When drift alone breaks an expectation, a plan warns and goes on: the plan that
// repairs the filter must be possible, and so must a destroy.
func TestAccSimulation_driftWarns(t *testing.T) {
	space := newWorkspace(t, nil)
	c := newSimulationCase(t)
	mirrored := c.mirrored("", c.capture()+`expect = [{ packet = "1", mirrored = true }]`)
	space.write(t, mirrored)
	space.run(t, "apply -auto-approve")
	// A filter that leaves its ingress rules to others does not repair them.
	unowned := regexp.MustCompile(`(?s)ingress_rules = \{.*?\n  \}\n`).ReplaceAllString(mirrored, "")
	space.write(t, unowned)
	if output := space.run(t, "plan"); strings.Contains(output, "Expectation") {
		t.Errorf("the expectation holds, and the plan says\n%s", output)
	}
	c.deleteRules(t)
	output := words(space.run(t, "plan"))
	for _, want := range []string{
		"Warning: Expectation does not hold any more", "expected: mirrored = true actual: mirrored = false",
		"Something was changed outside of this configuration. Until the expectation holds again, an apply that changes the simulation fails.",
	} {
		if !strings.Contains(output, want) {
			t.Errorf("the plan does not say %q:\n%s", want, output)
		}
	}
	space.run(t, "destroy -auto-approve")
}
