package check

import (
	"fmt"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

const (
	fleetVPC    = "vpc-00000000000000001"
	fleetSource = "eni-00000000000000001" // in us-east-1a
	fleetARN    = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/sensors/0123456789abcdef"
)

func fleetSubnet(zone string) string {
	return map[string]string{"a": "subnet-00000000000000001", "b": "subnet-00000000000000002"}[zone]
}

func fleetGroup(name string) string {
	return "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/" + name + "/0123456789abcdef"
}

// fleetOf returns a topology with a source and a load balancer in two zones without cross-zone load balancing. Each group is the appliances
// that are registered in it, such as "a healthy, b unhealthy".
func fleetOf(groups ...string) *topology.File {
	f := &topology.File{
		VPCs: []topology.VPC{{ID: fleetVPC, CIDRBlock: netip.MustParsePrefix("10.0.0.0/16")}},
		Subnets: []topology.Subnet{
			{ID: fleetSubnet("a"), VPCID: fleetVPC, CIDRBlock: netip.MustParsePrefix("10.0.1.0/24"), AvailabilityZone: "us-east-1a"},
			{ID: fleetSubnet("b"), VPCID: fleetVPC, CIDRBlock: netip.MustParsePrefix("10.0.2.0/24"), AvailabilityZone: "us-east-1b"},
		},
		Instances:         []topology.Instance{{ID: "i-00000000000000001", InstanceType: "m5.large"}},
		NetworkInterfaces: []mirror.Interface{{ID: fleetSource, SubnetID: fleetSubnet("a"), InstanceID: "i-00000000000000001", PrivateIPAddress: netip.MustParseAddr("10.0.1.10")}},
	}
	listener := mirror.Listener{Protocol: "UDP", Port: mirror.CopyPort}
	made := 1
	for i, text := range groups {
		g := mirror.TargetGroup{ARN: fleetGroup(string(rune('a' + i))), Protocol: "UDP", Port: mirror.CopyPort, TargetType: "instance", VPCID: fleetVPC, Targets: []mirror.RegisteredTarget{}}
		for _, appliance := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
			zone, health, _ := strings.Cut(strings.TrimSpace(appliance), " ")
			made++
			id := fmt.Sprintf("%017x", made)
			f.Instances = append(f.Instances, topology.Instance{ID: "i-" + id, InstanceType: "m5.large"})
			address := netip.AddrFrom4([4]byte{10, 0, map[string]byte{"a": 1, "b": 2}[zone], byte(100 + made)})
			f.NetworkInterfaces = append(f.NetworkInterfaces, mirror.Interface{ID: "eni-" + id, SubnetID: fleetSubnet(zone), InstanceID: "i-" + id, PrivateIPAddress: address})
			g.Targets = append(g.Targets, mirror.RegisteredTarget{ID: "i-" + id, Health: health})
		}
		f.TargetGroups = append(f.TargetGroups, g)
		listener.TargetGroups = append(listener.TargetGroups, g.ARN)
	}
	f.LoadBalancers = []mirror.LoadBalancer{{
		ARN: fleetARN, Type: mirror.NetworkBalancer, VPCID: fleetVPC, CrossZone: new(bool), Listeners: []mirror.Listener{listener},
		Zones: []mirror.LoadBalancerZone{{Zone: "us-east-1a", SubnetID: fleetSubnet("a")}, {Zone: "us-east-1b", SubnetID: fleetSubnet("b")}},
	}}
	return f
}

// Each plan warns of a session that stays as it is, and whose copies do not arrive, by the status that the refresh has found.
func TestUndelivered(t *testing.T) {
	t.Parallel()
	session, moved := sessionOn("eni-1", "tms-1", "tmf-1", "tmt-1"), sessionOn("eni-1", "tms-1", "tmf-1", "tmt-2")
	for _, test := range []struct {
		kind   mirror.DeliveryKind
		before Object[mirror.Session]
		want   string // the name, the summary and a part of the text
	}{
		{mirror.DeliveryTargetGone, session, "target_unavailable / Nothing receives the copies now / Give the sessions another target. If the target still exists, it can get another backing resource instead."},
		{mirror.DeliveryNoReceiver, session, "target_unavailable / Nothing receives the copies now / Start what receives them"},
		{mirror.DeliveryNoListener, session, "no_listener / The load balancer does not listen for copies / That of a Network Load Balancer has the protocol UDP and the port 4789, that of a Gateway Load Balancer has neither."},
		{mirror.DeliveryNoHealthyAppliance, session, "no_healthy_appliance / A target group has too few healthy appliances / Register healthy appliances"},
		{mirror.DeliveryZone, session, "zone_without_appliance / An Availability Zone has no appliance / Turn cross-zone load balancing on"},
		{mirror.DeliveryNoListener, moved, ""},
		{"", session, ""},
	} {
		p := New(account.New(aws.Config{Region: "us-east-1"}, account.Options{}), Policy{})
		found := p.Undelivered(test.before, session, test.kind, "Why.")
		switch {
		case test.want == "" && len(found) > 0:
			t.Errorf("%s: %+v", test.kind, found)
		case test.want != "" && len(found) != 1:
			t.Errorf("%s: %+v, want %s", test.kind, found, test.want)
		case test.want != "":
			of := strings.Split(test.want, " / ")
			if f := found[0]; f.Silence != of[0] || f.Summary != of[1] || !strings.HasPrefix(f.Detail, "Found at tms-1: Why. ") || !strings.Contains(f.Detail, of[2]) || !strings.HasSuffix(f.Detail, mayBeRepaired) {
				t.Errorf("%s: %s / %s / %s", test.kind, f.Silence, f.Summary, f.Detail)
			}
		}
		if len(found) > 0 && len(p.Undelivered(test.before, session, test.kind, "Why.")) > 0 {
			t.Errorf("%s: the same is said twice", test.kind)
		}
	}
}

// A plan of a new session warns of what keeps its copies from arriving, or may keep them.
func TestDeliveryWarnings(t *testing.T) {
	t.Parallel()
	noListener := fleetOf("a healthy, b healthy")
	noListener.LoadBalancers[0].Listeners = []mirror.Listener{{Protocol: "UDP", Port: 53, TargetGroups: []string{fleetGroup("a")}}}
	groupOff := fleetOf("b healthy")
	groupOff.LoadBalancers[0].CrossZone, groupOff.TargetGroups[0].CrossZone = new(true), "false"
	groupOn := fleetOf("b healthy")
	groupOn.TargetGroups[0].CrossZone = "true"
	loops, loopsInPart := fleetOf(""), fleetOf("b healthy")
	loops.TargetGroups[0].Targets = []mirror.RegisteredTarget{{ID: "i-00000000000000001", Health: mirror.TargetHealthy}}
	loopsInPart.TargetGroups[0].Targets = append(loopsInPart.TargetGroups[0].Targets, loops.TargetGroups[0].Targets...)
	for _, f := range []*topology.File{loops, loopsInPart} {
		f.LoadBalancers[0].CrossZone = new(true)
	}
	for name, test := range map[string]struct {
		world *topology.File
		want  []string // the names of warnings, each with a part of its text
	}{
		"all is well":                      {fleetOf("a healthy, b healthy"), nil},
		"no listener":                      {noListener, []string{"no_listener: does not listen on UDP port 4789, only on UDP 53."}},
		"no appliance":                     {fleetOf(""), []string{"target_unavailable: targetgroup/a/0123456789abcdef has no registered target."}},
		"none is healthy":                  {fleetOf("a unhealthy, b unhealthy"), []string{"no_healthy_appliance: targetgroup/a/0123456789abcdef has no healthy target: "}},
		"two groups without a healthy one": {fleetOf("a unhealthy", "a unhealthy"), []string{"no_healthy_appliance: targetgroup/a/", "no_healthy_appliance: targetgroup/b/"}},
		"one group of two is empty":        {fleetOf("", "a healthy, b healthy"), []string{"no_healthy_appliance: targetgroup/a/0123456789abcdef has no registered target. Copies that the load balancer sends to this target group do not arrive."}},
		"none in the zone of the source":   {fleetOf("b healthy"), []string{"zone_without_appliance: has cross-zone load balancing off, and no healthy appliance in us-east-1a."}},
		"none healthy in that zone":        {fleetOf("a unhealthy, b healthy"), []string{"zone_without_appliance: no healthy appliance in us-east-1a."}},
		"none in another zone":             {fleetOf("a healthy"), nil},
		"the source is the only appliance": {loops, []string{"target_unavailable: has i-00000000000000001 as a registered target, which is the source of the copies. A Network Load Balancer loses what it sends back to its source. So no copy arrives, and there is no error. End the session of eni-00000000000000001, or deregister i-00000000000000001."}},
		"the source is one of two":         {loopsInPart, []string{"no_healthy_appliance: which is the source of the copies. A Network Load Balancer loses what it sends back to its source. Copies for the other appliances arrive."}},
		"cross-zone off of the group":      {groupOff, []string{"zone_without_appliance: targetgroup/a/0123456789abcdef has cross-zone load balancing off"}},
		"cross-zone on of the group":       {groupOn, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: test.world})
			if err != nil {
				t.Fatal(err)
			}
			a := account.New(aws.Config{
				Region: "us-east-1", BaseEndpoint: aws.String("http://ec2.emulator.invalid"), HTTPClient: &http.Client{Transport: emulator.Transport(handler)},
				Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
			}, account.Options{Clock: &skippingClock{}, AccountID: topology.DefaultAccountID, TargetFacts: emulator.TargetFacts(handler)})
			target, err := a.CreateTarget(t.Context(), mirror.Target{LoadBalancerARN: fleetARN}, nil, "once")
			if err != nil {
				t.Fatal(err)
			}
			p := New(a, Policy{Quotas: mirror.DefaultQuotas(), Clock: stopped()})
			var got []Finding
			for _, f := range p.Session(t.Context(), p.NewObjectID(nil), Object[mirror.Session]{}, sessionOn(fleetSource, "", "tmf-1", target.Noun.ID)) {
				if f.Severity == Warning && deliverySummaries[f.Silence] != "" {
					got = append(got, f)
				}
			}
			if len(got) != len(test.want) {
				t.Fatalf("%+v, want %q", got, test.want)
			}
			for i, want := range test.want {
				name, text, _ := strings.Cut(want, ": ")
				summary := deliverySummaries[name]
				if strings.Contains(text, "is the source") {
					summary = "A source is an appliance of its target"
				}
				if got[i].Summary != summary {
					t.Errorf("the summary of %s is %q", name, got[i].Summary)
				}
				if got[i].Silence != name || !strings.Contains(got[i].Detail, text) || !strings.HasSuffix(got[i].Detail, mayBeRepaired) {
					t.Errorf("%s: %s, want %q", got[i].Silence, got[i].Detail, want)
				}
			}
		})
	}
}

var deliverySummaries = map[string]string{
	TargetUnavailable: "Nothing receives the copies now", NoListener: "The load balancer does not listen for copies",
	NoHealthyAppliance: "A target group has too few healthy appliances", ZoneWithoutAppliance: "An Availability Zone has no appliance",
}
