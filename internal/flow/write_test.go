package flow_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/flow"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// some returns flows with conversations of several kinds.
func some(t testing.TB) *flow.Flows {
	t.Helper()
	peer := netip.MustParseAddr("192.0.2.1")
	second := int64(1_700_000_000e9)
	fragment := packet.Spec{Protocol: packet.ProtocolUDP, Source: peer, Destination: own, Length: 100, LaterFragment: true}
	ping := record(t, 0, packet.Spec{Protocol: packet.ProtocolICMP, Source: peer, Destination: own, Length: 98})
	ping.Data[14+20+5] = 7
	cut := record(t, second, tcp(peer, own, 50000, 443, 80))
	cut.Data = cut.Data[:36]
	arp := append(packet.EthernetHeader{EtherType: packet.EtherTypeARP}.Append(nil), make([]byte, 46)...)
	return tableOf(t, newSource(t), []capture.Record{
		record(t, second+1, tcp(peer, own, 50000, 443, 500)), record(t, second+2, tcp(own, peer, 443, 50000, 60)), record(t, second+3, fragment), ping, cut,
		{Data: arp, Wire: 60, Link: packet.LinkEthernet, Nanoseconds: second}, record(t, second+1e9, tcp(peer, netip.MustParseAddr("10.0.9.9"), 1, 2, 100)),
	}).Flows()
}

const someText = `eni-0123456789abcdef0: 7 packets, 998 bytes on the wire, in 4 conversations, from 2023-11-14T22:13:20.000000000Z to 2023-11-14T22:13:21.000000000Z (1s).
1 packet mirrored, 128 bytes copied. 1 copy cut, 0 copies lost.
The capture has cut packets: it has 954 bytes of 998 bytes. Bytes copied are those of the capture. Cut copies and rates count packets as they were on the wire.

Marks:
Conversations  Mark           Meaning
            1  one_way        The capture has packets of one direction only.
            1  half_mirrored  Packets of one direction are mirrored, and none of the other.
            1  copied_cut     Copies are shorter than their packets.

Conversations, those with the most bytes first:
Protocol  Local                Remote               Way  Packets  Bytes  Mirrored  Bytes copied  Cut  Lost  Decided by                       Marks
tcp       10.0.1.10:443        192.0.2.1:50000      in         1    500         1           128    1     0  session 1 rule 100 rule_accepts  half_mirrored copied_cut
                                                    out        1     60         0             0    0     0  no_rule
udp       10.0.1.10 fragments  192.0.2.1 fragments  in         1    100         0             0    0     0  no_rule
icmp      10.0.1.10 echo 7     192.0.2.1 echo 7     in         1     98         0             0    0     0  no_rule                          one_way
tcp       10.0.1.10 cut off    192.0.2.1 cut off    in         1     80         0             0    0     0  cut_off

Counted apart:
Packets  Bytes  What                             Where                              Decided by
      1     60  no readable IP header            in no conversation                 arp
      1    100  direction unknown or impossible  in no conversation                 direction_unknown
      1    100  later fragments, without ports   in conversations by address        no_rule
      1     80  ports cut off by the capture     in conversations by address        cut_off
      1     98  no time                          in conversations, not in the rate  no_rule

Local addresses with the most bytes:
Address    Conversations  Packets  Bytes  Mirrored  Bytes copied
10.0.1.10              4        5    838         1           128

Remote addresses with the most bytes:
Address    Conversations  Packets  Bytes  Mirrored  Bytes copied
192.0.2.1              4        5    838         1           128

What reaches the targets, with outer headers, over 2 seconds with packets:
Target                                        Copies  Bytes  Peak Mbit/s  at                     99 %   95 %   Mean
network-interface 10.0.2.21                        0      0        0.000  -                     0.000  0.000  0.000
network-load-balancer 2001:db8::5                  0      0        0.000  -                     0.000  0.000  0.000
target of session 4 of eni-0123456789abcdef0       0      0        0.000  -                     0.000  0.000  0.000
tmt-0123456789abcdef0                              1    178        0.002  2023-11-14T22:13:20Z  0.002  0.002  0.001
all together                                       1    178        0.002  2023-11-14T22:13:20Z  0.002  0.002  0.001

Target                                        Peak packets/s  at                    99 %  95 %  Mean
network-interface 10.0.2.21                                0  -                        0     0     0
network-load-balancer 2001:db8::5                          0  -                        0     0     0
target of session 4 of eni-0123456789abcdef0               0  -                        0     0     0
tmt-0123456789abcdef0                                      1  2023-11-14T22:13:20Z     1     1     1
all together                                               1  2023-11-14T22:13:20Z     1     1     1

Not known of targets:
Session  Target                                        Not known
      1  tmt-0123456789abcdef0                         target_mtu
      2  network-load-balancer 2001:db8::5             udp_listener, appliances
      3  network-interface 10.0.2.21                   target_mtu
      4  target of session 4 of eni-0123456789abcdef0  appliances, address
`

func TestFlows_WriteText(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := some(t).WriteText(&b); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != someText {
		t.Errorf("the text differs: %s", difference(got, someText))
	}
	if err := some(t).WriteText(failingWriter{}); !errors.Is(err, errFull) {
		t.Errorf("the error is %v", err)
	}
}

// The CSV has a line for each conversation, with the numbers of the table.
func TestFlows_WriteCSV(t *testing.T) {
	t.Parallel()
	f := some(t)
	var b bytes.Buffer
	if err := f.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Count(b.String(), "\r\n") != strings.Count(b.String(), "\n") {
		t.Error("a line does not end as RFC 4180 says")
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(lines) != 1+len(f.Conversations) {
		t.Fatalf("there are %d lines: %v", len(lines), err)
	}
	for i, line := range lines[1:] {
		fields := map[string]string{}
		for column, name := range lines[0] {
			fields[name] = line[column]
		}
		c := f.Conversations[i]
		port := strconv.Itoa(int(c.LocalPort))
		if c.Ports == flow.LaterFragments || c.Ports == flow.PortsCutOff {
			port = ""
		}
		want := map[string]string{
			"interface": c.Interface, "protocol": c.Protocol.String(), "ports": string(c.Ports), "local_address": "10.0.1.10", "local_port": port,
			"in_bytes": strconv.FormatInt(c.In.Bytes, 10), "in_captured_bytes": strconv.FormatInt(c.In.CapturedBytes, 10), "in_mirrored": strconv.FormatInt(c.In.Mirrored, 10),
			"out_packets": strconv.FormatInt(c.Out.Packets, 10), "in_truncated": strconv.FormatInt(c.In.Truncated, 10),
		}
		for name, value := range want {
			if fields[name] != value {
				t.Errorf("line %d: %s is %q, want %q", i+1, name, fields[name], value)
			}
		}
	}
	tls := strings.Join(lines[3], "|")
	const want = "eni-0123456789abcdef0|tcp|ports|10.0.1.10|443|192.0.2.1|50000|2023-11-14T22:13:20.000000001Z|2023-11-14T22:13:20.000000002Z|half_mirrored copied_cut|" +
		"1|500|500|1|128|0|1|0|session 1 rule 100 rule_accepts 1|1|60|60|0|0|0|0|0|no_rule 1"
	if tls != want {
		t.Errorf("got  %s\nwant %s", tls, want)
	}
	if err := f.WriteCSV(failingWriter{}); !errors.Is(err, errFull) {
		t.Errorf("the error is %v", err)
	}
}

func TestFlows_WriteJSON_fails(t *testing.T) {
	t.Parallel()
	if err := some(t).WriteJSON(failingWriter{}); !errors.Is(err, errFull) {
		t.Errorf("the error is %v", err)
	}
}

// What was changed by hand is refused, with the place.
func TestParse_refuses(t *testing.T) {
	t.Parallel()
	good := jsonOf(t, some(t))
	for _, c := range []struct{ old, new, want string }{
		{`"version":1`, `"version":2`, "the flow table has version 2, and this program reads version 1. Use the program that wrote it, or write it again"},
		{`"version":1,`, ``, `it begins with "incomplete", and a flow table begins with "version"`},
		{`"incomplete":false,`, ``, `"incomplete" is missing`},
		{`"incomplete":false`, `"complete":true`, `"complete" is no part of it`},
		{`"incomplete":false`, `"version":1`, `"version" occurs twice`},
		{`"protocol":"icmp"`, `"protocol":"icpm"`, `protocol is "icpm"`},
		{`"protocol":"icmp"`, `"protocol":"250"`, "conversations[1] is not in order"},
		{`"local":"10.0.1.10"`, `"local":"2001:db8::1"`, "should be two of one family"},
		{`"ports":"echo_identifier"`, `"ports":"echo"`, `its ports are "echo"`},
		{`"reason":"rule_accepts"`, `"reason":"luck"`, `has the outcome "mirrored" and the reason "luck"`},
		{`"packets":1,"bytes":500`, `"packets":1,"bytes":501`, "it was changed or cut"},
		{`"bytes":500`, `"bytes":-500`, "the number -500 is not from 0 to 2^53"},
		{`"bytes":500`, `"bytes":9007199254740993`, "the number 9007199254740993 is not from 0 to 2^53"},
		{`"bytes":500`, `"bytes":1e2`, "cannot unmarshal number 1e2"},
		{`"sources":["eni-0123456789abcdef0"]`, `"sources":["eni-1"]`, `is of interface "eni-0123456789abcdef0", which is not among the sources`},
		{`"seconds":[[1700000000,`, `"seconds":[[1700000009,`, "are not in order"},
		{`"unwrap":false`, `"wrap":false`, `"wrap" is no part of it`},
		{`"rate":{`, `"rate":{"x":1,`, `unknown field "x"`},
		{"\n}\n", "\n}\n{}", "there is more after it"},
		{"\n}\n", "", "unexpected EOF"},
		{good, "[]", `there is [ in place of "{"`},
		{good, "", "unexpected EOF"},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if text == good {
			t.Fatalf("%q is not in %s", c.old, good)
		}
		if _, err := flow.Parse(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q in place of %q: the error is %v, want %q", c.new, c.old, err, c.want)
		}
	}
}

// What Parse accepts, it writes again in the same way.
func FuzzParse(f *testing.F) {
	f.Add(jsonOf(f, some(f)))
	f.Add(jsonOf(f, tableOf(f, newSource(f), nil).Flows()))
	f.Add(jsonOf(f, tableOf(f, newSource(f), randomRecords(f, rand.New(rand.NewPCG(1, 2)), 30)).Flows()))
	f.Add(`{"version":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		flows, err := flow.Parse(strings.NewReader(text))
		if err != nil {
			return
		}
		first := jsonOf(t, flows)
		if second := jsonOf(t, parse(t, first)); first != second || !json.Valid([]byte(first)) {
			t.Errorf("written once\n%s\nwritten twice\n%s", first, second)
		}
		for _, write := range []func() error{func() error { return flows.WriteText(&bytes.Buffer{}) }, func() error { return flows.WriteCSV(&bytes.Buffer{}) }} {
			if err := write(); err != nil {
				t.Error(err)
			}
		}
	})
}

// Tables of other rules, other targets and other versions are not added up.
func TestFlows_Merge_refuses(t *testing.T) {
	t.Parallel()
	f := some(t)
	before := jsonOf(t, f)
	other := session(1, mirror.Endpoint{Type: mirror.NetworkInterface}, rule(mirror.Ingress, 100, mirror.Accept, mirror.TCP, 80, 80))
	source, err := dataplane.New(mirror.Interface{ID: "eni-0123456789abcdef0", PrivateIPAddress: own, IPv6Addresses: []netip.Addr{own6}}, []dataplane.Session{other}, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	renamed := some(t)
	renamed.Sessions[0].Target = "tmt-0fedcba9876543210"
	for _, c := range []struct {
		other *flow.Flows
		want  string
	}{
		{flow.NewTable(source).Flows(), `the flow tables of interface "eni-0123456789abcdef0" do not fit: it has none as packet length in place of 128 in session 1. Write both with the same configuration, and with an id of its own for each interface`},
		{renamed, `the flow tables of interface "eni-0123456789abcdef0" do not fit: it knows the targets of sessions by other names or lengths. Write both with the same configuration, and with an id of its own for each interface`},
		{&flow.Flows{Version: 3}, "the flow table has version 3, and this program reads version 1. Use the program that wrote it, or write it again"},
	} {
		if err := f.Merge(c.other); err == nil || err.Error() != c.want {
			t.Errorf("the error is %v, want %s", err, c.want)
		}
		if jsonOf(t, f) != before {
			t.Error("a merge that fails changes the flows")
		}
	}
}

// Interfaces stay apart, and addresses of remote hosts are added up over them.
func TestFlows_Merge_unwrapped(t *testing.T) {
	t.Parallel()
	f, unwrapped, sum := some(t), some(t), flow.Flows{}
	unwrapped.Unwrap = true
	before := jsonOf(t, f)
	if err := f.Merge(unwrapped); err == nil || !strings.Contains(err.Error(), "one flow table was made with --unwrap") || jsonOf(t, f) != before {
		t.Errorf("the error is %v", err)
	}
	if err := sum.Merge(unwrapped); err != nil || !parse(t, jsonOf(t, &sum)).Unwrap {
		t.Errorf("an empty table and one of --unwrap: %v", err)
	}
}

// A rate that is not that of the conversations is refused.
func TestParse_rate(t *testing.T) {
	t.Parallel()
	good := jsonOf(t, tableOf(t, newSource(t), randomRecords(t, rand.New(rand.NewPCG(1, 2)), 300)).Flows())
	at := slices.IndexFunc(parse(t, good).Rate.Targets, func(l flow.Load) bool { return len(l.Seconds) > 1 })
	for want, change := range map[string]func(*flow.Flows){
		"copies, and it has":   func(f *flow.Flows) { f.Rate.Targets[at].Seconds[0].InPackets++ },
		"bytes, and it has":    func(f *flow.Flows) { f.Rate.Targets[at].Seconds[0].InBytes += f.Rate.Targets[at].Bytes },
		"packets are mirrored": func(f *flow.Flows) { f.Rate.Targets[at].Copies++; f.Rate.Targets[at].Seconds[0].InPackets++ },
		"and the rate has not": func(f *flow.Flows) { f.Sessions[0].Target = "nowhere" },
		"without a time are mirrored:": func(f *flow.Flows) {
			f.Rate.Targets[at].Untimed++
			if s := &f.Rate.Targets[at].Seconds[0]; s.InPackets > 0 {
				s.InPackets--
			} else {
				s.OutPackets--
			}
		},
	} {
		f := parse(t, good)
		change(f)
		if _, err := flow.Parse(strings.NewReader(jsonOf(t, f))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
	f := parse(t, good)
	f.Rate.Targets[at].Seconds = f.Rate.Targets[at].Seconds[:1]
	if _, err := flow.Parse(strings.NewReader(jsonOf(t, f))); err == nil || !strings.Contains(err.Error(), "the flow table contradicts itself") {
		t.Errorf("seconds are missing: %v", err)
	}
}

func TestFlows_Merge_twoInterfaces(t *testing.T) {
	t.Parallel()
	f := some(t)
	second, err := dataplane.New(mirror.Interface{ID: "eni-00000000000000002", PrivateIPAddress: own}, []dataplane.Session{
		session(1, mirror.Endpoint{Type: mirror.NetworkInterface}, rule(mirror.Ingress, 100, mirror.Accept, mirror.TCP, 0, 65535)),
	}, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	peer := netip.MustParseAddr("192.0.2.1")
	other := tableOf(t, second, []capture.Record{record(t, 1_700_000_000e9, tcp(peer, own, 50000, 443, 400))}).Flows()
	if err := f.Merge(other); err != nil {
		t.Fatal(err)
	}
	if len(f.Sources) != 2 || len(f.Conversations) != 5 || len(f.Top.Local) != 2 || len(f.Top.Remote) != 1 || f.Top.Remote[0].Bytes != 838+400 {
		t.Errorf("the sum is %s", jsonOf(t, f))
	}
	if got := f.Rate.Together.Seconds[0]; got.InPackets != 2 || got.InBytes != 178+450 {
		t.Errorf("the second is %+v", got)
	}
	if got := jsonOf(t, parse(t, jsonOf(t, f))); got != jsonOf(t, f) {
		t.Error("it is not read back")
	}
	var b bytes.Buffer
	if err := f.WriteText(&b); err != nil || !strings.Contains(b.String(), "eni-00000000000000002  tcp ") || !strings.Contains(b.String(), "target of session 1 of eni-00000000000000002") {
		t.Errorf("the text is %s, %v", &b, err)
	}
}

// A number that does not fit into JSON is refused, and not written wrong.
func TestFlows_Merge_tooLarge(t *testing.T) {
	t.Parallel()
	large := parse(t, strings.NewReplacer(`"bytes":500,`, `"bytes":9007199254740000,`, `"bytes":998,`, `"bytes":9007199254740498,`).Replace(jsonOf(t, some(t))))
	if err := large.Merge(large); err == nil || !strings.Contains(err.Error(), "above 2^53") {
		t.Errorf("the error is %v", err)
	}
}

// An incomplete run stays incomplete in the sum.
func TestFlows_Merge_incomplete(t *testing.T) {
	t.Parallel()
	sum, part := some(t), some(t)
	part.Incomplete = true
	if err := sum.Merge(part); err != nil || !sum.Incomplete {
		t.Errorf("incomplete is %t, %v", sum.Incomplete, err)
	}
	var b bytes.Buffer
	if err := sum.WriteText(&b); err != nil || !strings.Contains(b.String(), "Incomplete: a run ended before its capture did.") {
		t.Errorf("the text is %s, %v", &b, err)
	}
}

// BenchmarkTable compares a run with a flow table with one without it.
func BenchmarkTable(b *testing.B) {
	source := newSource(b)
	peer := netip.MustParseAddr("192.0.2.1")
	list := make([]capture.Record, 10_000)
	for i := range list {
		list[i] = record(b, 1_700_000_000e9+int64(i)*1e6, tcp(peer, own, uint16(i%1000), 443, 500))
		if i%2 == 1 {
			list[i] = record(b, 1_700_000_000e9+int64(i)*1e6, tcp(own, peer, 443, uint16(i%1000), 500))
		}
	}
	for name, sinks := range map[string]func() []simulation.Sink{
		"without": func() []simulation.Sink { return nil },
		"with":    func() []simulation.Sink { return []simulation.Sink{flow.NewTable(source)} },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				in := records(list)
				if _, err := simulation.Run(b.Context(), source, simulation.Input{Capture: &in}, sinks()...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(list)), "ns/packet")
		})
	}
}
