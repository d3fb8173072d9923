package emulator_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

const secondVPC = "vpc-00000000000000002" // of withZones

// A listener sends only to target groups in the VPC of its load balancer.
func TestListener_otherVPC(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withZones)
	network := createdBalancer(t, e, "network", "fleet")
	own := createdGroup(t, e, "own", "UDP", 4789)
	away := mustBalance(t, e, "CreateTargetGroup", "Name=away&Protocol=UDP&Port=4789&TargetType=ip&VpcId="+secondVPC).text("TargetGroups/member/TargetGroupArn")
	unbalanced(t, e, "CreateListener", listenerOn(network, "UDP", 4789, away), "InvalidConfigurationRequest")
	listener := mustBalance(t, e, "CreateListener", listenerOn(network, "UDP", 4789, own)).text("Listeners/member/ListenerArn")
	const forward = "&DefaultActions.member.1.Type=forward&DefaultActions.member.1.TargetGroupArn="
	unbalanced(t, e, "ModifyListener", "ListenerArn="+listener+forward+away, "InvalidConfigurationRequest")
}

// Security groups of a load balancer exist, and are of its VPC. Its interfaces have the same.
func TestSetSecurityGroups(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withZones)
	first, second, away := makeGroup(t, e, worldVPC, "first"), makeGroup(t, e, worldVPC, "second"), makeGroup(t, e, secondVPC, "away")
	balancer := mustBalance(t, e, "CreateLoadBalancer", fleetRequest+"&SecurityGroups.member.1="+first).text("LoadBalancers/member/LoadBalancerArn")
	set := func(group string) string { return "LoadBalancerArn=" + balancer + "&SecurityGroups.member.1=" + group }
	unbalanced(t, e, "SetSecurityGroups", set("sg-0000000000000000f"), "InvalidSecurityGroup")
	unbalanced(t, e, "SetSecurityGroups", set(away), "InvalidConfigurationRequest")
	unbalanced(t, e, "SetSecurityGroups", "LoadBalancerArn="+balancer, "InvalidConfigurationRequest")
	wantGroups := func(group string) {
		t.Helper()
		described := mustBalance(t, e, "DescribeLoadBalancers", "LoadBalancerArns.member.1="+balancer).texts("LoadBalancers/member/SecurityGroups/member")
		onInterface := balancerInterfaces(t, e, balancer)[0].texts("groupSet/item/groupId")
		if want := []string{group}; !slices.Equal(described, want) || !slices.Equal(onInterface, want) {
			t.Errorf("the load balancer has %q, its interface %q, want %q", described, onInterface, want)
		}
	}
	wantGroups(first)
	mustBalance(t, e, "SetSecurityGroups", set(second))
	wantGroups(second)
}

// The same name with other settings is an error, also if only the security groups differ.
func TestLoadBalancer_otherSettings(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, withZones)
	group := makeGroup(t, e, worldVPC, "group")
	made := mustBalance(t, e, "CreateLoadBalancer", fleetRequest+"&SecurityGroups.member.1="+group).text("LoadBalancers/member/LoadBalancerArn")
	for _, request := range []string{
		fleetRequest,
		fleetRequest + "&SecurityGroups.member.1=" + makeGroup(t, e, worldVPC, "another"),
		fleetRequest + "&SecurityGroups.member.1=" + group + "&Subnets.member.2=subnet-00000000000000002",
		strings.Replace(fleetRequest, "internal", "internet-facing", 1) + "&SecurityGroups.member.1=" + group,
	} {
		unbalanced(t, e, "CreateLoadBalancer", request, "DuplicateLoadBalancerName")
	}
	if again := mustBalance(t, e, "CreateLoadBalancer", fleetRequest+"&SecurityGroups.member.1="+group).text("LoadBalancers/member/LoadBalancerArn"); again != made {
		t.Errorf("the same request makes %s beside %s", again, made)
	}
}

// A target that is registered twice is there once. Another port is another target.
func TestRegisterTargets_twice(t *testing.T) {
	t.Parallel()
	e := newAppliances(t)
	group := makeTargetGroup(t, e, "instances", "Protocol=UDP&Port=4789")
	register(t, e, group, applianceA, applianceA)
	register(t, e, group, applianceA+":4789", applianceA+":53")
	described := mustBalance(t, e, "DescribeTargetHealth", "TargetGroupArn="+group)
	ports := described.texts("TargetHealthDescriptions/member/Target/Port")
	if slices.Sort(ports); !slices.Equal(ports, []string{"4789", "53"}) {
		t.Errorf("registered are the ports %q, want 4789 and 53", ports)
	}
}

// A resource has at most 50 tags. Those that it has count, and the same key again is not another tag.
func TestBalancingTags_limit(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	group := createdGroup(t, e, "udp", "UDP", 4789)
	add := func(from, to int) string {
		var text strings.Builder
		text.WriteString("ResourceArns.member.1=" + group)
		for n := from; n <= to; n++ {
			fmt.Fprintf(&text, "&Tags.member.%d.Key=k%d", n-from+1, n)
		}
		return text.String()
	}
	unbalanced(t, e, "AddTags", add(1, 30), "")
	unbalanced(t, e, "AddTags", add(31, 51), "TooManyTags")
	unbalanced(t, e, "AddTags", add(31, 50), "")
	unbalanced(t, e, "AddTags", add(50, 50), "")
	unbalanced(t, e, "AddTags", add(51, 51), "TooManyTags")
	if n := len(mustBalance(t, e, "DescribeTags", "ResourceArns.member.1="+group).texts("TagDescriptions/member/Tags/member/Key")); n != mirror.MaxTags {
		t.Errorf("the target group has %d tags, want %d", n, mirror.MaxTags)
	}
}

// A file that lists the targets of a group says which there are: none is unknown or draining any more.
func TestTargetGroup_listedAgain(t *testing.T) {
	t.Parallel()
	const group = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/fleet/0000000000000001"
	path := filepath.Join(t.TempDir(), "ec2.db")
	withTargets := func(targets ...mirror.RegisteredTarget) *emulator.Emulator {
		f := applianceWorld()
		f.TargetGroups = []mirror.TargetGroup{{ARN: group, Protocol: "UDP", Port: 4789, TargetType: "ip", VPCID: worldVPC, Targets: targets}}
		return mustNew(t, emulator.Options{Path: path, Topology: f})
	}
	e := withTargets()
	register(t, e, group, "10.0.1.121")
	unbalanced(t, e, "DescribeTargetHealth", "TargetGroupArn="+group, "AccessDenied")
	e = withTargets(mirror.RegisteredTarget{ID: "10.0.3.122"})
	must(t, e, "DeleteTags", "ResourceId.1="+eni(1)) // a write loads the file
	if got := healthOf(t, e, group); len(got) != 1 || got["10.0.3.122"] == "" {
		t.Errorf("the targets are %v, want those of the file", got)
	}
	makeBalancer(t, e, "network", "nlb", group, worldSubnet, subnetB)
	mustBalance(t, e, "DeregisterTargets", "TargetGroupArn="+group+targetList("10.0.3.122"))
	if got := healthOf(t, e, group)["10.0.3.122"]; !strings.HasPrefix(got, "draining") {
		t.Errorf("a deregistered target is %s", got)
	}
	e = withTargets(mirror.RegisteredTarget{ID: "10.0.3.122"}, mirror.RegisteredTarget{ID: "10.0.1.121"})
	must(t, e, "DeleteTags", "ResourceId.1="+eni(1))
	if got := healthOf(t, e, group); got["10.0.3.122"] != "healthy" || got["10.0.1.121"] != "healthy" {
		t.Errorf("the targets are %v, want both healthy", got)
	}
}
