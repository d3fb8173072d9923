package topology

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// jsonSchema is the part of JSON schema that is needed here
// (https://json-schema.org/draft/2020-12).
type jsonSchema struct {
	Schema      string                 `json:"$schema,omitempty"`
	Title       string                 `json:"title,omitempty"`
	Description string                 `json:"description,omitempty"`
	Type        any                    `json:"type,omitempty"` // a name, or several
	Enum        []string               `json:"enum,omitempty"`
	Minimum     *int64                 `json:"minimum,omitempty"`
	Maximum     *int64                 `json:"maximum,omitempty"`
	Default     any                    `json:"default,omitempty"`
	Items       *jsonSchema            `json:"items,omitempty"`
	Properties  map[string]*jsonSchema `json:"properties,omitempty"`
	Patterns    map[string]*jsonSchema `json:"patternProperties,omitempty"`
	Additional  *bool                  `json:"additionalProperties,omitempty"` // false, or left out
	Required    []string               `json:"required,omitempty"`
	Examples    []any                  `json:"examples,omitempty"`
}

// MirrorSchema returns the JSON schema of mirror.json. ParseMirror also checks
// what a schema cannot express, for example that both prefixes of a rule have the
// same address family.
func MirrorSchema() []byte {
	return publish(mirrorSchema(), "mirror.json", MirrorExample)
}

// publish returns the schema of a file as a text.
func publish(s *jsonSchema, title, example string) []byte {
	s.Schema, s.Title = "https://json-schema.org/draft/2020-12/schema", title
	s.Examples = []any{json.RawMessage(example)}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		panic(err) // the example is no JSON
	}
	return text.Bytes()
}

// MirrorExample is a mirror.json that mirrors TLS to an interface.
const MirrorExample = `{
  "interface": {
    "id": "eni-00000000000000001",
    "mac_address": "02:00:00:00:00:01",
    "private_ip_address": "10.0.1.10",
    "private_ip_addresses": [],
    "ipv6_addresses": [],
    "source_dest_check": true,
    "dns_resolver_addresses": ["10.0.0.2"],
    "mtu": 9001
  },
  "direction": "auto",
  "sessions": [
    {
      "session_number": 1,
      "packet_length": 128,
      "virtual_network_id": 7,
      "target": {
        "type": "network-interface",
        "ip_address": "10.0.2.20",
        "mtu": 9001,
        "available": true
      },
      "filter": {
        "network_services": [],
        "ingress_rules": {
          "100": {
            "rule_action": "accept",
            "protocol": "tcp",
            "source_cidr_block": "0.0.0.0/0",
            "destination_cidr_block": "0.0.0.0/0",
            "source_port_range": { "from_port": 0, "to_port": 65535 },
            "destination_port_range": { "from_port": 443, "to_port": 443 }
          }
        },
        "egress_rules": {}
      }
    }
  ]
}
`

func mirrorSchema() *jsonSchema {
	return object("A network interface and its mirror sessions.", map[string]*jsonSchema{
		"$schema":   whereSchema(),
		"interface": interfaceSchema(),
		"direction": {
			Type: "string", Enum: []string{directionAuto, string(mirror.Ingress), string(mirror.Egress)}, Default: directionAuto,
			Description: "The way that every packet goes, seen from the interface; auto finds it out from each packet.",
		},
		"sessions": list("The sessions of the interface, in any order.", sessionSchema()),
	}, "interface", "sessions")
}

func whereSchema() *jsonSchema { return text("Where this schema is, for editors.") }

func interfaceSchema() *jsonSchema {
	return object("The source interface. What is left out is unknown. Directions, and packets that are impossible in a direction, are found by its addresses.", map[string]*jsonSchema{
		"id":                   text(`ID of the interface, "eni-" and 17 hexadecimal digits.`),
		"mac_address":          text("MAC address. Where it is set and a packet has MAC addresses, it alone decides the direction."),
		"private_ip_address":   text("The primary IPv4 address, from which copies are sent."),
		"private_ip_addresses": list("The IPv4 addresses in addition to private_ip_address. Left out: there are none, if private_ip_address or ipv4_prefixes is set.", text("An IPv4 address.")),
		"ipv6_addresses":       list("The IPv6 addresses. Left out: unknown, unless ipv6_prefixes is set. Empty: the interface has none.", text("An IPv6 address.")),
		"ipv4_prefixes":        list("The IPv4 prefixes that are delegated to the interface.", text("An IPv4 prefix.")),
		"ipv6_prefixes":        list("The IPv6 prefixes that are delegated to the interface.", text("An IPv6 prefix.")),
		"source_dest_check": {
			Type: "boolean", Default: true,
			Description: "Whether the interface sends only from its own addresses and receives only what is sent to them. With false, a capture of another host can be simulated in one direction.",
		},
		"dns_resolver_addresses": list("The Route 53 Resolver of the VPC, in addition to the link-local addresses, which are always known.", text("An IP address.")),
		"mtu":                    {Type: "integer", Default: mirror.DefaultMTU, Description: "MTU of the interface."},
	})
}

func sessionSchema() *jsonSchema {
	return object("A mirror session.", map[string]*jsonSchema{
		"session_number": number("The sessions of an interface are tried by ascending number.", mirror.SessionNumbers),
		"packet_length": number(fmt.Sprintf("Bytes of a packet that are copied, counted from its Ethernet header. Left out: all, or %d for a Network Load Balancer.",
			mirror.LoadBalancerPacketLength), mirror.PacketLengths),
		"virtual_network_id": number("The VNI of the copies. Left out: the session number.", mirror.VirtualNetworkIDs),
		"target":             targetSchema(),
		"filter":             filterSchema(),
	}, "session_number", "target", "filter")
}

func filterSchema() *jsonSchema {
	return object("The filter. What no rule accepts is not mirrored.", map[string]*jsonSchema{
		"network_services": list("Services whose traffic is mirrored without asking the rules.", enum("A network service.", mirror.NetworkServices)),
		"ingress_rules":    rulesSchema("Rules for packets that the interface receives, by rule number."),
		"egress_rules":     rulesSchema("Rules for packets that the interface sends, by rule number."),
	})
}

func targetSchema() *jsonSchema {
	return object("What backs the target of the session.", map[string]*jsonSchema{
		"type":       enum("What it is.", mirror.TargetTypes),
		"ip_address": text("The IP address that copies are sent to. Left out: copies to it are not written."),
		"mtu":        {Type: "integer", Default: mirror.DefaultMTU, Description: "MTU of the interface that backs the target."},
		"available":  {Type: "boolean", Default: true, Description: "Whether it still exists."},
		"udp_listeners": list("UDP ports that the load balancer listens on. Left out: unknown, taken to be right. Empty: copies are lost.",
			number("A port.", mirror.Ports)),
		"appliances": list("What is registered behind the load balancer. Left out: unknown, taken to be there. Empty: copies are lost.",
			object("An appliance.", map[string]*jsonSchema{"ip_address": text("Its IP address.")})),
	}, "type")
}

func rulesSchema(description string) *jsonSchema {
	rule := object("A rule. The lowest number that matches decides.", map[string]*jsonSchema{
		"rule_action": enum("What becomes of the packets that match.", mirror.Actions),
		"protocol": {
			Type:        []string{"string", "integer"},
			Description: fmt.Sprintf("A protocol number from %s or one of %s. Left out: every protocol.", mirror.Protocols, strings.Join(mirror.ProtocolNames(), ", ")),
		},
		"source_cidr_block":      text("IPv4 or IPv6 prefix of the source."),
		"destination_cidr_block": text("IPv4 or IPv6 prefix of the destination, of the same family."),
		"source_port_range":      portsSchema("Source ports, with protocol tcp or udp. Left out: every port, and packets without ports."),
		"destination_port_range": portsSchema("Destination ports, with protocol tcp or udp. Left out: every port, and packets without ports."),
		"description":            text("What the rule is for."),
	}, "rule_action", "source_cidr_block", "destination_cidr_block")
	s := object(fmt.Sprintf("%s The key is a number from %s in its plain form.", description, mirror.RuleNumbers), nil)
	s.Patterns = map[string]*jsonSchema{"^[1-9][0-9]{0,4}$": rule}
	return s
}

func portsSchema(description string) *jsonSchema {
	return object(description, map[string]*jsonSchema{
		"from_port": number("The lowest port.", mirror.Ports),
		"to_port":   number("The highest port.", mirror.Ports),
	}, "from_port", "to_port")
}

func object(description string, properties map[string]*jsonSchema, required ...string) *jsonSchema {
	return &jsonSchema{Type: "object", Description: description, Properties: properties, Additional: new(bool), Required: required}
}

func list(description string, items *jsonSchema) *jsonSchema {
	return &jsonSchema{Type: "array", Description: description, Items: items}
}

func text(description string) *jsonSchema {
	return &jsonSchema{Type: "string", Description: description}
}

func number(description string, r mirror.Range) *jsonSchema {
	return &jsonSchema{Type: "integer", Description: description, Minimum: &r.Min, Maximum: &r.Max}
}

func enum[T ~string](description string, values []T) *jsonSchema {
	s := &jsonSchema{Type: "string", Description: description}
	for _, v := range values {
		s.Enum = append(s.Enum, string(v))
	}
	return s
}
