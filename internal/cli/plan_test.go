package cli_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	planned    = "../planfile/testdata/"
	quickstart = "../../examples/quickstart/"
)

// The plan of the quickstart before its first apply gives the result of its state after it.
func TestSimulate_plan(t *testing.T) {
	t.Parallel()
	simulate := func(arguments ...string) string {
		status, stdout, stderr := run(t, append([]string{"simulate", "--topology", quickstart + "topology.json", "--in", quickstart + "quickstart.pcap", "--interface", "eni-0a3f6c9e1b7d25840"}, arguments...)...)
		if status != 0 || stderr != "" {
			t.Fatalf("simulate %v ends with %d: %s", arguments, status, stderr)
		}
		return stdout
	}
	got := simulate("--plan", planned+"quickstart-plan.json")
	if !strings.Contains(got, "193 packets, 67,276 bytes; mirrored 178 packets, 16,668 bytes copied.") || !strings.Contains(got, "      1  egress            200    44       44         4,580\n") {
		t.Errorf("the plan gives\n%s", got)
	}
	if state := simulate("--state", planned+"quickstart-state.json"); state != got {
		t.Errorf("the state gives\n%s\nthe plan\n%s", state, got)
	}
	copies := filepath.Join(t.TempDir(), "out.pcap")
	simulate("--plan", planned+"quickstart-plan.json", "--out", copies)
	text, err := os.ReadFile(copies)
	if err != nil {
		t.Fatal(err)
	}
	if lengths, _ := framesOf(t, text); len(lengths) != 178 {
		t.Errorf("%d copies", len(lengths))
	}
}

// Without a topology the addresses come from flags, and what is not known is said.
func TestSimulate_planWithoutTopology(t *testing.T) {
	t.Parallel()
	arguments := []string{"simulate", "--plan", planned + "aws-plan.json", "--in", quickstart + "quickstart.pcap", "--interface"}
	status, stdout, stderr := run(t, append(arguments, "aws_network_interface.web")...)
	if status != 0 || !strings.Contains(stdout, "mirrored 112 packets") || !strings.Contains(stderr, "the IPv6 addresses of aws_network_interface.web are not known") {
		t.Errorf("ends with %d: %s\n%s", status, stderr, stdout)
	}
	status, stdout, stderr = run(t, append(arguments, "aws_network_interface.web", "--interface-address", "10.0.1.10", "--interface-address", "2001:db8:0:101::10", "--dns-resolver-address", "10.9.9.9")...)
	if status != 0 || strings.Contains(stderr, "not known") || !strings.Contains(stdout, "     61  no_rule") {
		t.Errorf("ends with %d: %s\n%s", status, stderr, stdout)
	}
	// An IPv4 address may be in the form of IPv6.
	if _, mapped, _ := run(t, append(arguments, "aws_network_interface.web", "--interface-address", "::ffff:10.0.1.10", "--interface-address", "2001:db8:0:101::10", "--dns-resolver-address", "::ffff:10.9.9.9")...); mapped != stdout {
		t.Errorf("with mapped addresses:\n%s\nwant\n%s", mapped, stdout)
	}
	if !strings.Contains(stdout, "target_mtu") {
		t.Errorf("the MTU of the target is unknown, and the summary does not say so:\n%s", stdout)
	}
}

func TestTrace_plan(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := run(t, "trace", "--plan", planned+"aws-plan.json", "--interface", "aws_network_interface.web", "--ingress", "tcp 10.1.2.3:50000 > 10.0.1.10:22")
	if status != 0 || !strings.Contains(stdout, "aws_network_interface.web has one session in "+planned+"aws-plan.json.") || !strings.Contains(stdout, "Verdict: rejected, session 1, rule 100.") {
		t.Errorf("ends with %d: %s\n%s", status, stderr, stdout)
	}
}

func TestAnalyze_plan(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := run(t, "analyze", "--plan", planned+"quickstart-plan.json", "--filter", "trafficmirror_filter.web", "--space", "ingress tcp 10.0.0.0/8 > any:22")
	if status != 0 || stderr != "" || !strings.HasPrefix(stdout, "trafficmirror_filter.web in "+planned+"quickstart-plan.json: 3 ingress rules, 3 egress rules.\n") {
		t.Errorf("ends with %d: %s\n%s", status, stderr, stdout)
	}
	status, stdout, stderr = run(t, "analyze", "--state", planned+"aws-state.json")
	if status != 0 || stderr != "" || !strings.HasPrefix(stdout, planned+"aws-state.json: 2 ingress rules, 1 egress rule.\n") {
		t.Errorf("ends with %d: %s\n%s", status, stderr, stdout)
	}
}

func TestPlan_refuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	plan, capture := planned+"quickstart-plan.json", quickstart+"quickstart.pcap"
	config, binary := write("mirror.json", mirrorJSON), write("plan", "PK\x03\x04")
	for name, test := range map[string]struct {
		arguments []string
		want      string
	}{
		"binary":       {[]string{"simulate", "--plan", binary, "--in", capture}, binary + `: this is a plan file in binary form. Run "terraform show -json FILE > plan.json"`},
		"two files":    {[]string{"simulate", "--plan", plan, "--state", plan, "--in", capture}, "[config plan state]"},
		"several":      {[]string{"simulate", "--plan", plan, "--in", capture}, "Write --interface with one of eni-0a3f6c9e1b7d25840 and eni-0b8e2d7f4a1c63950"},
		"no plan":      {[]string{"simulate", "--config", config, "--interface", "eni-0a3f6c9e1b7d25840", "--in", capture}, "--interface is for --plan and --state. Write it into " + config + " instead"},
		"address":      {[]string{"simulate", "--plan", plan, "--interface-address", "10.0.1.10/24", "--in", capture}, `--interface-address is "10.0.1.10/24". Write an IP address`},
		"resolver":     {[]string{"simulate", "--plan", plan, "--dns-resolver-address", "dns", "--in", capture}, `--dns-resolver-address is "dns"`},
		"zone":         {[]string{"simulate", "--plan", plan, "--interface-address", "fe80::1%eth0", "--in", capture}, `--interface-address is "fe80::1%eth0". Write an IP address`},
		"topology":     {[]string{"simulate", "--plan", plan, "--topology", config, "--in", capture}, config + ": "},
		"inputs":       {[]string{"simulate", "--plan", "-", "--topology", "-", "--in", capture}, "--plan and --topology cannot both be standard input"},
		"trace":        {[]string{"trace", "--plan", plan, "--ingress", "tcp 10.1.2.3:50000 > 10.0.1.10:22"}, "Write --interface with one of"},
		"analyze":      {[]string{"analyze", "--plan", plan}, "Write --filter with one of trafficmirror_filter.everything and trafficmirror_filter.web"},
		"filter":       {[]string{"analyze", "--config", config, "--filter", "x"}, "--filter is for --plan and --state"},
		"analyze file": {[]string{"analyze", "--plan", binary}, "in binary form"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if status, _, stderr := run(t, test.arguments...); status != 1 || !strings.HasPrefix(stderr, "Error: ") || !strings.Contains(stderr, test.want) {
				t.Errorf("ends with %d: %s\nwant %s", status, stderr, test.want)
			}
		})
	}
}

// A variable of a pipeline that is not set never makes a command answer another question.
func TestCommands_emptyFlag(t *testing.T) {
	t.Parallel()
	mirrorSource := []string{"--plan", planned + "quickstart-plan.json", "--interface", "eni-0a3f6c9e1b7d25840"}
	filterSource := []string{"--state", planned + "aws-state.json"}
	capture := []string{"--in", quickstart + "quickstart.pcap"}
	packet := []string{"--ingress", "tcp 10.1.2.3:50000 > 10.0.1.10:22"}
	for _, test := range []struct {
		command   string
		arguments [][]string
		flags     []string
	}{
		{"simulate", [][]string{mirrorSource, capture}, []string{"expect", "junit", "markdown", "out", "appliance-out", "verdicts", "topology"}},
		{"simulate", [][]string{capture}, []string{"config", "plan", "state"}},
		{"trace", [][]string{mirrorSource}, []string{"ingress", "egress"}},
		{"trace", [][]string{mirrorSource, packet}, []string{"topology"}},
		{"analyze", [][]string{filterSource}, []string{"fail-on", "space", "compare", "in", "filter"}},
	} {
		for _, flag := range test.flags {
			arguments := append(slices.Concat(test.arguments...), "--"+flag, "")
			want := "Error: --" + flag + " is empty. Write a value, or leave the flag out\n"
			if status, _, stderr := run(t, append([]string{test.command}, arguments...)...); status != 1 || stderr != want {
				t.Errorf("%s --%s: ends with %d: %s", test.command, flag, status, stderr)
			}
		}
	}
}

// An exit status never depends on a guess, and a report for a person may, with a warning.
func TestPlan_guess(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text, err := os.ReadFile(planned + "modules-plan.json")
	if err != nil {
		t.Fatal(err)
	}
	plan, expect := filepath.Join(folder, "plan.json"), filepath.Join(folder, "expectations.json")
	files := map[string]string{
		plan:   strings.Replace(string(text), `"local.chosen"`, `"trafficmirror_filter.rules.id", "trafficmirror_filter.rules"`, 1),
		expect: `{"packets": [{"name": "p", "direction": "egress", "protocol": "tcp", "source": "10.0.1.10", "source_port": 22, "destination": "10.1.2.3", "destination_port": 50000}], "expect": [{"packet": "p", "mirrored": false}]}`,
	}
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	arguments := []string{"simulate", "--plan", plan, "--interface", "eni-0a3f6c9e1b7d25840"}
	if status, _, stderr := run(t, append(arguments, "--in", quickstart+"quickstart.pcap")...); status != 0 || !strings.Contains(stderr, "the instance with the same key") {
		t.Errorf("ends with %d: %s", status, stderr)
	}
	if status, _, stderr := run(t, append(arguments, "--expect", expect)...); status != 1 || !strings.Contains(stderr, "what must hold cannot depend on a guess") {
		t.Errorf("--expect ends with %d: %s", status, stderr)
	}
}

func TestAnalyze_planGuess(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(planned + "modules-plan.json")
	if err != nil {
		t.Fatal(err)
	}
	const ofRule = `"constant_value": "ingress"
      },
      "traffic_mirror_filter_id": {
       "references": [
        "trafficmirror_filter.`
	plan := filepath.Join(t.TempDir(), "plan.json")
	changed := strings.NewReplacer(ofRule+`rules.id",`, ofRule+`all", "each.key",`, `rule.rules[0]`, `rule.rules[\"a\"]`, `rule.rules[1]`, `rule.rules[\"b\"]`, `"trafficmirror_filter.rules"
       ]
      }
     },
     "count`, `"each.key"
       ]
      }
     },
     "count`).Replace(string(text))
	if err := os.WriteFile(plan, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := []string{"analyze", "--plan", plan, "--filter", `trafficmirror_filter.all["b"]`}
	if status, _, stderr := run(t, arguments...); status != 0 || !strings.Contains(stderr, "the instance with the same key") {
		t.Errorf("ends with %d: %s", status, stderr)
	}
	if status, _, stderr := run(t, append(arguments, "--fail-on", "unreachable_rules")...); status != 1 || !strings.Contains(stderr, "what must hold cannot depend on a guess") {
		t.Errorf("--fail-on ends with %d: %s", status, stderr)
	}
}
