package simulation_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

// runFour sends four packets into a sink.
func runFour(t *testing.T, source *dataplane.Source, sink simulation.Sink) {
	t.Helper()
	if _, err := simulation.Run(t.Context(), source, simulation.Input{Capture: newReader(t, fourPackets(t))}, sink); err != nil {
		t.Fatal(err)
	}
}

// contents words each packet of a capture file: its second, its length and where it goes.
func contents(t *testing.T, file []byte) []string {
	t.Helper()
	var all []string
	var record capture.Record
	var p packet.Packet
	r := newReader(t, file)
	err := r.Next(&record)
	for ; err == nil; err = r.Next(&record) {
		record.Decode(&p)
		all = append(all, fmt.Sprintf("%d: %d > %s", record.Nanoseconds/1e9, len(record.Data), p.DestinationAddr()))
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return all
}

func TestCopies(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	source := newSource(t)
	runFour(t, source, simulation.NewCopies(&file, capture.Pcap, newEncapsulator(t, source)))
	want := []string{"1: 178 > 10.0.2.20", "3: 250 > 10.0.2.5", "4: 150 > 10.0.2.20"}
	if got := contents(t, file.Bytes()); !slices.Equal(got, want) {
		t.Errorf("the copies are %q", got)
	}
}

// Each appliance has a file, also one that gets nothing.
func TestApplianceCopies(t *testing.T) {
	t.Parallel()
	source := newSource(t)
	files := map[string]*bytes.Buffer{}
	sink, err := simulation.NewApplianceCopies(capture.Pcap, newEncapsulator(t, source), func(a netip.Addr) (io.Writer, error) {
		files[a.String()] = &bytes.Buffer{}
		return files[a.String()], nil
	})
	if err != nil {
		t.Fatal(err)
	}
	runFour(t, source, sink)
	if names := slices.Sorted(maps.Keys(files)); !slices.Equal(names, []string{"10.0.2.20", "10.0.3.1", "10.0.3.2"}) {
		t.Fatalf("there are files for %q", names)
	}
	if got := contents(t, files["10.0.2.20"].Bytes()); !slices.Equal(got, []string{"1: 178 > 10.0.2.20", "4: 150 > 10.0.2.20"}) {
		t.Errorf("the interface gets %q", got)
	}
	first, second := contents(t, files["10.0.3.1"].Bytes()), contents(t, files["10.0.3.2"].Bytes())
	if got := slices.Concat(first, second); len(got) != 1 || got[0] != "3: 250 > 10.0.3.1" && got[0] != "3: 250 > 10.0.3.2" {
		t.Errorf("the appliances get %q and %q", first, second)
	}
}

func TestApplianceCopies_cannotCreate(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	_, err := simulation.NewApplianceCopies(capture.Pcap, newEncapsulator(t, newSource(t)), func(netip.Addr) (io.Writer, error) { return nil, full })
	if !errors.Is(err, full) {
		t.Errorf("the error is %v", err)
	}
}

func TestVerdictLines_run(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	source := newSource(t)
	runFour(t, source, simulation.NewVerdictLines(&file, source, simulation.VerdictJSON))
	const want = `{"packet":1,"direction":"ingress","outcome":"mirrored","session_number":1,"rule_number":100,"reason":"rule_accepts","bytes":128,"truncated_by":"packet_length","unknown":["target_mtu"],"time":"1970-01-01T00:00:01.000000000Z","protocol":"tcp","source":"192.0.2.1","source_port":50000,"destination":"10.0.1.10","destination_port":443,"length":500,"virtual_network_id":7,"community_id":"1:m2Ed5sqnBnui8SVQigsdQ2hE2Rs="}
{"packet":2,"direction":"ingress","outcome":"rejected","session_number":2,"rule_number":50,"reason":"rule_rejects","bytes":0,"time":"1970-01-01T00:00:02.000000000Z","protocol":"tcp","source":"192.0.2.1","source_port":50000,"destination":"10.0.1.10","destination_port":22,"length":100,"community_id":"1:plzwr2H1JtxbehXOpp0dCy9oZ5o="}
{"packet":3,"direction":"ingress","outcome":"mirrored","session_number":2,"rule_number":60,"reason":"rule_accepts","bytes":200,"unknown":["udp_listener"],"time":"1970-01-01T00:00:03.000000000Z","protocol":"tcp","source":"192.0.2.1","source_port":50000,"destination":"10.0.1.10","destination_port":80,"length":200,"virtual_network_id":2,"appliance":"10.0.3.1","community_id":"1:2Xka0AAWS671KqDSG99HlivnYQo="}
{"packet":4,"direction":"ingress","outcome":"mirrored","session_number":1,"rule_number":100,"reason":"rule_accepts","bytes":100,"unknown":["target_mtu"],"time":"1970-01-01T00:00:04.000000000Z","protocol":"tcp","source":"192.0.2.1","source_port":50000,"destination":"10.0.1.10","destination_port":443,"length":100,"virtual_network_id":7,"community_id":"1:m2Ed5sqnBnui8SVQigsdQ2hE2Rs="}
`
	if got := file.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestKeptVerdicts(t *testing.T) {
	t.Parallel()
	kept := simulation.NewKeptVerdicts(newSource(t), 1, "3", "4000", "ssh", "04")
	in := simulation.Input{
		Capture: newReader(t, fourPackets(t)),
		Packets: []simulation.PacketInWords{{
			Name: "web", Direction: "egress", Protocol: "tcp", Source: "10.0.1.10", Destination: "192.0.2.1",
			SourcePort: new(int64(80)), DestinationPort: new(int64(50000)),
		}},
	}
	if _, err := simulation.Run(t.Context(), newSource(t), in, kept); err != nil {
		t.Fatal(err)
	}
	want := map[string]simulation.PacketVerdict{
		"1": {
			Packet: "tcp 192.0.2.1:50000 > 10.0.1.10:443, 500 bytes", Direction: "ingress", Mirrored: true, Outcome: "mirrored", Reason: "rule_accepts",
			Protocol: "tcp", Source: "192.0.2.1", SourcePort: new(int64(50000)), Destination: "10.0.1.10", DestinationPort: new(int64(443)), Length: 500,
			SessionNumber: new(int64(1)), RuleNumber: new(int64(100)), Bytes: 128, TruncatedBy: "packet_length", Unknown: []string{"target_mtu"},
		},
		"3": {
			Packet: "tcp 192.0.2.1:50000 > 10.0.1.10:80, 200 bytes", Direction: "ingress", Mirrored: true, Outcome: "mirrored", Reason: "rule_accepts",
			Protocol: "tcp", Source: "192.0.2.1", SourcePort: new(int64(50000)), Destination: "10.0.1.10", DestinationPort: new(int64(80)), Length: 200,
			SessionNumber: new(int64(2)), RuleNumber: new(int64(60)), Bytes: 200, Unknown: []string{"udp_listener"}, Appliance: "10.0.3.1",
		},
		"web": {
			Packet: "tcp 10.0.1.10:80 > 192.0.2.1:50000, 54 bytes", Direction: "egress", Outcome: "no_match", Reason: "no_rule",
			Protocol: "tcp", Source: "10.0.1.10", SourcePort: new(int64(80)), Destination: "192.0.2.1", DestinationPort: new(int64(50000)), Length: 54,
		},
	}
	if !reflect.DeepEqual(kept.ByName, want) {
		t.Errorf("got  %+v\nwant %+v", kept.ByName, want)
	}
}

// A verdict that rests on an assumption keeps its number.
func TestKeptVerdicts_assumption(t *testing.T) {
	t.Parallel()
	kept := simulation.NewKeptVerdicts(nil, 0, strconv.Itoa(9))
	p := simulation.Packet{Number: 9, Verdict: dataplane.Verdict{Outcome: dataplane.Mirrored, Reason: dataplane.RuleAccepts, Assumption: 100}}
	if err := kept.Take(&p); err != nil || kept.ByName["9"].Assumption != "A0100" {
		t.Errorf("kept is %+v, %v", kept.ByName, err)
	}
}

// The name of a file is allowed everywhere.
func TestApplianceName(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{"10.0.3.1": "10.0.3.1", "2001:db8::1": "2001-db8--1"} {
		if got := simulation.ApplianceName(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is in %s, not in %s", address, got, want)
		}
	}
}

// The copies of a flow go to one appliance, and those of many flows to all.
func TestKeptVerdicts_appliances(t *testing.T) {
	t.Parallel()
	appliances := []netip.Addr{netip.MustParseAddr("10.0.2.30"), netip.MustParseAddr("10.0.2.31")}
	source, err := dataplane.New(mirror.Interface{PrivateIPAddress: own}, []dataplane.Session{
		session(1, mirror.Endpoint{Type: mirror.NetworkLoadBalancer, Appliances: appliances}, rule(100, mirror.Accept, 443, 443)),
	}, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	in := simulation.Input{}
	for i := range 20 {
		in.Packets = append(in.Packets, simulation.PacketInWords{
			Name: fmt.Sprint("packet ", i), Direction: "ingress", Protocol: "tcp", Source: "192.0.2.1", Destination: own.String(),
			SourcePort: new(int64(50000 + i/2)), DestinationPort: new(int64(443 + i/18)),
		})
	}
	kept := simulation.NewKeptVerdicts(source, 0)
	summary, err := simulation.Run(t.Context(), source, in, kept)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := kept.ByAppliance[appliances[0]], kept.ByAppliance[appliances[1]]; len(kept.ByAppliance) != 2 || a == 0 || b == 0 || a+b != summary.Mirrored || summary.Mirrored != 18 {
		t.Errorf("copies by appliance: %v of %d", kept.ByAppliance, summary.Mirrored)
	}
	for i := 0; i < 20; i += 2 {
		a, b := kept.ByName[fmt.Sprint("packet ", i)], kept.ByName[fmt.Sprint("packet ", i+1)]
		if a.Appliance != b.Appliance || (a.Appliance == "") == a.Mirrored {
			t.Errorf("the packets of flow %d go to %q and %q", i/2, a.Appliance, b.Appliance)
		}
	}
}
