package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

var factories = map[string]func() (tfprotov6.ProviderServer, error){
	"trafficmirror": func() (tfprotov6.ProviderServer, error) { return provider.NewServer(newProvider)(), nil },
}

// What exists in the account of a test.
const (
	source  = "eni-00000000000000001" // of a running instance
	source2 = "eni-00000000000000002"
	sensor  = "eni-0000000000000000a"
	sensor2 = "eni-0000000000000000b"
	sensors = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/sensors/0123456789abcdef"
	gateway = "vpce-00000000000000001"
)

const testTopology = `{
  "vpcs": [{ "id": "vpc-00000000000000001", "cidr_block": "10.0.0.0/16" }],
  "subnets": [{ "id": "subnet-00000000000000001", "vpc_id": "vpc-00000000000000001", "cidr_block": "10.0.1.0/24", "availability_zone": "us-east-1a" }],
  "instances": [
    { "id": "i-00000000000000001", "instance_type": "m5.large", "state": "running" },
    { "id": "i-00000000000000002", "instance_type": "m5.large", "state": "running" },
    { "id": "i-0000000000000000a", "instance_type": "c5.large", "state": "running" }
  ],
  "network_interfaces": [
    { "id": "` + source + `", "subnet_id": "subnet-00000000000000001", "instance_id": "i-00000000000000001", "mac_address": "02:00:00:00:00:01", "private_ip_address": "10.0.1.11" },
    { "id": "` + source2 + `", "subnet_id": "subnet-00000000000000001", "instance_id": "i-00000000000000002", "private_ip_address": "10.0.1.12" },
    { "id": "` + sensor + `", "subnet_id": "subnet-00000000000000001", "instance_id": "i-0000000000000000a", "private_ip_address": "10.0.1.101" },
    { "id": "` + sensor2 + `", "subnet_id": "subnet-00000000000000001", "instance_id": "i-0000000000000000a", "private_ip_address": "10.0.1.102" }
  ],
  "network_load_balancers": [
    { "arn": "` + sensors + `", "subnet_id": "subnet-00000000000000001", "ip_address": "10.0.1.201", "udp_listeners": [4789] }
  ],
  "gateway_load_balancer_endpoints": [
    { "id": "` + gateway + `", "vpc_id": "vpc-00000000000000001", "subnet_id": "subnet-00000000000000001", "ip_address": "10.0.1.202" }
  ]
}`

// An account is an embedded EC2 of its own for one test.
type account struct {
	folder string
	client *ec2.Client // for what somebody does outside of Terraform
}

func newAccount(t testing.TB) *account {
	t.Helper()
	a := &account{folder: t.TempDir()}
	a.setTopology(t, testTopology)
	return a
}

// setTopology writes the topology of the account, which the client then has too, and returns
// its EC2.
func (a *account) setTopology(t testing.TB, text string) *emulator.Emulator {
	t.Helper()
	if err := os.WriteFile(a.path("topology.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := topology.Load(t.Context(), a.path("topology.json"))
	if err != nil {
		t.Fatal(err)
	}
	handler, err := emulator.New(emulator.Options{Path: a.path("ec2.db"), Topology: file})
	if err != nil {
		t.Fatal(err)
	}
	a.client = ec2.New(ec2.Options{
		Region:      "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient:  &http.Client{Transport: emulator.Transport(handler)},
	})
	return handler
}

func (a *account) path(name string) string { return filepath.Join(a.folder, name) }

// config is a configuration that uses the account.
func (a *account) config(body string, args ...any) string {
	return fmt.Sprintf(`
provider "trafficmirror" {
  region   = "us-east-1"
  emulator = { path = %q, topology = %q }
}
`, a.path("ec2.db"), a.path("topology.json")) + fmt.Sprintf(body, args...)
}

// test runs steps against the account.
func (a *account) test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	acceptance(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		CheckDestroy:             a.isEmpty,
		Steps:                    steps,
	})
}

// isEmpty checks that nothing is left after destroy.
func (a *account) isEmpty(s *terraform.State) error { return a.counts(0, 0, 0)(s) }

// counts checks how many objects exist in EC2.
func (a *account) counts(targets, filters, sessions int) resource.TestCheckFunc {
	return func(*terraform.State) error {
		ctx := context.Background()
		t, err := a.client.DescribeTrafficMirrorTargets(ctx, &ec2.DescribeTrafficMirrorTargetsInput{})
		if err != nil {
			return err
		}
		f, err := a.client.DescribeTrafficMirrorFilters(ctx, &ec2.DescribeTrafficMirrorFiltersInput{})
		if err != nil {
			return err
		}
		s, err := a.client.DescribeTrafficMirrorSessions(ctx, &ec2.DescribeTrafficMirrorSessionsInput{})
		if err != nil {
			return err
		}
		got := [3]int{len(t.TrafficMirrorTargets), len(f.TrafficMirrorFilters), len(s.TrafficMirrorSessions)}
		if want := [3]int{targets, filters, sessions}; got != want {
			return fmt.Errorf("there are %v targets, filters and sessions, want %v", got, want)
		}
		return nil
	}
}

// inUpdate checks that a plan changes a resource in place.
func inUpdate(address string) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
	}}
}

// remember keeps an attribute, to be compared with a later value.
func remember(value *string, address, attribute string) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		*value = s.RootModule().Resources[address].Primary.Attributes[attribute]
		return nil
	}
}

// isStill checks that an attribute has not changed since it was remembered.
func isStill(value *string, address, attribute string) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		if now := s.RootModule().Resources[address].Primary.Attributes[attribute]; now != *value {
			return fmt.Errorf("%s of %s was %q and is %q", attribute, address, *value, now)
		}
		return nil
	}
}

// matches checks an attribute against an expression.
func matches(expression string) resource.CheckResourceAttrWithFunc {
	return func(value string) error {
		if !regexp.MustCompile(expression).MatchString(value) {
			return fmt.Errorf("%q does not match %s", value, expression)
		}
		return nil
	}
}
