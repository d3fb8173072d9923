package simulation_test

import (
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

func TestPacketInWords(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*simulation.PacketInWords)
		want   string // "": the packet can be built
	}{
		"right":       {func(*simulation.PacketInWords) {}, ""},
		"number":      {func(w *simulation.PacketInWords) { w.Protocol = "6" }, ""},
		"no name":     {func(w *simulation.PacketInWords) { w.Name = "" }, `name is empty. Write a name such as "ssh from the office".`},
		"number name": {func(w *simulation.PacketInWords) { w.Name = "12" }, `name is "12", but a number means a packet of the capture. Write a name such as "ssh from the office".`},
		"zero name":   {func(w *simulation.PacketInWords) { w.Name = "012" }, ""},
		"direction":   {func(w *simulation.PacketInWords) { w.Direction = "in" }, `direction is "in". Write "ingress" or "egress".`},
		"address":     {func(w *simulation.PacketInWords) { w.Source = "web" }, `source is "web", which is not an IP address. Write an address such as "10.0.1.10" or "2001:db8::10".`},
		"families":    {func(w *simulation.PacketInWords) { w.Source = "2001:db8::1" }, `destination is 10.0.1.10, of another address family than source, 2001:db8::1. Write both as IPv4 or both as IPv6.`},
		"port":        {func(w *simulation.PacketInWords) { w.SourcePort = new(int64(65536)) }, `source_port is 65536. Write a whole number from 0 to 65535.`},
		"no port":     {func(w *simulation.PacketInWords) { w.DestinationPort = nil }, `destination_port is missing. Write a port from 0 to 65535: a TCP or UDP packet has both ports.`},
		"length":      {func(w *simulation.PacketInWords) { w.Length = 53 }, `length is 53. Write the length of the frame with its Ethernet header, for this packet from 54 to 65549.`},
	} {
		words := simulation.PacketInWords{
			Name: "tls", Direction: "ingress", Protocol: "tcp", Source: "192.0.2.1", Destination: "10.0.1.10",
			SourcePort: new(int64(1)), DestinationPort: new(int64(443)),
		}
		test.change(&words)
		got := ""
		if problems := words.Check(); problems != nil {
			got = problems.Error()
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// Everything that cannot be read is said at once.
func TestPacketInWords_all(t *testing.T) {
	t.Parallel()
	if problems := (simulation.PacketInWords{Protocol: "tpc"}).Check(); len(problems) != 5 {
		t.Errorf("the problems are %v", problems)
	}
}

func TestCheckAddress(t *testing.T) {
	t.Parallel()
	if problems := simulation.CheckAddress("a", "2001:db8::10"); problems != nil {
		t.Error(problems)
	}
	if problems := simulation.CheckAddress("a", "10.0.0.0/8"); len(problems) != 1 || problems[0].Field != "a" {
		t.Errorf("the problems are %v", problems)
	}
}

// A packet that the interface can neither receive nor send is an error before anything is
// sent.
func TestRun_impossible(t *testing.T) {
	t.Parallel()
	words := simulation.PacketInWords{
		Name: "wrong way", Direction: "ingress", Protocol: "tcp", Source: "10.0.1.10", Destination: "192.0.2.1",
		SourcePort: new(int64(1)), DestinationPort: new(int64(443)),
	}
	sent := &recorder{}
	in := simulation.Input{Capture: newReader(t, fourPackets(t)), Packets: []simulation.PacketInWords{words}}
	_, err := simulation.Run(t.Context(), newSource(t), in, sent)
	const want = `packet "wrong way": source is 10.0.1.10, which is an address of the interface: it cannot receive a packet from itself. ` +
		`Write direction = "egress" if the interface sends the packet, or write the address of the sender as source.`
	if err == nil || err.Error() != want || len(sent.packets) != 0 || sent.closed != 1 {
		t.Errorf("%d packets are sent, and the error is %v", len(sent.packets), err)
	}
}
