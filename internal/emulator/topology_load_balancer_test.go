package emulator_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

const (
	fleetARN   = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/full/00000000000000aa"
	fleetGroup = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/full/00000000000000bb"
)

func fullBalancer(more string) string {
	return fmt.Sprintf(`{
		"vpcs": [{"id": "vpc-00000000000000001", "cidr_block": "10.0.0.0/16"}],
		"subnets": [{"id": "subnet-00000000000000001", "vpc_id": "vpc-00000000000000001", "cidr_block": "10.0.1.0/24", "availability_zone": "us-east-1b"}],
		"target_groups": [{"arn": %q, "protocol": "UDP", "port": 4789, "targets": []}],
		"load_balancers": [{"arn": %q, "scheme": "internal", "cross_zone": true, "tags": {"Name": "full"},
			"zones": [{"subnet_id": "subnet-00000000000000001", "ip_address": "10.0.1.77"}]%s}]}`, fleetGroup, fleetARN, more)
}

func listed(ports ...string) string {
	for i, port := range ports {
		ports[i] = fmt.Sprintf(`{"protocol": "UDP", "port": %s, "target_groups": [%q], "tags": {"port": %q}}`, port, fleetGroup, port)
	}
	return `, "listeners": [` + strings.Join(ports, ",") + "]"
}

func parsed(t *testing.T, text string) *topology.File {
	t.Helper()
	f, err := topology.Parse([]byte(text))
	fatal(t, err)
	return f
}

func listenersOf(t *testing.T, e *emulator.Emulator, arn string) (ports []string) {
	t.Helper()
	return mustBalancing(t, e, "DescribeListeners", "LoadBalancerArn="+arn).texts("DescribeListenersResult/Listeners/member/Port")
}

// A load balancer in full has everything that the file says, in its own Region only. Another file replaces the listeners that a file
// has made, and leaves those of clients.
func TestTopology_loadBalancer(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ec2.db")
	e := mustNew(t, emulator.Options{Path: path, Topology: parsed(t, fullBalancer(listed("4789", "4790")))})
	c := newBalancing(e)
	read, err := c.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{Names: []string{"full"}})
	fatal(t, err)
	got := read.LoadBalancers[0]
	if *got.LoadBalancerArn != fleetARN || *got.VpcId != "vpc-00000000000000001" || *got.AvailabilityZones[0].ZoneName != "us-east-1b" || got.Scheme != "internal" || got.State.Code != "active" {
		t.Errorf("got %+v", got)
	}
	attributes, err := c.DescribeLoadBalancerAttributes(t.Context(), &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: got.LoadBalancerArn})
	fatal(t, err)
	if attributeMap(attributes.Attributes)["load_balancing.cross_zone.enabled"] != "true" {
		t.Error("cross-zone load balancing is off")
	}
	if i := balancerInterfaces(t, e, fleetARN); len(i) != 1 || i[0].text("privateIpAddress") != "10.0.1.77" || i[0].text("subnetId") != "subnet-00000000000000001" {
		t.Errorf("its interfaces are %+v", i)
	}
	if ports := listenersOf(t, e, fleetARN); len(ports) != 2 {
		t.Errorf("it has listeners on %v", ports)
	}
	makeTarget(t, e, "NetworkLoadBalancerArn="+fleetARN)
	mustBalancing(t, e, "CreateListener", listenerOn(fleetARN, "UDP", 5000, fleetGroup))

	e = mustNew(t, emulator.Options{Path: path, Topology: parsed(t, fullBalancer(listed("4790", "4791")))})
	must(t, e, "DeleteTags", "ResourceId.1="+eni(1)) // a write loads the file
	if ports := strings.Join(listenersOf(t, e, fleetARN), " "); strings.Contains(ports, "4789") || !strings.Contains(ports, "4791") || !strings.Contains(ports, "5000") || len(strings.Fields(ports)) != 3 {
		t.Errorf("it then has listeners on %s", ports)
	}
	far := newBalancing(e, func(o *elb.Options) { o.Region = "eu-west-1" })
	_, err = far.DescribeLoadBalancers(t.Context(), &elb.DescribeLoadBalancersInput{Names: []string{"full"}})
	if code := codeOf(t, err); code != "LoadBalancerNotFound" {
		t.Errorf("in another Region: %q", code)
	}
	checkWhole(t, e, path)
}

// Left out, the listeners are unknown; [] is none. It is the same in the short form.
func TestTopology_unknownListeners(t *testing.T) {
	t.Parallel()
	short := `{"network_load_balancers": [{"arn": "` + fleetARN + `", "subnet_id": "subnet-00000000000000001", "ip_address": "10.0.1.7"%s}]}`
	for _, test := range []struct{ name, text, code string }{
		{"in full, left out", fullBalancer(""), "AccessDenied"},
		{"in full, none", fullBalancer(`, "listeners": []`), ""},
		{"short, left out", fmt.Sprintf(short, ""), "AccessDenied"},
		{"short, none", fmt.Sprintf(short, `, "udp_listeners": []`), ""},
		{"short, one", fmt.Sprintf(short, `, "udp_listeners": [4789], "appliances": [{"ip_address": "10.0.3.1"}]`), ""},
	} {
		e := mustNew(t, emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: parsed(t, test.text)})
		got := callBalancing(t, e, "DescribeListeners", "LoadBalancerArn="+fleetARN)
		if code := got.root.text("Error/Code"); code != test.code {
			t.Errorf("%s: %q, want %q", test.name, code, test.code)
		}
	}
}

// A dump of a program before, with the short form of a load balancer, is loaded as the load balancer, its
// listener and its target group.
func TestOldDump_loadBalancer(t *testing.T) {
	t.Parallel()
	const old = `{"format": "terraform-provider-trafficmirror emulator", "version": "1", "account": "123456789012", "regions": {"us-east-1": {
		"load_balancers": {"` + fleetARN + `": {"arn": "` + fleetARN + `", "ip_address": "10.0.1.7", "udp_listeners": [4789], "appliances": [{"ip_address": "10.0.3.1"}]}}}}}`
	path := filepath.Join(t.TempDir(), "ec2.db")
	e := mustNew(t, emulator.Options{Path: path})
	fatal(t, e.Load(t.Context(), strings.NewReader(old)))
	if ports := listenersOf(t, e, fleetARN); len(ports) != 1 || ports[0] != "4789" {
		t.Errorf("it listens on %v", ports)
	}
	health := mustBalancing(t, e, "DescribeTargetGroups", "LoadBalancerArn="+fleetARN).texts("DescribeTargetGroupsResult/TargetGroups/member/TargetGroupArn")
	if len(health) != 1 {
		t.Fatalf("it has the target groups %v", health)
	}
	targets := mustBalancing(t, e, "DescribeTargetHealth", "TargetGroupArn="+health[0]).all("DescribeTargetHealthResult/TargetHealthDescriptions/member")
	if len(targets) != 1 || targets[0].text("Target/Id") != "10.0.3.1" || targets[0].text("TargetHealth/State") != mirror.TargetHealthy {
		t.Errorf("its targets are %+v", targets)
	}
	var dump bytes.Buffer
	fatal(t, e.Dump(t.Context(), &dump))
	again := mustNew(t, emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db")})
	fatal(t, again.Load(t.Context(), bytes.NewReader(dump.Bytes())))
	if dumpOf(t, again) != dump.String() {
		t.Error("a dump that is loaded is dumped as another one")
	}
	checkWhole(t, e, path)
}

// A dump that a program before has printed is loaded with the listener of its load balancer.
func TestOldDump_wholeStore(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/store-1-short.json")
	fatal(t, err)
	e := mustNew(t, emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db")})
	fatal(t, e.Load(t.Context(), bytes.NewReader(text)))
	if ports := listenersOf(t, e, loadBalancer); len(ports) != 1 || ports[0] != "4789" {
		t.Errorf("its load balancer listens on %v", ports)
	}
}

// What a later file leaves out of a load balancer and of a target group stays.
func TestTopology_loadBalancerStays(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ec2.db")
	first := parsed(t, fullBalancer(listed("4789")))
	first.LoadBalancers[0].Attributes = map[string]string{"deletion_protection.enabled": "true"}
	first.TargetGroups[0].Attributes = map[string]string{"deregistration_delay.timeout_seconds": "7"}
	first.TargetGroups[0].HealthCheck.IntervalSeconds = 17
	e := mustNew(t, emulator.Options{Path: path, Topology: first})
	must(t, e, "DeleteTags", "ResourceId.1="+eni(1)) // a write loads the file
	all := func() []string {
		var texts []string
		for _, v := range []struct{ action, parameter, arn, field string }{
			{"DescribeLoadBalancers", "LoadBalancerArns.member.1", fleetARN, "LoadBalancers/member/Scheme"},
			{"DescribeLoadBalancers", "LoadBalancerArns.member.1", fleetARN, "LoadBalancers/member/VpcId"},
			{"DescribeLoadBalancers", "LoadBalancerArns.member.1", fleetARN, "LoadBalancers/member/AvailabilityZones/member/SubnetId"},
			{"DescribeLoadBalancerAttributes", "LoadBalancerArn", fleetARN, "Attributes/member/Value"},
			{"DescribeTargetGroups", "TargetGroupArns.member.1", fleetGroup, "TargetGroups/member/Protocol"},
			{"DescribeTargetGroups", "TargetGroupArns.member.1", fleetGroup, "TargetGroups/member/HealthCheckIntervalSeconds"},
			{"DescribeTargetGroupAttributes", "TargetGroupArn", fleetGroup, "Attributes/member/Value"},
		} {
			texts = append(texts, v.field+": "+strings.Join(mustBalance(t, e, v.action, v.parameter+"="+v.arn).texts(v.field), " "))
		}
		return append(texts, fmt.Sprint(len(balancerInterfaces(t, e, fleetARN)), listenersOf(t, e, fleetARN)))
	}
	before := strings.Join(all(), "\n")
	e = mustNew(t, emulator.Options{Path: path, Topology: parsed(t, fmt.Sprintf(`{"load_balancers": [{"arn": %q, "cross_zone": true}], "target_groups": [{"arn": %q}]}`, fleetARN, fleetGroup))})
	must(t, e, "DeleteTags", "ResourceId.1="+eni(1))
	if after := strings.Join(all(), "\n"); after != before {
		t.Errorf("before\n%s\nafter\n%s", before, after)
	}
}
