package simulation

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// A line of verdicts is what encoding/json makes of the verdict.
func TestAppendVerdict(t *testing.T) {
	t.Parallel()
	for _, v := range []dataplane.Verdict{
		{Outcome: dataplane.NoMatch, Reason: dataplane.LinkTypeUnread},
		{
			Outcome: dataplane.Mirrored, Direction: mirror.Egress, SessionNumber: 32766, RuleNumber: 1, Reason: dataplane.RuleAccepts,
			Bytes: 65499, TruncatedBy: dataplane.ByUDPDatagram, Assumption: 107,
		},
	} {
		want, err := json.Marshal(struct {
			Packet int64 `json:"packet"`
			dataplane.Verdict
		}{7, v})
		if err != nil {
			t.Fatal(err)
		}
		got := appendVerdict(nil, 7, v)
		var a, b map[string]any
		if json.Unmarshal(got, &a) != nil || json.Unmarshal(want, &b) != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
}

// Twice as many packets take no more allocations.
func TestSimulation_allocatesNothingPerPacket(t *testing.T) {
	m, err := topology.ParseMirror([]byte(topology.MirrorExample))
	if err != nil {
		t.Fatal(err)
	}
	source, err := dataplane.New(m.Interface, []dataplane.Session{dataplane.Session(m.Sessions[0])}, dataplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	frame, err := source.Build(packet.Spec{
		Protocol: packet.ProtocolTCP, Source: m.Sessions[0].Target.Address, Destination: m.Interface.PrivateIPAddress,
		SourcePort: new(uint16(50000)), DestinationPort: new(uint16(443)), Length: 200,
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	few, many := allocations(t, source, frame, 1000), allocations(t, source, frame, 20_000)
	if many > few+5 { // a goroutine may wait in a channel now and then
		t.Errorf("1,000 packets take %v allocations, 20,000 packets %v", few, many)
	}
}

func allocations(t *testing.T, source *dataplane.Source, frame []byte, packets int) float64 {
	t.Helper()
	var file bytes.Buffer
	w := capture.NewWriter(&file, packet.LinkEthernet)
	for range packets {
		if err := w.Write(0, frame); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	encapsulator, err := source.Encapsulator()
	if err != nil {
		t.Fatal(err)
	}
	return testing.AllocsPerRun(3, func() {
		s := Simulation{Source: source, Tally: source.NewTally(), Encapsulator: encapsulator, Progress: func(int64) {}}
		s.WriteCopies(io.Discard)
		s.WriteVerdicts(io.Discard)
		reader, err := capture.NewReader(bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Run(t.Context(), reader); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
