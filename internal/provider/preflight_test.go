package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

const newRule = `{"rule_number": 7}`

// Of requests that IAM cannot tell apart, one is asked; and first of all, whether
// DryRun is honoured.
func TestPreflight_asksOnce(t *testing.T) {
	p := newPlanner(t)
	filter := func(changes string) step { return step{kind: "trafficmirror_filter", changes: changes} }
	p.plan(t, `{"preflight": "error"}`,
		filter(`{"tags": {"a": "b"}}`),
		filter(`{"tags": {"a": "b"}, "description": "two"}`),
		filter(`{"tags": {"a": "c"}}`),
		step{kind: "trafficmirror_session", prior: `{"id": "tms-00000000000000001", "session_number": 1, "tags_all": {}}`, changes: `{"session_number": 1}`},
	)
	want := []string{"CreateTrafficMirrorFilter", "DescribeTrafficMirrorTargets", "CreateTrafficMirrorFilter"}
	slices.Sort(p.asked)
	slices.Sort(want)
	if !slices.Equal(p.asked, want) {
		t.Errorf("asked %q, want %q", p.asked, want)
	}
}

// Only a denial is a finding.
func TestPreflight_otherAnswers(t *testing.T) {
	p := newPlanner(t)
	p.denied = []string{"CreateTrafficMirrorFilterRule"}
	for _, code := range []string{"InvalidParameterValue", "TrafficMirrorFilterRuleAlreadyExists", "RequestLimitExceeded", "InternalError"} {
		p.refusal = code
		if got := p.plan(t, `{"preflight": "error"}`, step{kind: "trafficmirror_filter_rule", changes: newRule}); got != "" {
			t.Errorf("%s: got\n%s\nwant nothing", code, got)
		}
	}
}

// An endpoint that ignores DryRun would carry out what a plan asks.
func TestPreflight_ignoresDryRun(t *testing.T) {
	p := newPlanner(t)
	p.ignoresDryRun = true
	got := p.plan(t, `{"preflight": "error"}`, step{kind: "trafficmirror_filter", changes: `{}`}, step{kind: "trafficmirror_target", changes: `{}`})
	if !strings.HasPrefix(got, "  warning at the resource: The endpoint ignores DryRun") || strings.Count(got, " at the resource:") != 1 {
		t.Errorf("got\n%s\nwant one warning", got)
	}
	filters, err := p.account.client.DescribeTrafficMirrorFilters(t.Context(), &ec2.DescribeTrafficMirrorFiltersInput{})
	if err != nil || len(filters.TrafficMirrorFilters) != 3 {
		t.Errorf("there are %d filters (%v), and three before the plan", len(filters.TrafficMirrorFilters), err)
	}
}

// Where all is permitted, an apply goes through, from the create to the destroy.
func TestAccPreflight(t *testing.T) {
	a := newAccount(t)
	config := func(number, tag string) string {
		return strings.Replace(a.config(`
resource "trafficmirror_target" "x" {
  network_interface_id = %q
  tags                 = { x = %[4]q }
}
resource "trafficmirror_filter" "x" {
  ingress_rules = { %[3]q = { `+everything+` } }
  tags          = { x = %[4]q }
}
resource "trafficmirror_filter_rule" "x" {
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  traffic_direction        = "egress"
  rule_number              = %[3]s
  rule_action              = "accept"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
}
resource "trafficmirror_session" "x" {
  network_interface_id     = %[2]q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  session_number           = %[3]s
}`, sensor, source, number, tag), "provider \"trafficmirror\" {", "provider \"trafficmirror\" {\n  preflight = \"error\"", 1)
	}
	a.test(t,
		resource.TestStep{Config: config("1", "one")},
		resource.TestStep{Config: config("2", "two")},
	)
}
