package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// benchmarkFiles are captures of packets of 100 bytes.
func benchmarkFiles() map[string][]byte {
	const packets = 20_000
	payload := string(make([]byte, 100))
	payloads := make([]string, packets)
	f := ng(binary.LittleEndian).section().describe(1, 0)
	for i := range payloads {
		payloads[i] = payload
		f.enhanced(0, uint64(i), payload, f.option(2, 1, 0, 0, 0)...)
	}
	return map[string][]byte{"pcap": pcapFile(binary.LittleEndian, 0xa1b2c3d4, payloads...), "pcapng": f.b}
}

func BenchmarkReader(b *testing.B) {
	for name, file := range benchmarkFiles() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if _, err := readThrough(file, func(*capture.Record) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// readThrough reads a file and counts its records.
func readThrough(file []byte, each func(*capture.Record) error) (n int64, err error) {
	r, err := capture.NewReader(bytes.NewReader(file))
	var rec capture.Record
	for err == nil {
		if err = r.Next(&rec); err == nil {
			n, err = rec.Number, each(&rec)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

func BenchmarkWriter(b *testing.B) {
	data := make([]byte, 100)
	for _, format := range []string{"pcap", "pcapng"} {
		b.Run(format, func(b *testing.B) {
			w := capture.NewWriter(discard{}, packet.LinkEthernet)
			if format == "pcapng" {
				w = capture.NewPcapngWriter(discard{}, packet.LinkEthernet)
			}
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if err := w.Write(1_700_000_000_000_000_000, data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
