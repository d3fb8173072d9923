package provider_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

const sourcesExample = "../../examples/data-sources/trafficmirror_sources"

var emptyPlan = resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}

// for_each over the sources mirrors what the selection has. The first plan is complete, although
// the targets do not exist yet. A plan after the apply is empty, and an instance more is one
// session more.
func TestAccSources(t *testing.T) {
	a := newAccount(t)
	config := a.config("%s", `resource "trafficmirror_filter" "web" {}`+string(readFile(t, sourcesExample, "data-source.tf")))
	var forget func()
	var launched string
	var before []string
	a.test(t,
		resource.TestStep{
			// Somebody else's session has number 1 already.
			PreConfig: func() { forget = a.mirrorByHand(t, source2) },
			Config:    config,
			Check: resource.ComposeAggregateTestCheckFunc(
				a.counts(3, 2, 3),
				func(s *terraform.State) error {
					var numbers []string
					for _, line := range a.sessionLines(t) {
						numbers = append(numbers, line[:len(source)+2])
					}
					if want := []string{source + " 1", source2 + " 1", source2 + " 2"}; !slices.Equal(numbers, want) {
						return fmt.Errorf("the sessions are %q, want %q", numbers, want)
					}
					not := s.RootModule().Outputs["not_mirrored"].Value.(map[string]any)
					if len(not) != 4 || not[sensor] != "backs_target" || not[sensor2] != "backs_target" {
						return fmt.Errorf("not mirrored: %v, want the sensors, the load balancer and the endpoint", not)
					}
					return nil
				},
			),
		},
		resource.TestStep{
			PreConfig:        func() { before = a.sessionLines(t) },
			Config:           config,
			ConfigPlanChecks: emptyPlan,
		},
		resource.TestStep{
			PreConfig: func() { launched = a.launch(t) },
			Config:    config,
			Check: func(*terraform.State) error {
				after := a.sessionLines(t)
				if len(after) != len(before)+1 || after[len(after)-1][:len(launched)] != launched {
					return fmt.Errorf("the sessions were %q and are %q, with a new instance whose interface is %s", before, after, launched)
				}
				return nil
			},
		},
		resource.TestStep{PreConfig: func() { forget() }, Config: config, ConfigPlanChecks: emptyPlan},
	)
}

// mirrorByHand creates a session with number 1 outside of Terraform, and returns what deletes
// it.
func (a *account) mirrorByHand(t *testing.T, interfaceID string) (forget func()) {
	t.Helper()
	ctx := t.Context()
	fatal := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	target, err := a.client.CreateTrafficMirrorTarget(ctx, &ec2.CreateTrafficMirrorTargetInput{NetworkLoadBalancerArn: aws.String(sensors)})
	fatal(err)
	filter, err := a.client.CreateTrafficMirrorFilter(ctx, &ec2.CreateTrafficMirrorFilterInput{})
	fatal(err)
	targetID, filterID := target.TrafficMirrorTarget.TrafficMirrorTargetId, filter.TrafficMirrorFilter.TrafficMirrorFilterId
	session, err := a.client.CreateTrafficMirrorSession(ctx, &ec2.CreateTrafficMirrorSessionInput{
		NetworkInterfaceId: &interfaceID, TrafficMirrorTargetId: targetID, TrafficMirrorFilterId: filterID, SessionNumber: aws.Int32(1),
	})
	fatal(err)
	return func() {
		_, err := a.client.DeleteTrafficMirrorSession(ctx, &ec2.DeleteTrafficMirrorSessionInput{TrafficMirrorSessionId: session.TrafficMirrorSession.TrafficMirrorSessionId})
		fatal(err)
		_, err = a.client.DeleteTrafficMirrorTarget(ctx, &ec2.DeleteTrafficMirrorTargetInput{TrafficMirrorTargetId: targetID})
		fatal(err)
		_, err = a.client.DeleteTrafficMirrorFilter(ctx, &ec2.DeleteTrafficMirrorFilterInput{TrafficMirrorFilterId: filterID})
		fatal(err)
	}
}

// launch launches an instance, and returns the ID of its network interface.
func (a *account) launch(t *testing.T) string {
	t.Helper()
	launched, err := a.client.RunInstances(t.Context(), &ec2.RunInstancesInput{
		ImageId: aws.String("ami-00000000000000001"), InstanceType: types.InstanceTypeM5Large, MinCount: aws.Int32(1), MaxCount: aws.Int32(1), SubnetId: aws.String("subnet-00000000000000001"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return *launched.Instances[0].NetworkInterfaces[0].NetworkInterfaceId
}

// sessionLines lists the sessions by interface, each with all of its fields. The interfaces that
// are launched come last.
func (a *account) sessionLines(t *testing.T) []string {
	t.Helper()
	out, err := a.client.DescribeTrafficMirrorSessions(t.Context(), &ec2.DescribeTrafficMirrorSessionsInput{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, s := range out.TrafficMirrorSessions {
		lines = append(lines, fmt.Sprint(*s.NetworkInterfaceId, " ", *s.SessionNumber, " ", *s.TrafficMirrorSessionId, " ", *s.TrafficMirrorTargetId, " ", *s.TrafficMirrorFilterId))
	}
	slices.Sort(lines)
	return lines
}

// A source is shown with its facts and its sessions. r has two sessions on source, one on source2,
// and sensor backs a target.
func TestSources_values(t *testing.T) {
	t.Parallel()
	r := newSourceReader(t)
	state, diagnostics := r.read(t, "trafficmirror_sources", `{
		"subnet_ids": ["subnet-00000000000000001"], "interfaces": "attached", "first_session_number": 2,
		"targets": {"a": {"tags": {"name": "one"}}, "b": {"id": "tmt-2", "max_sources": 1}}
	}`)
	if len(diagnostics) > 0 {
		t.Fatal(worded(diagnostics))
	}
	for _, want := range []struct {
		where, id string
		values    map[string]any
	}{
		{"sources", source, map[string]any{
			"vpc_id": "vpc-00000000000000001", "subnet_id": "subnet-00000000000000001", "availability_zone": "us-east-1a", "private_ip_address": "10.0.1.11",
			"interface_type": "interface", "instance_id": "i-00000000000000001", "instance_type": "m5.large", "instance_state": "running", "primary": true,
			"tags": map[string]any{}, "instance_tags": map[string]any{}, "next_session_number": 3, "session_id": "tms-1", "session_number": 1,
			"target": "a", "traffic_mirror_target_id": "tmt-1", "sessions": []any{
				map[string]any{"id": "tms-1", "session_number": 1, "traffic_mirror_target_id": "tmt-1", "traffic_mirror_filter_id": "tmf-1"},
				map[string]any{"id": "tms-2", "session_number": 2, "traffic_mirror_target_id": "tmt-2", "traffic_mirror_filter_id": "tmf-1"},
			},
		}},
		{"sources", source2, map[string]any{"session_id": "tms-3", "session_number": 3, "next_session_number": 2, "target": "a"}},
		{"unsupported", sensor, map[string]any{"reason": "backs_target", "detail": sensor + " backs target tmt-1. A network interface cannot be a source and back a target.", "instance_type": "c5.large"}},
	} {
		shown, _ := state[want.where].(map[string]any)[want.id].(map[string]any)
		for name, value := range want.values {
			if got := r.names.Replace(fmt.Sprint(shown[name])); got != fmt.Sprint(value) {
				t.Errorf("%s of %s: %v, want %v", name, want.id, got, value)
			}
		}
	}
}

// Another Region has other sessions. The embedded EC2 has the interfaces of its topology in each.
func TestSources_region(t *testing.T) {
	t.Parallel()
	state, diagnostics := newSourceReader(t).read(t, "trafficmirror_sources", `{"region": "eu-west-1", "network_interface_ids": ["`+source+`"]}`)
	shown, _ := state["sources"].(map[string]any)[source].(map[string]any)
	if len(diagnostics) > 0 || fmt.Sprint(shown["sessions"]) != "[]" || state["region"] != "eu-west-1" {
		t.Errorf("%v, %s", state, worded(diagnostics))
	}
}

// Sources that no target has room for are a warning, which can be silenced.
func TestSources_full(t *testing.T) {
	t.Parallel()
	r := newSourceReader(t)
	_, diagnostics := r.read(t, "trafficmirror_sources", `{"all": true, "interfaces": "primary", "targets": {"a": {"id": "tmt-2", "max_sources": 1}}, "session_tags": {"fleet": "web"}}`)
	const want = `Each of targets has as many sources as it can have: "a" has 1 of 1. The data source has these sources in unsupported, and proposes no session for them: ` + source2 + `. ` +
		`Add a target, or raise max_sources if it is below the quota.`
	if len(diagnostics) != 1 || diagnostics[0].Severity != tfprotov6.DiagnosticSeverityWarning || !strings.HasPrefix(diagnostics[0].Detail, want) || !strings.Contains(diagnostics[0].Detail, `"quota"`) {
		t.Errorf("%s\nwant the warning %s", worded(diagnostics), want)
	}
}

// A selection of nothing is a warning, which can be silenced: a name may be wrong.
func TestSources_none(t *testing.T) {
	t.Parallel()
	_, diagnostics := newSourceReader(t).read(t, "trafficmirror_sources", `{"auto_scaling_group_names": ["wbe"]}`)
	const want = "EC2 shows no network interface that matches all conditions, so the data source has no sources, and proposes no session."
	if len(diagnostics) != 1 || diagnostics[0].Severity != tfprotov6.DiagnosticSeverityWarning || !strings.HasPrefix(diagnostics[0].Detail, want) || !strings.Contains(diagnostics[0].Detail, `"no_sources"`) {
		t.Errorf("%s\nwant the warning %s", worded(diagnostics), want)
	}
}

// A target that receives nothing is a warning, one that does not exist is an error, and so is
// said how to destroy. No target at all is no matter of a quota.
func TestSources_targets(t *testing.T) {
	t.Parallel()
	r := newSourceReader(t)
	if _, err := r.account.client.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: []string{"i-0000000000000000a"}}); err != nil {
		t.Fatal(err)
	}
	for config, want := range map[string]string{
		`{"x": {"network_interface_id": "` + sensor2 + `"}}`: `targets["x"]: ` + sensor2 + ` is attached to i-0000000000000000a, which is stopped. New sources get another target if one has room. Sessions that use the target keep it. To silence this warning, set warnings = { silence = ["target_unavailable"]`,
		`{"x": {"id": "tmt-0000000000000000f"}}`:             `targets["x"].id is tmt-0000000000000000f, and EC2 shows no such target. Write the ID`,
		`{}`:                                                 `There is no target in targets. The data source has these sources in unsupported, and proposes no session for them: ` + source2 + `. Add a target, or remove targets. To silence this warning, set warnings = { silence = ["target_unavailable"]`,
	} {
		_, diagnostics := r.read(t, "trafficmirror_sources", `{"network_interface_ids": ["`+source2+`"], "session_tags": {"fleet": "web"}, "targets": `+config+`}`)
		if len(diagnostics) != 1 || !strings.HasPrefix(diagnostics[0].Detail, want) {
			t.Errorf("%s: %s\nwant %s", config, worded(diagnostics), want)
		}
	}
}

// A new session whose copies go to another zone, because the target in its zone is full, is a
// warning. The zone is shown.
func TestSources_otherZone(t *testing.T) {
	t.Parallel()
	r := newSourceReader(t)
	launched := r.account.launch(t)
	state, diagnostics := r.read(t, "trafficmirror_sources", `{"network_interface_ids": ["`+launched+`"], "targets": {
		"a": {"id": "tmt-1", "max_sources": 2}, "b": {"tags": {"name": "later"}, "availability_zone": "us-east-1b"}
	}}`)
	want := `AWS charges for traffic between Availability Zones: ` + launched + ` in us-east-1a gets "b" in us-east-1b, because "a" is full. ` +
		`Add a target in the zone, or raise max_sources if it is below the quota. To silence this warning, set warnings = { silence = ["other_zone"] }`
	if len(diagnostics) != 1 || diagnostics[0].Severity != tfprotov6.DiagnosticSeverityWarning || !strings.HasPrefix(diagnostics[0].Detail, want) {
		t.Errorf("%s\nwant the warning %s", worded(diagnostics), want)
	}
	if zones := fmt.Sprint(state["sources"].(map[string]any)[launched].(map[string]any)["target_availability_zones"]); zones != "[us-east-1b]" {
		t.Errorf("the zones of the target are %s", zones)
	}
}

// Tags that two targets have do not say which one is meant.
func TestSources_ambiguous(t *testing.T) {
	t.Parallel()
	r := newSourceReader(t)
	_, diagnostics := r.read(t, "trafficmirror_sources", `{"all": true, "targets": {"a": {"tags": {"env": "prod"}}}}`)
	if len(diagnostics) != 1 || diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError || !strings.HasPrefix(diagnostics[0].Detail, `targets["a"] has tags that tmt-`) {
		t.Error(worded(diagnostics))
	}
}

// What is known to be wrong is refused at validate. What is not known yet is not.
func TestSources_validate(t *testing.T) {
	t.Parallel()
	server, schemas := newAccount(t).server(t)
	const conditions = "network_interface_ids, vpc_ids, subnet_ids, security_group_ids, instance_ids, auto_scaling_group_names, load_balancer_arns, tags, instance_tags"
	for _, test := range []struct{ config, want string }{
		{`{}`, `The selection has no condition. Set at least one of ` + conditions + `. To select every network interface, write all = true.`},
		{`{"interfaces": "first", "all": true}`, `interfaces is "first". Write "all", "attached" or "primary".`},
		{`{"all": true, "exclude": [{}]}`, `exclude[0] has no condition. Set at least one of ` + conditions + `. To select every network interface, write all = true.`},
		{`{"tags": [{"a": null}]}`, `tags[0]["a"] is null. Write a string ("" for an empty value), or remove the key.`},
		{`{"all": true, "targets": {"7": {}}}`, `targets["7"] does not say which target it is. Set exactly one of id, network_interface_id, network_load_balancer_arn, gateway_load_balancer_endpoint_id, tags.`},
		{`{"all": true, "targets": {"a": {"id": "tmt-00000000000000001", "max_sources": 0}}}`, `targets["a"].max_sources is 0. Write a whole number from 1 to 2147483647.`},
		{`{"all": true, "targets": {"a": {"tags": {"a": null}}}}`, `targets["a"].tags["a"] is null. Write a string ("" for an empty value), or remove the key.`},
		{`{"all": true, "first_session_number": 0.5}`, `first_session_number is 0.5. Write a whole number from 1 to 32766.`},
		{`{"vpc_ids": "?"}`, ``},
		{`{"vpc_ids": ["?"]}`, ``},
		{`{"all": "?", "vpc_ids": []}`, ``},
		{`{"tags": "?"}`, ``},
		{`{"tags": ["?"]}`, ``},
		{`{"tags": [{"a": "?"}]}`, ``},
		{`{"all": true, "interfaces": "?", "exclude": "?", "targets": "?", "session_tags": "?", "first_session_number": "?"}`, ``},
		{`{"all": true, "exclude": ["?"], "targets": {"a": "?"}}`, ``},
		{`{"all": true, "exclude": [{"vpc_ids": "?"}], "targets": {"a": {"id": "?"}, "b": {"tags": "?"}, "c": {"id": "?", "tags": {"a": "b"}, "max_sources": "?"}}}`, ``},
	} {
		arguments := map[string]any{}
		if err := json.Unmarshal([]byte(strings.ReplaceAll(test.config, `"?"`, `"`+unknown+`"`)), &arguments); err != nil {
			t.Fatalf("%s: %v", test.config, err)
		}
		resp, err := server.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
			TypeName: "trafficmirror_sources", Config: dynamicValue(t, schemas.DataSourceSchemas["trafficmirror_sources"].ValueType(), arguments),
		})
		if err != nil {
			t.Fatal(err)
		}
		var details []string
		for _, d := range resp.Diagnostics {
			details = append(details, d.Detail)
		}
		if got := strings.Join(details, " "); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.config, got, test.want)
		}
	}
}
