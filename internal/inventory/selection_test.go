package inventory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

const webLoadBalancer = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/0123456789abcdef"

// selectable has the interfaces eni-1 to eni-6.
//
//	eni-1  primary of i-1, of the Auto Scaling group web, in vpc-1 and subnet-1, with sg-1
//	eni-2  another one of i-1, in vpc-1 and subnet-2, with sg-1 and sg-2
//	eni-3  primary of i-2, in vpc-2 and subnet-3, with sg-3
//	eni-4  in vpc-1 and subnet-1, not attached, without tags
//	eni-5  of the load balancer web, in vpc-1 and subnet-1
//	eni-6  attached to an instance that EC2 does not show
func selectable() *inventory.Fleet {
	tags := func(pairs ...string) map[string]string {
		all := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			all[pairs[i]] = pairs[i+1]
		}
		return all
	}
	return inventory.NewFleet(inventory.Facts{
		Interfaces: []account.NetworkInterface{
			{Interface: mirror.Interface{ID: "eni-1", SubnetID: "subnet-1", InstanceID: "i-1", Tags: tags("role", "web", "env", "prod")}, VPCID: "vpc-1", GroupIDs: []string{"sg-1"}, IsPrimary: true},
			{Interface: mirror.Interface{ID: "eni-2", SubnetID: "subnet-2", InstanceID: "i-1", Tags: tags("role", "web", "env", "test")}, VPCID: "vpc-1", GroupIDs: []string{"sg-1", "sg-2"}},
			{Interface: mirror.Interface{ID: "eni-3", SubnetID: "subnet-3", InstanceID: "i-2", Tags: tags("role", "api", "env", "prod")}, VPCID: "vpc-2", GroupIDs: []string{"sg-3"}, IsPrimary: true},
			{Interface: mirror.Interface{ID: "eni-4", SubnetID: "subnet-1"}, VPCID: "vpc-1"},
			{Interface: mirror.Interface{ID: "eni-5", SubnetID: "subnet-1", Description: "ELB app/web/0123456789abcdef"}, VPCID: "vpc-1"},
			{Interface: mirror.Interface{ID: "eni-6", InstanceID: "i-6"}, IsPrimary: true},
		},
		Instances: []account.Instance{
			{ID: "i-1", Tags: tags(inventory.AutoScalingGroupTag, "web", "Name", "web 1")},
			{ID: "i-2", Tags: tags("Name", "api 1", "mirror", "no")},
		},
	}, inventory.Rules{Quotas: mirror.DefaultQuotas()})
}

func TestSelect(t *testing.T) {
	t.Parallel()
	type tags = []map[string]string
	for name, c := range map[string]struct {
		selection inventory.Selection
		want      string
	}{
		"all":                           {inventory.Selection{All: true}, "1 2 3 4 5 6"},
		"VPC":                           {inventory.Selection{VPCIDs: []string{"vpc-1"}}, "1 2 4 5"},
		"one of two VPCs":               {inventory.Selection{VPCIDs: []string{"vpc-1", "vpc-2"}}, "1 2 3 4 5"},
		"no VPC of an empty list":       {inventory.Selection{VPCIDs: []string{}}, ""},
		"VPC and an empty list":         {inventory.Selection{VPCIDs: []string{"vpc-1"}, SubnetIDs: []string{}}, ""},
		"subnet":                        {inventory.Selection{SubnetIDs: []string{"subnet-1"}}, "1 4 5"},
		"VPC and subnet":                {inventory.Selection{VPCIDs: []string{"vpc-2"}, SubnetIDs: []string{"subnet-1", "subnet-3"}}, "3"},
		"interface":                     {inventory.Selection{InterfaceIDs: []string{"eni-4", "eni-6", "eni-7"}}, "4 6"},
		"security group, any of two":    {inventory.Selection{SecurityGroupIDs: []string{"sg-2", "sg-3"}}, "2 3"},
		"instance":                      {inventory.Selection{InstanceIDs: []string{"i-1"}}, "1 2"},
		"instance that is not shown":    {inventory.Selection{InstanceIDs: []string{"i-6"}}, "6"},
		"Auto Scaling group":            {inventory.Selection{AutoScalingGroupNames: []string{"web", "api"}}, "1 2"},
		"load balancer":                 {inventory.Selection{LoadBalancerARNs: []string{webLoadBalancer}}, "5"},
		"tag":                           {inventory.Selection{Tags: tags{{"role": "web"}}}, "1 2"},
		"tags of one map":               {inventory.Selection{Tags: tags{{"role": "web", "env": "prod"}}}, "1"},
		"tags of one of two maps":       {inventory.Selection{Tags: tags{{"role": "web", "env": "test"}, {"role": "api"}}}, "2 3"},
		"tag with another value":        {inventory.Selection{Tags: tags{{"role": "we"}}}, ""},
		"no map of tags":                {inventory.Selection{Tags: tags{}}, ""},
		"instance tag":                  {inventory.Selection{InstanceTags: tags{{"Name": "web 1"}}}, "1 2"},
		"tag and instance tag":          {inventory.Selection{Tags: tags{{"env": "prod"}}, InstanceTags: tags{{"Name": "web 1"}, {"Name": "api 1"}}}, "1 3"},
		"primary":                       {inventory.Selection{All: true, Interfaces: inventory.PrimaryInterfaces}, "1 3 6"},
		"attached":                      {inventory.Selection{All: true, Interfaces: inventory.AttachedInterfaces}, "1 2 3 6"},
		"all interfaces, said":          {inventory.Selection{All: true, Interfaces: inventory.AllInterfaces}, "1 2 3 4 5 6"},
		"exclusion":                     {inventory.Selection{All: true, Exclude: []inventory.Selection{{InstanceTags: tags{{"mirror": "no"}}}}}, "1 2 4 5 6"},
		"one of two exclusions":         {inventory.Selection{All: true, Exclude: []inventory.Selection{{VPCIDs: []string{"vpc-2"}}, {SubnetIDs: []string{"subnet-2"}}}}, "1 4 5 6"},
		"every condition of exclusion":  {inventory.Selection{All: true, Exclude: []inventory.Selection{{VPCIDs: []string{"vpc-1"}, SubnetIDs: []string{"subnet-1"}}}}, "2 3 6"},
		"exclusion of an empty list":    {inventory.Selection{All: true, Exclude: []inventory.Selection{{VPCIDs: []string{}}}}, "1 2 3 4 5 6"},
		"exclusion of what is primary":  {inventory.Selection{All: true, Exclude: []inventory.Selection{{All: true, Interfaces: inventory.PrimaryInterfaces}}}, "2 4 5"},
		"primary without an exclusion":  {inventory.Selection{All: true, Interfaces: inventory.PrimaryInterfaces, Exclude: []inventory.Selection{{SubnetIDs: []string{"subnet-1"}}}}, "3 6"},
		"empty names match no instance": {inventory.Selection{AutoScalingGroupNames: []string{""}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, s := range selectable().Select(c.selection) {
				got = append(got, strings.TrimPrefix(s.Interface.ID, "eni-"))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%v, want %s", got, c.want)
			}
		})
	}
}

func TestSelection_Validate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		selection inventory.Selection
		want      string // in the problem; "": none
	}{
		{inventory.Selection{}, "the selection has no condition. Set at least one of network_interface_ids"},
		{inventory.Selection{Interfaces: inventory.PrimaryInterfaces}, "the selection has no condition"},
		{inventory.Selection{All: true, VPCIDs: []string{}}, "all is true and the selection has conditions too"},
		{inventory.Selection{VPCIDs: []string{"subnet-00000000000000001"}}, `vpc_ids[0] is "subnet-00000000000000001". Write the ID of a VPC`},
		{inventory.Selection{InterfaceIDs: []string{"eni-00000000000000001", "eni-1"}}, `network_interface_ids[1] is "eni-1"`},
		{inventory.Selection{SecurityGroupIDs: []string{""}}, "security_group_ids[0] is missing"},
		{inventory.Selection{AutoScalingGroupNames: []string{""}}, "auto_scaling_group_names[0] is missing"},
		{inventory.Selection{LoadBalancerARNs: []string{"web"}}, `load_balancer_arns[0] is "web", which is not the ARN of a load balancer`},
		{inventory.Selection{Tags: []map[string]string{{"a": "b"}, {}}}, "tags[1] is an empty map"},
		{inventory.Selection{InstanceTags: []map[string]string{{}}}, "instance_tags[0] is an empty map"},
		{inventory.Selection{All: true, Interfaces: "first"}, `interfaces is "first". Write "all", "attached" or "primary"`},
		{inventory.Selection{All: true, Exclude: []inventory.Selection{{VPCIDs: []string{"vpc-00000000000000001"}}, {}}}, "exclude[1] has no condition"},
		{inventory.Selection{All: true, Exclude: []inventory.Selection{{VPCIDs: []string{"x"}}}}, `exclude[0].vpc_ids[0] is "x"`},
		{inventory.Selection{VPCIDs: []string{}}, ""},
		{inventory.Selection{LoadBalancerARNs: []string{webLoadBalancer}, Tags: []map[string]string{{"a": ""}}}, ""},
	} {
		got := c.selection.Validate().Error()
		if c.want == "" && got != "" || !strings.Contains(got, c.want) || strings.Contains(got, "\n") {
			t.Errorf("%+v: %q, want %q", c.selection, got, c.want)
		}
	}
}

// Every reason has a meaning in the documentation, and each name once.
func TestReasons(t *testing.T) {
	t.Parallel()
	var names []string
	for _, r := range inventory.Reasons {
		if r.Meaning == "" {
			t.Errorf("%s has no meaning", r.Reason)
		}
		names = append(names, string(r.Reason))
	}
	if slices.Sort(names); len(slices.Compact(names)) != len(inventory.Reasons) {
		t.Errorf("reasons: %v", names)
	}
}

// Whether an interface can be mirrored, and if not, why.
func TestSource(t *testing.T) {
	t.Parallel()
	const owner = "123456789012"
	facts := inventory.Facts{
		AccountID: owner,
		Instances: []account.Instance{{ID: "i-old", Type: "t2.micro"}, {ID: "i-new", Type: "m5.large"}},
		Subnets:   []account.Subnet{{ID: "subnet-6", OwnerID: owner, IPv6Only: true}, {ID: "subnet-own", OwnerID: owner}, {ID: "subnet-foreign", OwnerID: "999999999999"}},
		Targets:   []account.Tagged[mirror.Target]{{Noun: mirror.Target{ID: "tmt-1", InterfaceID: "eni-target"}}},
		Sessions:  []account.Tagged[mirror.Session]{{Noun: mirror.Session{ID: "tms-1", InterfaceID: "eni-mirrored", Number: 1}}},
	}
	for _, c := range []struct {
		i     mirror.Interface
		rules inventory.Rules
		want  inventory.Reason
		text  string
	}{
		{i: mirror.Interface{ID: "eni-1", Type: "interface", OwnerID: owner, SubnetID: "subnet-own", InstanceID: "i-new"}},
		{i: mirror.Interface{ID: "eni-1", Type: "interface"}},
		{i: mirror.Interface{ID: "eni-1", Type: "interface", InstanceID: "i-unknown"}},
		{i: mirror.Interface{ID: "eni-1", Type: "trunk"}, want: inventory.ReasonInterfaceType, text: "eni-1 is a network interface of type trunk"},
		{i: mirror.Interface{ID: "eni-1", Type: "branch"}, want: inventory.ReasonInterfaceType},
		{i: mirror.Interface{ID: "eni-1", RequesterManaged: true, RequesterID: "amazon-elb"}, want: inventory.ReasonRequesterManaged, text: "eni-1 is managed by amazon-elb"},
		{i: mirror.Interface{ID: "eni-1", RequesterManaged: true, RequesterID: "amazon-elb"}, rules: inventory.Rules{LoadBalancerSources: true}},
		{i: mirror.Interface{ID: "eni-1", RequesterManaged: true, RequesterID: "amazon-rds"}},
		{i: mirror.Interface{ID: "eni-mirrored", RequesterManaged: true, RequesterID: "amazon-elb"}},
		{i: mirror.Interface{ID: "eni-mirrored", Type: "branch"}, want: inventory.ReasonInterfaceType},
		{i: mirror.Interface{ID: "eni-1", SubnetID: "subnet-6"}, want: inventory.ReasonIPv6OnlySubnet, text: "eni-1 is in the IPv6-only subnet subnet-6"},
		{i: mirror.Interface{ID: "eni-1", InstanceID: "i-old"}, want: inventory.ReasonInstanceType, text: "i-old has the type t2.micro"},
		{i: mirror.Interface{ID: "eni-mirrored", InstanceID: "i-old"}, want: inventory.ReasonInstanceType},
		{i: mirror.Interface{ID: "eni-target"}, want: inventory.ReasonBacksTarget, text: "eni-target backs target tmt-1"},
		{i: mirror.Interface{ID: "eni-1", OwnerID: "999999999999", SubnetID: "subnet-foreign"}, want: inventory.ReasonOtherAccount, text: "eni-1 belongs to account 999999999999"},
		{i: mirror.Interface{ID: "eni-1", OwnerID: "999999999999", SubnetID: "subnet-own"}},
		{i: mirror.Interface{ID: "eni-1"}, rules: inventory.Rules{AttachedSources: true}, want: inventory.ReasonNotAttached, text: "attached-sources"},
		{i: mirror.Interface{ID: "eni-1", InstanceID: "i-new"}, rules: inventory.Rules{AttachedSources: true}},
	} {
		facts.Interfaces = []account.NetworkInterface{{Interface: c.i}}
		got := inventory.NewFleet(facts, c.rules).Select(inventory.Selection{All: true})[0]
		if got.Reason != c.want || !strings.Contains(got.Detail, c.text) || (got.Detail == "") != (c.want == "") {
			t.Errorf("%+v: %q, %q; want %q", c.i, got.Reason, got.Detail, c.want)
		}
	}
}

func TestSource_NextNumber(t *testing.T) {
	t.Parallel()
	s := inventory.Source{}
	for _, n := range []int{1, 2, 4, 32766} {
		s.Sessions = append(s.Sessions, account.Tagged[mirror.Session]{Noun: mirror.Session{Number: n}})
	}
	got := fmt.Sprint(s.NextNumber(1), s.NextNumber(3), s.NextNumber(4), s.NextNumber(32766))
	if got != "3 3 5 0" {
		t.Errorf("the next numbers are %s, want 3 3 5 0", got)
	}
}
