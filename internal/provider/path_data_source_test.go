package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// The data source has the outcome, the reason and the hops, before and after a client takes away
// what the security group of the sensor allows.
func TestPath_hops(t *testing.T) {
	t.Parallel()
	r := newSourceReader(t)
	read := func() map[string]any {
		t.Helper()
		state, problems := r.read(t, "trafficmirror_path", fmt.Sprintf(`{"network_interface_id": %q, "traffic_mirror_target_id": "tmt-1"}`, source))
		if len(problems) > 0 {
			t.Fatalf("%+v", problems[0])
		}
		return state
	}
	if state := read(); state["outcome"] != "passes" || !strings.Contains(fmt.Sprint(state["reason"]), "Nothing that is known blocks") || state["region"] == "" {
		t.Errorf("%v: %v %v", state["outcome"], state["reason"], state["hops"])
	}
	rules, err := r.account.client.DescribeSecurityGroupRules(t.Context(), &ec2.DescribeSecurityGroupRulesInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range rules.SecurityGroupRules {
		if *rule.IsEgress {
			continue
		}
		if _, err := r.account.client.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{GroupId: rule.GroupId, SecurityGroupRuleIds: []string{*rule.SecurityGroupRuleId}}); err != nil {
			t.Fatal(err)
		}
	}
	state := read()
	if state["outcome"] != "blocked" || !strings.Contains(fmt.Sprint(state["hops"]), "security_group_ingress") || !strings.Contains(fmt.Sprint(state["reason"]), "has no inbound rule for UDP port 4789") {
		t.Errorf("%v: %v %v", state["outcome"], state["reason"], state["hops"])
	}
}

// What is wrong with an argument is said at validation. A value that is not known yet is no error.
func TestPath_arguments(t *testing.T) {
	t.Parallel()
	r := newSourceReader(t)
	_, problems := r.read(t, "trafficmirror_path", `{"network_interface_id": "i-00000000000000001", "traffic_mirror_target_id": "eni-00000000000000001"}`)
	var text strings.Builder
	for _, p := range problems {
		text.WriteString(p.Summary + p.Detail)
	}
	if len(problems) != 2 || !strings.Contains(text.String(), "network_interface_id") && !strings.Contains(text.String(), "eni-") {
		t.Errorf("%s", text.String())
	}
}

// Every action of the policy of the guide is called, and no other one.
func TestAccPath_IAM(t *testing.T) {
	space := newWorkspace(t)
	policy := iamPolicies(t)["path"]
	a := newAccount(t)
	gate, address := newIAMGate(t, a)
	config := fmt.Sprintf(iamConfig, address, "off")
	for i, in := range []ec2.CreateTrafficMirrorTargetInput{
		{NetworkInterfaceId: aws.String(sensor)}, {NetworkLoadBalancerArn: aws.String(sensors)}, {GatewayLoadBalancerEndpointId: aws.String(gateway)},
	} {
		target, err := a.client.CreateTrafficMirrorTarget(t.Context(), &in)
		if err != nil {
			t.Fatal(err)
		}
		config += fmt.Sprintf("data \"trafficmirror_path\" \"x%d\" {\n  network_interface_id = %q\n  traffic_mirror_target_id = %q\n}\n", i, source, *target.TrafficMirrorTarget.TrafficMirrorTargetId)
	}
	gate.as(t, "path", func() {
		space.write(t, config)
		space.run(t, "plan")
	}, policy)
	if names := gate.unused(policy); len(names) > 0 {
		t.Errorf("nothing needs %q of the policy path", names)
	}
}
