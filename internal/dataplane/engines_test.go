package dataplane_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// An engine is a classifier of another project.
type engine struct {
	name string

	// expression writes a rule in the engine's language.
	expression func(mirror.Rule) string

	// first returns, for each packet of the file, the number of the first
	// expression that matches, from 1, or 0.
	first func(t *testing.T, file string, expressions []string, packets int) []int

	// excuse returns why the engine may treat a packet differently, or "".
	excuse func(*packet.Packet) string
}

// libpcap and tshark find the same rule for the same packet, except where they
// are known to differ. Each program takes a moment to start, so make test tries
// a few filters of the day, and make test-long those of 25 days.
func TestAgreesWithOtherEngines(t *testing.T) {
	t.Parallel()
	frames, filters, seed := generated(600), 3, sample.Seed(t)
	if sample.All() {
		filters, seed = 25, 0
	}
	if os.Getenv("TRAFFICMIRROR_CAPTURES") != "" {
		frames = append(frames, captured(t)...)
	}
	file := filepath.Join(t.TempDir(), "frames.pcap")
	writeCapture(t, file, frames)
	for _, e := range []engine{
		{"tcpdump", bpf, firstByTcpdump, excuseBPF},
		{"tshark", displayFilter, firstByTshark, excuseTshark},
	} {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(e.name); err != nil {
				t.Skipf("%s is not installed", e.name)
			}
			compared, matched, excused := 0, 0, map[string]int{}
			for i := range filters {
				w := worldOf(uint64(filters)*seed+uint64(i), frames)
				rules := w.session(1, 1+w.IntN(30)).Filter.Rules
				for i := range rules {
					rules[i].Direction = mirror.Ingress
				}
				c, m := e.compare(t, file, frames, rules, excused)
				compared, matched = compared+c, matched+m
			}
			if sample.All() && matched*10 < compared {
				t.Errorf("rules decided only %d of %d verdicts", matched, compared)
			}
			differ := 0
			for _, n := range excused {
				differ += n
			}
			if sample.All() && differ*3 > compared {
				t.Errorf("the engine differs in %d of %d verdicts, which is too many to excuse: %v", differ, compared, excused)
			}
			t.Logf("TRAFFICMIRROR_SEED=%d: %d verdicts compared, %d by a rule; the engine differs, for a known cause, in %v", seed, compared, matched, excused)
		})
	}
}

// compare returns how many verdicts it compared, and how many of them were
// decided by rules.
func (e engine) compare(t *testing.T, file string, frames [][]byte, rules []mirror.Rule, excused map[string]int) (compared, matched int) {
	t.Helper()
	s := newSourceOn(t, boundless(), session(1, rules...))
	inOrder := mirror.Filter{Rules: rules}.InDirection(mirror.Ingress)
	var expressions []string
	for _, r := range inOrder {
		expressions = append(expressions, e.expression(r))
	}
	for i, n := range e.first(t, file, expressions, len(frames)) {
		p := decodeFrame(frames[i])
		v := s.Process(p, mirror.Ingress)
		if v.Outcome == dataplane.NeverMirrored || v.Reason == dataplane.AmazonDNSOff {
			continue // rules do not apply to it
		}
		compared++
		number := 0
		if n > 0 {
			number, matched = inOrder[n-1].Number, matched+1
		}
		excuse := e.excuse(p)
		switch {
		case v.RuleNumber == number:
		case excuse != "":
			excused[excuse]++
		default:
			t.Errorf("packet %x: rule %d, and %s says %d: %s", frames[i], v.RuleNumber, e.name, number, dataplane.Describe(p))
		}
	}
	return compared, matched
}

// generated draws packets of all shapes.
func generated(n int) [][]byte {
	w := newWorld(99, 99)
	frames := make([][]byte, n)
	for i := range frames {
		frames[i], _ = w.packet()
	}
	return frames
}

// captured returns the Ethernet frames of the real captures.
func captured(t *testing.T) [][]byte {
	t.Helper()
	var frames [][]byte
	for _, path := range realCaptures(t) {
		for _, r := range readCapture(t, path) {
			if r.Link == packet.LinkEthernet {
				frames = append(frames, r.Data)
			}
		}
	}
	return frames
}

// worldOf returns a world with the addresses and ports of the packets.
func worldOf(seed uint64, frames [][]byte) world {
	w := newWorld(seed, 0)
	for range 20 {
		p := decodeFrame(pick(w, frames...))
		switch p.Kind {
		case packet.IPv4:
			w.addrs4 = append(w.addrs4, p.SourceAddr(), p.DestinationAddr())
		case packet.IPv6:
			w.addrs6 = append(w.addrs6, p.SourceAddr(), p.DestinationAddr())
		}
		if p.HasPorts {
			w.ports = append(w.ports, int(p.SourcePort), int(p.DestinationPort))
		}
	}
	return w
}

// bpf writes a rule for libpcap.
func bpf(r mirror.Rule) string {
	family := "ip6"
	if r.SourceCIDR.Addr().Is4() {
		family = "ip"
	}
	parts := []string{family}
	for side, prefix := range map[string]fmt.Stringer{"src": r.SourceCIDR, "dst": r.DestinationCIDR} {
		parts = append(parts, fmt.Sprintf("%s %s net %s", family, side, prefix))
	}
	if r.Protocol != nil {
		parts = append(parts, fmt.Sprintf("%s proto %d", family, *r.Protocol))
	}
	for side, ports := range map[string]*mirror.PortRange{"src": r.SourcePorts, "dst": r.DestinationPorts} {
		if ports != nil {
			parts = append(parts, fmt.Sprintf("%s %s portrange %d-%d", r.Protocol, side, ports.From, ports.To))
		}
	}
	return strings.Join(parts, " and ")
}

// firstByTcpdump runs tcpdump once for each expression. It turns the optimiser
// off, which handles some prefixes wrongly. The time of a packet is its number.
func firstByTcpdump(t *testing.T, file string, expressions []string, packets int) []int {
	t.Helper()
	first := make([]int, packets)
	matched := filepath.Join(t.TempDir(), "matched.pcap")
	for i, expression := range expressions {
		if out, err := exec.Command("tcpdump", "-O", "--time-stamp-precision=nano", "-r", file, "-w", matched, expression).CombinedOutput(); err != nil {
			t.Fatalf("tcpdump %s: %v: %s", expression, err, out)
		}
		for _, r := range readCapture(t, matched) {
			if n := r.Nanoseconds; first[n] == 0 {
				first[n] = i + 1
			}
		}
	}
	return first
}

func excuseBPF(p *packet.Packet) string {
	switch {
	case p.Tags > 0:
		return "does not look behind tags"
	case p.Extended:
		return "does not look behind IPv6 extension headers"
	}
	return excuseAny(p)
}

// excuseAny returns the excuse of both engines.
func excuseAny(p *packet.Packet) string {
	switch {
	case p.Kind == packet.Unreadable:
		return "matches packets whose headers contradict themselves"
	case p.Kind == packet.CutOff || p.PortsCutOff():
		return "sees packets that are cut off differently"
	case !p.HasPorts && p.Fragment != packet.LaterFragment && p.IPLength < p.TransportOffset-p.IPOffset+4:
		return "reads ports behind the end of the packet"
	}
	return ""
}

// displayFilter writes a rule for tshark. #1 means the outermost header.
func displayFilter(r mirror.Rule) string {
	family, protocols := "ipv6", []string{"ipv6.nxt#1", "ipv6.hopopts.nxt", "ipv6.routing.nxt", "ipv6.fraghdr.nxt", "ipv6.dstopts.nxt", "ah.next_header"}
	if r.SourceCIDR.Addr().Is4() {
		family, protocols = "ip", []string{"ip.proto#1"}
	}
	parts := []string{family}
	for side, prefix := range map[string]fmt.Stringer{"src": r.SourceCIDR, "dst": r.DestinationCIDR} {
		parts = append(parts, fmt.Sprintf("%s.%s#1 == %s", family, side, prefix))
	}
	switch {
	case r.Protocol == nil:
	case *r.Protocol == 0 && family == "ipv6":
		parts = append(parts, "frame.number == 0") // the protocol is after hop-by-hop options
	default:
		var any []string
		for _, p := range protocols {
			any = append(any, fmt.Sprintf("%s == %d", p, *r.Protocol))
		}
		parts = append(parts, "("+strings.Join(any, " or ")+")")
	}
	for side, ports := range map[string]*mirror.PortRange{"src": r.SourcePorts, "dst": r.DestinationPorts} {
		if ports != nil {
			parts = append(parts, fmt.Sprintf("%s.%sport#1 >= %d and %s.%sport#1 <= %d", r.Protocol, side, ports.From, r.Protocol, side, ports.To))
		}
	}
	return strings.Join(parts, " and ")
}

// firstByTshark uses the expressions as colouring rules. The first that matches
// colours the packet.
func firstByTshark(t *testing.T, file string, expressions []string, packets int) []int {
	t.Helper()
	folder := t.TempDir()
	var rules strings.Builder
	for i, expression := range expressions {
		fmt.Fprintf(&rules, "@%d@%s@[65535,65535,65535][0,0,0]\n", i+1, expression)
	}
	if err := os.WriteFile(filepath.Join(folder, "colorfilters"), []byte(rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("tshark", "--color", "-n", "-r", file, "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-T", "fields", "-e", "frame.number", "-e", "frame.coloring_rule.name")
	command.Env = append(os.Environ(), "WIRESHARK_CONFIG_DIR="+folder)
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	first := make([]int, 0, packets)
	for line := range strings.Lines(string(out)) {
		_, name, _ := strings.Cut(strings.TrimSpace(line), "\t")
		n, _ := strconv.Atoi(name) // no name: no match
		first = append(first, n)
	}
	if len(first) != packets {
		t.Fatalf("tshark has %d packets, not %d", len(first), packets)
	}
	return first
}

func excuseTshark(p *packet.Packet) string {
	if p.Kind == packet.NotIP {
		return "looks for IP behind MPLS"
	}
	return excuseAny(p)
}
