package topology

import (
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// ExpectationsSchema returns the JSON schema of expectations.json. The outcomes and the reasons
// are those of verdicts.
func ExpectationsSchema(outcomes, reasons []string) []byte {
	return publish(expectationsSchema(outcomes, reasons), "expectations.json", ExpectationsExample)
}

// ExpectationsExample is an expectations.json about one packet in words, about a packet of a
// capture, and about sets of packets.
const ExpectationsExample = `{
  "packets": [
    {
      "name": "ssh from the office",
      "direction": "ingress",
      "protocol": "tcp",
      "source": "10.1.2.3",
      "source_port": 50000,
      "destination": "10.0.1.10",
      "destination_port": 22,
      "length": 1500
    }
  ],
  "expect": [
    { "packet": "ssh from the office", "mirrored": false, "reason": "no_rule" },
    { "packet": "38", "mirrored": true, "session_number": 1, "rule_number": 100, "bytes": 128 },
    { "where": { "destination_port": 22 }, "mirrored": "none" },
    {
      "where": { "direction": "ingress", "protocol": "tcp", "source": "0.0.0.0/0", "destination": "10.0.1.10", "destination_port": 443 },
      "mirrored": "all",
      "at_least": 10,
      "at_most": 1000
    },
    { "where": { "protocol": "udp", "source_port": 4789 }, "outcome": "no_match" }
  ]
}
`

func expectationsSchema(outcomes, reasons []string) *jsonSchema {
	return object("Packets in words, and what should happen to packets.", map[string]*jsonSchema{
		"$schema": whereSchema(),
		"packets": list("Packets in words. They are simulated after the packets of the capture.", wordsSchema()),
		"expect":  list("Expectations. Every value that is set must hold.", expectsSchema(outcomes, reasons)),
	}, "expect")
}

func wordsSchema() *jsonSchema {
	return object("A packet in words.", map[string]*jsonSchema{
		"name":             text("A unique name. It is not a number: numbers are the packets of the capture."),
		"direction":        enum("The way that the packet goes, seen from the interface.", mirror.Directions),
		"protocol":         protocolSchema(fmt.Sprintf("A protocol number from %s or one of %s.", mirror.Protocols, strings.Join(mirror.ProtocolNames(), ", "))),
		"source":           text("The IPv4 or IPv6 source address."),
		"destination":      text("The destination address, of the same family."),
		"source_port":      number("The source port, with protocol tcp or udp.", mirror.Ports),
		"destination_port": number("The destination port, with protocol tcp or udp.", mirror.Ports),
		"length":           {Type: "integer", Description: "Length in bytes with the Ethernet header. Left out: the headers and no payload."},
	}, "name", "direction", "protocol", "source", "destination")
}

func expectsSchema(outcomes, reasons []string) *jsonSchema {
	return object("What should happen to a packet, or to every packet of a set. Either packet or where is set.", map[string]*jsonSchema{
		"packet":         {Type: []string{"string", "integer"}, Description: "Name of a packet in words, or number of a packet of the capture, from 1."},
		"where":          selectionSchema(),
		"mirrored":       {Type: []string{"boolean", "string"}, Description: `Whether the target gets a copy: true or false for one packet, "all" or "none" for a set.`},
		"at_least":       {Type: "integer", Minimum: new(int64(1)), Description: "How many packets of the set are mirrored at least."},
		"at_most":        {Type: "integer", Minimum: new(int64(0)), Description: "How many packets of the set are mirrored at most."},
		"outcome":        enum("The outcome of the packet, or of every packet of the set.", outcomes),
		"reason":         enum("The reason for the outcome.", reasons),
		"session_number": number("The session that decided.", mirror.SessionNumbers),
		"rule_number":    number("The rule that decided.", mirror.RuleNumbers),
		"bytes":          {Type: "integer", Minimum: new(int64(0)), Description: "Copied bytes, counted from the Ethernet header; 0 if the packet is not mirrored."},
	})
}

func selectionSchema() *jsonSchema {
	return object("Selects the packets of a set: those that fit every field. {} selects every packet.", map[string]*jsonSchema{
		"direction":        enum("The direction in the verdict.", mirror.Directions),
		"protocol":         protocolSchema("The protocol, by name or number."),
		"source":           text("An IP address or a CIDR block of the source."),
		"destination":      text("An IP address or a CIDR block of the destination."),
		"source_port":      number("The source port.", mirror.Ports),
		"destination_port": number("The destination port.", mirror.Ports),
	})
}

func protocolSchema(description string) *jsonSchema {
	return &jsonSchema{Type: []string{"string", "integer"}, Description: description}
}
