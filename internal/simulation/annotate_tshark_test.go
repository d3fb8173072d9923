package simulation_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// Of each real capture, tshark reads an annotated copy. It sees the same packets, and the comments
// say what the lines of verdicts say.
func TestAnnotation_tshark(t *testing.T) {
	t.Parallel()
	paths := realCaptures(t)
	if len(paths) == 0 {
		t.Skip("TRAFFICMIRROR_CAPTURES does not name a folder with captures")
	}
	if _, missing := exec.LookPath("tshark"); missing != nil {
		t.Skip("tshark is not installed")
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			sample.SkipUnless(t, 4) // tshark takes long to start
			checkWithTshark(t, path)
		})
	}
}

// realCaptures returns the captures in the folders of TRAFFICMIRROR_CAPTURES, which is a list
// such as PATH.
func realCaptures(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, folder := range filepath.SplitList(os.Getenv("TRAFFICMIRROR_CAPTURES")) {
		paths, err := filepath.Glob(filepath.Join(folder, "*.pcap*"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no captures in %s (TRAFFICMIRROR_CAPTURES): %v", folder, err)
		}
		all = append(all, paths...)
	}
	return all
}

// selectiveSource mirrors, rejects and leaves out packets of any capture.
func selectiveSource(t *testing.T) *dataplane.Source {
	t.Helper()
	icmp, udp := rule(100, mirror.Reject, 0, 0), rule(150, mirror.Reject, 1, 1000)
	icmp.Protocol, icmp.DestinationPorts = new(mirror.Protocol(packet.ProtocolICMP)), nil
	udp.Protocol = new(mirror.Protocol(packet.ProtocolUDP))
	high := rule(300, mirror.Accept, 5000, 65535)
	high.Protocol = udp.Protocol
	one := session(1, mirror.Endpoint{Type: mirror.NetworkInterface}, icmp, udp, rule(200, mirror.Accept, 0, 65535), high)
	one.PacketLength = new(128)
	source, err := dataplane.New(mirror.Interface{}, []dataplane.Session{one}, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func checkWithTshark(t *testing.T, path string) {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "annotated.pcapng")
	out, err := os.Create(copied)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	var lines bytes.Buffer
	input := simulation.Input{Capture: newReader(t, file), Direction: mirror.Ingress}
	source := selectiveSource(t)
	var damage *capture.FormatError
	switch _, err := simulation.Run(t.Context(), source, input, simulation.NewVerdictLines(&lines, source, simulation.VerdictJSON), simulation.NewAnnotation(out)); {
	case errors.As(err, &damage):
		t.Skipf("a damaged capture: %v", err)
	case err != nil:
		t.Fatal(err)
	}
	// tshark numbers custom blocks too, as data without a time. A simple packet block has no time.
	fields := []string{"frame.len", "frame.cap_len", "frame.encap_type", "frame.md5_hash", "frame.time_epoch", "eth.fcs", "ip.src", "frame.packet_flags", "frame.comment"}
	before, after := tshark(t, path, fields...), tshark(t, copied, fields...)
	if len(before) != len(after) {
		t.Fatalf("%d packets, not %d", len(after), len(before))
	}
	verdicts := strings.Split(strings.TrimSuffix(lines.String(), "\n"), "\n")
	number := 0
	for i, b := range before {
		a := after[i]
		hasTime := b[4] != ""
		if whole, fraction, _ := strings.Cut(b[4], "."); len(fraction) > 9 || strings.HasPrefix(whole, "-") || !hasTime {
			b[4], a[4] = "", "" // of damaged files: tshark cannot show a fraction of a second or more
		}
		if !slices.Equal(a[:7], b[:7]) {
			t.Errorf("packet %d: %q, not %q", i+1, a, b)
		}
		if a[8] == b[8] && !hasTime {
			continue // a custom block
		}
		comment, isAfter := strings.CutPrefix(a[8], strings.TrimPrefix(b[8]+"|", "|"))
		if !isAfter || !agrees(t, verdicts[number], comment) {
			t.Errorf("packet %d: the comment is %q, the verdict %s", i+1, a[8], verdicts[number])
		}
		if was, is := flagsOf(t, b[7]), flagsOf(t, a[7]); strings.Contains(verdicts[number], `"direction"`) && is != was&^3|1 {
			t.Errorf("packet %d: the flags are %#x, and were %#x", i+1, is, was)
		}
		number++
	}
	if lines.Len() > 0 && number != len(verdicts) {
		t.Errorf("%d packets have a comment, and there are %d verdicts", number, len(verdicts))
	}
}

func flagsOf(t *testing.T, text string) (flags uint32) {
	t.Helper()
	if _, err := fmt.Sscanf(text, "0x%x", &flags); err != nil && text != "" {
		t.Fatal(err)
	}
	return flags
}

// tshark returns fields of each packet. Several values of a field have a "|" between them.
func tshark(t *testing.T, path string, fields ...string) (rows [][]string) {
	t.Helper()
	args := []string{"-n", "-o", "frame.generate_md5_hash:TRUE", "-r", path, "-T", "fields", "-E", "aggregator=|"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	out, err := exec.Command("tshark", args...).Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows
}

// agrees reports whether a comment says what a line of verdicts says.
func agrees(t *testing.T, line, comment string) bool {
	t.Helper()
	var v struct {
		Outcome       string
		SessionNumber int `json:"session_number"`
		RuleNumber    int `json:"rule_number"`
		Bytes         int
		TruncatedBy   string `json:"truncated_by"`
		Unknown       []string
		Assumption    string
	}
	if err := json.Unmarshal([]byte(line), &v); err != nil {
		t.Fatal(err)
	}
	end := ""
	if v.Unknown != nil {
		end = "; not known: " + strings.Join(v.Unknown, ", ")
	}
	if v.Assumption != "" {
		end += "; depends on assumption " + v.Assumption
	}
	comment, isRight := strings.CutSuffix(comment, end)
	switch v.Outcome {
	case "mirrored":
		start := fmt.Sprintf("mirrored: session %d, rule %d accepts, %d ", v.SessionNumber, v.RuleNumber, v.Bytes)
		return isRight && strings.HasPrefix(comment, start) && strings.Contains(comment, " cut to ") == (v.TruncatedBy != "")
	case "rejected":
		return isRight && comment == fmt.Sprintf("rejected: session %d, rule %d rejects", v.SessionNumber, v.RuleNumber)
	}
	start := map[string]string{"no_match": "no match: ", "never_mirrored": "never copied: ", "no_direction": "no direction: "}[v.Outcome]
	return isRight && start != "" && strings.HasPrefix(comment, start) && !strings.Contains(comment, ";")
}
