package emulator_test

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// Everything that EC2's model in botocore has of Traffic Mirroring is there: each
// action, each parameter, each documented filter, and each field of the describes.
func TestModel_trafficMirroring(t *testing.T) {
	t.Parallel()
	python := pythonWith(t, "botocore")
	server := serve(t, emptyEmulator(t))
	output, err := exec.CommandContext(t.Context(), python, "../tools/coverage/coverage.py", "--missing", "--only", "*TrafficMirror*", server).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	table, rest, _ := strings.Cut(string(output), "\n\n")
	lines := strings.Split(table, "\n")
	total := lines[len(lines)-1]
	if !strings.HasPrefix(total, "15 actions ") {
		t.Errorf("the last line of the table is %q, want one of 15 actions", total)
	}
	for _, line := range lines {
		columns := strings.Split(line, "|")
		if len(columns) != 4 {
			t.Fatalf("a line of the table is %q", line)
		}
		counts := columns[1:3]
		if strings.HasPrefix(line, "Describe") {
			counts = columns[1:] // the answer to a create does not have what a change adds, nor that to a change the tags
		}
		for _, count := range counts {
			if part := ofPattern.FindStringSubmatch(count); part == nil || part[1] != part[2] {
				t.Errorf("%s: %s", columns[0], count)
			}
		}
	}
	if strings.Contains(total, " 0 of 0") {
		t.Errorf("nothing was counted: %s", total)
	}
	if t.Failed() {
		t.Log(rest)
	}
}

var ofPattern = regexp.MustCompile(`(\d+) of (\d+)`)
