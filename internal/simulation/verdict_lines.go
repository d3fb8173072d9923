package simulation

import (
	"bufio"
	"io"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

// linesBuffer is how many bytes of lines are written at once.
const linesBuffer = 256 << 10

// VerdictLines is a Sink that writes the verdict of each packet as a JSON object on
// a line.
type VerdictLines struct {
	out  *bufio.Writer
	line []byte
}

// NewVerdictLines returns a sink that writes lines.
func NewVerdictLines(to io.Writer) *VerdictLines {
	return &VerdictLines{out: bufio.NewWriterSize(to, linesBuffer)}
}

// Take implements Sink.
func (l *VerdictLines) Take(p *Packet) error {
	l.line = appendVerdict(l.line[:0], p.Number, &p.Verdict)
	_, err := l.out.Write(l.line)
	return err
}

// Close implements Sink.
func (l *VerdictLines) Close() error { return l.out.Flush() }

// appendVerdict appends the line of a packet: its number and its verdict, with the same output
// as encoding/json, but much faster.
func appendVerdict(b []byte, number int64, v *dataplane.Verdict) []byte {
	b = strconv.AppendInt(append(b, `{"packet":`...), number, 10)
	b = appendWord(b, `,"direction":"`, string(v.Direction))
	b = appendWord(b, `,"outcome":"`, v.Outcome.String())
	b = appendNumber(b, `,"session_number":`, v.SessionNumber)
	b = appendNumber(b, `,"rule_number":`, v.RuleNumber)
	b = appendWord(b, `,"reason":"`, v.Reason.String())
	b = strconv.AppendInt(append(b, `,"bytes":`...), int64(v.Bytes), 10)
	b = appendWord(b, `,"truncated_by":"`, v.TruncatedBy.String())
	b = appendUnknown(b, v.Unknown)
	b = appendWord(b, `,"assumption":"`, v.Assumption.String())
	return append(b, "}\n"...)
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
