package flow

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// WriteJSON writes everything, a conversation on a line. Parse reads it back.
func (f *Flows) WriteJSON(w io.Writer) error {
	out := bufio.NewWriterSize(w, 64<<10)
	enc := &encoder{out: out}
	enc.member(`{`, "version", f.Version)
	enc.member(`,`, "incomplete", f.Incomplete)
	enc.member(`,`, "unwrap", f.Unwrap)
	enc.member(`,`, "sources", f.Sources)
	enc.member(`,`, "configurations", f.Configurations)
	enc.list("sessions", len(f.Sessions), func(i int) any { return f.Sessions[i] })
	enc.member(`,`, "total", f.Total)
	enc.list("conversations", len(f.Conversations), func(i int) any { return f.Conversations[i] })
	enc.member(`,`, "apart", f.Apart)
	enc.member(`,`, "top", f.Top)
	enc.member(`,`, "rate", f.Rate)
	out.WriteString("\n}\n")
	return errors.Join(enc.err, out.Flush())
}

// encoder writes members of the object, with bounded memory.
type encoder struct {
	out *bufio.Writer
	err error
}

func (e *encoder) member(before, name string, value any) {
	fmt.Fprintf(e.out, "%s\n%q:", before, name)
	e.value(value)
}

func (e *encoder) list(name string, n int, at func(int) any) {
	fmt.Fprintf(e.out, ",\n%q:[", name)
	for i := range n {
		if i > 0 {
			e.out.WriteByte(',') //nolint:errcheck // Flush returns the first error
		}
		e.out.WriteByte('\n') //nolint:errcheck // Flush returns the first error
		e.value(at(i))
	}
	e.out.WriteByte(']') //nolint:errcheck // Flush returns the first error
}

func (e *encoder) value(value any) {
	text, err := json.Marshal(value)
	if err != nil && e.err == nil {
		e.err = err
	}
	e.out.Write(text)
}

// MarshalText implements encoding.TextMarshaler.
func (p Protocol) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *Protocol) UnmarshalText(text []byte) error {
	protocol, problems := mirror.ParseProtocol("protocol", string(text))
	*p = Protocol(protocol)
	return problems.Err()
}

// String returns the name of the protocol, or its number.
func (p Protocol) String() string { return mirror.Protocol(p).String() }

// MarshalJSON writes a list of five numbers.
func (s Second) MarshalJSON() ([]byte, error) {
	b := strconv.AppendInt([]byte{'['}, s.Unix, 10)
	for _, n := range []int64{s.InPackets, s.InBytes, s.OutPackets, s.OutBytes} {
		b = strconv.AppendInt(append(b, ','), n, 10)
	}
	return append(b, ']'), nil
}

// UnmarshalJSON reads a list of five numbers.
func (s *Second) UnmarshalJSON(text []byte) error {
	var n []int64
	if err := json.Unmarshal(text, &n); err != nil {
		return err
	}
	if len(n) != 5 {
		return fmt.Errorf("a second is a list of %d numbers, and should be one of 5", len(n))
	}
	*s = Second{n[0], n[1], n[2], n[3], n[4]}
	return nil
}

// Parse reads what WriteJSON has written. It checks everything that it reads.
func Parse(r io.Reader) (*Flows, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	f := &Flows{}
	if err := f.read(d); err != nil {
		if at := d.InputOffset(); !isWord(err) {
			return nil, fmt.Errorf("no flow table that this program can read, at byte %d: %w", at, err)
		}
		return nil, err
	}
	total := f.Total
	l := &limit{}
	f.derive(l)
	switch {
	case l.isExceeded:
		return nil, wordError("the flow table has sums above 2^53, which no run has: it is damaged")
	case f.Total != total:
		return nil, wordError(fmt.Sprintf("the flow table says in total %+v, and its conversations have %+v: it was changed or cut", total, f.Total))
	}
	if err := f.checkRate(); err != nil {
		return nil, wordError(fmt.Sprintf("the flow table contradicts itself: %v: it was changed or cut", err))
	}
	return f, nil
}

// wordError is an error that says everything.
type wordError string

// Error returns the words.
func (e wordError) Error() string { return string(e) }

func isWord(err error) bool {
	var word wordError
	return errors.As(err, &word)
}

// read reads the members one by one, with the memory of one conversation.
func (f *Flows) read(d *json.Decoder) error {
	if err := expect(d, json.Delim('{')); err != nil {
		return err
	}
	read := []string{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		if slices.Contains(read, name) {
			return fmt.Errorf("%q occurs twice", name)
		}
		if len(read) == 0 && name != "version" {
			return fmt.Errorf("it begins with %q, and a flow table begins with %q", name, "version")
		}
		read = append(read, name)
		if err := f.readMember(d, name); err != nil {
			return err
		}
	}
	if err := expect(d, json.Delim('}')); err != nil {
		return err
	}
	if missing := slices.DeleteFunc([]string{"version", "incomplete", "unwrap", "sources", "configurations", "sessions", "total", "conversations", "apart", "rate"}, func(name string) bool { return slices.Contains(read, name) }); len(missing) > 0 {
		return fmt.Errorf("%q is missing", missing[0])
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more after it")
	}
	return f.check()
}

func (f *Flows) readMember(d *json.Decoder, name string) error {
	switch name {
	case "version":
		if err := d.Decode(&f.Version); err != nil {
			return err
		}
		if f.Version != Version {
			return wordError(errVersion(f.Version).Error())
		}
		return nil
	case "incomplete":
		return d.Decode(&f.Incomplete)
	case "unwrap":
		return d.Decode(&f.Unwrap)
	case "configurations":
		return d.Decode(&f.Configurations)
	case "sources":
		return d.Decode(&f.Sources)
	case "sessions":
		return d.Decode(&f.Sessions)
	case "total":
		return d.Decode(&f.Total)
	case "conversations":
		return readConversations(d, &f.Conversations)
	case "apart":
		return d.Decode(&f.Apart)
	case "top":
		return d.Decode(&f.Top)
	case "rate":
		return d.Decode(&f.Rate)
	}
	return fmt.Errorf("%q is no part of it", name)
}

func readConversations(d *json.Decoder, into *[]Conversation) error {
	if err := expect(d, json.Delim('[')); err != nil {
		return err
	}
	for d.More() {
		var c Conversation
		if err := d.Decode(&c); err != nil {
			return err
		}
		*into = append(*into, c)
	}
	return expect(d, json.Delim(']'))
}

func expect(d *json.Decoder, delim json.Delim) error {
	token, err := d.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err == nil && token != delim {
		err = fmt.Errorf("there is %v in place of %q", token, delim.String())
	}
	return err
}
