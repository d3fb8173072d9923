package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const quickstart = "../../examples/quickstart"

// The quickstart prints the table in README.md, and its own README.md says which packets
// are no longer as expected after each change that it suggests.
func TestAccQuickstart(t *testing.T) {
	space := newProcesses(t, nil)
	for _, name := range []string{"topology.json", "quickstart.pcap"} {
		if err := os.WriteFile(filepath.Join(space.folder, name), readFile(t, quickstart, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config := string(readFile(t, quickstart, "main.tf"))
	write := func(config string) {
		if err := os.WriteFile(filepath.Join(space.folder, "main.tf"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(config)
	space.run(t, "apply -auto-approve")
	table := strings.TrimSpace(space.run(t, "output -raw table"))
	if table == "" || !strings.Contains(string(readFile(t, "../..", "README.md")), table) {
		t.Errorf("README.md does not show this table:\n%s", table)
	}
	space.planIsEmpty(t)
	readme := string(readFile(t, quickstart, "README.md"))
	for _, c := range []struct {
		suggestion, before, old, now string
		broken                       []string
	}{
		{"`rule_action = \"reject\"` in the ingress rule 200 of the filter `web`", `"200" = {`, `"accept"`, `"reject"`, []string{"92", "122"}},
		{"`network_services = []` in the filter `web`", `"web" {`, `["amazon-dns"]`, `[]`, []string{"73"}},
		{"`packet_length = 64` in the session `web`", `"web" {`, `= 128`, `= 64`, []string{"38", "TLS over IPv6"}},
	} {
		if !strings.Contains(readme, c.suggestion) {
			t.Errorf("the quickstart no longer suggests %s", c.suggestion)
		}
		head, rest, _ := strings.Cut(config, c.before)
		write(head + c.before + strings.Replace(rest, c.old, c.now, 1))
		output, code := space.try(t, "apply -auto-approve")
		var broken []string
		for _, match := range regexp.MustCompile(`(?m)^Packet "([^"]+)" \(`).FindAllStringSubmatch(output, -1) {
			broken = append(broken, match[1])
		}
		if code == 0 || !slices.Equal(broken, c.broken) {
			t.Errorf("%s: broken are %q, want %q\n%s", c.suggestion, broken, c.broken, output)
		}
		write(config)
		space.run(t, "apply -auto-approve")
	}
}

func readFile(t *testing.T, folder, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
