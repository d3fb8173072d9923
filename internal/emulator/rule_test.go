package emulator_test

import (
	"strings"
	"testing"
)

func TestRuleRefusals(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f := makeFilter(t, e, "")
	makeRule(t, e, f, 100, "")
	makeRule(t, e, makeFilter(t, e, ""), 100, "") // a number is taken in its filter alone
	parameters := map[string]string{
		"TrafficMirrorFilterId": f, "RuleNumber": "1", "TrafficDirection": "ingress", "RuleAction": "accept",
		"SourceCidrBlock": "10.0.0.0/8", "DestinationCidrBlock": "0.0.0.0/0",
	}
	for _, test := range []struct{ change, code string }{
		{"TrafficMirrorFilterId=", "MissingParameter"},
		{"TrafficMirrorFilterId=" + goneFilter, "InvalidTrafficMirrorFilterId.NotFound"},
		{"TrafficDirection=", "MissingParameter"},
		{"TrafficDirection=inbound", "InvalidParameterValue"},
		{"TrafficDirection=Ingress", "InvalidParameterValue"},
		{"RuleAction=", "MissingParameter"},
		{"RuleAction=drop", "InvalidParameterValue"},
		{"RuleNumber=0", assumed("A0001", "InvalidParameterValue")},
		{"RuleNumber=32767", "InvalidParameterValue"},
		{"RuleNumber=100", assumed("A0045", "TrafficMirrorFilterRuleAlreadyExists")},
		{"SourceCidrBlock=", "MissingParameter"},
		{"SourceCidrBlock=10.0.0.0", "InvalidParameterValue"},
		{"SourceCidrBlock=10.0.0.1/8", assumed("A0068", "InvalidParameterValue")},
		{"SourceCidrBlock=10.0.0.0/33", "InvalidParameterValue"},
		{"SourceCidrBlock=::/0", assumed("A0071", "InvalidParameterCombination")},
		{"DestinationCidrBlock=10.0.0.1/8", "InvalidParameterValue"},
		{"DestinationCidrBlock=", "MissingParameter"},
		{"Protocol=-1", assumed("A0044", "InvalidParameterValue")},
		{"Protocol=256", "InvalidParameterValue"},
		{"Protocol=tcp", "InvalidParameterValue"},
		{"DestinationPortRange.FromPort=80", assumed("A0070", "MissingParameter")},
		{"DestinationPortRange.ToPort=80", assumed("A0070", "MissingParameter")},
		{"DestinationPortRange=80", "UnknownParameter"},
		{"DestinationPortRange.FromPort=80&DestinationPortRange.ToPort=80", assumed("A0070", "InvalidParameterCombination")},
		{"Protocol=1&SourcePortRange.FromPort=80&SourcePortRange.ToPort=80", "InvalidParameterCombination"},
		{"Protocol=6&SourcePortRange.FromPort=81&SourcePortRange.ToPort=80", assumed("A0070", "InvalidParameterCombination")},
		{"Protocol=6&SourcePortRange.FromPort=-1&SourcePortRange.ToPort=80", assumed("A0070", "InvalidParameterValue")},
		{"Protocol=6&SourcePortRange.FromPort=0&SourcePortRange.ToPort=65536", "InvalidParameterValue"},
		{"Protocol=6&SourcePortRange.FromPort=0&SourcePortRange.ToPort=65535", ""},
		{"TrafficDirection=egress&RuleNumber=100", ""}, // a number is taken in its direction alone
		{"Protocol=0&RuleNumber=2", assumed("A0044", "")},
		{"Protocol=255&RuleNumber=3&SourceCidrBlock=2001:db8::/32&DestinationCidrBlock=::/0", ""},
	} {
		changed := map[string]string{}
		for name, value := range parameters {
			changed[name] = value
		}
		for part := range strings.SplitSeq(test.change, "&") {
			name, value, _ := strings.Cut(part, "=")
			changed[name] = value
		}
		var all []string
		for name, value := range changed {
			all = append(all, name+"="+value)
		}
		refused(t, e, "CreateTrafficMirrorFilterRule", strings.Join(all, "&"), test.code)
	}
}

// Error messages speak of parameters, not of Terraform's arguments.
func TestRuleMessages(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	rule := "TrafficMirrorFilterId=" + goneFilter + "&TrafficDirection=ingress&RuleAction=accept&RuleNumber=1&"
	for _, test := range []struct{ parameters, want string }{
		{
			anyCIDRs + "&Protocol=6&SourcePortRange.FromPort=70000&SourcePortRange.ToPort=70001",
			"SourcePortRange.FromPort is 70000. Write a whole number from 0 to 65535.",
		},
		{
			"SourceCidrBlock=10.0.0.0/8&DestinationCidrBlock=::/0",
			"DestinationCidrBlock is ::/0, of another address family than SourceCidrBlock, 10.0.0.0/8",
		},
		{anyCIDRs + "&Protocol=999", "Protocol is 999. Write a whole number from 0 to 255."},
	} {
		if got := call(t, e, "CreateTrafficMirrorFilterRule", rule+test.parameters); got.message() != test.want {
			t.Errorf("%s:\n got %q\nwant %q", test.parameters, got.message(), test.want)
		}
	}
}

func TestRuleModify(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f := makeFilter(t, e, "")
	makeRule(t, e, f, 50, "")
	id := makeRule(t, e, f, 100, "Protocol=6&SourcePortRange.FromPort=1&SourcePortRange.ToPort=2&Description=d&TagSpecification.1.ResourceType=traffic-mirror-filter-rule&TagSpecification.1.Tag.1.Key=k")
	modify := "TrafficMirrorFilterRuleId=" + id + "&"
	for _, test := range []struct{ parameters, code string }{
		{"RuleNumber=50", "TrafficMirrorFilterRuleAlreadyExists"},
		{"RuleNumber=0", "InvalidParameterValue"},
		{"TrafficMirrorFilterId=" + goneFilter, "UnknownParameter"},
		{"SourceCidrBlock=::/0", assumed("A0071", "InvalidParameterCombination")},
		{"SourceCidrBlock=10.0.0.1/8", assumed("A0068", "InvalidParameterValue")},
		{"SourceCidrBlock=", "MissingParameter"},
		{"RuleAction=", "MissingParameter"},
		{"Protocol=17&SourcePortRange.FromPort=1", assumed("A0070", "MissingParameter")},
		{"Protocol=17&SourcePortRange.ToPort=1", "MissingParameter"},
		{"Protocol=17&SourcePortRange.FromPort=2&SourcePortRange.ToPort=1", "InvalidParameterCombination"},
		{"Protocol=17&SourcePortRange.FromPort=1&SourcePortRange.ToPort=65536", "InvalidParameterValue"},
		{"Protocol=1&DestinationPortRange.FromPort=1&DestinationPortRange.ToPort=2", assumed("A0070", "InvalidParameterCombination")},
		{"Protocol=1", "InvalidParameterCombination"},             // the source ports stay
		{"RemoveField.1=protocol", "InvalidParameterCombination"}, // so they do here
		{"DestinationPortRange.FromPort=1&DestinationPortRange.ToPort=2", assumed("A0046", "InvalidParameterCombination")},
		{"RemoveField.1=rule-number", "InvalidParameterValue"},
		{"RemoveField.1=source-port-range&Protocol=6&SourcePortRange.FromPort=1&SourcePortRange.ToPort=2", "InvalidParameterCombination"},
		{"Protocol=17&DestinationPortRange.FromPort=1&DestinationPortRange.ToPort=2", ""},
		{"RuleNumber=100", ""},
		{"", ""},
	} {
		refused(t, e, "ModifyTrafficMirrorFilterRule", modify+test.parameters, test.code)
	}
	refused(t, e, "ModifyTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId="+goneRule, "InvalidTrafficMirrorFilterRuleId.NotFound")

	changed := must(t, e, "ModifyTrafficMirrorFilterRule", modify+"Description=e&Protocol=6&SourcePortRange.FromPort=3&SourcePortRange.ToPort=4")
	for path, want := range map[string]string{
		"description": "e", "protocol": "6", "sourcePortRange/fromPort": "3", "sourcePortRange/toPort": "4", "destinationPortRange/toPort": "2",
	} {
		if got := changed.text("trafficMirrorFilterRule/" + path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	answer := must(t, e, "ModifyTrafficMirrorFilterRule", modify+"TrafficDirection=egress&RuleNumber=50&RuleAction=reject&SourceCidrBlock=::/0&DestinationCidrBlock=2001:db8::/32"+
		"&RemoveField.1=protocol&RemoveField.2=source-port-range&RemoveField.3=destination-port-range&RemoveField.4=description")
	if n := len(answer.all("trafficMirrorFilterRule/tagSet")); n != 0 {
		t.Error("the answer to a modify holds tags, which EC2 documents it never does")
	}
	read := must(t, e, "DescribeTrafficMirrorFilterRules", "TrafficMirrorFilterRuleId.1="+id).all("trafficMirrorFilterRuleSet/item")[0]
	for path, want := range map[string]string{
		"trafficMirrorFilterId": f, "trafficDirection": "egress", "ruleNumber": "50", "ruleAction": "reject", "protocol": "", "description": "",
		"sourceCidrBlock": "::/0", "destinationCidrBlock": "2001:db8::/32", "tagSet/item/key": "k",
	} {
		if got := read.text(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if n := len(read.all("sourcePortRange")) + len(read.all("destinationPortRange")); n != 0 {
		t.Error("the port ranges are still there")
	}
	makeRule(t, e, f, 100, "") // its old place is free
	must(t, e, "DeleteTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId="+id)
	refused(t, e, "DeleteTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId="+id, "InvalidTrafficMirrorFilterRuleId.NotFound")
}
