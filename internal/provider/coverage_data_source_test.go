package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// The whole answer about an account with three sessions.
func TestCoverage_account(t *testing.T) {
	t.Parallel()
	r := newSourceReader(t)
	state, problems := r.read(t, "trafficmirror_coverage", `{"managed_by_tag": {"key": "name"}}`)
	if len(problems) > 0 {
		t.Fatalf("%+v", problems[0])
	}
	answer := map[string]any{}
	for _, name := range []string{
		"totals", "cost", "network_interfaces", "sessions", "idle_sessions", "other_account_sessions", "unmanaged_session_ids", "targets", "copied_twice",
	} {
		answer[name] = state[name]
	}
	got := sortedJSON(t, r.names.Replace(sortedJSON(t, answer)))
	const golden = "testdata/coverage.json"
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the answer is not that of %s:\n%s", golden, got)
	}
}

// sortedJSON returns a value as JSON, or JSON again, with its keys sorted.
func sortedJSON(t *testing.T, value any) string {
	t.Helper()
	if text, isText := value.(string); isText {
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// A selection, and a price.
func TestCoverage_selection(t *testing.T) {
	t.Parallel()
	r := newSourceReader(t)
	state, problems := r.read(t, "trafficmirror_coverage", `{"network_interface_ids": ["`+source2+`"], "price_per_session_hour": "0.0101"}`)
	if len(problems) > 0 {
		t.Fatalf("%+v", problems[0])
	}
	cost := state["cost"].(map[string]any)
	if got := fmt.Sprint(cost["price_per_session_hour"], " ", cost["hourly"], " ", cost["monthly"]); got != "0.0101 0.0101 7.373" {
		t.Errorf("the cost is %s", got)
	}
	if len(state["network_interfaces"].(map[string]any)) != 1 || len(state["sessions"].(map[string]any)) != 1 || state["unmanaged_session_ids"] != nil {
		t.Errorf("%v", state)
	}
}

func TestCoverage_invalid(t *testing.T) {
	t.Parallel()
	r := newSourceReader(t)
	for config, want := range map[string]string{
		`{"price_per_session_hour": "0.0000001"}`:                                      "has more than 6 decimals",
		`{"price_per_session_hour": "-1"}`:                                             "is -1",
		`{"managed_by_tag": {"key": ""}}`:                                              "is empty",
		`{"vpc_ids": ["vpc"]}`:                                                         `"vpc"`,
		`{"all": true, "vpc_ids": ["vpc-00000000000000001"]}`:                          "the selection has conditions too",
		`{"region": "cn-north-1"}`:                                                     "cn-north-1",
		`{"exclude": [{}], "tags": [{"role": "web"}]}`:                                 "no condition",
		`{"interfaces": "first"}`:                                                      `"first"`,
		`{"price_per_session_hour": "1", "managed_by_tag": {"key": "k", "value": ""}}`: "",
		`{"interfaces": "primary"}`:                                                    "",
	} {
		_, problems := r.read(t, "trafficmirror_coverage", config)
		var texts []string
		for _, p := range problems {
			if p.Severity == tfprotov6.DiagnosticSeverityError {
				texts = append(texts, p.Summary+": "+p.Detail)
			}
		}
		if all := strings.Join(texts, "\n"); !strings.Contains(all, want) || want == "" && all != "" {
			t.Errorf("%s: %q, want %q", config, all, want)
		}
	}
}

// checkEnds expects the status of a check block in a plan.
type checkEnds struct {
	name string
	want tfjson.CheckStatus
}

// CheckPlan looks for the check block.
func (c checkEnds) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, check := range req.Plan.Checks {
		if check.Address.Name == c.name && check.Status == c.want {
			return
		}
	}
	resp.Error = fmt.Errorf("the check %s does not end with %s", c.name, c.want)
}

// The example of the documentation says what is idle, unmanaged and not mirrored.
func TestAccCoverage_example(t *testing.T) {
	example, err := os.ReadFile("../../examples/data-sources/trafficmirror_coverage/data-source.tf")
	if err != nil {
		t.Fatal(err)
	}
	a := newAccount(t)
	a.setTopology(t, strings.Replace(testTopology, `"private_ip_address": "10.0.1.11"`, `"private_ip_address": "10.0.1.11", "tags": { "role": "web" }`, 1))
	config := a.config(`
locals {
  every = { "1" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" } }
}
resource "trafficmirror_filter" "x" {
  network_services = ["amazon-dns"]
  ingress_rules    = local.every
  egress_rules     = local.every
}
resource "trafficmirror_target" "x" { network_interface_id = %q }
resource "trafficmirror_session" "x" {
  for_each                 = { %q = { managed-by = "terraform" }, %q = {} }
  network_interface_id     = each.key
  session_number           = 1
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  traffic_mirror_target_id = trafficmirror_target.x.id
  tags                     = each.value
}
`, sensor, source, source2)
	a.test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				if _, err := a.client.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: []string{"i-00000000000000002"}}); err != nil {
					t.Error(err)
				}
			},
			Config: config + string(example),
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr("data.trafficmirror_coverage.all", "totals.mirrored", "1"),
				resource.TestCheckResourceAttr("data.trafficmirror_coverage.all", "totals.not", "2"),
				resource.TestCheckResourceAttr("data.trafficmirror_coverage.all", "idle_sessions.#", "1"),
				resource.TestCheckResourceAttr("data.trafficmirror_coverage.all", "idle_sessions.0.reason", "source_stopped"),
				resource.TestCheckResourceAttr("data.trafficmirror_coverage.all", "unmanaged_session_ids.#", "1"),
				resource.TestCheckResourceAttr("data.trafficmirror_coverage.all", "cost.hourly", "0.03"),
				resource.TestCheckResourceAttr("data.trafficmirror_coverage.all", "cost.monthly", "21.9"),
				resource.TestCheckResourceAttr("data.trafficmirror_coverage.all", "cost.idle_monthly", "10.95"),
				resource.TestCheckResourceAttr("data.trafficmirror_coverage.web", "totals.mirrored", "1"),
				resource.TestCheckNoResourceAttr("data.trafficmirror_coverage.web", "unmanaged_session_ids.#"),
			),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{checkEnds{"web_servers_are_mirrored", tfjson.CheckStatusPass}}},
		},
		resource.TestStep{ // a selection of nothing is no whole mirror
			Config:           config + strings.Replace(string(example), `role = "web"`, `role = "wbe"`, 1),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{checkEnds{"web_servers_are_mirrored", tfjson.CheckStatusFail}}},
		},
	)
}
