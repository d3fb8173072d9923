package diagram

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/planfile"
)

// boxesOf writes the boxes of load balancers and what is behind them, and how many objects change.
func boxesOf(w *World) string {
	w.IsPlan = true
	d := w.DrawGrouped(Automatic, SVG.Fits)
	var boxes []string
	for line := range strings.SplitSeq(text(d), "\n") {
		if strings.HasPrefix(line, "Load balancer: ") || strings.HasPrefix(line, "Appliance: ") {
			boxes = append(boxes, strings.TrimSpace(line))
		}
	}
	return strings.Join(append(boxes, d.Summary), "\n")
}

// What a plan creates of a load balancer and its appliances is marked as the other objects are, and
// counted. An appliance has the name of its instance.
func TestOfPlan_newBalancer(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"network": `
Load balancer: *will be created* sensors [aws_lb.sensors; listens on UDP 4789; to target group sensors]  create
Appliance: *will be created* aws_instance.sensor["a"] [10.0.11.100; health not known] warn create
Appliance: *will be created* aws_instance.sensor["b"] [10.0.12.100; health not known] warn create
7 of 7 objects change: 7 will be created.`,
		"gateway": `
Load balancer: *will be created* appliances [aws_lb.appliances; listens on all ports; to target group appliances]  create
Appliance: *will be created* aws_instance.appliance["a"] [10.1.1.100; health not known] warn create
Appliance: *will be created* aws_instance.appliance["b"] [10.1.2.100; health not known] warn create
7 of 7 objects change: 7 will be created.`,
	} {
		if got := boxesOf(planOf(t, name+"-load-balancer-plan")); got != strings.TrimSpace(want) {
			t.Errorf("%s is\n%s\nnot%s", name, got, want)
		}
	}
}

// planAfter returns a plan that does something with objects of a state. all is for the others.
func planAfter(t *testing.T, state string, all string, actions map[string]string, changes ...string) *World {
	t.Helper()
	content, err := os.ReadFile("../planfile/testdata/" + state + "-state.json")
	if err != nil {
		t.Fatal(err)
	}
	var before struct {
		Values struct {
			Root struct {
				Resources []map[string]any `json:"resources"`
			} `json:"root_module"`
		} `json:"values"`
	}
	if err := json.Unmarshal([]byte(strings.NewReplacer(changes...).Replace(string(content))), &before); err != nil {
		t.Fatal(err)
	}
	var planned, changed []map[string]any
	for _, r := range before.Values.Root.Resources {
		address, _ := r["address"].(string)
		action, isSet := actions[address]
		delete(actions, address)
		if !isSet {
			action = all
		}
		values := r["values"]
		if action == "create" {
			values = nil
		}
		if action != "delete" {
			planned = append(planned, r)
		}
		changed = append(changed, map[string]any{"address": address, "mode": r["mode"], "type": r["type"], "name": r["name"], "change": map[string]any{"actions": strings.Fields(action), "before": values}})
	}
	if len(actions) > 0 {
		t.Fatalf("the state does not have %v", actions)
	}
	plan, err := json.Marshal(map[string]any{"format_version": "1.2", "planned_values": map[string]any{"root_module": map[string]any{"resources": planned}}, "resource_changes": changed})
	if err != nil {
		t.Fatal(err)
	}
	f, err := planfile.Parse(planfile.Plan, plan)
	if err != nil {
		t.Fatal(err)
	}
	return OfPlan(f.Overview())
}

// What a plan does with a load balancer, its listener, its target group, a registration or an instance is
// in the box of the load balancer or of the appliance.
func TestOfPlan_changedBalancer(t *testing.T) {
	t.Parallel()
	const (
		attachment, instance, keep = `aws_lb_target_group_attachment.sensors["b"]`, `aws_instance.sensor["b"]`, "no-op"
		lb                         = "Load balancer: sensors [aws_lb.sensors; listens on UDP 4789; to target group sensors]"
		first                      = `Appliance: aws_instance.sensor["a"] [i-01060d8c95fc3d260; 10.0.11.100; health not known] warn`
		second                     = `aws_instance.sensor["b"] [i-0568de3585b8d09fd; 10.0.12.100; health not known] warn`
	)
	for name, c := range map[string]struct {
		all     string
		actions map[string]string
		want    []string
	}{
		"nothing":         {keep, nil, []string{lb, first, "Appliance: " + second, "0 of 7 objects change."}},
		"load balancer":   {keep, map[string]string{"aws_lb.sensors": "update"}, []string{"Load balancer: *will change* sensors [aws_lb.sensors; listens on UDP 4789; to target group sensors]  update", first, "Appliance: " + second, "1 of 7 objects changes: 1 will change."}},
		"its listener":    {keep, map[string]string{"aws_lb_listener.copies": "create"}, []string{"Load balancer: *will change* sensors [aws_lb.sensors; listens on UDP 4789; to target group sensors; + aws_lb_listener.copies]  update", first, "Appliance: " + second, "1 of 7 objects changes: 1 will change."}},
		"its group":       {keep, map[string]string{"aws_lb_target_group.sensors": "update"}, []string{"Load balancer: *will change* sensors [aws_lb.sensors; listens on UDP 4789; to target group sensors; ~ aws_lb_target_group.sensors]  update", first, "Appliance: " + second, "1 of 7 objects changes: 1 will change."}},
		"no listener":     {keep, map[string]string{"aws_lb_listener.copies": "delete"}, []string{"Load balancer: *will change* sensors [aws_lb.sensors; listener on UDP 4789 not known; - aws_lb_listener.copies] warn update", "Appliance: not known [what is behind it is not known] warn", "1 of 5 objects changes: 1 will change."}},
		"a registration":  {keep, map[string]string{attachment: "create"}, []string{lb, first, `Appliance: *will be created* aws_instance.sensor["b"] [i-0568de3585b8d09fd; 10.0.12.100; + ` + attachment + `; health not known] warn create`, "1 of 7 objects changes: 1 will be created."}},
		"no registration": {keep, map[string]string{attachment: "delete"}, []string{lb, first, `Appliance: *will be deleted* aws_instance.sensor["b"] [i-0568de3585b8d09fd; 10.0.12.100; - ` + attachment + `]  delete`, "1 of 7 objects changes: 1 will be deleted."}},
		"an instance":     {keep, map[string]string{instance: "update"}, []string{lb, first, "Appliance: *will change* " + second + " update", "1 of 7 objects changes: 1 will change."}},
		"another one":     {keep, map[string]string{instance: "delete create", attachment: "delete create"}, []string{lb, first, "Appliance: *will be replaced* " + second + " replace", "1 of 7 objects changes: 1 will be replaced."}},
		"no instance":     {keep, map[string]string{instance: "delete", attachment: "delete"}, []string{lb, first, `Appliance: *will be deleted* aws_instance.sensor["b"] [i-0568de3585b8d09fd; 10.0.12.100]  delete`, "1 of 7 objects changes: 1 will be deleted."}},
		"all at once": {keep, map[string]string{`aws_lb_target_group_attachment.sensors["a"]`: "delete", attachment: "delete"}, []string{
			lb, "Appliance: not known [the targets of sensors are not known] warn",
			`Appliance: *will be deleted* aws_instance.sensor["a"] [i-01060d8c95fc3d260; 10.0.11.100; - aws_lb_target_group_attachment.sensors["a"]]  delete`,
			`Appliance: *will be deleted* aws_instance.sensor["b"] [i-0568de3585b8d09fd; 10.0.12.100; - ` + attachment + `]  delete`, "2 of 7 objects change: 2 will be deleted.",
		}},
		"everything": {"delete", nil, []string{
			"Load balancer: *will be deleted* sensors [aws_lb.sensors; listens on UDP 4789; to target group sensors]  delete",
			`Appliance: *will be deleted* aws_instance.sensor["a"] [i-01060d8c95fc3d260; 10.0.11.100]  delete`,
			`Appliance: *will be deleted* aws_instance.sensor["b"] [i-0568de3585b8d09fd; 10.0.12.100]  delete`, "7 of 7 objects change: 7 will be deleted.",
		}},
	} {
		if got := boxesOf(planAfter(t, "network-load-balancer", c.all, c.actions)); got != strings.Join(c.want, "\n") {
			t.Errorf("%s:\n%s\nnot\n%s", name, got, strings.Join(c.want, "\n"))
		}
	}
}

// A Gateway Load Balancer endpoint is in the box of its target, and so is what a plan does with it.
func TestOfPlan_changedEndpoint(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]string{
		"no-op":         "aws_vpc_endpoint.appliances]",
		"update":        "aws_vpc_endpoint.appliances; ~ aws_vpc_endpoint.appliances]  update",
		"delete create": "aws_vpc_endpoint.appliances; -/+ aws_vpc_endpoint.appliances]  update",
	} {
		got := ""
		for line := range strings.SplitSeq(text(planAfter(t, "gateway-load-balancer", "no-op", map[string]string{"aws_vpc_endpoint.appliances": action}).DrawGrouped(Automatic, SVG.Fits)), "\n") {
			if strings.HasPrefix(line, "Target: ") {
				got = strings.TrimSpace(line)
			}
		}
		if !strings.HasSuffix(got, want) || strings.HasPrefix(got, "Target: *will change*") != (action != "no-op") {
			t.Errorf("%s: %s", action, got)
		}
	}
}

// A target group in which something else registers targets is not drawn as if it had only those of the
// file: neither is a zone without a target known to be without one.
func TestOfPlan_otherRegistrars(t *testing.T) {
	t.Parallel()
	const box = "Appliance: not known [others can be registered in sensors] warn"
	group := []string{`"address": "aws_vpc.main"`, `"address": "aws_autoscaling_attachment.a"`, `"cidr_block": "10.0.0.0/16"`, `"lb_target_group_arn": "GROUP"`}
	for name, isOpen := range map[string]bool{"GROUP": true, "arn:other": false} {
		content, err := os.ReadFile("../planfile/testdata/network-load-balancer-state.json")
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(content), `"target_group_arn": "`)
		arn, _, _ := strings.Cut(rest, `"`)
		changes := slices.Concat(group, []string{`"enable_cross_zone_load_balancing": true`, `"enable_cross_zone_load_balancing": false`, `"aws_lb_target_group_attachment.sensors[\"b\"]"`, `"aws_other.sensors[\"b\"]"`})
		changes[3] = strings.ReplaceAll(changes[3], "GROUP", strings.Replace(name, "GROUP", arn, 1))
		got := boxesOf(planAfter(t, "network-load-balancer", "no-op", nil, changes...))
		if strings.Contains(got, box) != isOpen || strings.Contains(got, "nothing in eu-west-1b is registered") == isOpen {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

// The name of an instance names its appliance, and all names of it find it.
func TestOfPlan_namedAppliance(t *testing.T) {
	t.Parallel()
	w := planAfter(t, "network-load-balancer", "no-op", nil, `"private_ip": "10.0.11.100"`, `"tags": {"Name": "suricata-a"}, "private_ip": "10.0.11.100"`)
	const want = `Appliance: suricata-a [aws_instance.sensor["a"]; i-01060d8c95fc3d260; 10.0.11.100; health not known] warn`
	if got := boxesOf(w); !strings.Contains(got, want) {
		t.Errorf("%s is not in\n%s", want, got)
	}
	for _, name := range []string{"suricata-a", `aws_instance.sensor["a"]`, "i-01060d8c95fc3d260", "10.0.11.100", "aws_lb.sensors"} {
		if _, err := w.Only([]string{name}); err != nil {
			t.Error(err)
		}
	}
}

// A registration that moves to another address in the configuration deletes no appliance.
func TestOfPlan_movedRegistration(t *testing.T) {
	t.Parallel()
	const a, b = `aws_lb_target_group_attachment.sensors["a"]`, `aws_lb_target_group_attachment.sensors["b"]`
	got := boxesOf(planAfter(t, "network-load-balancer", "no-op", map[string]string{a: "delete", b: "create"}, `"target_id": "i-01060d8c95fc3d260"`, `"target_id": "i-0568de3585b8d09fd"`))
	if strings.Contains(got, "will be deleted") || strings.Count(got, "Appliance: ") != 1 {
		t.Error(got)
	}
}

// Many appliances are one box, which says what the plan does with how many of them.
func TestFolded_marks(t *testing.T) {
	t.Parallel()
	w := planAfter(t, "network-load-balancer", "no-op", nil)
	for _, target := range w.Targets {
		g := &target.Endpoint.TargetGroups[0]
		for n := range 4 {
			r := g.Targets[0]
			r.ID = fmt.Sprint("i-", n)
			g.Targets = append(g.Targets, r)
			target.Registered[registration(&r)] = &Object{ID: r.ID, Change: Created}
		}
	}
	const want = "Appliance: *4 will be created* 6 appliances [6 health not known] warn update"
	if got := boxesOf(w); !strings.Contains(got, want) {
		t.Errorf("%s is not in\n%s", want, got)
	}
}

// In an account, an appliance and an interface without a name have that of their instance.
func TestAccount_namedInstance(t *testing.T) {
	t.Parallel()
	of := func(id, instance, name string) account.NetworkInterface {
		i := account.NetworkInterface{Interface: mirror.Interface{ID: id, InstanceID: instance}}
		if name != "" {
			i.Tags = map[string]string{"Name": name}
		}
		return i
	}
	facts := inventory.Facts{
		Interfaces: []account.NetworkInterface{of("eni-1", "i-1", ""), of("eni-2", "i-2", "own"), of("eni-3", "i-3", "")},
		Instances:  []account.Instance{{ID: "i-1", Tags: map[string]string{"Name": "suricata"}}, {ID: "i-2", Tags: map[string]string{"Name": "zeek"}}, {ID: "i-3"}},
	}
	a := Account{Fleet: inventory.NewFleet(facts, inventory.Rules{})}
	e := mirror.Endpoint{TargetGroups: []mirror.TargetGroup{{Targets: []mirror.RegisteredTarget{{ID: "i-1", InterfaceID: "eni-1"}}}}}
	for _, o := range a.registered(e) {
		if o.Name != "suricata" {
			t.Errorf("a registered instance is %q", o.Name)
		}
	}
	for id, want := range map[string]string{"eni-1": "suricata", "eni-2": "own", "eni-3": ""} {
		if got := a.receiver(id, nil).Name; got != want {
			t.Errorf("the receiver %s is %q, not %q", id, got, want)
		}
		i, _ := a.Fleet.Interface(id)
		if got := a.iface(inventory.InterfaceCoverage{Source: inventory.Source{Interface: i, Instance: facts.Instances[slices.IndexFunc(facts.Instances, func(of account.Instance) bool { return of.ID == i.InstanceID })]}}).Name; got != want {
			t.Errorf("the interface %s is %q, not %q", id, got, want)
		}
	}
}

// An appliance whose instance the file does not have is named by what is registered. A registration that
// only leaves the state is none that ends.
func TestOfPlan_otherInstance(t *testing.T) {
	t.Parallel()
	const b = `aws_lb_target_group_attachment.sensors["b"]`
	for action, want := range map[string]string{
		"create": "Appliance: *will be created* i-0568de3585b8d09fd [health not known] warn create\n1 of",
		"no-op":  "Appliance: i-0568de3585b8d09fd [health not known] warn\n0 of",
		"delete": "Appliance: *will be deleted* i-0568de3585b8d09fd []  delete\n1 of",
	} {
		got := boxesOf(planAfter(t, "network-load-balancer", "no-op", map[string]string{b: action}, `"aws_instance.sensor[\"b\"]"`, `"aws_other.sensor[\"b\"]"`))
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q is not in\n%s", action, want, got)
		}
	}
	got := boxesOf(planAfter(t, "network-load-balancer", "no-op", map[string]string{b: "forget", "aws_lb_listener.copies": "forget"}))
	if !strings.Contains(got, "0 of 7 objects change.") || strings.Contains(got, "; - ") {
		t.Error(got)
	}
}
