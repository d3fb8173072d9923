package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// What backs a target changes under three sessions: one apply makes the new target,
// moves the sessions and deletes the old one. At no moment is a session without a
// target that exists, and each keeps its ID.
func TestAccMoments_target(t *testing.T) {
	space, ec2 := newWorkspace(t), newRelay(t)
	space.write(t, threeSessions(ec2.url, sensor))
	space.run(t, "apply -auto-approve")
	before, start := dump(t, ec2.emulator), len(ec2.actions(0))
	ec2.stepIn(steps{after: func(c change) {
		now := dump(t, ec2.emulator)
		for id, s := range now.Sessions {
			if _, there := now.Targets[s.TargetID]; !there {
				t.Errorf("after %s, %s has no target", c.action, id)
			}
		}
	}})
	space.write(t, threeSessions(ec2.url, sensor2))
	space.run(t, "apply -auto-approve")
	want := []string{
		"CreateTrafficMirrorTarget",
		"ModifyTrafficMirrorSession", "ModifyTrafficMirrorSession", "ModifyTrafficMirrorSession",
		"DeleteTrafficMirrorTarget",
	}
	if got := ec2.actions(start); !slices.Equal(got, want) {
		t.Errorf("the apply makes the changes\n%v, want\n%v", got, want)
	}
	after := dump(t, ec2.emulator)
	if got, want := slices.Sorted(maps.Keys(after.Sessions)), slices.Sorted(maps.Keys(before.Sessions)); !slices.Equal(got, want) {
		t.Errorf("the sessions are %v and were %v", got, want)
	}
	for id, target := range after.Targets {
		if target.InterfaceID != sensor2 {
			t.Errorf("%s is on %s, want %s", id, target.InterfaceID, sensor2)
		}
	}
	ec2.has(t, 1, 1, 0, 3)
	space.planIsEmpty(t)
}

// Ten inline rules in the reverse order take ten calls, and at no moment does the
// filter accept a packet that neither the old nor the new rules accept.
func TestAccMoments_rules(t *testing.T) {
	space, ec2 := newWorkspace(t), newRelay(t)
	config := func(number string) string {
		return endpointBlock(ec2.url) + fmt.Sprintf(`
resource "trafficmirror_filter" "x" {
  ingress_rules = { for n in range(1, 11) : %s => {
    rule_action            = n %% 2 == 0 ? "accept" : "reject"
    protocol               = "tcp"
    source_cidr_block      = n < 4 ? "10.0.0.0/8" : "10.${n %% 3}.0.0/16"
    destination_cidr_block = "0.0.0.0/0"
    destination_port_range = n == 4 || n == 5 ? { from_port = 80, to_port = 443 } : null
  } }
}`, number)
	}
	space.write(t, config("n"))
	space.run(t, "apply -auto-approve")
	var moments [][]mirror.Rule
	moment := func() { moments = append(moments, slices.Collect(maps.Values(dump(t, ec2.emulator).Rules))) }
	moment()
	start := len(ec2.actions(0))
	ec2.stepIn(steps{after: func(change) { moment() }}) // one after the other: a filter makes one call at a time
	space.write(t, config("11 - n"))
	space.run(t, "apply -auto-approve")
	if got, want := ec2.actions(start), slices.Repeat([]string{"ModifyTrafficMirrorFilterRule"}, 10); !slices.Equal(got, want) {
		t.Errorf("the apply makes the changes\n%s", strings.Join(got, "\n"))
	}
	ends := [][]mirror.Rule{inOrder(moments[0]), inOrder(moments[len(moments)-1])}
	for i, rules := range moments {
		if analysis.MayExist([][]mirror.Rule{inOrder(rules)}, ends) {
			t.Errorf("after %d calls a packet is accepted that was not, and will not be:\n%v", i, inOrder(rules))
		}
	}
	space.planIsEmpty(t)
}

// Where no order of calls mirrors all packets that both the old and the new rules accept, the
// apply says for how many calls some are missing. It makes no more calls than usual.
func TestAccMoments_loss(t *testing.T) {
	space, ec2 := newWorkspace(t), newRelay(t)
	config := func(rules string) string {
		return endpointBlock(ec2.url) + "\nresource \"trafficmirror_filter\" \"x\" {\n  ingress_rules = {\n" + rules + "\n  }\n}"
	}
	space.write(t, config(`
    "7" = { rule_action = "accept", source_cidr_block = "10.1.0.0/16", destination_cidr_block = "10.1.0.0/16" }
    "4" = { rule_action = "accept", protocol = "tcp", source_cidr_block = "10.2.0.0/16", destination_cidr_block = "10.2.0.0/16" }`))
	const warning = "Warning: Mirroring was interrupted for some packets"
	if output := space.run(t, "apply -auto-approve"); strings.Contains(output, warning) {
		t.Errorf("a filter that is new loses packets:\n%s", output)
	}
	start := len(ec2.actions(0))
	space.write(t, config(`
    "7" = { rule_action = "reject", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "10.0.0.0/8", destination_port_range = { from_port = 22, to_port = 443 } }
    "9" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }`))
	output := strings.Join(strings.Fields(space.run(t, "apply -auto-approve")), " ")
	if !strings.Contains(output, warning) || !strings.Contains(output, "for the time of 1 call to EC2.") {
		t.Errorf("the apply does not say that packets were missing:\n%s", output)
	}
	if got := ec2.actions(start); len(got) != 2 {
		t.Errorf("the apply makes the changes %v, want two", got)
	}
	space.planIsEmpty(t)
}

// inOrder sorts rules by number.
func inOrder(rules []mirror.Rule) []mirror.Rule {
	return mirror.Filter{Rules: rules}.InDirection(mirror.Ingress)
}

// A move that fails is taken back. The next apply asks EC2 anew, which must not
// answer with the target that is gone.
func TestAccMoments_undone(t *testing.T) {
	space, ec2 := newWorkspace(t), newRelay(t)
	space.write(t, threeSessions(ec2.url, sensor))
	space.run(t, "apply -auto-approve")
	before, start := dump(t, ec2.emulator), len(ec2.actions(0))
	ec2.emulator.SetFaults([]emulator.Fault{{Action: "ModifyTrafficMirrorSession", Kind: emulator.FaultInternal, Count: 3}})
	space.write(t, strings.Replace(threeSessions(ec2.url, sensor2), "region ", "max_retries = 3\n  region ", 1))
	if output, code := space.try(t, "apply -auto-approve"); code == 0 {
		t.Fatalf("the move did not fail:\n%s", output)
	}
	if got, want := ec2.actions(start), []string{"CreateTrafficMirrorTarget", "DeleteTrafficMirrorTarget"}; !slices.Equal(got, want) {
		t.Errorf("the apply makes the changes %v, want %v", got, want)
	}
	if after := dump(t, ec2.emulator); !maps.Equal(after.Targets, before.Targets) || len(after.Sessions) != 3 {
		t.Errorf("there are %v, and there were %v", after.Targets, before.Targets)
	}
	space.run(t, "apply -auto-approve")
	space.planIsEmpty(t)
	ec2.has(t, 1, 1, 0, 3)
	if count := ec2.emulator.Calls()["CreateTrafficMirrorTarget"].Count; count != 3 {
		t.Errorf("%d requests for three targets: one of them was refused", count)
	}
}
