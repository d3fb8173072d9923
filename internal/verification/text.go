package verification

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// Text returns the report for a person: lines of text, of which the first is the verdict.
func (r *Report) Text() string {
	var b strings.Builder
	b.WriteString(r.Verdict + "\n\n")
	fmt.Fprintf(&b, "Source: %s, %s", r.Source.File, wording.Count(r.Source.Packets, "packet"))
	if r.Source.First != "" {
		fmt.Fprintf(&b, " from %s to %s", r.Source.First, r.Source.Last)
	}
	b.WriteString(".\n")
	for i, s := range r.Sensors {
		fmt.Fprintf(&b, "Sensor %d: %s\n", i, s.text())
	}
	if r.NotExpected > 0 {
		fmt.Fprintf(&b, "Packets that should not be mirrored, and of which no copy arrived: %s.\n", wording.Grouped(r.NotExpected))
	}
	if r.Completed > 0 {
		fmt.Fprintf(&b, "Copies whose checksums the interface filled in (assumption A0202): %s.\n", wording.Grouped(r.Completed))
	}
	for _, d := range r.Differences {
		b.WriteString("\n" + d.text())
	}
	printList(&b, "What would explain this", r.Explanations)
	var list []string
	for _, n := range r.NotJudged {
		list = append(list, fmt.Sprintf("%s: %s. %s", n.Reason, wording.Grouped(n.Packets), n.Meaning))
	}
	printList(&b, "Not judged", list)
	list = nil
	for _, o := range r.OtherInterfaces[:min(len(r.OtherInterfaces), maxExamples)] {
		list = append(list, fmt.Sprintf("%s from %s", wording.Count(o.Copies, "copy"), o.Source))
	}
	if n := len(r.OtherInterfaces) - maxExamples; n > 0 {
		list = append(list, fmt.Sprintf("and those of %s more", wording.Count(n, "interface")))
	}
	printList(&b, "Copies of other interfaces, which are not compared (assumption A0201)", list)
	printList(&b, "Notes", r.Notes)
	return b.String()
}

func printList(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s:\n", title)
	for _, line := range lines {
		fmt.Fprintf(b, "  %s\n", line)
	}
}

func (s SensorCapture) text() string {
	text := fmt.Sprintf("%s, %s, %s as %s", s.File, wording.Count(s.Packets, "packet"), wording.Count(s.Copies, "copy"), s.Form)
	if s.Form == Unknown {
		text = fmt.Sprintf("%s, %s, no copies, and no frames of the source", s.File, wording.Count(s.Packets, "packet"))
	}
	for i, n := range s.NotCopies {
		separator := ", "
		if i == 0 {
			separator = "; no copies: "
		}
		text += fmt.Sprintf("%s%s %s", separator, n.Reason, wording.Grouped(n.Packets))
	}
	if s.ClockOffset == "" {
		return text + ". The offset of its clock is not known."
	}
	return fmt.Sprintf("%s. Its clock is %s ahead, and nearly all copies are within %s of that.", text, s.ClockOffset, s.Jitter)
}

func (d *Difference) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s. %s\n  %s\n", d.Class, wording.Count(d.Packets, "packet"), d.Meaning, d.Why)
	if d.Assumption != "" {
		fmt.Fprintf(&b, "  This contradicts assumption %s.\n", d.Assumption)
	}
	for _, e := range d.Explanations {
		fmt.Fprintf(&b, "  %s\n", e)
	}
	for _, e := range d.Examples {
		fmt.Fprintf(&b, "  - %s\n", e.text())
	}
	if n := d.Packets - int64(len(d.Examples)); n > 0 {
		fmt.Fprintf(&b, "  - and %s more\n", wording.Grouped(n))
	}
	return b.String()
}

func (e Example) text() string {
	text := e.Packet
	if e.SourcePacket > 0 {
		text = fmt.Sprintf("packet %d of the source, %s: %s", e.SourcePacket, e.SourceTime, text)
	}
	if e.ExpectedLength > 0 {
		text += fmt.Sprintf("; expected a copy of %d bytes", e.ExpectedLength)
	}
	if e.Sensor < 0 {
		return text
	}
	return text + fmt.Sprintf("; packet %d of sensor %d, %s: %d bytes, VNI %d", e.SensorPacket, e.Sensor, e.SensorTime, e.Length, e.VNI)
}

// issueForm is the form for what AWS does differently.
const issueForm = "https://github.com/trafficmirror/terraform-provider-trafficmirror/issues/new?template=emulator.yml"

// Markdown returns the report for an issue. It has no payload of a packet.
func (r *Report) Markdown(version string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Mirroring compared with its configuration\n\n**%s**\n\n", r.Verdict)
	fmt.Fprintf(&b, "Made by `terraform-provider-trafficmirror verify`, version %s. If AWS behaves otherwise than an assumption says, "+
		"attach this to [an issue](%s), with the Region and the configuration of the sessions. It has no payload. It has IP addresses, unless it was made with `--anonymize`.\n\n", version, issueForm)
	if len(r.Differences) > 0 {
		b.WriteString("| class | session | direction | rule | packets | assumption |\n|---|---|---|---|---|---|\n")
		for _, d := range r.Differences {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", d.Class, number(d.SessionNumber), d.Direction, number(d.RuleNumber), wording.Grouped(d.Packets), d.Assumption)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "```text\n%s```\n", strings.ReplaceAll(r.Text(), "```", "'''"))
	return b.String()
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// Anonymize replaces each IP address by a name, always the same for the same address.
func (r *Report) Anonymize() {
	names := map[netip.Addr]string{}
	for _, d := range r.Differences {
		for i := range d.Examples {
			d.Examples[i].Packet = anonymize(d.Examples[i].Packet, names)
		}
	}
	for i := range r.OtherInterfaces {
		r.OtherInterfaces[i].Source = anonymize(r.OtherInterfaces[i].Source, names)
	}
	for i := range r.Notes {
		r.Notes[i] = anonymize(r.Notes[i], names)
	}
}

func anonymize(text string, names map[netip.Addr]string) string {
	fields := strings.Split(text, " ")
	for i, field := range fields {
		word := strings.TrimRight(field, ",.")
		tail := field[len(word):]
		if at, err := netip.ParseAddrPort(word); err == nil {
			fields[i] = fmt.Sprintf("%s:%d%s", nameOf(at.Addr(), names), at.Port(), tail)
		} else if addr, err := netip.ParseAddr(word); err == nil {
			fields[i] = nameOf(addr, names) + tail
		}
	}
	return strings.Join(fields, " ")
}

func nameOf(a netip.Addr, names map[netip.Addr]string) string {
	if names[a] == "" {
		names[a] = fmt.Sprintf("address-%d", len(names)+1)
	}
	return names[a]
}
