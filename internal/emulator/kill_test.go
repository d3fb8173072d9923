package emulator_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// victimVariable makes the test binary a process that changes the store it names
// until it is killed.
const victimVariable = "EMULATOR_TEST_CHANGE"

// runVictim has several clients create, modify and delete. Each says what it is
// about to do, and what has been answered with success.
func runVictim(path string) int {
	e, err := emulator.New(emulator.Options{Path: path, Topology: world()})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var mu sync.Mutex
	say := func(words ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(words...)
	}
	var wg sync.WaitGroup
	for n := 1; n <= 4; n++ {
		wg.Go(func() { change(e, eni(n), say) })
	}
	wg.Wait()
	return 1 // something was refused
}

func change(e *emulator.Emulator, source string, say func(...any)) {
	t := &panicking{}
	for round := 1; ; round++ {
		f := makeFilter(t, e, "")
		say("made", f)
		rule := makeRule(t, e, f, round%32766+1, "")
		say("made", rule)
		s := makeSession(t, e, sessionOn(source, sharedTarget, f, round%32766+1)).text("trafficMirrorSessionId")
		say("made", s)
		for length := round % 100; length < round%100+3; length++ {
			say("lengthening", s, length+1)
			must(t, e, "ModifyTrafficMirrorSession", fmt.Sprintf("TrafficMirrorSessionId=%s&PacketLength=%d", s, length+1))
			say("length", s, length+1)
		}
		say("deleting", s)
		must(t, e, "DeleteTrafficMirrorSession", "TrafficMirrorSessionId="+s)
		say("deleted", s)
		say("deleting", f)
		say("deleting", rule)
		must(t, e, "DeleteTrafficMirrorFilter", "TrafficMirrorFilterId="+f)
		say("deleted", f)
		say("deleted", rule)
	}
}

// panicking is a testing.TB for a process that is no test.
type panicking struct{ testing.TB }

func (*panicking) Helper() {}

func (*panicking) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

func (*panicking) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// What was acknowledged is there after a kill, what was not is there whole or not
// at all, and every restart works.
func TestKill(t *testing.T) {
	t.Parallel()
	kills := 20
	if os.Getenv("TRAFFICMIRROR_LONG") != "" {
		kills = 200
	}
	path := filepath.Join(t.TempDir(), "ec2.db")
	random := rand.New(rand.NewPCG(1, 0))
	operations := 0
	for n := range kills {
		said := runAndKill(t, path, 1+random.IntN(60))
		operations += len(said)
		e := mustNew(t, emulator.Options{Path: path, Topology: world()})
		checkAcknowledged(t, e, said)
		checkWhole(t, e, path)
		if t.Failed() {
			t.Fatalf("after kill %d", n+1)
		}
		clearAll(t, e)
	}
	t.Logf("%d kills among %d lines of acknowledgement", kills, operations)
}

// runAndKill starts a victim, kills it after some lines, and returns all that it
// said.
func runAndKill(t *testing.T, path string, after int) []string {
	t.Helper()
	program, err := os.Executable()
	fatal(t, err)
	cmd := exec.CommandContext(context.Background(), program)
	cmd.Env = append(os.Environ(), victimVariable+"="+path)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	fatal(t, err)
	fatal(t, cmd.Start())
	lines := bufio.NewReader(stdout)
	var said []string
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			break
		}
		fatal(t, err)
		said = append(said, strings.TrimSpace(line))
		if len(said) == after {
			fatal(t, cmd.Process.Kill())
		}
	}
	if err := cmd.Wait(); err == nil || len(said) < after {
		t.Fatalf("the victim ended by itself: %v %s", err, stderr.String())
	}
	return said
}

func checkAcknowledged(t *testing.T, e *emulator.Emulator, said []string) {
	t.Helper()
	there := map[string]bool{}
	lengths := map[string]string{}
	for _, item := range must(t, e, "DescribeTrafficMirrorSessions", "").all("trafficMirrorSessionSet/item") {
		there[item.text("trafficMirrorSessionId")] = true
		lengths[item.text("trafficMirrorSessionId")] = item.text("packetLength")
	}
	for _, id := range must(t, e, "DescribeTrafficMirrorFilters", "").texts("trafficMirrorFilterSet/item/trafficMirrorFilterId") {
		there[id] = true
	}
	for _, id := range must(t, e, "DescribeTrafficMirrorFilterRules", "").texts("trafficMirrorFilterRuleSet/item/trafficMirrorFilterRuleId") {
		there[id] = true
	}
	state, length, underWay := map[string]string{}, map[string]string{}, map[string]string{}
	for _, line := range said {
		words := append(strings.Fields(line), "")
		switch words[0] {
		case "length":
			length[words[1]] = words[2]
		case "lengthening":
			underWay[words[1]] = words[2]
		default:
			state[words[1]] = words[0]
		}
	}
	for id, s := range state {
		if s == "made" && !there[id] || s == "deleted" && there[id] {
			t.Errorf("%s was %s, and is there: %t", id, s, there[id])
		}
	}
	for id, want := range length {
		if got, ok := lengths[id]; ok && got != want && got != underWay[id] {
			t.Errorf("%s has length %s, want %s, or %s which was under way", id, got, want, underWay[id])
		}
	}
}

// checkWhole loads a dump into another store, which checks every object and what
// it refers to, and makes the indices and counts anew: they must be the same.
func checkWhole(t *testing.T, e *emulator.Emulator, path string) {
	t.Helper()
	other := filepath.Join(t.TempDir(), "ec2.db")
	fatal(t, mustNew(t, emulator.Options{Path: other}).Load(t.Context(), strings.NewReader(dumpOf(t, e))))
	got, err := emulator.Contents(path)
	fatal(t, err)
	want, err := emulator.Contents(other)
	fatal(t, err)
	for key, value := range want {
		if got[key] != value {
			t.Errorf("%s is %q, want %q", key, got[key], value)
		}
	}
	for key, value := range got {
		zero := strings.Contains(key, " counts ") && value == "0"
		if _, ok := want[key]; !ok && !zero {
			t.Errorf("%s is %q, and nothing stands for it", key, value)
		}
	}
}

func clearAll(t *testing.T, e *emulator.Emulator) {
	t.Helper()
	for _, id := range must(t, e, "DescribeTrafficMirrorSessions", "").texts("trafficMirrorSessionSet/item/trafficMirrorSessionId") {
		must(t, e, "DeleteTrafficMirrorSession", "TrafficMirrorSessionId="+id)
	}
	for _, id := range must(t, e, "DescribeTrafficMirrorFilters", "").texts("trafficMirrorFilterSet/item/trafficMirrorFilterId") {
		must(t, e, "DeleteTrafficMirrorFilter", "TrafficMirrorFilterId="+id)
	}
}
