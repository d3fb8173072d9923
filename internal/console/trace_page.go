package console

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/wording"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

func traceRoutes() []route {
	return []route{{pattern: "GET /trace", serve: serveTrace}}
}

// The fields of the form, beside onField and directionField. A packet is one in words, or one of
// a capture.
const (
	packetField  = "packet"
	captureField = "capture"
	numberField  = "number"
	allField     = "all"
)

// serveTrace shows what happens to a packet, step by step. The packet is in the URL.
func serveTrace(r *request) (*page, error) {
	s, err := r.snapshot()
	if err != nil {
		return nil, err
	}
	values := r.URL.Query()
	p := &page{title: "Trace", section: "/trace"}
	f := &form{values: values, fields: traceFields(r, s)}
	var steps g.Node
	if values.Has(packetField) || values.Has(numberField) {
		trace, on, wrong, err := traceOf(r, values)
		switch {
		case err != nil:
			return nil, err
		case wrong != nil:
			f.wrong, p.status = wrong, http.StatusUnprocessableEntity
			p.notes = append(p.notes, summaryNote(wrong, f.label, ""))
		default:
			steps = stepsPart(s, trace, on, values.Has(allField))
		}
	}
	p.body = []g.Node{para("Show step by step what the mirror sessions of an interface do with one packet. The steps are those of the command ", code("trace"), "."), traceForm(f), steps}
	return p, nil
}

func traceFields(r *request, s *snapshot) []field {
	fields := []field{
		{name: onField, label: "Network interface", hint: "The ID of the interface that receives or sends the packet.", choices: interfaceChoices(s)},
		{name: directionField, label: "Direction", kind: selectField, choices: []choice{
			{string(mirror.Ingress), "ingress: the interface receives it"}, {string(mirror.Egress), "egress: the interface sends it"},
		}},
		{name: packetField, label: "Packet", hint: `Such as "tcp 10.1.2.3:50000 > 10.0.1.10:22, 1500 bytes", "icmp 10.0.0.1 > 10.0.0.2" or "udp [2001:db8::1]:5000 > [2001:db8::2]:53".`},
	}
	if own := r.console.captures.of(r.session); len(own) > 0 {
		choices := []choice{{"", "none: the packet in words"}}
		for _, f := range own {
			choices = append(choices, choice{f.id, f.title(s)})
		}
		fields = append(fields, field{name: captureField, label: "Or a packet of a capture", kind: selectField, choices: choices},
			field{name: numberField, label: "Number of the packet", hint: "From 1, as in Wireshark. The interface and the direction are those of the capture."})
	}
	return fields
}

func traceForm(f *form) g.Node {
	nodes := []g.Node{h.Method("get"), h.Action("/trace"), h.Class("form"), h.AutoComplete("off")}
	for _, of := range f.fields {
		nodes = append(nodes, f.field(of))
	}
	nodes = append(nodes,
		h.Div(h.Class("field"), h.Input(h.Type("checkbox"), h.ID("all"), h.Name(allField), h.Value("1"), g.If(f.values.Has(allField), h.Checked())), g.Text(" "), h.Label(h.Class("inline"), h.For("all"), g.Text("A line for each rule"))),
		h.P(h.Class("actions"), h.Button(h.Type("submit"), g.Text("Trace"))))
	return h.Form(nodes...)
}

// traceOf traces the packet of a form, on an interface. Problems are at the fields of the form.
func traceOf(r *request, values url.Values) (trace dataplane.Trace, on string, wrong mirror.Problems, err error) {
	var p packet.Packet
	if values.Get(captureField) != "" {
		f, number, wrong := capturedPacket(r, values)
		if wrong != nil {
			return trace, "", wrong, nil
		}
		if wrong, err = f.find(number, &p); wrong != nil || err != nil {
			return trace, "", wrong, err
		}
		source, err := readSource(r.Context(), r.console.account(), f.interfaceID)
		if err != nil {
			return trace, "", nil, err
		}
		return source.Trace(&p, f.direction), f.interfaceID, nil, nil
	}
	words, wrong := packetInWords(values)
	on = values.Get(onField)
	if on == "" {
		wrong = append(mirror.Problems{{Kind: mirror.Missing, Field: onField, Wrong: "is empty", Fix: "Write the ID of a network interface."}}, wrong...)
	} else {
		wrong = append(mirror.KindInterface.Check(onField, on), wrong...)
	}
	if wrong != nil {
		return trace, on, wrong, nil
	}
	source, err := readSource(r.Context(), r.console.account(), on)
	if kind, isMissing := account.NotFound(err); isMissing && kind == mirror.KindInterface {
		return trace, on, mirror.Problems{{Kind: mirror.Missing, Field: onField, Wrong: "is " + on + ", which EC2 does not show", Fix: "Write the ID of a network interface of this account and Region."}}, nil
	}
	if err != nil {
		return trace, on, nil, err
	}
	if err := words.Decode(source, &p); err != nil {
		return trace, on, decodeProblems(err), nil
	}
	return source.Trace(&p, mirror.Direction(words.Direction)), on, nil, nil
}

// packetInWords reads the packet of a form.
func packetInWords(values url.Values) (simulation.PacketInWords, mirror.Problems) {
	direction := mirror.Direction(values.Get(directionField))
	wrong := direction.Check(directionField)
	text := strings.TrimSpace(values.Get(packetField))
	if text == "" {
		return simulation.PacketInWords{}, append(wrong, mirror.Problem{Kind: mirror.Missing, Field: packetField, Wrong: "is empty", Fix: simulation.PacketForm})
	}
	words, problems := simulation.ParsePacket(text)
	if problems == nil && words.Direction != "" && words.Direction != string(direction) {
		wrong = append(wrong, mirror.Problem{Kind: mirror.Conflict, Field: packetField, Wrong: "says " + words.Direction, Fix: "Write the direction only once."})
	}
	words.Direction = string(direction)
	return words, append(wrong, atPacket(problems)...)
}

// atPacket moves problems of a packet to its field. They name what is wrong in it.
func atPacket(problems mirror.Problems) (at mirror.Problems) {
	for _, p := range problems {
		p.Wrong, p.Field, p.With = strings.TrimSpace(strings.ReplaceAll(p.Field, "_", " ")+" "+p.Wrong), packetField, nil
		at = append(at, p)
	}
	return at
}

// decodeProblems are the problems of a packet that the interface cannot have.
func decodeProblems(err error) mirror.Problems {
	var problems mirror.Problems
	if errors.As(err, &problems) {
		return atPacket(problems)
	}
	return mirror.Problems{{Kind: mirror.Invalid, Field: packetField, Wrong: "cannot be built: " + err.Error()}}
}

// capturedPacket finds the capture and the number of the packet.
func capturedPacket(r *request, values url.Values) (*captureFile, int64, mirror.Problems) {
	f := r.console.captures.find(r.session, values.Get(captureField))
	if f == nil {
		return nil, 0, mirror.Problems{{Kind: mirror.Missing, Field: captureField, Wrong: "names a file that is not there any more", Fix: "Choose another one, or write a packet."}}
	}
	text := strings.TrimSpace(values.Get(numberField))
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 1 {
		return nil, 0, mirror.Problems{{Kind: mirror.Invalid, Field: numberField, Wrong: fmt.Sprintf("is %q", text), Fix: "Write the number of a packet, from 1."}}
	}
	return f, number, nil
}

// find reads the packet with a number.
func (f *captureFile) find(number int64, into *packet.Packet) (mirror.Problems, error) {
	reader, err := capture.NewReader(f.read())
	if err != nil {
		return nil, err
	}
	var record capture.Record
	for n := range number {
		err := reader.Next(&record)
		var damage *capture.FormatError
		switch {
		case errors.Is(err, io.EOF):
			return mirror.Problems{{Kind: mirror.Invalid, Field: numberField, Wrong: fmt.Sprintf("is %d", number), Fix: fmt.Sprintf("%s has %s.", f.name, wording.Count(n, "packet"))}}, nil
		case errors.As(err, &damage):
			return mirror.Problems{{Kind: mirror.Malformed, Field: numberField, Wrong: fmt.Sprintf("is %d, and %s is damaged before it: %v", number, f.name, err), Fix: fmt.Sprintf("Write a number from 1 to %d.", n)}}, nil
		case err != nil:
			return nil, err
		}
	}
	record.Decode(into)
	return nil, nil
}

// stepsPart has the steps as the command trace prints them.
func stepsPart(s *snapshot, trace dataplane.Trace, on string, isAll bool) g.Node {
	text := trace.String()
	if isAll {
		text = trace.All()
	}
	state, outcome := "not", "not mirrored: "+trace.Verdict.Reason.String()
	if trace.Verdict.Outcome == dataplane.Mirrored {
		state, outcome = "mirrored", "mirrored"
		if len(trace.Verdict.Unknown.List()) > 0 {
			state, outcome = "unknown", "mirrored, if what is not known is as it should be"
		}
	}
	return part("steps", "What happens", para("On ", s.interfaceLink(on), ": ", badge(state, outcome)), h.Pre(h.Class("steps"), h.TabIndex("0"), g.Text(text)))
}

// summaryNote is the note about the problems of a form.
func summaryNote(wrong mirror.Problems, label func(string) string, ends string) note {
	n := summary(wrong, label)
	n.text = strings.TrimSpace(map[bool]string{true: "One value has to be corrected.", false: fmt.Sprintf("%d values have to be corrected.", len(wrong))}[len(wrong) == 1] + " " + ends)
	return n
}
