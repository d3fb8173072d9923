package flow

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// columns are the header of the CSV. Those of a way follow for ingress and for egress.
var (
	columns    = []string{"interface", "protocol", "ports", "local_address", "local_port", "remote_address", "remote_port", "first", "last", "marks"}
	wayColumns = []string{"packets", "bytes", "captured_bytes", "mirrored", "mirrored_bytes", "lost", "truncated", "unknown_length", "decisions"}
)

// WriteCSV writes a header and a line for each conversation, as RFC 4180 says. Fields are
// numbers, addresses and words. Ports, times and marks that do not exist are empty.
func (f *Flows) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	line := append([]string{}, columns...)
	for _, way := range []string{"in_", "out_"} {
		for _, column := range wayColumns {
			line = append(line, way+column)
		}
	}
	err := out.Write(line)
	for i := range f.Conversations {
		if err == nil {
			err = out.Write(f.Conversations[i].line(line[:0]))
		}
	}
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	return err
}

func (c *Conversation) line(b []string) []string {
	local, remote := "", ""
	if c.Ports.areNumbers() {
		local, remote = strconv.Itoa(int(c.LocalPort)), strconv.Itoa(int(c.RemotePort))
	}
	b = append(b, harmless(c.Interface), c.Protocol.String(), string(c.Ports), c.Local.String(), local, c.Remote.String(), remote, stamp(c.First), stamp(c.Last), c.markWords())
	for _, w := range []*Way{&c.In, &c.Out} {
		for _, n := range []int64{w.Packets, w.Bytes, w.CapturedBytes, w.Mirrored, w.MirroredBytes, w.Lost, w.Truncated, w.UnknownLength} {
			b = append(b, strconv.FormatInt(n, 10))
		}
		b = append(b, w.decisionWords())
	}
	return b
}

// areNumbers reports whether a conversation has ports.
func (p Ports) areNumbers() bool { return p == PortNumbers || p == EchoIdentifier }

// markWords returns the marks with spaces between them.
func (c *Conversation) markWords() string {
	words := make([]string, len(c.Marks))
	for i, m := range c.Marks {
		words[i] = string(m)
	}
	return strings.Join(words, " ")
}

// decisionWords words the decisions, with semicolons between them. Each ends with the number
// of packets that it is about.
func (w *Way) decisionWords() string {
	words := make([]string, len(w.Decisions))
	for i, d := range w.Decisions {
		words[i] = fmt.Sprintf("%s %d", d.words(), d.Packets)
	}
	return strings.Join(words, "; ")
}

// words words a decision: "session 1 rule 100 rule_accepts".
func (d Decision) words() string {
	text := ""
	if d.SessionNumber != 0 {
		text = fmt.Sprintf("session %d ", d.SessionNumber)
	}
	if d.RuleNumber != 0 {
		text += fmt.Sprintf("rule %d ", d.RuleNumber)
	}
	return text + d.Reason
}

// stamp writes a time as RFC 3339 does, with nanoseconds in UTC; "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000000Z")
}

// harmless puts an apostrophe before a text that a spreadsheet takes for a formula.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
