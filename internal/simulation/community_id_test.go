package simulation_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// flowIDOf returns the flow_id that belongs to a Community ID; nil for "".
func flowIDOf(t *testing.T, communityID string) *int64 {
	t.Helper()
	if communityID == "" {
		return nil
	}
	hash, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(communityID, "1:"))
	if err != nil || len(hash) != 20 {
		t.Fatalf("%q is no Community ID: %v", communityID, err)
	}
	return new(int64(binary.BigEndian.Uint64(hash) >> 16))
}

// communityIDs returns the Community ID of each packet, "" for none.
func communityIDs(t *testing.T, packets []simulation.Packet) []string {
	t.Helper()
	ids := make([]string, len(packets))
	for i, line := range strings.Split(strings.TrimSpace(linesOf(t, newLinesSource(t), simulation.VerdictJSON, packets)), "\n") {
		var fields struct {
			ID string `json:"community_id"`
		}
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatal(err)
		}
		ids[i] = fields.ID
	}
	return ids
}

// The test vectors of the specification, with the seed 0
// (https://github.com/corelight/community-id-spec/tree/master/baseline). The ports of ICMP are the
// type and, of a message with an answer, the type of the answer, otherwise the code.
var communityVectors = []struct {
	protocol    uint8
	from, to    string
	fromPort    uint16
	toPort      uint16
	communityID string
}{
	{58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 135, 136, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
	{58, "fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 136, 135, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
	{58, "fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 135, 136, "1:zavyT/cezQr1fmImYCwYnMXbgck="},
	{58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 136, 135, "1:zavyT/cezQr1fmImYCwYnMXbgck="},
	{58, "3ffe:501:1800:2345::2", "3ffe:507:0:1:200:86ff:fe05:80da", 3, 0, "1:2ObVBgIn28oZvibYZhZMBgh7WdQ="},
	{58, "3ffe:501:410:0:2c0:dfff:fe47:33e", "3ffe:507:0:1:200:86ff:fe05:80da", 1, 4, "1:hLZd0XGWojozrvxqE0dWB1iM6R0="},
	{58, "3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:501:0:1001::2", 128, 129, "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg="},
	{58, "3ffe:501:0:1001::2", "3ffe:507:0:1:200:86ff:fe05:80da", 129, 128, "1:+TW+HtLHvV1xnGhV1lv7XoJrqQg="},
	{58, "fe80::200:86ff:fe05:80da", "ff02::2", 133, 134, "1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0="},
	{58, "fe80::260:97ff:fe07:69ea", "ff02::1", 134, 133, "1:pkvHqCL88/tg1k4cPigmZXUtL00="},
	{1, "192.168.0.89", "192.168.0.1", 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
	{1, "192.168.0.1", "192.168.0.89", 0, 8, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
	{1, "10.0.0.1", "10.0.0.2", 11, 0, "1:YHxtAirCG//0OzkcVAukqKQN9xM="},
	{1, "10.0.0.2", "10.0.0.1", 11, 0, "1:c5iqfdGYsNWhMJVcYXWPNWbpnKs="}, // not of the specification: a message without an answer keeps its order
	{6, "2001:470:e5bf:dead:4957:2174:e82c:4887", "2607:f8b0:400c:c03::1a", 63943, 25, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
	{6, "2607:f8b0:400c:c03::1a", "2001:470:e5bf:dead:4957:2174:e82c:4887", 25, 63943, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
	{132, "192.168.170.8", "192.168.170.56", 7, 7, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="},
	{132, "192.168.170.56", "192.168.170.8", 7, 7, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="},
	{6, "128.232.110.120", "66.35.250.204", 34855, 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
	{6, "66.35.250.204", "128.232.110.120", 80, 34855, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
	{17, "192.168.1.52", "8.8.8.8", 54585, 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
	{17, "8.8.8.8", "192.168.1.52", 53, 54585, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
	{46, "10.1.12.1", "10.1.12.2", 0, 0, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw="},
	{46, "10.1.12.2", "10.1.12.1", 0, 0, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw="},
}

func TestCommunityID(t *testing.T) {
	t.Parallel()
	var packets []simulation.Packet
	for _, v := range communityVectors {
		spec := packet.Spec{Protocol: v.protocol, Source: netip.MustParseAddr(v.from), Destination: netip.MustParseAddr(v.to), Length: 100}
		if v.protocol == packet.ProtocolTCP || v.protocol == packet.ProtocolUDP {
			spec.SourcePort, spec.DestinationPort = &v.fromPort, &v.toPort
		}
		frame, err := packet.Build(spec)
		if err != nil {
			t.Fatal(err)
		}
		var p simulation.Packet
		p.Decoded.Decode(frame, packet.LinkEthernet)
		switch message := frame[p.Decoded.TransportOffset:]; v.protocol {
		case 132:
			binary.BigEndian.PutUint16(message, v.fromPort)
			binary.BigEndian.PutUint16(message[2:], v.toPort)
		case packet.ProtocolICMP, packet.ProtocolICMPv6:
			message[0], message[1] = byte(v.fromPort), 0
			if v.fromPort < 8 {
				message[1] = byte(v.toPort)
			}
		}
		packets = append(packets, p)
	}
	for i, id := range communityIDs(t, packets) {
		if v := communityVectors[i]; id != v.communityID {
			t.Errorf("%+v: the Community ID is %s", v, id)
		}
	}
}

// A packet that lacks the ports of its flow has no Community ID: a later fragment, one that is cut
// off, and one that is not IP.
func TestCommunityID_none(t *testing.T) {
	t.Parallel()
	fragment, err := packet.Build(packet.Spec{Protocol: packet.ProtocolUDP, Source: peer, Destination: own, Length: 100, LaterFragment: true})
	if err != nil {
		t.Fatal(err)
	}
	sctp, err := packet.Build(packet.Spec{Protocol: 132, Source: peer, Destination: own, Length: 100})
	if err != nil {
		t.Fatal(err)
	}
	icmp, err := packet.Build(packet.Spec{Protocol: 1, Source: peer, Destination: own, Length: 100})
	if err != nil {
		t.Fatal(err)
	}
	later := map[uint8][]byte{}
	for _, protocol := range []uint8{132, 1} {
		if later[protocol], err = packet.Build(packet.Spec{Protocol: protocol, Source: peer, Destination: own, Length: 100, LaterFragment: true}); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range map[string][]byte{
		"a later fragment of SCTP": later[132], "a later fragment of ICMP": later[1],
		"a later fragment": fragment, "SCTP without ports": sctp[:37], "ICMP without a code": icmp[:35], "TCP without ports": frame(t, 443, 100)[:37], "no IP": make([]byte, 60),
	} {
		var p simulation.Packet
		p.Decoded.Decode(data, packet.LinkEthernet)
		if id := communityIDs(t, []simulation.Packet{p})[0]; id != "" {
			t.Errorf("%s: the Community ID is %s", name, id)
		}
	}
}

// tshark has the same Community IDs for the packets of the captures.
func TestCommunityID_tshark(t *testing.T) {
	t.Parallel()
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("needs tshark")
	}
	paths, err := filepath.Glob(filepath.Join("..", "dataplane", "testdata", "*.inner.pcap"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("there is no capture: %v", err)
	}
	compared := 0
	for _, path := range append(paths, realCaptures(t)...) {
		compared += compareCommunityIDs(t, tshark, path)
	}
	if compared < 30 {
		t.Errorf("only %d packets were compared", compared)
	}
}

// isTrue reports whether a field is set. tshark reads a fragment when it has all of them.
func isTrue(field string) bool { return field == "1" || field == "True" }

// compareCommunityIDs compares the packets of a capture. tshark also counts blocks that are no
// packets: it calls them data.
func compareCommunityIDs(t *testing.T, tshark, path string) (compared int) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), tshark, "-r", path, "--enable-protocol", "communityid", "-T", "fields", "-Y", `frame.protocols != "data"`, "-e", "communityid", "-e", "ip.version", "-e", "ipv6.version", "-e", "ip.flags.mf").Output()
	if err != nil {
		t.Logf("%s: tshark does not read it", path)
		return 0
	}
	want := strings.Split(string(out), "\n")
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader, err := capture.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var packets []simulation.Packet
	for {
		var record capture.Record
		if err := reader.Next(&record); errors.Is(err, io.EOF) || err != nil {
			break
		}
		var p simulation.Packet
		record.Data = append([]byte{}, record.Data...)
		record.Decode(&p.Decoded)
		packets = append(packets, p)
	}
	if packets == nil {
		return 0
	}
	for i, id := range communityIDs(t, packets) {
		fields := strings.Split(want[i], "\t")
		versions := strings.Trim(fields[1]+","+fields[2], ",")
		switch {
		case id == "" || fields[0] == "" || len(versions) != 1 || isTrue(fields[3]): // tshark takes the innermost addresses of a tunnel, and those of an ICMP error
		case id != fields[0]:
			t.Errorf("%s: packet %d has %s, and tshark says %s", path, i+1, id, fields[0])
		default:
			compared++
		}
	}
	return compared
}
