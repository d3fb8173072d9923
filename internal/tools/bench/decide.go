//go:build unix

package main

import (
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"runtime"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// decidePasses is how often the packets in memory are gone through, so that a run
// takes some tenths of a second.
const decidePasses = 20

// decide holds packets in memory against the sessions of a mirror.json.
func (b *bench) decide(config string) (contender, error) {
	text, err := os.ReadFile(config)
	if err != nil {
		return nil, err
	}
	m, err := topology.ParseMirror(text)
	if err != nil {
		return nil, err
	}
	source, err := dataplane.New(m.Interface, []dataplane.Session{dataplane.Session(m.Sessions[0])}, dataplane.Options{})
	if err != nil {
		return nil, err
	}
	return b.decideBy([]*dataplane.Source{source})
}

// decideBy holds packets in memory against sources, to which they are dealt out as
// they would come from many interfaces: in no order.
func (b *bench) decideBy(sources []*dataplane.Source) (contender, error) {
	frames, err := readFrames(b.work.sample())
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(4, 4))
	dealt := make([]int32, len(frames))
	for i := range dealt {
		dealt[i] = int32(r.IntN(len(sources)))
	}
	return func(bool) (result, error) {
		runtime.GC() // not while the time is taken
		begun, count := cpuTime(), int64(0)
		for range decidePasses {
			count += pass(frames, sources, dealt)
		}
		return result{cpu: cpuTime() - begun, count: count / decidePasses, units: decidePasses * len(frames)}, nil
	}, nil
}

func pass(frames [][]byte, sources []*dataplane.Source, dealt []int32) (mirrored int64) {
	var p packet.Packet
	for i, frame := range frames {
		p.Decode(frame, packet.LinkEthernet)
		if v := sources[dealt[i]].Process(&p, mirror.Ingress); v.Outcome == dataplane.Mirrored {
			mirrored++
		}
	}
	return mirrored
}

// readFrames returns the packets of a capture one behind the other, as they are for
// libpcap.
func readFrames(name string) ([][]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	reader, err := capture.NewReader(file)
	if err != nil {
		return nil, err
	}
	var frames [][]byte
	arena := make([]byte, 0, info.Size())
	var record capture.Record
	for err = reader.Next(&record); err == nil; err = reader.Next(&record) {
		arena = append(arena, record.Data...)
		frames = append(frames, arena[len(arena)-len(record.Data):])
	}
	if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return frames, nil
}

// Many interfaces have three sessions each, the most that AWS allows, with ten
// rules each: 10,002 sessions with 100,020 rules.
const (
	manyInterfaces       = 3334
	sessionsPerInterface = 3
	rulesPerSession      = 10
)

// decideInterfaces holds packets against the sessions of n interfaces.
func (b *bench) decideInterfaces(n int) (contender, error) {
	sources, err := prepare(sessionsOf(n))
	if err != nil {
		return nil, err
	}
	return b.decideBy(sources)
}

// sessionsOf returns the sessions of n interfaces.
func sessionsOf(n int) [][]dataplane.Session {
	rules := rejects(n * sessionsPerInterface * rulesPerSession)
	interfaces := make([][]dataplane.Session, n)
	for i := range interfaces {
		for number := range sessionsPerInterface {
			interfaces[i] = append(interfaces[i], dataplane.Session{
				Session: mirror.Session{Number: number + 1},
				Target:  mirror.Endpoint{Type: mirror.NetworkInterface, Address: netip.MustParseAddr("10.0.2.20")},
				Filter:  mirror.Filter{Rules: nouns(rules[:rulesPerSession])},
			})
			rules = rules[rulesPerSession:]
		}
	}
	return interfaces
}

func prepare(interfaces [][]dataplane.Session) ([]*dataplane.Source, error) {
	sources := make([]*dataplane.Source, len(interfaces))
	for i, sessions := range interfaces {
		var err error
		if sources[i], err = dataplane.New(mirror.Interface{PrivateIPAddress: own4}, sessions, dataplane.Options{}); err != nil {
			return nil, err
		}
	}
	return sources, nil
}

func nouns(rules []rule) []mirror.Rule {
	list := make([]mirror.Rule, len(rules))
	for i, r := range rules {
		protocol := mirror.TCP
		if r.protocol == "udp" {
			protocol = mirror.UDP
		}
		list[i] = mirror.Rule{
			Direction: mirror.Ingress, Number: i + 1, Action: mirror.Accept, Protocol: &protocol, SourceCIDR: r.source,
			DestinationCIDR: netip.MustParsePrefix(everything(r.source)), DestinationPorts: &mirror.PortRange{From: r.from, To: r.to},
		}
	}
	return list
}
