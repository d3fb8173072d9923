package provider_test

import (
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// for_each over trafficmirror_sources mirrors a fleet whose instances come and go between
// applies. After each apply what is mirrored is what the selection says, and the sessions of the
// interfaces that stayed are the same ones on the same targets. No target is above its quota,
// and a plan is empty.
func TestFleet(t *testing.T) {
	t.Parallel()
	size, applies, sensorType, quota := 20, 4, "m5.large", 10
	if sample.All() {
		size, applies, sensorType, quota = 200, 10, "m5.24xlarge", 100
	}
	f := newFleet(t, sensorType, sample.Seed(t))
	for range size {
		f.launch(t, "web")
	}
	var before map[string]types.TrafficMirrorSession
	for n := range applies {
		if n > 0 {
			f.churn(t, size)
		}
		f.apply(t, f.plan(t))
		if left := f.plan(t); len(left) > 0 {
			t.Errorf("apply %d: the next plan changes %d sessions", n, len(left))
		}
		after := f.sessions(t)
		if got, want := slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(f.selected)); !slices.Equal(got, want) {
			t.Errorf("apply %d: mirrored are %q, selected %q", n, got, want)
		}
		sources := map[string]int{}
		for id, s := range after {
			sources[*s.TrafficMirrorTargetId]++
			was, stayed := before[id]
			if stayed && (*was.TrafficMirrorSessionId != *s.TrafficMirrorSessionId || *was.TrafficMirrorTargetId != *s.TrafficMirrorTargetId || *was.SessionNumber != *s.SessionNumber) {
				t.Errorf("apply %d: the session of %s, which stayed, has changed", n, id)
			}
		}
		for id, count := range sources {
			if count > quota {
				t.Errorf("apply %d: %s has %d sources, its quota is %d", n, id, count, quota)
			}
		}
		before = after
	}
}

// fleet is instances in three zones, and a configuration that mirrors those with a tag.
type fleet struct {
	random   *rand.Rand
	account  *account
	targets  map[string]string
	filterID string
	selected map[string]string // the instances by network interface

	server  tfprotov6.ProviderServer // of the plan or apply that runs
	source  *tfprotov6.Schema
	session *core
	state   map[string]instance
}

var zones = []string{"a", "b", "c"}

func newFleet(t *testing.T, sensorType string, seed uint64) *fleet {
	t.Helper()
	f := &fleet{
		random: rand.New(rand.NewPCG(seed, 0)), account: &account{folder: t.TempDir()}, targets: map[string]string{}, selected: map[string]string{}, state: map[string]instance{},
	}
	subnets, instances, interfaces := "", "", ""
	for n, zone := range zones {
		separator := map[bool]string{true: ","}[n > 0]
		subnets += separator + fmt.Sprintf(`{ "id": %q, "vpc_id": "vpc-00000000000000001", "cidr_block": "10.0.%d.0/24", "availability_zone": "us-east-1%s" }`, zoneSubnet(n), n, zone)
		instances += separator + fmt.Sprintf(`{ "id": "i-0000000000000000%s", "instance_type": %q, "state": "running" }`, zone, sensorType)
		interfaces += separator + fmt.Sprintf(`{ "id": "eni-0000000000000000%s", "subnet_id": %q, "instance_id": "i-0000000000000000%[1]s" }`, zone, zoneSubnet(n))
	}
	f.account.setTopology(t, fmt.Sprintf(`{
  "vpcs": [{ "id": "vpc-00000000000000001", "cidr_block": "10.0.0.0/16" }],
  "subnets": [%s], "instances": [%s], "network_interfaces": [%s]
}`, subnets, instances, interfaces))
	for _, zone := range zones {
		target := do(t, f.account.client.CreateTrafficMirrorTarget, &ec2.CreateTrafficMirrorTargetInput{NetworkInterfaceId: aws.String("eni-0000000000000000" + zone)})
		f.targets[zone] = *target.TrafficMirrorTarget.TrafficMirrorTargetId
	}
	f.filterID = *do(t, f.account.client.CreateTrafficMirrorFilter, &ec2.CreateTrafficMirrorFilterInput{}).TrafficMirrorFilter.TrafficMirrorFilterId
	_, schemas := f.account.server(t)
	f.source = schemas.DataSourceSchemas["trafficmirror_sources"]
	f.session = &core{
		kind: "trafficmirror_session", schema: schemas.ResourceSchemas["trafficmirror_session"],
		server: func(*testing.T) tfprotov6.ProviderServer { return f.server },
	}
	return f
}

func zoneSubnet(n int) string { return fmt.Sprintf("subnet-%017x", n+1) }

// launch launches an instance. Every other one is in the first zone, so that its target does
// not have room for all of them.
func (f *fleet) launch(t *testing.T, role string) {
	t.Helper()
	zone := max(0, f.random.IntN(6)-3)
	instanceType := types.InstanceTypeM5Large
	if role == "old" {
		instanceType, role = types.InstanceTypeT2Micro, "web" // which cannot be mirrored
	}
	launched := do(t, f.account.client.RunInstances, &ec2.RunInstancesInput{
		ImageId: aws.String("ami-00000000000000001"), InstanceType: instanceType, MinCount: aws.Int32(1), MaxCount: aws.Int32(1), SubnetId: aws.String(zoneSubnet(zone)),
		TagSpecifications: specification("network-interface", []types.Tag{{Key: aws.String("role"), Value: &role}}),
	})
	if role == "web" && instanceType == types.InstanceTypeM5Large {
		f.selected[*launched.Instances[0].NetworkInterfaces[0].NetworkInterfaceId] = *launched.Instances[0].InstanceId
	}
}

// churn lets up to a tenth of the instances go, in three ways, and others come.
func (f *fleet) churn(t *testing.T, size int) {
	t.Helper()
	all := slices.Sorted(maps.Keys(f.selected))
	for range f.random.IntN(size/10 + 1) {
		id := all[f.random.IntN(len(all))]
		instanceID, isLeft := f.selected[id]
		if !isLeft {
			continue
		}
		switch f.random.IntN(3) {
		case 0:
			do(t, f.account.client.TerminateInstances, &ec2.TerminateInstancesInput{InstanceIds: []string{instanceID}})
		case 1:
			do(t, f.account.client.CreateTags, &ec2.CreateTagsInput{Resources: []string{id}, Tags: []types.Tag{{Key: aws.String("role"), Value: aws.String("db")}}})
		case 2:
			do(t, f.account.client.StopInstances, &ec2.StopInstancesInput{InstanceIds: []string{instanceID}})
			continue // it is still selected
		}
		delete(f.selected, id)
	}
	for len(f.selected) < size-f.random.IntN(size/10+1) {
		f.launch(t, "web")
	}
	f.launch(t, "db")
	f.launch(t, "old")
}

// plan does what Terraform's core does with the configuration of docs/guides/fleet.md, and
// returns the sessions that change.
func (f *fleet) plan(t *testing.T) map[string]*planned {
	t.Helper()
	f.server, _ = f.account.server(t)
	var sources map[string]tftypes.Value
	isFirst := f.random.IntN(2) == 0 // Terraform reads a data source before the resources, or after them
	if isFirst {
		sources = f.sources(t)
	}
	for key, present := range f.state {
		read, wrong := f.session.read(t, present)
		if wrong != nil {
			t.Fatal(wrong)
		}
		if f.state[key] = read; read.value.IsNull() {
			delete(f.state, key)
		}
	}
	if !isFirst {
		sources = f.sources(t)
	}
	changes := map[string]*planned{}
	keep := func(key string, p *planned, wrong *refusal) {
		if wrong != nil {
			t.Fatal(key, wrong)
		}
		if !p.same() {
			changes[key] = p
		}
	}
	for key, source := range sources {
		prior, exists := f.state[key]
		if !exists {
			prior = instance{value: f.session.nothing()}
		}
		p, wrong := f.session.planBeside(t, f.server, prior, f.config(t, key, source))
		keep(key, p, wrong)
	}
	for key, prior := range f.state {
		if _, stays := sources[key]; !stays {
			p, wrong := f.session.planBeside(t, f.server, prior, f.session.nothing())
			keep(key, p, wrong)
		}
	}
	return changes
}

func (f *fleet) sources(t *testing.T) map[string]tftypes.Value {
	t.Helper()
	targets := map[string]any{}
	for name, id := range f.targets {
		targets[name] = map[string]any{"id": id}
	}
	resp, err := f.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: "trafficmirror_sources",
		Config: dynamicValue(t, f.source.ValueType(), map[string]any{
			"vpc_ids": []any{"vpc-00000000000000001"}, "tags": []any{map[string]any{"role": "web"}}, "session_tags": map[string]any{"fleet": "web"}, "targets": targets,
		}),
	})
	if err != nil || refused(resp.Diagnostics) != nil {
		t.Fatal(err, worded(resp.Diagnostics))
	}
	state, err := resp.State.Unmarshal(f.source.ValueType())
	if err != nil {
		t.Fatal(err)
	}
	return elementsOf(attributesOf(state)["sources"])
}

// config is the configuration of a session.
func (f *fleet) config(t *testing.T, key string, source tftypes.Value) tftypes.Value {
	t.Helper()
	attributes := attributesOf(source)
	var target string
	var number big.Float
	if err := attributes["target"].As(&target); err != nil {
		t.Fatal(err)
	}
	if err := attributes["session_number"].As(&number); err != nil {
		t.Fatal(err)
	}
	n, _ := number.Int64()
	return f.session.value(t, dynamicValue(t, f.session.schema.ValueType(), map[string]any{
		"network_interface_id": key, "traffic_mirror_target_id": f.targets[target], "traffic_mirror_filter_id": f.filterID, "session_number": n,
		"tags": map[string]any{"fleet": "web"},
	}))
}

// apply makes changes true, in any order.
func (f *fleet) apply(t *testing.T, changes map[string]*planned) {
	t.Helper()
	f.server, _ = f.account.server(t)
	for key, change := range changes {
		made, wrong := f.session.apply(t, change)
		if wrong != nil {
			t.Fatal(key, wrong)
		}
		if f.state[key] = made; made.value.IsNull() {
			delete(f.state, key)
		}
	}
}

// sessions returns those of EC2 by interface.
func (f *fleet) sessions(t *testing.T) map[string]types.TrafficMirrorSession {
	t.Helper()
	all := map[string]types.TrafficMirrorSession{}
	pages := ec2.NewDescribeTrafficMirrorSessionsPaginator(f.account.client, &ec2.DescribeTrafficMirrorSessionsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.TrafficMirrorSessions {
			all[*s.NetworkInterfaceId] = s
		}
	}
	return all
}
