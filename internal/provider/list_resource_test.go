package provider_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// A lister sends the requests of `terraform query` to a provider, without a CLI.
type lister struct {
	server  tfprotov6.ProviderServer
	lists   tfprotov6.ListResourceServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

// newLister returns a lister of an account, with more arguments of the provider block.
func newLister(t testing.TB, a *account, arguments map[string]any) *lister {
	t.Helper()
	server := provider.NewServer(newProvider)()
	lists, canList := server.(tfprotov6.ListResourceServer)
	if !canList {
		t.Fatal("the server lists nothing")
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	block := map[string]any{"region": "us-east-1", "emulator": map[string]any{"path": a.path("ec2.db"), "topology": a.path("topology.json")}}
	for _, list := range []string{"assume_role", "assume_role_with_web_identity", "default_tags", "endpoints", "ignore_tags"} {
		block[list] = []any{}
	}
	maps.Copy(block, arguments)
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: dynamicValue(t, schemas.Provider.ValueType(), block)})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range configured.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			t.Fatal(d.Summary, d.Detail)
		}
	}
	return &lister{server, lists, schemas}
}

// list returns the results of a list, and what is wrong with it.
func (l *lister) list(t testing.TB, kind string, config map[string]any, limit int64, withResource bool) ([]tfprotov6.ListResourceResult, string) {
	t.Helper()
	stream, err := l.lists.ListResource(t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: kind, Config: dynamicValue(t, l.schemas.ListResourceSchemas[kind].ValueType(), config), Limit: limit, IncludeResource: withResource,
	})
	if err != nil {
		t.Fatal(err)
	}
	var results []tfprotov6.ListResourceResult
	var diags []*tfprotov6.Diagnostic
	for r := range stream.Results {
		if diags = append(diags, r.Diagnostics...); len(r.Diagnostics) == 0 {
			results = append(results, r)
		}
	}
	return results, worded(diags)
}

// validate returns what is wrong with the configuration of a list.
func (l *lister) validate(t testing.TB, kind string, config map[string]any) string {
	t.Helper()
	resp, err := l.lists.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
		TypeName: kind, Config: dynamicValue(t, l.schemas.ListResourceSchemas[kind].ValueType(), config),
	})
	if err != nil {
		t.Fatal(err)
	}
	return worded(resp.Diagnostics)
}

// identity returns the identity of a result.
func (l *lister) identity(t testing.TB, r tfprotov6.ListResourceResult) (id, account, region string) {
	t.Helper()
	of := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String, "account_id": tftypes.String, "region": tftypes.String}}
	value, err := r.Identity.IdentityData.Unmarshal(of)
	if err != nil {
		t.Fatal(err)
	}
	var parts map[string]tftypes.Value
	if err := value.As(&parts); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]*string{"id": &id, "account_id": &account, "region": &region} {
		if err := parts[name].As(text); err != nil {
			t.Fatal(err)
		}
	}
	return id, account, region
}

const (
	targetKind, filterKind, ruleKind, sessionKind = "trafficmirror_target", "trafficmirror_filter", "trafficmirror_filter_rule", "trafficmirror_session"
)

// Each condition, for each kind, alone and with others.
func TestList_conditions(t *testing.T) {
	t.Parallel()
	h := newHandmade(t)
	l := newLister(t, h.account, nil)
	managed := func(more map[string]any) map[string]any {
		config := map[string]any{"unmanaged": true, "managed_by_tag": map[string]any{"key": "managed", "value": nil}}
		maps.Copy(config, more)
		return config
	}
	ids := func(ids ...any) []any { return ids }
	for name, c := range map[string]struct {
		config                            map[string]any
		targets, filters, rules, sessions []string
	}{
		"all": {
			nil, []string{h.target, h.loadBalanced, h.unusedTarget}, []string{h.filter, h.services, h.unusedFilter}, []string{h.rule, h.reject, h.accept}, []string{h.session, h.shared, h.stopped},
		},
		"an interface": {
			map[string]any{"network_interface_ids": ids(source)}, []string{h.target}, []string{h.filter, h.services}, []string{h.rule, h.reject, h.accept}, []string{h.session, h.shared},
		},
		"no interface": {map[string]any{"network_interface_ids": ids()}, nil, nil, nil, nil},
		"a VPC": {
			map[string]any{"vpc_ids": ids(secondVPC)}, []string{h.loadBalanced}, []string{h.filter}, []string{h.rule, h.reject}, []string{h.stopped},
		},
		"a target": {
			map[string]any{"traffic_mirror_target_ids": ids(h.target, h.unusedTarget)}, []string{h.target, h.unusedTarget}, []string{h.filter}, []string{h.rule, h.reject}, []string{h.session},
		},
		"a target of another account": {
			map[string]any{"traffic_mirror_target_ids": ids(sharedTarget)}, nil, []string{h.services}, []string{h.accept}, []string{h.shared},
		},
		"a filter": {
			map[string]any{"traffic_mirror_filter_ids": ids(h.services, h.unusedFilter)}, nil, []string{h.services, h.unusedFilter}, []string{h.accept}, []string{h.shared},
		},
		"an interface and a VPC in which it is not": {
			map[string]any{"vpc_ids": ids(secondVPC), "network_interface_ids": ids(source)}, nil, nil, nil, nil,
		},
		"tags": {
			map[string]any{"tags": map[string]any{"team": "netsec", "managed": "terraform"}}, []string{h.target}, []string{h.filter}, []string{h.rule}, []string{h.session},
		},
		"a tag with another value": {map[string]any{"tags": map[string]any{"team": "web"}}, nil, nil, nil, nil},
		"unmanaged": {
			managed(nil), []string{h.loadBalanced, h.unusedTarget}, []string{h.services, h.unusedFilter}, []string{h.reject, h.accept}, []string{h.shared, h.stopped},
		},
		"managed with another value": {
			managed(map[string]any{"managed_by_tag": map[string]any{"key": "managed", "value": "hand"}, "network_interface_ids": ids(source)}),
			[]string{h.target}, []string{h.filter, h.services}, []string{h.rule, h.reject, h.accept}, []string{h.session, h.shared},
		},
		"unmanaged of an interface": {
			managed(map[string]any{"network_interface_ids": ids(source)}), nil, []string{h.services}, []string{h.reject, h.accept}, []string{h.shared},
		},
		"idle": {
			map[string]any{"idle": true}, []string{h.unusedTarget}, []string{h.unusedFilter}, nil, []string{h.stopped},
		},
		"idle, in a VPC where nothing is": {map[string]any{"idle": true, "vpc_ids": ids(firstVPC)}, nil, nil, nil, nil},
		"another Region":                  {map[string]any{"region": "eu-west-1"}, nil, nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for kind, want := range map[string][]string{targetKind: c.targets, filterKind: c.filters, ruleKind: c.rules, sessionKind: c.sessions} {
				if problems := l.validate(t, kind, c.config); problems != "" {
					t.Errorf("%s:\n%s", kind, problems)
				}
				results, problems := l.list(t, kind, c.config, 0, false)
				if problems != "" {
					t.Errorf("%s:\n%s", kind, problems)
				}
				var got []string
				for _, r := range results {
					id, account, region := l.identity(t, r)
					if account != "123456789012" || region != "us-east-1" || r.Resource != nil {
						t.Errorf("%s is in %s %s, with %v", id, account, region, r.Resource)
					}
					got = append(got, id)
				}
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Errorf("%s: got %v, want %v", kind, got, want)
				}
			}
		})
	}
}

// What people call the objects.
func TestList_titles(t *testing.T) {
	t.Parallel()
	h := newHandmade(t)
	l := newLister(t, h.account, nil)
	for kind, want := range map[string][]string{
		targetKind:  {"the sensor", h.loadBalanced, h.unusedTarget},
		filterKind:  {"HTTPS only", "DNS", h.unusedFilter},
		ruleKind:    {"ingress 100 of " + h.filter, "no ${hop}", "ingress 1 of " + h.services},
		sessionKind: {`web "tier"`, "DNS copies", h.stopped},
	} {
		results, problems := l.list(t, kind, nil, 0, false)
		var got []string
		for _, r := range results {
			got = append(got, r.DisplayName)
		}
		slices.Sort(got)
		slices.Sort(want)
		if problems != "" || !slices.Equal(got, want) {
			t.Errorf("%s: got %q (%s), want %q", kind, got, problems, want)
		}
		for _, withResource := range []bool{false, true} {
			results, problems := l.list(t, kind, nil, 2, withResource)
			if len(results) != 2 || !strings.Contains(problems, "  warning at the resource: Not all traffic mirror ") || !strings.Contains(problems, " meet the conditions, but limit is 2. Set limit = 3 in the list block, next to config") {
				t.Errorf("%s: %d results with a limit of 2\n%s", kind, len(results), problems)
			}
		}
		if results, problems := l.list(t, kind, nil, 3, false); len(results) != 3 || problems != "" {
			t.Errorf("%s: %d results with a limit of 3\n%s", kind, len(results), problems)
		}
	}
}

// A result has the state that the import of the object has.
func TestList_resource(t *testing.T) {
	t.Parallel()
	h := newHandmade(t)
	l := newLister(t, h.account, map[string]any{"default_tags": []any{map[string]any{"tags": map[string]any{"team": "netsec"}}}, "ignore_tags": []any{map[string]any{"keys": []any{"managed"}, "key_prefixes": nil}}})
	for _, kind := range []string{targetKind, filterKind, ruleKind, sessionKind} {
		results, problems := l.list(t, kind, nil, 0, true)
		if problems != "" || len(results) != 3 {
			t.Fatalf("%s: %d results\n%s", kind, len(results), problems)
		}
		for _, r := range results {
			id, _, _ := l.identity(t, r)
			got, imported := l.value(t, kind, r.Resource), l.imported(t, kind, id)
			if diffs, err := imported.Diff(got); err != nil || len(diffs) > 0 {
				t.Errorf("%s %s differs from its import: %v (%v)", kind, id, diffs, err)
			}
		}
	}
	results, problems := l.list(t, filterKind, map[string]any{"separate_rules": true}, 0, true)
	for _, r := range results {
		var attributes map[string]tftypes.Value
		if err := l.value(t, filterKind, r.Resource).As(&attributes); err != nil || !attributes["ingress_rules"].IsNull() || !attributes["egress_rules"].IsNull() {
			t.Errorf("separate_rules: %v (%v)\n%s", attributes, err, problems)
		}
	}
}

func (l *lister) value(t *testing.T, kind string, in *tfprotov6.DynamicValue) tftypes.Value {
	t.Helper()
	value, err := in.Unmarshal(l.schemas.ResourceSchemas[kind].ValueType())
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// imported imports an object and reads it, as Terraform does.
func (l *lister) imported(t *testing.T, kind, id string) tftypes.Value {
	t.Helper()
	imported, err := l.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: id})
	if err != nil || len(imported.ImportedResources) != 1 {
		t.Fatal(err, worded(imported.Diagnostics))
	}
	one := imported.ImportedResources[0]
	read, err := l.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: kind, CurrentState: one.State, Private: one.Private, CurrentIdentity: one.Identity})
	if err != nil || len(read.Diagnostics) > 0 {
		t.Fatal(err, worded(read.Diagnostics))
	}
	return l.value(t, kind, read.NewState)
}

// What is wrong with a list is said at its argument. What is unknown is not wrong.
func TestList_wrong(t *testing.T) {
	t.Parallel()
	l := newLister(t, newAccount(t), nil)
	tag := func(key any) map[string]any { return map[string]any{"key": key, "value": nil} }
	for name, c := range map[string]struct {
		config map[string]any
		want   string
	}{
		"an ID of another kind": {
			map[string]any{"network_interface_ids": []any{source, "i-00000000000000001"}, "vpc_ids": []any{""}},
			`  error at network_interface_ids: Invalid list of traffic mirror sessions
    network_interface_ids[1] is "i-00000000000000001". Write the ID of a network interface: "eni-" and 17 hexadecimal digits.
  error at vpc_ids: Invalid list of traffic mirror sessions
    vpc_ids[0] is missing. Write the ID of a VPC: "vpc-" and 17 hexadecimal digits.`,
		},
		"unmanaged by nothing": {
			map[string]any{"unmanaged": true},
			"  error at managed_by_tag: Invalid list of traffic mirror sessions\n    managed_by_tag is missing. EC2 does not show which objects a configuration manages. Write the tag that your configurations set on all of their objects, for example in default_tags.",
		},
		"a tag without a key":   {map[string]any{"unmanaged": true, "managed_by_tag": tag("")}, "managed_by_tag.key is empty."},
		"a tag that is null":    {map[string]any{"tags": map[string]any{"team": nil}}, `tags["team"] is null.`},
		"no Region":             {map[string]any{"region": "mars"}, `"mars" is not the name of an AWS Region.`},
		"another partition":     {map[string]any{"region": "cn-north-1"}, "which is in the partition aws-cn"},
		"what is not known yet": {map[string]any{"unmanaged": true, "managed_by_tag": unknown, "network_interface_ids": unknown, "tags": unknown, "region": unknown}, ""},
		"whether it is asked":   {map[string]any{"unmanaged": unknown, "vpc_ids": []any{unknown}, "managed_by_tag": tag(unknown)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := l.validate(t, sessionKind, c.config)
			if c.want == "" && got == "" {
				return
			}
			if results, listed := l.list(t, sessionKind, c.config, 0, false); !strings.Contains(listed, c.want) || results != nil || c.want == "" {
				t.Errorf("listed: got\n%s", listed)
			}
			if _, isRegion := c.config["region"]; !isRegion && !strings.Contains(got, c.want) {
				t.Errorf("validated: got\n%s", got)
			}
		})
	}
}

// An error of EC2 is no empty list, whichever call fails.
func TestList_denied(t *testing.T) {
	t.Parallel()
	for action, c := range map[string]struct {
		kind   string
		config map[string]any
	}{
		"DescribeTrafficMirrorTargets":     {targetKind, nil},
		"DescribeTrafficMirrorFilters":     {filterKind, nil},
		"DescribeTrafficMirrorFilterRules": {ruleKind, nil},
		"DescribeTrafficMirrorSessions":    {filterKind, map[string]any{"idle": true}},
		"DescribeNetworkInterfaces":        {targetKind, map[string]any{"vpc_ids": []any{firstVPC}}},
		"DescribeInstances":                {sessionKind, map[string]any{"idle": true}},
		"DescribeSubnets":                  {sessionKind, map[string]any{"idle": true}},
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			h := newHandmade(t)
			l := newLister(t, h.account, map[string]any{"max_retries": 1, "emulator": map[string]any{"path": h.path("ec2.db"), "topology": h.path("topology.json"), "faults": action + ":500"}})
			results, problems := l.list(t, c.kind, c.config, 0, false)
			if len(results) > 0 || !strings.Contains(problems, "Error listing traffic mirror ") || !strings.Contains(problems, "InternalError") {
				t.Errorf("got %d results\n%s", len(results), problems)
			}
		})
	}
}

// The examples of the pages are valid, and find what their comments say.
func TestList_examples(t *testing.T) {
	t.Parallel()
	h := newHandmade(t)
	l := newLister(t, h.account, nil)
	for kind, want := range map[string]map[string]int{
		targetKind: {"unused": 1, "web": 1}, filterKind: {"netsec": 1, "frankfurt": 0}, ruleKind: {"netsec": 1}, sessionKind: {"web": 3, "unmanaged": 3, "idle": 1},
	} {
		blocks := listBlocks(t, kind)
		if len(blocks) != len(want) {
			t.Errorf("%s: %d examples, want %d", kind, len(blocks), len(want))
		}
		for name, config := range blocks {
			if problems := l.validate(t, kind, config); problems != "" {
				t.Errorf("%s %s:\n%s", kind, name, problems)
			}
			if results, problems := l.list(t, kind, config, 0, false); len(results) != want[name] || problems != "" {
				t.Errorf("%s %s: %d results, want %d\n%s", kind, name, len(results), want[name], problems)
			}
		}
	}
}

// listBlocks returns the arguments in the blocks config of an example, by the names of the list
// blocks.
func listBlocks(t *testing.T, kind string) map[string]map[string]any {
	t.Helper()
	name := listExample(kind)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	file, diags := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	found := map[string]map[string]any{}
	for _, block := range file.Body.(*hclsyntax.Body).Blocks {
		config := map[string]any{}
		for _, inner := range block.Body.Blocks {
			for name, attribute := range inner.Body.Attributes {
				value, diags := attribute.Expr.Value(nil)
				if diags.HasErrors() {
					t.Fatal(diags)
				}
				text, err := ctyjson.Marshal(value, value.Type())
				if err != nil {
					t.Fatal(err)
				}
				var plain any
				if err := json.Unmarshal(text, &plain); err != nil {
					t.Fatal(err)
				}
				config[name] = plain
			}
		}
		if block.Labels[0] != kind {
			t.Errorf("%s lists %s", name, block.Labels[0])
		}
		found[block.Labels[1]] = config
	}
	return found
}

// listExample is the path of the example of a list resource.
func listExample(kind string) string {
	return "../../examples/list-resources/" + kind + "/list-resource.tfquery.hcl"
}
