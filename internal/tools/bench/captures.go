//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

// capturesArgument is the first argument of a run that measures many captures.
const capturesArgument = "captures"

// manyCaptures is one run of simulate over many files, against a process for each file.
type manyCaptures struct {
	work           workload
	binary         string
	names          []string
	config, filter string
	atOnce         int // processes
}

// measureCaptures compares one run over many captures with a process of tcpdump for each capture,
// and with a run for each capture whose results are merged.
func measureCaptures(args []string) error {
	flags := flag.NewFlagSet(capturesArgument, flag.ContinueOnError)
	binary := flags.String("binary", "bin/terraform-provider-trafficmirror", "the provider to measure")
	files := flags.Int("files", 20, "number of captures")
	megabytes := flags.Int("megabytes", 2000, "size of all captures together, in MB")
	rounds := flags.Int("rounds", 3, "how often everything is measured; the table shows medians")
	folder := flags.String("folder", "", "where the captures are made, and removed at the end (unset: in the folder of temporary files)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	parent, err := os.MkdirTemp(*folder, "trafficmirror-captures-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(parent)
	const bytesPerPacket = 627 + 16
	m := manyCaptures{work: workload{parent, *megabytes * 1e6 / *files / bytesPerPacket}, binary: *binary, atOnce: runtime.NumCPU()}
	if err := m.build(*files); err != nil {
		return err
	}
	return m.measure(*rounds)
}

// build makes the captures, in parallel.
func (m *manyCaptures) build(files int) (err error) {
	if m.config, m.filter, err = m.work.writeRules(ruleCounts[0], 0); err != nil {
		return err
	}
	for i := range files {
		m.names = append(m.names, m.work.path(fmt.Sprintf("%04d.pcap", i)))
	}
	return m.each(func(i int) error {
		return m.work.buildCapture(m.names[i], m.work.packets, uint64(i))
	})
}

// each calls work for each file, some at once.
func (m *manyCaptures) each(work func(i int) error) error {
	errs := make([]error, len(m.names))
	free := make(chan bool, m.atOnce)
	var group sync.WaitGroup
	for i := range m.names {
		free <- true
		group.Go(func() {
			errs[i] = work(i)
			<-free
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// taken is what the processes of one way took.
type taken struct {
	wall, cpu time.Duration
	output    []byte
}

func (m *manyCaptures) measure(rounds int) error {
	ways := []struct {
		name string
		take func() (taken, error)
	}{{"simulate, one run", m.oneRun}, {"tcpdump, a process per file", m.tcpdump}, {"simulate, a run per file, and merge", m.merged}}
	all := make([][]taken, len(ways))
	for range rounds {
		for i, way := range ways {
			t, err := way.take()
			if err != nil {
				return fmt.Errorf("%s: %w", way.name, err)
			}
			all[i] = append(all[i], t)
		}
		last := len(all[0]) - 1
		if !bytes.Equal(all[0][last].output, all[2][last].output) {
			return errors.New("the merged runs differ from one run")
		}
		if err := m.checkCount(all[0][last].output, all[1][last].output); err != nil {
			return err
		}
	}
	fmt.Printf("%d files of %d packets, %d processors, %d rounds%s\n\n", len(m.names), m.work.packets, m.atOnce, rounds, load())
	fmt.Printf("%-38s %10s %10s %12s\n", "", "wall", "CPU", "wall ratio")
	for i, way := range ways {
		var walls, cpus []time.Duration
		var ratios []float64
		for r, t := range all[i] {
			walls, cpus = append(walls, t.wall), append(cpus, t.cpu)
			ratios = append(ratios, float64(t.wall)/float64(all[0][r].wall))
		}
		fmt.Printf("%-38s %9.1fs %9.1fs %11.2fx\n", way.name, median(walls).Seconds(), median(cpus).Seconds(), median(ratios))
	}
	fmt.Println("\nThe merged runs are equal to one run, to the last byte, and tcpdump accepts as many packets.")
	return m.printPeaks()
}

// checkCount compares the packets that simulate mirrors with those that tcpdump accepts, one line of
// text for each file.
func (m *manyCaptures) checkCount(summary, counts []byte) error {
	var s struct{ Mirrored int64 }
	if err := json.Unmarshal(summary, &s); err != nil {
		return err
	}
	var accepted int64
	for line := range strings.Lines(string(counts)) {
		n, err := strconv.ParseInt(strings.Fields(line)[0], 10, 64)
		if err != nil {
			return err
		}
		accepted += n
	}
	if accepted != s.Mirrored {
		return fmt.Errorf("simulate lets %d packets through, tcpdump %d", s.Mirrored, accepted)
	}
	return nil
}

func (m *manyCaptures) oneRun() (taken, error) {
	return execute(nil, m.binary, append([]string{"simulate", "--config", m.config, "--json"}, m.inputs()...)...)
}

func (m *manyCaptures) inputs() (args []string) {
	for _, name := range m.names {
		args = append(args, "--in", name)
	}
	return args
}

// tcpdump counts what it accepts, and writes no packets: its output is a line for each file.
func (m *manyCaptures) tcpdump() (taken, error) {
	return m.perFile(func(i int) (taken, error) {
		return execute(nil, "tcpdump", "-r", m.names[i], "--count", "-F", m.filter)
	})
}

func (m *manyCaptures) merged() (taken, error) {
	runs, err := m.perFile(func(i int) (taken, error) {
		return execute(onlyOne, m.binary, "simulate", "--config", m.config, "--in", m.names[i], "--summary", m.names[i]+".json")
	})
	if err != nil {
		return taken{}, err
	}
	args := []string{"merge", "--json"}
	for _, name := range m.names {
		args = append(args, name+".json")
	}
	sum, err := execute(nil, m.binary, args...)
	return taken{runs.wall + sum.wall, runs.cpu + sum.cpu, sum.output}, err
}

// perFile adds what a process for each file took.
func (m *manyCaptures) perFile(run func(i int) (taken, error)) (sum taken, err error) {
	each := make([]taken, len(m.names))
	begun := time.Now()
	err = m.each(func(i int) (err error) {
		each[i], err = run(i)
		return err
	})
	sum.wall = time.Since(begun)
	for _, t := range each {
		sum.cpu += t.cpu
		sum.output = append(sum.output, t.output...)
	}
	return sum, err
}

func execute(environment []string, name string, args ...string) (taken, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), environment...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	begun := time.Now()
	if err := cmd.Run(); err != nil {
		return taken{}, fmt.Errorf("%w: %s", err, said.Bytes())
	}
	return taken{time.Since(begun), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), out.Bytes()}, nil
}

// printPeaks prints the peak of memory of one process of each program.
func (m *manyCaptures) printPeaks() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for _, command := range [][]string{
		append([]string{m.binary, "simulate", "--config", m.config, "--json"}, m.inputs()...),
		{"tcpdump", "-r", m.names[0], "--count", "-F", m.filter},
	} {
		said, err := exec.Command(self, append([]string{peakArgument}, command...)...).Output()
		if err != nil {
			return err
		}
		peak, err := strconv.ParseInt(strings.TrimSpace(string(said)), 10, 64)
		if err != nil {
			return err
		}
		fmt.Printf("memory of one process at its peak: %s %.0f MiB\n", command[0], float64(peak)/(1<<20))
	}
	return nil
}
