package cli_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the published schema")

// The filters of the tests: in the old one, rule 300 is unreachable. The new one does not
// reject SSH.
const (
	oldFilter = `{
  "network_services": ["amazon-dns"],
  "ingress_rules": {
    "100": { "rule_action": "reject", "protocol": "tcp", "source_cidr_block": "10.0.0.0/8", "destination_cidr_block": "0.0.0.0/0", "destination_port_range": { "from_port": 22, "to_port": 22 } },
    "200": { "rule_action": "accept", "protocol": "tcp", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0" },
    "300": { "rule_action": "reject", "protocol": "tcp", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "10.0.1.10/32" }
  },
  "egress_rules": {
    "100": { "rule_action": "accept", "protocol": "tcp", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0" }
  }
}`
	newFilter = `{
  "network_services": ["amazon-dns"],
  "ingress_rules": {
    "200": { "rule_action": "accept", "protocol": "tcp", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0" }
  },
  "egress_rules": {
    "100": { "rule_action": "accept", "protocol": "tcp", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0" }
  }
}`
)

// newAnalyzeCase is a folder with old.json, new.json and the capture in.pcap.
func newAnalyzeCase(t *testing.T) simulateCase {
	t.Helper()
	c := simulateCase{t.TempDir()}
	c.write(t, "old.json", []byte(oldFilter))
	c.write(t, "new.json", []byte(newFilter))
	c.write(t, "in.pcap", captureOf(t, frame(t, 443, 500), frame(t, 80, 200)))
	return c
}

// analyze runs the command on old.json. In the arguments, @ is the folder. In the output, the
// folder is left out.
func (c simulateCase) analyze(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	all := []string{"analyze", "--config", c.path("old.json")}
	for _, a := range args {
		all = append(all, strings.ReplaceAll(a, "@", c.folder))
	}
	status, stdout, stderr = run(t, all...)
	short := func(text string) string { return strings.ReplaceAll(text, c.folder+string(filepath.Separator), "") }
	return status, short(stdout), short(stderr)
}

// A reportJSON is what the command prints with --json.
type reportJSON struct {
	UnreachableRules []struct {
		TrafficDirection string `json:"traffic_direction"`
		RuleNumber       int    `json:"rule_number"`
		CoveredBy        []int  `json:"covered_by"`
		DifferentAction  bool   `json:"different_action"`
	} `json:"unreachable_rules"`
	RedundantRules []ruleJSON `json:"redundant_rules"`
	OneWayFlows    []any      `json:"one_way_flows"`
	Mirrors        *struct {
		Space, Amount string
		Mirrored      *witnessJSON
		NotMirrored   *witnessJSON `json:"not_mirrored"`
		Rules         []ruleJSON
	}
	Equal, Gained, Lost *bool
	Differences         []struct {
		TrafficDirection string `json:"traffic_direction"`
		Change           string
		A, B             decisionJSON
		Packet           packetJSON
	}
	TooComplex []string `json:"too_complex"`
	Capture    *struct {
		Packets       int
		NotJudged     map[string]int `json:"not_judged"`
		NeverHitRules []ruleJSON     `json:"never_hit_rules"`
	}
}

type witnessJSON struct {
	Packet   packetJSON
	Decision decisionJSON
}

type ruleJSON struct {
	TrafficDirection string `json:"traffic_direction"`
	RuleNumber       int    `json:"rule_number"`
}

type packetJSON struct {
	Text            string
	Protocol        string
	DestinationPort *int `json:"destination_port"`
}

type decisionJSON struct {
	Mirrored   bool
	RuleNumber *int `json:"rule_number"`
	Reason     string
}

func TestAnalyze_json(t *testing.T) {
	t.Parallel()
	c := newAnalyzeCase(t)
	status, stdout, stderr := c.analyze(t, "--json", "--compare", "@/new.json", "--space", "ingress tcp 10.0.0.0/8 > any:22", "--in", "@/in.pcap", "--interface-address", "10.0.1.10")
	var r reportJSON
	if err := json.Unmarshal([]byte(stdout), &r); status != 0 || stderr != "" || err != nil {
		t.Fatalf("ends with %d: %s%v", status, stderr, err)
	}
	problems := violations("", parsed(t, published(t)), parsed(t, []byte(stdout)))
	if problems != nil {
		t.Errorf("the report does not fit its schema: %s", strings.Join(problems, "\n"))
	}
	for what, is := range map[string]bool{
		"unreachable": len(r.UnreachableRules) == 1 && r.UnreachableRules[0].RuleNumber == 300 && r.UnreachableRules[0].DifferentAction && slices.Equal(r.UnreachableRules[0].CoveredBy, []int{200}),
		"redundant":   slices.Equal(r.RedundantRules, []ruleJSON{{"ingress", 300}}),
		"mirrors":     r.Mirrors.Amount == "none" && r.Mirrors.Mirrored == nil && *r.Mirrors.NotMirrored.Decision.RuleNumber == 100 && slices.Equal(r.Mirrors.Rules, []ruleJSON{{"ingress", 100}}),
		"compared":    !*r.Equal && *r.Gained && !*r.Lost && len(r.Differences) == 1,
		"difference":  r.Differences[0].Change == "gained" && r.Differences[0].A.Reason == "rule_rejects" && *r.Differences[0].B.RuleNumber == 200 && *r.Differences[0].Packet.DestinationPort == 22,
		"capture":     r.Capture.Packets == 2 && slices.Equal(r.Capture.NeverHitRules, []ruleJSON{{"ingress", 100}, {"ingress", 300}, {"egress", 100}}),
		"all":         len(r.TooComplex) == 0 && len(r.OneWayFlows) > 0,
	} {
		if !is {
			t.Errorf("%s is wrong in\n%s", what, stdout)
		}
	}
}

// What is not asked is null, and a list without elements is not.
func TestAnalyze_notAsked(t *testing.T) {
	t.Parallel()
	c := newAnalyzeCase(t)
	c.write(t, "old.json", []byte(`{}`))
	status, stdout, _ := c.analyze(t, "--json")
	const want = `{
  "unreachable_rules": [],
  "redundant_rules": [],
  "rules": [],
  "one_way_flows": [],
  "mirrors": null,
  "equal": null,
  "gained": null,
  "lost": null,
  "differences": null,
  "too_complex": [],
  "capture": null
}
`
	if status != 0 || stdout != want {
		t.Errorf("ends with %d and prints\n%s", status, stdout)
	}
	if problems := violations("", parsed(t, published(t)), parsed(t, []byte(stdout))); problems != nil {
		t.Errorf("the report does not fit its schema: %s", strings.Join(problems, "\n"))
	}
}

func TestAnalyze_failOn(t *testing.T) {
	t.Parallel()
	c := newAnalyzeCase(t)
	for _, test := range []struct {
		args   string
		status int
		want   string
	}{
		{"--fail-on unreachable_rules", 2, "the report has unreachable_rules"},
		{"--fail-on one_way_flows,redundant_rules", 2, "the report has redundant_rules, one_way_flows"},
		{"--fail-on gained --compare @/new.json", 2, "the report has gained"},
		{"--fail-on lost --compare @/new.json", 0, ""},
		{"--fail-on mirrored --space ingress_tcp_10.0.0.0/8_>_any:22", 0, ""},
		{"--fail-on mirrored --space ingress_tcp_any_>_any:22", 2, "the report has mirrored"},
		{"--fail-on not_mirrored --space egress_tcp_0.0.0.0/0_>_0.0.0.0/0:443", 0, ""},
		{"--fail-on not_mirrored --space udp_any_>_any", 2, "the report has not_mirrored"},
		{"--fail-on never_hit_rules --in @/in.pcap --interface-address 10.0.1.10", 2, "the report has never_hit_rules"},
		// It is not known what a rule would have hit.
		{"--fail-on never_hit_rules --in @/in.pcap", 2, "there is no answer about never_hit_rules"},
		{"", 0, ""},
	} {
		var args []string
		for _, word := range strings.Fields(test.args) {
			if strings.Contains(word, ">") {
				word = strings.ReplaceAll(word, "_", " ")
			}
			args = append(args, word)
		}
		status, stdout, stderr := c.analyze(t, args...)
		want := ""
		if test.want != "" {
			want = "Error: " + test.want + "\n"
		}
		if status != test.status || stderr != want || !strings.HasPrefix(stdout, "old.json: 3 ingress rules, 1 egress rule.\n") {
			t.Errorf("%s ends with %d: %s\n%s", test.args, status, stderr, stdout)
		}
	}
}

func TestAnalyze_capture(t *testing.T) {
	t.Parallel()
	c := newAnalyzeCase(t)
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"address": {[]string{"--interface-address", "10.0.1.10"}, "\nRules that none of 2 packets of in.pcap hits:\nDirection  Rule\ningress    100\ningress    300\negress     100\n"},
		"mapped":  {[]string{"--interface-address", "::ffff:10.0.1.10"}, "\nRules that none of 2 packets of in.pcap hits:\nDirection  Rule\ningress    100\ningress    300\negress     100\n"},
		"MAC":     {[]string{"--interface-address", "02:00:00:00:00:01"}, "\nRules that none of 2 packets of in.pcap hits:\nDirection  Rule\ningress    100\ningress    300\negress     100\n"},
		"sender":  {[]string{"--interface-address", "192.0.2.1"}, "\nRules that none of 2 packets of in.pcap hits:\nDirection  Rule\ningress    100\ningress    200\ningress    300\n"},
		"neither": {nil, "\nNot known: which rules no packet of in.pcap hits.\nNot counted: 2 packets. The packet is neither from nor to the interface's addresses, and the capture does not say which way it went.\n" +
			"Write each address of the mirror source with --interface-address.\n"},
	} {
		status, stdout, stderr := c.analyze(t, append(test.args, "--in", "@/in.pcap")...)
		if status != 0 || stderr != "" || !strings.HasSuffix(stdout, test.want) {
			t.Errorf("%s: ends with %d: %s\n%s", name, status, stderr, stdout)
		}
	}
}

// A rule can also be without effect because no rule decides about what it matches.
func TestAnalyze_noRuleDecides(t *testing.T) {
	t.Parallel()
	c := newAnalyzeCase(t)
	c.write(t, "old.json", []byte(`{ "egress_rules": {
    "1": { "rule_action": "accept", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "169.254.169.254/32" },
    "2": { "rule_action": "accept", "protocol": "udp", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "169.254.169.253/32", "destination_port_range": { "from_port": 53, "to_port": 53 } }
  } }`))
	status, stdout, stderr := c.analyze(t)
	for _, want := range []string{"\negress     1     EC2, which never mirrors them ", "\negress     2     Amazon DNS"} {
		if status != 0 || !strings.Contains(stdout, want) {
			t.Errorf("ends with %d: %s\n%s", status, stderr, stdout)
		}
	}
}

// What is true only because there is nothing is not said. That nothing is mirrored is.
func TestAnalyze_nothing(t *testing.T) {
	t.Parallel()
	const reject = `"ingress_rules": { "100": { "rule_action": "reject", "source_cidr_block": "0.0.0.0/0", "destination_cidr_block": "0.0.0.0/0" } }`
	for filter, want := range map[string]string{
		`{}`:                                   "standard input: 0 ingress rules, 0 egress rules.\n\nThe filter mirrors no packet.\n",
		`{"network_services": ["amazon-dns"]}`: "standard input: 0 ingress rules, 0 egress rules.\n\nEach flow is mirrored in both directions or not at all.\n",
		`{` + reject + `}`: "standard input: 1 ingress rule, 0 egress rules.\n\nThe filter mirrors no packet.\n\nEvery rule decides some packet.\n\n" +
			"Rules that can be removed together without a change of what is mirrored:\nDirection  Rule\ningress    100\n",
	} {
		if status, stdout, stderr := runWith(t, filter, "analyze", "--config", "-"); status != 0 || stdout != want {
			t.Errorf("%s: ends with %d: %s%s\nwant\n%s", filter, status, stderr, stdout, want)
		}
	}
	c := newAnalyzeCase(t)
	if _, stdout, _ := runWith(t, `{}`, "analyze", "--config", "-", "--in", c.path("in.pcap")); strings.Contains(stdout, "is hit by") {
		t.Errorf("without rules:\n%s", stdout)
	}
}

func TestAnalyze_standardInput(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := runWith(t, oldFilter, "analyze", "--config", "-")
	if status != 0 || !strings.HasPrefix(stdout, "standard input: 3 ingress rules") {
		t.Errorf("ends with %d: %s\n%s", status, stderr, stdout)
	}
}

func TestAnalyze_refuses(t *testing.T) {
	t.Parallel()
	c := newAnalyzeCase(t)
	c.write(t, "wrong.json", []byte(strings.Replace(oldFilter, `"tcp"`, `"tpc"`, 1)))
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"space":      {[]string{"--space", "ssh"}, "--space: "},
		"finding":    {[]string{"--fail-on", "errors"}, `--fail-on is "errors". Write one or more of unreachable_rules, redundant_rules,`},
		"no space":   {[]string{"--fail-on", "mirrored"}, "--fail-on mirrored needs --space"},
		"no filter":  {[]string{"--fail-on", "lost"}, "--fail-on lost needs --compare"},
		"no capture": {[]string{"--fail-on", "never_hit_rules"}, "--fail-on never_hit_rules needs --in"},
		"compare":    {[]string{"--compare", "@/wrong.json"}, `wrong.json: ingress_rules["100"].protocol is "tpc"`},
		"missing":    {[]string{"--compare", "@/none.json"}, "--compare: open none.json: no such file"},
		"address":    {[]string{"--in", "@/in.pcap", "--interface-address", "web"}, `--interface-address is "web". Write an IP address`},
		"resolver":   {[]string{"--in", "@/in.pcap", "--dns-resolver-address", "10.0.0.0/8"}, `--dns-resolver-address is "10.0.0.0/8". Write an IP address`},
		"two inputs": {[]string{"--compare", "-", "--in", "-"}, "--compare and --in cannot both be standard input"},
		"nothing":    {[]string{"--schema"}, "[config plan state schema result-schema]"},
	} {
		status, stdout, stderr := c.analyze(t, test.args...)
		if status != 1 || stdout != "" || !strings.HasPrefix(stderr, "Error: ") || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: ends with %d: %s%s\nwant %s", name, status, stdout, stderr, test.want)
		}
	}
}

// published is the schema of the report in the documentation. It is what the command prints.
func published(t *testing.T) []byte {
	t.Helper()
	const path = "../../templates/schemas/analysis.schema.json"
	status, stdout, stderr := run(t, "analyze", "--result-schema")
	if status != 0 {
		t.Fatal(stderr)
	}
	if *update {
		if err := os.WriteFile(path, []byte(stdout), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil || string(text) != stdout {
		t.Fatalf("%s is not the schema: run go test ./internal/cli -run Analyze -update (%v)", path, err)
	}
	return text
}

func TestAnalyze_schema(t *testing.T) {
	t.Parallel()
	status, stdout, _ := run(t, "analyze", "--schema")
	want, err := os.ReadFile("../../templates/schemas/filter.schema.json")
	if err != nil || status != 0 || stdout != string(want) {
		t.Errorf("ends with %d and prints %s: %v", status, stdout, err)
	}
	const linked = "../../docs/schemas/analysis.schema.json"
	if got, err := os.ReadFile(linked); err != nil || string(got) != string(published(t)) {
		t.Errorf("%s is not the schema: run make generate (%v)", linked, err)
	}
	// A schema that takes everything would prove nothing.
	for _, wrong := range []string{`{}`, `{"capture": 1}`, `{"unknown": null}`} {
		if violations("", parsed(t, published(t)), parsed(t, []byte(wrong))) == nil {
			t.Errorf("the schema takes %s", wrong)
		}
	}
}

// Each attribute of the data source has a text. The results have the names of the report.
func TestSchema_filterAnalysis(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := run(t, "schema")
	var schema struct {
		Providers map[string]struct {
			DataSources map[string]struct{ Block attributesJSON } `json:"data_source_schemas"`
		} `json:"provider_schemas"`
	}
	if err := json.Unmarshal([]byte(stdout), &schema); err != nil || status != 0 {
		t.Fatal(err, stderr)
	}
	block := schema.Providers["trafficmirror"].DataSources["trafficmirror_filter_analysis"].Block
	checkTexts(t, "", block)
	report, _ := parsed(t, published(t)).(map[string]any)["properties"].(map[string]any)
	for name := range report {
		if _, has := block.Attributes[name]; !has && name != "capture" {
			t.Errorf("the data source lacks %s", name)
		}
	}
}

type attributesJSON struct {
	Attributes map[string]struct {
		Description string
		Nested      attributesJSON `json:"nested_type"`
	}
}

func checkTexts(t *testing.T, at string, in attributesJSON) {
	t.Helper()
	if at == "" && len(in.Attributes) == 0 {
		t.Error("there is no data source")
	}
	for name, a := range in.Attributes {
		if a.Description == "" {
			t.Errorf("%s.%s has no description", at, name)
		}
		checkTexts(t, at+"."+name, a.Nested)
	}
}

func parsed(t *testing.T, text []byte) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// violations returns where a value does not fit a schema, for the words that our schemas use.
func violations(at string, schema, value any) []string {
	s := schema.(map[string]any)
	allowed, isList := s["type"].([]any)
	if !isList {
		allowed = []any{s["type"]}
	}
	kind := "null"
	switch v := value.(type) {
	case bool:
		kind = "boolean"
	case string:
		kind = "string"
	case float64:
		kind = "integer"
		if v != float64(int64(v)) {
			kind = "number"
		}
	case []any:
		kind = "array"
	case map[string]any:
		kind = "object"
	}
	if !slices.Contains(allowed, any(kind)) {
		return []string{fmt.Sprintf("%s is of type %s, allowed is %v", at, kind, allowed)}
	}
	var wrong []string
	if enum, has := s["enum"].([]any); has && kind != "null" && !slices.Contains(enum, value) {
		wrong = append(wrong, fmt.Sprintf("%s is %v, allowed is %v", at, value, enum))
	}
	switch v := value.(type) {
	case []any:
		for i, item := range v {
			wrong = append(wrong, violations(fmt.Sprintf("%s[%d]", at, i), s["items"], item)...)
		}
	case map[string]any:
		properties, _ := s["properties"].(map[string]any)
		for name, item := range v {
			property, known := properties[name]
			if !known {
				property = s["additionalProperties"]
			}
			if property == false || property == nil {
				wrong = append(wrong, at+" has the unknown key "+name)
				continue
			}
			wrong = append(wrong, violations(at+"."+name, property, item)...)
		}
		required, _ := s["required"].([]any)
		for _, name := range required {
			if _, has := v[name.(string)]; !has {
				wrong = append(wrong, fmt.Sprintf("%s lacks %v", at, name))
			}
		}
	}
	return wrong
}
