package cli_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// mirrorJSON has two sessions: TLS goes to an interface, cut to 128 bytes, and all
// other TCP but SSH to a load balancer.
const mirrorJSON = `{
  "interface": { "mac_address": "02:00:00:00:00:01", "private_ip_address": "10.0.1.10" },
  "sessions": [
    { "session_number": 1, "packet_length": 128, "virtual_network_id": 7,
      "target": { "type": "network-interface", "ip_address": "10.0.2.20" },
      "filter": { "ingress_rules": { "100": {
        "rule_action": "accept", "protocol": "tcp", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0",
        "destination_port_range": { "from_port": 443, "to_port": 443 } } } } },
    { "session_number": 2,
      "target": { "type": "network-load-balancer", "ip_address": "10.0.2.5", "appliances": [{ "ip_address": "10.0.3.1" }, { "ip_address": "10.0.3.2" }] },
      "filter": { "ingress_rules": {
        "50": { "rule_action": "reject", "protocol": "tcp", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0",
          "destination_port_range": { "from_port": 22, "to_port": 22 } },
        "60": { "rule_action": "accept", "protocol": 6, "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0" } } } }
  ]
}`

// simulateCase is a folder with a mirror.json and a capture.
type simulateCase struct{ folder string }

func newSimulateCase(t *testing.T) simulateCase {
	t.Helper()
	c := simulateCase{t.TempDir()}
	c.write(t, "mirror.json", []byte(mirrorJSON))
	c.write(t, "in.pcap", captureOf(t, frame(t, 443, 500), frame(t, 22, 100), frame(t, 80, 200), frame(t, 443, 100)))
	return c
}

func (c simulateCase) path(name string) string { return filepath.Join(c.folder, name) }

func (c simulateCase) write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(c.path(name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (c simulateCase) read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(c.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// run simulates the capture, with more arguments.
func (c simulateCase) run(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return run(t, append([]string{"simulate", "--config", c.path("mirror.json"), "--in", c.path("in.pcap")}, args...)...)
}

// succeed is run, and fails the test if the command fails.
func (c simulateCase) succeed(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	status, stdout, stderr := c.run(t, args...)
	if status != 0 || stderr != "" {
		t.Fatalf("%q ends with %d: %s", args, status, stderr)
	}
	return stdout
}

// frame is a TCP packet that the interface receives.
func frame(t *testing.T, port uint16, length int) []byte {
	t.Helper()
	frame, err := packet.Build(packet.Spec{
		Protocol: packet.ProtocolTCP, Source: netip.MustParseAddr("192.0.2.1"), Destination: netip.MustParseAddr("10.0.1.10"),
		SourcePort: new(uint16(50000)), DestinationPort: &port, Length: length, DestinationMAC: [6]byte{0x02, 0, 0, 0, 0, 0x01},
	})
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

func captureOf(t *testing.T, frames ...[]byte) []byte {
	t.Helper()
	var file bytes.Buffer
	w := capture.NewWriter(&file, packet.LinkEthernet)
	for i, f := range frames {
		if err := w.Write(int64(i+1)*1e9, f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// framesOf returns the lengths and the destinations of the packets in a capture.
func framesOf(t *testing.T, file []byte) (lengths []int, to []string) {
	t.Helper()
	r, err := capture.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var record capture.Record
	var p packet.Packet
	for err = r.Next(&record); err == nil; err = r.Next(&record) {
		record.Decode(&p)
		lengths, to = append(lengths, len(record.Data)), append(to, p.DestinationAddr().String())
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return lengths, to
}

func TestSimulate_table(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	want := c.path("in.pcap") + `: 4 packets, 900 bytes; mirrored 3 packets, 428 bytes copied.

Session  VNI  Packets  Bytes copied
      1    7        2           228
      2    2        1           200

Session  Direction  Rule  Hits  Packets  Bytes copied
      1  ingress     100     2        2           228
      2  ingress      50     1        1             0
      2  ingress      60     1        1           200

Shorter than the packet:
Packets  Why            Meaning
      1  packet_length  The copy is cut to the session's packet length, which for a Network Load Balancer is 8500 when it is not set.

Not known of the target:
Packets  What          Meaning
      1  udp_listener  It is not known whether the load balancer listens on UDP port 4789; the verdict assumes that it does.

Not mirrored:
Packets  Why           Meaning
      1  rule_rejects  The rule is the first of its session that matches the packet, and it rejects; no later session accepts the packet.
`
	if got := c.succeed(t); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSimulate_json(t *testing.T) {
	t.Parallel()
	var got struct {
		Packets, Mirrored int64
		NotMirrored       map[string]int64 `json:"not_mirrored"`
		Unknown           map[string]int64
		Rules             []struct {
			RuleNumber *int `json:"rule_number"`
			Hits       int64
			Packets    int64
		}
		CloudWatch map[string]int64
	}
	text := newSimulateCase(t).succeed(t, "--json")
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got.Packets != 4 || got.Mirrored != 3 || got.NotMirrored["rule_rejects"] != 1 || *got.Rules[0].RuleNumber != 100 ||
		got.Rules[0].Packets != 2 || got.Rules[1].Hits != 1 || got.Unknown["udp_listener"] != 1 || len(got.Unknown) != 1 || got.CloudWatch["NetworkMirrorIn"] != 428 {
		t.Errorf("the summary is\n%s", text)
	}
}

func TestSimulate_out(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	c.write(t, "mirrored.pcap", bytes.Repeat([]byte("longer than what replaces it"), 1000))
	c.succeed(t, "--out", c.path("mirrored.pcap"))
	lengths, to := framesOf(t, c.read(t, "mirrored.pcap"))
	if len(lengths) != 3 || lengths[0] != 50+128 || lengths[1] != 50+200 || lengths[2] != 50+100 || to[0] != "10.0.2.20" || to[1] != "10.0.2.5" {
		t.Errorf("copies of %d bytes to %s", lengths, to)
	}
}

// Each appliance has a file, also an appliance that gets no packet.
func TestSimulate_applianceOut(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	c.succeed(t, "--appliance-out", c.path("received/by"))
	count := 0
	for _, appliance := range []string{"10.0.2.20", "10.0.3.1", "10.0.3.2"} {
		lengths, to := framesOf(t, c.read(t, filepath.Join("received/by", appliance+".pcap")))
		count += len(lengths)
		if len(to) > 0 && to[0] != appliance {
			t.Errorf("the file of %s has a packet to %s", appliance, to[0])
		}
	}
	if count != 3 {
		t.Errorf("the appliances get %d packets", count)
	}
}

func TestSimulate_verdicts(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	c.succeed(t, "--verdicts", c.path("verdicts.jsonl"))
	const want = `{"packet":1,"direction":"ingress","outcome":"mirrored","session_number":1,"rule_number":100,"reason":"rule_accepts","bytes":128,"truncated_by":"packet_length","time":"1970-01-01T00:00:01.000000000Z","protocol":"tcp","source":"192.0.2.1","source_port":50000,"destination":"10.0.1.10","destination_port":443,"length":500,"virtual_network_id":7,"community_id":"1:m2Ed5sqnBnui8SVQigsdQ2hE2Rs="}
{"packet":2,"direction":"ingress","outcome":"rejected","session_number":2,"rule_number":50,"reason":"rule_rejects","bytes":0,"time":"1970-01-01T00:00:02.000000000Z","protocol":"tcp","source":"192.0.2.1","source_port":50000,"destination":"10.0.1.10","destination_port":22,"length":100,"community_id":"1:plzwr2H1JtxbehXOpp0dCy9oZ5o="}
{"packet":3,"direction":"ingress","outcome":"mirrored","session_number":2,"rule_number":60,"reason":"rule_accepts","bytes":200,"unknown":["udp_listener"],"time":"1970-01-01T00:00:03.000000000Z","protocol":"tcp","source":"192.0.2.1","source_port":50000,"destination":"10.0.1.10","destination_port":80,"length":200,"virtual_network_id":2,"appliance":"10.0.3.1","community_id":"1:2Xka0AAWS671KqDSG99HlivnYQo="}
{"packet":4,"direction":"ingress","outcome":"mirrored","session_number":1,"rule_number":100,"reason":"rule_accepts","bytes":100,"time":"1970-01-01T00:00:04.000000000Z","protocol":"tcp","source":"192.0.2.1","source_port":50000,"destination":"10.0.1.10","destination_port":443,"length":100,"virtual_network_id":7,"community_id":"1:m2Ed5sqnBnui8SVQigsdQ2hE2Rs="}
`
	if got := string(c.read(t, "verdicts.jsonl")); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Copies whose addresses are not known are left out, and the others are written.
func TestSimulate_leftOut(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	for name, change := range map[string]struct{ old, now, warning string }{
		"target": {
			`, "ip_address": "10.0.2.20"`, ``,
			"Warning: --out lacks 2 copies of session 1, because the IP address of its target is not known.\n" +
				"Warning: --appliance-out lacks 2 copies of session 1, because the IP address of its target is not known.\n",
		},
		"appliances": {
			`, "appliances": [{ "ip_address": "10.0.3.1" }, { "ip_address": "10.0.3.2" }]`, ``,
			"Warning: --appliance-out lacks 1 copy of session 2, because the address of the appliance that gets them is not known, or is of another address family.\n",
		},
	} {
		c.write(t, "mirror.json", []byte(strings.Replace(mirrorJSON, change.old, change.now, 1)))
		status, _, stderr := c.run(t, "--out", c.path("out.pcap"), "--appliance-out", c.path(name))
		if status != 0 || stderr != change.warning {
			t.Errorf("%s: ends with %d: %s", name, status, stderr)
		}
	}
	c.write(t, "mirror.json", []byte(strings.Replace(mirrorJSON, `, "ip_address": "10.0.2.20"`, "", 1)))
	c.run(t, "--out", c.path("out.pcap"))
	if lengths, to := framesOf(t, c.read(t, "out.pcap")); len(lengths) != 1 || to[0] != "10.0.2.5" {
		t.Errorf("copies of %d bytes to %s", lengths, to)
	}
}

// The direction in mirror.json overrides the direction of each packet. The interface cannot
// have sent packets of others, unless EC2 does not check it.
func TestSimulate_direction(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	c.write(t, "mirror.json", []byte(strings.Replace(mirrorJSON, "{", `{ "direction": "egress",`, 1)))
	if got := c.succeed(t); !strings.Contains(got, "      4  impossible_direction") {
		t.Errorf("got\n%s", got)
	}
	c.write(t, "mirror.json", []byte(strings.Replace(mirrorJSON, `{
  "interface": {`, `{ "direction": "egress", "interface": { "source_dest_check": false,`, 1)))
	if got := c.succeed(t); !strings.Contains(got, "      4  no_rule") {
		t.Errorf("got\n%s", got)
	}
}

// With a result on standard output, the summary goes to standard error.
func TestSimulate_standard(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(c.read(t, "in.pcap")); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := runWith(t, packed.String(), "simulate", "--config", c.path("mirror.json"), "--in", "-", "--out", "-")
	if status != 0 || !strings.HasPrefix(stderr, "standard input: 4 packets") {
		t.Fatalf("ends with %d: %s", status, stderr)
	}
	if lengths, _ := framesOf(t, []byte(stdout)); len(lengths) != 3 {
		t.Errorf("%d copies", len(lengths))
	}
	status, stdout, stderr = runWith(t, mirrorJSON, "simulate", "--config", "-", "--in", c.path("in.pcap"), "--verdicts", "-")
	if status != 0 || strings.Count(stdout, "\n") != 4 || !strings.Contains(stderr, "4 packets") {
		t.Errorf("ends with %d: %s\n%s", status, stdout, stderr)
	}
}

// The packets before the damage are written and counted.
func TestSimulate_damaged(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	whole := c.read(t, "in.pcap")
	c.write(t, "in.pcap", whole[:len(whole)-10])
	status, stdout, stderr := c.run(t, "--out", c.path("out.pcap"), "--verdicts", c.path("verdicts.jsonl"))
	if status != 1 || stderr != "Error: "+c.path("in.pcap")+": record 4 of the capture, at byte 872: the file ends here\n" {
		t.Errorf("ends with %d: %s", status, stderr)
	}
	if !strings.Contains(stdout, ": 3 packets, 800 bytes") {
		t.Errorf("the summary is\n%s", stdout)
	}
	if lengths, _ := framesOf(t, c.read(t, "out.pcap")); len(lengths) != 2 {
		t.Errorf("%d copies are written", len(lengths))
	}
	if n := bytes.Count(c.read(t, "verdicts.jsonl"), []byte("\n")); n != 3 {
		t.Errorf("%d verdicts are written", n)
	}
}

func TestSimulate_warns(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	c.write(t, "mirror.json", []byte(strings.Replace(mirrorJSON, `"packet_length": 128`, `"packet_length": 20`, 1)))
	status, _, stderr := c.run(t)
	if status != 0 || !strings.HasPrefix(stderr, "Warning: "+c.path("mirror.json")+": sessions[0].packet_length is 20, which is too short") {
		t.Errorf("ends with %d: %s", status, stderr)
	}
}

func TestSimulate_schema(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := run(t, "simulate", "--schema")
	if status != 0 || !json.Valid([]byte(stdout)) || !strings.Contains(stdout, "patternProperties") {
		t.Errorf("ends with %d: %s%s", status, stdout, stderr)
	}
}

func TestSimulate_refuses(t *testing.T) {
	t.Parallel()
	c := newSimulateCase(t)
	config, in := c.path("mirror.json"), c.path("in.pcap")
	c.write(t, "wrong.json", []byte(strings.Replace(mirrorJSON, `"tcp"`, `"tpc"`, 1)))
	c.write(t, "mtu.json", []byte(strings.Replace(mirrorJSON, `"network-interface",`, `"network-interface", "mtu": 9,`, 1)))
	c.write(t, "silent.json", []byte(strings.Replace(mirrorJSON, `, "private_ip_address": "10.0.1.10"`, ``, 1)))
	c.write(t, "text.pcap", []byte("no capture"))
	if err := os.Symlink(in, c.path("link.pcap")); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(in, c.path("10.0.3.1.pcap")); err != nil {
		t.Fatal(err)
	}
	before := c.read(t, "in.pcap")
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"nothing":           {nil, "at least one of the flags in the group [config plan state schema expect-schema flows-schema verdicts-schema] is required"},
		"no input":          {[]string{"--config", config}, "there is nothing to simulate. Write --in, or --expect with packets in it"},
		"missing config":    {[]string{"--config", c.path("none"), "--in", in}, "--config: open " + c.path("none") + ": no such file"},
		"missing input":     {[]string{"--config", config, "--in", c.path("none")}, "--in: open " + c.path("none") + ": no such file"},
		"folder":            {[]string{"--config", config, "--in", c.folder}, "--in: " + c.folder + " is a folder"},
		"two inputs":        {[]string{"--config", "-", "--in", "-"}, "cannot both be standard input"},
		"two outputs":       {[]string{"--config", config, "--in", in, "--out", "-", "--verdicts", "-"}, "cannot both be standard output"},
		"value":             {[]string{"--config", c.path("wrong.json"), "--in", in}, c.path("wrong.json") + `: sessions[0].filter.ingress_rules["100"].protocol is "tpc"`},
		"value of a target": {[]string{"--config", c.path("mtu.json"), "--in", in}, c.path("mtu.json") + `: sessions[0].target.mtu is 9. Write the MTU`},
		"no address":        {[]string{"--config", c.path("silent.json"), "--in", in, "--out", c.path("new")}, "copies cannot be written: interface.private_ip_address is missing. Write the IPv4 address"},
		"no capture":        {[]string{"--config", config, "--in", c.path("text.pcap"), "--out", c.path("new")}, "the capture's header, at byte 0: begins with 6e 6f 20 63"},
		"allowance":         {[]string{"--config", config, "--in", in, "--encapsulation-allowance", "52"}, "encapsulation_allowance is 52. Write 54 or 50."},
		"input":             {[]string{"--config", config, "--in", in, "--out", in}, "--out " + in + " would overwrite --in " + in},
		"link":              {[]string{"--config", config, "--in", in, "--verdicts", c.path("link.pcap")}, "they are the same file"},
		"hard link":         {[]string{"--config", config, "--in", in, "--appliance-out", c.folder}, "--appliance-out " + c.path("10.0.3.1.pcap") + " would overwrite"},
		"config":            {[]string{"--config", config, "--in", in, "--out", config}, "would overwrite --config"},
		"output":            {[]string{"--config", config, "--in", in, "--out", c.path("x"), "--verdicts", c.path("x")}, "would overwrite --verdicts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, _, stderr := run(t, append([]string{"simulate"}, test.args...)...)
			if status != 1 || !strings.HasPrefix(stderr, "Error: ") || !strings.Contains(stderr, test.want) {
				t.Errorf("ends with %d: %s\nwant %s", status, stderr, test.want)
			}
		})
	}
	t.Cleanup(func() {
		if !bytes.Equal(before, c.read(t, "in.pcap")) || string(c.read(t, "mirror.json")) != mirrorJSON {
			t.Error("an input was overwritten")
		}
		if _, err := os.Stat(c.path("new")); err == nil {
			t.Error("an output was made before the inputs were read")
		}
	})
}
