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

// Only a denial is a finding, and that there is no answer.
func TestPreflight_otherAnswers(t *testing.T) {
	p := newPlanner(t)
	p.denied = []string{"CreateTrafficMirrorFilterRule"}
	rules := []step{{kind: "trafficmirror_filter_rule", changes: newRule}, {kind: "trafficmirror_filter_rule", changes: `{"rule_number": 8, "tags": {"a": "b"}}`}}
	for code, want := range map[string]string{
		"InvalidParameterValue":                "",
		"TrafficMirrorFilterRuleAlreadyExists": "",
		"RequestLimitExceeded":                 "EC2 did not answer whether ec2:CreateTrafficMirrorFilterRule is permitted.",
		"InternalError":                        "EC2 did not answer whether ec2:CreateTrafficMirrorFilterRule is permitted.",
	} {
		p.refusal = code
		for mode, severity := range map[string]string{"error": "  error", "warn": "  warning"} {
			got := p.plan(t, `{"preflight": "`+mode+`", "warnings": {"silence": ["unreachable_rule"]}}`, rules...)
			if want == "" && got == "" {
				continue
			}
			head := severity + " at the resource: EC2 could not be asked for permissions\n"
			if want == "" || strings.Count(got, " at the resource: ") != 1 || !strings.HasPrefix(got, head) || !strings.Contains(got, want) || !strings.Contains(got, "EC2 answered "+code) {
				t.Errorf("%s, %s: got\n%s\nwant %q once", code, mode, got, want)
			}
		}
	}
}

// A preflight that cannot ask says so, once: under "error" as an error.
func TestPreflight_noProbe(t *testing.T) {
	p := newPlanner(t)
	p.denied = []string{"DescribeTrafficMirrorTargets"}
	for _, code := range []string{"RequestLimitExceeded", "InternalError", "AuthFailure", "InvalidAction"} {
		p.refusal = code
		for mode, severity := range map[string]string{"error": "  error", "warn": "  warning"} {
			got := p.plan(t, `{"preflight": "`+mode+`"}`, step{kind: "trafficmirror_filter", changes: `{}`}, step{kind: "trafficmirror_filter", changes: `{"description": "other"}`})
			if !strings.HasPrefix(got, severity+" at the resource: EC2 could not be asked for permissions\n") || strings.Count(got, " at the resource: ") != 1 ||
				!strings.Contains(got, "EC2 answered "+code) || strings.Contains(got, `set preflight = "warn"`) != (mode == "error") {
				t.Errorf("%s, %s: got\n%s", code, mode, got)
			}
		}
	}
	if slices.Contains(p.asked, "CreateTrafficMirrorFilter") {
		t.Error("it asks for a create, although DryRun may not be honoured")
	}
}

// A rule of a filter that cannot be read cannot be asked about.
func TestPreflight_unreadableFilter(t *testing.T) {
	p := newPlanner(t)
	p.denied, p.refusal = []string{"DescribeTrafficMirrorFilters"}, "InternalError"
	got := p.plan(t, `{"preflight": "error"}`, step{
		kind: "trafficmirror_filter", prior: `{"id": "tmf-00000000000000001", "ingress_rules": {"1": {` + everythingJSON + `}}, "tags_all": {}}`, changes: `{"ingress_rules": {}}`,
	})
	if !strings.HasPrefix(got, "  error at the resource: EC2 could not be asked for permissions\n") || !strings.Contains(got, "DescribeTrafficMirrorFilters") {
		t.Errorf("got\n%s", got)
	}
}

const everythingJSON = `"rule_action": "accept", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0"`

// An endpoint that ignores DryRun would carry out what a plan asks.
func TestPreflight_ignoresDryRun(t *testing.T) {
	p := newPlanner(t)
	p.ignoresDryRun = true
	for mode, severity := range map[string]string{"error": "  error", "warn": "  warning"} {
		got := p.plan(t, `{"preflight": "`+mode+`"}`, step{kind: "trafficmirror_filter", changes: `{}`}, step{kind: "trafficmirror_filter", changes: `{"description": "other"}`})
		if !strings.HasPrefix(got, severity+" at the resource: The endpoint ignores DryRun") || strings.Count(got, " at the resource:") != 1 {
			t.Errorf("%s: got\n%s\nwant it once", mode, got)
		}
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
