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
	for name, test := range map[string]struct {
		file    string
		changes []string // pairs: what is replaced, and by what
		want    string
	}{
		"network":                   {network, nil, both},
		"gateway":                   {gateway, nil, "[10.1.1.100 10.1.2.100]"},
		"cross-zone off":            {network, crossZone, both}, // the zones are known: mirror.Endpoint.AppliancesFor chooses
		"off, a zone is unknown":    {network, append([]string{`"availability_zone": "eu-west-1b"`, `"availability_zone": null`}, crossZone...), unknown},
		"port of the group":         {network, []string{`"target_type": `, `"port": 5000, "target_type": `}, both + " map[10.0.11.100:5000 10.0.12.100:5000]"},
		"port of registrations":     {network, []string{`"target_id": `, `"port": 5001, "target_id": `, `"target_type": `, `"port": 5000, "target_type": `}, both + " map[10.0.11.100:5001 10.0.12.100:5001]"},
		"TCP listener":              {network, []string{`"protocol": "UDP"`, `"protocol": "TCP"`}, unknown},
		"other port":                {network, []string{`"port": 4789`, `"port": 4790`}, unknown},
		"TCP_UDP listener":          {network, []string{`"protocol": "UDP"`, `"protocol": "TCP_UDP"`}, both},
		"group from elsewhere":      {network, []string{`"type": "aws_lb_target_group"`, `"type": "aws_lb_other"`, `"aws_lb_target_group.sensors"`, `"aws_lb_other.sensors"`}, unknown},
		"group that is read":        {network, []string{`"address": "aws_lb_target_group.sensors"`, `"address": "data.aws_lb_target_group.sensors"`}, unknown},
		"instance from elsewhere":   {network, []string{`"address": "aws_instance.sensor[\"b\"]"`, `"address": "aws_other.sensor[\"b\"]"`}, unknown},
		"nothing registered":        {network, []string{`"address": "aws_lb_target_group_attachment.`, `"address": "aws_other.`}, unknown},
		"registered by autoscaling": {network, []string{`"address": "aws_vpc.main"`, `"address": "aws_autoscaling_attachment.a"`, `"cidr_block": "10.0.0.0/16"`, `"lb_target_group_arn": "GROUP"`}, unknown},
		"autoscaling of others":     {network, []string{`"address": "aws_vpc.main"`, `"address": "aws_autoscaling_attachment.a"`, `"cidr_block": "10.0.0.0/16"`, `"lb_target_group_arn": "other"`}, both},
		"service from elsewhere":    {gateway, []string{`"address": "aws_vpc_endpoint_service.`, `"address": "aws_other.`}, unknown},
		"other type":                {gateway, []string{`"load_balancer_type": "gateway"`, `"load_balancer_type": "network"`}, unknown},
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
