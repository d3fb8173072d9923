//go:build unix

package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// measurement is what one run of the CLI took.
type measurement struct {
	wall                time.Duration
	provider, terraform time.Duration // CPU
	processes           int           // of the provider at the same time
	peak                int64         // bytes of them together
	calls               map[string]calls
	emulator            time.Duration // CPU
	said                string
}

// noChanges is what Terraform and OpenTofu say of an empty plan. Of one that has found
// a change made by hand, they say that it still matches.
const noChanges = "No changes. Your infrastructure matches the configuration."

// setting is a world with the folder of a configuration and a state.
type setting struct {
	world  world
	c      *contestant
	folder string
	store  string
}

func (b *bench) prepare(w world, c *contestant) (setting, error) {
	folder, err := os.MkdirTemp(b.folder, "world-")
	if err != nil {
		return setting{}, err
	}
	store, err := b.load(w, folder)
	if err != nil {
		return setting{}, fmt.Errorf("%s: %w", w.name, err)
	}
	err = errors.Join(
		os.WriteFile(filepath.Join(folder, "main.tf"), []byte(w.config(c)), 0o600), b.writeState(w, c, filepath.Join(folder, "terraform.tfstate")))
	return setting{w, c, folder, store}, err
}

// plan plans what exists. throttled: against EC2's token buckets, with latency.
func (b *bench) plan(s setting, throttled bool, args ...string) (measurement, error) {
	what := strings.TrimSpace(s.world.name + " " + s.c.name + " " + strings.Join(args, " "))
	fmt.Fprintf(os.Stderr, "%s\x1b[K\r", what)
	defer fmt.Fprint(os.Stderr, "\x1b[K")
	server, err := b.serve(s.store, throttled)
	if err != nil {
		return measurement{}, err
	}
	m, err := b.terraformIn(s.folder, s.c, server.url, append([]string{"plan"}, args...)...)
	if err == nil {
		m.calls, err = server.calls()
	}
	used, stopped := server.stop()
	m.emulator = used
	if err := errors.Join(err, stopped); err != nil {
		return m, fmt.Errorf("%s: %w", what, err)
	}
	if !strings.Contains(m.said, noChanges) {
		return m, fmt.Errorf("%s: the plan is not empty:\n%s", what, end(m.said))
	}
	return m, nil
}

// describes counts the requests that read.
func (m measurement) describes() (all, most, throttled int) {
	for action, n := range m.calls {
		if strings.HasPrefix(action, "Describe") {
			all, most = all+n.Count, max(most, n.Count)
		}
		throttled += n.Throttled
	}
	return all, most, throttled
}

func (m measurement) actions() string {
	var all []string
	for action, n := range m.calls {
		all = append(all, fmt.Sprintf("%s %d", action, n.Count))
	}
	slices.Sort(all)
	return cmp.Or(strings.Join(all, ", "), "no calls")
}

func median[T cmp.Ordered](values []T) T {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

func medianOf[T cmp.Ordered](all []measurement, of func(measurement) T) T {
	var values []T
	for _, m := range all {
		values = append(values, of(m))
	}
	return median(values)
}
