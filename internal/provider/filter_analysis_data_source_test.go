package provider_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

const analysed = "data.trafficmirror_filter_analysis.x"

// acceptTLS and acceptTCP are rules of a map.
const (
	acceptTLS = `{ rule_action = "accept", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0", destination_port_range = { from_port = 443, to_port = 443 } }`
	acceptTCP = `{ rule_action = "accept", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }`
)

// Of rules in place, the first plan has the whole result, and EC2 is not asked.
func TestAccFilterAnalysis_inPlace(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("EC2 is asked: %s", r.URL) }))
	t.Cleanup(server.Close)
	acceptance(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: fmt.Sprintf(`
provider "trafficmirror" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = "true"
  endpoints { ec2 = %q }
}
data "trafficmirror_filter_analysis" "x" {
  network_services = ["amazon-dns"]
  ingress_rules    = { 100 = %s, "200" = %s }
  egress_rules     = {}
  compare          = { ingress_rules = { 100 = %[3]s }, network_services = ["amazon-dns"] }
  space            = { traffic_direction = "ingress", protocol = 6, destination_port_range = { from_port = 22, to_port = 443 } }
}
output "unreachable" { value = [for r in data.trafficmirror_filter_analysis.x.unreachable_rules : "${r.traffic_direction} ${r.rule_number} by ${join(" ", r.covered_by)}, ${r.different_action}"] }
`, server.URL, acceptTCP, acceptTLS),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownOutputValue("unreachable", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("ingress 200 by 100, false")})),
			}},
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr(analysed, "redundant_rules.#", "1"),
				resource.TestCheckResourceAttr(analysed, "redundant_rules.0.rule_number", "200"),
				resource.TestCheckResourceAttr(analysed, "mirrors.space", "ingress tcp any > any:22-443"),
				resource.TestCheckResourceAttr(analysed, "mirrors.amount", "some"), // no rule matches IPv6
				resource.TestCheckResourceAttr(analysed, "mirrors.mirrored.decision.rule_number", "100"),
				resource.TestCheckResourceAttr(analysed, "mirrors.not_mirrored.decision.reason", "no_rule"),
				resource.TestCheckNoResourceAttr(analysed, "mirrors.not_mirrored.decision.rule_number"),
				resource.TestCheckResourceAttr(analysed, "mirrors.rules.#", "1"),
				resource.TestCheckResourceAttr(analysed, "equal", "false"),
				resource.TestCheckResourceAttr(analysed, "gained", "false"),
				resource.TestCheckResourceAttr(analysed, "lost", "true"),
				resource.TestCheckResourceAttr(analysed, "differences.#", "1"),
				resource.TestCheckResourceAttr(analysed, "differences.0.a.rule_number", "100"),
				resource.TestCheckResourceAttr(analysed, "differences.0.b.reason", "no_rule"),
				resource.TestCheckResourceAttr(analysed, "differences.0.packet.protocol", "tcp"),
				resource.TestCheckResourceAttr(analysed, "one_way_flows.#", "1"),
				resource.TestCheckResourceAttr(analysed, "too_complex.#", "0"),
			),
		}},
	})
}

// What is not asked is null.
func TestAccFilterAnalysis_notAsked(t *testing.T) {
	a := newAccount(t)
	a.test(t, resource.TestStep{
		Config: a.config(`data "trafficmirror_filter_analysis" "x" { ingress_rules = {} }`),
		Check: resource.ComposeAggregateTestCheckFunc(
			resource.TestCheckResourceAttr(analysed, "unreachable_rules.#", "0"),
			resource.TestCheckNoResourceAttr(analysed, "equal"),
			resource.TestCheckNoResourceAttr(analysed, "differences.#"),
			resource.TestCheckNoResourceAttr(analysed, "mirrors.amount"),
		),
	})
}

// separatelyRuled are a filter with a separate rule for TLS, and its analysis.
func separatelyRuled(a *account, port int, arguments string) string {
	return a.config(`
resource "trafficmirror_filter" "x" {}
resource "trafficmirror_filter_rule" "x" {
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  traffic_direction        = "ingress"
  rule_number              = 100
  rule_action              = "accept"
  protocol                 = "tcp"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
  destination_port_range   = { from_port = %d, to_port = %[1]d }
}
data "trafficmirror_filter_analysis" "x" {
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  space                    = { protocol = "tcp", destination_port_range = { from_port = 443, to_port = 443 } }
  %s
}
`, port, arguments)
}

// A filter whose ID is known only after apply is analysed in the apply. With depends_on, the
// analysis also waits for a later change of its separate rules.
func TestAccFilterAnalysis_inEC2(t *testing.T) {
	const depends = `depends_on = [trafficmirror_filter_rule.x]`
	a := newAccount(t)
	a.test(t,
		resource.TestStep{
			Config: separatelyRuled(a, 443, depends),
			Check: resource.ComposeAggregateTestCheckFunc(
				resource.TestCheckResourceAttr(analysed, "mirrors.amount", "some"),
				resource.TestCheckResourceAttr(analysed, "mirrors.mirrored.decision.rule_number", "100"),
			),
		},
		resource.TestStep{Config: separatelyRuled(a, 80, depends), Check: resource.TestCheckResourceAttr(analysed, "mirrors.amount", "none")},
	)
}

// What somebody has changed in EC2 is seen, and so is a filter that is gone.
func TestAccFilterAnalysis_changedOutside(t *testing.T) {
	a := newAccount(t)
	made, err := a.client.CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{})
	if err != nil {
		t.Fatal(err)
	}
	id := *made.TrafficMirrorFilter.TrafficMirrorFilterId
	config := a.config(`
data "trafficmirror_filter_analysis" "x" {
  ingress_rules = { "1" = %s }
  compare       = { traffic_mirror_filter_id = %q }
}`, acceptTLS, id)
	a.test(t,
		resource.TestStep{Config: config, Check: resource.TestCheckResourceAttr(analysed, "lost", "true")},
		resource.TestStep{
			PreConfig: func() {
				_, err := a.client.CreateTrafficMirrorFilterRule(t.Context(), &ec2.CreateTrafficMirrorFilterRuleInput{
					TrafficMirrorFilterId: &id, RuleNumber: aws.Int32(7), TrafficDirection: "ingress", RuleAction: "accept",
					SourceCidrBlock: aws.String("0.0.0.0/0"), DestinationCidrBlock: aws.String("0.0.0.0/0"),
				})
				if err != nil {
					t.Error(err)
				}
			},
			Config: config, Check: resource.TestCheckResourceAttr(analysed, "gained", "true"),
		},
		resource.TestStep{
			PreConfig: func() {
				if _, err := a.client.DeleteTrafficMirrorFilter(t.Context(), &ec2.DeleteTrafficMirrorFilterInput{TrafficMirrorFilterId: &id}); err != nil {
					t.Error(err)
				}
			},
			Config: config, ExpectError: regexp.MustCompile(`(?s)Error reading traffic mirror filter.*` + id + `.*does not exist`),
		},
	)
}

// A plan that changes a filter says that an analysis by its ID has the rules before. An apply
// that has changed it says nothing.
func TestAccFilterAnalysis_pending(t *testing.T) {
	space, ec2 := newWorkspace(t), newRelay(t)
	config := func(inline, separate, arguments string) string {
		return endpointBlock(ec2.url) + fmt.Sprintf(`
resource "trafficmirror_filter" "x" { ingress_rules = { "1" = %s } }
resource "trafficmirror_filter_rule" "x" {
  for_each                 = toset([%s])
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  traffic_direction        = "egress"
  rule_number              = each.value
  rule_action              = "accept"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
}
# Terraform waits for a resource that the data source names, and not for what a local names.
locals { id = trafficmirror_filter.x.id }
data "trafficmirror_filter_analysis" "x" {
  traffic_mirror_filter_id = local.id
  %s
}
output "rules" { value = length(trafficmirror_filter_rule.x) }
`, inline, separate, arguments)
	}
	const summary = "The analysis is of the rules before this plan"
	apply := func(text string) string {
		space.write(t, text)
		return words(space.run(t, "apply -auto-approve"))
	}
	if got := apply(config(acceptTLS, "", "")); strings.Contains(got, summary) {
		t.Errorf("a new filter: %s", got)
	}
	if got := apply(config(acceptTCP, "", "")); !strings.Contains(got, summary) || !regexp.MustCompile(`The plan changes tmf-\w+, and the analysis is of tmf-`).MatchString(got) {
		t.Errorf("other inline rules: %s", got)
	}
	if got := apply(config(acceptTCP, "", "")); strings.Contains(got, summary) {
		t.Errorf("no change: %s", got)
	}
	const waits = "depends_on = [trafficmirror_filter.x, trafficmirror_filter_rule.x]"
	if got := apply(config(acceptTLS, `"5"`, waits)); strings.Contains(got, summary) {
		t.Errorf("an analysis that waits: %s", got)
	}
	if got := apply(config(acceptTLS, `"6"`, waits)); strings.Contains(got, summary) {
		t.Errorf("an analysis that waits for a rule that goes: %s", got)
	}
}

// Wrong values are reported at the map, also if its keys are written without quotes.
func TestAccFilterAnalysis_refuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ arguments, message string }{
		"nothing":                 {``, `traffic_mirror_filter_id is missing, and no rules are given in place\.`},
		"null":                    {`ingress_rules = null`, `traffic_mirror_filter_id is missing, and no rules are given in place`},
		"both":                    {"traffic_mirror_filter_id = \"tmf-0123456789abcdef0\"\ningress_rules = {}", `ingress_rules is set together with\s+traffic_mirror_filter_id`},
		"both, in compare":        {"ingress_rules = {}\ncompare = { traffic_mirror_filter_id = \"tmf-0123456789abcdef0\", network_services = [] }", `compare\.network_services is set together with\s+traffic_mirror_filter_id`},
		"nothing to compare with": {"ingress_rules = {}\ncompare = {}", `compare\.traffic_mirror_filter_id is missing`},
		"ID":                      {`traffic_mirror_filter_id = "eni-00000000000000001"`, `traffic_mirror_filter_id is "eni-00000000000000001"`},
		"rule":                    {`ingress_rules = { 100 = { rule_action = "accept", protocol = "tpc", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" } }`, `ingress_rules\["100"\]\.protocol is "tpc"`},
		"rule to compare":         {`ingress_rules = {}` + "\n" + `compare = { egress_rules = { 0 = ` + acceptTLS + ` } }`, `compare\.egress_rules\["0"\] has a key outside of the range`},
		"service":                 {`network_services = ["dns"]`, `network_services\[0\] is "dns"`},
		"space":                   {"ingress_rules = {}\nspace = { traffic_direction = \"in\" }", `space\.traffic_direction is "in"`},
		"ports":                   {"ingress_rules = {}\nspace = { destination_port_range = { from_port = 22, to_port = 22 } }", `space\.destination_port_range is set without a\s+protocol`},
		"families":                {"ingress_rules = {}\nspace = { source_cidr_block = \"::/0\", destination_cidr_block = \"10.0.0.0/8\" }", `(?s)space\.destination_cidr_block is 10\.0\.0\.0/8, of another`},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t)
			a.test(t, resource.TestStep{
				Config:      a.config("data \"trafficmirror_filter_analysis\" \"x\" {\n%s\n}", c.arguments),
				ExpectError: regexp.MustCompile(c.message),
			})
		})
	}
}

// Values that are known only after apply cause no error, and the analysis waits for them.
func TestAccFilterAnalysis_unknown(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string]string{
		"ID":      `traffic_mirror_filter_id = trafficmirror_filter.x.id`,
		"port":    `ingress_rules = { 100 = { rule_action = "accept", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0", destination_port_range = { from_port = terraform_data.port.output, to_port = 443 } } }`,
		"rules":   `ingress_rules = terraform_data.port.output == "443" ? {} : null`,
		"space":   "ingress_rules = {}\n" + `space = terraform_data.port.output == "443" ? { protocol = "tcp" } : null`,
		"compare": "ingress_rules = {}\n" + `compare = { traffic_mirror_filter_id = trafficmirror_filter.x.id }`,
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t)
			a.test(t, resource.TestStep{
				Config: a.config(`
resource "terraform_data" "port" { input = "443" }
resource "trafficmirror_filter" "x" {}
data "trafficmirror_filter_analysis" "x" {
%s
}`, arguments),
				Check: resource.TestCheckResourceAttr(analysed, "unreachable_rules.#", "0"),
			})
		})
	}
}

// The example of the documentation does what it says.
func TestAccFilterAnalysis_example(t *testing.T) {
	example, err := os.ReadFile("../../examples/data-sources/trafficmirror_filter_analysis/data-source.tf")
	if err != nil {
		t.Fatal(err)
	}
	a := newAccount(t)
	config := func(action string) string {
		return a.config(`
resource "trafficmirror_filter" "separate" {}
resource "trafficmirror_filter_rule" "separate" {
  traffic_mirror_filter_id = trafficmirror_filter.separate.id
  traffic_direction        = "ingress"
  rule_number              = 1
  rule_action              = "accept"
  protocol                 = "udp"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
}
`) + strings.Replace(string(example), `"reject"`, `"`+action+`"`, 1)
	}
	a.test(t,
		resource.TestStep{Config: config("accept"), ExpectError: regexp.MustCompile(`(?s)The filter mirrors SSH, for example tcp\s+\S+\s+>\s+\S+:22\.`)},
		resource.TestStep{
			PreConfig: func() {
				if err := a.isEmpty(nil); err != nil {
					t.Errorf("the refused plan has created something: %v", err)
				}
			},
			Config: config("reject"),
			Check: func(s *terraform.State) error {
				if packets := s.RootModule().Outputs["packets_that_are_not_mirrored"].Value.([]any); len(packets) == 0 {
					return fmt.Errorf("every packet is mirrored")
				}
				return nil
			},
		},
	)
}
