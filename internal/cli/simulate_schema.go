package cli

import (
	"bytes"
	"encoding/json"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// flowsSchema returns the JSON schema of what simulate writes with --flows into a file that ends
// in .json.
func flowsSchema() []byte {
	whole := closedObject("The conversations of a capture, what was mirrored of them each way, and how much reaches the targets.", object{
		"version":        object{"type": "integer", "const": flow.Version, "description": "The version of this form."},
		"incomplete":     typeOf("boolean", "True if a run ended before its capture did."),
		"unwrap":         typeOf("boolean", "True if the packets are those in the tunnels of captures (--unwrap)."),
		"sources":        listOf("The IDs of the interfaces. An interface without an ID is \"\".", typeOf("string", "")),
		"configurations": listOf("What identifies the configuration of each source. Tables are merged only if it is the same.", configurationSchema()),
		"sessions":       listOf("The sessions of the sources.", flowSessionSchema()),
		"total":          closedObject("All packets, also those in no conversation.", withTimes(totals()), totalNames...),
		"conversations":  listOf("The conversations.", conversationSchema()),
		"apart": closedObject("Packets in no conversation, and those that are in one by their addresses only.", object{
			"without_ip":        reference("way"),
			"without_direction": reference("way"),
			"later_fragments":   reference("way"),
			"ports_cut_off":     reference("way"),
			"without_time":      reference("way"),
		}, "without_ip", "without_direction", "later_fragments", "ports_cut_off", "without_time"),
		"top":  closedObject("The addresses with the most bytes.", object{"local": listOf("", talkerSchema()), "remote": listOf("", talkerSchema())}, "local", "remote"),
		"rate": rateSchema(),
	}, "version", "incomplete", "unwrap", "sources", "configurations", "sessions", "total", "conversations", "apart", "top", "rate")
	whole["$defs"] = object{"way": waySchema(), "load": loadSchema(), "figures": figuresSchema()}
	return published("flows", whole)
}

func configurationSchema() object {
	session := closedObject("What identifies a session.", object{
		"session_number":     typeOf("integer", ""),
		"packet_length":      object{"type": []string{"integer", "null"}},
		"virtual_network_id": typeOf("integer", ""),
		"target":             typeOf("string", "A digest."),
		"amazon_dns":         typeOf("boolean", "Whether amazon-dns is a network service of the filter."),
		"ingress_rules":      typeOf("string", "A digest."),
		"egress_rules":       typeOf("string", "A digest."),
	}, "session_number", "packet_length", "virtual_network_id", "target", "amazon_dns", "ingress_rules", "egress_rules")
	return closedObject("What identifies a configuration.", object{
		"direction":               object{"type": "string", "const": ""},
		"reject_stops":            typeOf("boolean", ""),
		"encapsulation_allowance": typeOf("integer", ""),
		"interface":               typeOf("string", "A digest."),
		"sessions":                listOf("", session),
	}, "direction", "reject_stops", "encapsulation_allowance", "interface", "sessions")
}

func flowSessionSchema() object {
	return closedObject("A session of a source.", object{
		"interface":          typeOf("string", "The ID of the source."),
		"session_number":     typeOf("integer", ""),
		"virtual_network_id": typeOf("integer", "Of the copies."),
		"target":             typeOf("string", "The target. The rate has its name."),
		"target_type":        enumOf("The type of the target.", mirror.TargetTypes),
		"outer_bytes":        typeOf("integer", "Bytes before the copied frame when a copy reaches an appliance, from the outer Ethernet header."),
		"unknown":            listOf("What is not known of the target. Without its address, the outer header is taken for IPv4.", enumOf("", append(namesOf(dataplane.Unknowns), flow.UnknownAddress))),
	}, "interface", "session_number", "virtual_network_id", "target", "target_type", "outer_bytes", "unknown")
}

var totalNames = []string{"packets", "bytes", "captured_bytes", "mirrored", "mirrored_bytes", "lost", "truncated", "unknown_length"}

func totals() object {
	return object{
		"packets":        typeOf("integer", ""),
		"bytes":          typeOf("integer", "On the wire, from the Ethernet header."),
		"captured_bytes": typeOf("integer", "In the capture, from the Ethernet header."),
		"mirrored":       typeOf("integer", "Packets of which a copy is sent."),
		"mirrored_bytes": typeOf("integer", "Copied bytes of those in the capture, without outer headers."),
		"lost":           typeOf("integer", "Packets that a session takes and whose copy does not arrive."),
		"truncated":      typeOf("integer", "Mirrored packets whose copy is shorter than they are on the wire."),
		"unknown_length": typeOf("integer", "Packets that are longer on the wire than bytes counts. The capture does not say how long they are."),
	}
}

func withTimes(properties object) object {
	properties["first"] = typeOf("string", "The first time, as in RFC 3339. Left out if no packet has a time.")
	properties["last"] = typeOf("string", "The last time.")
	return properties
}

func waySchema() object {
	decision := closedObject("The packets about which the same session and rule decided for the same reason.", object{
		"session_number": typeOf("integer", "Left out if no session decided."),
		"rule_number":    typeOf("integer", "Left out if no rule decided."),
		"outcome":        enumOf("What happens to the packets.", namesOf(dataplane.Outcomes)),
		"reason":         enumOf("Why.", namesOf(dataplane.Reasons)),
		"packets":        typeOf("integer", ""),
		"mirrored_bytes": typeOf("integer", ""),
	}, "outcome", "reason", "packets", "mirrored_bytes")
	properties := totals()
	properties["decisions"] = listOf("By session, rule and reason.", decision)
	return closedObject("Packets of one direction, or of both where they are counted apart.", properties, append([]string{"decisions"}, totalNames...)...)
}

func conversationSchema() object {
	return closedObject("The packets between two addresses and ports. Local is the side of the interface.", withTimes(object{
		"interface": typeOf("string", "The ID of the source."),
		"protocol":  typeOf("string", "The name of the protocol, or its number if it has none."),
		"ports": enumOf("What the ports are. echo_identifier: both are the identifier of an ICMP echo. later_fragments, cut_off: the packets lack them.",
			[]flow.Ports{flow.PortNumbers, flow.EchoIdentifier, flow.NoPorts, flow.LaterFragments, flow.PortsCutOff}),
		"local":       typeOf("string", "An IPv4 or IPv6 address."),
		"local_port":  typeOf("integer", "Without a meaning unless ports is \"ports\" or \"echo_identifier\"."),
		"remote":      typeOf("string", "An address of the same family."),
		"remote_port": typeOf("integer", "As local_port."),
		"in":          reference("way"),
		"out":         reference("way"),
		"marks":       listOf("What a reader should look at.", enumOf("", flow.Marks)),
	}), "interface", "protocol", "ports", "local", "local_port", "remote", "remote_port", "in", "out", "marks")
}

func talkerSchema() object {
	return closedObject("What an address sent and received.", object{
		"interface":      typeOf("string", "Of a local address."),
		"address":        typeOf("string", ""),
		"conversations":  typeOf("integer", ""),
		"packets":        typeOf("integer", ""),
		"bytes":          typeOf("integer", "On the wire."),
		"mirrored":       typeOf("integer", ""),
		"mirrored_bytes": typeOf("integer", "Without outer headers."),
	}, "address", "conversations", "packets", "bytes", "mirrored", "mirrored_bytes")
}

func rateSchema() object {
	return closedObject("How much reaches the targets in each second.", object{
		"observed_seconds": typeOf("integer", "Seconds in which the capture has a packet with a time."),
		"together":         reference("load"),
		"targets":          listOf("By name.", reference("load")),
	}, "observed_seconds", "together", "targets")
}

func loadSchema() object {
	return closedObject("Copies with all headers from the outer Ethernet header, as they reach an appliance.", object{
		"target":                   typeOf("string", "Left out for all targets together."),
		"copies":                   typeOf("integer", ""),
		"bytes":                    typeOf("integer", "With outer headers. A copy of a packet that the capture has cut counts as it is on the wire."),
		"copies_without_time":      typeOf("integer", "Copies that are in no second."),
		"copies_of_unknown_length": typeOf("integer", "Copies that can be longer than bytes counts, because the capture does not say how long their packets are."),
		"bits_per_second":          reference("figures"),
		"packets_per_second":       reference("figures"),
		"seconds": listOf("The seconds with copies, and of all targets together those with packets.",
			listOf("Seconds since 1970 UTC, then packets and bytes of ingress copies, then packets and bytes of egress copies.", typeOf("integer", ""))),
	}, "copies", "bytes", "copies_without_time", "copies_of_unknown_length", "seconds")
}

func figuresSchema() object {
	return closedObject("Figures over the observed seconds. Left out if they are not known, because no packet has a time.", object{
		"peak":    typeOf("integer", ""),
		"peak_at": typeOf("string", "The first second with the peak. Left out if the peak is 0."),
		"p99":     typeOf("integer", "The 99th percentile, by the nearest rank."),
		"p95":     typeOf("integer", "The 95th percentile."),
		"mean":    typeOf("integer", "Rounded."),
	}, "peak", "p99", "p95", "mean")
}

// verdictsSchema returns the JSON schema of a line that simulate writes with --verdicts.
func verdictsSchema() []byte {
	return published("verdict line", closedObject("A packet and what happens to it.", object{
		"packet":             typeOf("integer", "The number in the run, from 1."),
		"direction":          enumOf("Seen from the interface. Left out if it is not known.", mirror.Directions),
		"outcome":            enumOf("What happens to the packet.", namesOf(dataplane.Outcomes)),
		"session_number":     typeOf("integer", "The session that decides. Left out if there is none."),
		"rule_number":        typeOf("integer", "The rule that decides. Left out if there is none."),
		"reason":             enumOf("Why the packet has its outcome.", namesOf(dataplane.Reasons)),
		"bytes":              typeOf("integer", "Bytes that are copied, from the Ethernet header."),
		"truncated_by":       enumOf("What cut the copy. Left out if it is whole.", namesOf(dataplane.Truncations)),
		"unknown":            listOf("What is not known about the target. The verdict is right if all of it is as it should be.", enumOf("", namesOf(dataplane.Unknowns))),
		"assumption":         typeOf("string", "The number of the assumption that the verdict depends on."),
		"name":               typeOf("string", "Of a packet in words."),
		"time":               typeOf("string", "As in RFC 3339, with nanoseconds. Left out if the packet has none."),
		"interface":          typeOf("string", "The ID of the source. Left out if it is not known."),
		"protocol":           typeOf("string", "The name of the IP protocol, or its number if it has none. Left out if the packet has no readable IP header, as are the addresses."),
		"source":             typeOf("string", "An IPv4 or IPv6 address."),
		"source_port":        typeOf("integer", "Left out if the packet has no ports, or lacks them."),
		"destination":        typeOf("string", "An address of the same family."),
		"destination_port":   typeOf("integer", "As source_port."),
		"length":             typeOf("integer", "Captured bytes, with an Ethernet header."),
		"virtual_network_id": typeOf("integer", "Of the copy. Left out if no session takes the packet."),
		"appliance":          typeOf("string", "The IP address of the appliance behind a load balancer that gets the copy. Left out if there is none, or if it is not known."),
		"community_id":       typeOf("string", "Community ID v1 with the seed 0. Left out if the packet lacks what it is made of."),
		"file":               typeOf("string", "The capture that has the packet, if there are several."),
		"file_packet":        typeOf("integer", "The number of the packet in that capture."),
	}, "packet", "outcome", "reason", "bytes", "length"))
}

func listOf(description string, items object) object {
	return object{"type": "array", "items": items}.set("description", description)
}

func reference(name string) object { return object{"$ref": "#/$defs/" + name} }

// published returns a schema as a text.
func published(title string, schema object) []byte {
	schema["$schema"], schema["title"] = "https://json-schema.org/draft/2020-12/schema", title
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(schema) // nothing in it can fail
	return text.Bytes()
}
