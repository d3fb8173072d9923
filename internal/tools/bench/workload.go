//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// workload is the files that everybody works on.
type workload struct {
	folder  string
	packets int
}

// workloadVersion is in the names of the files: those of another version are not used.
const workloadVersion = 1

// samplePackets is how many packets are held in memory to measure decisions alone.
const samplePackets = 100_000

// Of the packets: 200 to 1000 make 200,000 flows of a million.
const (
	packetsPerFlow = 5
	shareOfIPv4    = 0.78
)

var (
	ownMAC  = [6]byte{0x02, 0, 0, 0, 0, 0x01}
	peerMAC = [6]byte{0x02, 0, 0, 0, 0, 0x02}
	own4    = netip.MustParseAddr("10.0.1.10")
	own6    = netip.MustParseAddr("2001:db8:ffff::10")
)

// services are ports that packets go to and rules ask for more often than others.
var services = []int{22, 25, 80, 110, 143, 389, 443, 445, 636, 993, 1433, 1521, 3306, 3389, 5432, 6379, 8080, 8443, 9092, 27017}

func (w workload) path(name string) string {
	return filepath.Join(w.folder, fmt.Sprintf("v%d-%d-%s", workloadVersion, w.packets, name))
}

func (w workload) capture() string { return w.path("in.pcap") }
func (w workload) tenth() string   { return w.path("tenth.pcap") }
func (w workload) sample() string  { return w.path("sample.pcap") }

// build makes the captures that are not there yet.
func (w workload) build() error {
	for name, packets := range map[string]int{w.capture(): w.packets, w.tenth(): w.packets / 10, w.sample(): min(w.packets, samplePackets)} {
		if _, err := os.Stat(name); err == nil {
			continue
		}
		if err := w.buildCapture(name, packets, 0); err != nil {
			return err
		}
	}
	return nil
}

// buildCapture takes its time: what is there under the name is complete. Captures of different
// numbers follow one another in time, and have other packets.
func (w workload) buildCapture(name string, packets int, number uint64) error {
	file, err := os.CreateTemp(w.folder, "building-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	flows := newFlows(w.packets / packetsPerFlow)
	r := rand.New(rand.NewPCG(1, 1+number))
	begin := 1_700_000_000e9 + int64(number)*int64(packets)*1000
	out := capture.NewWriter(file, packet.LinkEthernet)
	for i := range packets {
		spec := flows[r.IntN(len(flows))]
		spec.Length = frameLength(r)
		frame, err := packet.Build(spec)
		if err != nil {
			return err
		}
		if err := out.Write(begin+int64(i)*1000, frame); err != nil {
			return err
		}
	}
	if err := errors.Join(out.Close(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}

// frameLength draws a length, 627 bytes on average: acknowledgements, full frames,
// and some of any length.
func frameLength(r *rand.Rand) int {
	switch n := r.IntN(100); {
	case n < 50:
		return 80 + r.IntN(31)
	case n < 79:
		return 1514
	}
	return 130 + r.IntN(1071)
}

func newFlows(n int) []packet.Spec {
	r := rand.New(rand.NewPCG(2, 2))
	flows := make([]packet.Spec, max(n, 1))
	for i := range flows {
		f := packet.Spec{
			Protocol: packet.ProtocolTCP, SourceMAC: peerMAC, DestinationMAC: ownMAC, Source: randomIPv4(r), Destination: own4,
			SourcePort: new(uint16(32768 + r.IntN(28232))), DestinationPort: new(uint16(randomPort(r))),
		}
		if r.IntN(5) == 0 {
			f.Protocol = packet.ProtocolUDP
		}
		if r.Float64() > shareOfIPv4 {
			f.Source, f.Destination = randomIPv6(r), own6
		}
		flows[i] = f
	}
	return flows
}

func randomIPv4(r *rand.Rand) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(r.IntN(256)), byte(r.IntN(256)), byte(r.IntN(256))})
}

func randomIPv6(r *rand.Rand) netip.Addr {
	a := netip.MustParseAddr("2001:db8::").As16()
	a[5], a[15] = byte(r.IntN(256)), byte(r.IntN(256))
	return netip.AddrFrom16(a)
}

func randomPort(r *rand.Rand) int {
	if r.IntN(2) == 0 {
		return services[r.IntN(len(services))]
	}
	return 1 + r.IntN(65535)
}

// rule rejects the packets from a network to a range of ports.
type rule struct {
	source   netip.Prefix
	protocol string
	from, to int
}

// rejects are rules as a list that grew over the years has them. Behind them,
// everything is accepted, so that most packets are held against all of them.
func rejects(n int) []rule {
	r := rand.New(rand.NewPCG(3, 3))
	rules := make([]rule, n)
	for i := range rules {
		source := netip.PrefixFrom(randomIPv4(r), 16+r.IntN(9))
		if r.IntN(5) == 0 {
			source = netip.PrefixFrom(randomIPv6(r), 48)
		}
		from := randomPort(r)
		rules[i] = rule{source.Masked(), "tcp", from, min(from+r.IntN(100), 65535)}
		if r.IntN(3) == 0 {
			rules[i].protocol = "udp"
		}
	}
	return rules
}

// expression is the rules as one expression of libpcap.
func expression(rules []rule) string {
	parts := make([]string, len(rules))
	for i, r := range rules {
		parts[i] = fmt.Sprintf("(src net %s and %s dst portrange %d-%d)", r.source, r.protocol, r.from, r.to)
	}
	return "not (" + strings.Join(parts, "\n or ") + ")\n"
}

// mirrorJSON is the rules as a filter, and behind them one that accepts everything
// of each family.
func mirrorJSON(rules []rule, packetLength int) map[string]any {
	filter := map[string]any{}
	for i, r := range rules {
		filter[strconv.Itoa(i+1)] = map[string]any{
			"rule_action": "reject", "protocol": r.protocol, "source_cidr_block": r.source, "destination_cidr_block": everything(r.source),
			"destination_port_range": map[string]int{"from_port": r.from, "to_port": r.to},
		}
	}
	for i, prefix := range []string{"0.0.0.0/0", "::/0"} {
		filter[strconv.Itoa(len(rules)+1+i)] = map[string]any{
			"rule_action": "accept", "source_cidr_block": prefix, "destination_cidr_block": prefix,
		}
	}
	session := map[string]any{
		"session_number": 1, "virtual_network_id": 7,
		"target": map[string]any{"type": "network-interface", "ip_address": "10.0.2.20"}, "filter": map[string]any{"ingress_rules": filter},
	}
	if packetLength > 0 {
		session["packet_length"] = packetLength
	}
	return map[string]any{
		"interface": map[string]any{"mac_address": "02:00:00:00:00:01", "private_ip_address": own4},
		"direction": "ingress",
		"sessions":  []any{session},
	}
}

func everything(like netip.Prefix) string {
	if like.Addr().Is4() {
		return "0.0.0.0/0"
	}
	return "::/0"
}

// writeRules writes both forms of n rules, and returns the names of the files.
func (w workload) writeRules(n, packetLength int) (config, filter string, err error) {
	config, filter = w.path(fmt.Sprintf("%d-%d.json", n, packetLength)), w.path(fmt.Sprintf("%d.bpf", n))
	rules := rejects(n - 2)
	text, err := json.Marshal(mirrorJSON(rules, packetLength))
	if err != nil {
		return "", "", err
	}
	return config, filter, errors.Join(os.WriteFile(config, text, 0o600), os.WriteFile(filter, []byte(expression(rules)), 0o600))
}

// countPackets returns how many packets a capture holds.
func countPackets(name string) (int64, error) {
	file, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	r, err := capture.NewReader(file)
	if err != nil {
		return 0, err
	}
	var record capture.Record
	for err = r.Next(&record); err == nil; {
		err = r.Next(&record)
	}
	if !errors.Is(err, io.EOF) {
		return 0, err
	}
	return record.Number, nil
}
