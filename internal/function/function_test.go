package function_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	framework "github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/function"
)

// unknown stands for a value that is known only after apply.
type unknown struct{}

// object is an object of a configuration.
type object = map[string]any

// value turns a Go value into one of a configuration: a map into an object, a slice into a
// tuple.
func value(t testing.TB, v any) attr.Value {
	t.Helper()
	switch v := v.(type) {
	case nil:
		return types.DynamicNull()
	case unknown:
		return types.DynamicUnknown()
	case string:
		return types.StringValue(v)
	case bool:
		return types.BoolValue(v)
	case int:
		return types.NumberValue(big.NewFloat(float64(v)))
	case float64:
		return types.NumberValue(big.NewFloat(v))
	case object:
		kinds, attributes := map[string]attr.Type{}, map[string]attr.Value{}
		for name, a := range v {
			attributes[name] = value(t, a)
			kinds[name] = attributes[name].Type(t.Context())
		}
		return types.ObjectValueMust(kinds, attributes)
	case []any:
		var kinds []attr.Type
		var elements []attr.Value
		for _, e := range v {
			element := value(t, e)
			kinds, elements = append(kinds, element.Type(t.Context())), append(elements, element)
		}
		return types.TupleValueMust(kinds, elements)
	case attr.Value:
		return v
	}
	t.Fatalf("%T cannot stand in a configuration", v)
	return nil
}

// call calls a function. An argument of a dynamic parameter is wrapped.
func call(t testing.TB, name string, arguments ...any) (attr.Value, *framework.FuncError) {
	t.Helper()
	f := find(t, name)
	var definition framework.DefinitionResponse
	f.Definition(t.Context(), framework.DefinitionRequest{}, &definition)
	var values []attr.Value
	for i, a := range arguments {
		v := value(t, a)
		_, isWrapped := v.(types.Dynamic)
		switch definition.Definition.Parameters[i].(type) {
		case framework.DynamicParameter:
			if !isWrapped {
				v = types.DynamicValue(v)
			}
		case framework.Int64Parameter:
			v = types.Int64Value(int64(a.(int)))
		}
		values = append(values, v)
	}
	result, wrong := definition.Definition.Return.NewResultData(t.Context())
	if wrong != nil {
		t.Fatal(wrong)
	}
	resp := framework.RunResponse{Result: result}
	f.Run(t.Context(), framework.RunRequest{Arguments: framework.NewArgumentsData(values)}, &resp)
	return resp.Result.Value(), resp.Error
}

func find(t testing.TB, name string) framework.Function {
	t.Helper()
	for _, f := range function.All() {
		var metadata framework.MetadataResponse
		f().Metadata(t.Context(), framework.MetadataRequest{}, &metadata)
		if metadata.Name == name {
			return f()
		}
	}
	t.Fatalf("there is no function %s", name)
	return nil
}

// answer calls a function that must not fail, and returns its result as JSON.
func answer(t testing.TB, name string, arguments ...any) string {
	t.Helper()
	v, wrong := call(t, name, arguments...)
	if wrong != nil {
		t.Fatal(wrong)
	}
	return show(t, v)
}

// show returns a value as JSON, "unknown" for one that is not known.
func show(t testing.TB, v attr.Value) string {
	t.Helper()
	raw, err := v.ToTerraformValue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !raw.IsKnown() {
		return "unknown"
	}
	text, err := json.Marshal(plain(t, raw))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func plain(t testing.TB, v tftypes.Value) any {
	t.Helper()
	as := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	switch {
	case v.IsNull():
		return nil
	case v.Type().Is(tftypes.String):
		var text string
		as(v.As(&text))
		return text
	case v.Type().Is(tftypes.Bool):
		var b bool
		as(v.As(&b))
		return b
	case v.Type().Is(tftypes.Number):
		var n big.Float
		as(v.As(&n))
		f, _ := n.Float64()
		return f
	case v.Type().Is(tftypes.Object{}) || v.Type().Is(tftypes.Map{}):
		var values map[string]tftypes.Value
		as(v.As(&values))
		o := object{}
		for name, a := range values {
			o[name] = plain(t, a)
		}
		return o
	}
	var values []tftypes.Value
	as(v.As(&values))
	list := make([]any, len(values))
	for i, e := range values {
		list[i] = plain(t, e)
	}
	return list
}

const any4 = "0.0.0.0/0"

// rule is a rule of a configuration, with more attributes.
func rule(action string, more ...any) object {
	r := object{"rule_action": action, "source_cidr_block": any4, "destination_cidr_block": any4}
	for i := 0; i < len(more); i += 2 {
		r[more[i].(string)] = more[i+1]
	}
	return r
}

func ports(from, to any) object { return object{"from_port": from, "to_port": to} }

// ssh rejects SSH and accepts the rest.
func ssh() object {
	return object{"ingress_rules": object{
		"100":  rule("reject", "protocol", "tcp", "destination_port_range", ports(22, 22)),
		"1000": rule("accept"),
	}}
}

// with returns the object with one more attribute.
func with(o object, name string, v any) object {
	o[name] = v
	return o
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	const toSSH = "ingress tcp 10.1.2.3:50000 > 10.0.1.10:22"
	resource := func(ingress any) object {
		return object{
			"id": unknown{}, "arn": unknown{}, "tags_all": unknown{}, "timeouts": nil, "description": nil, "network_services": nil,
			"ingress_rules": ingress, "egress_rules": nil,
		}
	}
	packet := func(more ...any) object {
		p := object{"traffic_direction": "ingress", "protocol": "tcp", "source": "10.1.2.3", "source_port": 50000, "destination": "10.0.1.10", "destination_port": 22}
		for i := 0; i < len(more); i += 2 {
			p[more[i].(string)] = more[i+1]
		}
		return p
	}
	for name, test := range map[string]struct {
		filter, packet any
		want           string // outcome, reason, rule and assumption
	}{
		"rejected":      {ssh(), toSSH, `rejected rule_rejects 100 <nil>`},
		"accepted":      {ssh(), "ingress tcp 10.1.2.3:50000 > 10.0.1.10:443", `mirrored rule_accepts 1000 <nil>`},
		"no rule":       {ssh(), "egress tcp 10.0.1.10:22 > 10.1.2.3:50000", `no_match no_rule <nil> <nil>`},
		"never":         {ssh(), "ingress udp 0.0.0.0:68 > 255.255.255.255:67", `never_mirrored dhcp <nil> <nil>`},
		"object":        {ssh(), packet(), `rejected rule_rejects 100 <nil>`},
		"texts":         {ssh(), packet("source_port", "50000", "protocol", "6"), `rejected rule_rejects 100 <nil>`},
		"number":        {ssh(), packet("protocol", 6, "length", 100), `rejected rule_rejects 100 <nil>`},
		"simulation's":  {ssh(), with(packet("direction", "ingress", "name", "ssh"), "traffic_direction", nil), `rejected rule_rejects 100 <nil>`},
		"fragment":      {ssh(), packet("source_port", nil, "destination_port", nil, "later_fragment", true), `mirrored rule_accepts 1000 A0004`},
		"fragment text": {ssh(), packet("source_port", nil, "destination_port", nil, "text", "tcp 10.1.2.3 > 10.0.1.10, later fragment"), `mirrored rule_accepts 1000 A0004`},
		"names of protocols": {
			object{"ingress_rules": object{"1": rule("reject", "protocol", 6), "2": rule("reject", "protocol", "17"), "3": rule("accept", "protocol", "icmp")}},
			"ingress icmp 10.1.2.3 > 10.0.1.10", `mirrored rule_accepts 3 <nil>`,
		},
		"ports as texts": {object{"ingress_rules": object{"1": rule("accept", "protocol", "tcp", "destination_port_range", ports("20", "25"))}}, toSSH, `mirrored rule_accepts 1 <nil>`},
		"dns off":        {ssh(), "ingress udp 169.254.169.253:53 > 10.0.1.10:5000", `no_match amazon_dns <nil> A0103`},
		"dns on":         {with(ssh(), "network_services", []any{"amazon-dns"}), "ingress udp 169.254.169.253:53 > 10.0.1.10:5000", `mirrored network_service <nil> A0103`},
		"resolver": {
			ssh(), packet("protocol", "udp", "source", "10.0.0.2", "source_port", 53, "dns_resolver_addresses", []any{"10.0.0.2"}), `no_match amazon_dns <nil> A0102`,
		},
		"resource":            {resource(ssh()["ingress_rules"]), toSSH, `rejected rule_rejects 100 <nil>`},
		"unknown description": {object{"ingress_rules": object{"1": rule("accept", "description", unknown{})}}, toSSH, `mirrored rule_accepts 1 <nil>`},
		"other direction":     {with(ssh(), "egress_rules", unknown{}), toSSH, `rejected rule_rejects 100 <nil>`},
		"unknown rules":       {resource(unknown{}), toSSH, "unknown"},
		"unknown rule":        {object{"ingress_rules": object{"1": unknown{}}}, toSSH, "unknown"},
		"unknown ports":       {object{"ingress_rules": object{"1": rule("accept", "protocol", "tcp", "destination_port_range", ports(unknown{}, 2))}}, toSSH, "unknown"},
		"unknown action":      {object{"ingress_rules": object{"1": rule("accept", "rule_action", unknown{})}}, toSSH, "unknown"},
		"unknown filter":      {unknown{}, toSSH, "unknown"},
		"unknown packet":      {ssh(), packet("source", unknown{}), "unknown"},
	} {
		text := answer(t, "verdict", test.filter, test.packet)
		got := text
		if text != "unknown" {
			var r map[string]any
			if err := json.Unmarshal([]byte(text), &r); err != nil {
				t.Fatal(err)
			}
			got = fmt.Sprint(r["outcome"], " ", r["reason"], " ", r["rule_number"], " ", r["assumption"])
			if r["mirrored"] != (r["outcome"] == "mirrored") || r["text"] == "" {
				t.Errorf("%s: the result is %s", name, text)
			}
		}
		if got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}

func TestTrace(t *testing.T) {
	t.Parallel()
	text := answer(t, "trace", ssh(), "ingress tcp 10.1.2.3:50000 > 10.0.1.10:443")
	var r struct {
		Mirrored bool
		Steps    []map[string]any
		Text     string
	}
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	var rules []string
	for _, s := range r.Steps {
		if s["step"] == "rule" {
			rules = append(rules, fmt.Sprint(s["rule_number"], " ", s["rule_action"], " ", s["result"], " ", s["field"], " ", s["decides"]))
		}
	}
	if want := []string{"100 reject not_matches destination_port_range false", "1000 accept matches <nil> true"}; !slices.Equal(rules, want) || !r.Mirrored {
		t.Errorf("the rules are %q", rules)
	}
	if !strings.Contains(r.Text, "Rule 100 (reject) does not match: destination_port 443 is not in 22.") || !strings.HasSuffix(r.Text, "Verdict: mirrored, rule 1000.\n") {
		t.Errorf("the text is\n%s", r.Text)
	}
}

// An error names the argument and the path of the value in it.
func TestErrors(t *testing.T) {
	t.Parallel()
	const toSSH = "ingress tcp 10.1.2.3:50000 > 10.0.1.10:22"
	one := func(r object) object { return object{"ingress_rules": object{"100": r}} }
	const at = `ingress_rules["100"]`
	const isNoPacket = `"x" is not a packet. `
	for name, test := range map[string]struct {
		filter, packet any
		argument       int64
		want           string // begins the error
	}{
		"misspelt in a rule":   {one(rule("accept", "protokol", "tcp")), toSSH, 0, at + ".protokol is not an attribute that exists here. Write one of rule_action, protocol, source_cidr_block"},
		"misspelt in a filter": {object{"ingress_rules": object{}, "egres_rules": object{}}, toSSH, 0, "egres_rules is not an attribute that exists here. Write one of ingress_rules, egress_rules"},
		"misspelt in ports":    {one(rule("accept", "protocol", "tcp", "source_port_range", object{"from_port": 1, "to_prot": 2})), toSSH, 0, at + ".source_port_range.to_prot is not an attribute that exists here. Write one of from_port, to_port.\n" + at + ".source_port_range.to_port is missing. Write a port from 0 to 65535."},
		"action":               {one(rule("allow")), toSSH, 0, at + `.rule_action is "allow". Write "accept" or "reject".`},
		"no CIDR":              {one(rule("accept", "source_cidr_block", nil)), toSSH, 0, at + `.source_cidr_block is missing.`},
		"host bits":            {one(rule("accept", "source_cidr_block", "10.0.0.1/8")), toSSH, 0, at + `.source_cidr_block is "10.0.0.1/8", which has bits set after the prefix length. Write "10.0.0.0/8".`},
		"protocol":             {one(rule("accept", "protocol", "tpc")), toSSH, 0, at + `.protocol is "tpc".`},
		"protocol 0":           {one(rule("accept", "protocol", 0)), toSSH, 0, at + `.protocol is 0.`},
		"fraction":             {one(rule("accept", "protocol", "tcp", "source_port_range", ports(1.5, 2))), toSSH, 0, at + `.source_port_range.from_port is 1.5. Write a whole number.`},
		"range":                {one(rule("accept", "protocol", "tcp", "source_port_range", ports(2, 1))), toSSH, 0, at + `.source_port_range.from_port is 2, which is higher than to_port (1).`},
		"list of rules":        {object{"ingress_rules": []any{}}, toSSH, 0, "ingress_rules is a list. Write an object with rules by their numbers"},
		"rule is a text":       {object{"ingress_rules": object{"100": "accept"}}, toSSH, 0, at + ` is "accept". Write a rule`},
		"null rule":            {object{"ingress_rules": object{"100": nil}}, toSSH, 0, at + " is null. Write a rule, or leave the number out."},
		"key":                  {object{"ingress_rules": object{"ssh": rule("accept")}}, toSSH, 0, `ingress_rules["ssh"] has a key that is not a rule number.`},
		"no rules":             {object{"id": "tmf-1", "description": "aws"}, toSSH, 0, "The filter has neither ingress_rules nor egress_rules. "},
		"managed elsewhere":    {object{"id": "tmf-1", "ingress_rules": nil, "egress_rules": object{}}, toSSH, 0, "ingress_rules is null: the rules of this direction are managed elsewhere"},
		"service":              {object{"ingress_rules": nil, "network_services": []any{"dns"}}, toSSH, 0, `network_services[0] is "dns". Write "amazon-dns".`},
		"filter is a text":     {"tmf-1", toSSH, 0, `filter is "tmf-1". Write a trafficmirror_filter`},
		"packet":               {ssh(), "x", 1, isNoPacket},
		"no direction":         {ssh(), "tcp 10.1.2.3:50000 > 10.0.1.10:22", 1, `traffic_direction is missing. Write it first, such as "ingress tcp 10.1.2.3:50000 > 10.0.1.10:22".`},
		"packet's port":        {ssh(), object{"traffic_direction": "ingress", "protocol": "tcp", "source": "10.1.2.3", "destination": "10.0.1.10", "destination_port": 1}, 1, "source_port is missing."},
		"packet's direction":   {ssh(), object{"traffic_direction": "in", "protocol": "icmp", "source": "10.1.2.3", "destination": "10.0.1.10"}, 1, `traffic_direction is "in". Write "ingress" or "egress".`},
		"packet's attribute":   {ssh(), object{"traffic_direction": "ingress", "protocol": "icmp", "source": "10.1.2.3", "destination": "10.0.1.10", "dst": 1}, 1, "dst is not an attribute that exists here."},
	} {
		v, wrong := call(t, "verdict", test.filter, test.packet)
		if wrong == nil {
			t.Errorf("%s: there is no error, and the result is %s", name, show(t, v))
			continue
		}
		if wrong.FunctionArgument == nil || *wrong.FunctionArgument != test.argument || !strings.HasPrefix(wrong.Text+".", test.want) {
			t.Errorf("%s:\n got %s (argument %v)\nwant %s", name, wrong.Text, wrong.FunctionArgument, test.want)
		}
	}
}

func TestMaxSourceMTU(t *testing.T) {
	t.Parallel()
	for want, arguments := range map[string][]any{"8947": {9001, "ipv4"}, "8927": {9001, "ipv6"}, "1446": {1500, "ipv4"}, "1426": {1500, "ipv6"}} {
		if got := answer(t, "max_source_mtu", arguments...); got != want {
			t.Errorf("%v: got %s, want %s", arguments, got, want)
		}
	}
	if _, wrong := call(t, "max_source_mtu", 67, "ipv4"); wrong == nil || wrong.Text != "target_mtu is 67. Write a whole number from 68 to 65535" || *wrong.FunctionArgument != 0 {
		t.Errorf("the error is %v", wrong)
	}
	if _, wrong := call(t, "max_source_mtu", 1500, "IPv4"); wrong == nil || wrong.Text != `ip_version is "IPv4". Write "ipv4" or "ipv6"` || *wrong.FunctionArgument != 1 {
		t.Errorf("the error is %v", wrong)
	}
}
