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

// A filter that changes has the number of its rules before and after, and the first rules that
// come, go and change, whether they are in its map or separate resources.
func TestOverview_rules(t *testing.T) {
	t.Parallel()
	rule := func(action, source string) string {
		return fmt.Sprintf(`{"rule_action": %q, "protocol": "tcp", "source_cidr_block": %q, "destination_cidr_block": "0.0.0.0/0", "destination_port_range": {"from_port": 9100, "to_port": 9100}}`, action, source)
	}
	plan := func(before, after string) string {
		values := func(rules string) string {
			return fmt.Sprintf(`{"id": "tmf-1", "description": null, "network_services": null, "tags": {"Name": "web"}, "ingress_rules": {%s}, "egress_rules": {}}`, rules)
		}
		return fmt.Sprintf(`{"format_version": "1.2", "planned_values": {"root_module": {"resources": [
			{"address": "trafficmirror_filter.f", "mode": "managed", "type": "trafficmirror_filter", "name": "f", "values": %[2]s}]}},
			"resource_changes": [{"address": "trafficmirror_filter.f", "mode": "managed", "type": "trafficmirror_filter", "name": "f", "change": {"actions": ["update"], "before": %[1]s, "after": %[2]s, "after_unknown": {}}}],
			"configuration": {"root_module": {"resources": [{"address": "trafficmirror_filter.f", "mode": "managed", "type": "trafficmirror_filter", "name": "f", "expressions": {"ingress_rules": {"constant_value": {}}, "egress_rules": {"constant_value": {}}}}]}}}`,
			values(before), strings.Replace(values(after), `"Name": "web"`, `"Name": "shop"`, 1))
	}
	many := `"1": ` + rule("accept", "10.1.0.0/16")
	for n := range 6 {
		many += fmt.Sprintf(`, "%d": %s`, n+2, rule("accept", "10.2.0.0/16"))
	}
	for _, c := range []struct{ before, after, want string }{
		{`"100": ` + rule("accept", "0.0.0.0/0"), `"100": ` + rule("accept", "0.0.0.0/0") + `, "150": ` + rule("reject", "10.0.0.0/8"),
			"tag Name web -> shop; ingress rules 1 -> 2; + 150 reject tcp 10.0.0.0/8 > any:9100"},
		{`"1": ` + rule("accept", "11.0.0.0/8") + `, "2": ` + rule("accept", "10.0.0.0/8"), `"2": ` + rule("reject", "10.0.0.0/8"),
			"tag Name web -> shop; ingress rules 2 -> 1; - 1 accept tcp 11.0.0.0/8 > any:9100; ~ 2 accept tcp 10.0.0.0/8 > any:9100 -> reject tcp 10.0.0.0/8 > any:9100"},
		{"", many, "tag Name web -> shop; ingress rules 0 -> 7; + 1 accept tcp 10.1.0.0/16 > any:9100; + 2 accept tcp 10.2.0.0/16 > any:9100; + 3 accept tcp 10.2.0.0/16 > any:9100; + 4 accept tcp 10.2.0.0/16 > any:9100; and 3 more"},
	} {
		f, err := planfile.Parse(planfile.Plan, []byte(plan(c.before, c.after)))
		if err != nil {
			t.Fatal(err)
		}
		filter := f.Overview().Filters[0]
		if got := strings.Join(filter.Old, "; "); got != c.want {
			t.Errorf("%s, %q, not\n%s", got, filter.Unknown, c.want)
		}
	}
	f, err := planfile.Parse(planfile.Plan, read(t, "change-plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, filter := range f.Overview().Filters {
		want := ""
		if filter.Address == "trafficmirror_filter.rules" { // separate resources
			want = "ingress rules 2 -> 1; - 10 accept tcp any > any:443; - 11 accept tcp any > any:443; + 20 accept tcp any > any:22-443"
		}
		if got := strings.Join(filter.Old, "; "); got != want {
			t.Errorf("%s: %s, not %s", filter.Address, got, want)
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
	for _, name := range []string{"quickstart-plan.json", "change-plan.json", "aws-plan.json", "modules-plan.json", "network-load-balancer-plan.json", "gateway-load-balancer-plan.json"} {
		f.Add(read(f, name))
	}
	f.Add([]byte(`{"planned_values": {}, "resource_changes": [{"address": "trafficmirror_session.a", "change": {"actions": ["delete", "create"], "before": {"session_number": {}}}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if file, err := planfile.Parse(planfile.Plan, text); err == nil {
			file.Overview()
		}
	})
}

// A guess of the instance of an appliance is named once, and nothing sensitive of it is shown.
func TestOverview_appliances(t *testing.T) {
	t.Parallel()
	const guess = "target_id of aws_lb_target_group_attachment.sensors is taken to be of aws_instance.sensor"
	o := parse(t, "network-load-balancer-plan.json").Overview()
	if len(o.Warnings) != 1 || !strings.Contains(o.Warnings[0].Wrong, guess) {
		t.Errorf("the warnings are %v", o.Warnings)
	}
	state := strings.ReplaceAll(string(read(t, "network-load-balancer-state.json")), `"private_ip": "10.0.11.100"`, `"tags": {"Name": "SECRET"}, "private_ip": "SECRET"`)
	at := strings.Index(state, `"address": "aws_instance.sensor[\"a\"]"`)
	state = state[:at] + `"sensitive_values": {"tags": true, "private_ip": true}, ` + state[at:]
	f, err := planfile.Parse(planfile.State, []byte(state))
	if err != nil {
		t.Fatal(err)
	}
	target := f.Overview().Targets[0]
	text, err := json.Marshal(target)
	if err != nil || strings.Contains(string(text), "SECRET") || len(target.Registered) != 2 {
		t.Errorf("%v, %s", err, text)
	}
}
