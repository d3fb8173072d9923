package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

func emptyEmulator(t *testing.T) *emulator.Emulator {
	t.Helper()
	return mustNew(t, emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db")})
}

func dumpOf(t *testing.T, e *emulator.Emulator) string {
	t.Helper()
	var b bytes.Buffer
	fatal(t, e.Dump(t.Context(), &b))
	if !json.Valid(b.Bytes()) {
		t.Fatalf("the dump is not JSON:\n%s", b.String())
	}
	return b.String()
}

func TestDumpAndLoad(t *testing.T) {
	t.Parallel()
	m := newMirrored(t, "&VirtualNetworkId=7&ClientToken=token&TagSpecification.1.ResourceType=traffic-mirror-session&TagSpecification.1.Tag.1.Key=k")
	makeRule(t, m, m.filter, 1, "Protocol=6&SourcePortRange.FromPort=1&SourcePortRange.ToPort=2")
	before := dumpOf(t, m.Emulator)

	e := emptyEmulator(t)
	fatal(t, e.Load(t.Context(), strings.NewReader(before)))
	if after := dumpOf(t, e); after != before {
		t.Errorf("the dump changed:\n%s\n%s", before, after)
	}
	for _, action := range []string{"DescribeTrafficMirrorFilters", "DescribeTrafficMirrorTargets", "DescribeTrafficMirrorSessions", "DescribeTags", "DescribeNetworkInterfaces"} {
		if a, b := must(t, m, action, "").Nodes[1:], must(t, e, action, "").Nodes[1:]; len(a) != len(b) || len(a[0].Nodes) != len(b[0].Nodes) {
			t.Errorf("%s sees something else", action)
		}
	}
	// What is not in the dump is there all the same: indices, counts, tokens.
	refused(t, e, "DeleteTrafficMirrorFilter", "TrafficMirrorFilterId="+m.filter, "TrafficMirrorFilterInUse")
	refused(t, e, "CreateTrafficMirrorTarget", "NetworkInterfaceId="+eni(20), "InterfaceInUseByTrafficMirrorTarget")
	refused(t, e, "CreateTrafficMirrorSession", sessionOn(eni(1), m.balanced, m.filter, 7), "InvalidParameterValue")
	refused(t, e, "CreateTrafficMirrorSession", sessionOn(eni(2), m.balanced, m.filter, 7)+"&ClientToken=token", "IdempotentParameterMismatch")
	if got := dumpOf(t, emptyEmulator(t)); !strings.Contains(got, `"regions": {}`) {
		t.Errorf("an empty store is dumped as %s", got)
	}
}

func TestLoadRefusals(t *testing.T) {
	t.Parallel()
	whole := dumpOf(t, newMirrored(t, "").Emulator)
	full := newEmulator(t)
	makeFilter(t, full, "")
	if err := full.Load(t.Context(), strings.NewReader(whole)); err == nil || !strings.Contains(err.Error(), "new file") {
		t.Errorf("into a store with objects: %v", err)
	}
	for name, text := range map[string]string{
		"nothing":              "",
		"half":                 whole[:len(whole)/2],
		"something else":       "{}",
		"text behind it":       whole + "x",
		"a second dump":        whole + whole,
		"a Region twice":       strings.Replace(whole, `"regions": {`, `"regions": {"us-east-1": {}, `, 1),
		"an object twice":      strings.Replace(whole, `"filters": {`, `"filters": {"tmf-0123456789abcdef0": {"id": "tmf-0123456789abcdef0"}, "tmf-0123456789abcdef0": {"id": "tmf-0123456789abcdef0"}, `, 1),
		"another encoding":     strings.Replace(whole, `"filters": {`, `"filters": {"tmf-0123456789abcdef0": {"id": "tmf-0123456789abcdef0", "description": "`+"\xE9"+`"}, `, 1),
		"another version":      strings.Replace(whole, `"version": "1"`, `"version": "2"`, 1),
		"an unknown key":       strings.Replace(whole, `"account"`, `"acount"`, 1),
		"unknown objects":      strings.Replace(whole, `"filters"`, `"philtres"`, 1),
		"an unknown field":     strings.Replace(whole, `"session_number"`, `"session_nummer"`, 1),
		"a wrong number":       strings.Replace(whole, `"session_number":7`, `"session_number":0`, 1),
		"another ID":           strings.Replace(whole, `"tms-`, `"tms-f`, 1),
		"an ID of another one": strings.Replace(whole, `"traffic_mirror_filter_id":"tmf-`, `"traffic_mirror_filter_id":"tmf-0123456789abcdef0","description":"`, 1),
	} {
		e := emptyEmulator(t)
		if text == whole {
			t.Fatalf("%s: the test changes nothing", name)
		}
		if err := e.Load(t.Context(), strings.NewReader(text)); err == nil {
			t.Errorf("%s: was loaded", name)
		}
		if got := dumpOf(t, e); !strings.Contains(got, `"regions": {}`) {
			t.Errorf("%s: left something", name)
		}
	}
}

// A dump that an editor has saved can begin with a byte order mark.
func TestLoad_byteOrderMark(t *testing.T) {
	t.Parallel()
	whole := dumpOf(t, newMirrored(t, "").Emulator)
	e := emptyEmulator(t)
	fatal(t, e.Load(t.Context(), strings.NewReader("\uFEFF"+whole+"\n\n")))
	if got := dumpOf(t, e); got != whole {
		t.Errorf("got %s", got)
	}
}

// The store has the nouns as JSON. A change of them, even of a name, changes the format
// and needs another version: otherwise an older store would be read as if its fields
// were empty.
func TestStoreFormat(t *testing.T) {
	t.Parallel()
	last := 0
	e := mustNew(t, emulator.Options{
		Path:  filepath.Join(t.TempDir(), "ec2.db"),
		Now:   func() time.Time { return time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC) },
		NewID: func(prefix string) string { last++; return fmt.Sprintf("%s%017x", prefix, last) },
		Topology: &topology.File{
			AccountID:                    topology.DefaultAccountID,
			VPCs:                         []topology.VPC{{ID: "vpc-00000000000000001", CIDRBlock: netip.MustParsePrefix("10.0.0.0/16")}},
			Subnets:                      []topology.Subnet{{ID: "subnet-00000000000000001", VPCID: "vpc-00000000000000001", AvailabilityZone: "us-east-1a", IPv6Native: true}},
			Instances:                    []topology.Instance{{ID: instance(1), InstanceType: "m5.large", State: "running"}},
			NetworkLoadBalancers:         []topology.NetworkLoadBalancer{{ARN: loadBalancer, UDPListeners: []int{4789}}},
			GatewayLoadBalancerEndpoints: []topology.GatewayLoadBalancerEndpoint{{ID: gatewayEndpoint, VPCID: "vpc-00000000000000001"}},
			NetworkInterfaces: []mirror.Interface{{
				ID: eni(1), InstanceID: instance(1), PrivateIPAddress: netip.MustParseAddr("10.0.0.1"), MTU: 1500,
			}},
		},
	})
	f, target := makeFilter(t, e, "Description=d"), makeTarget(t, e, "NetworkLoadBalancerArn="+loadBalancer+"&ClientToken=token")
	must(t, e, "ModifyTrafficMirrorFilterNetworkServices", "TrafficMirrorFilterId="+f+"&AddNetworkService.1=amazon-dns")
	makeRule(t, e, f, 1, "Protocol=6&SourcePortRange.FromPort=1&SourcePortRange.ToPort=2&Description=d")
	makeSession(t, e, sessionOn(eni(1), target, f, 1)+"&VirtualNetworkId=7&TagSpecification.1.ResourceType=traffic-mirror-session&TagSpecification.1.Tag.1.Key=k")

	const golden = "testdata/store-1.json"
	got := dumpOf(t, e)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		fatal(t, os.WriteFile(golden, []byte(got), 0o600))
	}
	want, err := os.ReadFile(golden)
	fatal(t, err)
	if got != string(want) {
		t.Errorf("the format changed:\n got %s\nwant %s", got, want)
	}
	fatal(t, emptyEmulator(t).Load(t.Context(), bytes.NewReader(want)))
}
