package provider_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// stopAt has the relay hold the first request for an action back. It returns a
// channel that is closed when the request has come, and what lets it go on.
func (r *relay) stopAt(t *testing.T, action string) (reached <-chan struct{}, goOn func()) {
	t.Helper()
	came, open := make(chan struct{}), make(chan struct{})
	goOn = sync.OnceFunc(func() { close(open) })
	t.Cleanup(goOn) // the server waits for its requests
	var stopped atomic.Bool
	r.stepIn(steps{before: func(c change) {
		if c.action == action && stopped.CompareAndSwap(false, true) {
			close(came)
			<-open
		}
	}})
	return came, goOn
}

type result struct {
	output string
	code   int
}

// start runs the CLI in the background.
func (w *workspace) start(t *testing.T, words string) <-chan result {
	t.Helper()
	done := make(chan result, 1)
	go func() {
		output, code := w.try(t, words)
		done <- result{output, code}
	}()
	return done
}

// Of two applies on one state the second fails because of the lock, and when the first
// has ended, there is nothing left to do.
func TestAccRace_locked(t *testing.T) {
	space, ec2 := newWorkspace(t), newRelay(t)
	space.write(t, endpointBlock(ec2.url)+oneOfEach)
	reached, goOn := ec2.stopAt(t, "CreateTrafficMirrorTarget")
	first := space.start(t, "apply -auto-approve")
	<-reached
	output, code := space.try(t, "apply -auto-approve")
	goOn()
	if code == 0 || !strings.Contains(output, "Error acquiring the state lock") {
		t.Errorf("the second apply: exit %d\n%s", code, output)
	}
	if r := <-first; r.code != 0 {
		t.Fatalf("the first apply: exit %d\n%s", r.code, r.output)
	}
	if third := space.run(t, "apply -auto-approve"); !strings.Contains(third, "No changes.") {
		t.Errorf("the third apply finds something to do:\n%s", third)
	}
	ec2.has(t, 1, 1, 1, 1)
}

// Two applies of one configuration that no lock keeps apart: the first makes
// everything, the other fails and names what exists already.
func TestAccRace_unlocked(t *testing.T) {
	space, ec2 := newWorkspace(t), newRelay(t)
	space.write(t, endpointBlock(ec2.url)+oneOfEach)
	reached, goOn := ec2.stopAt(t, "CreateTrafficMirrorTarget")
	slow := space.start(t, "apply -auto-approve -lock=false -state=slow.tfstate")
	<-reached
	space.run(t, "apply -auto-approve -lock=false")
	goOn()
	r := <-slow
	block := importBlock.FindStringSubmatch(r.output)
	if r.code == 0 || block == nil || block[1] != "trafficmirror_target" {
		t.Fatalf("the slow apply: exit %d\n%s", r.code, r.output)
	}
	if !strings.Contains(space.run(t, "show"), block[2]) {
		t.Errorf("the object in the way, %s, is not that of the first apply", block[2])
	}
	space.planIsEmpty(t)
}
