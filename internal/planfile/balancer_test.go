package planfile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/planfile"
)

// The appliances behind a load balancer are known if the file has everything between them and the
// target. Otherwise they are unknown, and none is guessed.
func TestMirror_appliances(t *testing.T) {
	t.Parallel()
	const (
		network, gateway = "network-load-balancer", "gateway-load-balancer"
		both             = "[10.0.11.100 10.0.12.100]"
		unknown          = "[]"
	)
	crossZone := []string{`"enable_cross_zone_load_balancing": true`, `"enable_cross_zone_load_balancing": false`}
	// The load balancer has a node in one zone only, or an instance is in a zone where it has none.
	const inSubnet, elsewhere, blockOf = "\n      \"subnet_id\": \"subnet-", `"availability_zone": "eu-west-1c", "subnet_id": "subnet-`, `"id": "subnet-`
	oneZone := []string{",\n       \"subnet-03869ba43365a92a2\"\n", "\n"}
	for name, test := range map[string]struct {
		file    string
		changes []string // pairs: what is replaced, and by what
		want    string
	}{
		"network":                    {network, nil, both},
		"gateway":                    {gateway, nil, "[10.1.1.100 10.1.2.100]"},
		"cross-zone off":             {network, crossZone, both}, // the zones are known: mirror.Endpoint.AppliancesFor chooses
		"off, a zone is unknown":     {network, append([]string{`"availability_zone": "eu-west-1b"`, `"availability_zone": null`}, crossZone...), unknown},
		"port of the group":          {network, []string{`"target_type": `, `"port": 5000, "target_type": `}, both + " map[10.0.11.100:5000 10.0.12.100:5000]"},
		"port of registrations":      {network, []string{`"target_id": `, `"port": 5001, "target_id": `, `"target_type": `, `"port": 5000, "target_type": `}, both + " map[10.0.11.100:5001 10.0.12.100:5001]"},
		"a zone without a node":      {network, oneZone, "[10.0.11.100]"},
		"all in such a zone":         {network, []string{`"availability_zone": "eu-west-1a",` + inSubnet + `026aba9f2103415f4"`, elsewhere + `026aba9f2103415f4"`, `"availability_zone": "eu-west-1b",` + inSubnet + `03869ba43365a92a2"`, elsewhere + `03869ba43365a92a2"`}, "[] no_appliance"},
		"group in all zones, off":    {network, append([]string{`"load_balancing_cross_zone_enabled": "use_load_balancer_configuration"`, `"load_balancing_cross_zone_enabled": "true"`}, append(crossZone, oneZone...)...), "[10.0.11.100]"},
		"an address in no zone":      {network, append([]string{`"target_type": "instance"`, `"target_type": "ip", "vpc_id": "vpc-097f433a1153d1c9f"`, `"target_id": "i-01060d8c95fc3d260"`, `"target_id": "10.0.11.100"`, `"target_id": "i-0568de3585b8d09fd"`, `"target_id": "10.0.12.100"`, blockOf + `026aba9f2103415f4",`, blockOf + `026aba9f2103415f4", "cidr_block": "10.0.11.0/24",`, blockOf + `03869ba43365a92a2",`, blockOf + `03869ba43365a92a2", "cidr_block": "10.0.12.0/24",`}, oneZone...), "[10.0.11.100]"},
		"a stopped appliance":        {network, []string{`"private_ip": "10.0.12.100"`, `"instance_state": "stopped", "private_ip": "10.0.12.100"`}, "[10.0.11.100]"},
		"IPv6 group":                 {network, []string{`"target_type": `, `"ip_address_type": "ipv6", "target_type": `}, unknown},
		"IPv4 group":                 {network, []string{`"target_type": `, `"ip_address_type": "ipv4", "target_type": `}, both},
		"UDP group":                  {network, []string{`"target_type": `, `"protocol": "TCP_UDP", "target_type": `}, both},
		"TCP group":                  {network, []string{`"target_type": `, `"protocol": "TCP", "target_type": `}, unknown},
		"proxy protocol":             {network, []string{`"target_type": `, `"proxy_protocol_v2": true, "target_type": `}, unknown},
		"no proxy protocol":          {network, []string{`"target_type": `, `"proxy_protocol_v2": false, "target_type": `}, both},
		"group without a cross-zone": {network, []string{`"use_load_balancer_configuration"`, `null`}, both},
		"weight 0":                   {network, []string{`"forward": [],`, `"forward": [{"target_group": [{"arn": "GROUP", "weight": 0}]}],`}, unknown},
		"weight 1":                   {network, []string{`"forward": [],`, `"forward": [{"target_group": [{"arn": "GROUP", "weight": 1}]}],`}, both},
		"TCP listener":               {network, []string{`"protocol": "UDP"`, `"protocol": "TCP"`}, unknown},
		"other port":                 {network, []string{`"port": 4789`, `"port": 4790`}, unknown},
		"TCP_UDP listener":           {network, []string{`"protocol": "UDP"`, `"protocol": "TCP_UDP"`}, both},
		"group from elsewhere":       {network, []string{`"type": "aws_lb_target_group"`, `"type": "aws_lb_other"`, `"aws_lb_target_group.sensors"`, `"aws_lb_other.sensors"`}, unknown},
		"group that is read":         {network, []string{`"address": "aws_lb_target_group.sensors"`, `"address": "data.aws_lb_target_group.sensors"`}, unknown},
		"instance from elsewhere":    {network, []string{`"address": "aws_instance.sensor[\"b\"]"`, `"address": "aws_other.sensor[\"b\"]"`}, unknown},
		"nothing registered":         {network, []string{`"address": "aws_lb_target_group_attachment.`, `"address": "aws_other.`}, unknown},
		"registered by autoscaling":  {network, []string{`"address": "aws_vpc.main"`, `"address": "aws_autoscaling_attachment.a"`, `"cidr_block": "10.0.0.0/16"`, `"lb_target_group_arn": "GROUP"`}, unknown},
		"autoscaling of others":      {network, []string{`"address": "aws_vpc.main"`, `"address": "aws_autoscaling_attachment.a"`, `"cidr_block": "10.0.0.0/16"`, `"lb_target_group_arn": "other"`}, both},
		"service from elsewhere":     {gateway, []string{`"address": "aws_vpc_endpoint_service.`, `"address": "aws_other.`}, unknown},
		"other type":                 {gateway, []string{`"load_balancer_type": "gateway"`, `"load_balancer_type": "network"`}, unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := string(read(t, test.file+"-state.json"))
			for i := 0; i < len(test.changes); i += 2 {
				changed := strings.ReplaceAll(text, test.changes[i], strings.Replace(test.changes[i+1], "GROUP", groupOf(t, text), 1))
				if changed == text {
					t.Fatalf("the file has no %s", test.changes[i])
				}
				text = changed
			}
			f, err := planfile.Parse(planfile.State, []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			target := mirrorOf(t, f, "", planfile.Facts{}).Sessions[0].Target
			got := fmt.Sprint(target.Appliances)
			if ports := target.AppliancePorts(); len(ports) > 0 {
				got += fmt.Sprint(" ", ports)
			}
			if loss, isLost := target.Loss(""); isLost {
				got += " " + string(loss.Kind)
			}
			for _, g := range target.TargetGroups {
				if g.CrossZone == "" {
					t.Error("a target group does not say whether it balances across zones")
				}
			}
			if got != test.want {
				t.Errorf("the appliances are %s, not %s", got, test.want)
			}
			if name == gateway && target.Address.String() != "10.0.1.65" {
				t.Errorf("the endpoint has the address %s", target.Address)
			}
		})
	}
}

// groupOf returns the ARN of the target group in a state.
func groupOf(t *testing.T, text string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, `"target_group_arn": "`)
	arn, _, closed := strings.Cut(rest, `"`)
	if !found || !closed {
		t.Fatal("the state has no target group")
	}
	return arn
}

// In a plan, each.value can be another instance than the one with the same key, so that what an
// attachment registers is unknown. With a reference to one instance it is known.
func TestMirror_plannedAppliances(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		reference []string // by which each.value is replaced
		want      string
	}{
		{nil, "[4789] []"},
		{[]string{`"each.value.id"`, `"aws_instance.sensor[\"a\"].id"`, `"each.value"`, `"aws_instance.sensor[\"a\"]"`}, "[4789] [10.0.11.100]"},
	} {
		text := strings.NewReplacer(test.reference...).Replace(string(read(t, "network-load-balancer-plan.json")))
		f, err := planfile.Parse(planfile.Plan, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		target := mirrorOf(t, f, "", planfile.Facts{}).Sessions[0].Target
		if got := fmt.Sprint(target.UDPListeners, target.Appliances); got != test.want {
			t.Errorf("listeners and appliances are %s, not %s", got, test.want)
		}
	}
}

// A target group has the attributes that decide who gets copies, by the keys of Elastic Load Balancing.
func TestMirror_groupAttributes(t *testing.T) {
	t.Parallel()
	for blocks, want := range map[string]string{
		`"stickiness": [{"enabled": false, "type": "source_ip"}]`:                                                                                   "map[]",
		`"stickiness": [{"enabled": true, "type": "source_ip"}]`:                                                                                    "map[stickiness.enabled:true stickiness.type:source_ip]",
		`"target_group_health": [{"unhealthy_state_routing": [{"minimum_healthy_targets_count": 1, "minimum_healthy_targets_percentage": "off"}]}]`: "map[]",
		`"target_group_health": [{"unhealthy_state_routing": [{"minimum_healthy_targets_count": 2, "minimum_healthy_targets_percentage": "50"}]}]`:  "map[target_group_health.unhealthy_state_routing.minimum_healthy_targets.count:2 target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage:50]",
	} {
		text := strings.Replace(string(read(t, "network-load-balancer-state.json")), `"target_type": `, blocks+`, "target_type": `, 1)
		f, err := planfile.Parse(planfile.State, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(mirrorOf(t, f, "", planfile.Facts{}).Sessions[0].Target.TargetGroups[0].Attributes); got != want {
			t.Errorf("%s: %s, not %s", blocks, got, want)
		}
	}
}
