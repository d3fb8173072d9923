package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// tagged is one of each object, all with the same tags, below a provider block
// with some more lines.
func (a *account) tagged(block, tags string) string {
	config := a.config("%s", strings.ReplaceAll(`
resource "trafficmirror_target" "x" {
  network_interface_id = "`+sensor+`"
  TAGS
}
resource "trafficmirror_filter" "x" {
  TAGS
}
resource "trafficmirror_filter_rule" "x" {
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  traffic_direction        = "ingress"
  rule_number              = 1
  rule_action              = "accept"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
  TAGS
}
resource "trafficmirror_session" "x" {
  network_interface_id     = "`+source+`"
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  TAGS
}`, "TAGS", tags))
	return strings.Replace(config, `region   = "us-east-1"`, block, 1)
}

var taggedResources = []string{"trafficmirror_target.x", filterX, ruleX, sessionX}

// eachHas checks attributes of all four objects.
func eachHas(attributes map[string]string) resource.TestCheckFunc {
	var checks []resource.TestCheckFunc
	for _, address := range taggedResources {
		for name, value := range attributes {
			checks = append(checks, resource.TestCheckResourceAttr(address, name, value))
		}
	}
	return resource.ComposeTestCheckFunc(checks...)
}

func TestAccTags_defaults(t *testing.T) {
	a := newAccount(t)
	defaults := `default_tags { tags = { team = "netsec", stage = "prod" } }`
	a.test(t,
		resource.TestStep{
			Config: a.tagged(defaults, `tags = { stage = "test", name = "x" }`),
			Check: eachHas(map[string]string{
				"tags.%": "2", "tags.stage": "test", "tags.name": "x",
				"tags_all.%": "3", "tags_all.stage": "test", "tags_all.name": "x", "tags_all.team": "netsec",
			}),
		},
		// A tag that is its default too is no difference.
		resource.TestStep{
			Config: a.tagged(defaults, `tags = { stage = "prod" }`),
			Check:  eachHas(map[string]string{"tags.%": "1", "tags.stage": "prod", "tags_all.%": "2"}),
		},
		resource.TestStep{
			Config: a.tagged(defaults, ``),
			Check:  eachHas(map[string]string{"tags_all.%": "2", "tags_all.stage": "prod"}),
		},
		resource.TestStep{
			Config: a.tagged(`default_tags { tags = { team = "soc" } }`, ``),
			Check:  eachHas(map[string]string{"tags_all.%": "1", "tags_all.team": "soc"}),
		},
		resource.TestStep{ResourceName: filterX, ImportState: true, ImportStateVerify: true},
		resource.TestStep{ResourceName: sessionX, ImportState: true, ImportStateVerify: true},
		resource.TestStep{Config: a.tagged(``, ``), Check: eachHas(map[string]string{"tags_all.%": "0"})},
	)
}

// Tags that others set are seen and removed, unless they are ignored.
func TestAccTags_ignored(t *testing.T) {
	a := newAccount(t)
	byHand := func(s *terraform.State) error {
		in := &ec2.CreateTagsInput{Tags: []types.Tag{
			{Key: aws.String("owner"), Value: aws.String("x")}, {Key: aws.String("cost:center"), Value: aws.String("1")}, {Key: aws.String("extra"), Value: aws.String("1")},
		}}
		for _, address := range taggedResources {
			in.Resources = append(in.Resources, s.RootModule().Resources[address].Primary.ID)
		}
		_, err := a.client.CreateTags(t.Context(), in)
		return err
	}
	ignore := `ignore_tags {
  keys         = ["owner", "mine"]
  key_prefixes = ["cost:"]
}`
	config := a.tagged(ignore, `tags = { mine = "1" }`)
	a.test(t,
		resource.TestStep{Config: config, Check: byHand, ExpectNonEmptyPlan: true},
		resource.TestStep{
			Config: config, ConfigPlanChecks: inUpdate(sessionX),
			Check: resource.ComposeTestCheckFunc(
				eachHas(map[string]string{"tags.%": "1", "tags.mine": "1", "tags_all.%": "1"}),
				func(s *terraform.State) error {
					out, err := a.client.DescribeTags(t.Context(), &ec2.DescribeTagsInput{})
					if err == nil && len(out.Tags) != 4*3 {
						t.Errorf("%d tags are left, want owner, cost:center and mine on each of 4 objects", len(out.Tags))
					}
					return err
				},
			),
		},
	)
}

// A default that is known after apply is planned as such, and makes no difference
// later.
func TestAccTags_unknown(t *testing.T) {
	a := newAccount(t)
	config := `resource "terraform_data" "team" { input = "netsec" }` + a.tagged(`default_tags { tags = { team = terraform_data.team.output, stage = "prod" } }`, `tags = { name = terraform_data.team.output }`)
	a.test(t,
		resource.TestStep{
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(filterX, plancheck.ResourceActionCreate),
			}},
			Check: eachHas(map[string]string{"tags_all.%": "3", "tags_all.team": "netsec", "tags_all.name": "netsec"}),
		},
	)
}

func TestAccTags_refused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ block, tags, message string }{
		"default":  {`default_tags { tags = { "aws:x" = "1" } }`, ``, `(?s)Invalid default tags.*begins with "aws:", which AWS reserves`},
		"null":     {``, `tags = { a = null }`, `tags\["a"\] is null`},
		"too many": {`default_tags { tags = { for n in range(30) : "d${n}" => "" } }`, `tags = { for n in range(21) : "t${n}" => "" }`, `tags has 51 tags`},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t)
			a.test(t, resource.TestStep{Config: a.tagged(c.block, c.tags), ExpectError: regexp.MustCompile(c.message)})
		})
	}
}
