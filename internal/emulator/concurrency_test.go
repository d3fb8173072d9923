package emulator_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// writerVariable makes the test binary a second process that writes into the store
// it names.
const writerVariable = "EMULATOR_TEST_WRITE_INTO"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerVariable); path != "" {
		os.Exit(writeFilters(path))
	}
	if path := os.Getenv(victimVariable); path != "" {
		os.Exit(runVictim(path))
	}
	os.Exit(m.Run())
}

// writeFilters creates a filter a hundred times and prints the IDs.
func writeFilters(path string) int {
	e, err := emulator.New(emulator.Options{Path: path, Topology: world()})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	c := newClient(e)
	for range 100 {
		made, err := c.CreateTrafficMirrorFilter(context.Background(), &ec2.CreateTrafficMirrorFilterInput{})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println(*made.TrafficMirrorFilter.TrafficMirrorFilterId)
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

// Two processes and this one write into one file, and nothing is lost.
func TestProcessesShareAStore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ec2.db")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
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
	e := mustNew(t, emulator.Options{Path: path, Topology: world()})
	var want []string
	for range 100 {
		want = append(want, makeFilter(t, e, ""))
	}
	wg.Wait()
	for _, output := range answered {
		want = append(want, strings.Fields(output)...)
	}
	got := must(t, e, "DescribeTrafficMirrorFilters", "").texts("trafficMirrorFilterSet/item/trafficMirrorFilterId")
	slices.Sort(want)
	if len(want) != 300 || !slices.Equal(got, want) {
		t.Errorf("%d filters were acknowledged, %d are there, want 300", len(want), len(got))
	}
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
			c := newClient(handles[n%2])
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

// One token sent by many at once makes one object.
func TestConcurrentToken(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	ids := make([]string, 10)
	var wg sync.WaitGroup
	for n := range ids {
		wg.Go(func() { ids[n] = makeFilter(t, e, "ClientToken=same") })
	}
	wg.Wait()
	slices.Sort(ids)
	if made := slices.Compact(ids); len(made) != 1 {
		t.Errorf("%d filters were made", len(made))
	}
}
