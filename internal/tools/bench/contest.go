//go:build unix

package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// result is what one run of a contender took.
type result struct {
	cpu, wall time.Duration
	count     int64 // of what came out: packets
	units     int   // of work, to divide by
}

// contender does a piece of work once. check asks for the count, which may take
// longer than the work.
type contender func(check bool) (result, error)

// contest is a comparison of two contenders. Its ratio is how many times longer the
// second takes than the first.
type contest struct {
	name        string
	names       [2]string
	contenders  [2]contender
	wall        bool // instead of CPU time
	unlike      bool // their counts need not agree
	least, most float64
	results     [2][]result
	ratios      []float64
}

type bench struct {
	work     workload
	binary   string
	rounds   int
	out      io.Writer
	contests []*contest
	figures  []*figure
	missing  []string // tools
}

func (b *bench) choose(pattern *regexp.Regexp) {
	b.contests = slices.DeleteFunc(b.contests, func(c *contest) bool { return !pattern.MatchString(c.name) })
	b.figures = slices.DeleteFunc(b.figures, func(f *figure) bool { return !pattern.MatchString(f.name) })
}

// measure runs all contests, one after the other, and that in several rounds: what
// else the machine does spreads over all of them.
func (b *bench) measure() error {
	for round := range b.rounds {
		for _, c := range b.contests {
			fmt.Fprintf(os.Stderr, "round %d of %d: %s\x1b[K\r", round+1, b.rounds, c.name)
			if err := c.run(round == 0); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
		for _, f := range b.figures {
			if err := f.run(); err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
		}
	}
	fmt.Fprint(os.Stderr, "\x1b[K")
	return nil
}

func (c *contest) run(check bool) error {
	for i, contend := range c.contenders {
		r, err := contend(check)
		if err != nil {
			return fmt.Errorf("%s: %w", c.names[i], err)
		}
		c.results[i] = append(c.results[i], r)
	}
	last := len(c.ratios)
	a, b := c.results[0][last], c.results[1][last]
	if check && !c.unlike && a.count != b.count {
		return fmt.Errorf("%s lets %d packets through, %s %d", c.names[0], a.count, c.names[1], b.count)
	}
	c.ratios = append(c.ratios, c.cost(b)/c.cost(a))
	return nil
}

// cost is the nanoseconds of a unit of work.
func (c *contest) cost(r result) float64 {
	took := r.cpu
	if c.wall {
		took = r.wall
	}
	return float64(took.Nanoseconds()) / float64(r.units)
}

func median[T cmp.Ordered](values []T) T {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

func (b *bench) print() {
	fmt.Fprintf(b.out, "\n%-46s %22s %22s %9s  %s\n", "", "ns per packet", "ns per packet", "ratio", "target")
	for _, c := range b.contests {
		var costs [2]float64
		for i, results := range c.results {
			var all []float64
			for _, r := range results {
				all = append(all, c.cost(r))
			}
			costs[i] = median(all)
		}
		ratio := median(c.ratios)
		fmt.Fprintf(b.out, "%-46s %13s %8.1f %13s %8.1f %8.2fx  %s\n", c.name, c.names[0], costs[0], c.names[1], costs[1], ratio, c.verdict(ratio))
	}
	fmt.Fprintln(b.out)
	for _, f := range b.figures {
		fmt.Fprintln(b.out, f)
	}
	for _, tool := range b.missing {
		fmt.Fprintf(b.out, "left out: %s\n", tool)
	}
}

// verdict holds a ratio against its target.
func (c *contest) verdict(ratio float64) string {
	if c.least == 0 && c.most == 0 {
		return "the bound of all that copy"
	}
	text, met := fmt.Sprintf("at least %gx", c.least), ratio >= c.least
	if c.most > 0 {
		text, met = fmt.Sprintf("at most %gx", c.most), ratio <= c.most
	}
	if !met {
		text += ", missed"
	}
	return text
}

// command runs a program that writes a capture to out.
func (b *bench) command(out string, environment []string, name string, args ...string) contender {
	return func(check bool) (result, error) {
		defer os.Remove(out)
		cmd := exec.Command(name, args...)
		cmd.Env = append(os.Environ(), environment...)
		var said bytes.Buffer
		cmd.Stderr = &said
		begun := time.Now()
		if err := cmd.Run(); err != nil {
			return result{}, fmt.Errorf("%w: %s", err, said.Bytes())
		}
		r := result{wall: time.Since(begun), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), units: b.work.packets}
		if !check {
			return r, nil
		}
		var err error
		r.count, err = countPackets(out)
		return r, err
	}
}

// peakOf returns the most bytes of memory that a process had.
func peakOf(usage any) int64 {
	u, ok := usage.(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(u.Maxrss) //nolint:unconvert // has 32 bits on some platforms
	}
	return int64(u.Maxrss) << 10 //nolint:unconvert // has 32 bits on some platforms
}

// cpuTime is what the process has used so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it has no way to fail
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
