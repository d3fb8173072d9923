package provider_test

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// A provider block with the arguments of provider "aws" reaches an endpoint over
// HTTP with the credentials that it names.
func TestAccProvider_endpoint(t *testing.T) {
	file, err := topology.Parse([]byte(testTopology))
	if err != nil {
		t.Fatal(err)
	}
	a := newAccount(t)
	handler, err := emulator.New(emulator.Options{Path: a.path("ec2.db"), Topology: file, AccessKey: "AKIAIOSFODNN7EXAMPLE", SecretKey: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	config := func(secret string) string {
		return fmt.Sprintf(`
provider "trafficmirror" {
  region                      = "us-east-1"
  access_key                  = "AKIAIOSFODNN7EXAMPLE"
  secret_key                  = %q
  skip_credentials_validation = true
  skip_metadata_api_check     = "true"
  skip_requesting_account_id  = true
  endpoints {
    ec2 = %q
  }
}
resource "trafficmirror_target" "x" { network_interface_id = %q }
resource "trafficmirror_filter" "x" {}
`, secret, server.URL, sensor)
	}
	a.test(t,
		resource.TestStep{
			Config: config("secret"),
			Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttrWith("trafficmirror_target.x", "arn", matches(`^arn:aws:ec2:us-east-1:123456789012:`)),
				// Nobody was asked for the account, and a filter does not tell its owner.
				resource.TestCheckResourceAttrWith("trafficmirror_filter.x", "arn", matches(`^arn:aws:ec2:us-east-1::`)),
			),
		},
		resource.TestStep{Config: config("wrong"), ExpectError: regexp.MustCompile(`AWS does not accept the credentials`)},
		resource.TestStep{Config: config("secret")},
	)
}

// The embedded EC2 has the quotas, variants and faults that the block names.
func TestAccProvider_emulatorSettings(t *testing.T) {
	const twoFilters = `resource "trafficmirror_filter" "x" { count = 2 }`
	const twoSessions = `
resource "trafficmirror_target" "x" { network_interface_id = "` + sensor + `" }
resource "trafficmirror_filter" "x" {}
resource "trafficmirror_session" "x" {
  count                    = 2
  network_interface_id     = ["` + source + `", "` + source2 + `"][count.index]
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x.id
  session_number           = 1
  virtual_network_id       = 7
}`
	for name, c := range map[string]struct{ settings, config, message string }{
		"quotas":   {`quotas = { filters-per-account = 1 }`, twoFilters, `TrafficMirrorFilterLimitExceeded`},
		"variants": {`variants = ["unique-vnis"]`, twoSessions, `is already being\s+used by tms-`},
		"faults":   {`faults = "CreateTrafficMirrorFilter:500"`, twoFilters, `InternalError`},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t)
			config := func(settings string) string {
				return fmt.Sprintf(`
provider "trafficmirror" {
  max_retries = 1
  emulator = {
    path     = %q
    topology = %q
    %s
  }
}
%s`, a.path("ec2.db"), a.path("topology.json"), settings, c.config)
			}
			a.test(t,
				resource.TestStep{Config: config(c.settings), ExpectError: regexp.MustCompile(c.message)},
				resource.TestStep{Config: config("")},
			)
		})
	}
}

func TestAccProvider_refuses(t *testing.T) {
	for name, c := range map[string]struct{ config, message string }{
		"emulator and profile": {
			`provider "trafficmirror" {
  profile  = "security"
  emulator = { path = "ec2.db" }
}`,
			`profile is set together with emulator, which uses the embedded EC2 instead of\s+AWS. Remove one of the two\.`,
		},
		"emulator and endpoints": {
			`provider "trafficmirror" {
  emulator = { path = "ec2.db" }
  endpoints { ec2 = "http://127.0.0.1:4566" }
}`,
			`endpoints is set together with emulator`,
		},
		"a quota that does not exist": {
			`provider "trafficmirror" {
  emulator = { path = "ec2.db", quotas = { sessions = 1 } }
}`,
			`there is no quota "sessions": write one of\s+filters-per-account,\s+rules-per-filter`,
		},
		"a quota that is negative": {
			`provider "trafficmirror" {
  emulator = { path = "ec2.db", quotas = { rules-per-filter = -1 } }
}`,
			`the quota rules-per-filter is -1: write a whole number from\s+0`,
		},
		"a variant that does not exist": {
			`provider "trafficmirror" {
  emulator = { path = "ec2.db", variants = ["vnis"] }
}`,
			`there is no variant "vnis": write one of\s+attached-sources,`,
		},
		"a fault that does not exist": {
			`provider "trafficmirror" {
  emulator = { path = "ec2.db", faults = "*:fire" }
}`,
			`fault "\*:fire": there is no\s+kind "fire"`,
		},
		"a seed that is negative": {
			`provider "trafficmirror" {
  emulator = { path = "ec2.db", seed = -1 }
}`,
			`emulator.seed value must be at least 0`,
		},
		"a topology that is not there": {
			`provider "trafficmirror" {
  emulator = { path = "ec2.db", topology = "no-such-file.json" }
}`,
			`(?s)Error starting the embedded EC2.*no-such-file\.json`,
		},
		"a guard with what is no account": {
			`provider "trafficmirror" {
  emulator = { path = "ec2.db" }
  guard    = { target_owner_ids = ["1234-5678-9012"] }
}`,
			`12\s+digits\s+of\s+an AWS account ID, got: 1234-5678-9012`,
		},
		"a forbidden account that is none": {
			`provider "trafficmirror" {
  emulator              = { path = "ec2.db" }
  forbidden_account_ids = ["12345678901"]
}`,
			`12\s+digits\s+of\s+an AWS account ID, got: 12345678901`,
		},
		"a wrong quota is shown at its block": {
			`provider "trafficmirror" {
  emulator = { path = "ec2.db", quotas = { sessions = 1 } }
  quotas   = { rules_per_filter = 1 }
}`,
			`(?s)emulator = { path.*emulator\.quotas: there is no quota "sessions"`,
		},
		"a Region that is known after apply": {
			`resource "terraform_data" "region" { input = "us-east-1" }
provider "trafficmirror" {
  region   = terraform_data.region.output
  emulator = { path = "ec2.db" }
}`,
			`region is known only after apply`,
		},
		"a Region that does not exist": {
			`provider "trafficmirror" {
  region     = "eu-west-99"
  access_key = "a"
  secret_key = "b"
}`,
			`"eu-west-99" is not the name of an AWS Region`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			resource.ParallelTest(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config:      c.config + "\n" + `resource "trafficmirror_filter" "x" {}`,
					ExpectError: regexp.MustCompile(c.message),
				}},
			})
		})
	}
}
