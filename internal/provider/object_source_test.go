package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// A sourceReader reads data sources as Terraform does, without a CLI.
type sourceReader struct {
	account *account
	server  tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
	ids     *strings.Replacer // from IDs such as tmt-1 to those that EC2 has drawn
	names   *strings.Replacer // and back
}

// newSourceReader returns a reader of an account. It has the targets tmt-1 (an interface) and
// tmt-2 (a load balancer), and the filters tmf-1 (with the rules tmfr-1 and tmfr-2) and tmf-2. Its
// sessions are tms-1 and tms-2 of source, and tms-3 of source2. What ends with 1 has the tags env =
// prod and name = one, what ends with 2 env = prod and name = two, and tms-3 has none.
func newSourceReader(t *testing.T) *sourceReader {
	t.Helper()
	a := newAccount(t)
	r := &sourceReader{account: a}
	r.server, r.schemas = a.server(t)
	var pairs []string
	made := func(name string, id *string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		pairs = append(pairs, name, *id)
		return *id
	}
	target1, err := a.client.CreateTrafficMirrorTarget(t.Context(), &ec2.CreateTrafficMirrorTargetInput{
		NetworkInterfaceId: aws.String(sensor), Description: aws.String("a sensor"), TagSpecifications: sourceTags("traffic-mirror-target", "one"),
	})
	tmt1 := made("tmt-1", target1.TrafficMirrorTarget.TrafficMirrorTargetId, err)
	target2, err := a.client.CreateTrafficMirrorTarget(t.Context(), &ec2.CreateTrafficMirrorTargetInput{
		NetworkLoadBalancerArn: aws.String(sensors), TagSpecifications: sourceTags("traffic-mirror-target", "two"),
	})
	tmt2 := made("tmt-2", target2.TrafficMirrorTarget.TrafficMirrorTargetId, err)
	var filters [2]string
	for i, name := range []string{"one", "two"} {
		filter, err := a.client.CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{TagSpecifications: sourceTags("traffic-mirror-filter", name)})
		filters[i] = made(fmt.Sprintf("tmf-%d", i+1), filter.TrafficMirrorFilter.TrafficMirrorFilterId, err)
	}
	for i, direction := range []types.TrafficDirection{"ingress", "egress"} {
		rule, err := a.client.CreateTrafficMirrorFilterRule(t.Context(), &ec2.CreateTrafficMirrorFilterRuleInput{
			TrafficMirrorFilterId: &filters[0], TrafficDirection: direction, RuleNumber: aws.Int32(100), RuleAction: []types.TrafficMirrorRuleAction{"accept", "reject"}[i],
			Protocol: aws.Int32(6), SourceCidrBlock: aws.String("10.0.0.0/8"), DestinationCidrBlock: aws.String("0.0.0.0/0"), SourcePortRange: &types.TrafficMirrorPortRangeRequest{FromPort: aws.Int32(1), ToPort: aws.Int32(2)},
			TagSpecifications: sourceTags("traffic-mirror-filter-rule", []string{"one", "two"}[i]),
		})
		made(fmt.Sprintf("tmfr-%d", i+1), rule.TrafficMirrorFilterRule.TrafficMirrorFilterRuleId, err)
	}
	if _, err := a.client.ModifyTrafficMirrorFilterNetworkServices(t.Context(), &ec2.ModifyTrafficMirrorFilterNetworkServicesInput{
		TrafficMirrorFilterId: &filters[1], AddNetworkServices: []types.TrafficMirrorNetworkService{"amazon-dns"},
	}); err != nil {
		t.Fatal(err)
	}
	for i, s := range []struct {
		on, target string
		tags       []types.TagSpecification
	}{
		{source, tmt1, sourceTags("traffic-mirror-session", "one")},
		{source, tmt2, sourceTags("traffic-mirror-session", "two")},
		{source2, tmt1, nil},
	} {
		session, err := a.client.CreateTrafficMirrorSession(t.Context(), &ec2.CreateTrafficMirrorSessionInput{
			NetworkInterfaceId: &s.on, TrafficMirrorTargetId: &s.target, TrafficMirrorFilterId: &filters[0], SessionNumber: aws.Int32(int32(i + 1)),
			VirtualNetworkId: aws.Int32(int32(7 + i)), TagSpecifications: s.tags,
		})
		made(fmt.Sprintf("tms-%d", i+1), session.TrafficMirrorSession.TrafficMirrorSessionId, err)
	}
	r.ids = strings.NewReplacer(pairs...)
	slices.Reverse(pairs)
	r.names = strings.NewReplacer(pairs...)
	return r
}

func sourceTags(kind types.ResourceType, name string) []types.TagSpecification {
	return tagsOf(kind, "env", "prod", "name", name)
}

// tagsOf are the tags of a new object: keys, each with its value.
func tagsOf(kind types.ResourceType, pairs ...string) []types.TagSpecification {
	var tags []types.Tag
	for i := 0; i < len(pairs); i += 2 {
		tags = append(tags, types.Tag{Key: &pairs[i], Value: &pairs[i+1]})
	}
	return []types.TagSpecification{{ResourceType: kind, Tags: tags}}
}

// read reads a data source whose configuration is written as JSON.
func (r *sourceReader) read(t *testing.T, kind, config string) (map[string]any, []*tfprotov6.Diagnostic) {
	t.Helper()
	arguments := map[string]any{}
	if err := json.Unmarshal([]byte(r.ids.Replace(config)), &arguments); err != nil {
		t.Fatalf("%s: %v", config, err)
	}
	resp, err := r.server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: kind, Config: dynamicValue(t, r.schemas.DataSourceSchemas[kind].ValueType(), arguments),
	})
	if err != nil {
		t.Fatal(err)
	}
	state := map[string]any{}
	if refused(resp.Diagnostics) != nil {
		return state, resp.Diagnostics
	}
	if err := msgpack.Unmarshal(resp.State.MsgPack, &state); err != nil {
		t.Fatal(err)
	}
	return state, resp.Diagnostics
}

func TestObjectSource_one(t *testing.T) {
	t.Parallel()
	r := newSourceReader(t)
	const orLater = " If this configuration creates it, use the resource, trafficmirror_%s.NAME, instead of the data source, or list it in depends_on."
	for _, test := range []struct{ kind, config, want string }{
		{"target", `{"id": "tmt-1"}`, "tmt-1"},
		{"target", `{"network_interface_id": "` + sensor + `"}`, "tmt-1"},
		{"target", `{"network_load_balancer_arn": "` + sensors + `"}`, "tmt-2"},
		{"target", `{"type": "network-load-balancer"}`, "tmt-2"},
		{"target", `{"description": "a sensor"}`, "tmt-1"},
		{"target", `{"description": ""}`, "tmt-2"},
		{"target", `{"tags": {"name": "two"}}`, "tmt-2"},
		{"target", `{"tags": {"name": "two", "env": "prod"}, "owner_id": "123456789012"}`, "tmt-2"},
		{"filter", `{"network_services": ["amazon-dns"]}`, "tmf-2"},
		{"filter", `{"network_services": []}`, "tmf-1"},
		{"session", `{"network_interface_id": "` + source + `", "session_number": 2}`, "tms-2"},
		{"session", `{"virtual_network_id": 9}`, "tms-3"},
		{"session", `{"traffic_mirror_target_id": "tmt-2", "traffic_mirror_filter_id": "tmf-1"}`, "tms-2"},
		{
			"target", `{"owner_id": "123456789012"}`,
			"Several traffic mirror targets match: us-east-1 has 2 traffic mirror targets with owner_id = \"123456789012\": tmt-1, tmt-2. Add an argument that fits only one of them. They differ in id, type, network_interface_id, network_load_balancer_arn, description, tags. To read all of them, use the data source trafficmirror_targets.",
		},
		{
			"session", `{"network_interface_id": "` + source + `", "tags": {"env": "prod"}}`,
			`Several traffic mirror sessions match: us-east-1 has 2 traffic mirror sessions with network_interface_id = "` + source + `" and tags = {"env" = "prod"}: tms-1, tms-2. Add an argument that fits only one of them. They differ in id, session_number, traffic_mirror_target_id, virtual_network_id, tags. To read all of them, use the data source trafficmirror_sessions.`,
		},
		{
			"session", `{"network_interface_id": "` + source + `", "session_number": 7}`,
			`No traffic mirror session matches: us-east-1 has no traffic mirror session with network_interface_id = "` + source + `" and session_number = 7. Every argument except session_number fits tms-1, tms-2.` + orLater,
		},
		{
			"session", `{"session_number": 7}`,
			`No traffic mirror session matches: us-east-1 has no traffic mirror session with session_number = 7.` + orLater,
		},
		{
			"target", `{"id": "tmt-1", "type": "network-load-balancer"}`,
			`No traffic mirror target matches: us-east-1 has no traffic mirror target with id = "tmt-1" and type = "network-load-balancer". Every argument except type fits tmt-1.` + orLater,
		},
		{
			"filter", `{"id": "tmf-0123456789abcdef0"}`,
			`No traffic mirror filter matches: us-east-1 has no traffic mirror filter with id = "tmf-0123456789abcdef0".` + orLater,
		},
		{
			"filter", `{"id": "tmf-1", "region": "cn-north-1"}`,
			`Region of another partition: region is "cn-north-1", which is in the partition aws-cn. The credentials of the provider block are of the partition aws, and are not valid there. Write a Region of aws, or use a provider block with credentials of aws-cn.`,
		},
		{
			"filter", `{"region": "eu-west-1", "network_services": []}`,
			`No traffic mirror filter matches: eu-west-1 has no traffic mirror filter with network_services = [].` + orLater,
		},
		{
			"filter", `{}`,
			`Nothing selects a traffic mirror filter: Every argument is null or empty. Set id, or another argument that fits only one traffic mirror filter. The id of a session that is disabled is null: EC2 has no such session. To read all traffic mirror filters, use the data source trafficmirror_filters.`,
		},
		{
			"session", `{"id": null, "tags": {}}`,
			`Nothing selects a traffic mirror session: Every argument is null or empty. Set id, or another argument that fits only one traffic mirror session. The id of a session that is disabled is null: EC2 has no such session. To read all traffic mirror sessions, use the data source trafficmirror_sessions.`,
		},
	} {
		want := test.want
		if strings.Contains(want, "%s") {
			want = fmt.Sprintf(want, test.kind)
		}
		state, diagnostics := r.read(t, "trafficmirror_"+test.kind, test.config)
		got := fmt.Sprint(state["id"])
		if len(diagnostics) > 0 {
			got = diagnostics[0].Summary + ": " + diagnostics[0].Detail
		}
		// The IDs, and so their order, differ from run to run.
		if got = strings.ReplaceAll(r.names.Replace(got), "tmt-2, tmt-1", "tmt-1, tmt-2"); got != want {
			t.Errorf("%s %s:\n got %s\nwant %s", test.kind, test.config, got, want)
		}
	}
}

func TestObjectSource_many(t *testing.T) {
	t.Parallel()
	r := newSourceReader(t)
	for _, test := range []struct{ kind, config, want string }{
		{"targets", `{}`, "tmt-1 tmt-2"},
		{"targets", `{"region": "eu-west-1"}`, ""},
		{"targets", `{"tags": {"env": "prod"}}`, "tmt-1 tmt-2"},
		{"targets", `{"tags": {"env": "test"}}`, ""},
		{"targets", `{"type": "network-interface", "tags": {"name": "two"}}`, ""},
		{"filters", `{"tags": {"name": "one"}}`, "tmf-1"},
		{"filter_rules", `{}`, "tmfr-1 tmfr-2"},
		{"filter_rules", `{"traffic_mirror_filter_ids": ["tmf-2"]}`, ""},
		{"filter_rules", `{"traffic_mirror_filter_ids": ["tmf-2", "tmf-1"], "traffic_direction": "egress"}`, "tmfr-2"},
		{"filter_rules", `{"traffic_mirror_filter_ids": []}`, ""},
		{"filter_rules", `{"rule_action": "accept"}`, "tmfr-1"},
		{"filter_rules", `{"tags": {"name": "two"}}`, "tmfr-2"},
		{"sessions", `{}`, "tms-1 tms-2 tms-3"},
		{"sessions", `{"network_interface_id": "` + source + `"}`, "tms-1 tms-2"},
		{"sessions", `{"traffic_mirror_target_id": "tmt-1"}`, "tms-1 tms-3"},
		{"sessions", `{"tags": {"env": "prod"}}`, "tms-1 tms-2"},
	} {
		state, diagnostics := r.read(t, "trafficmirror_"+test.kind, test.config)
		if len(diagnostics) > 0 {
			t.Errorf("%s %s: %s", test.kind, test.config, worded(diagnostics))
			continue
		}
		ids := make([]string, 0)
		for _, id := range state["ids"].([]any) {
			ids = append(ids, id.(string))
		}
		if !slices.IsSorted(ids) {
			t.Errorf("%s %s: the IDs are not sorted: %v", test.kind, test.config, ids)
		}
		objects := state[test.kind].(map[string]any)
		if keys := slices.Sorted(maps.Keys(objects)); !slices.Equal(keys, ids) {
			t.Errorf("%s %s: ids are %v, and the keys of %s %v", test.kind, test.config, ids, test.kind, keys)
		}
		got := strings.Fields(r.names.Replace(strings.Join(ids, " ")))
		if slices.Sort(got); strings.Join(got, " ") != test.want {
			t.Errorf("%s %s: %v, not %s", test.kind, test.config, got, test.want)
		}
	}
}

// An object has the same attributes with the same values in its resource, in the data source of
// one and in that of many.
func TestObjectSource_values(t *testing.T) {
	t.Parallel()
	r := newSourceReader(t)
	for id, kind := range map[string]string{"tmt-1": "target", "tmt-2": "target", "tmf-1": "filter", "tmf-2": "filter", "tmfr-1": "filter_rule", "tms-1": "session", "tms-3": "session"} {
		resource := r.resource(t, "trafficmirror_"+kind, r.ids.Replace(id))
		many, _ := r.read(t, "trafficmirror_"+kind+"s", `{}`)
		shown := []map[string]any{many[kind+"s"].(map[string]any)[r.ids.Replace(id)].(map[string]any)}
		if kind != "filter_rule" {
			one, _ := r.read(t, "trafficmirror_"+kind, `{"id": "`+id+`"}`)
			if one["region"] != "us-east-1" {
				t.Errorf("%s: region %v", id, one["region"])
			}
			shown = append(shown, one)
		}
		for _, object := range shown {
			delete(object, "region")
			for name, value := range object {
				if name == "tags" {
					name = "tags_all"
				}
				has, found := resource[name]
				if !found || fmt.Sprint(value) != fmt.Sprint(has) {
					t.Errorf("%s: %s is %v in the data source, and %v in the resource", id, name, value, has)
				}
			}
			for name := range resource {
				isOfConfiguration := slices.Contains([]string{"tags_all", "timeouts", "assertions", "region", "enabled", "status", "status_reason"}, name)
				if _, found := object[name]; !found && !isOfConfiguration {
					t.Errorf("%s: the data source has no %s", id, name)
				}
			}
		}
	}
}

// resource imports an object as a resource and reads it.
func (r *sourceReader) resource(t *testing.T, kind, id string) map[string]any {
	t.Helper()
	imported, err := r.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: id})
	if err != nil || len(imported.ImportedResources) != 1 {
		t.Fatalf("import of %s: %v %v", id, err, worded(imported.Diagnostics))
	}
	read, err := r.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: kind, CurrentState: imported.ImportedResources[0].State, Private: imported.ImportedResources[0].Private, CurrentIdentity: imported.ImportedResources[0].Identity,
	})
	if err != nil || len(read.Diagnostics) > 0 {
		t.Fatalf("read of %s: %v %v", id, err, worded(read.Diagnostics))
	}
	state := map[string]any{}
	if err := msgpack.Unmarshal(read.NewState.MsgPack, &state); err != nil {
		t.Fatal(err)
	}
	return state
}

// A data source shows the tags that tags_all of the resource shows, and those that have selected
// the object. It selects by every tag.
func TestObjectSource_tags(t *testing.T) {
	t.Parallel()
	r := newSourceReader(t)
	target := r.ids.Replace("tmt-1")
	if _, err := r.account.client.CreateTags(t.Context(), &ec2.CreateTagsInput{
		Resources: []string{target}, Tags: []types.Tag{{Key: aws.String("cost"), Value: aws.String("1")}, {Key: aws.String("costly"), Value: aws.String("no")}},
	}); err != nil {
		t.Fatal(err)
	}
	r.server, r.schemas = r.account.serverWith(t, map[string]any{
		"default_tags": []any{map[string]any{"tags": map[string]any{"name": "other"}}},
		"ignore_tags":  []any{map[string]any{"keys": []any{"env", "name"}, "key_prefixes": []any{"cost"}}},
	})
	for _, test := range []struct{ config, want string }{
		{`{"id": "tmt-1"}`, "map[name:one]"},
		{`{"tags": {"cost": "1"}}`, "map[cost:1 name:one]"},
		{`{"tags": {"env": "prod", "name": "one"}}`, "map[env:prod name:one]"},
		{`{"tags": {"env": "test", "name": "one"}}`, "<nil>"},
		{`{"tags": {"name": "other"}}`, "<nil>"},
		{`{"tags": {}, "id": "tmt-1"}`, "map[name:one]"},
	} {
		state, _ := r.read(t, "trafficmirror_target", test.config)
		many, _ := r.read(t, "trafficmirror_targets", strings.Replace(test.config, `"id": "tmt-1"`, `"description": "a sensor"`, 1))
		var inMap any
		if object, found := many["targets"].(map[string]any)[target]; found {
			inMap = object.(map[string]any)["tags"]
		}
		if fmt.Sprint(state["tags"]) != test.want || fmt.Sprint(inMap) != test.want {
			t.Errorf("%s: tags %v, in the map %v, not %s", test.config, state["tags"], inMap, test.want)
		}
	}
	if all := r.resource(t, "trafficmirror_target", target)["tags_all"]; fmt.Sprint(all) != "map[name:one]" {
		t.Errorf("the resource shows %v", all)
	}
}

func TestObjectSource_validate(t *testing.T) {
	t.Parallel()
	server, schemas := newAccount(t).server(t)
	for _, test := range []struct{ kind, config, want string }{
		{"target", `{"id": "tmf-0123456789abcdef0"}`, `id is "tmf-0123456789abcdef0". Write the ID of a traffic mirror target: "tmt-" and 17 hexadecimal digits.`},
		{"target", `{"network_load_balancer_arn": "x"}`, `network_load_balancer_arn is "x", which is not the ARN of a load balancer. Write the ARN of a Network Load Balancer, "arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/net/NAME/ID".`},
		{"target", `{"type": "interface"}`, `type is "interface". Write "network-interface", "network-load-balancer" or "gateway-load-balancer-endpoint".`},
		{"targets", `{"owner_id": "me"}`, `owner_id is "me". Write the 12 digits of an AWS account ID.`},
		{"targets", `{"gateway_load_balancer_endpoint_id": "vpce-1"}`, `gateway_load_balancer_endpoint_id is "vpce-1". Write the ID of a Gateway Load Balancer endpoint: "vpce-" and 17 hexadecimal digits.`},
		{"filter", `{"network_services": ["dns"]}`, `network_services is "dns". Write "amazon-dns".`},
		{"filters", `{"tags": {"env": null}}`, `tags["env"] is null. Write a string ("" for an empty value), or remove the key.`},
		{"filters", `{"tags": {"aws:cloudformation:stack-name": "x"}, "description": ""}`, ``},
		{"filter_rules", `{"traffic_mirror_filter_ids": ["tmfr-0123456789abcdef0"]}`, `traffic_mirror_filter_ids is "tmfr-0123456789abcdef0". Write the ID of a traffic mirror filter: "tmf-" and 17 hexadecimal digits.`},
		{"filter_rules", `{"traffic_direction": "both", "rule_action": "drop"}`, `traffic_direction is "both". Write "ingress" or "egress". rule_action is "drop". Write "accept" or "reject".`},
		{"session", `{"session_number": 0, "virtual_network_id": 16777216}`, `session_number is 0. Write a whole number from 1 to 32766. virtual_network_id is 16777216. Write a whole number from 1 to 16777215.`},
		{"session", `{"session_number": 1.5}`, `session_number is 1.5. Write a whole number from 1 to 32766.`},
		{"sessions", `{"traffic_mirror_target_id": "tmt-", "traffic_mirror_filter_id": "", "network_interface_id": "eth0"}`, `network_interface_id is "eth0". Write the ID of a network interface: "eni-" and 17 hexadecimal digits. traffic_mirror_target_id is "tmt-". Write the ID of a traffic mirror target: "tmt-" and 17 hexadecimal digits. traffic_mirror_filter_id is missing. Write the ID of a traffic mirror filter: "tmf-" and 17 hexadecimal digits.`},
		{"session", `{"id": "?", "session_number": "?", "tags": "?", "region": "?"}`, ``},
		{"session", `{"tags": {"env": "?"}}`, ``},
		{"filter_rules", `{"traffic_mirror_filter_ids": "?"}`, ``},
	} {
		arguments := map[string]any{}
		if err := json.Unmarshal([]byte(strings.ReplaceAll(test.config, `"?"`, `"`+unknown+`"`)), &arguments); err != nil {
			t.Fatalf("%s: %v", test.config, err)
		}
		kind := "trafficmirror_" + test.kind
		resp, err := server.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
			TypeName: kind, Config: dynamicValue(t, schemas.DataSourceSchemas[kind].ValueType(), arguments),
		})
		if err != nil {
			t.Fatal(err)
		}
		var details []string
		for _, d := range resp.Diagnostics {
			details = append(details, d.Detail)
			if d.Attribute == nil {
				t.Errorf("%s %s: %q is at no argument", test.kind, test.config, d.Detail)
			}
		}
		if got := strings.Join(details, " "); got != test.want {
			t.Errorf("%s %s:\n got %s\nwant %s", test.kind, test.config, got, test.want)
		}
	}
}

// A plan reads each kind of object once, for its resources and its data sources together. An apply
// does not rely on what it has read before: another process may have created something since.
func TestObjectSource_calls(t *testing.T) {
	t.Parallel()
	r := newSourceReader(t)
	handler, err := emulator.New(emulator.Options{Path: r.account.path("ec2.db"), Topology: parseTopology(t, testTopology)})
	if err != nil {
		t.Fatal(err)
	}
	calls, pages := map[string]int{}, 0
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		form, _ := url.ParseQuery(string(body)) // EC2 refuses what cannot be read
		calls[form.Get("Action")]++
		if form.Has("MaxResults") {
			pages++
		}
		handler.ServeHTTP(w, req)
	}))
	t.Cleanup(server.Close)
	newRun := func() {
		r.server, r.schemas = r.account.serverWith(t, map[string]any{
			"emulator": nil, "access_key": "test", "secret_key": "test", "skip_metadata_api_check": "true", "skip_credentials_validation": true, "skip_requesting_account_id": true,
			"endpoints": []any{map[string]any{"ec2": server.URL}},
		})
	}
	readAll := func() {
		for kind, id := range map[string]string{"target": "tmt-1", "filter": "tmf-1", "filter_rule": "", "session": "tms-1"} {
			if _, diagnostics := r.read(t, "trafficmirror_"+kind+"s", `{"tags": {"env": "prod"}}`); diagnostics != nil {
				t.Error(worded(diagnostics))
			}
			if id != "" {
				for _, config := range []string{`{"id": "` + id + `"}`, `{"tags": {"env": "prod", "name": "one"}}`} {
					if _, diagnostics := r.read(t, "trafficmirror_"+kind, config); diagnostics != nil {
						t.Error(worded(diagnostics))
					}
				}
			}
		}
	}

	newRun()
	for kind, id := range map[string]string{"target": "tmt-1", "filter": "tmf-1", "filter_rule": "tmfr-1", "session": "tms-1"} {
		r.resource(t, "trafficmirror_"+kind, r.ids.Replace(id))
	}
	readAll()
	once := map[string]int{"DescribeTrafficMirrorTargets": 1, "DescribeTrafficMirrorFilters": 1, "DescribeTrafficMirrorFilterRules": 1, "DescribeTrafficMirrorSessions": 1}
	maps.DeleteFunc(calls, func(action string, _ int) bool { return !strings.HasPrefix(action, "DescribeTrafficMirror") }) // the status of a session needs more
	if !maps.Equal(calls, once) {
		t.Errorf("the calls of a plan: %v", calls)
	}

	newRun()
	readAll()
	made, err := r.account.client.CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{})
	if err != nil {
		t.Fatal(err)
	}
	id := *made.TrafficMirrorFilter.TrafficMirrorFilterId
	if state, _ := r.read(t, "trafficmirror_filters", `{}`); !slices.Contains(state["ids"].([]any), any(id)) {
		t.Errorf("what was created since is not listed: %v", state["ids"])
	}
	if state, diagnostics := r.read(t, "trafficmirror_filter", `{"id": "`+id+`"}`); state["id"] != id {
		t.Errorf("what was created since is not found by its ID: %s", worded(diagnostics))
	}

	newRun()
	pages = 0
	clear(calls)
	for kind, config := range map[string]string{
		"target": `{"id": "tmt-1"}`, "filter": `{"id": "tmf-1"}`, "session": `{"id": "tms-1"}`,
		"filter_analysis": `{"traffic_mirror_filter_id": "tmf-1", "compare": {"traffic_mirror_filter_id": "tmf-2"}}`,
	} {
		if _, diagnostics := r.read(t, "trafficmirror_"+kind, config); diagnostics != nil {
			t.Error(worded(diagnostics))
		}
	}
	if pages > 0 || calls["DescribeTrafficMirrorFilters"] != 3 {
		t.Errorf("an apply reads %d pages to find single objects: %v", pages, calls)
	}
}
