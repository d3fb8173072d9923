package planfile_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/planfile"
)

// The load balancer of a target has the listener for copies, its target group, and what is
// registered in it, as far as they are in the file.
func TestOverview_balancer(t *testing.T) {
	t.Parallel()
	const lb, group = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/sensors/50dc6c495c0c9188", "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/sensors/0123456789abcdef"
	listener := func(name, protocol string, port int) string {
		return fmt.Sprintf(`{"address": "aws_lb_listener.%s", "mode": "managed", "type": "aws_lb_listener", "name": "%s", "values": {"load_balancer_arn": "%s", "port": %d, "protocol": "%s", "default_action": [{"target_group_arn": "%s"}]}}`, name, name, lb, port, protocol, group)
	}
	state := func(listeners string) string {
		return fmt.Sprintf(`{"format_version": "1.0", "values": {"root_module": {"resources": [
			{"address": "trafficmirror_target.t", "mode": "managed", "type": "trafficmirror_target", "name": "t", "values": {"id": "tmt-1", "network_load_balancer_arn": "%s", "network_interface_id": null, "gateway_load_balancer_endpoint_id": null}},
			{"address": "aws_lb.sensors", "mode": "managed", "type": "aws_lb", "name": "sensors", "values": {"id": "%[1]s", "arn": "%[1]s", "name": "sensors"}},
			%s,
			{"address": "aws_lb_target_group.g", "mode": "managed", "type": "aws_lb_target_group", "name": "g", "values": {"id": "%[3]s", "arn": "%[3]s", "name": "sensors"}},
			{"address": "aws_lb_target_group_attachment.a", "mode": "managed", "type": "aws_lb_target_group_attachment", "name": "a", "values": {"target_group_arn": "%[3]s", "target_id": "i-1"}}
		]}}}`, lb, listeners, group)
	}
	for _, c := range []struct{ listeners, want string }{
		{listener("tcp", "TCP", 4789) + "," + listener("copies", "UDP", 4789), `listeners [4789], groups sensors i-1`},
		{listener("tcp", "TCP", 4789) + "," + listener("other", "UDP", 4790), `listeners [], groups`},
	} {
		f, err := planfile.Parse(planfile.State, []byte(state(c.listeners)))
		if err != nil {
			t.Fatal(err)
		}
		target := f.Overview().Targets[0]
		got := fmt.Sprint("listeners ", target.Endpoint.UDPListeners, ", groups")
		for _, g := range target.Endpoint.TargetGroups {
			got += " " + g.Name
			for _, r := range g.Targets {
				got += " " + r.ID
			}
		}
		if got != c.want || target.Endpoint.LoadBalancer.Name != "sensors" {
			t.Errorf("%s, not %s", got, c.want)
		}
	}
}

// Nothing sensitive is in an overview.
func TestOverview_sensitive(t *testing.T) {
	t.Parallel()
	const secret = "SECRET"
	f, err := planfile.Parse(planfile.State, []byte(`{"format_version": "1.0", "values": {"root_module": {"resources": [
		{"address": "trafficmirror_session.s", "mode": "managed", "type": "trafficmirror_session", "name": "s",
		 "values": {"id": "tms-1", "network_interface_id": "SECRET", "traffic_mirror_filter_id": "SECRET", "traffic_mirror_target_id": "tmt-1", "session_number": 1, "tags": {"Name": "SECRET"}},
		 "sensitive_values": {"network_interface_id": true, "traffic_mirror_filter_id": true, "tags": true}}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(f.Overview())
	if err != nil || strings.Contains(string(text), secret) {
		t.Errorf("%v, %s", err, text)
	}
}

// An overview of any file is an overview, or the file is refused.
func FuzzOverview(f *testing.F) {
	for _, name := range []string{"quickstart-plan.json", "change-plan.json", "aws-plan.json", "modules-plan.json"} {
		f.Add(read(f, name))
	}
	f.Add([]byte(`{"planned_values": {}, "resource_changes": [{"address": "trafficmirror_session.a", "change": {"actions": ["delete", "create"], "before": {"session_number": {}}}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if file, err := planfile.Parse(planfile.Plan, text); err == nil {
			file.Overview()
		}
	})
}
