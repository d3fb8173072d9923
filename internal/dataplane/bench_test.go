package dataplane_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
)

// benchmarkRules are rules for single services. The last rule accepts everything.
func benchmarkRules(n int) []mirror.Rule {
	r := rand.New(rand.NewPCG(1, 1))
	rules := make([]mirror.Rule, 0, n)
	for i := range n - 1 {
		network := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(r.IntN(256)), byte(r.IntN(256)), 0}), 16+r.IntN(9)).Masked()
		port := 1 + r.IntN(40000)
		rule := reject(ingress, i+1, network.String(), any4, protocol(mirror.TCP), to(port, port+r.IntN(100)))
		if i%3 == 0 {
			rule.Protocol = new(mirror.Protocol)
			*rule.Protocol = mirror.UDP
		}
		rules = append(rules, rule)
	}
	return append(rules, accept(ingress, n, any4, any4))
}

// benchmarkFrames are packets of many flows. Most match only the last rule.
func benchmarkFrames(b *testing.B, s *dataplane.Source) [][]byte {
	b.Helper()
	r := rand.New(rand.NewPCG(2, 2))
	frames := make([][]byte, 4096)
	for i := range frames {
		from := netip.AddrFrom4([4]byte{10, byte(r.IntN(256)), byte(r.IntN(256)), byte(r.IntN(256))})
		spec := tcp(from, own, uint16(1024+r.IntN(60000)), uint16(r.IntN(65536)))
		if r.IntN(3) == 0 {
			spec.Protocol = 17
		}
		spec.Length = 60 + r.IntN(1100)
		frames[i] = decode(b, s, spec).Data
	}
	return frames
}

var benchmarkSizes = []int{10, 100, 1000, 10000}

// BenchmarkProcess decodes and decides, and makes no copies.
func BenchmarkProcess(b *testing.B) {
	for _, n := range benchmarkSizes {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			s := newSource(b, session(1, benchmarkRules(n)...))
			frames := benchmarkFrames(b, s)
			var p packet.Packet
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				p.Decode(frames[i%len(frames)], packet.LinkEthernet)
				s.Process(&p, ingress)
			}
		})
	}
}

// BenchmarkMirror does everything for a packet, without reading and writing
// files.
func BenchmarkMirror(b *testing.B) {
	for _, n := range benchmarkSizes[:2] {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			s := newSource(b, session(1, benchmarkRules(n)...))
			e, tally, frames := newEncapsulator(b, s), s.NewTally(), benchmarkFrames(b, s)
			out := make([]byte, 0, 4096)
			var p packet.Packet
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				p.Decode(frames[i%len(frames)], packet.LinkEthernet)
				v := tally.Process(&p, "")
				out = e.Append(out[:0], &p, v)
			}
		})
	}
}

// BenchmarkCapture mirrors a capture file into another one, both in memory.
func BenchmarkCapture(b *testing.B) {
	for _, n := range benchmarkSizes {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			s := newSource(b, session(1, benchmarkRules(n)...))
			var file bytes.Buffer
			w := capture.NewWriter(&file, packet.LinkEthernet)
			frames := benchmarkFrames(b, s)
			for i, frame := range frames {
				if err := w.Write(int64(i), frame); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.Flush(); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(file.Len()))
			for b.Loop() {
				mirrorFile(b, s, file.Bytes())
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(frames)), "ns/packet")
		})
	}
}

func mirrorFile(b *testing.B, s *dataplane.Source, file []byte) {
	b.Helper()
	e, tally := newEncapsulator(b, s), s.NewTally()
	r, err := capture.NewReader(bytes.NewReader(file))
	if err != nil {
		b.Fatal(err)
	}
	w := capture.NewWriter(io.Discard, packet.LinkEthernet)
	var record capture.Record
	var p packet.Packet
	for err = r.Next(&record); err == nil; err = r.Next(&record) {
		record.Decode(&p)
		v := tally.Process(&p, "")
		if v.Outcome != dataplane.Mirrored {
			continue
		}
		if err := w.WriteFunc(record.Nanoseconds, func(out []byte) []byte { return e.Append(out, &p, v) }); err != nil {
			b.Fatal(err)
		}
	}
	if !errors.Is(err, io.EOF) {
		b.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkNew prepares as many sessions as an account may have, with ten rules
// each.
func BenchmarkNew(b *testing.B) {
	var sessions []dataplane.Session
	for n := range 3 {
		sessions = append(sessions, session(n+1, benchmarkRules(10)...))
	}
	b.ReportAllocs()
	for b.Loop() {
		newSource(b, sessions...)
	}
}
