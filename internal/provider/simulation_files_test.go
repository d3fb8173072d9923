package provider_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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

// The annotated capture is written, written again, moved and removed as the output is.
func TestAccSimulation_annotated(t *testing.T) {
	c := newSimulationCase(t)
	name := c.path("notes.pcapng")
	// TLS, SSH and HTTP, and then a packet in words.
	const ssh = `packets = [{ name = "ssh", direction = "ingress", protocol = "tcp", source = "192.0.2.1", source_port = 1, destination = "10.0.1.11", destination_port = 22 }]` + "\n"
	config := func(path string, others ...string) string {
		return c.mirrored(rejectSSH, c.capture()+ssh+fmt.Sprintf("annotated = { path = %q }\n", path)+strings.Join(others, ""))
	}
	isWritten := func(path string) resource.TestCheckFunc {
		return func(*terraform.State) error { return checkComments(path) }
	}
	change := func() {
		if err := os.WriteFile(name, []byte("mine"), 0o600); err != nil {
			t.Error(err)
		}
	}
	c.test(t, resource.TestStep{
		Config: config(name, c.output()),
		Check:  resource.ComposeTestCheckFunc(isWritten(name), resource.TestMatchResourceAttr(simulated, "annotated.sha256", regexp.MustCompile("^[0-9a-f]{64}$"))),
	}, resource.TestStep{
		PreConfig: func() {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		},
		Config:           config(name, c.output()),
		ConfigPlanChecks: inUpdate(simulated),
		Check:            isWritten(name),
	}, resource.TestStep{
		PreConfig:        change,
		Config:           config(name, c.output()),
		ConfigPlanChecks: inUpdate(simulated),
		Check:            isWritten(name),
	}, resource.TestStep{
		Config:      config(c.path("notes.pcap")),
		ExpectError: regexp.MustCompile(`classic\s+pcap\s+has\s+no\s+comments.\s+Write\s+a\s+name\s+that\s+ends\s+with\s+.pcapng`),
	}, resource.TestStep{
		// The two files exchange their names: neither is removed.
		Config: config(c.path("mirrored.pcapng"), fmt.Sprintf("output = { path = %q }\n", name)),
		Check: resource.ComposeTestCheckFunc(isWritten(c.path("mirrored.pcapng")), func(*terraform.State) error {
			_, err := os.Stat(c.path("mirrored.pcap"))
			if !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("the first output is still there: %w", err)
			}
			return checkCopies(name, 50+128)
		}),
	}, resource.TestStep{
		Config: config(name),
		Check:  isWritten(name),
	})
	if left, err := filepath.Glob(c.path("*.pcapng")); left != nil || err != nil {
		t.Errorf("destroy leaves %v, %v", left, err)
	}
}

// checkComments looks for the comments in an annotated capture of the case.
func checkComments(path string) error {
	file, err := os.ReadFile(path)
	for _, words := range []string{"mirrored: session 1, rule 100 accepts, 128 of 1000 bytes", "rejected: session 1, rule 200 rejects", "no match: no rule matches", `"ssh": rejected: session 1, rule 200 rejects`} {
		if err == nil && !bytes.Contains(file, []byte(words)) {
			err = fmt.Errorf("%s has no comment %q", path, words)
		}
	}
	return err
}

// A path that is written in another way leads to the same file: the output stays,
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

// Two simulations of one plan have no file in common that one of them writes, however
// its path is written. They may exchange their files.
func TestAccSimulation_sameOutput(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	config := func(first, second string) string {
		text := c.mirrored("", c.capture()+fmt.Sprintf("output = { path = %q }", first))
		return text + fmt.Sprintf(`
resource "trafficmirror_simulation" "second" {
  network_interface_id = %q
  packets = [{ name = "tls", direction = "ingress", protocol = "tcp", source = "192.0.2.1", source_port = 1, destination = "10.0.1.11", destination_port = 443 }]
  output = { path = %q }
  depends_on = [trafficmirror_session.this]
}
`, source, second)
	}
	a, b := c.path("a.pcap"), c.path("b.pcap")
	refused := func(config, want string) {
		t.Helper()
		space.write(t, config)
		output, code := space.try(t, "plan")
		if code == 0 {
			t.Errorf("the plan passes:\n%s", output)
		}
		says(t, output, 1, want)
	}
	refused(config(a, c.folder+"/./a.pcap"), "Error: Two simulations write one file")
	refused(config(a, c.path("web.pcap")), "Error: A simulation writes the capture of another")
	notes := fmt.Sprintf("annotated = { path = %q }\n  output = { path = %q }", c.path("a.pcapng"), c.path("a.pcapng"))
	refused(strings.Replace(config(a, b), fmt.Sprintf("output = { path = %q }", b), notes, 1), "which is also output.path. Write another path.")
	notes = fmt.Sprintf("annotated = { path = %q }", c.path("a.pcapng"))
	both := strings.NewReplacer(fmt.Sprintf("output = { path = %q }", a), notes, fmt.Sprintf("output = { path = %q }", b), notes).Replace(config(a, b))
	refused(both, `a.pcapng". Each apply would overwrite the file of one with that of the other. Write another annotated.path for one of them.`)
	check := func(first, second string) {
		t.Helper()
		if err := errors.Join(checkCopies(first, 50+128), checkCopies(second, 50+54)); err != nil {
			t.Error(err)
		}
		space.planIsEmpty(t)
	}
	space.write(t, config(a, b))
	space.run(t, "apply -auto-approve")
	check(a, b)
	space.run(t, "apply -auto-approve -replace=trafficmirror_simulation.second")
	check(a, b)
	space.write(t, config(b, a))
	space.run(t, "apply -auto-approve")
	check(b, a)
	space.run(t, "destroy -auto-approve")
	if left, err := filepath.Glob(c.path("[ab].pcap")); left != nil || err != nil {
		t.Errorf("destroy leaves %v, %v", left, err)
	}
}

// A simulation that is created before the old one is destroyed keeps its output, also if the
// file is the same again.
func TestAccSimulation_createBeforeDestroy(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	space.write(t, c.mirrored("", c.capture()+c.output()+"lifecycle { create_before_destroy = true }\n"))
	space.run(t, "apply -auto-approve")
	space.run(t, "apply -auto-approve -replace=trafficmirror_simulation.this")
	if err := checkCopies(c.path("mirrored.pcap"), 50+128); err != nil {
		t.Error(err)
	}
	space.planIsEmpty(t)
	space.run(t, "destroy -auto-approve")
	if _, err := os.Stat(c.path("mirrored.pcap")); !os.IsNotExist(err) {
		t.Errorf("the output outlives destroy: %v", err)
	}
}

// What is wrong with a capture is known at plan. Only a folder is certain to fail: the
// apply may write a file before the simulation reads it.
func TestAccSimulation_captureAtPlan(t *testing.T) {
	space := newWorkspace(t)
	c := newSimulationCase(t)
	config := func(path, expect string) string {
		return c.mirrored("", fmt.Sprintf("capture = { path = %q }\n", path)+expect)
	}
	space.write(t, config(c.path("none.pcap"), ""))
	says(t, space.run(t, "plan"), 1, "Warning: Capture not readable now", `none.pcap", and there is no such file. Write a path that is absolute, or relative to the folder in which Terraform runs. `+
		"The apply fails unless it writes this file before it runs the simulation.")
	fails := func(command, want string) {
		t.Helper()
		output, code := space.try(t, command)
		if code == 0 {
			t.Errorf("%s passes:\n%s", command, output)
		}
		says(t, output, 1, want)
	}
	fails("apply -auto-approve", `Error: Error running the simulation`)
	space.write(t, config(c.folder, ""))
	fails("plan", `", which is a folder. Write the path of a capture file.`)
	space.write(t, config(c.path("topology.json"), ""))
	says(t, space.run(t, "plan"), 1, `topology.json", which cannot be read as a capture: the capture's header, at byte 0: begins with`)
	space.write(t, config(c.path("web.pcap"), `expect = [{ packet = "4", mirrored = true }]`))
	fails("apply -auto-approve", "There is no packet 4: the capture has 3 packets. Write a number from 1 to 3, or the name of one of packets.")
	space.write(t, config(c.path("web.pcap"), `expect = []`))
	says(t, space.run(t, "apply -auto-approve"), 0, "xpects nothing", "Capture not readable")
	space.planIsEmpty(t)
	// The refresh needs the file, and says what is wrong with it. The plan does not repeat it.
	if err := os.Remove(c.path("web.pcap")); err != nil {
		t.Fatal(err)
	}
	says(t, space.run(t, "plan"), 1, `web.pcap", and there is no such file`)
}
