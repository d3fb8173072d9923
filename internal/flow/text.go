package flow

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"
)

// showConversations is how many conversations the text has at most.
const showConversations = 30

// Sentence explains the mark.
func (m Mark) Sentence() string {
	switch m {
	case OneWay:
		return "The capture has packets of one direction only."
	case HalfMirrored:
		return "Packets of one direction are mirrored, and none of the other."
	case PartlyMirrored:
		return "Of one direction, some packets are mirrored and others are not."
	}
	return "Copies are shorter than their packets."
}

// WriteText writes the flows for a person.
func (f *Flows) WriteText(w io.Writer) error {
	var b bytes.Buffer
	t := f.Total
	fmt.Fprintf(&b, "%s: %s, %s on the wire, in %s%s.\n", sourceWords(f.Sources),
		wording.Count(t.Packets, "packet"), wording.Count(t.Bytes, "byte"), wording.Count(len(f.Conversations), "conversation"), between(t.First, t.Last))
	fmt.Fprintf(&b, "%s mirrored, %s copied. %s cut, %s lost.\n",
		wording.Count(t.Mirrored, "packet"), wording.Count(t.MirroredBytes, "byte"), wording.Count(t.Truncated, "copy"), wording.Count(t.Lost, "copy"))
	if f.Incomplete {
		b.WriteString("Incomplete: a run ended before its capture did.\n")
	}
	for _, sentence := range f.CutByCapture() {
		b.WriteString(sentence + "\n")
	}
	f.printMarks(&b)
	f.printConversations(&b)
	f.printApart(&b)
	printTalkers(&b, "Local addresses", f.Top.Local, len(f.Sources) > 1)
	printTalkers(&b, "Remote addresses", f.Top.Remote, false)
	f.printRate(&b)
	_, err := w.Write(b.Bytes())
	return err
}

// sourceWords names the interfaces.
func sourceWords(sources []string) string {
	switch {
	case len(sources) > 3:
		return wording.Count(len(sources), "interface")
	case len(sources) == 0 || slices.Equal(sources, []string{""}):
		return "The interface"
	}
	names := slices.Clone(sources)
	for i, name := range names {
		names[i] = cmp.Or(name, "an interface without an ID")
	}
	return strings.Join(names, ", ")
}

// between words the time of packets.
func between(first, last time.Time) string {
	if first.IsZero() {
		return ", without times"
	}
	return fmt.Sprintf(", from %s to %s (%s)", stamp(first), stamp(last), last.Sub(first))
}

func (f *Flows) printMarks(b *bytes.Buffer) {
	counts := map[Mark]int64{}
	for i := range f.Conversations {
		for _, m := range f.Conversations[i].Marks {
			counts[m]++
		}
	}
	t := table{head: []string{">Conversations", "Mark", "Meaning"}}
	for _, m := range Marks {
		if counts[m] > 0 {
			t.add(wording.Grouped(counts[m]), string(m), m.Sentence())
		}
	}
	t.print(b, "Marks:\n")
}

// printConversations prints those with the most bytes.
func (f *Flows) printConversations(b *bytes.Buffer) {
	order := make([]*Conversation, len(f.Conversations))
	for i := range order {
		order[i] = &f.Conversations[i]
	}
	slices.SortStableFunc(order, func(a, b *Conversation) int { return cmp.Compare(b.In.Bytes+b.Out.Bytes, a.In.Bytes+a.Out.Bytes) })
	title := "Conversations, those with the most bytes first:\n"
	if len(order) > showConversations {
		title = fmt.Sprintf("Conversations, the %d of %s with the most bytes (a file that ends in .csv or .json has all):\n", showConversations, wording.Grouped(len(order)))
		order = order[:showConversations]
	}
	t := table{head: []string{"Protocol", "Local", "Remote", "Way", ">Packets", ">Bytes", ">Mirrored", ">Bytes copied", ">Cut", ">Lost", "Decided by", "Marks"}}
	isOf := len(f.Sources) > 1
	if isOf {
		t.head = append([]string{"Interface"}, t.head...)
	}
	for _, c := range order {
		head := []string{c.Protocol.String(), c.side(c.Local, c.LocalPort), c.side(c.Remote, c.RemotePort)}
		if isOf {
			head = append([]string{c.Interface}, head...)
		}
		marks := c.markWords()
		for _, w := range []struct {
			name string
			way  *Way
		}{{"in", &c.In}, {"out", &c.Out}} {
			if w.way.Packets == 0 {
				continue
			}
			t.add(append(head, w.name, wording.Grouped(w.way.Packets), wording.Grouped(w.way.Bytes), wording.Grouped(w.way.Mirrored),
				wording.Grouped(w.way.MirroredBytes), wording.Grouped(w.way.Truncated), wording.Grouped(w.way.Lost), w.way.shortDecisions(), marks)...)
			head, marks = make([]string, len(head)), ""
		}
	}
	t.print(b, title)
}

// side words an address with its port.
func (c *Conversation) side(address netip.Addr, port uint16) string {
	switch c.Ports {
	case PortNumbers:
		return netip.AddrPortFrom(address, port).String()
	case EchoIdentifier:
		return fmt.Sprintf("%s echo %d", address, port)
	case LaterFragments:
		return address.String() + " fragments"
	case PortsCutOff:
		return address.String() + " cut off"
	}
	return address.String()
}

// shortDecisions words the decisions for a table. The number of packets is left out if there
// is one decision.
func (w *Way) shortDecisions() string {
	if len(w.Decisions) == 1 {
		return w.Decisions[0].words()
	}
	return w.decisionWords()
}

func (f *Flows) printApart(b *bytes.Buffer) {
	t := table{head: []string{">Packets", ">Bytes", "What", "Where", "Decided by"}}
	for _, apart := range []struct {
		way         *Way
		what, where string
	}{
		{&f.Apart.WithoutIP, "no readable IP header", "in no conversation"},
		{&f.Apart.WithoutDirection, "direction unknown or impossible", "in no conversation"},
		{&f.Apart.LaterFragments, "later fragments, without ports", "in conversations by address"},
		{&f.Apart.PortsCutOff, "ports cut off by the capture", "in conversations by address"},
		{&f.Apart.WithoutTime, "no time", "in conversations, not in the rate"},
	} {
		if apart.way.Packets > 0 {
			t.add(wording.Grouped(apart.way.Packets), wording.Grouped(apart.way.Bytes), apart.what, apart.where, apart.way.shortDecisions())
		}
	}
	t.print(b, "Counted apart:\n")
}

func printTalkers(b *bytes.Buffer, title string, talkers []Talker, withInterface bool) {
	t := table{head: []string{"Address", ">Conversations", ">Packets", ">Bytes", ">Mirrored", ">Bytes copied"}}
	if withInterface {
		t.head = append([]string{"Interface"}, t.head...)
	}
	for _, k := range talkers {
		cells := []string{k.Address.String(), wording.Grouped(k.Conversations), wording.Grouped(k.Packets), wording.Grouped(k.Bytes), wording.Grouped(k.Mirrored), wording.Grouped(k.MirroredBytes)}
		if withInterface {
			cells = append([]string{k.Interface}, cells...)
		}
		t.add(cells...)
	}
	t.print(b, title+" with the most bytes:\n")
}

// printRate prints what reaches the targets.
func (f *Flows) printRate(b *bytes.Buffer) {
	r := &f.Rate
	if len(f.Sessions) == 0 {
		return
	}
	if r.Observed == 0 {
		fmt.Fprintf(b, "\nWhat reaches the targets: %s, %s with outer headers. The rate is not known, because no packet has a time.\n",
			wording.Count(r.Together.Copies, "copy"), wording.Count(r.Together.Bytes, "byte"))
		return
	}
	loads := r.Targets
	if len(loads) > 1 {
		loads = append(slices.Clone(loads), r.Together)
	}
	bits := table{head: []string{"Target", ">Copies", ">Bytes", ">Peak Mbit/s", "at", ">99 %", ">95 %", ">Mean"}}
	packets := table{head: []string{"Target", ">Peak packets/s", "at", ">99 %", ">95 %", ">Mean"}}
	for _, t := range loads {
		name := cmp.Or(t.Target, "all together")
		bits.add(name, wording.Grouped(t.Copies), wording.Grouped(t.Bytes), megabits(t.Bits.Peak), second(t.Bits.PeakAt), megabits(t.Bits.P99), megabits(t.Bits.P95), megabits(t.Bits.Mean))
		packets.add(name, wording.Grouped(t.Packets.Peak), second(t.Packets.PeakAt), wording.Grouped(t.Packets.P99), wording.Grouped(t.Packets.P95), wording.Grouped(t.Packets.Mean))
	}
	bits.print(b, fmt.Sprintf("What reaches the targets, with outer headers, over %s with packets:\n", wording.Count(r.Observed, "second")))
	packets.print(b, "")
	if r.Together.Untimed > 0 {
		fmt.Fprintf(b, "\nThe rate is higher than that: %s without a time in no second.\n", wording.Count(r.Together.Untimed, "copy"))
	}
	if sentence := r.Together.AtLeastSentence(); sentence != "" {
		b.WriteString("\n" + sentence + "\n")
	}
	f.printUnknown(b)
}

// printUnknown says what is not known of targets, on which their rates depend.
func (f *Flows) printUnknown(b *bytes.Buffer) {
	t := table{head: []string{">Session", "Target", "Not known"}}
	if len(f.Sources) > 1 {
		t.head = append([]string{"Interface"}, t.head...)
	}
	for _, s := range f.Sessions {
		if len(s.Unknown) == 0 {
			continue
		}
		cells := []string{strconv.Itoa(s.SessionNumber), s.Target, strings.Join(s.Unknown, ", ")}
		if len(f.Sources) > 1 {
			cells = append([]string{s.Interface}, cells...)
		}
		t.add(cells...)
	}
	t.print(b, "Not known of targets:\n")
}

// megabits writes bits as megabits with three decimals, rounded up: a load is never shown as
// less than it is.
func megabits(bits int64) string {
	thousandths := (bits + 999) / 1000
	return fmt.Sprintf("%s.%03d", wording.Grouped(thousandths/1000), thousandths%1000)
}

func second(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format("2006-01-02T15:04:05Z")
}

// table is a table of text. A column whose head begins with ">" is aligned to the right.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// print writes an empty line, the title and the table. Without rows it writes nothing.
func (t *table) print(b *bytes.Buffer, title string) {
	if len(t.rows) == 0 {
		return
	}
	b.WriteString("\n" + title)
	heads, widths := make([]string, len(t.head)), make([]int, len(t.head))
	for i, head := range t.head {
		heads[i] = strings.TrimPrefix(head, ">")
		widths[i] = len(heads[i])
		for _, row := range t.rows {
			widths[i] = max(widths[i], len(row[i]))
		}
		if heads[i] == head {
			widths[i] = -widths[i] // to the left
		}
	}
	for _, row := range append([][]string{heads}, t.rows...) {
		var line strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&line, "%*s  ", widths[i], cell)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}
