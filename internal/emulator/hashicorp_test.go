package emulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// awsMirror is the environment variable that names a folder in the layout of a
// filesystem mirror of Terraform providers, with hashicorp/aws 5.x in it.
const awsMirror = "TRAFFICMIRROR_AWS_PROVIDER"

// hashicorp/aws builds a network and mirrors in it, sees no difference to what it
// asked for, changes everything in place, there and back, and takes it down.
func TestHashicorpAWS(t *testing.T) {
	t.Parallel()
	if os.Getenv("TRAFFICMIRROR_LONG") == "" {
		t.Skip("takes minutes: make test-long runs it")
	}
	e := newEmulator(t)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	before := everything(t, e)
	terraform := awsProvider(t, "TF_VAR_endpoint="+server.URL, "TF_VAR_instance="+instance(100), "TF_VAR_load_balancer="+loadBalancer)
	runSteps(t, terraform, []commandStep{
		{"apply -auto-approve", "21 added, 0 changed, 0 destroyed"},
		{"plan", "No changes."},
		{"apply -auto-approve -var second=true", "0 added, 19 changed, 0 destroyed"},
		{"plan -var second=true", "No changes."},
		{"apply -auto-approve", "0 added, 19 changed, 0 destroyed"},
		{"plan", "No changes."},
		{"destroy -auto-approve", "21 destroyed"},
	})
	if after := everything(t, e); !slices.Equal(after, before) {
		t.Errorf("after all was destroyed there is\n%s\nwant what there was before\n%s", strings.Join(after, " "), strings.Join(before, " "))
	}
}

// commandStep is a command of Terraform, and a part of what it has to print.
type commandStep struct{ words, want string }

func runSteps(t *testing.T, terraform func(words ...string) (string, error), steps []commandStep) {
	t.Helper()
	for _, step := range steps {
		output, err := terraform(strings.Fields(step.words)...)
		if err != nil || !strings.Contains(output, step.want) {
			t.Fatalf("terraform %s: %v, want %q\n%s", step.words, err, step.want, output)
		}
	}
}

// awsProvider returns a Terraform with the configuration of a network and its mirrors.
func awsProvider(t *testing.T, environment ...string) func(words ...string) (string, error) {
	t.Helper()
	return awsProviderIn(t, "hashicorp-aws", environment...)
}

// awsProviderIn returns a Terraform in a folder with a configuration of testdata and
// hashicorp/aws installed, or skips the test where there is none.
func awsProviderIn(t *testing.T, configuration string, environment ...string) func(words ...string) (string, error) {
	t.Helper()
	program := os.Getenv("TERRAFORM")
	if program == "" {
		program = "terraform"
	}
	if _, err := exec.LookPath(program); err != nil {
		t.Skip("Terraform is not installed")
	}
	folder := t.TempDir()
	fatal(t, os.CopyFS(folder, os.DirFS(filepath.Join("testdata", configuration))))
	environment = append(environment, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "TF_CLI_ARGS=-no-color")
	mirror := os.Getenv(awsMirror)
	if mirror != "" {
		settings := filepath.Join(folder, "cli.tfrc")
		fatal(t, os.WriteFile(settings, fmt.Appendf(nil, "provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror), 0o600))
		environment = append(environment, "TF_CLI_CONFIG_FILE="+settings)
	}
	run := func(words ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), program, words...)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), environment...)
		output, err := cmd.CombinedOutput()
		return string(output), err
	}
	output, err := run("init")
	switch {
	case err != nil && mirror != "":
		t.Fatalf("%s=%s does not hold hashicorp/aws 5.x: %s", awsMirror, mirror, output)
	case err != nil:
		t.Skipf("hashicorp/aws cannot be installed here. Set %s to a filesystem mirror that holds it. %s", awsMirror, output)
	}
	return run
}

// everything returns the IDs of all that can be created, with their tags.
func everything(t *testing.T, e http.Handler) []string {
	t.Helper()
	var all []string
	for _, kind := range []struct{ action, path string }{
		{"DescribeVpcs", "vpcSet/item/vpcId"},
		{"DescribeSubnets", "subnetSet/item/subnetId"},
		{"DescribeNetworkInterfaces", "networkInterfaceSet/item/networkInterfaceId"},
		{"DescribeSecurityGroups", "securityGroupInfo/item/groupId"},
		{"DescribeNetworkAcls", "networkAclSet/item/networkAclId"},
		{"DescribeRouteTables", "routeTableSet/item/routeTableId"},
		{"DescribeInternetGateways", "internetGatewaySet/item/internetGatewayId"},
		{"DescribeVpcEndpoints", "vpcEndpointSet/item/vpcEndpointId"},
		{"DescribeTrafficMirrorTargets", "trafficMirrorTargetSet/item/trafficMirrorTargetId"},
		{"DescribeTrafficMirrorFilters", "trafficMirrorFilterSet/item/trafficMirrorFilterId"},
		{"DescribeTrafficMirrorFilterRules", "trafficMirrorFilterRuleSet/item/trafficMirrorFilterRuleId"},
		{"DescribeTrafficMirrorSessions", "trafficMirrorSessionSet/item/trafficMirrorSessionId"},
		{"DescribeTags", "tagSet/item/resourceId"},
	} {
		all = append(all, must(t, e, kind.action, "").texts(kind.path)...)
	}
	return all
}
