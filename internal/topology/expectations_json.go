package topology

import (
	"encoding/json"
	"errors"
)

// Expectations is an expectations.json: packets in words, and what should happen to packets, in
// the names of the resource trafficmirror_simulation. Package simulation knows which values are
// right.
type Expectations struct {
	Schema  string        `json:"$schema"`
	Packets []WordsFile   `json:"packets"`
	Expect  []ExpectsFile `json:"expect" required:"true"`
}

// WordsFile is a packet in words.
type WordsFile struct {
	Name            string       `json:"name" required:"true"`
	Direction       string       `json:"direction" required:"true"`
	Protocol        protocolFile `json:"protocol" required:"true"`
	Source          string       `json:"source" required:"true"`
	Destination     string       `json:"destination" required:"true"`
	SourcePort      *int64       `json:"source_port"`
	DestinationPort *int64       `json:"destination_port"`
	Length          int64        `json:"length"`
}

// ExpectsFile is an expectation. What is left out is nil or empty.
type ExpectsFile struct {
	Packet        packetFile   `json:"packet"`
	Where         *WhereFile   `json:"where"`
	Mirrored      mirroredFile `json:"mirrored"`
	AtLeast       *int64       `json:"at_least"`
	AtMost        *int64       `json:"at_most"`
	Outcome       *string      `json:"outcome"`
	Reason        *string      `json:"reason"`
	SessionNumber *int64       `json:"session_number"`
	RuleNumber    *int64       `json:"rule_number"`
	Bytes         *int64       `json:"bytes"`
}

// WhereFile selects packets. An empty text is refused: it would select more than is meant.
type WhereFile struct {
	Direction       textFile        `json:"direction"`
	Protocol        setProtocolFile `json:"protocol"`
	Source          textFile        `json:"source"`
	Destination     textFile        `json:"destination"`
	SourcePort      *int64          `json:"source_port"`
	DestinationPort *int64          `json:"destination_port"`
}

// textFile is a text that is not empty if it is there.
type textFile string

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *textFile) UnmarshalText(text []byte) error {
	*t = textFile(text)
	return nil
}

// setProtocolFile is the name or the number of a protocol, as a string or a JSON number.
type setProtocolFile string

// UnmarshalJSON implements json.Unmarshaler.
func (p *setProtocolFile) UnmarshalJSON(text []byte) error {
	if string(text) == `""` {
		return errors.New("is empty: leave it out instead")
	}
	return (*protocolFile)(p).UnmarshalJSON(text)
}

// packetFile is the name of a packet, or the number of a packet of the capture as a string or a
// JSON number.
type packetFile string

// UnmarshalJSON implements json.Unmarshaler.
func (p *packetFile) UnmarshalJSON(text []byte) error {
	name, err := nameOrNumber(text, `write the name of a packet, such as "ssh", or the number of a packet of the capture`)
	*p = packetFile(name)
	return err
}

// mirroredFile is true, false, "all" or "none". Terraform writes true as "true".
type mirroredFile string

// UnmarshalJSON implements json.Unmarshaler.
func (m *mirroredFile) UnmarshalJSON(text []byte) error {
	var word string
	var isMirrored bool
	switch {
	case json.Unmarshal(text, &isMirrored) == nil:
		*m = mirroredFile(text)
	case json.Unmarshal(text, &word) == nil && word != "":
		*m = mirroredFile(word)
	default:
		return errors.New(`write true or false for one packet, or "all" or "none" for a set of packets`)
	}
	return nil
}

// ParseExpectations reads the form of an expectations.json.
func ParseExpectations(text []byte) (*Expectations, error) {
	var e Expectations
	if err := decode(text, &e); err != nil {
		return nil, err
	}
	return &e, nil
}
