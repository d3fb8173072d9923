package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// balancing is a client of Elastic Load Balancing, for what somebody does outside of Terraform.
func (a *account) balancing(t *testing.T) *elb.Client {
	t.Helper()
	return elb.New(elb.Options{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient: &http.Client{Transport: emulator.Transport(a.setTopology(t, testTopology))},
	})
}

// deleteListener deletes the listeners of the load balancer, as somebody may by hand.
func deleteListener(t *testing.T, client *elb.Client) {
	t.Helper()
	deleteListeners(t, client, sensors)
}

func deleteListeners(t *testing.T, client *elb.Client, loadBalancer string) {
	t.Helper()
	found, err := client.DescribeListeners(t.Context(), &elb.DescribeListenersInput{LoadBalancerArn: &loadBalancer})
	if err != nil || len(found.Listeners) == 0 {
		t.Fatalf("%v, %v", found, err)
	}
	for _, l := range found.Listeners {
		if _, err := client.DeleteListener(t.Context(), &elb.DeleteListenerInput{ListenerArn: l.ListenerArn}); err != nil {
			t.Fatal(err)
		}
	}
}

// createListener creates a listener of the load balancer with a target group.
func createListener(t *testing.T, client *elb.Client, protocol types.ProtocolEnum) {
	t.Helper()
	group, err := client.CreateTargetGroup(t.Context(), &elb.CreateTargetGroupInput{
		Name: aws.String("sensors-" + strings.ToLower(string(protocol))), Protocol: protocol, Port: aws.Int32(4789), VpcId: aws.String("vpc-00000000000000001"), TargetType: types.TargetTypeEnumIp,
	})
	if err != nil {
		t.Fatal(err)
	}
	arn := group.TargetGroups[0].TargetGroupArn
	if _, err := client.RegisterTargets(t.Context(), &elb.RegisterTargetsInput{TargetGroupArn: arn, Targets: []types.TargetDescription{{Id: aws.String("10.0.1.101")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateListener(t.Context(), &elb.CreateListenerInput{
		LoadBalancerArn: aws.String(sensors), Protocol: protocol, Port: aws.Int32(4789),
		DefaultActions: []types.Action{{Type: types.ActionTypeEnumForward, TargetGroupArn: arn}},
	}); err != nil {
		t.Fatal(err)
	}
}

// A listener that somebody removes by hand ends mirroring without an error. The next plan warns, the
// status and the simulation say so, and with the listener all is as before. A plan cannot see a
// listener that another provider creates in the same apply, and so it only warns.
func TestAccDelivery_listenerRemoved(t *testing.T) {
	space, c := newWorkspace(t), newSimulationCase(t)
	client := c.balancing(t)
	deleteListener(t, client)
	createListener(t, client, types.ProtocolEnumTcp)
	config := strings.Replace(c.mirrored("", c.capture()+`expect = [{ packet = "1", mirrored = true }]`), `network_interface_id = "`+sensor+`"`, `network_load_balancer_arn = "`+sensors+`"`, 1) + `
output "status" {
  value = "${trafficmirror_session.this.status}: ${trafficmirror_session.this.status_reason}"
}

output "verdict" {
  value = trafficmirror_simulation.this.verdicts["1"].reason
}
`
	space.write(t, config)
	const noListener, fix = "Warning: The load balancer does not listen for copies", "Create a listener that forwards to the target group of the appliances. That of a Network Load Balancer has the protocol UDP and the port 4789, that of a Gateway Load Balancer has neither. Ignore this warning if this apply does that."
	says(t, space.run(t, "plan"), 1, noListener, sensors+" does not listen on UDP port 4789", "So no copy arrives, and there is no error. Change the protocol of the listener arn:",
		" from TCP to UDP, and let it forward to the target group of the appliances. Ignore this warning if this apply does that.")

	createUDP := func() { createListener(t, client, types.ProtocolEnumUdp) }
	deleteListener(t, client)
	createUDP()
	says(t, space.run(t, "apply -auto-approve"), 0, noListener, "Expectation does not hold")
	says(t, space.run(t, "output"), 1, `status = "active: `, `verdict = "rule_accepts"`)
	says(t, space.run(t, "plan"), 0, noListener, "Warning: Nothing receives")

	deleteListener(t, client)
	says(t, space.run(t, "plan"), 1, noListener, "does not listen on UDP port 4789. "+fix, "Warning: Expectation does not hold any more")
	space.run(t, "apply -refresh-only -auto-approve")
	says(t, space.run(t, "output"), 1, `status = "no_listener: The load balancer of target tmt-`, `verdict = "no_udp_listener"`)
	space.write(t, strings.Replace(config, `expect = [{`, `expect = [{ packet = "1", outcome = "mirrored" }, {`, 1))
	says(t, space.run(t, "plan"), 1, "Warning: Nothing receives the copies now", "The sessions mirror these packets, but nothing receives the copies now.")
	space.write(t, strings.Replace(config, `expect = [{`, `expect = [{ packet = "1", outcome = "mirrored" }, { packet = "1", reason = "rule_accepts" }, { where = { protocol = "tcp", destination_port = 443 }, at_least = 1 }, {`, 1))
	out := space.run(t, "plan")
	says(t, out, 1, "Warning: Nothing receives the copies now", "How the verdict of packet 1 is reached:", "For the same reason, 3 more expectations do not hold:",
		`expect[1] (packet "1": reason = "rule_accepts")`, `expect[2] (where { protocol = "tcp", destination_port = 443 }: at_least = 1)`, `expect[3] (packet "1": mirrored = true)`)
	space.write(t, config)

	if _, err := client.DeleteTargetGroup(t.Context(), &elb.DeleteTargetGroupInput{TargetGroupArn: groupNamed(t, client, "sensors-udp")}); err != nil {
		t.Fatal(err)
	}
	createUDP()
	says(t, space.run(t, "apply -auto-approve"), 0, noListener, "Expectation does not hold")
	says(t, space.run(t, "output"), 1, `status = "active: `, `verdict = "rule_accepts"`)
	space.run(t, "destroy -auto-approve")
}

// A listener that is gone does not stop the plan that would create it again, with on_drift = "error"
// neither.
func TestAccDelivery_onDrift(t *testing.T) {
	space, c := newWorkspace(t), newSimulationCase(t)
	client := c.balancing(t)
	deleteListener(t, client)
	config := strings.Replace(c.mirrored("", c.capture()+`
on_drift = "error"
expect   = [{ packet = "1", mirrored = true }]`), `network_interface_id = "`+sensor+`"`, `network_load_balancer_arn = "`+sensors+`"`, 1)
	space.write(t, config)
	const first = "List the listener and the registered targets in depends_on of the trafficmirror_target or of the trafficmirror_simulation"
	out, code := space.try(t, "apply -auto-approve")
	if code == 0 {
		t.Error("an apply without a listener passes")
	}
	says(t, out, 1, "Error: Expectation does not hold", first)
	createListener(t, client, types.ProtocolEnumUdp)
	space.run(t, "apply -auto-approve")
	deleteListener(t, client)
	says(t, space.run(t, "plan"), 1, "Warning: Nothing receives the copies now", "Otherwise the next plan says this again.")
	space.run(t, "apply -refresh-only -auto-approve")
	says(t, space.run(t, "plan"), 1, "Warning: Nothing receives the copies now")
	space.run(t, "destroy -auto-approve")
}

func groupNamed(t *testing.T, client *elb.Client, name string) *string {
	t.Helper()
	found, err := client.DescribeTargetGroups(t.Context(), &elb.DescribeTargetGroupsInput{Names: []string{name}})
	if err != nil || len(found.TargetGroups) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	return found.TargetGroups[0].TargetGroupArn
}
