//go:build unix

package main

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// onlyOne is the environment of a run that gets one processor.
var onlyOne = []string{"GOMAXPROCS=1"}

// The targets are those of README.md of this folder.
var (
	captureTargets  = map[int]float64{10: 1.8, 100: 3.3, 1000: 25}
	decisionTargets = map[int]float64{10: 1.5, 100: 4.5, 1000: 45}
)

// ruleCounts are those that everybody can be asked for: the parser of libpcap gives
// up before 10,000.
var ruleCounts = []int{10, 100, 1000}

func (b *bench) addContests() error {
	for _, add := range []func() error{b.addCaptures, b.addTruncation, b.addBound, b.addDecisions, b.addSizes, b.addFigures} {
		if err := add(); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) add(c contest) { b.contests = append(b.contests, &c) }

// has reports whether a tool is there, and notes it if it is not.
func (b *bench) has(tool string) bool {
	_, err := exec.LookPath(tool)
	if err != nil {
		b.missing = append(b.missing, tool+" is not installed")
	}
	return err == nil
}

func (b *bench) simulate(config string, environment []string) contender {
	out := b.work.path("simulate.pcap")
	return b.command(out, environment, b.binary, "simulate", "--config", config, "--in", b.work.capture(), "--out", out, "--json")
}

// addCaptures adds the comparisons with tcpdump, from capture to capture.
func (b *bench) addCaptures() error {
	if !b.has("tcpdump") {
		return nil
	}
	for _, n := range ruleCounts {
		config, filter, err := b.work.writeRules(n, 0)
		if err != nil {
			return err
		}
		out := b.work.path("tcpdump.pcap")
		tcpdump := b.command(out, nil, "tcpdump", "-r", b.work.capture(), "-w", out, "-F", filter)
		b.add(contest{
			name: fmt.Sprintf("capture to capture, %d rules", n), names: [2]string{"simulate", "tcpdump"},
			contenders: [2]contender{b.simulate(config, onlyOne), tcpdump}, least: captureTargets[n],
		})
		if n == ruleCounts[0] {
			b.add(contest{
				name: fmt.Sprintf("the same on all processors, wall, %d rules", n), names: [2]string{"simulate", "tcpdump"},
				contenders: [2]contender{b.simulate(config, nil), tcpdump}, wall: true, least: 2.5,
			})
		}
	}
	return nil
}

// addTruncation adds the comparison with editcap, which only truncates.
func (b *bench) addTruncation() error {
	if !b.has("editcap") {
		return nil
	}
	config, _, err := b.work.writeRules(2, 128) // no rule but those that accept everything
	if err != nil {
		return err
	}
	out := b.work.path("editcap.pcap")
	b.add(contest{
		name: "capture to capture, cut to 128 bytes", names: [2]string{"simulate", "editcap"}, least: 2,
		contenders: [2]contender{b.simulate(config, onlyOne), b.command(out, nil, "editcap", "-F", "pcap", "-s", "128", b.work.capture(), out)},
	})
	return nil
}

// addBound adds the comparison with copying the capture, which nobody can be much
// faster than who writes as much.
func (b *bench) addBound() error {
	config, _, err := b.work.writeRules(ruleCounts[0], 0)
	if err != nil || !b.has("cp") {
		return err
	}
	out := b.work.path("cp.pcap")
	b.add(contest{
		name: "capture to capture, 10 rules, against a copy", names: [2]string{"simulate", "cp"}, unlike: true,
		contenders: [2]contender{b.simulate(config, onlyOne), b.command(out, nil, "cp", b.work.capture(), out)},
	})
	return nil
}

// addDecisions adds the comparisons with libpcap in memory.
func (b *bench) addDecisions() error {
	program, err := b.compileOffline()
	if err != nil {
		b.missing = append(b.missing, "libpcap: "+err.Error())
		return nil //nolint:nilerr // what is not installed is left out
	}
	for _, n := range ruleCounts {
		config, filter, err := b.work.writeRules(n, 0)
		if err != nil {
			return err
		}
		ours, err := b.decide(config)
		if err != nil {
			return err
		}
		b.add(contest{
			name: fmt.Sprintf("decode and decide, %d rules", n), names: [2]string{"dataplane", "libpcap"}, least: decisionTargets[n],
			contenders: [2]contender{ours, offline(program, b.work.sample(), filter, 2000/n)},
		})
	}
	return nil
}

// addSizes adds comparisons of the dataplane with itself.
func (b *bench) addSizes() error {
	var decide [2]contender
	for i, n := range []int{10, 10_000} {
		config, _, err := b.work.writeRules(n, 0)
		if err != nil {
			return err
		}
		if decide[i], err = b.decide(config); err != nil {
			return err
		}
	}
	b.add(contest{
		name: "decode and decide, 10,000 rules against 10", names: [2]string{"10", "10,000"}, contenders: decide, most: 5, unlike: true,
	})
	few, err := b.decideInterfaces(1)
	if err != nil {
		return err
	}
	many, err := b.decideInterfaces(manyInterfaces)
	if err != nil {
		return err
	}
	b.add(contest{
		name: "decode and decide, 10,002 sessions against 3", names: [2]string{"3", "10,002"}, contenders: [2]contender{few, many}, most: 2, unlike: true,
	})
	return nil
}

//go:embed libpcap/offline.c
var offlineSource string

// compileOffline compiles the program that asks libpcap in memory. The library is
// enough: its headers are not needed.
func (b *bench) compileOffline() (string, error) {
	source, program := b.work.path("offline.c"), b.work.path("offline")
	if err := os.WriteFile(source, []byte(offlineSource), 0o600); err != nil {
		return "", err
	}
	var said []byte
	var err error
	for _, library := range []string{"-lpcap", "-l:libpcap.so.1", "-l:libpcap.so.0.8"} {
		if said, err = exec.Command("cc", "-O2", "-o", program, source, library).CombinedOutput(); err == nil {
			return program, nil
		}
	}
	line, _, _ := strings.Cut(string(said), "\n")
	return "", fmt.Errorf("a program for it does not compile: %w %s", err, line)
}

func offline(program, sample, filter string, passes int) contender {
	return func(bool) (result, error) {
		said, err := exec.Command(program, sample, filter, fmt.Sprint(passes)).Output()
		if err != nil {
			return result{}, err
		}
		var count int64
		var each float64
		if _, err := fmt.Sscan(string(said), &count, &each); err != nil {
			return result{}, fmt.Errorf("it prints %q: %w", said, err)
		}
		return result{cpu: time.Duration(each * 1e6), count: count, units: 1e6}, nil
	}
}
