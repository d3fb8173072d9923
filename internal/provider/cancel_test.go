package provider_test

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// patience is far above what a cancelled apply needs, and far below the delay of
// the answer that it waits for.
const patience = 20 * time.Minute

// An apply that is interrupted while EC2 keeps it waiting ends, and its state has
// what exists. The next apply goes on from there.
func TestAccCancel(t *testing.T) {
	t.Parallel()
	config := strings.Replace(oneOfEach, `network_services = ["amazon-dns"]`, `
  egress_rules = { "1" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" } }`, 1)
	for _, action := range []string{"CreateTrafficMirrorTarget", "CreateTrafficMirrorFilterRule", "CreateTrafficMirrorSession"} {
		t.Run(action, func(t *testing.T) {
			space, ec2 := newProcesses(t, nil), newRelay(t)
			ec2.emulator.SetFaults([]emulator.Fault{{Action: action, Kind: emulator.FaultLatency, Duration: time.Hour, Probability: 1}})
			reached := make(chan struct{})
			var once sync.Once
			ec2.stepIn(steps{before: func(c change) {
				if c.action == action {
					once.Do(func() { close(reached) })
				}
			}})
			space.write(t, endpointBlock(ec2.url)+config)
			output := space.interrupt(t, "apply -auto-approve -parallelism=1", reached)
			if !strings.Contains(words(output), "The run was cancelled before EC2 had answered.") {
				t.Errorf("the apply does not say that it was cancelled:\n%s", output)
			}
			ec2.emulator.SetFaults(nil)
			space.knowsAll(t, ec2)
			space.run(t, "apply -auto-approve")
			space.planIsEmpty(t)
			ec2.has(t, 1, 1, 2, 1)
		})
	}
}

// interrupt runs the CLI and sends it the signal of Ctrl-C when something is
// reached.
func (w *workspace) interrupt(t *testing.T, words string, reached <-chan struct{}) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := w.command(ctx, words)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-reached:
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
	case <-ctx.Done():
	}
	if err := cmd.Wait(); err == nil || ctx.Err() != nil {
		t.Fatalf("%s: %v, %v\n%s", words, err, ctx.Err(), output.String())
	}
	return unframed(output.String())
}

// knowsAll checks that the state has every object that exists, except those
// without a resource of their own.
func (w *workspace) knowsAll(t *testing.T, ec2 *relay) {
	t.Helper()
	var known, there []string
	for _, r := range w.resources(t) {
		known = append(known, r["id"].(string))
	}
	d := dump(t, ec2.emulator)
	for id := range d.Tags {
		there = append(there, id)
	}
	slices.Sort(known)
	slices.Sort(there)
	if !slices.Equal(known, there) {
		t.Errorf("the state has %v, and there are %v", known, there)
	}
}
