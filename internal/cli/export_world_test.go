package cli_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/pseudonym"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// notExported are what a plan changes on a copy, because EC2 shows it for one instance at a time only, or in lists of its
// own: the export does not ask for it.
var notExported = []string{"aws_instance.web credit_specification", "aws_instance.web disable_api_termination"}

// hashicorp/aws and this provider make a world on an embedded EC2. Another one that has loaded its export is the same. A plan
// with the same state and configuration changes nothing but what is not exported. Packets get the same verdicts, and the
// paths have the same hops. The anonymised export gives the same but for names.
func TestHashicorpAWS_export(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	store := filepath.Join(t.TempDir(), "ec2.db")
	first := serveEC2(t, emulator.Options{Path: store})
	w.run(t, first, "apply", "-auto-approve")
	if changes := w.changes(t, first); changes != nil {
		t.Errorf("a plan of what was applied changes %q", changes)
	}
	var state struct {
		Source  struct{ Value string }
		Targets struct{ Value map[string]string }
	}
	fatal(t, json.Unmarshal([]byte(w.run(t, first, "output", "-json")), &state))
	source, targets := state.Source.Value, state.Targets.Value
	verdicts, hops := verdictsAt(t, first, source, "10.0.0.10"), hopsAt(t, source, targets, "--path", store)
	if strings.Count(verdicts, "\n") != 4 || len(hops) < 20 {
		t.Errorf("the verdicts are\n%s\nand the hops\n%s", verdicts, strings.Join(hops, "\n"))
	}

	// The store is in use while it is read.
	second, stored, file := copyOf(t, "--path", store)
	if changes := w.changes(t, second); !slices.Equal(changes, notExported) {
		t.Errorf("a plan on the copy changes %q, want %q", changes, notExported)
	}
	if got := verdictsAt(t, second, source, "10.0.0.10"); got != verdicts {
		t.Errorf("the verdicts of the copy are\n%s\nwant\n%s", got, verdicts)
	}
	if got := hopsAt(t, source, targets, stored...); !slices.Equal(got, hops) {
		t.Errorf("the hops of the copy are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(hops, "\n"))
	}

	key := filepath.Join(t.TempDir(), "key")
	fatal(t, os.WriteFile(key, []byte("0123456789abcdef"), 0o600))
	third, stored, _ := copyOf(t, "--path", store, "--anonymize", "--anonymize-key", key)
	names := pseudonym.New([]byte("0123456789abcdef"), file)
	source = names.Text(source)
	for name, id := range targets {
		targets[name] = names.Text(id)
	}
	if got := verdictsAt(t, third, source, names.Address(netip.MustParseAddr("10.0.0.10")).String()); got != verdicts {
		t.Errorf("the verdicts of the anonymised copy are\n%s\nwant\n%s", got, verdicts)
	}
	for i, hop := range hops {
		words := strings.Split(hop, " ")
		for i := range words {
			if strings.ContainsAny(words[i], "-:/") { // an ID, an ARN or a CIDR block
				words[i] = names.Text(words[i])
			}
		}
		hops[i] = strings.Join(words, " ")
	}
	slices.Sort(hops)
	if got := hopsAt(t, source, targets, stored...); !slices.Equal(got, hops) {
		t.Errorf("the hops of the anonymised copy are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(hops, "\n"))
	}
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is a folder with the configuration of a world, in which Terraform works.
type world struct {
	folder, program string
	env             []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	mirror := os.Getenv("TRAFFICMIRROR_AWS_PROVIDER")
	if mirror == "" || os.Getenv("TRAFFICMIRROR_LONG") == "" {
		t.Skip("takes minutes: make test-long runs it, where TRAFFICMIRROR_AWS_PROVIDER names a filesystem mirror that holds hashicorp/aws")
	}
	w := &world{folder: t.TempDir(), program: os.Getenv("TERRAFORM")}
	if w.program == "" {
		w.program = "terraform"
	}
	if _, err := exec.LookPath(w.program); err != nil {
		t.Skip("Terraform is not installed")
	}
	pattern := filepath.Join(mirror, "*", "hashicorp", "aws", "5.*", runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-aws*")
	aws, err := filepath.Glob(pattern)
	fatal(t, err)
	if aws == nil {
		t.Fatalf("there is no %s", pattern)
	}
	fatal(t, os.CopyFS(w.folder, os.DirFS(filepath.Join("testdata", "export-world"))))
	own := t.TempDir()
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(own, "terraform-provider-trafficmirror"), "../..").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	settings := filepath.Join(own, "cli.tfrc")
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"trafficmirror/trafficmirror\" = %q\n    \"hashicorp/aws\" = %q\n  }\n}\n", own, filepath.Dir(aws[0]))
	fatal(t, os.WriteFile(settings, []byte(overrides), 0o600))
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "AWS_") {
			w.env = append(w.env, variable)
		}
	}
	w.env = append(w.env, "TF_CLI_CONFIG_FILE="+settings, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1", "AWS_EC2_METADATA_DISABLED=true")
	return w
}

// try runs Terraform on an embedded EC2.
func (w *world) try(t *testing.T, endpoint string, words ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), w.program, words...)
	cmd.Dir, cmd.Env = w.folder, append(slices.Clone(w.env), "TF_VAR_endpoint="+endpoint, "TF_CLI_ARGS=-no-color")
	var errs strings.Builder
	cmd.Stderr = &errs
	output, err := cmd.Output()
	if err != nil {
		return string(output) + errs.String(), err
	}
	return string(output), nil
}

func (w *world) run(t *testing.T, endpoint string, words ...string) string {
	t.Helper()
	output, err := w.try(t, endpoint, words...)
	if err != nil {
		t.Fatalf("terraform %s: %v\n%s", strings.Join(words, " "), err, output)
	}
	return output
}

// changes returns the attributes that a plan changes, or the actions that it takes otherwise, sorted.
func (w *world) changes(t *testing.T, endpoint string) []string {
	t.Helper()
	w.run(t, endpoint, "plan", "-out=plan")
	var plan struct {
		Changes []struct {
			Address string
			Change  struct {
				Actions       []string
				Before, After map[string]any
			}
		} `json:"resource_changes"`
		Outputs map[string]struct{ Actions []string } `json:"output_changes"`
	}
	fatal(t, json.Unmarshal([]byte(w.run(t, endpoint, "show", "-json", "plan")), &plan))
	var all []string
	for _, c := range plan.Changes {
		switch actions := strings.Join(c.Change.Actions, " "); actions {
		case "no-op":
		case "update":
			for name, after := range c.Change.After {
				if !reflect.DeepEqual(after, c.Change.Before[name]) {
					all = append(all, c.Address+" "+name)
				}
			}
		default:
			all = append(all, c.Address+" "+actions)
		}
	}
	for name, o := range plan.Outputs {
		if !slices.Equal(o.Actions, []string{"no-op"}) {
			all = append(all, fmt.Sprint("output ", name, " ", o.Actions))
		}
	}
	slices.Sort(all)
	return all
}

// serveEC2 serves an embedded EC2, and returns its URL.
func serveEC2(t *testing.T, options emulator.Options) string {
	t.Helper()
	e, err := emulator.New(options)
	fatal(t, err)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	return server.URL
}

// copyOf exports an embedded EC2, and serves another one with what was exported. stored are the arguments of commands that
// read its store.
func copyOf(t *testing.T, arguments ...string) (endpoint string, stored []string, file *topology.File) {
	t.Helper()
	folder := t.TempDir()
	store, out := filepath.Join(folder, "ec2.db"), filepath.Join(folder, "topology.json")
	_, messages, status := exported(t, append(arguments, "--region", "us-east-1", "--out", out)...)
	if status != 0 || strings.Contains(messages, "Warning") {
		t.Fatalf("the export ends with %d: %s", status, messages)
	}
	file, err := topology.Load(t.Context(), out)
	fatal(t, err)
	return serveEC2(t, emulator.Options{Path: store, Topology: file}), []string{"--path", store, "--topology", out}, file
}

// verdictsAt returns what becomes of packets of an interface, a line for each.
func verdictsAt(t *testing.T, endpoint, source, address string) string {
	t.Helper()
	w := newWorld(t)
	for _, name := range []string{"network.tf", "fleet.tf"} {
		fatal(t, os.Remove(filepath.Join(w.folder, name)))
	}
	text := string(mustRead(t, filepath.Join(w.folder, "mirror.tf")))
	_, simulation, _ := strings.Cut(text, "resource \"trafficmirror_simulation\"")
	simulation, _, _ = strings.Cut(simulation, "\noutput ")
	simulation = strings.NewReplacer("aws_instance.web.primary_network_interface_id", fmt.Sprintf("%q", source), "10.0.0.10", address,
		"traffic_mirror_session_ids = [for s in trafficmirror_session.web : s.id]", "").Replace(simulation)
	fatal(t, os.WriteFile(filepath.Join(w.folder, "mirror.tf"), []byte("resource \"trafficmirror_simulation\""+simulation+"\noutput \"verdicts\" {\n  value = trafficmirror_simulation.web.verdicts\n}\n"), 0o600))
	w.run(t, endpoint, "apply", "-auto-approve")
	verdicts := map[string]map[string]any{}
	fatal(t, json.Unmarshal([]byte(w.run(t, endpoint, "output", "-json", "verdicts")), &verdicts))
	var lines strings.Builder
	for _, packet := range slices.Sorted(maps.Keys(verdicts)) {
		v := verdicts[packet]
		fmt.Fprintln(&lines, packet, v["outcome"], v["reason"], v["session_number"], v["rule_number"], v["bytes"])
	}
	return lines.String()
}

// hopsAt returns the hops of the paths from an interface to targets, sorted.
func hopsAt(t *testing.T, source string, targets map[string]string, stored ...string) []string {
	t.Helper()
	var lines []string
	for name, id := range targets {
		status, out, errs := run(t, append([]string{"path", "--region", "us-east-1", "--from", source, "--to", id, "--format", "json"}, stored...)...)
		var answer struct {
			Outcome string
			Hops    []struct{ Hop, At, Outcome, By, Rule string }
		}
		if err := json.Unmarshal([]byte(out), &answer); err != nil {
			t.Fatalf("path ends with %d: %s%s", status, out, errs)
		}
		lines = append(lines, fmt.Sprint(name, " ", answer.Outcome))
		for _, h := range answer.Hops {
			lines = append(lines, fmt.Sprint(name, " ", h.Hop, " ", h.At, " ", h.Outcome, " ", h.By, " ", h.Rule))
		}
	}
	slices.Sort(lines)
	return lines
}
