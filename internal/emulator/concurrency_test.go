package emulator_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// writerVariable makes the test binary a second process that writes into the store
// it names.
const writerVariable = "EMULATOR_TEST_WRITE_INTO"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerVariable); path != "" {
		os.Exit(runWriter(path))
	}
	if path := os.Getenv(victimVariable); path != "" {
		os.Exit(runVictim(path))
	}
	os.Exit(m.Run())
}

// writes returns how often two processes write together.
func writes() int {
	if os.Getenv("TRAFFICMIRROR_LONG") != "" {
		return 10_000
	}
	return 1000
}

// runWriter does half of the writes: it creates filters, whose IDs it prints, and
// after each raises a number of its own in the tags of an interface that both
// processes tag.
func runWriter(path string) int {
	e, err := emulator.New(emulator.Options{Path: path, Topology: world()})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	t := &panicking{}
	key := fmt.Sprint("process-", os.Getpid())
	for n := range writes() / 4 {
		fmt.Println(makeFilter(t, e, ""))
		must(t, e, "CreateTags", fmt.Sprintf("ResourceId.1=%s&Tag.1.Key=%s&Tag.1.Value=%d", eni(1), key, n))
		if got := must(t, e, "DescribeTags", filterBy("key", key)).text("tagSet/item/value"); got != fmt.Sprint(n) {
			fmt.Fprintf(os.Stderr, "the other process took the number back to %q, from %d\n", got, n)
			return 1
		}
	}
	return 0
}

func TestRestart(t *testing.T) {
	t.Parallel()
	o := emulator.Options{Path: filepath.Join(t.TempDir(), "deep", "er", "ec2.db"), Topology: world()}
	e := mustNew(t, o)
	f, target := makeFilter(t, e, "Description=d"), makeTarget(t, e, "NetworkInterfaceId="+eni(20))
	makeRule(t, e, f, 1, "")
	makeSession(t, e, sessionOn(eni(1), target, f, 1))
	must(t, e, "CreateTags", "ResourceId.1="+f+"&Tag.1.Key=k")
	for _, action := range []string{"DescribeTrafficMirrorFilters", "DescribeTrafficMirrorTargets", "DescribeTrafficMirrorSessions", "DescribeTrafficMirrorFilterRules", "DescribeTags", "DescribeNetworkInterfaces"} {
		before, after := must(t, e, action, ""), must(t, mustNew(t, o), action, "")
		if a, b := fmt.Sprint(before.Nodes[1:]), fmt.Sprint(after.Nodes[1:]); a != b {
			t.Errorf("%s:\nbefore %s\n after %s", action, a, b)
		}
	}
	refused(t, mustNew(t, o), "DeleteTrafficMirrorFilter", "TrafficMirrorFilterId="+f, "TrafficMirrorFilterInUse")
}

// Two processes write into one file, and no update is lost: neither one of an
// object of its own, nor one of an object or a count that both change.
func TestProcessesShareAStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ec2.db")
	program, err := os.Executable()
	fatal(t, err)
	start := time.Now()
	var wg sync.WaitGroup
	answered := make([]string, 2)
	for n := range answered {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), program)
			cmd.Env = append(os.Environ(), writerVariable+"="+path)
			output, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v: %s", err, output)
			}
			answered[n] = string(output)
		})
	}
	wg.Wait()
	took := time.Since(start)
	want := strings.Fields(answered[0] + answered[1])
	slices.Sort(want)
	e := mustNew(t, emulator.Options{Path: path, Topology: world()})
	var got []string
	for token := ""; ; {
		page := must(t, e, "DescribeTrafficMirrorFilters", "MaxResults=1000&NextToken="+token)
		got = append(got, page.texts("trafficMirrorFilterSet/item/trafficMirrorFilterId")...)
		if token = page.text("nextToken"); token == "" {
			break
		}
	}
	if len(want) != writes()/2 || !slices.Equal(got, want) {
		t.Errorf("%d filters were acknowledged, %d are there, want %d", len(want), len(got), writes()/2)
	}
	last := strconv.Itoa(writes()/4 - 1)
	if got := must(t, e, "DescribeTags", filterBy("resource-id", eni(1))).texts("tagSet/item/value"); !slices.Equal(got, []string{last, last}) {
		t.Errorf("the numbers of the processes are %q, want %s twice", got, last)
	}
	checkWhole(t, e, path)
	t.Logf("%d writes in %s", writes(), took)
}

// Many clients on two handles of one file: what one place can hold, one gets.
func TestConcurrentClients(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ec2.db")
	handles := []*emulator.Emulator{
		mustNew(t, emulator.Options{Path: path, Topology: world()}),
		mustNew(t, emulator.Options{Path: path, Topology: world()}),
	}
	f, target := makeFilter(t, handles[0], ""), makeTarget(t, handles[0], "NetworkInterfaceId="+eni(20))
	const clients = 8
	var mu sync.Mutex
	codes := map[string]int{}
	var wg sync.WaitGroup
	for n := range clients {
		wg.Go(func() {
			t, c := inGoroutine(t), newClient(handles[n%2])
			_, err := c.CreateTrafficMirrorSession(t.Context(), &ec2.CreateTrafficMirrorSessionInput{
				NetworkInterfaceId: aws.String(eni(1)), TrafficMirrorTargetId: &target, TrafficMirrorFilterId: &f, SessionNumber: aws.Int32(1),
			})
			code := codeOf(t, err)
			for number := range int32(5) {
				_, err := c.CreateTrafficMirrorFilterRule(t.Context(), &ec2.CreateTrafficMirrorFilterRuleInput{
					TrafficMirrorFilterId: &f, RuleNumber: aws.Int32(number + 1), TrafficDirection: "ingress", RuleAction: "accept",
					SourceCidrBlock: aws.String("::/0"), DestinationCidrBlock: aws.String("::/0"),
				})
				mu.Lock()
				codes["rule "+codeOf(t, err)]++
				mu.Unlock()
				_, err = c.DescribeTrafficMirrorFilters(t.Context(), &ec2.DescribeTrafficMirrorFiltersInput{})
				fatal(t, err)
			}
			mu.Lock()
			defer mu.Unlock()
			codes["session "+code]++
		})
	}
	wg.Wait()
	want := map[string]int{
		"session ": 1, "session InvalidParameterValue": clients - 1,
		"rule ": 5, "rule TrafficMirrorFilterRuleAlreadyExists": 5*clients - 5,
	}
	if fmt.Sprint(codes) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", codes, want)
	}
}

// What one handle of a file has written, another one sees with its next request.
func TestWritesAreSeen_A0069(t *testing.T) {
	t.Parallel()
	o := emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: world()}
	writer, reader := mustNew(t, o), mustNew(t, o)
	for range 20 {
		f := makeFilter(t, writer, "")
		must(t, reader, "DescribeTrafficMirrorFilters", "TrafficMirrorFilterId.1="+f)
		must(t, reader, "DeleteTrafficMirrorFilter", "TrafficMirrorFilterId="+f)
		refused(t, writer, "DescribeTrafficMirrorFilters", "TrafficMirrorFilterId.1="+f, "InvalidTrafficMirrorFilterId.NotFound")
	}
}

// Changes of one object's tags at the same time take turns.
func TestConcurrentTags(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f := makeFilter(t, e, "")
	const clients = 20
	codes := make([]string, clients)
	var wg sync.WaitGroup
	for n := range clients {
		wg.Go(func() {
			codes[n] = call(inGoroutine(t), e, "CreateTags", fmt.Sprintf("ResourceId.1=%s&Tag.1.Key=k%d", f, n)).code()
		})
	}
	wg.Wait()
	if refusals := strings.Join(codes, ""); refusals != "" {
		t.Errorf("refused (A0077): %s", refusals)
	}
	if got := len(strings.Fields(tagsOn(t, e, f))); got != clients {
		t.Errorf("%d tags, want %d", got, clients)
	}
}

// One token sent by many at once makes one object.
func TestConcurrentToken(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	ids := make([]string, 10)
	var wg sync.WaitGroup
	for n := range ids {
		wg.Go(func() { ids[n] = makeFilter(inGoroutine(t), e, "ClientToken=same") })
	}
	wg.Wait()
	slices.Sort(ids)
	if made := slices.Compact(ids); len(made) != 1 {
		t.Errorf("%d filters were made", len(made))
	}
}

// Clients write and read while the faults, the topology and the call counts are
// changed.
func TestConcurrentControl(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, func(o *emulator.Options) { o.Throttle = true })
	const clients, rounds = 4, 10
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			t := inGoroutine(t)
			for range rounds {
				if f := call(t, e, "CreateTrafficMirrorFilter", "").root.text("trafficMirrorFilter/trafficMirrorFilterId"); f != "" {
					call(t, e, "CreateTags", "ResourceId.1="+f+"&Tag.1.Key=k")
				}
				call(t, e, "DescribeTrafficMirrorFilters", "")
			}
		})
	}
	wg.Go(func() {
		for n := range rounds {
			faults, err := emulator.ParseFaults([]string{"", "*:500:p=0.5", "DescribeTrafficMirrorFilters:stale=1ms", "*:latency=1us"}[n%4])
			if err != nil {
				t.Error(err)
			}
			e.SetFaults(faults)
			body := fmt.Sprintf(`{"network_interfaces": [{"id": %q}]}`, eni(500+n))
			if w := control(e, "PUT", "/_emulator/topology", body, "127.0.0.1:1", "127.0.0.1"); w.Code != 200 {
				t.Errorf("topology: %d %s", w.Code, w.Body)
			}
			control(e, "GET", "/_emulator/calls", "", "127.0.0.1:1", "127.0.0.1")
		}
	})
	wg.Wait()
	e.SetFaults(nil)
	calls := e.Calls()
	for action, want := range map[string]int{"CreateTrafficMirrorFilter": clients * rounds, "DescribeTrafficMirrorFilters": clients * rounds} {
		if got := calls[action].Count; got != want {
			t.Errorf("%s is counted %d times, want %d", action, got, want)
		}
	}
	for n := range rounds {
		must(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+eni(500+n))
	}
}
