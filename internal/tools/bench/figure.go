//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// figure is something that is measured and compared with nothing.
type figure struct {
	name, unit string
	take       func() (float64, error)
	most       float64
	values     []float64
}

func (f *figure) run() error {
	value, err := f.take()
	f.values = append(f.values, value)
	return err
}

func (f *figure) String() string {
	value, missed := median(f.values), ""
	if value > f.most {
		missed = ", missed"
	}
	return fmt.Sprintf("%-46s %10.1f %s  at most %g%s", f.name, value, f.unit, f.most, missed)
}

func (b *bench) addFigures() error {
	config, _, err := b.work.writeRules(ruleCounts[0], 0)
	if err != nil {
		return err
	}
	for _, in := range []string{b.work.tenth(), b.work.capture()} {
		info, err := os.Stat(in)
		if err != nil {
			return err
		}
		b.figures = append(b.figures, &figure{
			name: fmt.Sprintf("memory at its peak, %d MB of capture", info.Size()/1e6), unit: "MiB", most: 64,
			take: func() (float64, error) { return b.peak(config, in) },
		})
	}
	b.figures = append(b.figures, &figure{name: "preparing 10,002 sessions with 100,020 rules", unit: "ms", most: 50, take: b.timeToPrepare})
	return nil
}

// peakArgument is the first argument of a run of this program that only runs
// another, and prints its peak of memory. Linux counts the memory of the process
// that starts another to the other's peak, so that only a small one may.
const peakArgument = "peak-of"

func (b *bench) peak(config, in string) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	out := b.work.path("peak.pcap")
	defer os.Remove(out)
	said, err := exec.Command(self, peakArgument, b.binary, "simulate", "--config", config, "--in", in, "--out", out, "--json").Output()
	if err != nil {
		return 0, err
	}
	bytes, err := strconv.ParseInt(strings.TrimSpace(string(said)), 10, 64)
	return float64(bytes) / (1 << 20), err
}

func printPeak(command []string) error {
	if len(command) == 0 {
		return errors.New(peakArgument + " needs a command")
	}
	cmd := exec.Command(command[0], command[1:]...)
	if err := cmd.Run(); err != nil {
		return err
	}
	fmt.Println(peakOf(cmd.ProcessState.SysUsage()))
	return nil
}

func (b *bench) timeToPrepare() (float64, error) {
	interfaces := sessionsOf(manyInterfaces)
	begun := cpuTime()
	_, err := prepare(interfaces)
	return float64((cpuTime() - begun).Microseconds()) / 1000, err
}
