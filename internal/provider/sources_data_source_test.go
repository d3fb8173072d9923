package provider_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
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
