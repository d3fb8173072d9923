package emulator_test

import (
	"regexp"
	"slices"
	"testing"
)

func TestFilterHoldsItsRules(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f := makeFilter(t, e, "Description=web")
	second := makeRule(t, e, f, 200, "Protocol=6&DestinationPortRange.FromPort=80&DestinationPortRange.ToPort=90&Description=r&TagSpecification.1.ResourceType=traffic-mirror-filter-rule&TagSpecification.1.Tag.1.Key=k")
	first := makeRule(t, e, f, 100, "")
	read := must(t, e, "DescribeTrafficMirrorFilters", "TrafficMirrorFilterId.1="+f).all("trafficMirrorFilterSet/item")[0]
	if got, want := read.texts("ingressFilterRuleSet/item/trafficMirrorFilterRuleId"), []string{first, second}; !slices.Equal(got, want) {
		t.Errorf("ingress rules: %v, want %v", got, want)
	}
	if n := len(read.all("egressFilterRuleSet")); n != 1 {
		t.Errorf("%d elements for the egress rules, want one that is empty", n)
	}
	rule := read.all("ingressFilterRuleSet/item")[1]
	for path, want := range map[string]string{
		"trafficMirrorFilterId": f, "trafficDirection": "ingress", "ruleNumber": "200", "ruleAction": "accept", "protocol": "6",
		"destinationPortRange/fromPort": "80", "destinationPortRange/toPort": "90", "sourcePortRange/fromPort": "",
		"sourceCidrBlock": "0.0.0.0/0", "destinationCidrBlock": "0.0.0.0/0", "description": "r", "tagSet/item/key": "k",
	} {
		if got := rule.text(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

func TestFilterDeleteTakesItsRules_A0042(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f := makeFilter(t, e, "")
	rule := makeRule(t, e, f, 1, "TagSpecification.1.ResourceType=traffic-mirror-filter-rule&TagSpecification.1.Tag.1.Key=k")
	must(t, e, "DeleteTrafficMirrorFilter", "TrafficMirrorFilterId="+f)
	refused(t, e, "DescribeTrafficMirrorFilterRules", "TrafficMirrorFilterRuleId.1="+rule, "InvalidTrafficMirrorFilterRuleId.NotFound")
	refused(t, e, "DescribeTrafficMirrorFilterRules", "TrafficMirrorFilterId="+f, assumed("A0083", "InvalidTrafficMirrorFilterId.NotFound"))
	refused(t, e, "DeleteTrafficMirrorFilter", "TrafficMirrorFilterId="+f, "InvalidTrafficMirrorFilterId.NotFound")
	if left := must(t, e, "DescribeTags", "").all("tagSet/item"); len(left) > 0 {
		t.Error("the rule's tags are still there")
	}
}

func TestNetworkServices(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	f := makeFilter(t, e, "")
	for _, step := range []struct {
		parameters string
		want       []string
	}{
		{"AddNetworkService.1=amazon-dns", []string{"amazon-dns"}},
		{"AddNetworkService.1=amazon-dns&AddNetworkService.2=amazon-dns", []string{"amazon-dns"}},
		{"", []string{"amazon-dns"}},
		{"RemoveNetworkService.1=amazon-dns", nil},
		{"RemoveNetworkService.1=amazon-dns", nil},
	} {
		answer := must(t, e, "ModifyTrafficMirrorFilterNetworkServices", "TrafficMirrorFilterId="+f+"&"+step.parameters)
		read := must(t, e, "DescribeTrafficMirrorFilters", "")
		for place, got := range map[string][]string{
			"the answer": answer.texts("trafficMirrorFilter/networkServiceSet/item"),
			"a describe": read.texts("trafficMirrorFilterSet/item/networkServiceSet/item"),
		} {
			if !slices.Equal(got, step.want) {
				t.Errorf("%q: %s says %v, want %v", step.parameters, place, got, step.want)
			}
		}
	}
	refused(t, e, "ModifyTrafficMirrorFilterNetworkServices", "TrafficMirrorFilterId="+f+"&AddNetworkService.1=amazon-ntp", "InvalidParameterValue")
	refused(t, e, "ModifyTrafficMirrorFilterNetworkServices", "TrafficMirrorFilterId="+goneFilter, "InvalidTrafficMirrorFilterId.NotFound")
	refused(t, e, "ModifyTrafficMirrorFilterNetworkServices", "TrafficMirrorFilterId="+f+"&AddNetworkService.1=amazon-dns&RemoveNetworkService.1=amazon-dns", assumed("A0043", "InvalidParameterCombination"))
}

// IDs are formed like those of EC2, and each delete answers with the one that it
// deleted. A change answers with the object and no client token.
func TestAnswers(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	target, f := makeTarget(t, e, "NetworkInterfaceId="+eni(20)), makeFilter(t, e, "")
	rule := makeRule(t, e, f, 1, "")
	session := makeSession(t, e, sessionOn(eni(1), target, f, 1)).text("trafficMirrorSessionId")
	for _, change := range []struct{ action, parameters, element string }{
		{"ModifyTrafficMirrorFilterNetworkServices", "TrafficMirrorFilterId=" + f, "trafficMirrorFilter"},
		{"ModifyTrafficMirrorFilterRule", "TrafficMirrorFilterRuleId=" + rule, "trafficMirrorFilterRule"},
		{"ModifyTrafficMirrorSession", "TrafficMirrorSessionId=" + session, "trafficMirrorSession"},
	} {
		answer := must(t, e, change.action, change.parameters)
		if len(answer.Nodes) != 2 || len(answer.all("requestId")) != 1 || len(answer.all(change.element)) != 1 {
			t.Errorf("%s answers with %v", change.action, answer.Nodes)
		}
	}
	for _, object := range []struct{ noun, id, prefix string }{
		{"Session", session, "tms"}, {"FilterRule", rule, "tmfr"}, {"Filter", f, "tmf"}, {"Target", target, "tmt"},
	} {
		if !regexp.MustCompile("^" + object.prefix + "-[0-9a-f]{17}$").MatchString(object.id) {
			t.Errorf("the ID of a %s is %s", object.noun, object.id)
		}
		element := "trafficMirror" + object.noun + "Id"
		if got := must(t, e, "DeleteTrafficMirror"+object.noun, "T"+element[1:]+"="+object.id).text(element); got != object.id {
			t.Errorf("the delete of a %s answers with %q, want %q", object.noun, got, object.id)
		}
	}
}
