package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// The examples of the documentation, in one configuration: they find what somebody else has
// made, also in another Region, and use it.
func TestAccObjectSource_examples(t *testing.T) {
	a := newAccount(t)
	target, session := a.foreign(t, "us-east-1", &ec2.CreateTrafficMirrorTargetInput{NetworkLoadBalancerArn: aws.String(sensors)}, 7)
	irishTarget, _ := a.foreign(t, "eu-west-1", &ec2.CreateTrafficMirrorTargetInput{NetworkInterfaceId: aws.String(sensor2)}, 8)
	config := a.config("%s", `
resource "trafficmirror_filter" "web" { ingress_rules = { "1" = `+acceptTCP+` } }
output "db" { value = [for s in trafficmirror_session.db : s.description] }
`)
	for _, kind := range []string{"target", "targets", "filter", "filters", "filter_rules", "session", "sessions"} {
		example, err := os.ReadFile(filepath.Join("../../examples/data-sources", "trafficmirror_"+kind, "data-source.tf"))
		if err != nil {
			t.Fatal(err)
		}
		config += string(example)
	}
	config = strings.NewReplacer("aws_network_interface.web.id", `"`+source2+`"`, "aws_network_interface.db.id", `"`+sensor+`"`,
		"aws_network_interface.app.id", `"`+source+`"`, "aws_network_interface.app_in_ireland.id", `"`+source+`"`).Replace(config)
	acceptance(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             a.counts(1, 1, 1),
		Steps: []resource.TestStep{{
			Config: config,
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr("trafficmirror_session.web", "traffic_mirror_target_id", target),
				resource.TestCheckResourceAttr("trafficmirror_simulation.baseline", "passed", "true"),
				resource.TestCheckResourceAttr("data.trafficmirror_filter_analysis.baseline", "mirrors.amount", "some"),
				resource.TestCheckResourceAttr("data.trafficmirror_session.first", "id", session),
				func(s *terraform.State) error {
					outputs := s.RootModule().Outputs
					for name, want := range map[string]string{
						"what_is_mirrored":            "map[100:0.0.0.0/0 to 0.0.0.0/0]",
						"filters_that_mirror_nothing": "[]",
						"vni":                         "7",
						"db":                          "[To network-load-balancer]",
						"targets_by_session_number":   "map[1:" + irishTarget + "]",
					} {
						if got := fmt.Sprint(outputs[name].Value); got != want {
							return fmt.Errorf("%s is %s", name, got)
						}
					}
					return nil
				},
			),
		}},
	})
}

// foreign creates a target with the tag team = netsec, a filter with the tag name = baseline that
// mirrors TLS, and a session of source, outside of Terraform.
func (a *account) foreign(t *testing.T, region string, wanted *ec2.CreateTrafficMirrorTargetInput, vni int32) (targetID, sessionID string) {
	t.Helper()
	in := func(o *ec2.Options) { o.Region = region }
	wanted.TagSpecifications = tagsOf("traffic-mirror-target", "team", "netsec")
	target, err := a.client.CreateTrafficMirrorTarget(t.Context(), wanted, in)
	if err != nil {
		t.Fatal(err)
	}
	filter, err := a.client.CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{TagSpecifications: tagsOf("traffic-mirror-filter", "name", "baseline")}, in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.client.CreateTrafficMirrorFilterRule(t.Context(), &ec2.CreateTrafficMirrorFilterRuleInput{
		TrafficMirrorFilterId: filter.TrafficMirrorFilter.TrafficMirrorFilterId, TrafficDirection: "ingress", RuleNumber: aws.Int32(100), RuleAction: "accept", Protocol: aws.Int32(6),
		SourceCidrBlock: aws.String("0.0.0.0/0"), DestinationCidrBlock: aws.String("0.0.0.0/0"), DestinationPortRange: &types.TrafficMirrorPortRangeRequest{FromPort: aws.Int32(443), ToPort: aws.Int32(443)},
	}, in); err != nil {
		t.Fatal(err)
	}
	session, err := a.client.CreateTrafficMirrorSession(t.Context(), &ec2.CreateTrafficMirrorSessionInput{
		NetworkInterfaceId: aws.String(source), TrafficMirrorTargetId: target.TrafficMirrorTarget.TrafficMirrorTargetId,
		TrafficMirrorFilterId: filter.TrafficMirrorFilter.TrafficMirrorFilterId, SessionNumber: aws.Int32(1), VirtualNetworkId: &vni,
	}, in)
	if err != nil {
		t.Fatal(err)
	}
	return *target.TrafficMirrorTarget.TrafficMirrorTargetId, *session.TrafficMirrorSession.TrafficMirrorSessionId
}

// A data source that finds nothing stops a plan. What exists can still be destroyed, as the
// message says. One whose arguments are known only after apply is read in the apply, and finds
// what that has made.
func TestAccObjectSource_none(t *testing.T) {
	a := newAccount(t)
	w := newWorkspace(t)
	made := a.config(`
resource "trafficmirror_filter" "x" {
  tags          = { name = "x" }
  ingress_rules = { "100" = %s }
  egress_rules  = {}
}
resource "terraform_data" "arn" { input = trafficmirror_filter.x.arn }
data "trafficmirror_filter" "x" { id = split("/", terraform_data.arn.output)[1] } # read in a plan that changes the filter
data "trafficmirror_filters" "x" {
  tags       = trafficmirror_filter.x.tags_all
  depends_on = [trafficmirror_filter.x]
}
output "same" { value = data.trafficmirror_filter.x.ingress_rules["100"].protocol == "tcp" && data.trafficmirror_filters.x.ids == tolist([trafficmirror_filter.x.id]) }
output "verdict" { value = provider::trafficmirror::verdict(data.trafficmirror_filter.x, { direction = "ingress", protocol = "tcp", source = "192.0.2.1", destination = "10.0.1.11", source_port = 50000, destination_port = 443 }).mirrored }
`, acceptTLS)
	w.write(t, made)
	w.run(t, "apply -auto-approve")
	if output := w.run(t, "output"); words(output) != "same = true verdict = true" {
		t.Errorf("in the apply, the data sources have not found the filter of the apply:\n%s", output)
	}
	w.planIsEmpty(t)
	w.write(t, strings.Replace(made, acceptTLS, acceptTCP, 1))
	if output := w.run(t, "plan"); strings.Count(words(output), "The data source shows the rules before this plan") != 1 {
		t.Errorf("the plan does not warn that a data source shows the old rules:\n%s", output)
	}
	w.write(t, made+`data "trafficmirror_target" "x" { tags = { name = trafficmirror_filter.x.tags.name == "x" ? "y" : "" } }`)
	output, code := w.try(t, "destroy -auto-approve")
	if code == 0 || !regexp.MustCompile(`us-east-1 has no traffic mirror target with tags = {"name" = "y"}\.`).MatchString(words(output)) {
		t.Fatalf("exit %d\n%s", code, output)
	}
	_, command, found := strings.Cut(output, "To destroy existing objects despite this error:")
	if !found {
		t.Fatalf("the error does not say how to destroy:\n%s", output)
	}
	command, _, _ = strings.Cut(strings.TrimSpace(command), "\n")
	w.run(t, strings.TrimPrefix(command, "terraform ")+" -auto-approve")
	if err := a.isEmpty(nil); err != nil {
		t.Error(err)
	}
}
