package provider_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// killProvider ends the process that sent a request, as kill -9 does.
func killProvider(t *testing.T, c change) {
	_, number, _ := strings.Cut(c.from, "pid/")
	number, _, _ = strings.Cut(number, " ")
	pid, err := strconv.Atoi(number)
	if err != nil {
		t.Errorf("the User-Agent %q names no process", c.from)
		return
	}
	process, err := os.FindProcess(pid)
	if err == nil {
		err = process.Kill()
	}
	if err != nil {
		t.Error(err)
	}
}

var oneOfEach = `
resource "trafficmirror_target" "x" {
  network_interface_id = "` + sensor + `"
  description          = "sensor"
  tags                 = { name = "web" }
}
resource "trafficmirror_filter" "x" {
  description      = "web"
  network_services = ["amazon-dns"]
  tags             = { name = "web" }
}
resource "trafficmirror_filter_rule" "x" {
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  traffic_direction        = "ingress"
  rule_number              = 100
  rule_action              = "accept"
  protocol                 = "tcp"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
  tags                     = { name = "web" }
}
resource "trafficmirror_session" "x" {
  network_interface_id     = "` + source + `"
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  session_number           = 1
  packet_length            = 128
  virtual_network_id       = 7
  tags                     = { name = "web" }
}
`

// crash applies a configuration whose provider is killed when EC2 has carried out
// an action and before anybody knows.
func crash(t *testing.T, action string) (*workspace, *relay) {
	t.Helper()
	return crashOf(t, oneOfEach, action)
}

func crashOf(t *testing.T, config, action string) (*workspace, *relay) {
	t.Helper()
	space, ec2 := newProcesses(t, nil), newRelay(t)
	var killed atomic.Bool
	ec2.stepIn(steps{after: func(c change) {
		if c.action == action && killed.CompareAndSwap(false, true) {
			killProvider(t, c)
		}
	}})
	space.write(t, endpointBlock(ec2.url)+config)
	if output, code := space.try(t, "apply -auto-approve -parallelism=1"); code == 0 || !killed.Load() {
		t.Fatalf("nobody was killed:\n%s", output)
	}
	ec2.settle(t)
	return space, ec2
}

var importBlock = regexp.MustCompile(`import \{\s+to = (\w+)\.NAME\s+id = "([^"]+)"\s+\}`)

// After a kill between the success of a create and the state, the next apply names the
// conflicting object and shows how to import it.
func TestAccCrash(t *testing.T) {
	t.Parallel()
	for resource, action := range map[string]string{
		"trafficmirror_target":      "CreateTrafficMirrorTarget",
		"trafficmirror_filter_rule": "CreateTrafficMirrorFilterRule",
		"trafficmirror_session":     "CreateTrafficMirrorSession",
	} {
		t.Run(resource, func(t *testing.T) {
			space, ec2 := crash(t, action)
			output, code := space.try(t, "apply -auto-approve")
			block := importBlock.FindStringSubmatch(output)
			if code == 0 || block == nil || block[1] != resource {
				t.Fatalf("exit %d without an import block:\n%s", code, output)
			}
			space.write(t, endpointBlock(ec2.url)+oneOfEach+strings.Replace(block[0], "NAME", "x", 1))
			if output := space.run(t, "apply -auto-approve"); !strings.Contains(output, "1 imported, ") || !strings.Contains(output, " 0 changed, ") {
				t.Errorf("the import changes the object, or there is none:\n%s", output)
			}
			space.planIsEmpty(t)
			ec2.has(t, 1, 1, 1, 1)
		})
	}
}

// has checks how many objects there are.
func (r *relay) has(t *testing.T, targets, filters, rules, sessions int) {
	t.Helper()
	d := dump(t, r.emulator)
	got := [4]int{len(d.Targets), len(d.Filters), len(d.Rules), len(d.Sessions)}
	if want := [4]int{targets, filters, rules, sessions}; got != want {
		t.Errorf("there are %v targets, filters, rules and sessions, want %v", got, want)
	}
}

// A filter has nothing unique. The commands of the guide find what is left behind.
func TestAccCrash_filter(t *testing.T) {
	space, ec2 := crash(t, "CreateTrafficMirrorFilter")
	space.run(t, "apply -auto-approve")
	ec2.has(t, 1, 2, 1, 1)
	var lost string
	for id := range dump(t, ec2.emulator).Filters {
		if !strings.Contains(space.run(t, "show"), id) {
			lost = id
		}
	}
	if found := runGuide(t, space, ec2, "../../templates/guides/interrupted.md"); strings.TrimSpace(found) != lost {
		t.Errorf("the guide finds %q, and what is left behind is %q", found, lost)
	}
}

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// runGuide runs the commands of a guide as a reader would.
func runGuide(t *testing.T, space *workspace, ec2 *relay, path string) string {
	t.Helper()
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("the AWS CLI is not installed")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	block := shellBlock.FindStringSubmatch(string(text))
	if block == nil {
		t.Fatalf("%s has no commands", path)
	}
	programs := t.TempDir()
	if err := os.Symlink(space.program, filepath.Join(programs, "terraform")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", block[1])
	cmd.Dir = space.folder
	cmd.Env = append(slices.Clone(space.env), "PATH="+programs+":"+os.Getenv("PATH"), "LC_ALL=C",
		"AWS_ENDPOINT_URL_EC2="+ec2.url, "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", path, err, output, stderr.String())
	}
	return string(output)
}

// A session without a number gets the next one that is free, and a warning names
// the one that was left behind.
func TestAccCrash_unnumberedSession(t *testing.T) {
	unnumbered := strings.Replace(oneOfEach, "  session_number           = 1\n", "", 1)
	space, ec2 := crashOf(t, unnumbered, "CreateTrafficMirrorSession")
	var lost string
	for id := range dump(t, ec2.emulator).Sessions {
		lost = id
	}
	output := space.run(t, "apply -auto-approve")
	if want := lost + " is session 1 on " + source + ". The new session "; !strings.Contains(words(output), want) {
		t.Errorf("the apply does not say %q:\n%s", want, output)
	}
	ec2.has(t, 1, 1, 1, 2)
}

// A kill while a target moves: the next apply goes on where that one was, with the
// target that it had made. Once the old one is gone, Terraform takes the target for
// deleted, and it is adopted.
func TestAccCrash_move(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]struct {
		action string
		nth    int32
	}{
		"created":  {"CreateTrafficMirrorTarget", 1},
		"underway": {"ModifyTrafficMirrorSession", 2},
		"moved":    {"ModifyTrafficMirrorSession", 3},
		"deleted":  {"DeleteTrafficMirrorTarget", 1},
	} {
		t.Run(name, func(t *testing.T) {
			sample.SkipUnless(t, 2)
			space, ec2 := newProcesses(t, nil), newRelay(t)
			space.write(t, threeSessions(ec2.url, sensor))
			space.run(t, "apply -auto-approve")
			sessions := slices.Sorted(maps.Keys(dump(t, ec2.emulator).Sessions))
			var count atomic.Int32
			ec2.stepIn(steps{after: func(c change) {
				if c.action == at.action && count.Add(1) == at.nth {
					killProvider(t, c)
				}
			}})
			space.write(t, threeSessions(ec2.url, sensor2))
			if output, code := space.try(t, "apply -auto-approve"); code == 0 {
				t.Fatalf("nobody was killed:\n%s", output)
			}
			ec2.settle(t)
			ec2.stepIn(steps{})
			output, code := space.try(t, "apply -auto-approve")
			if block := importBlock.FindStringSubmatch(output); code != 0 && name == "deleted" && block != nil {
				space.write(t, threeSessions(ec2.url, sensor2)+strings.Replace(block[0], "NAME", "x", 1))
				output, code = space.try(t, "apply -auto-approve")
			}
			if code != 0 {
				t.Fatalf("exit %d\n%s", code, output)
			}
			space.planIsEmpty(t)
			ec2.has(t, 1, 1, 0, 3)
			if now := slices.Sorted(maps.Keys(dump(t, ec2.emulator).Sessions)); !slices.Equal(now, sessions) {
				t.Errorf("the sessions are %v and were %v", now, sessions)
			}
		})
	}
}

// A kill anywhere in an update or a destroy costs nothing: the next apply ends where
// the first was to.
func TestAccCrash_anywhere(t *testing.T) {
	t.Parallel()
	first, every := 5+int(sample.Seed(t)%115), 120
	if os.Getenv("TRAFFICMIRROR_LONG") != "" {
		first, every = 5, 3
	}
	for nth := first; nth < 120; nth += every {
		t.Run(fmt.Sprint("after change ", nth), func(t *testing.T) {
			const targets = 2
			space, ec2 := newProcesses(t, nil), newRelayOf(t, largeTopology(targets))
			first, second := largeWorld(targets, false), largeWorld(targets, true)
			space.write(t, endpointBlock(ec2.url)+first.config(t))
			space.run(t, "apply -auto-approve")
			space.write(t, endpointBlock(ec2.url)+second.config(t))
			for _, step := range []struct {
				command string
				want    world
			}{{"apply -auto-approve", second}, {"destroy -auto-approve", newWorld()}} {
				ec2.killAfter(t, nth)
				if _, code := space.try(t, step.command); code != 0 {
					ec2.settle(t)
					space.run(t, step.command)
				}
				if len(step.want.Sessions) > 0 {
					space.planIsEmpty(t)
				}
				if difference := step.want.differs(t, dump(t, ec2.emulator)); difference != "" {
					t.Fatalf("after %s:\n%s", step.command, difference)
				}
			}
		})
	}
}

// killAfter has the provider killed after a number of changes.
func (r *relay) killAfter(t *testing.T, changes int) {
	var count atomic.Int32
	r.stepIn(steps{after: func(c change) {
		if int(count.Add(1)) == changes {
			killProvider(t, c)
		}
	}})
}

// threeSessions has a target with three sessions.
func threeSessions(url, backing string) string {
	return endpointBlock(url) + fmt.Sprintf(`
resource "trafficmirror_target" "x" {
  network_interface_id = %q
  description          = "sensor"
  tags                 = { name = "x" }
}
resource "trafficmirror_filter" "x" {}
resource "trafficmirror_session" "x" {
  count                    = 3
  network_interface_id     = %q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  session_number           = count.index + 1
}
`, backing, source)
}
