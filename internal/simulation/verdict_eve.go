package simulation

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// eveType is the event_type of the lines, and so the name of the object with their facts.
const eveType = "mirror"

// appendEVELine appends an event with the names of Suricata's EVE JSON
// (https://docs.suricata.io/en/latest/output/eve/eve-json-format.html). A packet that lacks a
// fact lacks its field, also the timestamp.
func appendEVELine(b []byte, f *lineFacts) []byte {
	p, v, d := f.packet, &f.packet.Verdict, &f.packet.Decoded
	b = append(b, '{')
	if p.Nanoseconds != 0 {
		b = f.seconds.append(append(b, `"timestamp":"`...), p.Nanoseconds)
		b = append(appendDigits(append(b, '.'), p.Nanoseconds, 6), `+0000",`...)
	}
	if f.hasHash {
		b = append(strconv.AppendInt(append(b, `"flow_id":`...), f.hash.number(), 10), ',')
	}
	if p.Record != nil {
		b = append(strconv.AppendInt(append(b, `"pcap_cnt":`...), p.Record.Number, 10), ',')
	}
	b = append(b, `"event_type":"`+eveType+`"`...)
	b = appendText(b, `,"in_iface":`, f.iface)
	if d.IsIP() {
		b = append(d.SourceAddr().AppendTo(append(b, `,"src_ip":"`...)), '"')
		if d.HasPorts {
			b = strconv.AppendInt(append(b, `,"src_port":`...), int64(d.SourcePort), 10)
		}
		b = append(d.DestinationAddr().AppendTo(append(b, `,"dest_ip":"`...)), '"')
		if d.HasPorts {
			b = strconv.AppendInt(append(b, `,"dest_port":`...), int64(d.DestinationPort), 10)
		}
		b = append(append(append(b, `,"proto":"`...), eveNames[d.Protocol]...), '"')
	}
	b = appendNumberOrZero(b, `,"icmp_type":`, f.icmpType)
	b = appendNumberOrZero(b, `,"icmp_code":`, f.icmpCode)
	if p.Record != nil {
		b = append(b, `,"pkt_src":"wire/pcap"`...)
		b = appendText(b, `,"pcap_filename":`, p.Record.File)
	}
	if f.hasHash {
		b = append(f.hash.append(append(b, `,"community_id":"`...)), '"')
	}
	b = strconv.AppendInt(append(b, `,"`+eveType+`":{"packet":`...), p.Number, 10)
	b = appendText(b, `,"name":`, p.Name)
	b = appendWord(b, `,"direction":"`, string(v.Direction))
	b = appendWord(b, `,"outcome":"`, v.Outcome.String())
	b = appendNumber(b, `,"session":`, v.SessionNumber)
	b = appendNumber(b, `,"vni":`, f.vni)
	b = appendAppliance(b, f.appliance)
	b = appendNumber(b, `,"rule":`, v.RuleNumber)
	b = appendWord(b, `,"reason":"`, v.Reason.String())
	b = strconv.AppendInt(append(b, `,"length":`...), int64(d.FrameLength()), 10)
	b = strconv.AppendInt(append(b, `,"bytes":`...), int64(v.Bytes), 10)
	b = appendWord(b, `,"truncated_by":"`, v.TruncatedBy.String())
	b = appendAssumption(b, v.Assumption)
	b = appendUnknown(b, v.Unknown)
	return append(b, "}}\n"...)
}

// eveProtocols are the names that EVE gives protocols, as far as they are not those of a rule in
// capitals. They are keywords of IANA.
var eveProtocols = map[mirror.Protocol]string{
	4: "IP-in-IP", 41: "IPv6", 43: "IPv6-Route", 44: "IPv6-Frag", mirror.ICMPv6: "IPv6-ICMP", 59: "IPv6-NoNxt", 60: "IPv6-Opts", 136: "UDPLite", 137: "MPLS-in-IP",
}

// eveNames has the name of each protocol in EVE: its number if it has no name.
var eveNames = func() (names [256]string) {
	for n, name := range protocolNames {
		names[n] = cmp.Or(eveProtocols[mirror.Protocol(n)], strings.ToUpper(name))
	}
	return names
}()
