package cli_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// newDealtCase is a case whose capture is also dealt at random to the files part-0.pcap to
// part-N.pcap.
func newDealtCase(t *testing.T, parts int) simulateCase {
	t.Helper()
	c := newSimulateCase(t)
	r := rand.New(rand.NewPCG(1, uint64(parts)))
	names := []string{"in.pcap"}
	for i := range parts {
		names = append(names, "part-"+string(rune('a'+i))+".pcap")
	}
	writers := make([]*capture.Writer, len(names))
	for i, name := range names {
		file, err := os.Create(c.path(name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { file.Close() })
		writers[i] = capture.NewWriter(file, packet.LinkEthernet)
	}
	for i := range 500 {
		f := frame(t, []uint16{22, 80, 443, 8080}[r.IntN(4)], 60+r.IntN(400))
		for _, w := range []*capture.Writer{writers[0], writers[1+r.IntN(parts)]} {
			if err := w.Write(int64(i)*1e6, f); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, w := range writers {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// runOf simulates these captures.
func (c simulateCase) runOf(t *testing.T, in []string, args ...string) (stdout string) {
	t.Helper()
	all := []string{"simulate", "--config", c.path("mirror.json")}
	for _, name := range in {
		all = append(all, "--in", c.path(name))
	}
	status, stdout, stderr := run(t, append(all, args...)...)
	if status != 0 || stderr != "" {
		t.Fatalf("%q ends with %d: %s", all, status, stderr)
	}
	return stdout
}

// Several captures give what one capture with their packets gives: copies, verdicts and the
// summary.
func TestSimulate_captures(t *testing.T) {
	t.Parallel()
	c := newDealtCase(t, 5)
	outputs := func(name string) []string {
		return []string{"--out", c.path(name + "-out.pcap"), "--verdicts", c.path(name + ".jsonl")}
	}
	whole := c.runOf(t, []string{"in.pcap"}, outputs("whole")...)
	byTime := c.runOf(t, []string{"part-*.pcap"}, outputs("parts")...)
	if string(c.read(t, "whole-out.pcap")) != string(c.read(t, "parts-out.pcap")) {
		t.Error("the copies differ")
	}
	origin := regexp.MustCompile(`,"file":"[^"]*/part-[a-e].pcap","file_packet":\d+`)
	if text := c.read(t, "parts.jsonl"); len(origin.FindAll(text, -1)) != 500 || !bytes.Equal(origin.ReplaceAll(text, nil), c.read(t, "whole.jsonl")) {
		t.Errorf("the verdicts differ in more than their files:\n%s", text)
	}
	if want := strings.Replace(whole, c.path("in.pcap")+":", "5 files:", 1); byTime != want {
		t.Errorf("by time:\n%s\nin place of\n%s", byTime, want)
	}
	if sideBySide := c.runOf(t, []string{"part-b.pcap", "part-[^b].pcap"}); sideBySide != byTime {
		t.Errorf("side by side:\n%s\nin place of\n%s", sideBySide, byTime)
	}
}

// Runs that are merged give what one run gives, as text and as JSON, also a part from standard
// input.
func TestMerge(t *testing.T) {
	t.Parallel()
	c := newDealtCase(t, 20)
	files, err := filepath.Glob(c.path("part-*.pcap"))
	if err != nil || len(files) != 20 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	first := ""
	for i, file := range files {
		text := c.runOf(t, []string{filepath.Base(file)}, "--json")
		if i == 0 {
			first = text
			continue
		}
		c.write(t, strings.TrimSuffix(filepath.Base(file), ".pcap")+".json", []byte(text))
	}
	for _, args := range [][]string{nil, {"--json"}} {
		whole := c.runOf(t, []string{"part-*.pcap"}, args...)
		status, stdout, stderr := runWith(t, first, append([]string{"merge", c.path("part-*.json"), "-"}, args...)...)
		if status != 0 || stderr != "" || stdout != whole {
			t.Errorf("ends with %d: %s\n%s\nin place of\n%s", status, stderr, stdout, whole)
		}
	}
}

// Flow tables that are merged are that of one run, beside the summaries or alone, in every form.
func TestMerge_flows(t *testing.T) {
	t.Parallel()
	c := newDealtCase(t, 5)
	for _, part := range []string{"a", "b", "c", "d", "e"} {
		c.runOf(t, []string{"part-" + part + ".pcap"}, "--summary", c.path("summary-"+part+".json"), "--flows", c.path("flows-"+part+".json"))
	}
	for _, form := range []string{"json", "csv", "txt"} {
		whole := c.runOf(t, []string{"part-*.pcap"}, "--flows", c.path("whole."+form))
		status, stdout, stderr := run(t, "merge", c.path("*-[a-e].json"), "--flows", c.path("merged."+form))
		if status != 0 || stderr != "" || stdout != whole || string(c.read(t, "merged."+form)) != string(c.read(t, "whole."+form)) {
			t.Errorf("%s: ends with %d: %s\n%s\nin place of\n%s", form, status, stderr, c.read(t, "merged."+form), c.read(t, "whole."+form))
		}
	}
	status, stdout, stderr := run(t, "merge", c.path("flows-*.json"), "--json")
	if status != 0 || stderr != "" || stdout != string(c.read(t, "whole.json")) {
		t.Errorf("alone: ends with %d: %s", status, stderr)
	}
	c.runOf(t, []string{"in.pcap"}, "--flows", c.path("sequential.json"))
	if string(c.read(t, "sequential.json")) != string(c.read(t, "whole.json")) {
		t.Error("side by side, the flow table differs from that of one file")
	}
	status, stdout, stderr = run(t, "merge", c.path("flows-a.json"), c.path("summary-a.json"))
	if status != 1 || stdout != "" || !strings.Contains(stderr, "Write --flows to say where the merged flow table goes") {
		t.Errorf("mixed without --flows: ends with %d: %s", status, stderr)
	}
}

// A file that is damaged ends there, and the others are read. Its summary says that it is not
// complete, and so does what is merged with it.
func TestSimulate_damagedOfSeveral(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	whole := c.read(t, "in.pcap")
	c.write(t, "a.pcap", whole[:len(whole)-10])
	status, stdout, stderr := c.run(t, "--in", c.path("a.pcap"), "--json")
	if status != 1 || stderr != "Error: "+c.path("a.pcap")+": record 4 of the capture, at byte 872: the file ends here\n" {
		t.Errorf("ends with %d: %s", status, stderr)
	}
	var summary struct {
		Packets, Files int
		Complete       bool
	}
	if err := json.Unmarshal([]byte(stdout), &summary); err != nil || summary.Packets != 7 || summary.Files != 2 || summary.Complete {
		t.Errorf("the summary is %s: %v", stdout, err)
	}
	c.write(t, "a.json", []byte(stdout))
	c.write(t, "b.json", []byte(c.succeed(t, "--json")))
	status, stdout, stderr = run(t, "merge", c.path("a.json"), c.path("b.json"))
	if status != 1 || !strings.HasPrefix(stdout, "3 files: 11 packets") || !strings.HasPrefix(stderr, "Error: "+c.path("a.json")+" is of a run that did not read") {
		t.Errorf("merging ends with %d: %s\n%s", status, stderr, stdout)
	}
}

func TestCaptures_refuses(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	config, in := c.path("mirror.json"), c.path("in.pcap")
	c.write(t, "in2.pcap", c.read(t, "in.pcap"))
	if err := os.Link(in, c.path("hard.pcap")); err != nil {
		t.Fatal(err)
	}
	simulate := func(args ...string) []string { return append([]string{"simulate", "--config", config}, args...) }
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no match":      {simulate("--in", c.path("no-*.pcap")), `--in: no file fits the pattern "` + c.path("no-*.pcap") + `"`},
		"bad pattern":   {simulate("--in", c.path("[")), "is not complete: close its brackets"},
		"empty":         {simulate("--in", ""), "--in is empty. Write a value, or leave it out"},
		"no quotes":     {simulate("--in", in, c.path("in2.pcap")), "is an argument without a flag. If the shell has replaced a pattern, write the pattern in quotes"},
		"twice":         {simulate("--in", in, "--in", in), "are the same file: its content would count twice"},
		"hard link":     {simulate("--in", in, "--in", c.path("hard.pcap")), "are the same file: its content would count twice"},
		"missing":       {simulate("--in", in, "--in", c.path("none")), "--in: open " + c.path("none") + ": no such file"},
		"folder":        {simulate("--in", in, "--in", c.folder), "--in: " + c.folder + " is a folder"},
		"standard":      {simulate("--in", "-", "--in", "-"), "cannot both be standard input"},
		"output":        {simulate("--in", c.path("in*.pcap"), "--out", c.path("in2.pcap")), "would overwrite --in " + c.path("in2.pcap")},
		"trace":         {[]string{"trace", "--config", config, "--in", c.path("in*.pcap"), "--packet", "1"}, "2 files fit the pattern"},
		"analyze":       {[]string{"analyze", "--config", c.path("filter.json"), "--in", c.path("in*.pcap")}, "2 files fit the pattern"},
		"merge nothing": {[]string{"merge"}, "there is nothing to merge"},
		"merge twice":   {[]string{"merge", c.path("good.json"), c.path("good.json")}, "are the same file: its content would count twice"},
		"merge other":   {[]string{"merge", c.path("good.json"), c.path("other.json")}, c.path("other.json") + " cannot be merged with " + c.path("good.json") + ": it has 64 as packet length in place of 128 in session 1"},
		"merge old":     {[]string{"merge", c.path("old.json")}, "has no configuration, because an earlier version wrote it"},
		"merge config":  {[]string{"merge", config}, "is neither a summary of simulate --json nor a flow table"},
		"merge keys":    {[]string{"merge", c.path("twice.json")}, "packets is there twice"},
		"no flows":      {[]string{"merge", c.path("good.json"), "--flows", c.path("flows.csv")}, "--flows writes flow tables, and no file has one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, stdout, stderr := run(t, test.args...)
			if status != 1 || stdout != "" || !strings.HasPrefix(stderr, "Error: ") || !strings.Contains(stderr, test.want) {
				t.Errorf("ends with %d: %s\nwant %s", status, stderr, test.want)
			}
		})
	}
	good := c.succeed(t, "--json")
	c.write(t, "good.json", []byte(good))
	old, _, _ := strings.Cut(good, ",\n  \"files\"")
	c.write(t, "old.json", []byte(old+"}"))
	c.write(t, "twice.json", []byte(strings.Replace(good, `"packets": 4,`, `"packets": 4, "packets": 4,`, 1)))
	c.write(t, "filter.json", []byte(`{ "ingress_rules": {} }`))
	c.write(t, "mirror.json", []byte(strings.Replace(mirrorJSON, `"packet_length": 128`, `"packet_length": 64`, 1)))
	c.write(t, "other.json", []byte(c.succeed(t, "--json")))
	c.write(t, "mirror.json", []byte(mirrorJSON))
	t.Cleanup(func() {
		if string(c.read(t, "in2.pcap")) != string(c.read(t, "in.pcap")) {
			t.Error("an input was overwritten")
		}
	})
}
