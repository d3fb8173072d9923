//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// wrapArgument is the first argument of a run of this program that Terraform takes
// for a provider: it runs the provider, and notes what the process used. Linux counts
// the memory of the process that starts another to the other's peak, so that only a
// small one may.
const wrapArgument = "run-provider"

// usageVariable names the folder for the notes.
const usageVariable = "BENCHPLAN_USAGE"

// usage is what a process used.
type usage struct {
	Begun, Ended time.Time
	CPU          time.Duration
	Peak         int64         // bytes
	Wrapper      time.Duration // the CPU of this program
}

func wrap(binary string, args []string) error {
	folder := os.Getenv(usageVariable)
	cmd := exec.Command(binary, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	begun := time.Now()
	err := cmd.Run()
	if cmd.ProcessState == nil || folder == "" {
		return err
	}
	used := usage{Begun: begun, Ended: time.Now(), CPU: cpuOf(cmd.ProcessState), Peak: peakOf(cmd.ProcessState), Wrapper: ownCPU()}
	text, failed := json.Marshal(used)
	if failed != nil {
		return failed
	}
	// Under another name until it is complete.
	name := filepath.Join(folder, fmt.Sprint(os.Getpid()))
	if failed := os.WriteFile(name+".part", text, 0o600); failed != nil {
		return failed
	}
	if failed := os.Rename(name+".part", name+".json"); failed != nil {
		return failed
	}
	return err
}

func cpuOf(state *os.ProcessState) time.Duration { return state.UserTime() + state.SystemTime() }

// peakOf returns the most bytes of memory that a process had.
func peakOf(state *os.ProcessState) int64 {
	u, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(u.Maxrss) //nolint:unconvert // has 32 bits on some platforms
	}
	return int64(u.Maxrss) << 10 //nolint:unconvert // has 32 bits on some platforms
}

func ownCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it has no way to fail
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// readUsages reads the notes of all processes.
func readUsages(folder string) ([]usage, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	var all []usage
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var u usage
		if err := json.Unmarshal(text, &u); err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, nil
}

// atOnce returns the most processes that ran at the same time, and the sum of their
// peaks where that was highest.
func atOnce(all []usage) (processes int, peak int64) {
	for _, moment := range all {
		running := slices.DeleteFunc(slices.Clone(all), func(u usage) bool { return u.Begun.After(moment.Begun) || !u.Ended.After(moment.Begun) })
		var sum int64
		for _, u := range running {
			sum += u.Peak
		}
		processes, peak = max(processes, len(running)), max(peak, sum)
	}
	return processes, peak
}
