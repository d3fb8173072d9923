package provider_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// planTopology is the testTopology with what cannot be mirrored, and a session of
// another account on a target of this one.
var planTopology = strings.NewReplacer(
	`"vpcs": [`, `"foreign_sessions": [{
    "id": "tms-0000000000000000f", "owner_id": "111122223333", "network_interface_id": "eni-00000000000000f00", "session_number": 1, "virtual_network_id": 7,
    "traffic_mirror_target_id": "tmt-00000000000000003", "traffic_mirror_filter_id": "tmf-00000000000000f00"
  }],
  "vpcs": [`,
	`"subnets": [`, `"subnets": [
    { "id": "subnet-00000000000000006", "vpc_id": "vpc-00000000000000001", "ipv6_cidr_block": "2001:db8::/64", "ipv6_native": true },`,
	`"instances": [`, `"instances": [
    { "id": "i-00000000000000002", "instance_type": "t2.micro" },`,
	`{ "id": "i-00000000000000002", "instance_type": "m5.large", "state": "running" },`, ``,
	`"network_interfaces": [`, `"network_interfaces": [
    { "id": "eni-0000000000000000c", "interface_type": "nat_gateway", "subnet_id": "subnet-00000000000000001" },
    { "id": "eni-0000000000000000d", "owner_id": "111122223333" },
    { "id": "eni-0000000000000000e", "subnet_id": "subnet-00000000000000006", "ipv6_addresses": ["2001:db8::e"] },
    { "id": "eni-0000000000000000f", "requester_managed": true, "requester_id": "amazon-aws", "subnet_id": "subnet-00000000000000001" },
    { "id": "eni-00000000000000010", "subnet_id": "subnet-00000000000000001", "private_ip_address": "10.0.1.16" },`,
).Replace(testTopology)

// TestPlan compares what a plan says, word for word, with testdata/plan.txt, where it can be judged all at once.
func TestPlan(t *testing.T) {
	const path = "testdata/plan.txt"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p := newPlanner(t)
	var rewritten strings.Builder
	for i, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
		if strings.HasPrefix(block, "#") {
			rewritten.WriteString(block + "\n\n")
			continue
		}
		head, want := cutCase(block)
		got := p.standIns.Replace(p.planCase(t, head))
		if got != want && !*update {
			t.Errorf("case %d, %s:\ngot\n%s\nwant\n%s", i, head, got, want)
		}
		rewritten.WriteString(strings.TrimSpace(head+"\n"+got) + "\n\n")
	}
	if *update {
		if err := os.WriteFile(path, []byte(strings.TrimSpace(rewritten.String())+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// cutCase cuts a case into what is planned and the diagnostics, which are indented.
func cutCase(block string) (head, want string) {
	head, want, found := strings.Cut(block, "\n  ")
	if found {
		want = "  " + want
	}
	return head, want
}

// planCase plans the objects of a case, a line each: "KIND CHANGES", "KIND CHANGES
// from PRIOR" or "destroy KIND PRIOR". The last lines can be "provider ARGUMENTS"
// and "denied ACTIONS".
func (p *planner) planCase(t *testing.T, head string) string {
	t.Helper()
	var arguments string
	var steps []step
	p.denied = nil
	for line := range strings.Lines(head) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "provider":
			arguments = rest
		case "denied":
			p.denied = strings.Split(rest, " ")
		case "destroy":
			kind, prior, _ := strings.Cut(rest, " ")
			steps = append(steps, step{kind: kind, prior: prior})
		default:
			changes, prior, _ := strings.Cut(rest, " from ")
			steps = append(steps, step{kind: word, prior: prior, changes: changes})
		}
	}
	return p.plan(t, arguments, steps...)
}

// mirror creates a session with number 1, outside of Terraform.
func (a *account) mirror(t *testing.T) (targetID, filterID, sessionID string) {
	t.Helper()
	target, err := a.client.CreateTrafficMirrorTarget(t.Context(), &ec2.CreateTrafficMirrorTargetInput{NetworkInterfaceId: aws.String(sensor)})
	if err != nil {
		t.Fatal(err)
	}
	filter, err := a.client.CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{})
	if err != nil {
		t.Fatal(err)
	}
	targetID, filterID = *target.TrafficMirrorTarget.TrafficMirrorTargetId, *filter.TrafficMirrorFilter.TrafficMirrorFilterId
	session, err := a.client.CreateTrafficMirrorSession(t.Context(), &ec2.CreateTrafficMirrorSessionInput{
		NetworkInterfaceId: aws.String(source), TrafficMirrorTargetId: &targetID, TrafficMirrorFilterId: &filterID, SessionNumber: aws.Int32(1),
	})
	if err != nil {
		t.Fatal(err)
	}
	return targetID, filterID, *session.TrafficMirrorSession.TrafficMirrorSessionId
}

// The guard is asked before a session moves to another target, and never when one
// is destroyed.
func TestAccSession_guard(t *testing.T) {
	a := newAccount(t)
	config := func(guard, target string) string {
		return strings.Replace(a.sessionConfig(`
  traffic_mirror_target_id = trafficmirror_target.`+target+`.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id`), `"us-east-1"`, `"us-east-1"
  guard = { target_owner_ids = ["`+guard+`"] }`, 1)
	}
	refused := regexp.MustCompile(`The guard refuses the target`)
	a.test(t,
		resource.TestStep{Config: config("111122223333", "x"), ExpectError: refused}, // after the target was made
		resource.TestStep{Config: config("123456789012", "x")},
		resource.TestStep{Config: config("111122223333", "nlb"), ExpectError: refused, PlanOnly: true},
		resource.TestStep{Config: config("111122223333", "x")},
	)
}
