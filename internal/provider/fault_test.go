package provider_test

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// A faultyAccount is served over HTTP, with faults while on has been called last.
type faultyAccount struct {
	*account
	emulator *emulator.Emulator
	faults   []emulator.Fault
	block    string // the provider block that uses it
}

func (a *faultyAccount) on() { a.emulator.SetFaults(a.faults) }

// off ends the faults, so that a check sees what there is: of a read that does not
// see the latest write, no provider can make an empty plan.
func (a *faultyAccount) off() { a.emulator.SetFaults(nil) }

// faulty serves an account with faults.
func faulty(t *testing.T, faults string, seed uint64) *faultyAccount {
	t.Helper()
	a := newAccount(t)
	parsed, err := emulator.ParseFaults(faults)
	if err != nil {
		t.Fatal(err)
	}
	handler, err := emulator.New(emulator.Options{Path: a.path("ec2.db"), Topology: parseTopology(t, testTopology), Faults: parsed, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &faultyAccount{a, handler, parsed, endpointBlock(server.URL)}
}

const faultyConfig = `
resource "trafficmirror_target" "x" {
  network_interface_id = %q
  tags                 = { a = "1" }
}
resource "trafficmirror_filter" "x" {
  count            = 2
  network_services = ["amazon-dns"]
  ingress_rules    = {
    for n in range(1, 4) : n %s => { rule_action = "accept", source_cidr_block = "10.${n}.0.0/16", destination_cidr_block = "0.0.0.0/0" }
  }
}
resource "trafficmirror_filter_rule" "x" {
  traffic_mirror_filter_id = trafficmirror_filter.x[0].id
  traffic_direction        = "egress"
  rule_number              = 1
  rule_action              = "accept"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
}
resource "trafficmirror_session" "x" {
  count                    = 2
  network_interface_id     = %q
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = trafficmirror_filter.x[count.index].id
}`

// Whatever goes wrong on the way, an apply, its update and its destroy end right:
// exactly the objects of the configuration, and an empty plan.
func TestAccFaults(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{
		"RequestLimitExceeded:p=0.2", "500:p=0.2", "503:p=0.2", "latency=30ms", "cut-before:p=0.2", "cut-after:p=0.2", "stale=500ms:p=0.2",
	} {
		t.Run(fault, func(t *testing.T) {
			if !strings.HasPrefix(fault, "cut-after") {
				sample.SkipUnless(t, 3)
			}
			a := faulty(t, "*:"+fault, 7)
			created := a.block + fmt.Sprintf(faultyConfig, sensor, "", source)
			updated := a.block + fmt.Sprintf(faultyConfig, sensor2, "* 10", source)
			there := func(s *terraform.State) error {
				a.off()
				return a.counts(1, 2, 2)(s)
			}
			a.test(t,
				resource.TestStep{PreConfig: a.on, Config: created, Check: there},
				resource.TestStep{PreConfig: a.on, Config: updated, Check: there},
				resource.TestStep{PreConfig: a.on, Config: updated, Destroy: true},
			)
		})
	}
}

// What can never work fails at once instead of using up 25 retries.
func TestAccFaults_hopeless(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ config, message string }{
		"a filter that does not exist": {`
resource "trafficmirror_target" "x" { network_interface_id = "` + sensor + `" }
resource "trafficmirror_session" "x" {
  network_interface_id     = "` + source + `"
  traffic_mirror_target_id = trafficmirror_target.x.id
  traffic_mirror_filter_id = "tmf-0ffffffffffffffff"
}`, `(?s)traffic_mirror_filter_id.*Write the ID of a filter of this account and Region`},
		"an interface that does not exist": {
			`resource "trafficmirror_target" "x" { network_interface_id = "eni-0ffffffffffffffff" }`,
			`(?s)network_interface_id.*has no network interface eni-0ffffffffffffffff.*Write\s+the\s+ID\s+of\s+a\s+network\s+interface`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t)
			a.test(t, resource.TestStep{Config: a.config("%s", c.config), ExpectError: regexp.MustCompile(c.message)})
		})
	}
}
