package emulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/sample"
)

// signed is a change of options to an emulator that verifies signatures.
func signed(o *emulator.Options) { o.AccessKey, o.SecretKey = "AKIDEXAMPLE", "secret" }

// awsCLI is the AWS CLI, aimed at an emulator.
type awsCLI struct {
	program string
	env     []string
}

func newAWSCLI(t *testing.T, e http.Handler) awsCLI {
	t.Helper()
	program, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("the AWS CLI is not installed")
	}
	return awsCLI{program, append(os.Environ(),
		"AWS_ENDPOINT_URL_EC2="+serve(t, e), "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_MAX_ATTEMPTS=1", "AWS_PAGER=",
	)}
}

// run runs "aws ec2" and returns what it prints.
func (c awsCLI) run(t *testing.T, words ...string) (output string, ok bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), c.program, append([]string{"ec2"}, words...)...)
	cmd.Env = c.env
	all, err := cmd.CombinedOutput()
	return string(all), err == nil
}

// query runs a command that has to succeed and returns the text at a path of its
// answer.
func (c awsCLI) query(t *testing.T, path string, words ...string) string {
	t.Helper()
	output, ok := c.run(t, append(words, "--output", "json", "--query", path)...)
	if !ok {
		t.Fatalf("aws ec2 %s: %s", strings.Join(words, " "), output)
	}
	var text any
	if err := json.Unmarshal([]byte(output), &text); err != nil {
		t.Fatalf("aws ec2 %s: %v\n%s", strings.Join(words, " "), err, output)
	}
	if s, isText := text.(string); isText {
		return s
	}
	return strings.TrimSpace(output)
}

func TestAWSCLI(t *testing.T) {
	t.Parallel()
	c := newAWSCLI(t, newEmulator(t, signed))
	target := c.query(t, "TrafficMirrorTarget.TrafficMirrorTargetId", "create-traffic-mirror-target", "--network-interface-id", eni(20), "--description", "a target")
	filter := c.query(t, "TrafficMirrorFilter.TrafficMirrorFilterId", "create-traffic-mirror-filter",
		"--tag-specifications", "ResourceType=traffic-mirror-filter,Tags=[{Key=team,Value=netsec}]")
	rule := c.query(t, "TrafficMirrorFilterRule.TrafficMirrorFilterRuleId", "create-traffic-mirror-filter-rule", "--traffic-mirror-filter-id", filter,
		"--traffic-direction", "ingress", "--rule-number", "100", "--rule-action", "accept", "--protocol", "6",
		"--destination-port-range", "FromPort=443,ToPort=443", "--source-cidr-block", "0.0.0.0/0", "--destination-cidr-block", "0.0.0.0/0")
	session := c.query(t, "TrafficMirrorSession.TrafficMirrorSessionId", "create-traffic-mirror-session", "--network-interface-id", eni(1),
		"--traffic-mirror-target-id", target, "--traffic-mirror-filter-id", filter, "--session-number", "1", "--virtual-network-id", "7")

	for i, test := range []struct {
		path, want string
		words      []string
	}{
		{"TrafficMirrorTargets[0].Description", "a target", []string{"describe-traffic-mirror-targets", "--traffic-mirror-target-ids", target}},
		{"TrafficMirrorFilters[0].Tags[0].Value", "netsec", []string{"describe-traffic-mirror-filters", "--filters", "Name=traffic-mirror-filter-id,Values=" + filter}},
		{"TrafficMirrorFilterRules[0].DestinationPortRange.ToPort", "443", []string{"describe-traffic-mirror-filter-rules", "--traffic-mirror-filter-id", filter}},
		{"TrafficMirrorSessions[0].VirtualNetworkId", "7", []string{"describe-traffic-mirror-sessions", "--page-size", "5"}},
		{"TrafficMirrorSession.PacketLength", "100", []string{"modify-traffic-mirror-session", "--traffic-mirror-session-id", session, "--packet-length", "100"}},
		{"TrafficMirrorSession.PacketLength", "null", []string{"modify-traffic-mirror-session", "--traffic-mirror-session-id", session, "--remove-fields", "packet-length"}},
		{"TrafficMirrorFilterRule.RuleAction", "reject", []string{"modify-traffic-mirror-filter-rule", "--traffic-mirror-filter-rule-id", rule, "--rule-action", "reject"}},
		{"TrafficMirrorFilter.NetworkServices[0]", "amazon-dns", []string{"modify-traffic-mirror-filter-network-services", "--traffic-mirror-filter-id", filter, "--add-network-services", "amazon-dns"}},
		{"Tags[0].ResourceType", "traffic-mirror-filter", []string{"describe-tags", "--filters", "Name=tag:team,Values=netsec"}},
		{"NetworkInterfaces[0].InterfaceType", "interface", []string{"describe-network-interfaces", "--network-interface-ids", eni(1)}},
	} {
		if !sample.All() && (uint64(i)+sample.Seed(t))%3 > 0 {
			continue // the CLI starts slowly
		}
		if got := c.query(t, test.path, test.words...); got != test.want {
			t.Errorf("aws ec2 %s: %s is %q, want %q (TRAFFICMIRROR_SEED=%d)", strings.Join(test.words, " "), test.path, got, test.want, sample.Seed(t))
		}
	}
	for _, test := range []struct {
		code  string
		words []string
	}{
		{"TrafficMirrorFilterInUse", []string{"delete-traffic-mirror-filter", "--traffic-mirror-filter-id", filter}},
		{"DryRunOperation", []string{"delete-traffic-mirror-session", "--traffic-mirror-session-id", session, "--dry-run"}},
		{"", []string{"create-tags", "--resources", rule, "--tags", "Key=a,Value=b"}},
		{"", []string{"delete-tags", "--resources", rule, "--tags", "Key=a"}},
		{"", []string{"delete-traffic-mirror-session", "--traffic-mirror-session-id", session}},
		{"InvalidTrafficMirrorSessionId.NotFound", []string{"delete-traffic-mirror-session", "--traffic-mirror-session-id", session}},
		{"", []string{"delete-traffic-mirror-filter-rule", "--traffic-mirror-filter-rule-id", rule}},
		{"", []string{"delete-traffic-mirror-filter", "--traffic-mirror-filter-id", filter}},
		{"", []string{"delete-traffic-mirror-target", "--traffic-mirror-target-id", target}},
	} {
		output, ok := c.run(t, test.words...)
		if ok != (test.code == "") || !strings.Contains(output, test.code) {
			t.Errorf("aws ec2 %s: %q, want code %q", strings.Join(test.words, " "), output, test.code)
		}
	}
}

// The CLI fetches every page, of the size that is asked for, and each only once.
func TestAWSCLI_pages(t *testing.T) {
	t.Parallel()
	sample.SkipUnless(t, 2) // the CLI starts slowly
	e := newEmulator(t)
	c := newAWSCLI(t, e)
	for n := 1; n <= 12; n++ {
		f, target := makeFilter(t, e, "TagSpecification.1.ResourceType=traffic-mirror-filter&TagSpecification.1.Tag.1.Key=k"), makeTarget(t, e, "NetworkInterfaceId="+eni(8+n))
		makeSession(t, e, sessionOn(eni(1+n%4), target, f, n))
	}
	for _, test := range []struct{ command, action, ids string }{
		{"describe-traffic-mirror-targets", "DescribeTrafficMirrorTargets", "TrafficMirrorTargets[?OwnerId=='123456789012'].TrafficMirrorTargetId"},
		{"describe-traffic-mirror-filters", "DescribeTrafficMirrorFilters", "TrafficMirrorFilters[].TrafficMirrorFilterId"},
		{"describe-traffic-mirror-sessions", "DescribeTrafficMirrorSessions", "TrafficMirrorSessions[].TrafficMirrorSessionId"},
		{"describe-tags", "DescribeTags", "Tags[].ResourceId"},
	} {
		before := callsOf(t, e, test.action)
		var ids []string
		if err := json.Unmarshal([]byte(c.query(t, test.ids, test.command, "--page-size", "5")), &ids); err != nil {
			t.Fatal(err)
		}
		slices.Sort(ids)
		if ids = slices.Compact(ids); len(ids) != 12 {
			t.Errorf("%s: %d objects, want 12", test.command, len(ids))
		}
		if got := callsOf(t, e, test.action) - before; got != 3 {
			t.Errorf("%s: %d requests, want 3 for pages of 5, 5 and the rest", test.command, got)
		}
	}
	first := c.query(t, "NextToken", "describe-traffic-mirror-filters", "--page-size", "5", "--max-items", "7")
	if got := c.query(t, "length(TrafficMirrorFilters)", "describe-traffic-mirror-filters", "--starting-token", first); got != "5" {
		t.Errorf("after the first 7 there are %s filters, want 5", got)
	}
}

// callsOf returns the number of requests of an action from the control path.
func callsOf(t *testing.T, e http.Handler, action string) int {
	t.Helper()
	var calls map[string]emulator.Calls
	fatal(t, json.Unmarshal(control(e, "GET", "/_emulator/calls", "", "127.0.0.1:1", "127.0.0.1").Body.Bytes(), &calls))
	return calls[action].Count
}

// "aws ec2 wait" goes by the error code: one keeps it waiting, another ends it.
func TestAWSCLI_wait(t *testing.T) {
	t.Parallel()
	sample.SkipUnless(t, 2) // the CLI starts slowly
	e := newEmulator(t, withFaults(t, "DescribeVpcs:stale=1h:n=1"))
	c := newAWSCLI(t, e)
	vpc := must(t, e, "CreateVpc", "CidrBlock=10.9.0.0/16").text("vpc/vpcId")
	for _, test := range []struct {
		words     []string
		ok        bool
		want      string
		action    string
		wantCalls int
	}{
		{[]string{"wait", "vpc-exists", "--vpc-ids", vpc}, true, "", "DescribeVpcs", 2}, // the first says InvalidVpcID.NotFound
		{[]string{"wait", "network-interface-available", "--network-interface-ids", eniGone}, false, "terminal failure state", "DescribeNetworkInterfaces", 1},
		{[]string{"wait", "instance-exists", "--instance-ids", instance(1)}, true, "", "DescribeInstances", 1},
	} {
		output, ok := c.run(t, test.words...)
		if got := callsOf(t, e, test.action); ok != test.ok || !strings.Contains(output, test.want) || got != test.wantCalls {
			t.Errorf("aws ec2 %s: succeeds %t after %d requests, want %t after %d: %s", strings.Join(test.words, " "), ok, got, test.ok, test.wantCalls, output)
		}
	}
}

// --dry-run says what would become of a request, and makes and changes nothing.
func TestAWSCLI_dryRun(t *testing.T) {
	t.Parallel()
	sample.SkipUnless(t, 2) // the CLI starts slowly
	e := newEmulator(t)
	c := newAWSCLI(t, e)
	f, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+eni(20))
	s := makeSession(t, e, sessionOn(eni(1), target, f, 1)).text("trafficMirrorSessionId")
	before := dumpOf(t, e)
	for _, test := range []struct{ words, code string }{
		{"create-traffic-mirror-filter", "DryRunOperation"},
		{"modify-traffic-mirror-session --session-number 2 --traffic-mirror-session-id " + s, "DryRunOperation"},
		{"modify-traffic-mirror-session --session-number 0 --traffic-mirror-session-id " + s, "InvalidParameterValue"},
		{"delete-traffic-mirror-session --traffic-mirror-session-id " + s, "DryRunOperation"},
		{"describe-traffic-mirror-sessions", "DryRunOperation"},
		{"create-tags --tags Key=a,Value=b --resources " + f, "DryRunOperation"},
	} {
		output, ok := c.run(t, append(strings.Fields(test.words), "--dry-run")...)
		if ok || !strings.Contains(output, "("+test.code+")") {
			t.Errorf("aws ec2 %s --dry-run: %q, want code %q", test.words, output, test.code)
		}
	}
	if after := dumpOf(t, e); after != before {
		t.Errorf("before\n%s\nand after\n%s", before, after)
	}
}

func TestBoto3(t *testing.T) {
	t.Parallel()
	runBoto(t, newEmulator(t, signed), "boto.py", eni(20), eni(1))
}

// runBoto runs a program of testdata with the URL of an emulator and other arguments,
// or skips the test where boto3 is not installed. The program raises an error where
// something is wrong.
func runBoto(t *testing.T, e http.Handler, program string, arguments ...string) {
	t.Helper()
	python := pythonWith(t, "boto3")
	words := append([]string{"-B", filepath.Join("testdata", program), serve(t, e)}, arguments...)
	if output, err := exec.CommandContext(t.Context(), python, words...).CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", program, err, output)
	}
}

// pythonWith returns a Python that has a package, or skips the test.
func pythonWith(t *testing.T, name string) string {
	t.Helper()
	program, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("Python is not installed")
	}
	if err := exec.CommandContext(t.Context(), program, "-c", "import "+name).Run(); err != nil {
		t.Skipf("%s is not installed", name)
	}
	return program
}

// serve returns the URL of a server of an emulator.
func serve(t *testing.T, e http.Handler) string {
	t.Helper()
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	return server.URL
}

func TestCurl(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	server := serve(t, newEmulator(t, signed))
	for _, test := range []struct{ name, user, sigv4, want string }{
		{"signed", "AKIDEXAMPLE:secret", "aws:amz:us-east-1:ec2", "<trafficMirrorFilterId>tmf-"},
		{"wrong secret", "AKIDEXAMPLE:other", "aws:amz:us-east-1:ec2", "<Code>AuthFailure</Code>"},
		{"unsigned", "", "", "<Code>MissingAuthenticationToken</Code>"},
	} {
		words := []string{"--silent", "--show-error", "--data", "Action=CreateTrafficMirrorFilter&Version=2016-11-15&Description=a+b", server}
		if test.sigv4 != "" {
			words = append(words, "--user", test.user, "--aws-sigv4", test.sigv4)
		}
		output, err := exec.CommandContext(t.Context(), program, words...).CombinedOutput()
		if err != nil || !strings.Contains(string(output), test.want) {
			t.Errorf("%s: %v %s, want %s", test.name, err, output, test.want)
		}
	}
}
