package provider_test

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
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
				// Nobody was asked for the account, and a filter does not show its owner.
				resource.TestCheckResourceAttrWith("trafficmirror_filter.x", "arn", matches(`^arn:aws:ec2:us-east-1::`)),
			),
		},
		resource.TestStep{Config: config("wrong"), ExpectError: regexp.MustCompile(`AWS does not accept the credentials`)},
		resource.TestStep{Config: config("secret")},
	)
}

// The embedded EC2 has the quotas, variants and faults that the block names.
func TestAccProvider_emulatorSettings(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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
		"an endpoint without a scheme": {
			`provider "trafficmirror" {
  region = "us-east-1"
  endpoints { ec2 = "localhost:4566" }
}`,
			`(?s)Invalid endpoint.*ec2 is "localhost:4566", which has no scheme\. Write\s+"http://localhost:4566",\s+or "https://localhost:4566"`,
		},
		"an endpoint of another scheme": {
			`provider "trafficmirror" {
  region = "us-east-1"
  endpoints { sts = "ftp://localhost" }
}`,
			`sts is "ftp://localhost"\. Write a URL that begins with http:// or https://`,
		},
		"an endpoint without a host": {
			`provider "trafficmirror" {
  region = "us-east-1"
  ec2_metadata_service_endpoint = "http://"
}`,
			`ec2_metadata_service_endpoint is "http://", which is no URL\.`,
		},
		"no tries": {
			`provider "trafficmirror" {
  region      = "us-east-1"
  max_retries = 0
}`,
			`max_retries is 0\. It counts all tries of a request.*\s+Write\s+1 to try only once`,
		},
		"less than no tries": {
			`provider "trafficmirror" {
  emulator    = { path = "ec2.db" }
  max_retries = -1
}`,
			`max_retries is -1\. It counts all tries`,
		},
		"a Region that does not exist, in the embedded EC2": {
			`provider "trafficmirror" {
  region   = "mars"
  emulator = { path = "ec2.db" }
}`,
			`(?s)region   = "mars".*"mars" is not the name of an AWS Region\. Write one such as "eu-west-1"`,
		},
		"a path of the embedded EC2 that is known after apply": {
			`resource "terraform_data" "path" { input = "ec2.db" }
provider "trafficmirror" {
  emulator = { path = terraform_data.path.output }
}`,
			`emulator\.path is known only after apply`,
		},
		"an endpoint that is known after apply": {
			`resource "terraform_data" "url" { input = "http://127.0.0.1" }
provider "trafficmirror" {
  region = "us-east-1"
  endpoints { ec2 = terraform_data.url.output }
}`,
			`endpoints\.ec2 is known only after apply`,
		},
		"a topology that is a folder": {
			`provider "trafficmirror" {
  emulator = { path = "ec2.db", topology = "." }
}`,
			`reading the topology: \. is a folder: write the path of\s+a file\.`,
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
			acceptance(t, resource.TestCase{
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config:      c.config + "\n" + `resource "trafficmirror_filter" "x" {}`,
					ExpectError: regexp.MustCompile(c.message),
				}},
			})
		})
	}
}

// The objects of a file belong to the account of its topology. Without the topology, they
// would be taken for those of another one.
func TestAccProvider_otherAccount(t *testing.T) {
	a := newAccount(t)
	if err := os.WriteFile(a.path("other.json"), []byte(`{ "account_id": "111122223333" }`), 0o600); err != nil {
		t.Fatal(err)
	}
	config := func(topology string) string {
		return fmt.Sprintf("provider \"trafficmirror\" {\n  emulator = { path = %q%s }\n}\nresource \"trafficmirror_filter\" \"x\" {}\n", a.path("other.db"), topology)
	}
	with := config(fmt.Sprintf(", topology = %q", a.path("other.json")))
	a.test(t,
		resource.TestStep{Config: with, Check: resource.TestCheckResourceAttrWith(filterX, "arn", matches(`:111122223333:`))},
		resource.TestStep{
			Config: config(""),
			ExpectError: regexp.MustCompile(`other\.db",\s+and\s+this\s+file\s+belongs\s+to\s+account\s+111122223333\.\s+Without\s+a\s+topology,\s+the\s+account\s+is\s+123456789012\.` +
				`\s+Set\s+emulator\.topology\s+to\s+a\s+file\s+that\s+has\s+"account_id":\s+"111122223333"`),
		},
		resource.TestStep{Config: with},
	)
}

// The warning that this is not AWS has a name like those of a plan.
func TestConfigure_embeddedEC2(t *testing.T) {
	t.Parallel()
	configure, _ := newConfigurer(t)
	emulator := embeddedEC2(t)
	const want = "  warning at emulator: The embedded EC2 is in use\n" +
		"    The provider block sets emulator. This provider reads and changes nothing in AWS. Other providers of the configuration still do. To silence this warning, set warnings = { silence = [\"embedded_ec2\"] } in the provider block."
	if got := configure(map[string]any{"emulator": emulator}); got != want {
		t.Errorf("got\n%s", got)
	}
	if got := configure(map[string]any{"emulator": emulator, "warnings": map[string]any{"silence": []any{"embedded_ec2"}}}); got != "" {
		t.Errorf("silenced:\n%s", got)
	}
}

// Each argument that is known only after apply is named, with its block, and nothing else is
// reported.
func TestConfigure_unknown(t *testing.T) {
	t.Parallel()
	configure, validate := newConfigurer(t)
	check := func(name string, block map[string]any) {
		argument, _, _ := strings.Cut(name, ".")
		want := "  error at " + argument + ": Unknown provider argument\n    " + name + " is known only after apply, but the provider needs it for the plan. " +
			"Write a known value, or first create the resource it comes from: terraform apply -target=RESOURCE."
		if got := configure(block); got != want {
			t.Errorf("%s: got\n%s", name, got)
		}
		if got := validate(block); got != "" {
			t.Errorf("%s, validated: got\n%s", name, got)
		}
	}
	for name := range configurable(t) {
		check(name, map[string]any{name: unknown})
	}
	for setting := range embeddedEC2(t) {
		emulator := embeddedEC2(t)
		emulator[setting] = unknown
		check("emulator."+setting, map[string]any{"emulator": emulator})
	}
}

// A fraction gets one message, also where the number has a range.
func TestConfigure_fraction(t *testing.T) {
	t.Parallel()
	_, validate := newConfigurer(t)
	emulator := embeddedEC2(t)
	emulator["seed"] = -0.5
	for name, block := range map[string]map[string]any{
		"max_retries":             {"max_retries": 0.5},
		"quotas.rules_per_filter": {"quotas": map[string]any{"rules_per_filter": 0.5}},
		"emulator.seed":           {"emulator": emulator},
	} {
		argument, _, _ := strings.Cut(name, ".")
		if got := validate(block); strings.Count(got, "error at "+argument) != 1 || !strings.Contains(got, name+" is ") || !strings.Contains(got, "Write a whole number.") {
			t.Errorf("%s: got\n%s", name, got)
		}
	}
}

// configurable returns the arguments and blocks of the provider block.
func configurable(t *testing.T) map[string]tftypes.Type {
	t.Helper()
	schemas, err := provider.NewServer(newProvider)().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	object, isObject := schemas.Provider.ValueType().(tftypes.Object)
	if !isObject {
		t.Fatal("the provider block is no object")
	}
	return object.AttributeTypes
}

// newConfigurer returns functions that configure the provider, and that validate its block.
// They word the diagnostics.
func newConfigurer(t *testing.T) (configure, validate func(block map[string]any) string) {
	t.Helper()
	server := provider.NewServer(newProvider)()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	config := func(changes map[string]any) *tfprotov6.DynamicValue {
		block := map[string]any{}
		for _, list := range []string{"assume_role", "assume_role_with_web_identity", "default_tags", "endpoints", "ignore_tags"} {
			block[list] = []any{}
		}
		maps.Copy(block, changes)
		return dynamicValue(t, schemas.Provider.ValueType(), block)
	}
	configure = func(changes map[string]any) string {
		resp, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config(changes)})
		if err != nil {
			t.Fatal(err)
		}
		return worded(resp.Diagnostics)
	}
	validate = func(changes map[string]any) string {
		resp, err := server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: config(changes)})
		if err != nil {
			t.Fatal(err)
		}
		return worded(resp.Diagnostics)
	}
	return configure, validate
}

// embeddedEC2 is an embedded EC2 with nothing but a path.
func embeddedEC2(t *testing.T) map[string]any {
	t.Helper()
	return map[string]any{"path": filepath.Join(t.TempDir(), "ec2.db"), "topology": nil, "quotas": nil, "variants": nil, "throttle": nil, "faults": nil, "seed": nil}
}

// In the embedded EC2, what a killed test run has left goes with the file.
func TestAccProvider_leftInStore(t *testing.T) {
	a := newAccount(t)
	targetID, _, _ := a.mirror(t)
	config := a.config(`resource "trafficmirror_target" "x" { network_interface_id = %q }`, sensor)
	output := planOnce(t, config)
	for _, want := range []string{`id = "` + targetID + `"`, targetID + " is in the embedded EC2. If a test run that was killed has left it, remove the file " + a.path("ec2.db") + " instead"} {
		if !strings.Contains(output, want) {
			t.Errorf("no %q in\n%s", want, output)
		}
	}
}

// planOnce makes a plan with a real CLI.
func planOnce(t *testing.T, config string) string {
	t.Helper()
	space := newWorkspace(t)
	space.write(t, config)
	return words(space.run(t, "plan"))
}
