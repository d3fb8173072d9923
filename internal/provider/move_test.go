package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The four resources of provider "aws", each once with everything that it can say,
// and once with as little as it needs.
var awsResources = `
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  endpoints {
    ec2 = %q
  }
}
resource "aws_ec2_traffic_mirror_target" "full" {
  description          = "sensor"
  network_interface_id = "` + sensor + `"
  tags                 = { name = "full" }
}
resource "aws_ec2_traffic_mirror_target" "bare" {
  network_load_balancer_arn = "` + sensors + `"
}
resource "aws_ec2_traffic_mirror_filter" "full" {
  description      = "web"
  network_services = ["amazon-dns"]
  tags             = { name = "full" }
}
resource "aws_ec2_traffic_mirror_filter" "bare" {}
resource "aws_ec2_traffic_mirror_filter_rule" "full" {
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.full.id
  traffic_direction        = "ingress"
  rule_number              = 100
  rule_action              = "accept"
  protocol                 = 6
  source_cidr_block        = "10.0.0.0/8"
  destination_cidr_block   = "10.1.0.0/16"
  description              = "https"
  source_port_range {
    from_port = 1024
    to_port   = 65535
  }
  destination_port_range {
    from_port = 443
    to_port   = 444
  }
}
resource "aws_ec2_traffic_mirror_filter_rule" "bare" {
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.bare.id
  traffic_direction        = "egress"
  rule_number              = 1
  rule_action              = "reject"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
}
resource "aws_ec2_traffic_mirror_session" "full" {
  network_interface_id     = "` + source + `"
  traffic_mirror_target_id = aws_ec2_traffic_mirror_target.full.id
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.full.id
  session_number           = 3
  packet_length            = 128
  virtual_network_id       = 7
  description              = "a session"
  tags                     = { name = "full" }
}
resource "aws_ec2_traffic_mirror_session" "bare" {
  network_interface_id     = "` + source2 + `"
  traffic_mirror_target_id = aws_ec2_traffic_mirror_target.bare.id
  traffic_mirror_filter_id = aws_ec2_traffic_mirror_filter.bare.id
  session_number           = 1
}
`

// movedResources are those of this provider: another type, and = where there was a
// block.
func movedResources(url string) string {
	_, resources, _ := strings.Cut(awsResources, "\n}\nresource")
	resources = "resource" + strings.NewReplacer("aws_ec2_traffic_mirror_", "trafficmirror_", "port_range {", "port_range = {").Replace(resources)
	for _, kind := range []string{"target", "filter", "filter_rule", "session"} {
		for _, name := range []string{"full", "bare"} {
			resources += fmt.Sprintf("moved {\n  from = aws_ec2_traffic_mirror_%s.%s\n  to   = trafficmirror_%[1]s.%[2]s\n}\n", kind, name)
		}
	}
	return endpointBlock(url) + resources
}

// State that version 5 of hashicorp/aws has written moves over: nothing changes in
// EC2, and nothing is left to do.
func TestAccMove_version5(t *testing.T) {
	space, ec2 := newProcesses(t, map[string]string{"hashicorp/aws": awsProvider(t, "5")}), newRelay(t)
	space.write(t, fmt.Sprintf(awsResources, ec2.url))
	space.run(t, "apply -auto-approve")
	moves(t, space, ec2, movedResources(ec2.url))
}

// awsProvider is the folder of a release of hashicorp/aws in a filesystem mirror, which has to be unpacked.
func awsProvider(t *testing.T, major string) string {
	t.Helper()
	folder := os.Getenv("TRAFFICMIRROR_AWS_PROVIDER")
	if folder == "" {
		t.Skip("set TRAFFICMIRROR_AWS_PROVIDER to the folder of a filesystem mirror that holds hashicorp/aws")
	}
	pattern := filepath.Join(folder, "*", "hashicorp", "aws", major+".*", runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-aws*")
	found, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	if found == nil {
		t.Fatalf("TRAFFICMIRROR_AWS_PROVIDER=%s holds no unpacked hashicorp/aws %s: there is no %s", folder, major, pattern)
	}
	return filepath.Dir(found[len(found)-1])
}

// moves applies the moved blocks, which must carry over everything and change
// nothing.
func moves(t *testing.T, space *workspace, ec2 *relay, config string) {
	t.Helper()
	start, before := len(ec2.actions(0)), space.resources(t)
	space.write(t, config)
	output := space.run(t, "apply -auto-approve")
	if !strings.Contains(output, "Resources: 0 added, 0 changed, 0 destroyed") {
		t.Errorf("the move is more than a move:\n%s", output)
	}
	if changes := ec2.actions(start); changes != nil {
		t.Errorf("the move makes the changes %v", changes)
	}
	space.planIsEmpty(t)
	after := space.resources(t)
	if len(before) != 8 || len(after) != 8 {
		t.Errorf("there are %d resources, and there were %d", len(after), len(before))
	}
	for name, attributes := range before {
		kind, isTheirs := strings.CutPrefix(name, "aws_ec2_traffic_mirror_")
		if !isTheirs {
			t.Errorf("%s is none of hashicorp/aws", name)
		}
		moved := after["trafficmirror_"+kind]
		for key, value := range attributes {
			if got, want := plainly(key, moved[key]), plainly(key, value); got != want {
				t.Errorf("%s of %s was %s and is %s", key, name, want, got)
			}
		}
	}
}

// resources are those of the state, by address.
func (w *workspace) resources(t *testing.T) map[string]map[string]any {
	t.Helper()
	var shown struct {
		Values struct {
			Root struct {
				Resources []struct {
					Address string         `json:"address"`
					Values  map[string]any `json:"values"`
				} `json:"resources"`
			} `json:"root_module"`
		} `json:"values"`
	}
	output := w.run(t, "show -json")
	_, object, _ := strings.Cut(output, "{") // after the warning of what is overridden
	if err := json.Unmarshal([]byte("{"+object), &shown); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	all := map[string]map[string]any{}
	for _, r := range shown.Values.Root.Resources {
		all[r.Address] = r.Values
	}
	return all
}

// plainly writes a value so that two ways to write it are the same: nothing, a block
// in a list, a number, the name of a protocol.
func plainly(key string, value any) string {
	if list, ok := value.([]any); ok && len(list) == 1 && strings.HasSuffix(key, "_port_range") {
		value = list[0]
	}
	text := fmt.Sprint(value)
	switch {
	case key == "protocol" && text == "tcp":
		return "6"
	case text == "" || text == "0" || text == "map[]" || text == "[]":
		return "<nil>"
	}
	return text
}

// State that version 6 of hashicorp/aws has written, which has a Region, moves over
// as well.
func TestAccMove_version6(t *testing.T) {
	space, ec2 := newProcesses(t, map[string]string{"hashicorp/aws": ownProgram(t, "terraform-provider-aws")}), newRelay(t)
	makeVersion6(t, space, ec2)
	moves(t, space, ec2, movedResources(ec2.url))
}

// State of another Region than the provider block's is found where it is. As long as the
// configuration does not say that Region, the plan is refused: it would make the objects anew.
func TestAccMove_otherRegion(t *testing.T) {
	space, ec2 := newProcesses(t, map[string]string{"hashicorp/aws": ownProgram(t, "terraform-provider-aws")}), newRelay(t)
	makeVersion6(t, space, ec2)
	config := strings.Replace(movedResources(ec2.url), `"us-east-1"`, `"us-west-2"`, 1)
	space.write(t, config)
	output, code := space.try(t, "plan")
	const want = `was moved from provider aws, and is in us-east-1. region is not set here, and the Region of the provider block is us-west-2. To keep the object, write in this resource: region = "us-east-1"`
	if code == 0 || strings.Count(words(output), want) != 4 { // what uses the others is not planned then
		t.Errorf("the plan in another Region: exit %d\n%s", code, output)
	}
	output, code = space.try(t, "plan -refresh=false")
	if code == 0 || !strings.Contains(words(output), "Plan without -refresh=false.") {
		t.Errorf("the plan without a refresh: exit %d\n%s", code, output)
	}
	moves(t, space, ec2, regexp.MustCompile(`(?m)^(resource .* {)(}?)$`).ReplaceAllString(config, "$1\n  region = \"us-east-1\"\n$2"))
}

// The instances of a resource can be moved one by one, to other keys.
func TestAccMove_keys(t *testing.T) {
	space, ec2 := newProcesses(t, map[string]string{"hashicorp/aws": ownProgram(t, "terraform-provider-aws")}), newRelay(t)
	config := endpointBlock(ec2.url) + `
resource "trafficmirror_filter" "f" {}
resource "trafficmirror_filter_rule" "r" {
  for_each                 = toset(["ingress", "egress"])
  traffic_mirror_filter_id = trafficmirror_filter.f.id
  traffic_direction        = each.key
  rule_number              = 100
  rule_action              = "accept"
  source_cidr_block        = "0.0.0.0/0"
  destination_cidr_block   = "0.0.0.0/0"
}
`
	space.write(t, config)
	space.run(t, "apply -auto-approve")
	all := space.resources(t)
	instance := func(address, kind string) map[string]any {
		return map[string]any{"schema_version": 0, "attributes": asAWS(kind, all[address])}
	}
	first, second := instance(`trafficmirror_filter_rule.r["ingress"]`, "filter_rule"), instance(`trafficmirror_filter_rule.r["egress"]`, "filter_rule")
	first["index_key"], second["index_key"] = 0, 1
	space.writeAWSState(t, []any{
		awsState(t, space, "filter", "f", instance("trafficmirror_filter.f", "filter")),
		awsState(t, space, "filter_rule", "r", first, second),
	})
	start := len(ec2.actions(0))
	space.write(t, config+`
moved {
  from = aws_ec2_traffic_mirror_filter.f
  to   = trafficmirror_filter.f
}
moved {
  from = aws_ec2_traffic_mirror_filter_rule.r[0]
  to   = trafficmirror_filter_rule.r["ingress"]
}
moved {
  from = aws_ec2_traffic_mirror_filter_rule.r[1]
  to   = trafficmirror_filter_rule.r["egress"]
}
`)
	output := space.run(t, "apply -auto-approve")
	if !strings.Contains(output, "Resources: 0 added, 0 changed, 0 destroyed") || ec2.actions(start) != nil {
		t.Errorf("the move is more than a move: %v\n%s", ec2.actions(start), output)
	}
	space.planIsEmpty(t)
}

// makeVersion6 makes the resources, and writes their state as version 6 of hashicorp/aws
// does.
func makeVersion6(t *testing.T, space *workspace, ec2 *relay) {
	t.Helper()
	own := movedResources(ec2.url)
	own, _, _ = strings.Cut(own, "moved {")
	space.write(t, own)
	space.run(t, "apply -auto-approve")
	var resources []any
	for address, attributes := range space.resources(t) {
		kind, name, _ := strings.Cut(strings.TrimPrefix(address, "trafficmirror_"), ".")
		resources = append(resources, awsState(t, space, kind, name, map[string]any{"schema_version": 0, "attributes": asAWS(kind, attributes)}))
	}
	space.writeAWSState(t, resources)
}

// awsState is a resource in a state that provider "aws" has written.
func awsState(t *testing.T, space *workspace, kind, name string, instances ...any) any {
	t.Helper()
	host := "registry.terraform.io"
	if strings.Contains(space.run(t, "version"), "OpenTofu") {
		host = "registry.opentofu.org"
	}
	return map[string]any{
		"mode": "managed", "type": "aws_ec2_traffic_mirror_" + kind, "name": name,
		"provider": fmt.Sprintf("provider[%q]", host+"/hashicorp/aws"), "instances": instances,
	}
}

// writeAWSState replaces the state of the workspace.
func (w *workspace) writeAWSState(t *testing.T, resources []any) {
	t.Helper()
	state := map[string]any{
		"version": 4, "terraform_version": "1.9.0", "serial": 9, "lineage": "9f1b2c3d-0000-0000-0000-000000000000", "resources": resources,
	}
	text, err := json.Marshal(state)
	if err == nil {
		err = os.WriteFile(filepath.Join(w.folder, "terraform.tfstate"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// asAWS writes attributes as version 6 of hashicorp/aws does: with a Region, 0 and
// "" for what is not set, and blocks in lists.
func asAWS(kind string, attributes map[string]any) map[string]any {
	values := map[string]any{}
	s := awsSchemas()[kind]
	for name, a := range s.Attributes {
		value := attributes[name]
		switch {
		case name == "region":
			value = "us-east-1"
		case value == "tcp":
			value = 6
		case value == nil && a.GetType() == types.Int64Type:
			value = 0
		case value == nil && a.GetType() == types.StringType:
			value = ""
		}
		values[name] = value
	}
	for name := range s.Blocks {
		values[name] = []any{}
		if attributes[name] != nil {
			values[name] = []any{attributes[name]}
		}
	}
	return values
}
