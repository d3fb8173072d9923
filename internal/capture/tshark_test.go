package capture_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// captures returns the captures in the folders of TRAFFICMIRROR_CAPTURES, which is a list
// such as PATH.
func captures(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, folder := range filepath.SplitList(os.Getenv("TRAFFICMIRROR_CAPTURES")) {
		paths, err := filepath.Glob(filepath.Join(folder, "*.pcap*"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no captures in %s (TRAFFICMIRROR_CAPTURES): %v", folder, err)
		}
		all = append(all, paths...)
	}
	if all == nil {
		t.Skip("TRAFFICMIRROR_CAPTURES names no folder with captures")
	}
	return all
}

// counts are the packets of a capture by what they are: "NULL", "NULL ipv4",
// "NULL ipv4 6", "NULL ipv4 6 ports".
type counts map[string]int

func (c counts) add(link, version, protocol string, hasPorts bool) {
	c[link]++
	if version == "" {
		return
	}
	c[link+" "+version]++
	if protocol == "" {
		return
	}
	c[link+" "+version+" "+protocol]++
	if hasPorts {
		c[link+" "+version+" "+protocol+" ports"]++
	}
}

// ownCounts counts records.
func ownCounts(records []record) counts {
	all := counts{}
	var p packet.Packet
	for _, r := range records {
		p.Decode([]byte(r.data), r.link)
		link := p.Link.String()
		switch {
		case p.Kind == packet.UnknownLink:
			link = "not read"
		case p.Link == packet.LinkPPPHDLC:
			link = "PPP" // tshark has one number for both
		}
		switch p.Kind {
		case packet.ARP:
			all.add(link, "arp", "", false)
		case packet.IPv4:
			all.add(link, "ipv4", strconv.Itoa(int(p.Protocol)), p.HasPorts)
		case packet.IPv6:
			all.add(link, "ipv6", strconv.Itoa(int(p.Protocol)), p.HasPorts)
		default:
			all.add(link, "", "", false)
		}
	}
	return all
}

// encapsulations are the numbers of frame.encap_type of tshark for the link types that are read.
// tshark does not distinguish some.
var encapsulations = map[string]string{
	"1": "ETHERNET", "4": "PPP", "7": "RAW", "15": "NULL", "25": "LINUX_SLL", "129": "IPV4", "130": "IPV6", "139": "PPP_ETHER", "174": "LOOP", "210": "LINUX_SLL2",
}

// The fields of tshark that say what a packet is. Each has the values of all layers.
var countFields = []string{
	"frame.encap_type", "frame.protocols", "ip.proto", "ip.frag_offset", "ipv6.nxt",
	"ipv6.hopopts.nxt", "ipv6.routing.nxt", "ipv6.fraghdr.nxt", "ipv6.dstopts.nxt", "ah.next_header", "ipv6.fraghdr.offset",
	"tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport", "frame.len", "frame.cap_len", "frame.time_epoch",
}

// rows are the packets of a capture as tshark reads them: the values of all layers by field.
type rows []map[string][]string

// runTshark reads a capture with tshark. The error is that of tshark, after the packets before a
// damage.
func runTshark(path string) (rows, error) {
	args := []string{"-n", "-r", path, "-T", "fields", "-E", "occurrence=a", "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE"}
	for _, field := range countFields {
		args = append(args, "-e", field)
	}
	out, err := exec.Command("tshark", args...).Output()
	var all rows
	for line := range strings.Lines(string(out)) {
		row := map[string][]string{}
		for i, values := range strings.Split(strings.TrimSuffix(line, "\n"), "\t") {
			if values != "" {
				row[countFields[i]] = strings.Split(values, ",")
			}
		}
		// tshark numbers custom blocks of pcapng too, as data without a time.
		if isBlock := first(row["frame.protocols"]) == "data" && row["frame.time_epoch"] == nil; !isBlock {
			all = append(all, row)
		}
	}
	return all, err
}

func (all rows) counts() counts {
	c := counts{}
	for _, row := range all {
		countRow(c, row)
	}
	return c
}

// lines returns the length, the captured length and the time of each packet.
func (all rows) lines() []string {
	var lines []string
	for _, row := range all {
		lines = append(lines, strings.Join([]string{first(row["frame.len"]), first(row["frame.cap_len"]), first(row["frame.time_epoch"])}, "\t"))
	}
	return lines
}

// countRow counts a packet of tshark by its outermost IP header.
func countRow(all counts, row map[string][]string) {
	layers := strings.Split(first(row["frame.protocols"]), ":")
	link, isRead := encapsulations[strings.Join(row["frame.encap_type"], "")]
	if !isRead {
		all.add("not read", "", "", false)
		return
	}
	for _, layer := range layers {
		switch layer {
		case "eth", "ethertype", "vlan", "ieee8021ad", "ppp", "pppoes", "sll", "null", "raw", "chdlc":
			continue
		case "arp":
			all.add(link, "arp", "", false)
		case "ip":
			protocol := first(row["ip.proto"])
			all.add(link, "ipv4", protocol, first(row["ip.frag_offset"]) == "0" && hasPorts(row, protocol))
		case "ipv6":
			protocol, isLater := lastHeader(row)
			all.add(link, "ipv6", protocol, !isLater && hasPorts(row, protocol))
		default:
			all.add(link, "", "", false)
		}
		return
	}
	all.add(link, "", "", false)
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// lastHeader follows the extension headers of an IPv6 packet to its protocol. isLater says
// that it is a later fragment.
func lastHeader(row map[string][]string) (protocol string, isLater bool) {
	next := map[string]string{"0": "ipv6.hopopts.nxt", "43": "ipv6.routing.nxt", "44": "ipv6.fraghdr.nxt", "60": "ipv6.dstopts.nxt", "51": "ah.next_header"}
	taken := map[string]int{}
	protocol = first(row["ipv6.nxt"])
	for {
		field, isExtension := next[protocol]
		if !isExtension || taken[field] >= len(row[field]) {
			return protocol, false
		}
		at := taken[field]
		taken[field]++
		protocol = row[field][at]
		if field == "ipv6.fraghdr.nxt" && row["ipv6.fraghdr.offset"][at] != "0" {
			return protocol, true
		}
	}
}

func hasPorts(row map[string][]string, protocol string) bool {
	switch protocol {
	case "6":
		return row["tcp.srcport"] != nil && row["tcp.dstport"] != nil
	case "17":
		return row["udp.srcport"] != nil && row["udp.dstport"] != nil
	}
	return false
}

// For real captures, the reader and tshark agree on each record: its length and its time. They
// count the same packets by link type, by IP version, by protocol and with ports.
func TestAgreesWithTshark(t *testing.T) {
	t.Parallel()
	paths := captures(t)
	needTshark(t)
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			records, err := readAll(bytes.NewReader(file))
			want, refused := runTshark(path)
			if (err != nil) != (refused != nil) {
				t.Fatalf("the error is %v, and that of tshark %v", err, refused)
			}
			compareLines(t, records, want.lines())
			if differences := compareCounts(ownCounts(records), want.counts()); differences != excused[filepath.Base(path)].difference {
				t.Error(differences)
			}
		})
	}
}

func needTshark(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
}

// excused are captures of which the counts differ, with the difference and its reason.
var excused = map[string]struct{ difference, reason string }{
	"ipv6hdr-heapoverflow.pcap":    {"IPV6 ipv6: 0, tshark 1; IPV6 ipv6 0: 0, tshark 1; ", endsInExtension},
	"ipv6-rthdr-oobr.pcap":         {"IPV6 ipv6: 0, tshark 1; IPV6 ipv6 48: 0, tshark 1; ", endsInExtension},
	"ipv6-next-header-oobr-1.pcap": {"IPV6 ipv6: 0, tshark 1; IPV6 ipv6 43: 0, tshark 1; ", endsInExtension},
	"ipv6-next-header-oobr-2.pcap": {"IPV6 ipv6: 0, tshark 1; IPV6 ipv6 51: 0, tshark 1; ", endsInExtension},
	"hoobr_rt6_print.pcap":         {"IPV4 ipv4: 0, tshark 3; ", contradictsItself},
	"gre-heapoverflow-1.pcap":      {"ETHERNET ipv4: 0, tshark 1; ", contradictsItself},
}

// Why tshark counts a packet that we do not: rules could not match it.
const (
	endsInExtension   = "the packet ends inside an extension header, so that its protocol is not known"
	contradictsItself = "the lengths in the IPv4 header contradict each other, or the version is not 4; tshark shows no protocol either"
)

func compareCounts(got, want counts) string {
	keys := slices.Concat(slices.Collect(maps.Keys(got)), slices.Collect(maps.Keys(want)))
	slices.Sort(keys)
	var b strings.Builder
	for _, key := range slices.Compact(keys) {
		if got[key] != want[key] {
			fmt.Fprintf(&b, "%s: %d, tshark %d; ", key, got[key], want[key])
		}
	}
	return b.String()
}

// Packets of each link type that is read, most of which the real captures lack: tshark reads
// them as we do. One pcapng file has them all, which we read compressed.
func TestLinkTypesAsTshark(t *testing.T) {
	t.Parallel()
	needTshark(t)
	file := ng(binary.LittleEndian).section()
	links := slices.Sorted(maps.Keys(headersOfLinks))
	for _, link := range links {
		file.describe(uint16(link), 0)
	}
	for i, link := range links {
		for _, version := range []int{4, 6} {
			header, isCarried := headersOfLinks[link][version]
			if !isCarried {
				continue
			}
			for _, protocol := range []uint8{packet.ProtocolTCP, packet.ProtocolUDP, packet.ProtocolICMP} {
				file.enhanced(uint32(i), 0, header+builtIP(t, version, protocol))
			}
		}
	}
	path := filepath.Join(t.TempDir(), "links.pcapng")
	if err := os.WriteFile(path, file.b, 0o600); err != nil {
		t.Fatal(err)
	}
	records, err := readAll(bytes.NewReader(packZstd(t, file.b)))
	if err != nil {
		t.Fatal(err)
	}
	want, err := runTshark(path)
	if err != nil {
		t.Fatal(err)
	}
	if differences := compareCounts(ownCounts(records), want.counts()); differences != "" {
		t.Error(differences)
	}
}

// headersOfLinks are headers in front of IPv4 and of IPv6.
var headersOfLinks = map[packet.LinkType]map[int]string{
	packet.LinkEthernet:  {4: macs + "\x88\x64\x11\x00\x00\x01\x00\x64\x00\x21", 6: macs + "\x81\x00\x00\x07\x88\x64\x11\x00\x00\x01\x00\x64\x00\x57"},
	packet.LinkNull:      {4: "\x02\x00\x00\x00", 6: "\x00\x00\x00\x1c"},
	packet.LinkLoop:      {4: "\x00\x00\x00\x02", 6: "\x00\x00\x00\x18"},
	packet.LinkPPP:       {4: "\xff\x03\x00\x21", 6: "\x00\x57"},
	packet.LinkPPPHDLC:   {4: "\x0f\x00\x08\x00", 6: "\xff\x03\x00\x57"},
	packet.LinkPPPEther:  {4: "\x11\x00\x00\x01\x00\x64\x00\x21", 6: "\x11\x00\x00\x01\x00\x64\x00\x57"},
	packet.LinkRaw:       {4: "", 6: ""},
	packet.LinkIPv4:      {4: ""},
	packet.LinkIPv6:      {6: ""},
	packet.LinkLinuxSLL:  {4: "\x00\x00\x00\x01\x00\x06\x02\x00\x00\x00\x00\x01\x00\x00\x08\x00", 6: "\x00\x04\x00\x01\x00\x06\x02\x00\x00\x00\x00\x01\x00\x00\x86\xdd"},
	packet.LinkLinuxSLL2: {4: "\x08\x00\x00\x00\x00\x00\x00\x02\x00\x01\x00\x06\x02\x00\x00\x00\x00\x01\x00\x00", 6: "\x86\xdd\x00\x00\x00\x00\x00\x02\x00\x01\x04\x06\x02\x00\x00\x00\x00\x01\x00\x00"},
}

const macs = "\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01"

// builtIP returns an IP packet.
func builtIP(t *testing.T, version int, protocol uint8) string {
	t.Helper()
	spec := packet.Spec{Protocol: protocol, Source: netip.MustParseAddr("10.0.0.1"), Destination: netip.MustParseAddr("10.0.0.2"), Length: 80}
	if version == 6 {
		spec.Source, spec.Destination = netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	}
	if protocol != packet.ProtocolICMP {
		spec.SourcePort, spec.DestinationPort = new(uint16(40000)), new(uint16(443))
	}
	frame, err := packet.Build(spec)
	if err != nil {
		t.Fatal(err)
	}
	return string(frame[packet.EthernetHeaderLength:])
}

func compareLines(t *testing.T, got []record, want []string) {
	t.Helper()
	if len(want) == 1 && want[0] == "" {
		want = nil
	}
	if len(got) != len(want) {
		t.Fatalf("%d records, not %d", len(got), len(want))
	}
	for i, r := range got {
		when := fmt.Sprintf("%d.%09d", r.nanoseconds/1e9, r.nanoseconds%1e9)
		if r.nanoseconds == 0 && strings.HasSuffix(want[i], "\t") {
			when = "" // a block without a time
		}
		if line := fmt.Sprintf("%d\t%d\t%s", r.wire, len(r.data), when); line != want[i] {
			t.Errorf("record %d: %q, not %q", i+1, line, want[i])
		}
	}
}
