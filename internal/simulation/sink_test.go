package simulation_test

import (
	"bytes"
	"encoding/json"
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

// A line is what encoding/json makes of the verdict.
func TestVerdictLines(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	lines := simulation.NewVerdictLines(&file)
	for i, v := range []dataplane.Verdict{
		{Outcome: dataplane.NoMatch, Reason: dataplane.LinkTypeUnread},
		{
			Outcome: dataplane.Mirrored, Direction: mirror.Egress, SessionNumber: 32766, RuleNumber: 1, Reason: dataplane.RuleAccepts,
			Bytes: 65499, TruncatedBy: dataplane.ByUDPDatagram, Assumption: 107,
		},
		{Outcome: dataplane.Mirrored, Unknown: 1<<dataplane.UDPListener | 1<<dataplane.Appliances, Reason: dataplane.RuleAccepts},
		{Outcome: dataplane.Mirrored, Unknown: 1 << dataplane.TargetMTU, Reason: dataplane.RuleAccepts, Assumption: 104},
	} {
		file.Reset()
		number := int64(i + 7)
		if err := errors.Join(lines.Take(&simulation.Packet{Number: number, Verdict: v}), lines.Close()); err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(struct {
			Packet int64 `json:"packet"`
			dataplane.Verdict
		}{number, v})
		if err != nil {
			t.Fatal(err)
		}
		var a, b map[string]any
		if json.Unmarshal(file.Bytes(), &a) != nil || json.Unmarshal(want, &b) != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("got %swant %s", &file, want)
		}
	}
}

func TestVerdictLines_run(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	runFour(t, newSource(t), simulation.NewVerdictLines(&file))
	const want = `{"packet":1,"direction":"ingress","outcome":"mirrored","session_number":1,"rule_number":100,"reason":"rule_accepts","bytes":128,"truncated_by":"packet_length","unknown":["target_mtu"]}
{"packet":2,"direction":"ingress","outcome":"rejected","session_number":2,"rule_number":50,"reason":"rule_rejects","bytes":0}
{"packet":3,"direction":"ingress","outcome":"mirrored","session_number":2,"rule_number":60,"reason":"rule_accepts","bytes":200,"unknown":["udp_listener"]}
{"packet":4,"direction":"ingress","outcome":"mirrored","session_number":1,"rule_number":100,"reason":"rule_accepts","bytes":100,"unknown":["target_mtu"]}
`
	if got := file.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestKeptVerdicts(t *testing.T) {
	t.Parallel()
	kept := simulation.NewKeptVerdicts(1, "3", "4000", "ssh", "04")
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
			SessionNumber: new(int64(2)), RuleNumber: new(int64(60)), Bytes: 200, Unknown: []string{"udp_listener"},
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
	kept := simulation.NewKeptVerdicts(0, strconv.Itoa(9))
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
