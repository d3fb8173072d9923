package simulation_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// jsonLine is a line of the form json, for encoding/json. It takes the hash from elsewhere:
// TestCommunityID compares it.
type jsonLine struct {
	Packet int64 `json:"packet"`
	dataplane.Verdict
	Name            string     `json:"name,omitempty"`
	Time            string     `json:"time,omitempty"`
	Interface       string     `json:"interface,omitempty"`
	Protocol        string     `json:"protocol,omitempty"`
	Source          netip.Addr `json:"source,omitzero"`
	SourcePort      *uint16    `json:"source_port,omitempty"`
	Destination     netip.Addr `json:"destination,omitzero"`
	DestinationPort *uint16    `json:"destination_port,omitempty"`
	Length          int        `json:"length"`
	VNI             *int       `json:"virtual_network_id,omitempty"`
	Appliance       netip.Addr `json:"appliance,omitzero"`
	CommunityID     string     `json:"community_id,omitempty"`
	File            string     `json:"file,omitempty"`
	FilePacket      int64      `json:"file_packet,omitempty"`
}

// eveLine is a line of the form eve.
type eveLine struct {
	Timestamp    string     `json:"timestamp,omitempty"`
	FlowID       *int64     `json:"flow_id,omitempty"`
	PcapCount    int64      `json:"pcap_cnt,omitempty"`
	EventType    string     `json:"event_type"`
	Interface    string     `json:"in_iface,omitempty"`
	Source       netip.Addr `json:"src_ip,omitzero"`
	SourcePort   *uint16    `json:"src_port,omitempty"`
	Dest         netip.Addr `json:"dest_ip,omitzero"`
	DestPort     *uint16    `json:"dest_port,omitempty"`
	Protocol     string     `json:"proto,omitempty"`
	ICMPType     *byte      `json:"icmp_type,omitempty"`
	ICMPCode     *byte      `json:"icmp_code,omitempty"`
	PacketSource string     `json:"pkt_src,omitempty"`
	PcapFile     string     `json:"pcap_filename,omitempty"`
	CommunityID  string     `json:"community_id,omitempty"`
	Mirror       eveMirror  `json:"mirror"`
}

type eveMirror struct {
	Packet      int64                `json:"packet"`
	Name        string               `json:"name,omitempty"`
	Direction   mirror.Direction     `json:"direction,omitempty"`
	Outcome     dataplane.Outcome    `json:"outcome"`
	Session     int                  `json:"session,omitempty"`
	VNI         *int                 `json:"vni,omitempty"`
	Appliance   netip.Addr           `json:"appliance,omitzero"`
	Rule        int                  `json:"rule,omitempty"`
	Reason      dataplane.Reason     `json:"reason"`
	Length      int                  `json:"length"`
	Bytes       int                  `json:"bytes"`
	TruncatedBy dataplane.Truncation `json:"truncated_by,omitempty"`
	Assumption  dataplane.Assumption `json:"assumption,omitempty"`
	Unknown     dataplane.UnknownSet `json:"unknown,omitzero"`
}

// newJSONLine returns what a line should have.
func newJSONLine(p *simulation.Packet, communityID string) jsonLine {
	l := jsonLine{
		Packet: p.Number, Verdict: p.Verdict, Name: p.Name, Interface: linesInterface, Length: len(p.Decoded.Data), CommunityID: communityID,
	}
	if p.Decoded.Link != packet.LinkEthernet {
		l.Length += 14
	}
	if p.Nanoseconds != 0 {
		l.Time = time.Unix(0, p.Nanoseconds).UTC().Format("2006-01-02T15:04:05.000000000Z07:00")
	}
	if p.Decoded.IsIP() {
		l.Protocol = mirror.Protocol(p.Decoded.Protocol).String()
		l.Source, l.Destination = p.Decoded.SourceAddr(), p.Decoded.DestinationAddr()
	}
	if p.Decoded.HasPorts {
		l.SourcePort, l.DestinationPort = &p.Decoded.SourcePort, &p.Decoded.DestinationPort
	}
	if o := p.Verdict.Outcome; o == dataplane.Mirrored || o == dataplane.Lost {
		l.VNI = new(map[int]int{1: 16777215, 2: 2}[p.Verdict.SessionNumber])
	}
	if p.Verdict.Outcome == dataplane.Mirrored && p.Verdict.SessionNumber == 2 {
		l.Appliance = linesAppliance
	}
	if p.Record != nil && p.Record.File != "" {
		l.File, l.FilePacket = p.Record.File, p.Record.Number
	}
	return l
}

// fields returns the line of the form csv.
func (l *jsonLine) fields() []string {
	number := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	port := func(p *uint16) string {
		if p == nil {
			return ""
		}
		return strconv.Itoa(int(*p))
	}
	address := func(a netip.Addr) string {
		if !a.IsValid() {
			return ""
		}
		return a.String()
	}
	harmless := func(text string) string {
		if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
			return "'" + text
		}
		return text
	}
	vni := ""
	if l.VNI != nil {
		vni = strconv.Itoa(*l.VNI)
	}
	var unknown []string
	for _, u := range l.Unknown.List() {
		unknown = append(unknown, u.String())
	}
	return []string{
		number(l.Packet), harmless(l.Name), l.Time, l.Interface, string(l.Direction), l.Protocol, address(l.Source), port(l.SourcePort), address(l.Destination), port(l.DestinationPort),
		strconv.Itoa(l.Length), l.Outcome.String(), number(int64(l.SessionNumber)), number(int64(l.RuleNumber)), l.Reason.String(), strconv.Itoa(l.Bytes),
		l.TruncatedBy.String(), vni, strings.Join(unknown, " "), l.Assumption.String(), l.CommunityID, harmless(l.File), number(l.FilePacket), address(l.Appliance),
	}
}

func (l *jsonLine) eve(p *simulation.Packet, flowID *int64) eveLine {
	e := eveLine{
		FlowID: flowID, EventType: "mirror", Interface: l.Interface, Source: l.Source, SourcePort: l.SourcePort, Dest: l.Destination, DestPort: l.DestinationPort,
		CommunityID: l.CommunityID, PcapFile: l.File, Mirror: eveMirror{
			l.Packet, l.Name, l.Direction, l.Outcome, l.SessionNumber, l.VNI, l.Appliance, l.RuleNumber, l.Reason, l.Length, l.Bytes, l.TruncatedBy, l.Assumption, l.Unknown,
		},
	}
	if p.Nanoseconds != 0 {
		micro := p.Nanoseconds - (p.Nanoseconds%1000+1000)%1000 // a time before 1970 is rounded down too
		e.Timestamp = time.Unix(0, micro).UTC().Format("2006-01-02T15:04:05.000000-0700")
	}
	if l.Protocol != "" {
		e.Protocol = strings.ToUpper(l.Protocol)
		switch l.Protocol {
		case "icmpv6":
			e.Protocol = "IPv6-ICMP"
		case "ipv6-opts":
			e.Protocol = "IPv6-Opts"
		}
	}
	if d := p.Decoded; d.Kind == packet.IPv4 && d.Protocol == 1 || d.Kind == packet.IPv6 && d.Protocol == 58 {
		if end := d.IPOffset + d.IPLength; d.Fragment != packet.LaterFragment && d.TransportOffset+2 <= end {
			e.ICMPType, e.ICMPCode = &d.Data[d.TransportOffset], &d.Data[d.TransportOffset+1]
		}
	}
	if p.Record != nil {
		e.PcapCount, e.PacketSource = p.Record.Number, "wire/pcap"
	}
	return e
}

const linesInterface = "eni-0123456789abcdef0"

var linesAppliance = netip.MustParseAddr("10.0.2.30") // the only one behind the load balancer

// newLinesSource returns an interface with two sessions, of which one has no virtual network ID.
func newLinesSource(t testing.TB) *dataplane.Source {
	t.Helper()
	first := session(1, mirror.Endpoint{Type: mirror.NetworkInterface, Address: netip.MustParseAddr("10.0.2.20"), Gone: true}, rule(100, mirror.Accept, 443, 443))
	first.VirtualNetworkID = new(16777215)
	rest := session(2, mirror.Endpoint{Type: mirror.NetworkLoadBalancer, Appliances: []netip.Addr{linesAppliance}}, rule(50, mirror.Reject, 22, 22), rule(60, mirror.Accept, 0, 65535))
	rest.PacketLength = new(90)
	source, err := dataplane.New(mirror.Interface{ID: linesInterface, PrivateIPAddress: own}, []dataplane.Session{first, rest}, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// linesOf writes packets in a form.
func linesOf(t *testing.T, source *dataplane.Source, format simulation.VerdictFormat, packets []simulation.Packet) string {
	t.Helper()
	var b bytes.Buffer
	lines := simulation.NewVerdictLines(&b, source, format)
	for i := range packets {
		if err := lines.Take(&packets[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := lines.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var evilNames = []string{"web", "=1+1", "@sum", "a,b", "say \"hi\"", " blank", "two\nlines\r", "\\back", "\xff\xfe", "ünï \u2028", "-", "\t=x", "<b>&", "\x00\x7f"}

// drawPackets draws packets of all kinds, with verdicts and with names of all kinds.
func drawPackets(t *testing.T, random *rand.Rand, source *dataplane.Source, n int) []simulation.Packet {
	t.Helper()
	list := make([]simulation.Packet, n)
	for i := range list {
		p := &list[i]
		p.Number = int64(i + 1)
		data, link := randomFrame(t, random), packet.LinkEthernet
		if random.IntN(20) == 0 {
			data, link = []byte{1, 2, 3}, 9999
		}
		switch random.IntN(10) {
		case 0:
			p.Name = evilNames[random.IntN(len(evilNames))]
		case 1:
			p.Record = &capture.Record{Number: random.Int64N(1e6) + 1, File: evilNames[random.IntN(len(evilNames))]}
		default:
			p.Record = &capture.Record{Number: p.Number}
		}
		if random.IntN(10) > 0 {
			p.Nanoseconds = random.Int64N(4e18) - 2e18
		}
		if i > 0 && random.IntN(2) == 0 {
			p.Nanoseconds = list[i-1].Nanoseconds + random.Int64N(1e9)
		}
		p.Decoded.Decode(data, link)
		p.Verdict = source.Process(&p.Decoded, "")
		if random.IntN(4) == 0 {
			p.Verdict.Assumption, p.Verdict.Unknown = dataplane.Assumption(random.IntN(300)), dataplane.UnknownSet(random.IntN(8))
		}
	}
	return list
}

func randomFrame(t *testing.T, random *rand.Rand) []byte {
	t.Helper()
	addresses := []netip.Addr{own, peer, netip.MustParseAddr("10.0.0.1")}
	if random.IntN(4) == 0 {
		addresses = []netip.Addr{netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::a"), netip.MustParseAddr("fe80::1")}
	}
	protocols := []uint8{1, 6, 6, 6, 17, 47, 132, 250}
	if addresses[0].Is6() {
		protocols = []uint8{58, 6, 17, 47, 132}
	}
	spec := packet.Spec{
		Protocol: protocols[random.IntN(len(protocols))], Source: addresses[random.IntN(3)], Destination: addresses[random.IntN(3)], Length: 80 + random.IntN(100),
	}
	if spec.Protocol == packet.ProtocolTCP || spec.Protocol == packet.ProtocolUDP {
		spec.SourcePort, spec.DestinationPort = new([]uint16{22, 443, 80}[random.IntN(3)]), new([]uint16{22, 443, 80}[random.IntN(3)])
		if random.IntN(8) == 0 && !addresses[0].Is6() {
			spec.SourcePort, spec.DestinationPort, spec.LaterFragment = nil, nil, true
		}
	}
	frame, err := packet.Build(spec)
	if err != nil {
		t.Fatal(err)
	}
	if random.IntN(8) == 0 {
		frame = frame[:random.IntN(len(frame))]
	}
	return frame
}

// The lines are what encoding/json and encoding/csv make of the same facts.
func TestVerdictLines_random(t *testing.T) {
	t.Parallel()
	seed := sample.Seed(t)
	source := newLinesSource(t)
	packets := drawPackets(t, rand.New(rand.NewPCG(seed, 4)), source, 5000)
	texts := strings.SplitAfter(linesOf(t, source, simulation.VerdictJSON, packets), "\n")
	events := strings.SplitAfter(linesOf(t, source, simulation.VerdictEVE, packets), "\n")
	text := linesOf(t, source, simulation.VerdictCSV, packets)
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(records) != len(packets)+1 {
		t.Fatalf("seed %d: the CSV has %d lines of %d: %v", seed, len(records), len(packets), err)
	}
	var rest strings.Builder
	rest.WriteString(csvLine(t, records[0]))
	for i := range packets {
		p := &packets[i]
		id := records[i+1][slices.Index(records[0], "community_id")]
		line := newJSONLine(p, id)
		equalJSON[jsonLine](t, texts[i], line)
		event := line.eve(p, flowIDOf(t, id))
		equalJSON[eveLine](t, events[i], event)
		if !slices.Equal(records[i+1], line.fields()) {
			t.Fatalf("seed %d: line %d is\n%q\nwant\n%q", seed, i+1, records[i+1], line.fields())
		}
		if !strings.Contains(line.Name+line.File, "\n") { // encoding/csv changes line feeds
			rest.WriteString(csvLine(t, line.fields()))
		}
	}
	if withoutLineFeeds := regexp.MustCompile(`[^\n]*"two\nlines\r"[^\n]*\n`).ReplaceAllString(text, ""); withoutLineFeeds != rest.String() {
		t.Errorf("seed %d: the CSV is not written as encoding/csv writes it", seed)
	}
}

// csvLine returns a line of RFC 4180.
func csvLine(t *testing.T, fields []string) string {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	if err := w.Write(fields); err != nil {
		t.Fatal(err)
	}
	w.Flush()
	return b.String()
}

// equalJSON compares a line with the value that it should have, field by field and in the order
// of the fields.
func equalJSON[L any](t *testing.T, line string, want L) {
	t.Helper()
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var a, b any
	if err := json.Unmarshal([]byte(line), &a); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) || !strings.HasSuffix(line, "}\n") {
		t.Fatalf("got  %swant %s", line, text)
	}
}

// eveTimestamp is the pattern of a timestamp in the JSON schema of Suricata.
var eveTimestamp = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d+[+\-]\d+$`)

func TestVerdictLines_eve(t *testing.T) {
	t.Parallel()
	source := newLinesSource(t)
	var p simulation.Packet
	p.Number, p.Nanoseconds, p.Record = 3, 1_561_644_070_047_299_999, &capture.Record{Number: 3}
	p.Decoded.Decode(frame(t, 80, 200), packet.LinkEthernet)
	p.Verdict = source.Process(&p.Decoded, "")
	const want = `{"timestamp":"2019-06-27T14:01:10.047299+0000","flow_id":239114164109334,"pcap_cnt":3,"event_type":"mirror","in_iface":"eni-0123456789abcdef0",` +
		`"src_ip":"192.0.2.1","src_port":50000,"dest_ip":"10.0.1.10","dest_port":80,"proto":"TCP","pkt_src":"wire/pcap","community_id":"1:2Xka0AAWS671KqDSG99HlivnYQo=",` +
		`"mirror":{"packet":3,"direction":"ingress","outcome":"mirrored","session":2,"vni":2,"appliance":"10.0.2.30","rule":60,"reason":"rule_accepts","length":200,"bytes":90,` +
		`"truncated_by":"packet_length","unknown":["udp_listener"]}}` + "\n"
	got := linesOf(t, source, simulation.VerdictEVE, []simulation.Packet{p})
	if got != want {
		t.Errorf("got  %swant %s", got, want)
	}
	if timestamp, _, _ := strings.Cut(strings.TrimPrefix(got, `{"timestamp":"`), `"`); !eveTimestamp.MatchString(timestamp) {
		t.Errorf("the timestamp is %q", timestamp)
	}
}

// No form takes memory for a packet.
func TestVerdictLines_allocations(t *testing.T) {
	source := newLinesSource(t)
	packets := drawPackets(t, rand.New(rand.NewPCG(1, 1)), source, 500)
	for _, format := range simulation.VerdictFormats {
		lines := simulation.NewVerdictLines(io.Discard, source, format)
		write := func() {
			for i := range packets {
				if err := lines.Take(&packets[i]); err != nil {
					t.Fatal(err)
				}
			}
		}
		write()
		if n := testing.AllocsPerRun(5, write); n != 0 {
			t.Errorf("%s: %d packets take %v allocations", format, len(packets), n)
		}
	}
}

func TestVerdictLines_fails(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	lines := simulation.NewVerdictLines(writerFunc(func([]byte) (int, error) { return 0, full }), newLinesSource(t), simulation.VerdictCSV)
	if err := lines.Close(); !errors.Is(err, full) {
		t.Errorf("the error is %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestVerdictFormat_Check(t *testing.T) {
	t.Parallel()
	if err := simulation.VerdictEVE.Check(); err != nil {
		t.Error(err)
	}
	if err := simulation.VerdictFormat("xml").Check(); err == nil || err.Error() != `there is no form "xml" of verdicts. Write one of ["json" "csv" "eve"]` {
		t.Errorf("the error is %v", err)
	}
}

func BenchmarkVerdictLines(b *testing.B) {
	source := newLinesSource(b)
	var p simulation.Packet
	p.Nanoseconds, p.Record = 1_561_644_070_047_299_999, &capture.Record{Number: 3}
	port := uint16(80)
	frame, err := packet.Build(packet.Spec{Protocol: packet.ProtocolTCP, Source: peer, Destination: own, SourcePort: &port, DestinationPort: &port, Length: 200})
	if err != nil {
		b.Fatal(err)
	}
	p.Decoded.Decode(frame, packet.LinkEthernet)
	p.Verdict = source.Process(&p.Decoded, "")
	for _, format := range simulation.VerdictFormats {
		b.Run(string(format), func(b *testing.B) {
			lines := simulation.NewVerdictLines(io.Discard, source, format)
			for b.Loop() {
				p.Number++
				p.Nanoseconds += 1000
				if err := lines.Take(&p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
