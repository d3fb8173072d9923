package provider_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// A balanced fleet is an example in which hashicorp/aws makes appliances behind a load balancer.
type balancedFleet struct {
	*workspace
	ec2   *relay
	empty string // the topology before there is anything
}

// newBalancedFleet applies an example. Terraform then finds nothing left to do, every packet is
// mirrored, and nothing blocks the copies.
func newBalancedFleet(t *testing.T, example string) *balancedFleet {
	t.Helper()
	if !sample.All() {
		t.Skip("takes minutes: make test-long runs it")
	}
	f := &balancedFleet{workspace: newProcesses(t, map[string]string{"hashicorp/aws": awsProvider(t, "5")}), ec2: newRelayOf(t, "{}")}
	f.env = append(f.env, "TF_VAR_endpoint="+f.ec2.url, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test")
	f.empty = f.topology(t)
	config := readFile(t, filepath.Join(examples, example), "main.tf")
	if err := os.WriteFile(filepath.Join(f.folder, "main.tf"), config, 0o600); err != nil {
		t.Fatal(err)
	}
	f.run(t, "apply -auto-approve")
	f.works(t)
	return f
}

// works checks that nothing is left to do, and that copies are made and arrive.
func (f *balancedFleet) works(t *testing.T) {
	t.Helper()
	f.planIsEmpty(t)
	if status, path := f.value(t, "session_status"), f.value(t, "path"); status != "active" || path != "passes" {
		t.Errorf("the session is %s, and the path %s", status, path)
	}
	if output, code := f.path(t); code != 0 || !strings.Contains(output, ": passes\n") {
		t.Errorf("exit %d\n%s", code, output)
	}
	if copies := f.copies(t); copies != 8 {
		t.Errorf("%d of 8 packets are mirrored", copies)
	}
}

// copies is how many packets of the simulation are mirrored.
func (f *balancedFleet) copies(t *testing.T) int {
	t.Helper()
	text, err := f.output(t, "show -json")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(text, `"outcome":"mirrored"`)
}

// value is an output.
func (f *balancedFleet) value(t *testing.T, name string) string {
	t.Helper()
	value, err := f.output(t, "output -raw "+name)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// path runs the command path from the web server to the target.
func (f *balancedFleet) path(t *testing.T) (string, int) {
	t.Helper()
	return f.release(t, "path", "--endpoint-url", f.ec2.url, "--region", "eu-west-1", "--from", f.value(t, "network_interface_id"), "--to", f.value(t, "target_id"))
}

// release runs a subcommand. It returns what it prints, and how it exits.
func (f *balancedFleet) release(t *testing.T, words ...string) (string, int) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, words...)
	cmd.Dir, cmd.Env = f.folder, append(slices.Clone(f.env), asCommand+"=1")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if cmd.ProcessState.ExitCode() == 1 {
		t.Fatalf("%v: %s", words, &stderr)
	}
	return stdout.String(), cmd.ProcessState.ExitCode()
}

// checkGENEVE checks that each appliance gets copies in GENEVE, and that all copies get to one.
func (f *balancedFleet) checkGENEVE(t *testing.T) {
	t.Helper()
	f.release(t, "topology", "export", "--endpoint-url", f.ec2.url, "--region", "eu-west-1", "--account-id", "123456789012", "--out", "topology.json")
	state, err := f.output(t, "show -json")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.folder, "state.json"), []byte(state), 0o600); err != nil {
		t.Fatal(err)
	}
	simulate := []string{"simulate", "--state", "state.json", "--topology", "topology.json", "--unwrap", "--in"}
	f.release(t, append(simulate, "copies.pcap", "--appliance-out", "appliances")...)
	copies := 0
	for _, appliance := range []string{"10.1.1.100", "10.1.2.100"} {
		output, _ := f.release(t, append(simulate, filepath.Join("appliances", appliance+".pcap"))...)
		found := unwrapped.FindStringSubmatch(output)
		if found == nil {
			t.Fatalf("%s gets no copies in GENEVE:\n%s", appliance, output)
		}
		count, _ := strconv.Atoi(found[1]) // it has digits only
		copies += count
	}
	if copies != 8 {
		t.Errorf("the appliances get %d of 8 copies", copies)
	}
}

var unwrapped = regexp.MustCompile(`Unwrapped (\d+) packets? from GENEVE`)

// topology is what there is in EC2 and in Elastic Load Balancing, without the instances: EC2 shows a
// terminated one for a while.
func (f *balancedFleet) topology(t *testing.T) string {
	t.Helper()
	text, _ := f.release(t, "topology", "export", "--endpoint-url", f.ec2.url, "--region", "eu-west-1", "--account-id", "123456789012")
	var all map[string]any
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	maps.DeleteFunc(all, func(key string, _ any) bool { return key == "instances" })
	kept, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(kept)
}

// destroy destroys everything, so that EC2 has what it had before.
func (f *balancedFleet) destroy(t *testing.T) {
	t.Helper()
	f.run(t, "destroy -auto-approve")
	if after := f.topology(t); after != f.empty {
		t.Errorf("after everything was destroyed there is\n%s\nwant what there was before\n%s", after, f.empty)
	}
}

// Somebody removes the listener of a fleet behind a Network Load Balancer by hand: the plan warns, and the
// status, the data source and the command name what blocks the copies. An apply creates it again.
func TestAccTestWithAWS_networkLoadBalancer(t *testing.T) {
	f := newBalancedFleet(t, "network-load-balancer")
	loadBalancer := f.value(t, "load_balancer_arn")
	client := elb.New(elb.Options{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""), BaseEndpoint: &f.ec2.url})
	deleteListeners(t, client, loadBalancer)

	says(t, f.run(t, "plan"), 1, "Warning: The load balancer does not listen for copies", "Plan: 1 to add, 0 to change, 0 to destroy.", `session_status = "active" -> "no_listener"`)
	f.run(t, "apply -refresh-only -auto-approve")
	if status, path := f.value(t, "session_status"), f.value(t, "path"); status != "no_listener" || path != "blocked" {
		t.Errorf("the session is %s, and the path %s", status, path)
	}
	output, code := f.path(t)
	says(t, output, 1, ": blocked ", "blocked listener ")
	if code != 2 || !strings.Contains(output, loadBalancer) {
		t.Errorf("exit %d\n%s", code, output)
	}

	says(t, f.run(t, "apply -auto-approve"), 1, "Resources: 1 added, 0 changed, 0 destroyed.", `path = "passes"`)
	f.run(t, "apply -refresh-only -auto-approve") // reads the status again
	f.works(t)
	f.destroy(t)
}

// The copies of a fleet behind a Gateway Load Balancer reach every appliance inside of GENEVE. An endpoint
// that the owner of the service has rejected blocks them, and an accepted one does not.
func TestAccTestWithAWS_gatewayLoadBalancer(t *testing.T) {
	f := newBalancedFleet(t, "gateway-load-balancer")
	f.checkGENEVE(t)

	client := ec2.New(ec2.Options{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""), BaseEndpoint: &f.ec2.url})
	found, err := client.DescribeVpcEndpointConnections(t.Context(), &ec2.DescribeVpcEndpointConnectionsInput{})
	if err != nil || len(found.VpcEndpointConnections) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	connection := found.VpcEndpointConnections[0]
	service, endpoints := connection.ServiceId, []string{aws.ToString(connection.VpcEndpointId)}
	if _, err := client.RejectVpcEndpointConnections(t.Context(), &ec2.RejectVpcEndpointConnectionsInput{ServiceId: service, VpcEndpointIds: endpoints}); err != nil {
		t.Fatal(err)
	}
	output, code := f.path(t)
	says(t, output, 1, ": blocked ", "blocked target ")
	if code != 2 || !strings.Contains(output, endpoints[0]) {
		t.Errorf("exit %d\n%s", code, output)
	}
	if _, err := client.AcceptVpcEndpointConnections(t.Context(), &ec2.AcceptVpcEndpointConnectionsInput{ServiceId: service, VpcEndpointIds: endpoints}); err != nil {
		t.Fatal(err)
	}
	f.works(t)
	f.destroy(t)
}
