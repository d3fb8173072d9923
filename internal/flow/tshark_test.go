package flow_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// counts are what tshark counts of a conversation.
type counts struct{ toFirst, bytesToFirst, fromFirst, bytesFromFirst int64 }

// The conversations of real captures have the packets and bytes that tshark counts.
func TestTable_tshark(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	compareWithTshark(t, filepath.Join("..", "dataplane", "testdata", "aws-mirror-first30.inner.pcap"), mirror.MAC{0x02, 0x85, 0x69, 0xc2, 0xab, 0x02})
	folders := filepath.SplitList(os.Getenv("TRAFFICMIRROR_CAPTURES"))
	if len(folders) == 0 {
		return // for the others
	}
	folder := folders[0]
	compareWithTshark(t, filepath.Join(folder, "mixed-lan-1000.pcap"), mirror.MAC{0x00, 0x0c, 0x29, 0x61, 0xf5, 0x5f})
	compareWithTshark(t, filepath.Join(folder, "mixed-lan-1000.pcap"), mirror.MAC{0x00, 0x0c, 0x29, 0x03, 0xdf, 0xad})
}

func compareWithTshark(t *testing.T, path string, mac mirror.MAC) {
	t.Helper()
	source, err := dataplane.New(mirror.Interface{MACAddress: mac}, nil, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader, err := capture.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	table := flow.NewTable(source)
	if _, err := simulation.Run(t.Context(), source, simulation.Input{Capture: reader}, table); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	f := table.Flows()
	byAddress := func(c *flow.Conversation) (local, remote string) { return c.Local.String(), c.Remote.String() }
	byPort := func(c *flow.Conversation) (local, remote string) {
		return fmt.Sprintf("%s:%d", c.Local, c.LocalPort), fmt.Sprintf("%s:%d", c.Remote, c.RemotePort)
	}
	want := conversationsOf(t, path, mac)
	for statistic, of := range map[string]struct {
		has func(*flow.Conversation) bool
		of  func(*flow.Conversation) (local, remote string)
	}{
		"ip":   {func(c *flow.Conversation) bool { return c.Local.Is4() }, byAddress},
		"ipv6": {func(c *flow.Conversation) bool { return c.Local.Is6() }, byAddress},
		"tcp":  {func(c *flow.Conversation) bool { return c.Protocol == 6 }, byPort},
		"udp":  {func(c *flow.Conversation) bool { return c.Protocol == 17 }, byPort},
	} {
		got := map[string]counts{}
		for i := range f.Conversations {
			c := &f.Conversations[i]
			if !of.has(c) {
				continue
			}
			local, remote := of.of(c)
			in, out := c.In, c.Out
			if remote < local {
				in, out = out, in
			}
			n := got[pair(local, remote)]
			got[pair(local, remote)] = counts{n.toFirst + in.Packets, n.bytesToFirst + in.Bytes, n.fromFirst + out.Packets, n.bytesFromFirst + out.Bytes}
		}
		compareConversations(t, path+" "+statistic, got, want[statistic])
	}
}

// pair names two sides, in one order.
func pair(a, b string) string { return min(a, b) + " " + max(a, b) }

func compareConversations(t *testing.T, where string, got map[string]counts, want map[string][4]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: there are %d conversations, and tshark has %d", where, len(got), len(want))
	}
	for name, texts := range want {
		n := got[name]
		for i, number := range []int64{n.toFirst, n.bytesToFirst, n.fromFirst, n.bytesFromFirst} {
			text := strconv.FormatInt(number, 10)
			if i%2 == 1 {
				text += " bytes"
			}
			if strings.HasSuffix(texts[i], " kB") { // tshark rounds large numbers down
				text = fmt.Sprintf("%d kB", number/1000)
			}
			if text != texts[i] {
				t.Errorf("%s: %s has %+v, and tshark says %q", where, name, n, texts)
				break
			}
		}
	}
}

// conversation is a line of a statistic of tshark.
var conversation = regexp.MustCompile(`^(\S+)\s+<->\s+(\S+)\s+(\d+) (\d+ \w+)\s+(\d+) (\d+ \w+)\s`)

// statistics are those of tshark that are compared, by the title over their lines.
var statistics = map[string]string{"IPv4": "ip", "IPv6": "ipv6", "TCP": "tcp", "UDP": "udp"}

// conversationsOf returns for each statistic and conversation of an interface the packets and the
// bytes to its first side, and from it.
func conversationsOf(t *testing.T, path string, mac mirror.MAC) map[string]map[string][4]string {
	t.Helper()
	args, all := []string{"-n", "-q", "-r", path}, map[string]map[string][4]string{}
	for _, statistic := range statistics {
		args, all[statistic] = append(args, "-z", fmt.Sprintf("conv,%s,eth.addr==%s", statistic, mac)), map[string][4]string{}
	}
	out, err := exec.CommandContext(t.Context(), "tshark", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	of := ""
	for _, line := range strings.Split(string(out), "\n") {
		if title, isTitle := strings.CutSuffix(line, " Conversations"); isTitle {
			of = statistics[title]
		}
		m := conversation.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		name, texts := pair(m[1], m[2]), [4]string{m[3], m[4], m[5], m[6]}
		if m[2] < m[1] {
			texts = [4]string{m[5], m[6], m[3], m[4]}
		}
		if _, twice := all[of][name]; twice {
			t.Fatalf("tshark has %s twice", name)
		}
		all[of][name] = texts
	}
	return all
}
