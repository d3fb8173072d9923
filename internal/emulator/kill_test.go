package emulator_test

import (
	"bufio"
	"bytes"
	"cmp"
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
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// victimVariable makes the test binary a process that changes the store it names
// until it is killed.
const victimVariable = "EMULATOR_TEST_CHANGE"

// runVictim has several clients create, modify, tag and delete. Each says what it
// is about to do, and what has been answered with success.
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
		wg.Go(func() { victimClient{e, say}.run(eni(n), eni(n+10)) })
	}
	wg.Wait()
	return 1 // something was refused
}

type victimClient struct {
	e   *emulator.Emulator
	say func(...any)
}

func (c victimClient) run(source, sink string) {
	t := &panicking{}
	for round := 1; ; round++ {
		f := c.made(makeFilter(t, c.e, ""))
		rule := c.made(makeRule(t, c.e, f, round%32766+1, ""))
		target := c.made(makeTarget(t, c.e, "NetworkInterfaceId="+sink))
		s := c.made(makeSession(t, c.e, sessionOn(source, target, f, round%32766+1)).text("trafficMirrorSessionId"))
		for length := round % 100; length < round%100+3; length++ {
			c.set(s, "length", length+1, "ModifyTrafficMirrorSession", fmt.Sprintf("TrafficMirrorSessionId=%s&PacketLength=%d", s, length+1))
		}
		for _, id := range []string{f, rule, target, s} {
			c.set(id, "tag", round, "CreateTags", fmt.Sprintf("ResourceId.1=%s&Tag.1.Key=round&Tag.1.Value=%d", id, round))
		}
		c.set(target, "tag", -round, "CreateTags", fmt.Sprintf("ResourceId.1=%s&Tag.1.Key=round&Tag.1.Value=%d", target, -round))
		c.set(f, "tag", "none", "DeleteTags", "ResourceId.1="+f+"&Tag.1.Key=round")
		c.remove("DeleteTrafficMirrorSession", "TrafficMirrorSessionId="+s, s)
		c.remove("DeleteTrafficMirrorTarget", "TrafficMirrorTargetId="+target, target)
		c.remove("DeleteTrafficMirrorFilter", "TrafficMirrorFilterId="+f, f, rule)
	}
}

func (c victimClient) made(id string) string {
	c.say("made", id)
	return id
}

// set gives an attribute of an object a value.
func (c victimClient) set(id, attribute string, value any, action, parameters string) {
	c.say("setting", id, attribute, value)
	must(&panicking{}, c.e, action, parameters)
	c.say("set", id, attribute, value)
}

// remove deletes an object and what goes with it.
func (c victimClient) remove(action, parameters string, ids ...string) {
	for _, id := range ids {
		c.say("deleting", id)
	}
	must(&panicking{}, c.e, action, parameters)
	for _, id := range ids {
		c.say("deleted", id)
	}
}

// panicking is a testing.TB for a process that is no test.
type panicking struct{ testing.TB }

func (*panicking) Helper() {}

func (*panicking) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

func (*panicking) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// untilDelete is how many lines of the victim are enough that one says what was deleted: each of
// its four clients says 23 lines before its first one of these.
const untilDelete = 4*23 + 1

// After a kill, a change that was acknowledged is there, and any other is there
// completely or not at all. Each restart works.
func TestKill(t *testing.T) {
	t.Parallel()
	kills, seed := 10, sample.Seed(t)
	if sample.All() {
		kills, seed = 200, 1
	}
	path := filepath.Join(t.TempDir(), "ec2.db")
	random := rand.New(rand.NewPCG(seed, 0))
	acknowledged := map[string]int{} // by what was acknowledged
	for n := range kills {
		after := 1 + random.IntN(200)
		if n == 0 { // whatever the seed is
			after = max(after, untilDelete)
		}
		said := runAndKill(t, path, after)
		for _, line := range said {
			word, _, _ := strings.Cut(line, " ")
			acknowledged[word]++
		}
		e := mustNew(t, emulator.Options{Path: path, Topology: world()})
		checkAcknowledged(t, e, said)
		checkWhole(t, e, path)
		if t.Failed() {
			t.Fatalf("after kill %d of TRAFFICMIRROR_SEED=%d", n+1, seed)
		}
		clearAll(t, e)
	}
	if acknowledged["made"] == 0 || acknowledged["set"] == 0 || acknowledged["deleted"] == 0 {
		t.Errorf("the load did not create, modify and delete: %v", acknowledged)
	}
	t.Logf("%d kills among %d creates, %d changes and %d deletes that were acknowledged", kills, acknowledged["made"], acknowledged["set"], acknowledged["deleted"])
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
	for action, ids := range map[string]string{
		"DescribeTrafficMirrorSessions":    "trafficMirrorSessionSet/item/trafficMirrorSessionId",
		"DescribeTrafficMirrorTargets":     "trafficMirrorTargetSet/item/trafficMirrorTargetId",
		"DescribeTrafficMirrorFilters":     "trafficMirrorFilterSet/item/trafficMirrorFilterId",
		"DescribeTrafficMirrorFilterRules": "trafficMirrorFilterRuleSet/item/trafficMirrorFilterRuleId",
	} {
		for _, id := range must(t, e, action, "").texts(ids) {
			there[id] = true
		}
	}
	values := map[string]string{} // by ID and attribute
	for _, item := range must(t, e, "DescribeTrafficMirrorSessions", "").all("trafficMirrorSessionSet/item") {
		values[item.text("trafficMirrorSessionId")+" length"] = item.text("packetLength")
	}
	for _, item := range must(t, e, "DescribeTags", filterBy("key", "round")).all("tagSet/item") {
		id := item.text("resourceId")
		values[id+" tag"] = item.text("value")
		if !there[id] {
			t.Errorf("%s is gone, and its tag is not", id)
		}
	}
	state, set, underWay := map[string]string{}, map[string]string{}, map[string]string{}
	for _, line := range said {
		words := append(strings.Fields(line), "", "")
		switch words[0] {
		case "set":
			set[words[1]+" "+words[2]] = words[3]
		case "setting":
			underWay[words[1]+" "+words[2]] = words[3]
		default:
			state[words[1]] = words[0]
		}
	}
	for id, s := range state {
		if s == "made" && !there[id] || s == "deleted" && there[id] {
			t.Errorf("%s was %s, and is there: %t", id, s, there[id])
		}
	}
	for attribute, want := range set {
		id, _, _ := strings.Cut(attribute, " ")
		got := cmp.Or(values[attribute], "none")
		if there[id] && got != want && got != underWay[attribute] {
			t.Errorf("%s is %s, want %s, or %s which was under way", attribute, got, want, underWay[attribute])
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
	for _, item := range must(t, e, "DescribeTrafficMirrorTargets", "").all("trafficMirrorTargetSet/item") {
		if item.text("ownerId") != otherAccount {
			must(t, e, "DeleteTrafficMirrorTarget", "TrafficMirrorTargetId="+item.text("trafficMirrorTargetId"))
		}
	}
	for _, id := range must(t, e, "DescribeTrafficMirrorFilters", "").texts("trafficMirrorFilterSet/item/trafficMirrorFilterId") {
		must(t, e, "DeleteTrafficMirrorFilter", "TrafficMirrorFilterId="+id)
	}
}
