package cli_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

const doubted = `{"interface": {"private_ip_address": "10.0.1.10"RESOLVERS}, "sessions": [{"session_number": 1, "target": {"type": "network-interface"},
	"filter": {"egress_rules": {"100": {"rule_action": "accept", "protocol": 17, "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0"}}}}]}`

// A run warns if the configuration does not fit the capture: other addresses, or resolvers that
// are not known.
func TestSimulate_doubts(t *testing.T) {
	t.Parallel()
	dns, foreign := "10.0.1.10:50000 > 10.0.0.2:53", "10.7.7.7:50000 > 10.8.8.8:80"
	const unknownResolver = "Warning: mirror.json: rules decided about 1 packet of DNS to or from a private address"
	for name, c := range map[string]struct {
		resolvers string
		packets   []string
		want      string // "": no warning
	}{
		"DNS":               {packets: []string{dns}, want: unknownResolver},
		"known resolver":    {resolvers: `, "dns_resolver_addresses": ["10.0.0.2"]`, packets: []string{dns}},
		"no resolver":       {resolvers: `, "dns_resolver_addresses": []`, packets: []string{dns}},
		"public server":     {packets: []string{"10.0.1.10:50000 > 8.8.8.8:53"}},
		"own server":        {packets: []string{"10.0.1.10:53 > 192.0.2.1:50000"}},
		"foreign":           {packets: []string{foreign, foreign, "10.0.1.10:1 > 192.0.2.1:2"}, want: "Warning: mirror.json: 2 of 3 packets are neither from nor to the addresses of the interface"},
		"some are foreign":  {packets: []string{foreign, "10.0.1.10:1 > 192.0.2.1:2"}},
		"several, in parts": {packets: []string{dns, dns}, want: "rules decided about 4 packets of DNS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			config, in := filepath.Join(dir, "mirror.json"), filepath.Join(dir, "in.pcap")
			if err := os.WriteFile(config, []byte(strings.Replace(doubted, "RESOLVERS", c.resolvers, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			writeUDP(t, in, c.packets)
			args := []string{"simulate", "--config", config, "--in", in}
			if strings.Contains(name, "parts") {
				again := filepath.Join(dir, "again.pcap")
				writeUDP(t, again, c.packets)
				args = append(args, "--in", again)
			}
			status, _, stderr := run(t, args...)
			stderr = strings.ReplaceAll(stderr, config, "mirror.json")
			if status != 0 || !strings.Contains(stderr, c.want) || c.want == "" && stderr != "" {
				t.Errorf("status %d, it says %q, want %q", status, stderr, c.want)
			}
		})
	}
}

// writeUDP writes a capture of UDP packets such as "10.0.1.10:1 > 192.0.2.1:2".
func writeUDP(t *testing.T, path string, packets []string) {
	t.Helper()
	var frames [][]byte
	for _, text := range packets {
		from, to, _ := strings.Cut(text, " > ")
		source, destination := netip.MustParseAddrPort(from), netip.MustParseAddrPort(to)
		frame, err := packet.Build(packet.Spec{
			Source: source.Addr(), Destination: destination.Addr(), Protocol: packet.ProtocolUDP,
			SourcePort: new(source.Port()), DestinationPort: new(destination.Port()), Length: 100,
		})
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, frame)
	}
	if err := os.WriteFile(path, captureOf(t, frames...), 0o600); err != nil {
		t.Fatal(err)
	}
}
