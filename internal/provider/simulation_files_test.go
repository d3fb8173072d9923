package provider_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// The output is written again when it is gone, and a file that somebody else put in
// its place outlives the simulation.
func TestAccSimulation_output(t *testing.T) {
	c := newSimulationCase(t)
	config := c.mirrored("", c.capture()+c.output())
	write := func(name, content string) {
		if err := os.WriteFile(c.path(name), []byte(content), 0o600); err != nil {
			t.Error(err)
		}
	}
	c.test(t, resource.TestStep{
		Config: config,
	}, resource.TestStep{
		PreConfig: func() {
			if err := os.Remove(c.path("mirrored.pcap")); err != nil {
				t.Fatal(err)
			}
		},
		Config: config,
		Check:  func(*terraform.State) error { return checkCopies(c.path("mirrored.pcap"), 50+128) },
	}, resource.TestStep{
		PreConfig:    func() { write("mirrored.pcap", "mine") },
		RefreshState: true,
		// It would be written again.
		ExpectNonEmptyPlan: true,
	})
	if kept, err := os.ReadFile(c.path("mirrored.pcap")); string(kept) != "mine" {
		t.Errorf("somebody else's file is %q, %v", kept, err)
	}
}

// A path that is spelled in another way leads to the same file: the output stays,
// and the capture is never overwritten.
func TestAccSimulation_samePath(t *testing.T) {
	c := newSimulationCase(t)
	respelled := strings.Replace(c.output(), "mirrored.pcap", "./mirrored.pcap", 1)
	if err := os.Symlink(c.path("web.pcap"), c.path("link.pcap")); err != nil {
		t.Fatal(err)
	}
	c.test(t, resource.TestStep{
		Config: c.mirrored("", c.capture()+c.output()),
	}, resource.TestStep{
		Config: c.mirrored("", c.capture()+respelled),
		Check:  func(*terraform.State) error { return checkCopies(c.path("mirrored.pcap"), 50+128) },
	}, resource.TestStep{
		Config:      c.mirrored("", c.capture()+strings.Replace(c.output(), "mirrored.pcap", "link.pcap", 1)),
		ExpectError: regexp.MustCompile(`the capture is never\s+overwritten`),
	}, resource.TestStep{
		Config:      c.mirrored("", c.capture()+strings.Replace(c.output(), "mirrored.pcap", "none/mirrored.pcap", 1)),
		ExpectError: regexp.MustCompile(`none\s+does\s+not\s+exist:\s+create\s+it\s+first`),
	}, resource.TestStep{
		Config: c.mirrored("", c.capture()),
		Check: func(*terraform.State) error {
			if _, err := os.Stat(c.path("mirrored.pcap")); !os.IsNotExist(err) {
				return fmt.Errorf("an output that is not wanted any more stays: %w", err)
			}
			return nil
		},
	})
}

// Paths and packets that only the apply makes known.
func TestAccSimulation_knownAfterApply(t *testing.T) {
	c := newSimulationCase(t)
	late := fmt.Sprintf("capture = { path = terraform_data.late.output }\noutput = { path = \"${terraform_data.late.output}.out\" }\n" +
		"packets = [{ name = \"late\", direction = \"ingress\", protocol = \"tcp\", source = split(\"|\", terraform_data.late.id)[0] == \"\" ? \"\" : \"192.0.2.1\", " +
		"source_port = 1, destination = \"10.0.1.11\", destination_port = 443 }]\n" +
		"expect = [{ packet = \"late\", mirrored = true }, { packet = \"1\", mirrored = true }]")
	c.test(t, resource.TestStep{
		Config: c.mirrored("", late) + fmt.Sprintf("resource \"terraform_data\" \"late\" {\n  input = %q\n}\n", c.path("web.pcap")),
		Check:  func(*terraform.State) error { return checkCopies(c.path("web.pcap.out"), 50+128, 50+54) },
	})
}

// A capture that is gone does not keep a refresh from going on.
func TestAccSimulation_captureGone(t *testing.T) {
	c := newSimulationCase(t)
	c.test(t, resource.TestStep{
		Config: c.mirrored("", c.capture()),
	}, resource.TestStep{
		PreConfig: func() {
			if err := os.Remove(c.path("web.pcap")); err != nil {
				t.Error(err)
			}
		},
		RefreshState:       true,
		ExpectNonEmptyPlan: true, // to simulate it again, once it is back
		Check:              resource.TestCheckResourceAttr(simulated, "verdicts.1.outcome", "mirrored"),
	})
}

// A capture with other content plans an update, and one that is damaged says where.
func TestAccSimulation_captureChanges(t *testing.T) {
	c := newSimulationCase(t)
	config := c.mirrored("", c.capture())
	c.test(t, resource.TestStep{
		Config: config,
	}, resource.TestStep{
		PreConfig:         func() { c.writeCapture(t, c.frame(t, 80, 100)) },
		Config:            config,
		ConfigPlanChecks:  inUpdate(simulated),
		ConfigStateChecks: []statecheck.StateCheck{expectVerdict("1", map[string]knownvalue.Check{"outcome": text("no_match")})},
	}, resource.TestStep{
		PreConfig: func() {
			if err := os.WriteFile(c.path("web.pcap"), []byte("no capture"), 0o600); err != nil {
				t.Error(err)
			}
		},
		Config:      config,
		ExpectError: regexp.MustCompile(`web\.pcap:\s+the\s+capture's\s+header,\s+at\s+byte\s+0:\s+begins\s+with\s+6e\s+6f\s+20\s+63`),
	})
}
