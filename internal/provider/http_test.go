package provider_test

import (
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// Requests that are under way at the same time go over real connections as they
// are, also when they are logged. Release v2.0.0-beta.74 of aws-sdk-go-base mixed
// the bodies of those that it logs, which no test in one process shows without a
// listener and a log.
func TestAccProvider_overHTTP(t *testing.T) {
	t.Setenv("TF_LOG", "DEBUG")
	t.Setenv("TF_ACC_LOG_PATH", filepath.Join(t.TempDir(), "log"))
	handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db")})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	config := fmt.Sprintf(`
provider "trafficmirror" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  max_retries                 = 1
  endpoints { ec2 = %q }
}

resource "trafficmirror_filter" "this" {
  count            = 30
  description      = "filter ${count.index} ${join("", [for i in range(count.index * 20) : "x"])}"
  network_services = ["amazon-dns"]
  ingress_rules = { for i in range(1, 6) : "${i}" => {
    rule_action = "accept", source_cidr_block = "10.0.${i}.0/24", destination_cidr_block = "0.0.0.0/0", description = "rule ${i}"
  } }
  egress_rules = {}
}
`, server.URL)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			Check:            resource.TestCheckResourceAttr("trafficmirror_filter.this.29", "ingress_rules.5.description", "rule 5"),
		}},
	})
}
