package provider_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

const examples = "../../examples"

// exampleTests are the tests of examples that TestAccExamples does not apply, by pattern: what they
// show needs an account of its own.
var exampleTests = map[string]string{
	"data-sources/trafficmirror_target*/data-source.tf":         "TestAccObjectSource_examples",
	"data-sources/trafficmirror_filter/data-source.tf":          "TestAccObjectSource_examples",
	"data-sources/trafficmirror_filters/data-source.tf":         "TestAccObjectSource_examples",
	"data-sources/trafficmirror_filter_rules/data-source.tf":    "TestAccObjectSource_examples",
	"data-sources/trafficmirror_session*/data-source.tf":        "TestAccObjectSource_examples",
	"data-sources/trafficmirror_filter_analysis/data-source.tf": "TestAccFilterAnalysis_example",
	"data-sources/trafficmirror_sources/data-source.tf":         "TestAccSources",
	"data-sources/trafficmirror_coverage/data-source.tf":        "TestAccCoverage_example",
	"list-resources/*/list-resource.tfquery.hcl":                "TestList_examples",
	"resources/*/import.sh":                                     "TestExamples_import",
	"resources/*/import-*.tf":                                   "TestAccExamples_import",
	"provider/provider.tf":                                      "TestAccExamples_provider",
	"resources/*/module/main.tf":                                "TestAccExamples", // of resource_module.tf
}

// examplePatterns are the files that an object of a schema must have.
var examplePatterns = map[string][]string{
	"resources":      {"resource.tf", "resource_for_each.tf"},
	"data-sources":   {"data-source.tf"},
	"list-resources": {"list-resource.tfquery.hcl", "data-source.tf"},
	"functions":      {"function.tf"},
}

// objectExamples are the files that each resource of an EC2 object has, too.
var objectExamples = []string{"resource_module.tf", "module/main.tf", "import.sh", "import-by-string-id.tf", "import-by-identity.tf"}

// schemaObjects returns the names of what the provider has, by folder of the examples.
func schemaObjects(t *testing.T) map[string][]string {
	t.Helper()
	schemas, err := provider.NewServer(provider.New("test"))().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]string{
		"resources":      slices.Sorted(maps.Keys(schemas.ResourceSchemas)),
		"data-sources":   slices.Sorted(maps.Keys(schemas.DataSourceSchemas)),
		"list-resources": slices.Sorted(maps.Keys(schemas.ListResourceSchemas)),
		"functions":      slices.Sorted(maps.Keys(schemas.Functions)),
	}
}

// Everything that the provider has comes with examples, every example is of something that the
// provider has, and a test applies it.
func TestExamples_complete(t *testing.T) {
	t.Parallel()
	objects := schemaObjects(t)
	for folder, names := range objects {
		for _, name := range names {
			files := examplePatterns[folder]
			if folder == "resources" && slices.Contains(objects["list-resources"], name) {
				files = append(slices.Clone(files), objectExamples...)
			}
			for _, file := range files {
				if _, err := os.Stat(filepath.Join(examples, folder, name, file)); err != nil {
					t.Errorf("%s has no example %s: write examples/%s/%s/%s", name, file, folder, name, file)
				}
			}
		}
		for _, found := range entriesOf(t, filepath.Join(examples, folder)) {
			if !slices.Contains(names, found) {
				t.Errorf("examples/%s/%s is the example of nothing that the provider has", folder, found)
			}
		}
	}
	applied, tests := appliedExamples(t), testNames(t)
	for _, file := range exampleFiles(t) {
		if test := testOf(file); !slices.Contains(applied, file) && !tests[test] {
			t.Errorf("no test applies examples/%s: see exampleTests (%q)", file, test)
		}
	}
}

func entriesOf(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// exampleFiles are the files of the examples that are on the generated pages, below examples.
func exampleFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, folder := range []string{"resources", "data-sources", "list-resources", "functions", "provider"} {
		err := fs.WalkDir(os.DirFS(examples), folder, func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// testOf returns the test in exampleTests of a file, or "".
func testOf(file string) string {
	for pattern, test := range exampleTests {
		if fits, err := filepath.Match(pattern, file); err == nil && fits {
			return test
		}
	}
	return ""
}

// appliedExamples are the files that TestAccExamples applies: all that need no test of their own.
func appliedExamples(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(exampleFiles(t), func(file string) bool {
		test := testOf(file)
		return test != "" && test != "TestAccExamples" || strings.Contains(file, "/module/") || filepath.Ext(file) != ".tf"
	})
}

// testNames are the names of the tests of this package.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, name := range files {
		for _, match := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(readFile(t, ".", name)), -1) {
			found[match[1]] = true
		}
	}
	return found
}

// takenForGranted are the resources that examples refer to and do not define.
var takenForGranted = map[string]string{
	"trafficmirror_target.sensor": `
resource "trafficmirror_target" "sensor" { network_interface_id = aws_network_interface.sensor.id }
`,
	"trafficmirror_filter.web": `
resource "trafficmirror_filter" "web" {
  ingress_rules = {
    "100" = {
      rule_action = "reject", protocol = "tcp", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0"
      destination_port_range = { from_port = 22, to_port = 22 }
    }
    "200" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" }
  }
  egress_rules = { "100" = { rule_action = "accept", source_cidr_block = "0.0.0.0/0", destination_cidr_block = "0.0.0.0/0" } }
}
`,
	"trafficmirror_session.web": `
resource "trafficmirror_session" "web" {
  network_interface_id     = aws_network_interface.web.id
  traffic_mirror_target_id = trafficmirror_target.sensor.id
  traffic_mirror_filter_id = trafficmirror_filter.web.id
  session_number           = 1
  packet_length            = 128
}
`,
}

// granted adds to an example what it takes for granted.
func granted(example string) string {
	for _, address := range []string{"trafficmirror_session.web", "trafficmirror_filter.web", "trafficmirror_target.sensor"} {
		kind, name, _ := strings.Cut(address, ".")
		isUsed := regexp.MustCompile(`(?m)^[^#]*\b` + regexp.QuoteMeta(address) + `\b`).MatchString(example)
		if isUsed && !strings.Contains(example, fmt.Sprintf("resource %q %q", kind, name)) {
			example += takenForGranted[address]
		}
	}
	return example
}

// exampleWorld returns the part of a topology that one example has for itself, and what replaces
// its references to provider aws.
func exampleWorld(number int) (parts map[string][]string, references *strings.Replacer) {
	parts = map[string][]string{}
	id := func(prefix string, of int) string { return fmt.Sprintf("%s-%015x%02x", prefix, number, of) }
	lb := fmt.Sprintf("arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/sensors%d/0123456789abcdef", number)
	add := func(list, format string, args ...any) {
		parts[list] = append(parts[list], fmt.Sprintf(format, args...))
	}
	add("vpcs", `{ "id": %q, "cidr_block": "10.0.0.0/16" }`, id("vpc", 1))
	add("subnets", `{ "id": %q, "vpc_id": %q, "cidr_block": "10.0.1.0/24", "availability_zone": "eu-west-1a" }`, id("subnet", 1), id("vpc", 1))
	replace := []string{"aws_lb.sensors.arn", fmt.Sprintf("%q", lb), "aws_vpc_endpoint.sensors.id", fmt.Sprintf("%q", id("vpce", 1))}
	for i, name := range []string{"web", "app", "api", "db", "sensor", "sensor_b"} {
		add("instances", `{ "id": %q, "instance_type": "m5.large", "state": "running" }`, id("i", i))
		add("network_interfaces", `{ "id": %q, "subnet_id": %q, "instance_id": %q, "mac_address": "02:00:00:00:01:%d", "private_ip_address": "10.0.1.%[4]d" }`,
			id("eni", i), id("subnet", 1), id("i", i), 10+i)
		replace = append(replace, "aws_network_interface."+name+".id", fmt.Sprintf("%q", id("eni", i)))
	}
	add("network_load_balancers", `{ "arn": %q, "subnet_id": %q, "ip_address": "10.0.1.201", "udp_listeners": [4789] }`, lb, id("subnet", 1))
	add("gateway_load_balancer_endpoints", `{ "id": %q, "vpc_id": %q, "subnet_id": %[3]q, "ip_address": "10.0.1.202" }`, id("vpce", 1), id("vpc", 1), id("subnet", 1))
	return parts, strings.NewReplacer(replace...)
}

var (
	outputBlock  = regexp.MustCompile(`(?ms)^output "(\w+)" \{\n.*?^\}`)
	outputResult = regexp.MustCompile(`# (.*)\n\}$`)
)

// An exampleRoot is a configuration that has each example as a module.
type exampleRoot struct {
	space    *workspace
	topology map[string][]string
	config   string
	results  map[string]any // the outputs that an example has in its comments
}

// add adds an example with a folder of its own, in which the objects that it needs exist.
func (r *exampleRoot) add(t *testing.T, file string, number int) {
	t.Helper()
	name := strings.NewReplacer("/", "_", ".tf", "", "trafficmirror_", "", "-", "_").Replace(file)
	folder := filepath.Join(r.space.folder, name)
	err := os.Mkdir(folder, 0o700)
	if strings.HasSuffix(file, "resource_module.tf") {
		err = os.CopyFS(filepath.Join(folder, "module"), os.DirFS(filepath.Join(examples, filepath.Dir(file), "module")))
	}
	if err != nil {
		t.Fatal(err)
	}
	parts, references := exampleWorld(number)
	for list, more := range parts {
		r.topology[list] = append(r.topology[list], more...)
	}
	text := string(readFile(t, examples, file))
	if err := os.WriteFile(filepath.Join(folder, "main.tf"), []byte(ownSource+references.Replace(granted(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	r.config += fmt.Sprintf("module %q {\n  source = \"./%s\"\n}\n", name, name)
	for _, o := range outputBlock.FindAllStringSubmatch(text, -1) {
		result := outputResult.FindStringSubmatch(o[0])
		if result == nil {
			continue
		}
		var v any
		if err := json.Unmarshal([]byte(result[1]), &v); err != nil {
			t.Fatalf("%s: %v", o[0], err)
		}
		shown := name + "_" + o[1]
		r.results[shown] = v
		r.config += fmt.Sprintf("output %q {\n  value = module.%s.%s\n}\n", shown, name, o[1])
	}
}

// Each example applies, the next plan is empty, and its outputs are what its comments say.
func TestAccExamples(t *testing.T) {
	r := exampleRoot{space: newProcesses(t, nil), topology: map[string][]string{}, results: map[string]any{}}
	for i, file := range appliedExamples(t) {
		r.add(t, file, i+1)
	}
	var lists []string
	for _, name := range slices.Sorted(maps.Keys(r.topology)) {
		lists = append(lists, fmt.Sprintf("%q: [\n%s\n]", name, strings.Join(r.topology[name], ",\n")))
	}
	for name, content := range map[string][]byte{"topology.json": []byte("{" + strings.Join(lists, ",\n") + "}"), "web.pcap": readFile(t, quickstart, "quickstart.pcap")} {
		if err := os.WriteFile(filepath.Join(r.space.folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.space.write(t, strings.Replace(ownProvider, `"ec2.db"`, `"ec2.db", topology = "topology.json"`, 1)+r.config)
	r.space.run(t, "get")
	r.space.run(t, "apply -auto-approve")
	r.space.planIsEmpty(t)
	var got map[string]struct{ Value any }
	if err := json.Unmarshal([]byte(r.space.run(t, "output -json")), &got); err != nil {
		t.Fatal(err)
	}
	for name, v := range r.results {
		if !reflect.DeepEqual(got[name].Value, v) {
			t.Errorf("%s is %v, want %v", name, got[name].Value, v)
		}
	}
	if len(r.results) < 10 {
		t.Errorf("only %d results are compared", len(r.results))
	}
}

// The example of the provider block is valid.
func TestAccExamples_provider(t *testing.T) {
	space := newWorkspace(t)
	if err := os.WriteFile(filepath.Join(space.folder, "main.tf"), readFile(t, examples, "provider/provider.tf"), 0o600); err != nil {
		t.Fatal(err)
	}
	space.run(t, "validate")
}

// exampleIDs returns, for each kind of object, what replaces the IDs in its examples of imports.
func (h *handmade) exampleIDs() map[string]*strings.Replacer {
	const digits = "-0123456789abcdef0"
	home := []string{"eu-west-1", "us-east-1"}
	return map[string]*strings.Replacer{
		targetKind:  strings.NewReplacer(append(home, "tmt"+digits, h.target)...),
		filterKind:  strings.NewReplacer(append(home, "tmf"+digits, h.services)...),
		ruleKind:    strings.NewReplacer(append(home, "tmf"+digits, h.filter, "tmfr"+digits, h.rule)...),
		sessionKind: strings.NewReplacer(append(home, "tms"+digits, h.session)...),
	}
}

// The examples of imports import, whichever way, and change nothing.
func TestAccExamples_import(t *testing.T) {
	space := newWorkspace(t)
	h := newHandmade(t)
	for _, way := range []string{"import-by-string-id.tf", "import-by-identity.tf"} {
		config := h.config("")
		for kind, ids := range h.exampleIDs() {
			config += ids.Replace(string(readFile(t, examples, "resources/"+kind+"/"+way)))
		}
		space.write(t, config)
		if strings.Contains(way, "identity") && !space.knowsIdentity(t) {
			continue // TestExamples_import does it without a CLI
		}
		if output, code := space.try(t, "plan -generate-config-out=generated.tf -out=plan"); code != 0 || !strings.Contains(output, "Plan: 4 to import, 0 to add, 0 to change, 0 to destroy.") {
			t.Fatalf("%s: exit %d\n%s", way, code, output)
		}
		space.run(t, "apply plan")
		space.planIsEmpty(t)
		for _, left := range []string{"generated.tf", "terraform.tfstate"} {
			if err := os.Remove(filepath.Join(space.folder, left)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// knowsIdentity reports whether the CLI imports by identity, as Terraform 1.12 and OpenTofu 1.12 do.
func (w *workspace) knowsIdentity(t *testing.T) bool {
	t.Helper()
	var version struct {
		Text string `json:"terraform_version"`
	}
	if err := json.Unmarshal([]byte(w.run(t, "version -json")), &version); err != nil {
		t.Fatal(err)
	}
	return !regexp.MustCompile(`^1\.([0-9]|1[01])\.`).MatchString(version.Text)
}

// The provider takes each address of import.sh, and each identity.
func TestExamples_import(t *testing.T) {
	t.Parallel()
	h := newHandmade(t)
	l := newLister(t, h.account, nil)
	server := l.server
	of := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String, "account_id": tftypes.String, "region": tftypes.String}}
	for kind, ids := range h.exampleIDs() {
		folder := filepath.Join(examples, "resources", kind)
		commands := regexp.MustCompile(`(?m)^terraform import `+kind+`\.\w+ (\S+)$`).FindAllStringSubmatch(ids.Replace(string(readFile(t, folder, "import.sh"))), -1)
		if len(commands) < 3 {
			t.Errorf("%s: import.sh has only %d commands", kind, len(commands))
		}
		want := l.imported(t, kind, commands[0][1])
		for _, c := range commands[1:] {
			if got := l.imported(t, kind, c[1]); !got.Equal(want) {
				t.Errorf("%s imports %v, want %v", c[0], got, want)
			}
		}
		identity := identityExample(t, ids.Replace(string(readFile(t, folder, "import-by-identity.tf"))))
		resp, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
			TypeName: kind, Identity: &tfprotov6.ResourceIdentityData{IdentityData: dynamicValue(t, of, identity)},
		})
		if err != nil || len(resp.Diagnostics) > 0 || len(resp.ImportedResources) != 1 {
			t.Errorf("%s by %v: %v\n%s", kind, identity, err, worded(resp.Diagnostics))
		}
	}
}

// identityExample returns the identity in an import block.
func identityExample(t *testing.T, text string) map[string]any {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(text), "import-by-identity.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	value, diags := file.Body.(*hclsyntax.Body).Blocks[0].Body.Attributes["identity"].Expr.Value(nil)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	identity := map[string]any{}
	for name, v := range value.AsValueMap() {
		identity[name] = v.AsString()
	}
	return identity
}
