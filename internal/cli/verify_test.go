package cli_test

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/capture"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/packet"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/verification"
)

func addrOf(text string) netip.Addr { return netip.MustParseAddr(text) }

// awsMirror is the session of the real capture.
const awsMirror = `{
  "interface": { "mac_address": "02:85:69:c2:ab:02", "private_ip_address": "172.31.0.238" },
  "sessions": [{
    "session_number": 1, "virtual_network_id": 5569041, "target": { "type": "network-interface", "ip_address": "172.31.17.188", "mtu": 9001 },
    "filter": {
      "network_services": ["amazon-dns"],
      "ingress_rules": { "100": { "rule_action": "accept", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0" } },
      "egress_rules": { "100": { "rule_action": "accept", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0" } }
    }
  }]
}`

// awsCase writes the configuration, and the copies that are kept.
func awsCase(t *testing.T, configuration string, keep func(number int64) bool) (config, sensor string) {
	t.Helper()
	folder := t.TempDir()
	config, sensor = filepath.Join(folder, "mirror.json"), filepath.Join(folder, "sensor.pcap")
	var kept bytes.Buffer
	w := capture.NewWriter(&kept, packet.LinkEthernet)
	for _, r := range recordsOf(t, mustRead(t, awsCopies)) {
		if !keep(r.Number) {
			continue
		}
		if err := w.Write(r.Nanoseconds, r.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(sensor, kept.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	return config, sensor
}

// All copies of the real mirror arrived, also where the sensor has taken the headers away.
func TestVerify_AWS(t *testing.T) {
	t.Parallel()
	config, _ := awsCase(t, awsMirror, func(int64) bool { return true })
	for _, sensor := range []string{awsCopies, awsFrames} {
		status, stdout, stderr := run(t, "verify", "--config", config, "--source", awsFrames, "--sensor", sensor)
		if status != 0 || !strings.HasPrefix(stdout, "All of 30 copies that were expected arrived, as expected.\n") {
			t.Errorf("it ends with %d: %s\n%s", status, stderr, stdout)
		}
	}
}

// A copy that is lost is a difference, with the packet, the rule, and exit status 2.
func TestVerify_lost(t *testing.T) {
	t.Parallel()
	config, sensor := awsCase(t, awsMirror, func(number int64) bool { return number != 17 })
	markdown := filepath.Join(t.TempDir(), "report.md")
	args := []string{"verify", "--config", config, "--source", awsFrames, "--sensor", sensor, "--markdown", markdown, "--anonymize"}
	status, stdout, stderr := run(t, append(args, "--json")...)
	var r verification.Report
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || status != 2 {
		t.Fatalf("it ends with %d: %v, %s", status, err, stderr)
	}
	if len(r.Differences) != 1 || r.Differences[0].Class != verification.Missing || r.Differences[0].Examples[0].SourcePacket != 17 || r.Differences[0].RuleNumber != 100 {
		t.Errorf("the report is\n%s", stdout)
	}
	text := string(mustRead(t, markdown))
	if !strings.Contains(text, "issues/new?template=emulator.yml") || !strings.Contains(text, "| missing | 1 |") || strings.Contains(text, "172.31.0.238") || strings.Contains(text, ".pcap") || strings.Contains(text, "mirror.json") || !strings.Contains(text, "address-1") {
		t.Errorf("the Markdown is\n%s", text)
	}
	status, stdout, _ = run(t, args...)
	if status != 2 || !strings.HasPrefix(stdout, "1 packet is not as expected; 29 of 30 copies") || !strings.Contains(stdout, "packet 17 of the source") {
		t.Errorf("it ends with %d:\n%s", status, stdout)
	}
}

// Another configuration than that of the mirror does not pass.
func TestVerify_otherConfiguration(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, after, want string }{
		"rejects":    {`"ingress_rules": { "100": { "rule_action": "accept"`, `"ingress_rules": { "100": { "rule_action": "reject"`, "unexpected"},
		"length":     {`"session_number": 1`, `"session_number": 1, "packet_length": 100`, "longer"},
		"VNI":        {"5569041", "5569042", "wrong_vni"},
		"no service": {`"network_services": ["amazon-dns"],`, "", "All of"}, // the resolver is not named, so DNS goes by rules
	} {
		config, sensor := awsCase(t, strings.Replace(awsMirror, c.before, c.after, 1), func(int64) bool { return true })
		_, stdout, stderr := run(t, "verify", "--config", config, "--source", awsFrames, "--sensor", sensor)
		if !strings.Contains(stdout, c.want) {
			t.Errorf("%s: want %q\n%s%s", name, c.want, stdout, stderr)
		}
	}
}

// Captures without a copy that can be judged are an error.
func TestVerify_nothing(t *testing.T) {
	t.Parallel()
	config, sensor := awsCase(t, awsMirror, func(int64) bool { return false })
	status, stdout, stderr := run(t, "verify", "--config", config, "--source", awsFrames, "--sensor", sensor)
	if status != 1 || !strings.Contains(stderr, "nothing was judged") || !strings.Contains(stdout, "missing_outside_sensor: 30") {
		t.Errorf("it ends with %d: %s\n%s", status, stderr, stdout)
	}
	// The address of another interface.
	config, _ = awsCase(t, strings.Replace(awsMirror, "172.31.0.238", "172.31.0.77", 1), func(int64) bool { return true })
	status, stdout, _ = run(t, "verify", "--config", config, "--source", awsFrames, "--sensor", awsCopies)
	if status != 1 || !strings.Contains(stdout, "30 copies from 172.31.0.238") || !strings.Contains(stdout, "comes from 172.31.0.77") {
		t.Errorf("another interface: it ends with %d\n%s", status, stdout)
	}
}

func TestVerify_refused(t *testing.T) {
	t.Parallel()
	config, sensor := awsCase(t, awsMirror, func(int64) bool { return true })
	strange := filepath.Join(t.TempDir(), "strange.pcap") // a packet in each second
	var copies [][]byte
	for _, r := range recordsOf(t, mustRead(t, awsCopies)) {
		copies = append(copies, r.Data)
	}
	if err := os.WriteFile(strange, captureOf(t, copies...), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"the times in it do not fit":       {"--source", awsFrames, "--sensor", strange},
		"there is nothing to compare":      {"--source", awsFrames},
		"cannot be standard input":         {"--source", awsFrames, "--sensor", "-"},
		"--sensor-form is \"vxlan\"":       {"--source", awsFrames, "--sensor", sensor, "--sensor-form", "vxlan"},
		"there is no session with this":    {"--source", awsFrames, "--sensor", sensor, "--session", "2"},
		"--window must be above 0":         {"--source", awsFrames, "--sensor", sensor, "--window", "0s"},
		"would overwrite --sensor":         {"--source", awsFrames, "--sensor", sensor, "--markdown", sensor},
		"neither a pcap nor a pcapng file": {"--source", awsFrames, "--sensor", config},
	} {
		status, _, stderr := run(t, slices.Concat([]string{"verify", "--config", config}, args)...)
		if status != 1 || !strings.Contains(stderr, want) {
			t.Errorf("%q ends with %d: %s, want %q", args, status, stderr, want)
		}
	}
}

// The reports have the fields of their schemas, and no others.
func TestReportSchemas(t *testing.T) {
	t.Parallel()
	config, sensor := awsCase(t, awsMirror, func(number int64) bool { return number != 17 })
	for command, args := range map[string][]string{
		"decap":  {"--in", awsCopies, "--json"},
		"verify": {"--config", config, "--source", awsFrames, "--sensor", sensor, "--json"},
	} {
		_, schema, _ := run(t, command, "--result-schema")
		_, report, stderr := run(t, append([]string{command}, args...)...)
		var s, r map[string]any
		if json.Unmarshal([]byte(schema), &s) != nil || json.Unmarshal([]byte(report), &r) != nil {
			t.Fatalf("%s: %s\n%s%s", command, schema, report, stderr)
		}
		checkDescribed(t, command, s, r)
		name := map[string]string{"decap": "decap", "verify": "verification"}[command]
		if published := string(mustRead(t, "../../templates/schemas/"+name+".schema.json")); published != schema {
			t.Errorf("templates/schemas/%s.schema.json is not what %s --result-schema prints", name, command)
		}
	}
}

// checkDescribed compares a value with a schema: its type, its properties and its items.
func checkDescribed(t *testing.T, at string, schema map[string]any, value any) {
	t.Helper()
	switch v := value.(type) {
	case map[string]any:
		properties, _ := schema["properties"].(map[string]any)
		for name, inner := range v {
			property, _ := properties[name].(map[string]any)
			if property == nil || property["description"] == nil {
				t.Errorf("%s.%s is not in the schema", at, name)
				continue
			}
			checkDescribed(t, at+"."+name, property, inner)
		}
		if len(v) != len(properties) {
			t.Errorf("%s has %d of %d properties", at, len(v), len(properties))
		}
	case []any:
		items, _ := schema["items"].(map[string]any)
		for _, inner := range v {
			checkDescribed(t, at+"[]", items, inner)
		}
	case float64:
		if schema["type"] != "integer" {
			t.Errorf("%s is a number, and the schema says %v", at, schema["type"])
		}
	case nil:
		t.Errorf("%s is null", at)
	}
}
