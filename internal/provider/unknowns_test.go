package provider_test

import (
	"fmt"
	"maps"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// full are two configurations of each resource that set every argument that goes together
// with the others, and differ in each.
var full = map[string][2]string{
	"trafficmirror_target": {
		`{"region": "us-east-1", "network_interface_id": "` + sensor + `", "description": "a", "tags": {"name": "a", "team": "x"}, "timeouts": {"create": "1m", "update": "1m", "delete": "1m"}}`,
		`{"network_load_balancer_arn": "` + sensors + `", "description": "b", "tags": {"name": "b"}, "timeouts": {"create": "2m", "update": "2m", "delete": "2m"}}`,
	},
	"trafficmirror_filter": {
		`{"region": "us-east-1", "description": "a", "network_services": ["amazon-dns"], "tags": {"name": "a"}, "timeouts": {"create": "1m", "update": "1m", "delete": "1m"},
		  "ingress_rules": {"100": ` + fullRule + `, "200": {"rule_action": "reject", "source_cidr_block": "::/0", "destination_cidr_block": "::/0"}}, "egress_rules": {"1": ` + fullRule + `},
		  "assertions": {"never_mirror": {"ssh": ` + fullSpace + `}, "always_mirror": {"web": ` + strings.ReplaceAll(fullSpace, ": 22", ": 443") + `}}}`,
		`{"description": "a", "tags": {"name": "b"}, "ingress_rules": {"100": ` + otherRule + `}, "egress_rules": {"1": ` + otherRule + `, "2": ` + fullRule + `},
		  "assertions": {"never_mirror": {"ssh": ` + strings.ReplaceAll(fullSpace, "ingress", "egress") + `, "other": {"protocol": "icmp"}}}}`,
	},
	"trafficmirror_filter_rule": {
		strings.Replace(fullRule, `{`, `{"region": "us-east-1", "traffic_mirror_filter_id": "FILTER", "traffic_direction": "ingress", "rule_number": 100, "tags": {"name": "a"}, "timeouts": {"create": "1m", "update": "1m", "delete": "1m"}, `, 1),
		strings.Replace(otherRule, `{`, `{"traffic_mirror_filter_id": "FILTER", "traffic_direction": "egress", "rule_number": 200, "tags": {"name": "b"}, `, 1),
	},
	"trafficmirror_session": {
		`{"region": "us-east-1", "network_interface_id": "` + source2 + `", "traffic_mirror_target_id": "TARGET", "traffic_mirror_filter_id": "FILTER", "session_number": 3, "packet_length": 100,
		  "virtual_network_id": 7, "description": "a", "tags": {"name": "a"}, "timeouts": {"create": "1m", "update": "1m", "delete": "1m"}}`,
		`{"network_interface_id": "` + source2 + `", "traffic_mirror_target_id": "BALANCER", "traffic_mirror_filter_id": "OTHER", "session_number": 4, "packet_length": 200,
		  "virtual_network_id": 8, "description": "b", "tags": {"name": "b"}, "timeouts": {"create": "2m", "update": "2m", "delete": "2m"}}`,
	},
	"trafficmirror_simulation": {
		`{"network_interface_id": "` + source + `", "region": "us-east-1", "dns_resolver_addresses": ["10.0.0.2"], "capture": {"path": "CAPTURE", "verdicts": 1}, "output": {"path": "FOLDER/a.pcap"}, "annotated": {"path": "FOLDER/a.pcapng"},
		  "packets": [` + fullPacket + `], "expect": [{"packet": "web", "mirrored": true, "outcome": "mirrored", "reason": "rule_accepts", "session_number": 1, "rule_number": 1, "bytes": 100}]}`,
		`{"network_interface_id": "` + source + `", "dns_resolver_addresses": ["10.0.0.3"], "capture": {"path": "CAPTURE", "verdicts": 2}, "output": {"path": "FOLDER/b.pcap"}, "annotated": {"path": "FOLDER/b.pcapng"},
		  "packets": [` + fullPacket + `, {"name": "ping", "direction": "ingress", "protocol": "icmp", "source": "192.0.2.1", "destination": "10.0.1.11"}], "expect": [{"packet": "ping", "mirrored": true}]}`,
	},
}

const (
	fullRule = `{"rule_action": "accept", "protocol": "tcp", "source_cidr_block": "10.0.0.0/8", "destination_cidr_block": "0.0.0.0/0", "description": "a",
	  "source_port_range": {"from_port": 1024, "to_port": 65535}, "destination_port_range": {"from_port": 443, "to_port": 444}}`
	otherRule = `{"rule_action": "accept", "protocol": "udp", "source_cidr_block": "10.0.0.0/16", "destination_cidr_block": "10.0.0.0/8", "description": "b",
	  "source_port_range": {"from_port": 0, "to_port": 53}, "destination_port_range": {"from_port": 53, "to_port": 53}}`
	fullSpace = `{"traffic_direction": "ingress", "protocol": "tcp", "source_cidr_block": "10.0.0.0/8", "destination_cidr_block": "0.0.0.0/0",
	  "source_port_range": {"from_port": 1024, "to_port": 65535}, "destination_port_range": {"from_port": 22, "to_port": 22}}`
	fullPacket = `{"name": "web", "direction": "ingress", "protocol": "tcp", "source": "192.0.2.1", "destination": "10.0.1.11", "source_port": 50000, "destination_port": 443, "length": 100}`
)

// A companion is another object in the plan, which collides with the first of the full
// configurations. MADE is the ID of the object that exists as that one says.
type companion struct{ kind, prior, config string }

var companions = map[string][]companion{
	"trafficmirror_target": {
		{"trafficmirror_target", "", full["trafficmirror_target"][0]},
		{"trafficmirror_session", "", `{"network_interface_id": "` + sensor + `", "traffic_mirror_target_id": "TARGET", "traffic_mirror_filter_id": "FILTER"}`},
	},
	"trafficmirror_filter": {
		{"trafficmirror_filter_rule", "", strings.Replace(fullRule, `{`, `{"traffic_mirror_filter_id": "MADE", "traffic_direction": "ingress", "rule_number": 7, `, 1)},
		{"trafficmirror_filter_rule", "", strings.Replace(fullRule, `{`, `{"traffic_mirror_filter_id": "MADE", "traffic_direction": "egress", "rule_number": 7, `, 1)},
	},
	"trafficmirror_filter_rule": {
		{"trafficmirror_filter_rule", "", full["trafficmirror_filter_rule"][0]},
		{"trafficmirror_filter", `{"id": "FILTER", "arn": "a", "ingress_rules": {}, "egress_rules": {}, "tags_all": {}}`, `{"ingress_rules": {}}`},
	},
	"trafficmirror_session": {
		{"trafficmirror_session", "", full["trafficmirror_session"][0]},
		{"trafficmirror_target", "", `{"network_interface_id": "` + source2 + `"}`},
	},
}

// A state is what a test puts in the spot of one value of a configuration.
type state struct {
	name  string
	value func(tftypes.Type) any // nil: there is no such value of the type
}

var states = []state{
	{"unknown", func(tftypes.Type) any { return tftypes.UnknownValue }},
	{"null", func(tftypes.Type) any { return nil }},
	{"empty", empty},
	{"zero", func(tftypes.Type) any { return big.NewFloat(0) }},
	{"negative", func(tftypes.Type) any { return big.NewFloat(-1) }},
	{"fraction", func(tftypes.Type) any { return big.NewFloat(512.5) }},
	{"huge", func(tftypes.Type) any { return big.NewFloat(1e30) }},
}

func empty(t tftypes.Type) any {
	switch of := t.(type) {
	case tftypes.Map:
		return map[string]tftypes.Value{}
	case tftypes.List, tftypes.Set:
		return []tftypes.Value{}
	case tftypes.Object:
		values := map[string]tftypes.Value{}
		for name, attribute := range of.AttributeTypes {
			values[name] = tftypes.NewValue(attribute, nil)
		}
		return values
	}
	return ""
}

// applies reports whether the state exists for a type.
func (s state) applies(t tftypes.Type) bool {
	switch s.name {
	case "unknown", "null":
		return true
	case "empty":
		return !t.Is(tftypes.Number) && !t.Is(tftypes.Bool)
	}
	return t.Is(tftypes.Number)
}

// A spot is a value in a configuration.
type spot struct {
	path *tftypes.AttributePath
	of   tftypes.Type
}

// spots are the values in a configuration that a user can write, those that are null
// included.
func spots(schema *tfprotov6.SchemaObject, at *tftypes.AttributePath, config tftypes.Value) []spot {
	var all []spot
	values := attributesOf(config)
	for _, a := range schema.Attributes {
		value, path := values[a.Name], at.WithAttributeName(a.Name)
		if values == nil || !a.Required && !a.Optional {
			continue
		}
		all = append(all, spot{path, value.Type()})
		switch {
		case a.NestedType != nil && a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle:
			all = append(all, spots(a.NestedType, path, value)...)
		case value.Type().Is(tftypes.Set{}): // an element of a set has no path of its own
		default:
			for _, e := range elementPaths(path, value) {
				all = append(all, spot{e.path, e.of})
				if a.NestedType != nil {
					all = append(all, spots(a.NestedType, e.path, elementsOf(value)[e.key])...)
				}
			}
		}
	}
	return all
}

type elementPath struct {
	spot
	key string
}

func elementPaths(at *tftypes.AttributePath, value tftypes.Value) []elementPath {
	var all []elementPath
	elements := elementsOf(value)
	for i, key := range keys(value) {
		path := at.WithElementKeyString(key)
		if value.Type().Is(tftypes.List{}) {
			key, path = fmt.Sprint(i), at.WithElementKeyInt(i)
		}
		all = append(all, elementPath{spot{path, elements[key].Type()}, key})
	}
	return all
}

// with returns a configuration with another value in one place.
func with(t *testing.T, config tftypes.Value, at spot, value any) tftypes.Value {
	t.Helper()
	if value == "" && !at.of.Is(tftypes.String) {
		value = nil
	}
	return withValue(t, config, at, tftypes.NewValue(at.of, value))
}

func withValue(t *testing.T, config tftypes.Value, at spot, value tftypes.Value) tftypes.Value {
	t.Helper()
	changed, err := tftypes.Transform(config, func(p *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if p.Equal(at.path) {
			return value, nil
		}
		return v, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// TestUnknowns puts unknown, null, empty and impossible values in every spot of every
// resource, for a new object, for one that exists as configured, and for one that changes.
//
// An unknown value is never an error, its plan is legal, and the plan of the apply, which
// knows the value, keeps what the first plan knew. Nothing that a user can write is blamed
// on the provider. After an apply there is nothing left to do. Without TRAFFICMIRROR_LONG,
// only every fifth of the applies runs, and only arguments of what exists are tried with
// another object.
func TestUnknowns(t *testing.T) {
	t.Parallel()
	for kind := range full {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			g := newGenerator(t, kind)
			for i, move := range []string{"create", "keep", "change"} {
				if i == 1 {
					g.made = g.create(t)
				}
				config := g.configs[i/2]
				for _, at := range spots(g.object(), tftypes.NewAttributePath(), config) {
					for _, s := range states {
						if s.applies(at.of) {
							g.try(t, move, config, at, s)
						}
					}
				}
			}
			if g.cases == 0 {
				t.Error("nothing was tried")
			}
			t.Logf("%d cases, %d of them applied, %d beside another object", g.cases, g.applied, g.beside)
		})
	}
}

// A generator has what one resource needs.
type generator struct {
	core
	account *account
	configs [2]tftypes.Value
	made    instance // as the first configuration says; null for a new object

	block   *tfprotov6.DynamicValue // of the provider
	names   *strings.Replacer
	schemas *tfprotov6.GetProviderSchemaResponse

	cases, plans, applied, beside int
}

func newGenerator(t *testing.T, kind string) *generator {
	t.Helper()
	sim := newSimulationCase(t)
	a := sim.account
	targetID, filterID, _ := a.mirror(t)
	ctx, client := t.Context(), a.client
	balancer := targetID
	if kind == "trafficmirror_session" {
		made, err := client.CreateTrafficMirrorTarget(ctx, &ec2.CreateTrafficMirrorTargetInput{NetworkLoadBalancerArn: aws.String(sensors)})
		if err != nil {
			t.Fatal(err)
		}
		balancer = *made.TrafficMirrorTarget.TrafficMirrorTargetId
	}
	other, err := client.CreateTrafficMirrorFilter(ctx, &ec2.CreateTrafficMirrorFilterInput{})
	if err != nil {
		t.Fatal(err)
	}
	if kind == "trafficmirror_simulation" {
		_, err := client.CreateTrafficMirrorFilterRule(ctx, &ec2.CreateTrafficMirrorFilterRuleInput{
			TrafficMirrorFilterId: &filterID, TrafficDirection: "ingress", RuleNumber: aws.Int32(1), RuleAction: "accept",
			SourceCidrBlock: aws.String("0.0.0.0/0"), DestinationCidrBlock: aws.String("0.0.0.0/0"),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	names := strings.NewReplacer("TARGET", targetID, "BALANCER", balancer, "FILTER", filterID, "OTHER", *other.TrafficMirrorFilter.TrafficMirrorFilterId,
		"CAPTURE", a.path("web.pcap"), "FOLDER", a.folder, sensor, sensor2)
	schemas, err := provider.NewServer(newProvider)().GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	g := &generator{account: a, names: names, schemas: schemas}
	g.configure(t, nil)
	g.core = core{kind: kind, schema: schemas.ResourceSchemas[kind], server: func(t *testing.T) tfprotov6.ProviderServer {
		t.Helper()
		server := provider.NewServer(newProvider)()
		configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: g.block})
		if err != nil || refused(configured.Diagnostics) != nil {
			t.Fatal(err, refused(configured.Diagnostics))
		}
		return server
	}}
	for i, text := range full[kind] {
		g.configs[i] = g.value(t, dynamicJSON(t, g.schema.ValueType(), names.Replace(text)))
	}
	g.made = instance{value: g.nothing()}
	return g
}

// create makes the object of the first configuration.
func (g *generator) create(t *testing.T) instance {
	t.Helper()
	plan, wrong := g.plan(t, instance{value: g.nothing()}, g.configs[0])
	if wrong != nil {
		t.Fatal(wrong)
	}
	made, wrong := g.apply(t, plan)
	if wrong != nil {
		t.Fatal(wrong)
	}
	return made
}

func (g *generator) destroy(t *testing.T, present instance) {
	t.Helper()
	if present.value.IsNull() {
		return
	}
	plan, wrong := g.plan(t, present, g.nothing())
	if wrong == nil {
		_, wrong = g.apply(t, plan)
	}
	if wrong != nil {
		t.Error(wrong)
	}
}

func (g *generator) try(t *testing.T, move string, config tftypes.Value, at spot, s state) {
	t.Helper()
	g.cases++
	fail := func(what string, found any) {
		t.Helper()
		t.Errorf("%s, %s is %s: %s\n%v", move, at.path, s.name, what, found)
	}
	varied := with(t, config, at, s.value(at.of))
	plan, wrong := g.plan(t, g.made, varied)
	switch {
	case s.name == "unknown" && wrong != nil:
		fail("the plan is refused", wrong)
	case wrong != nil:
		if wrong.blames() {
			fail("the plan fails", wrong)
		}
	case s.name == "unknown":
		g.resolve(t, plan, config, fail)
		for _, c := range companions[g.kind] {
			if (len(at.path.Steps()) > 1 || move != "keep") && os.Getenv("TRAFFICMIRROR_LONG") == "" {
				break
			}
			g.tryBeside(t, c, config, varied, at, fail)
		}
	default:
		if g.plans++; g.plans%5 != 0 && os.Getenv("TRAFFICMIRROR_LONG") == "" {
			return
		}
		g.applied++
		made := g.settle(t, plan, varied, fail)
		g.destroy(t, made)
		if move != "create" {
			g.made = g.create(t)
		}
	}
}

// resolve plans again, as an apply does, with the value that was unknown.
func (g *generator) resolve(t *testing.T, first *planned, config tftypes.Value, fail func(string, any)) {
	t.Helper()
	final, wrong := g.plan(t, g.made, config)
	if wrong != nil {
		fail("the final plan is refused", wrong)
		return
	}
	if differs := beyondPlan("", first.value, final.value); differs != "" {
		fail("inconsistent final plan", differs)
	}
}

// tryBeside plans a configuration with an unknown value together with another object. The plan may
// have no error that it does not have with every known value.
func (g *generator) tryBeside(t *testing.T, c companion, config, varied tftypes.Value, at spot, fail func(string, any)) {
	t.Helper()
	wrong := g.planBoth(t, c, varied)
	if wrong == nil {
		return
	}
	g.beside++
	alternatives := []tftypes.Value{with(t, config, at, nil), with(t, config, at, empty(at.of))}
	for _, other := range g.configs {
		if value, _, err := tftypes.WalkAttributePath(other, at.path); err == nil {
			alternatives = append(alternatives, withValue(t, config, at, value.(tftypes.Value)))
		}
	}
	for _, known := range alternatives {
		if g.planBoth(t, c, known) == nil {
			fail("beside a "+c.kind+" it is refused, and as "+known.String()+" it is not", wrong)
			return
		}
	}
}

// planBoth plans a configuration and another object, in both orders.
func (g *generator) planBoth(t *testing.T, c companion, config tftypes.Value) *refusal {
	t.Helper()
	other := &core{kind: c.kind, schema: g.schemas.ResourceSchemas[c.kind], server: g.server}
	id := "tmf-00000000000000fff"
	if made := attributesOf(g.made.value); made != nil && made["id"].Type() != nil {
		if err := made["id"].As(&id); err != nil {
			t.Fatal(err)
		}
	}
	value := func(text string) tftypes.Value {
		return other.value(t, dynamicJSON(t, other.schema.ValueType(), strings.ReplaceAll(g.names.Replace(text), "MADE", id)))
	}
	prior := instance{value: other.nothing()}
	if c.prior != "" {
		prior.value = value(c.prior)
	}
	for _, first := range []bool{true, false} {
		server := g.server(t)
		var wrong *refusal
		if first {
			_, wrong = g.planBeside(t, server, g.made, config)
		}
		if wrong == nil {
			_, wrong = other.planBeside(t, server, prior, value(c.config))
		}
		if wrong == nil && !first {
			_, wrong = g.planBeside(t, server, g.made, config)
		}
		if wrong != nil {
			return wrong
		}
	}
	return nil
}

// settle applies a plan, and checks that the next plan is empty.
func (g *generator) settle(t *testing.T, plan *planned, config tftypes.Value, fail func(string, any)) instance {
	t.Helper()
	made, wrong := g.apply(t, plan)
	if wrong != nil {
		if wrong.blames() {
			fail("the apply fails", wrong)
		}
		return made
	}
	read, wrong := g.read(t, made)
	if wrong != nil {
		fail("the refresh fails", wrong)
		return made
	}
	next, wrong := g.plan(t, read, config)
	switch {
	case wrong != nil:
		fail("the next plan fails", wrong)
	case !next.same():
		diff, err := next.value.Diff(next.prior.value)
		fail("the next plan is not empty", fmt.Sprint(diff, err))
	}
	return made
}

// configure gives the provider block more arguments.
func (g *generator) configure(t *testing.T, more map[string]any) {
	t.Helper()
	block := map[string]any{
		"assume_role": []any{}, "assume_role_with_web_identity": []any{}, "default_tags": []any{}, "endpoints": []any{}, "ignore_tags": []any{},
		"region":   "us-east-1",
		"emulator": map[string]any{"path": g.account.path("ec2.db"), "topology": g.account.path("topology.json")},
	}
	maps.Copy(block, more)
	g.block = dynamicValue(t, g.schemas.Provider.ValueType(), block)
}

// Default tags that are unknown make tags_all unknown. The tags of the object stay what
// they are: none of its default tags leaves.
func TestUnknowns_defaultTags(t *testing.T) {
	t.Parallel()
	for kind := range companions {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			g := newGenerator(t, kind)
			block := func(tags any) map[string]any {
				return map[string]any{"default_tags": []any{map[string]any{"tags": tags}}}
			}
			g.configure(t, block(map[string]any{"owner": "secops", "stage": "prod"}))
			own := spot{tftypes.NewAttributePath().WithAttributeName("tags"), tftypes.Map{ElementType: tftypes.String}}
			for _, config := range []tftypes.Value{g.configs[0], with(t, g.configs[0], own, nil)} {
				g.configure(t, block(map[string]any{"owner": "secops", "stage": "prod"}))
				plan, wrong := g.plan(t, instance{value: g.nothing()}, config)
				if wrong != nil {
					t.Fatal(wrong)
				}
				made, wrong := g.apply(t, plan)
				if wrong != nil {
					t.Fatal(wrong)
				}
				for name, defaults := range map[string]any{"all": unknown, "one": map[string]any{"owner": unknown, "stage": "prod"}} {
					g.configure(t, block(defaults))
					read, wrong := g.read(t, made)
					if wrong != nil {
						t.Fatal(wrong)
					}
					if !read.value.Equal(made.value) {
						diff, err := read.value.Diff(made.value)
						t.Errorf("%s unknown: the refresh changes %v %v", name, diff, err)
					}
					plan, wrong := g.plan(t, read, config)
					if wrong != nil {
						t.Fatal(name, wrong)
					}
					if all := attributesOf(plan.value)["tags_all"]; all.IsFullyKnown() {
						t.Errorf("%s unknown: tags_all is planned as %s", name, all)
					}
					g.configure(t, block(map[string]any{"owner": "soc", "stage": "prod"}))
					final, wrong := g.plan(t, read, config)
					if wrong != nil {
						t.Fatal(name, wrong)
					}
					if differs := beyondPlan("", plan.value, final.value); differs != "" {
						t.Errorf("%s unknown: inconsistent final plan: %s", name, differs)
					}
				}
				g.configure(t, nil)
				g.destroy(t, made)
			}
		})
	}
}

// A provider block, too, may have any value in any argument: it is refused in words, or it
// works.
func TestUnknowns_provider(t *testing.T) {
	t.Parallel()
	g := newGenerator(t, "trafficmirror_filter")
	common := map[string]any{
		"region": "us-east-1", "max_retries": 3, "token_bucket_rate_limiter_capacity": 5, "retry_mode": "standard", "allowed_account_ids": []any{"123456789012"},
		"default_tags": []any{map[string]any{"tags": map[string]any{"name": "x"}}}, "ignore_tags": []any{map[string]any{"keys": []any{"a"}, "key_prefixes": []any{"b"}}},
		"guard": map[string]any{"target_owner_ids": []any{"123456789012"}}, "preflight": "warn", "warnings": map[string]any{"silence": []any{"quota"}},
		"quotas": map[string]any{"rules_per_filter": 20, "sessions_per_interface": 3}, "endpoints": []any{}, "assume_role": []any{}, "assume_role_with_web_identity": []any{},
	}
	aws, embedded := maps.Clone(common), maps.Clone(common)
	maps.Copy(embedded, map[string]any{"emulator": map[string]any{
		"path": g.account.path("ec2.db"), "topology": g.account.path("topology.json"), "faults": "*:latency=1ms", "seed": 1, "throttle": false,
		"quotas": map[string]any{"rules-per-filter": 20}, "variants": []any{"unique-vnis"},
	}})
	maps.Copy(aws, map[string]any{
		"access_key": "a", "secret_key": "b", "token": "c", "skip_metadata_api_check": "true", "skip_credentials_validation": true, "skip_requesting_account_id": true, "sts_region": "us-east-1",
		"allowed_account_ids": []any{}, "endpoints": []any{map[string]any{"ec2": "http://127.0.0.1:1", "sts": "http://127.0.0.1:1"}}, "insecure": true, "no_proxy": "127.0.0.1",
		"use_dualstack_endpoint": false, "use_fips_endpoint": false, "ec2_metadata_service_endpoint": "http://127.0.0.1:1", "ec2_metadata_service_endpoint_mode": "IPv4",
	})
	cases := 0
	for name, block := range map[string]map[string]any{"aws": aws, "embedded": embedded} {
		config, err := dynamicValue(t, g.schemas.Provider.ValueType(), block).Unmarshal(g.schemas.Provider.ValueType())
		if err != nil {
			t.Fatal(err)
		}
		if wrong := g.tryProvider(t, config); wrong != nil {
			t.Fatal(name, wrong)
		}
		for _, at := range valuesBelow(tftypes.NewAttributePath(), config) {
			for _, s := range states {
				isBlock := len(at.path.Steps()) <= 2 && at.of.Is(tftypes.Object{}) && s.name == "null"
				if !s.applies(at.of) || isBlock {
					continue // a block is there or not
				}
				cases++
				if wrong := g.tryProvider(t, with(t, config, at, s.value(at.of))); wrong != nil && wrong.blames() {
					t.Errorf("%s: %s is %s\n%s", name, at.path, s.name, wrong)
				}
			}
		}
	}
	t.Logf("%d cases", cases)
}

// tryProvider validates a provider block, and configures the provider.
func (g *generator) tryProvider(t *testing.T, config tftypes.Value) *refusal {
	t.Helper()
	server := provider.NewServer(newProvider)()
	block, err := tfprotov6.NewDynamicValue(g.schemas.Provider.ValueType(), config)
	if err != nil {
		t.Fatal(err)
	}
	validated, err := server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: &block})
	if err != nil {
		t.Fatal(err)
	}
	if wrong := refused(validated.Diagnostics); wrong != nil {
		return wrong
	}
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: &block})
	if err != nil {
		t.Fatal(err)
	}
	return refused(configured.Diagnostics)
}

// valuesBelow are the values in a value, but those in sets, whose elements have no path of
// their own.
func valuesBelow(at *tftypes.AttributePath, value tftypes.Value) []spot {
	var all []spot
	elements := elementsOf(value)
	for i, key := range keys(value) {
		var path *tftypes.AttributePath
		switch {
		case value.Type().Is(tftypes.Object{}):
			path = at.WithAttributeName(key)
		case value.Type().Is(tftypes.Map{}):
			path = at.WithElementKeyString(key)
		case value.Type().Is(tftypes.List{}):
			key, path = fmt.Sprint(i), at.WithElementKeyInt(i)
		default:
			continue
		}
		all = append(all, spot{path, elements[key].Type()})
		all = append(all, valuesBelow(path, elements[key])...)
	}
	return all
}

func dynamicJSON(t *testing.T, of tftypes.Type, text string) *tfprotov6.DynamicValue {
	t.Helper()
	value, err := tftypes.ValueFromJSON([]byte(text), of) //nolint:staticcheck // what replaces it is not for tests of a provider
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	dynamic, err := tfprotov6.NewDynamicValue(of, value)
	if err != nil {
		t.Fatal(err)
	}
	return &dynamic
}
