package cli_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// sameMirror describes the interface and the session of TestConsole_downloads for simulate.
const sameMirror = `{
  "interface": {
    "id": "eni-0a3f6c9e1b7d25840", "mac_address": "02:00:00:00:01:10", "private_ip_address": "10.0.1.10", "private_ip_addresses": ["10.0.1.10"],
    "ipv6_addresses": ["2001:db8:0:101::10"], "source_dest_check": true, "dns_resolver_addresses": ["10.0.0.2"], "mtu": 9001
  },
  "sessions": [{
    "session_number": 1, "packet_length": 100, "virtual_network_id": 7,
    "target": { "type": "network-interface", "ip_address": "10.0.3.30", "mtu": 9001 },
    "filter": { "ingress_rules": { "100": { "rule_action": "accept", "protocol": "tcp", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0" } } }
  }]
}`

// The downloads of a capture are the files that simulate writes for the same capture and
// sessions, to the last byte.
func TestConsole_downloads(t *testing.T) {
	t.Parallel()
	address, printed := startedConsole(t, "AWS_SECRET_ACCESS_KEY", ofQuickstart(t)...)
	api := clientOf(t, printed, "test")
	session, target := mirrorWeb(t, api)
	folder := t.TempDir()
	config, in := filepath.Join(folder, "mirror.json"), "../../examples/quickstart/quickstart.pcap"
	if err := os.WriteFile(config, []byte(sameMirror), 0o600); err != nil {
		t.Fatal(err)
	}
	browser, page := sentCapture(t, address, in)
	for what, argument := range map[string]string{
		"copies": "--out x.pcap", "annotated": "--annotate x.pcapng", "verdicts": "--verdicts x", "verdicts-csv": "--format csv --verdicts x", "verdicts-eve": "--format eve --verdicts x",
		"summary": "--summary x", "flows": "--flows x.csv", "flows-json": "--flows x.json", "report": "--report x.html",
	} {
		words := strings.Fields(argument)
		file := filepath.Join(folder, what+words[len(words)-1])
		words[len(words)-1] = file
		if status, _, stderr := run(t, append([]string{"simulate", "--config", config, "--in", in}, words...)...); status != 0 {
			t.Fatal(stderr)
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, got := opened(t, browser, page+"/"+what, nil)
		got = strings.ReplaceAll(got, target, "network-interface 10.0.3.30") // a mirror.json has no ID of a target, and none of a session
		if what == "report" {
			got = strings.NewReplacer(", "+session, "", "<dt>Session ID</dt><dd>"+session+"</dd>", "", ", network-interface 10.0.3.30", "").Replace(regexp.MustCompile(`<dt>Filter</dt><dd>tmf-\w+</dd>`).ReplaceAllString(got, ""))
			want = bytes.ReplaceAll(want, []byte(in), []byte(filepath.Base(in)))
			want = regexp.MustCompile(`<tr><th scope="row">Configuration</th>.*?</tr>`).ReplaceAll(want, nil) // the console has no file of it
		}
		if len(want) < 500 || got != string(want) {
			at := 0
			for at < min(len(got), len(want)) && got[at] == want[at] {
				at++
			}
			t.Errorf("%s: %d bytes, and simulate writes %d. From %d:\n%.300s\n%.300s", what, len(got), len(want), at, got[max(at-100, 0):], want[max(at-100, 0):])
		}
	}
	// merge reads two of them.
	summary, flows := filepath.Join(folder, "summaryx"), filepath.Join(folder, "flows.json")
	_, text := opened(t, browser, page+"/flows-json", nil)
	_, sum := opened(t, browser, page+"/summary", nil)
	for name, content := range map[string]string{flows: text, summary: sum} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if status, stdout, stderr := run(t, "merge", summary, flows, "--flows", filepath.Join(folder, "merged.csv")); status != 0 || !strings.Contains(stdout, "193 packets") {
		t.Errorf("merge ends with %d: %s%s", status, stdout, stderr)
	}
}

// mirrorWeb makes the session of sameMirror, and returns its ID and that of its target.
func mirrorWeb(t *testing.T, api *ec2.Client) (sessionID, targetID string) {
	t.Helper()
	target, err := api.CreateTrafficMirrorTarget(t.Context(), &ec2.CreateTrafficMirrorTargetInput{NetworkInterfaceId: aws.String("eni-0c5d9b1e8f3a74260")})
	if err != nil {
		t.Fatal(err)
	}
	filter, err := api.CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = api.CreateTrafficMirrorFilterRule(t.Context(), &ec2.CreateTrafficMirrorFilterRuleInput{
		TrafficMirrorFilterId: filter.TrafficMirrorFilter.TrafficMirrorFilterId, TrafficDirection: types.TrafficDirectionIngress, RuleNumber: aws.Int32(100),
		RuleAction: types.TrafficMirrorRuleActionAccept, Protocol: aws.Int32(6), SourceCidrBlock: aws.String("0.0.0.0/0"), DestinationCidrBlock: aws.String("0.0.0.0/0"),
	})
	if err != nil {
		t.Fatal(err)
	}
	session, err := api.CreateTrafficMirrorSession(t.Context(), &ec2.CreateTrafficMirrorSessionInput{
		NetworkInterfaceId: aws.String("eni-0a3f6c9e1b7d25840"), TrafficMirrorTargetId: target.TrafficMirrorTarget.TrafficMirrorTargetId,
		TrafficMirrorFilterId: filter.TrafficMirrorFilter.TrafficMirrorFilterId, SessionNumber: aws.Int32(1), PacketLength: aws.Int32(100), VirtualNetworkId: aws.Int32(7),
	})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(session.TrafficMirrorSession.TrafficMirrorSessionId), aws.ToString(target.TrafficMirrorTarget.TrafficMirrorTargetId)
}

// sentCapture sends a file to the page of captures, and returns the address of its page.
func sentCapture(t *testing.T, address, name string) (browser *http.Client, page string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser = &http.Client{Jar: jar}
	_, text := opened(t, browser, address+"/captures", nil)
	token := regexp.MustCompile(`name="csrf" value="(\w+)"`).FindStringSubmatch(text)
	if token == nil {
		t.Fatal(text)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("csrf", token[1])
	_ = form.WriteField("on", "eni-0a3f6c9e1b7d25840")
	part, err := form.CreateFormFile("file", filepath.Base(name))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(part, "%s", content)
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	response, err := browser.Post(address+"/captures", form.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return browser, response.Request.URL.String()
}
