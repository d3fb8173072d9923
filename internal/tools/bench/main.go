//go:build unix

// Command bench measures the provider's dataplane and the tools that a user
// would pick instead, on the same capture and the same rules, in one run:
//
//	bench -binary bin/terraform-provider-trafficmirror
//
// It makes its own capture and rules, checks that everybody lets the same number
// of packets through, and prints ratios, because a time says more about a machine
// than about a program. README.md of this folder explains how to read them. What
// is not installed is left out, and said so.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	work := run
	switch {
	case len(os.Args) > 1 && os.Args[1] == peakArgument:
		work = func() error { return printPeak(os.Args[2:]) }
	case len(os.Args) > 1 && os.Args[1] == capturesArgument:
		work = func() error { return measureCaptures(os.Args[2:]) }
	}
	if err := work(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	binary := flag.String("binary", "bin/terraform-provider-trafficmirror", "the provider to measure")
	packets := flag.Int("packets", 1_000_000, "packets in the capture")
	rounds := flag.Int("rounds", 5, "how often everything is measured; the table shows medians")
	folder := flag.String("folder", "", "where the capture is made, and kept for the next run (unset: in the cache folder of the user)")
	pattern := flag.String("run", ".", "pattern of the comparisons to run")
	flag.Parse()
	chosen, err := regexp.Compile(*pattern)
	if err != nil {
		return fmt.Errorf("-run: %w", err)
	}
	if *folder == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return err
		}
		*folder = filepath.Join(cache, "trafficmirror-bench")
	}
	b := bench{work: workload{*folder, *packets}, binary: *binary, rounds: *rounds, out: os.Stdout}
	if err := errors.Join(os.MkdirAll(*folder, 0o750), b.work.build()); err != nil {
		return err
	}
	if err := b.addContests(); err != nil {
		return err
	}
	b.choose(chosen)
	fmt.Fprintf(b.out, "%d packets, %d rounds%s\n", *packets, *rounds, load())
	if err := b.measure(); err != nil {
		return err
	}
	b.print()
	return nil
}

// load says how busy the machine is, where that can be read.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return fmt.Sprintf(", load average %s", strings.Join(strings.Fields(string(text))[:3], " "))
}
