package simulation

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

// linesBuffer is how many bytes of lines are written at once.
const linesBuffer = 256 << 10

// VerdictFormat is a form of verdict lines.
type VerdictFormat string

// The forms of verdict lines.
const (
	VerdictJSON VerdictFormat = "json" // an object on each line
	VerdictCSV  VerdictFormat = "csv"  // RFC 4180, with a header
	VerdictEVE  VerdictFormat = "eve"  // as json, with the names of Suricata's EVE
)

// VerdictFormats lists every VerdictFormat.
var VerdictFormats = []VerdictFormat{VerdictJSON, VerdictCSV, VerdictEVE}

// Check returns an error if there is no such form.
func (f VerdictFormat) Check() error {
	if slices.Contains(VerdictFormats, f) {
		return nil
	}
	return fmt.Errorf("there is no form %q of verdicts. Write one of %q", string(f), VerdictFormats)
}

// VerdictLines is a Sink that writes a line for each packet: the packet in short, and its verdict.
// It allocates nothing for a packet.
type VerdictLines struct {
	out    *bufio.Writer
	append func(b []byte, l *lineFacts) []byte
	line   []byte
	facts  lineFacts
}

// NewVerdictLines returns a sink that writes lines. source is that of the verdicts.
func NewVerdictLines(to io.Writer, source *dataplane.Source, format VerdictFormat) *VerdictLines {
	l := &VerdictLines{out: bufio.NewWriterSize(to, linesBuffer), append: appendJSONLine}
	l.facts.iface = dataplane.InterfaceOf(source)
	l.facts.sessions, l.facts.source = dataplane.ReachedBy(source), source
	switch format {
	case VerdictEVE:
		l.append = appendEVELine
	case VerdictCSV:
		l.append = appendCSVLine
		l.out.WriteString(csvHeader)
	}
	return l
}

// Take implements Sink.
func (l *VerdictLines) Take(p *Packet) error {
	l.facts.read(p)
	l.line = l.append(l.line[:0], &l.facts)
	_, err := l.out.Write(l.line)
	return err
}

// Close implements Sink.
func (l *VerdictLines) Close() error { return l.out.Flush() }

// lineFacts are the facts that a line shows.
type lineFacts struct {
	packet   *Packet
	source   *dataplane.Source
	iface    string
	sessions []dataplane.Reached // by session number
	seconds  secondText

	vni       int        // of the copy; 0: no session takes the packet
	appliance netip.Addr // behind a load balancer, that gets the copy; not valid: none, or not known
	hash      flowHash
	hasHash   bool
	icmpType  int // -1: none, as icmpCode
	icmpCode  int
}

func (f *lineFacts) read(p *Packet) {
	f.packet = p
	f.hash, f.hasHash = hashFlow(&p.Decoded)
	f.appliance = f.source.Appliance(&p.Decoded, p.Verdict)
	f.icmpType, f.icmpCode = -1, -1
	if isICMP(&p.Decoded) {
		if message := transport(&p.Decoded); len(message) >= 2 {
			f.icmpType, f.icmpCode = int(message[0]), int(message[1])
		}
	}
	f.vni = 0
	if o := p.Verdict.Outcome; o != dataplane.Mirrored && o != dataplane.Lost {
		return
	}
	i, isKnown := slices.BinarySearchFunc(f.sessions, p.Verdict.SessionNumber, func(to dataplane.Reached, number int) int { return cmp.Compare(to.SessionNumber, number) })
	if isKnown {
		f.vni = f.sessions[i].VirtualNetworkID
	}
}

// file returns the name of the capture that has the packet and its number there, if there are
// several captures.
func (f *lineFacts) file() (name string, number int64) {
	if r := f.packet.Record; r != nil && r.File != "" {
		return r.File, r.Number
	}
	return "", 0
}

// appendJSONLine appends an object: first what is known of the verdict, then of the packet.
func appendJSONLine(b []byte, f *lineFacts) []byte {
	p, v := f.packet, &f.packet.Verdict
	b = strconv.AppendInt(append(b, `{"packet":`...), p.Number, 10)
	b = appendWord(b, `,"direction":"`, string(v.Direction))
	b = appendWord(b, `,"outcome":"`, v.Outcome.String())
	b = appendNumber(b, `,"session_number":`, v.SessionNumber)
	b = appendNumber(b, `,"rule_number":`, v.RuleNumber)
	b = appendWord(b, `,"reason":"`, v.Reason.String())
	b = strconv.AppendInt(append(b, `,"bytes":`...), int64(v.Bytes), 10)
	b = appendWord(b, `,"truncated_by":"`, v.TruncatedBy.String())
	b = appendUnknown(b, v.Unknown)
	b = appendAssumption(b, v.Assumption)
	b = appendText(b, `,"name":`, p.Name)
	if p.Nanoseconds != 0 {
		b = f.seconds.append(append(b, `,"time":"`...), p.Nanoseconds)
		b = append(appendDigits(append(b, '.'), p.Nanoseconds, 9), `Z"`...)
	}
	b = appendText(b, `,"interface":`, f.iface)
	if d := &p.Decoded; d.IsIP() {
		b = append(append(append(b, `,"protocol":"`...), protocolNames[d.Protocol]...), '"')
		b = append(d.SourceAddr().AppendTo(append(b, `,"source":"`...)), '"')
		if d.HasPorts {
			b = strconv.AppendInt(append(b, `,"source_port":`...), int64(d.SourcePort), 10)
		}
		b = append(d.DestinationAddr().AppendTo(append(b, `,"destination":"`...)), '"')
		if d.HasPorts {
			b = strconv.AppendInt(append(b, `,"destination_port":`...), int64(d.DestinationPort), 10)
		}
	}
	b = strconv.AppendInt(append(b, `,"length":`...), int64(p.Decoded.FrameLength()), 10)
	b = appendNumber(b, `,"virtual_network_id":`, f.vni)
	b = appendAppliance(b, f.appliance)
	if f.hasHash {
		b = append(f.hash.append(append(b, `,"community_id":"`...)), '"')
	}
	if name, number := f.file(); name != "" {
		b = strconv.AppendInt(append(appendText(b, `,"file":`, name), `,"file_packet":`...), number, 10)
	}
	return append(b, "}\n"...)
}

func appendAppliance(b []byte, a netip.Addr) []byte {
	if !a.IsValid() {
		return b
	}
	return append(a.AppendTo(append(b, `,"appliance":"`...)), '"')
}

func appendUnknown(b []byte, set dataplane.UnknownSet) []byte {
	if set == 0 {
		return b
	}
	b = append(b, `,"unknown":[`...)
	for _, u := range dataplane.Unknowns {
		if set.Has(u) {
			b = append(append(append(b, '"'), u.String()...), `",`...)
		}
	}
	b[len(b)-1] = ']' // in place of the last comma
	return b
}

// appendAssumption appends the number of an assumption, without the memory that its String takes.
func appendAssumption(b []byte, a dataplane.Assumption) []byte {
	if a == 0 {
		return b
	}
	return append(appendAssumptionNumber(append(b, `,"assumption":"`...), a), '"')
}

func appendAssumptionNumber(b []byte, a dataplane.Assumption) []byte {
	return append(b, 'A', byte('0'+a/1000%10), byte('0'+a/100%10), byte('0'+a/10%10), byte('0'+a%10))
}

func appendWord(b []byte, key, word string) []byte {
	if word == "" {
		return b
	}
	return append(append(append(b, key...), word...), '"')
}

func appendNumber(b []byte, key string, n int) []byte {
	if n == 0 {
		return b
	}
	return strconv.AppendInt(append(b, key...), int64(n), 10)
}

// appendNumberOrZero appends a number that may be 0. A negative number is none.
func appendNumberOrZero(b []byte, key string, n int) []byte {
	if n < 0 {
		return b
	}
	return strconv.AppendInt(append(b, key...), int64(n), 10)
}

// secondText is the text of a second, in UTC. Packets that follow each other are often in one.
type secondText struct {
	second int64
	text   []byte
}

// append appends the second of a time as "2006-01-02T15:04:05".
func (s *secondText) append(b []byte, nanoseconds int64) []byte {
	second := SecondOf(nanoseconds)
	if s.text == nil || s.second != second {
		s.second = second
		s.text = time.Unix(second, 0).UTC().AppendFormat(s.text[:0], "2006-01-02T15:04:05")
	}
	return append(b, s.text...)
}

// SecondOf returns the second of a time in nanoseconds, also of one before 1970.
func SecondOf(nanoseconds int64) int64 {
	second := nanoseconds / 1e9
	if nanoseconds%1e9 < 0 {
		second--
	}
	return second
}

// appendDigits appends so many digits of the fraction of a second.
func appendDigits(b []byte, nanoseconds int64, digits int) []byte {
	fraction := nanoseconds - SecondOf(nanoseconds)*1e9
	for unit := int64(1e8); digits > 0; digits-- {
		b = append(b, byte('0'+fraction/unit%10))
		unit /= 10
	}
	return b
}
