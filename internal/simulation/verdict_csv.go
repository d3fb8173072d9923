package simulation

import (
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

// csvHeader names the columns of a line.
const csvHeader = "packet,name,time,interface,direction,protocol,source,source_port,destination,destination_port,length," +
	"outcome,session_number,rule_number,reason,bytes,truncated_by,virtual_network_id,unknown,assumption,community_id,file,file_packet,appliance\r\n"

// appendCSVLine appends a line of fields. A field without a value is empty.
func appendCSVLine(b []byte, f *lineFacts) []byte {
	p, v, d := f.packet, &f.packet.Verdict, &f.packet.Decoded
	b = append(strconv.AppendInt(b, p.Number, 10), ',')
	b = append(appendCSVField(b, p.Name), ',')
	if p.Nanoseconds != 0 {
		b = append(appendDigits(append(f.seconds.append(b, p.Nanoseconds), '.'), p.Nanoseconds, 9), 'Z')
	}
	b = append(appendCSVField(append(b, ','), f.iface), ',')
	b = append(append(b, v.Direction...), ',')
	if d.IsIP() {
		b = append(append(b, protocolNames[d.Protocol]...), ',')
		b = append(appendPort(append(d.SourceAddr().AppendTo(b), ','), d.HasPorts, d.SourcePort), ',')
		b = append(appendPort(append(d.DestinationAddr().AppendTo(b), ','), d.HasPorts, d.DestinationPort), ',')
	} else {
		b = append(b, ",,,,,"...)
	}
	b = append(strconv.AppendInt(b, int64(d.FrameLength()), 10), ',')
	b = append(append(b, v.Outcome.String()...), ',')
	b = append(appendNumber(b, "", v.SessionNumber), ',')
	b = append(appendNumber(b, "", v.RuleNumber), ',')
	b = append(append(b, v.Reason.String()...), ',')
	b = append(strconv.AppendInt(b, int64(v.Bytes), 10), ',')
	b = append(append(b, v.TruncatedBy.String()...), ',')
	b = append(appendNumber(b, "", f.vni), ',')
	b = append(appendUnknownField(b, v.Unknown), ',')
	if v.Assumption != 0 {
		b = appendAssumptionNumber(b, v.Assumption)
	}
	b = append(b, ',')
	if f.hasHash {
		b = f.hash.append(b)
	}
	name, number := f.file()
	b = append(appendCSVField(append(b, ','), name), ',')
	b = append(appendNumber(b, "", int(number)), ',')
	if f.appliance.IsValid() {
		b = f.appliance.AppendTo(b)
	}
	return append(b, "\r\n"...)
}

func appendPort(b []byte, has bool, port uint16) []byte {
	if !has {
		return b
	}
	return strconv.AppendInt(b, int64(port), 10)
}

// appendUnknownField appends words with spaces between them.
func appendUnknownField(b []byte, set dataplane.UnknownSet) []byte {
	start := len(b)
	for _, u := range dataplane.Unknowns {
		if !set.Has(u) {
			continue
		}
		if len(b) > start {
			b = append(b, ' ')
		}
		b = append(b, u.String()...)
	}
	return b
}

// appendCSVField appends a text that a person has written: in quotes if it needs them, and with an
// apostrophe before it if a spreadsheet takes it for a formula.
func appendCSVField(b []byte, text string) []byte {
	isFormula := text != "" && strings.IndexByte("=+-@\t\r", text[0]) >= 0
	needsQuotes := strings.ContainsAny(text, ",\"\r\n") || text != "" && text[0] == ' '
	if !needsQuotes {
		if isFormula {
			b = append(b, '\'')
		}
		return append(b, text...)
	}
	b = append(b, '"')
	if isFormula {
		b = append(b, '\'')
	}
	for i := range len(text) {
		if text[i] == '"' {
			b = append(b, '"')
		}
		b = append(b, text[i])
	}
	return append(b, '"')
}
