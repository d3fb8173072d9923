package emulator_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// The VPC of applianceWorld: two zones, an appliance in each by instance, and one only by its address.
const (
	zoneA, zoneB = "us-east-1a", "us-east-1b"
	subnetB      = "subnet-00000000000000002"
	applianceA   = "i-00000000000000021"
	applianceB   = "i-00000000000000022"
	stopped      = "i-00000000000000023"
	elsewhere    = "i-00000000000000024"
	oldAppliance = "i-00000000000000025"
)

// applianceWorld is world with appliances.
func applianceWorld() *topology.File {
	f := world()
	address := netip.MustParseAddr
	f.Subnets = append(f.Subnets, topology.Subnet{ID: subnetB, VPCID: worldVPC, CIDRBlock: netip.MustParsePrefix("10.0.3.0/24"), AvailabilityZone: zoneB})
	f.VPCs = append(f.VPCs, topology.VPC{ID: "vpc-00000000000000009", CIDRBlock: netip.MustParsePrefix("10.9.0.0/16")})
	f.Subnets = append(f.Subnets, topology.Subnet{ID: "subnet-00000000000000009", VPCID: "vpc-00000000000000009", CIDRBlock: netip.MustParsePrefix("10.9.1.0/24"), AvailabilityZone: zoneA})
	for _, v := range []struct{ id, kind, state, subnet, address string }{
		{applianceA, "m5.large", "running", worldSubnet, "10.0.1.121"},
		{applianceB, "m5.large", "running", subnetB, "10.0.3.122"},
		{stopped, "m5.large", "stopped", worldSubnet, "10.0.1.123"},
		{elsewhere, "m5.large", "running", "subnet-00000000000000009", "10.9.1.124"},
		{oldAppliance, "m3.large", "running", worldSubnet, "10.0.1.125"},
	} {
		f.Instances = append(f.Instances, topology.Instance{ID: v.id, InstanceType: v.kind, State: v.state})
		f.NetworkInterfaces = append(f.NetworkInterfaces, mirror.Interface{ID: "eni" + strings.TrimPrefix(v.id, "i"), SubnetID: v.subnet, InstanceID: v.id, PrivateIPAddress: address(v.address)})
	}
	f.NetworkInterfaces = append(f.NetworkInterfaces, mirror.Interface{ID: "eni-00000000000000026", SubnetID: worldSubnet, PrivateIPAddress: address("10.0.1.126")})
	return f
}

func newAppliances(t testing.TB, change ...func(*emulator.Options)) *emulator.Emulator {
	t.Helper()
	return newEmulator(t, append([]func(*emulator.Options){func(o *emulator.Options) { o.Topology = applianceWorld() }}, change...)...)
}

// register registers targets, each an ID, or an ID, a colon and a port.
func register(t testing.TB, h http.Handler, group string, targets ...string) {
	t.Helper()
	mustBalance(t, h, "RegisterTargets", "TargetGroupArn="+group+targetList(targets...))
}

func targetList(targets ...string) string {
	var list strings.Builder
	for i, text := range targets {
		id, port, hasPort := strings.Cut(text, ":")
		fmt.Fprintf(&list, "&Targets.member.%d.Id=%s", i+1, id)
		if hasPort {
			fmt.Fprintf(&list, "&Targets.member.%d.Port=%s", i+1, port)
		}
	}
	return list.String()
}

// health returns the state and the reason of each registered target by its ID.
func healthOf(t testing.TB, h http.Handler, group string, targets ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, d := range mustBalance(t, h, "DescribeTargetHealth", "TargetGroupArn="+group+targetList(targets...)).all("TargetHealthDescriptions/member") {
		id := d.text("Target/Id")
		if port := d.text("Target/Port"); port != "4789" && port != "6081" {
			id += ":" + port
		}
		all[id] = strings.TrimSpace(d.text("TargetHealth/State") + " " + d.text("TargetHealth/Reason"))
	}
	return all
}

// makeBalancer makes a load balancer of a type in some subnets, with a listener to a target
// group, and returns the ARNs of both.
func makeBalancer(t testing.TB, h http.Handler, kind, name, group string, in ...string) (balancer, listener string) {
	t.Helper()
	parameters := "Type=" + kind + "&Name=" + name
	if kind == "network" {
		parameters += "&Scheme=internal"
	}
	for i, id := range in {
		parameters += fmt.Sprintf("&Subnets.member.%d=%s", i+1, id)
	}
	balancer = mustBalance(t, h, "CreateLoadBalancer", parameters).text("LoadBalancers/member/LoadBalancerArn")
	return balancer, listen(t, h, kind, balancer, group)
}

func listen(t testing.TB, h http.Handler, kind, balancer, group string) string {
	t.Helper()
	parameters := "LoadBalancerArn=" + balancer + "&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn=" + group
	if kind == "network" {
		parameters += "&Protocol=UDP&Port=4789"
	}
	return mustBalance(t, h, "CreateListener", parameters).text("Listeners/member/ListenerArn")
}

func TestRegisterTargets_refusals(t *testing.T) {
	t.Parallel()
	e := newAppliances(t)
	byInstance := makeTargetGroup(t, e, "instances", "Protocol=UDP&Port=4789")
	byAddress := makeTargetGroup(t, e, "addresses", udpGroup)
	geneve := makeTargetGroup(t, e, "geneve", geneveGroup)
	for _, test := range []struct{ group, parameters, code string }{
		{byInstance, "", "ValidationError"},
		{byInstance, targetList("10.0.1.121"), "ValidationError"},
		{byInstance, targetList("i-0123456789abcdef0"), "InvalidTarget"},
		{byInstance, targetList(stopped), "InvalidTarget"},
		{byInstance, targetList(elsewhere), "InvalidTarget"},
		{byInstance, targetList(oldAppliance), "InvalidTarget"},
		{byInstance, targetList(applianceA, stopped), "InvalidTarget"},
		{byInstance, targetList(applianceA) + "&Targets.member.1.AvailabilityZone=" + zoneA, "ValidationError"},
		{byInstance, targetList(applianceA + ":0"), "ValidationError"},
		{byInstance, targetList(applianceA) + "&Targets.member.1.QuicServerId=0x0123456789abcdef", "ValidationError"},
		{byInstance, targetList(applianceA + ":53"), ""},
		{byAddress, targetList(applianceA), "ValidationError"},
		{byAddress, targetList("10.0.1.300"), "ValidationError"},
		{byAddress, targetList("2001:db8::1"), "ValidationError"},
		{byAddress, targetList("8.8.8.8") + "&Targets.member.1.AvailabilityZone=all", "ValidationError"},
		{byAddress, targetList("10.77.0.1"), "ValidationError"},
		{byAddress, targetList("10.77.0.1") + "&Targets.member.1.AvailabilityZone=eu-west-1a", "ValidationError"},
		{byAddress, targetList("10.77.0.1") + "&Targets.member.1.AvailabilityZone=all", ""},
		{byAddress, targetList("10.0.1.121") + "&Targets.member.1.AvailabilityZone=all", "ValidationError"},
		{byAddress, targetList("10.0.1.121") + "&Targets.member.1.AvailabilityZone=" + zoneB, "ValidationError"},
		{byAddress, targetList("10.0.1.121") + "&Targets.member.1.AvailabilityZone=" + zoneA, ""},
		{geneve, targetList(applianceA + ":80"), "ValidationError"},
		{geneve, targetList(oldAppliance), ""}, // the families are those that a Network Load Balancer does not take
	} {
		unbalanced(t, e, "RegisterTargets", "TargetGroupArn="+test.group+test.parameters, test.code)
	}
	if got := healthOf(t, e, byInstance); len(got) != 1 || got[applianceA+":53"] == "" {
		t.Errorf("registered are %v, want only what a request without errors has registered", got)
	}
	unbalanced(t, e, "DeregisterTargets", "TargetGroupArn="+byInstance, "ValidationError")
	unbalanced(t, e, "DeregisterTargets", "TargetGroupArn="+byInstance+targetList(applianceB), "")
	unbalanced(t, e, "DescribeTargetHealth", "TargetGroupArn="+byInstance+targetList("10.0.1.121"), "ValidationError")
	unbalanced(t, e, "DescribeTargetHealth", "TargetGroupArn="+byInstance+"&Include.member.1=Weather", "ValidationError")
}

// The SDK registers appliances by instance and by address, and reads their health.
func TestTargetHealth_client(t *testing.T) {
	t.Parallel()
	e := newAppliances(t)
	group := makeTargetGroup(t, e, "fleet", udpGroup)
	makeBalancer(t, e, "network", "nlb", group, worldSubnet, subnetB)
	c := newBalancing(e)
	_, err := c.RegisterTargets(t.Context(), &elb.RegisterTargetsInput{TargetGroupArn: new(group), Targets: []elbtypes.TargetDescription{{Id: new("10.0.3.122")}, {Id: new("10.0.1.121"), Port: new(int32(4790))}}})
	fatal(t, err)
	read, err := c.DescribeTargetHealth(t.Context(), &elb.DescribeTargetHealthInput{TargetGroupArn: new(group), Include: []elbtypes.DescribeTargetHealthInputIncludeEnum{"All"}})
	fatal(t, err)
	if len(read.TargetHealthDescriptions) != 2 {
		t.Fatalf("there are %d targets, want 2", len(read.TargetHealthDescriptions))
	}
	first, second := read.TargetHealthDescriptions[0], read.TargetHealthDescriptions[1]
	if *first.Target.AvailabilityZone != zoneB || *first.Target.Port != 4789 || *first.HealthCheckPort != "4789" || first.TargetHealth.State != "healthy" || first.TargetHealth.Description != nil {
		t.Errorf("the first target is %+v", first)
	}
	if *second.Target.Port != 4790 || *second.HealthCheckPort != "4790" || second.TargetHealth.State != "healthy" {
		t.Errorf("the second target is %+v", second)
	}
	used := mustBalance(t, e, "DescribeTargetGroups", "TargetGroupArns.member.1="+group).texts("TargetGroups/member/LoadBalancerArns/member")
	if len(used) != 1 || !strings.Contains(used[0], "/net/nlb/") {
		t.Errorf("the group is used by %q, want the load balancer", used)
	}
	unbalanced(t, e, "DeleteTargetGroup", "TargetGroupArn="+group, "ResourceInUse")
}

// Health follows from the listener, the zones, the instance and the interface.
func TestTargetHealth(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	e := newAppliances(t, func(o *emulator.Options) { o.Now = func() time.Time { return now } })
	instances := makeTargetGroup(t, e, "instances", "Protocol=UDP&Port=4789")
	addresses := makeTargetGroup(t, e, "addresses", udpGroup)
	register(t, e, instances, applianceA, applianceB)
	register(t, e, addresses, "10.0.1.121", "10.0.1.126", "10.0.1.200", "10.0.3.122")
	mustBalance(t, e, "RegisterTargets", "TargetGroupArn="+addresses+targetList("10.77.0.1")+"&Targets.member.1.AvailabilityZone=all")
	check := func(when, group string, want map[string]string) {
		t.Helper()
		if got := healthOf(t, e, group); !maps.Equal(got, want) {
			t.Errorf("%s: the targets are\n%v\nwant\n%v", when, got, want)
		}
	}
	const notInUse, failed = "unused Target.NotInUse", "unhealthy Target.FailedHealthChecks"
	check("without a listener", instances, map[string]string{applianceA: notInUse, applianceB: notInUse})

	balancer, listener := makeBalancer(t, e, "network", "one-zone", instances, worldSubnet)
	check("in one zone", instances, map[string]string{applianceA: "healthy", applianceB: notInUse})
	mustBalance(t, e, "SetSubnets", "LoadBalancerArn="+balancer+"&Subnets.member.1="+worldSubnet+"&Subnets.member.2="+subnetB)
	check("in both zones (A0208)", instances, map[string]string{applianceA: "healthy", applianceB: "healthy"})

	_, other := makeBalancer(t, e, "network", "other", addresses, worldSubnet)
	check("by address (A0209)", addresses, map[string]string{"10.0.1.121": "healthy", "10.0.1.126": failed, "10.0.1.200": failed, "10.0.3.122": notInUse, "10.77.0.1": "healthy"})

	must(t, e, "StopInstances", "InstanceId.1="+applianceA)
	check("stopped", instances, map[string]string{applianceA: "unused Target.InvalidState", applianceB: "healthy"})
	check("stopped, by address", addresses, map[string]string{"10.0.1.121": failed, "10.0.1.126": failed, "10.0.1.200": failed, "10.0.3.122": notInUse, "10.77.0.1": "healthy"})
	must(t, e, "StartInstances", "InstanceId.1="+applianceA)
	must(t, e, "TerminateInstances", "InstanceId.1="+applianceB)
	check("started and terminated", instances, map[string]string{applianceA: "healthy", applianceB: "unused Target.InvalidState"})

	mustBalance(t, e, "DeregisterTargets", "TargetGroupArn="+instances+targetList(applianceA))
	check("deregistered", instances, map[string]string{applianceA: "draining Target.DeregistrationInProgress", applianceB: "unused Target.InvalidState"})
	register(t, e, instances, applianceA)
	check("registered again", instances, map[string]string{applianceA: "healthy", applianceB: "unused Target.InvalidState"})
	mustBalance(t, e, "DeregisterTargets", "TargetGroupArn="+instances+targetList(applianceA))
	now = now.Add(299 * time.Second)
	check("draining", instances, map[string]string{applianceA: "draining Target.DeregistrationInProgress", applianceB: "unused Target.InvalidState"})
	now = now.Add(time.Second)
	check("drained", instances, map[string]string{applianceB: "unused Target.InvalidState"})
	if got := healthOf(t, e, instances, applianceA, applianceB); got[applianceA] != "unused Target.NotRegistered" || len(got) != 2 {
		t.Errorf("asked for by ID, the targets are %v", got)
	}
	for _, l := range []string{listener, other} {
		mustBalance(t, e, "DeleteListener", "ListenerArn="+l)
	}
	mustBalance(t, e, "DeregisterTargets", "TargetGroupArn="+instances+targetList(applianceB))
	check("deregistered from a group that is not in use", instances, map[string]string{})
	unbalanced(t, e, "DeleteTargetGroup", "TargetGroupArn="+instances, "")
}

// A target of a Gateway Load Balancer whose address nobody has does not answer in time.
func TestTargetHealth_gateway(t *testing.T) {
	t.Parallel()
	e := newAppliances(t)
	group := makeTargetGroup(t, e, "gwy", "Protocol=GENEVE&Port=6081&TargetType=ip")
	makeBalancer(t, e, "gateway", "gwlb", group, worldSubnet)
	register(t, e, group, "10.0.1.121", "10.0.1.200")
	if got, want := healthOf(t, e, group), map[string]string{"10.0.1.121": "healthy", "10.0.1.200": "unhealthy Target.Timeout"}; !maps.Equal(got, want) {
		t.Errorf("the targets are %v, want %v (A0209)", got, want)
	}
}

// A test says what the health check of a target finds (A0207). What follows from the instance
// stays as it is.
func TestTargetHealth_set(t *testing.T) {
	t.Parallel()
	e := newAppliances(t)
	group := makeTargetGroup(t, e, "instances", "Protocol=UDP&Port=4789")
	makeBalancer(t, e, "network", "nlb", group, worldSubnet, subnetB)
	register(t, e, group, applianceA, applianceB, applianceB+":53")
	put := func(body string) string {
		w := control(e, http.MethodPut, "/_emulator/target-health", body, "127.0.0.1:1", "127.0.0.1")
		if got := w.Body.String(); (w.Code == http.StatusOK) == (got == "") {
			return got
		}
		return w.Result().Status
	}
	for _, test := range []struct{ body, want string }{
		{`{"target_group_arn": "` + group + `", "id": "` + applianceA + `", "health": "unhealthy"}`, ""},
		{`{"target_group_arn": "` + group + `", "id": "` + applianceB + `", "port": 53, "health": "unhealthy", "reason": "Target.Timeout", "description": "Request timed out"}`, ""},
		{`{"target_group_arn": "` + group + `", "id": "` + stopped + `", "health": "unhealthy"}`, "this target is not registered"},
		{`{"target_group_arn": "` + group + `", "id": "` + applianceA + `", "port": 1, "health": "unhealthy"}`, "this target is not registered"},
		{`{"target_group_arn": "` + group + `", "id": "` + applianceA + `", "health": "sick"}`, `health is "sick": write one of`},
		{`{"target_group_arn": "` + group + `", "id": "` + applianceA + `", "health": "unused"}`, `health is "unused": write one of`},
		{`{"target_group_arn": "` + group + `", "id": "` + applianceA + `", "health": "healthy", "reason": "Target.Timeout"}`, `reason is "Target.Timeout"`},
		{`{"target_group_arn": "fleet", "id": "` + applianceA + `", "health": "healthy"}`, `target_group_arn is "fleet"`},
		{`{"target_group_arn": "` + strings.Replace(group, "/instances/", "/others/", 1) + `", "id": "` + applianceA + `", "health": "healthy"}`, "does not exist"},
		{`{"target_group_arn": "` + group + `", "target": "` + applianceA + `", "health": "healthy"}`, "target"},
	} {
		if got := put(test.body); !strings.Contains(got, test.want) || test.want == "" && got != "" {
			t.Errorf("PUT %s\n got %q\nwant %q", test.body, got, test.want)
		}
	}
	check := func(when string, want map[string]string) {
		t.Helper()
		if got := healthOf(t, e, group); !maps.Equal(got, want) {
			t.Errorf("%s: the targets are\n%v\nwant\n%v (A0207)", when, got, want)
		}
	}
	check("set", map[string]string{applianceA: "unhealthy Target.FailedHealthChecks", applianceB: "healthy", applianceB + ":53": "unhealthy Target.Timeout"})
	must(t, e, "StopInstances", "InstanceId.1="+applianceA)
	check("stopped", map[string]string{applianceA: "unused Target.InvalidState", applianceB: "healthy", applianceB + ":53": "unhealthy Target.Timeout"})
	must(t, e, "StartInstances", "InstanceId.1="+applianceA)
	check("started", map[string]string{applianceA: "unhealthy Target.FailedHealthChecks", applianceB: "healthy", applianceB + ":53": "unhealthy Target.Timeout"})
	fatal(t, emulator.SetTargetHealth(t.Context(), e, emulator.HealthSetting{TargetGroupARN: group, ID: applianceA}))
	fatal(t, emulator.SetTargetHealth(t.Context(), e, emulator.HealthSetting{TargetGroupARN: group, ID: applianceB}))
	check("computed again", map[string]string{applianceA: "healthy", applianceB: "healthy", applianceB + ":53": "healthy"})
}

// A topology has target groups with their targets and what health checks found. Targets that it
// leaves out are unknown.
func TestTargetGroup_topology(t *testing.T) {
	t.Parallel()
	const (
		known   = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/known/0000000000000001"
		unknown = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/unknown/0000000000000002"
		far     = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/far/0000000000000003"

		addresses = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/addresses/0000000000000004"
	)
	f := applianceWorld()
	f.TargetGroups = []mirror.TargetGroup{
		{
			ARN: known, Protocol: "UDP", Port: 4789, TargetType: "instance", VPCID: worldVPC, CrossZone: "true",
			HealthCheck: mirror.HealthCheck{Protocol: "HTTP", Port: "80"}, Attributes: map[string]string{"deregistration_delay.timeout_seconds": "30", "later.than.this.program": "x"},
			Targets: []mirror.RegisteredTarget{{ID: applianceA, Health: "unhealthy", Reason: "Target.Timeout"}, {ID: applianceB}, {ID: stopped, Health: "healthy"}, {ID: "i-00000000000000099", Health: "healthy"}},
			Tags:    map[string]string{"k": "v"},
		},
		{ARN: unknown, Protocol: "UDP", Port: 4789, TargetType: "ip", VPCID: worldVPC},
		{ARN: far, Protocol: "UDP", Port: 4789},
		{
			ARN: addresses, Protocol: "UDP", Port: 4789, VPCID: worldVPC,
			Targets: []mirror.RegisteredTarget{{ID: "10.0.1.123", Health: "healthy"}, {ID: "10.0.1.126", Health: "healthy"}},
		},
	}
	e := newAppliances(t, func(o *emulator.Options) { o.Topology = f })
	makeBalancer(t, e, "network", "nlb", known, worldSubnet, subnetB)
	read := mustBalance(t, e, "DescribeTargetGroups", "Names.member.1=known").all("TargetGroups/member")[0]
	if read.text("HealthCheckPath") != "/" || read.text("HealthCheckTimeoutSeconds") != "6" || read.text("HealthCheckPort") != "80" || read.text("IpAddressType") != "ipv4" {
		t.Errorf("the group is %v", read)
	}
	attributes := attributesOf(t, e, known)
	for key, want := range map[string]string{"load_balancing.cross_zone.enabled": "true", "deregistration_delay.timeout_seconds": "30", "later.than.this.program": "x", "stickiness.enabled": "false"} {
		if attributes[key] != want {
			t.Errorf("the attribute %s is %q, want %q", key, attributes[key], want)
		}
	}
	want := map[string]string{
		applianceA: "unhealthy Target.Timeout", applianceB: "healthy", stopped: "unused Target.InvalidState", "i-00000000000000099": "healthy",
	}
	if got := healthOf(t, e, known); !maps.Equal(got, want) {
		t.Errorf("the targets are\n%v\nwant\n%v", got, want)
	}
	makeBalancer(t, e, "network", "second", addresses, worldSubnet)
	want = map[string]string{"10.0.1.123": "unhealthy Target.FailedHealthChecks", "10.0.1.126": "healthy"} // one is on a stopped instance
	if got := healthOf(t, e, addresses); !maps.Equal(got, want) {
		t.Errorf("the targets by address are\n%v\nwant\n%v", got, want)
	}
	unbalanced(t, e, "DescribeTargetHealth", "TargetGroupArn="+unknown, "AccessDenied")
	unbalanced(t, e, "DescribeTargetHealth", "TargetGroupArn="+unknown+targetList("10.0.1.121"), "AccessDenied")
	unbalanced(t, e, "DescribeTargetGroups", "Names.member.1=far", "TargetGroupNotFound")
	tagged := mustBalance(t, e, "DescribeTags", "ResourceArns.member.1="+known).texts("TagDescriptions/member/Tags/member/Key")
	if !slices.Equal(tagged, []string{"k"}) {
		t.Errorf("the tags are %q, want k", tagged)
	}
	register(t, e, unknown, "10.0.1.121")
	if got := healthOf(t, e, unknown, "10.0.1.121"); got["10.0.1.121"] != "unused Target.NotInUse" {
		t.Errorf("a target that was registered beside unknown ones: %v", got)
	}
	unbalanced(t, e, "DescribeTargetHealth", "TargetGroupArn="+unknown, "AccessDenied") // the others are still unknown
}

// A load balancer whose zones a topology leaves out sends to every target.
func TestTargetHealth_unknownZone(t *testing.T) {
	t.Parallel()
	e := newAppliances(t)
	group := makeTargetGroup(t, e, "fleet", "Protocol=UDP&Port=4789")
	register(t, e, group, applianceA)
	listen(t, e, "network", otherLoadBalancer, group)
	if got := healthOf(t, e, group); got[applianceA] != "healthy" {
		t.Errorf("the health is %q", got)
	}
}

// The subnets of a service whose load balancer is in an unknown zone are not known.
func TestEndpointService_unknownZone(t *testing.T) {
	t.Parallel()
	const gwlb = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/gwy/gwlb/0123456789abcdef"
	f := applianceWorld()
	f.LoadBalancers = []mirror.LoadBalancer{{ARN: gwlb, Zones: []mirror.LoadBalancerZone{{Address: netip.MustParseAddr("10.0.1.99")}}}}
	e := newAppliances(t, func(o *emulator.Options) { o.Topology = f })
	_, name := makeService(t, e, "AcceptanceRequired=false&GatewayLoadBalancerArn.1="+gwlb)
	makeEndpoint(t, e, name)
}

// An address of a prefix that is delegated to an interface is one of the interface.
func TestTargetHealth_delegatedPrefix(t *testing.T) {
	t.Parallel()
	f := applianceWorld()
	for i, v := range f.NetworkInterfaces {
		if v.InstanceID == applianceA {
			f.NetworkInterfaces[i].IPv4Prefixes = []netip.Prefix{netip.MustParsePrefix("10.0.1.208/28")}
		}
		if v.InstanceID == stopped {
			f.NetworkInterfaces[i].IPv4Prefixes = []netip.Prefix{netip.MustParsePrefix("10.0.1.240/29")}
		}
	}
	e := newAppliances(t, func(o *emulator.Options) { o.Topology = f })
	group := makeTargetGroup(t, e, "pods", udpGroup)
	makeBalancer(t, e, "network", "fleet", group, worldSubnet)
	register(t, e, group, "10.0.1.210", "10.0.1.241", "10.0.1.225")
	want := map[string]string{"10.0.1.210": "healthy", "10.0.1.241": "unhealthy Target.FailedHealthChecks", "10.0.1.225": "unhealthy Target.FailedHealthChecks"}
	if got := healthOf(t, e, group); !maps.Equal(got, want) {
		t.Errorf("the health is %q", got)
	}
}

// Some targets are described in the order of the request, with those that are not registered.
func TestTargetHealth_someInOrder(t *testing.T) {
	t.Parallel()
	e := newAppliances(t)
	group := makeTargetGroup(t, e, "fleet", udpGroup)
	makeBalancer(t, e, "network", "fleet", group, worldSubnet, subnetB)
	register(t, e, group, "10.0.1.121", "10.0.3.122", "10.0.1.123")
	got := mustBalance(t, e, "DescribeTargetHealth", "TargetGroupArn="+group+targetList("10.0.3.122", "10.0.1.99", "10.0.1.121"))
	if ids := got.texts("TargetHealthDescriptions/member/Target/Id"); !slices.Equal(ids, []string{"10.0.3.122", "10.0.1.99", "10.0.1.121"}) {
		t.Errorf("the targets are %q", ids)
	}
	if states := got.texts("TargetHealthDescriptions/member/TargetHealth/State"); !slices.Equal(states, []string{"healthy", "unused", "healthy"}) {
		t.Errorf("the states are %q", states)
	}
}

// An address in another form is the same target.
func TestRegisterTargets_sameAddress(t *testing.T) {
	t.Parallel()
	f := applianceWorld()
	i := slices.IndexFunc(f.Subnets, func(s topology.Subnet) bool { return s.ID == subnetB })
	f.Subnets[i].IPv6CIDRBlock = netip.MustParsePrefix("2001:db8::/64")
	e := newAppliances(t, func(o *emulator.Options) { o.Topology = f })
	group := makeTargetGroup(t, e, "ipv6", "Protocol=UDP&Port=4789&TargetType=ip&IpAddressType=ipv6")
	of := func(id string) string { return "TargetGroupArn=" + group + "&Targets.member.1.Id=" + id }
	mustBalance(t, e, "RegisterTargets", of("2001:db8:0::AB"))
	mustBalance(t, e, "RegisterTargets", of("2001:db8::ab"))
	if got := mustBalance(t, e, "DescribeTargetHealth", "TargetGroupArn="+group).texts("TargetHealthDescriptions/member/Target/Id"); !slices.Equal(got, []string{"2001:db8::ab"}) {
		t.Errorf("registered are %q", got)
	}
	if got := mustBalance(t, e, "DescribeTargetHealth", of("2001:DB8::ab")).text("TargetHealthDescriptions/member/TargetHealth/Reason"); got == "Target.NotRegistered" {
		t.Error("the target is not found by another form of its address")
	}
	mustBalance(t, e, "DeregisterTargets", of("2001:db8::00AB"))
	if got := mustBalance(t, e, "DescribeTargetHealth", "TargetGroupArn="+group).texts("TargetHealthDescriptions/member/Target/Id"); len(got) != 0 {
		t.Errorf("%q stay registered", got)
	}
}
