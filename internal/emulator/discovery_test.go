package emulator_test

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

func subnetID(n int) string { return fmt.Sprintf("subnet-%017x", n) }

func vpcID(n int) string { return fmt.Sprintf("vpc-%017x", n) }

// fleet is a network with something to find: twelve instances in two zones, one of them
// stopped and one of a type that cannot be mirrored, two sensors, another VPC, and
// interfaces of load balancers. The numbers are those of testdata/discovery.py.
func fleet(o *emulator.Options) {
	f := &topology.File{
		VPCs: []topology.VPC{{ID: vpcID(1), CIDRBlock: netip.MustParsePrefix("10.0.0.0/16")}, {ID: vpcID(2), CIDRBlock: netip.MustParsePrefix("10.9.0.0/16")}},
		Subnets: []topology.Subnet{
			{ID: subnetID(1), VPCID: vpcID(1), CIDRBlock: netip.MustParsePrefix("10.0.1.0/24"), AvailabilityZone: "us-east-1a"},
			{ID: subnetID(2), VPCID: vpcID(1), CIDRBlock: netip.MustParsePrefix("10.0.2.0/24"), AvailabilityZone: "us-east-1b"},
			{ID: subnetID(3), VPCID: vpcID(2), CIDRBlock: netip.MustParsePrefix("10.9.1.0/24"), AvailabilityZone: "us-east-1a"},
		},
	}
	types, states := map[int]string{8: "t2.micro", 10: "t3.small"}, map[int]string{7: "stopped"}
	run := func(n, subnet int) {
		f.Instances = append(f.Instances, topology.Instance{ID: instance(n), InstanceType: cmp.Or(types[n], "m5.large"), State: cmp.Or(states[n], "running")})
		f.NetworkInterfaces = append(f.NetworkInterfaces, mirror.Interface{
			ID: eni(n), SubnetID: subnetID(subnet), InstanceID: instance(n), MACAddress: mirror.MAC{2, 0, 0, 0, 0, byte(n)},
			PrivateIPAddress: f.Subnets[subnet-1].CIDRBlock.Addr().Next().Next(),
		})
		last := &f.NetworkInterfaces[len(f.NetworkInterfaces)-1]
		for range n + 8 {
			last.PrivateIPAddress = last.PrivateIPAddress.Next()
		}
	}
	for n := 1; n <= 12; n++ {
		run(n, 1+n/9)
	}
	run(20, 1)
	run(21, 2)
	run(30, 3)
	f.NetworkInterfaces = append(f.NetworkInterfaces,
		mirror.Interface{ID: eni(101), SubnetID: subnetID(1), InstanceID: instance(1)},
		mirror.Interface{ID: eni(40), SubnetID: subnetID(1), Type: "network_load_balancer", RequesterManaged: true, RequesterID: "amazon-elb", Description: "ELB net/front/0123456789abcdef"},
		mirror.Interface{ID: eni(41), SubnetID: subnetID(1)},
		mirror.Interface{ID: eni(42), SubnetID: subnetID(1), RequesterManaged: true, RequesterID: "amazon-elb", Description: "ELB app/front/0123456789abcdef"},
	)
	o.Topology = f
}

// Public automation finds sources, targets and zones by the requests of these programs.
func TestDiscovery_boto3(t *testing.T) {
	t.Parallel()
	runBoto(t, newEmulator(t, fleet), "discovery.py")
}

// The same by the AWS CLI, as scripts do it.
func TestDiscovery_awsCLI(t *testing.T) {
	t.Parallel()
	c := newAWSCLI(t, newEmulator(t, fleet))
	ids := "NetworkInterfaces[].NetworkInterfaceId"
	ofInstances := "Reservations[].Instances[].NetworkInterfaces[].NetworkInterfaceId"
	if output, ok := c.run(t, "create-tags", "--resources", instance(2), instance(7), "--tags", "Key=Mirror,Value=True"); !ok {
		t.Fatal(output)
	}
	for _, test := range []struct{ name, words, path, want string }{
		{"of an instance", "describe-instances --instance-ids " + instance(1), ofInstances, eni(1) + " " + eni(101)},
		{"the primary one of an instance", "describe-instances --instance-ids " + instance(1), "Reservations[].Instances[].NetworkInterfaces[?Attachment.DeviceIndex==`0`].NetworkInterfaceId[]", eni(1)},
		{"by attachment", "describe-network-interfaces --filters Name=attachment.instance-id,Values=" + instance(1) + " Name=attachment.device-index,Values=1", ids, eni(101)},
		{"of a VPC", "describe-network-interfaces --page-size 5 --filters Name=attachment.status,Values=attached Name=vpc-id,Values=" + vpcID(2), ids, eni(30)},
		{"of instances of a VPC", "describe-instances --page-size 5 --filters Name=instance-type,Values=t2*,t3* Name=vpc-id,Values=" + vpcID(1), ofInstances, eni(8) + " " + eni(10)},
		{"of a subnet", "describe-network-interfaces --filters Name=status,Values=in-use Name=interface-type,Values=interface Name=requester-managed,Values=false Name=subnet-id,Values=" + subnetID(2), ids, eni(9) + " " + eni(10) + " " + eni(11) + " " + eni(12) + " " + eni(21)},
		{"by tag", "describe-instances --filters Name=tag:Mirror,Values=True Name=instance-state-name,Values=running", ofInstances, eni(2)},
		{"by tags alone", "describe-tags --filters Name=key,Values=Mirror Name=resource-type,Values=instance", "Tags[].ResourceId", instance(2) + " " + instance(7)},
		{"the zone", "describe-subnets --subnet-ids " + subnetID(2), "Subnets[].[AvailabilityZone,AvailabilityZoneId][]", "us-east-1b use1-az2"},
	} {
		got := strings.Join(strings.Fields(strings.NewReplacer("[", "", "]", "", `"`, "", ",", "").Replace(c.query(t, test.path, strings.Fields(test.words)...))), " ")
		if got != test.want {
			t.Errorf("%s: aws ec2 %s --query '%s' gives %q, want %q", test.name, test.words, test.path, got, test.want)
		}
	}
}

// An instance that is launched gets a session; it goes when the instance is terminated.
func TestDiscovery_awsCLI_event(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, fleet)
	c := newAWSCLI(t, e)
	launched := c.query(t, "Instances[0].InstanceId", "run-instances", "--image-id", "ami-00000000000000001", "--instance-type", "m5.large", "--subnet-id", subnetID(1))
	if output, ok := c.run(t, "wait", "instance-running", "--instance-ids", launched); !ok {
		t.Fatal(output)
	}
	source := c.query(t, "Reservations[0].Instances[0].NetworkInterfaces[0].NetworkInterfaceId", "describe-instances", "--instance-ids", launched)
	there := c.query(t, "length(TrafficMirrorSessions)", "describe-traffic-mirror-sessions", "--filters", "Name=network-interface-id,Values="+source)
	if there != "0" {
		t.Fatalf("the new interface has %s sessions", there)
	}
	f, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+eni(20))
	session := c.query(t, "TrafficMirrorSession.TrafficMirrorSessionId", "create-traffic-mirror-session", "--network-interface-id", source,
		"--traffic-mirror-target-id", target, "--traffic-mirror-filter-id", f, "--session-number", "1")
	c.query(t, "@", "terminate-instances", "--instance-ids", launched)
	if output, ok := c.run(t, "wait", "instance-terminated", "--instance-ids", launched); !ok {
		t.Fatal(output)
	}
	output, ok := c.run(t, "describe-traffic-mirror-sessions", "--traffic-mirror-session-ids", session)
	if ok || !strings.Contains(output, "InvalidTrafficMirrorSessionId.NotFound") {
		t.Errorf("after the instance was terminated, its session is %s", output)
	}
}
