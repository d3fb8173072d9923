package provider_test

import (
	"encoding/json"
	"maps"
	"math/big"
	"strconv"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// stored is an object as Terraform keeps it between two runs, and the provider that has made
// it in the embedded EC2. Its methods are the requests of a plan that changes nothing.
type stored struct {
	account       *account
	server        tfprotov6.ProviderServer
	kind          string
	schema        *tfprotov6.Schema
	config, state *tfprotov6.DynamicValue
	raw           []byte // the state as Terraform stores it
	private       []byte
	identity      *tfprotov6.ResourceIdentityData
}

// configure configures a provider for an account. arguments are further ones of the block.
func configure(t testing.TB, server tfprotov6.ProviderServer, account *account, arguments map[string]any) *tfprotov6.GetProviderSchemaResponse {
	t.Helper()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	block := map[string]any{
		"region": "us-east-1", "emulator": map[string]any{"path": account.path("ec2.db"), "topology": account.path("topology.json")},
		"assume_role": []any{}, "assume_role_with_web_identity": []any{}, "default_tags": []any{}, "ignore_tags": []any{}, "endpoints": []any{},
	}
	maps.Copy(block, arguments)
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: dynamicValue(t, schemas.Provider.ValueType(), block)})
	succeeds(t, configured.Diagnostics, err)
	return schemas
}

func succeeds(t testing.TB, diagnostics []*tfprotov6.Diagnostic, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			t.Fatal(d.Summary, d.Detail)
		}
	}
}

// store creates an object of a kind. Another server of the provider then plans it.
func store(t testing.TB, account *account, kind string, config map[string]any) *stored {
	t.Helper()
	server := provider.NewServer(newProvider)()
	schemas := configure(t, server, account, nil)
	schema := schemas.ResourceSchemas[kind]
	of := schema.ValueType()
	s := &stored{account: account, kind: kind, schema: schema, config: dynamicValue(t, of, config)}
	nothing, err := tfprotov6.NewDynamicValue(of, tftypes.NewValue(of, nil))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{TypeName: kind, PriorState: &nothing, ProposedNewState: s.config, Config: s.config})
	succeeds(t, plan.Diagnostics, err)
	applied, err := server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: kind, PriorState: &nothing, PlannedState: plan.PlannedState, Config: s.config, PlannedPrivate: plan.PlannedPrivate,
	})
	succeeds(t, applied.Diagnostics, err)
	s.state, s.private, s.identity = applied.NewState, applied.Private, applied.NewIdentity
	s.server = provider.NewServer(newProvider)()
	configure(t, s.server, account, nil)
	read := s.read(t)
	succeeds(t, read.Diagnostics, nil)
	s.state, s.private, s.identity = read.NewState, read.Private, read.NewIdentity
	s.raw = jsonOf(t, s.value(t, s.state))
	return s
}

func (s *stored) value(t testing.TB, of *tfprotov6.DynamicValue) tftypes.Value {
	t.Helper()
	value, err := of.Unmarshal(s.schema.ValueType())
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// jsonOf returns a known value as Terraform stores it.
func jsonOf(t testing.TB, value tftypes.Value) []byte {
	t.Helper()
	text, err := json.Marshal(plain(t, value))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (s *stored) upgrade(t testing.TB) *tfprotov6.DynamicValue {
	resp, err := s.server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{TypeName: s.kind, Version: s.schema.Version, RawState: &tfprotov6.RawState{JSON: s.raw}})
	succeeds(t, resp.Diagnostics, err)
	return resp.UpgradedState
}

func (s *stored) read(t testing.TB) *tfprotov6.ReadResourceResponse {
	resp, err := s.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: s.kind, CurrentState: s.state, Private: s.private, CurrentIdentity: s.identity})
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func (s *stored) validate(t testing.TB) {
	resp, err := s.server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: s.kind, Config: s.config})
	succeeds(t, resp.Diagnostics, err)
}

func (s *stored) plan(t testing.TB) *tfprotov6.PlanResourceChangeResponse {
	resp, err := s.server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: s.kind, PriorState: s.state, ProposedNewState: s.state, Config: s.config, PriorPrivate: s.private, PriorIdentity: s.identity,
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// plain returns a value as encoding/json takes it.
func plain(t testing.TB, value tftypes.Value) any {
	t.Helper()
	if value.IsNull() {
		return nil
	}
	var text string
	var number big.Float
	var is bool
	var attributes map[string]tftypes.Value
	var elements []tftypes.Value
	switch {
	case value.As(&text) == nil:
		return text
	case value.As(&number) == nil:
		whole, _ := number.Int64()
		return whole
	case value.As(&is) == nil:
		return is
	case value.As(&attributes) == nil:
		all := map[string]any{}
		for name, part := range attributes {
			all[name] = plain(t, part)
		}
		return all
	case value.As(&elements) == nil:
		all := []any{}
		for _, part := range elements {
			all = append(all, plain(t, part))
		}
		return all
	}
	t.Fatalf("a value of the type %s", value.Type())
	return nil
}

// benched are the kinds of objects in a benchmark of one.
var benched = map[string]func(t testing.TB) *stored{
	"filter": func(t testing.TB) *stored {
		account := newAccount(t)
		return store(t, account, "trafficmirror_filter", map[string]any{
			"description": "a filter", "network_services": []any{"amazon-dns"}, "tags": map[string]any{"Name": "a"},
		})
	},
	"filter with rules": func(t testing.TB) *stored {
		account := newAccount(t)
		rules := map[string]any{}
		for number := 100; number < 110; number++ {
			rules[strconv.Itoa(number)] = map[string]any{
				"rule_action": "accept", "protocol": "tcp", "source_cidr_block": "10.0.0.0/8", "destination_cidr_block": "0.0.0.0/0",
				"destination_port_range": map[string]any{"from_port": number, "to_port": number + 1},
			}
		}
		return store(t, account, "trafficmirror_filter", map[string]any{"ingress_rules": rules})
	},
	"target": func(t testing.TB) *stored {
		return store(t, newAccount(t), "trafficmirror_target", map[string]any{"network_interface_id": sensor, "tags": map[string]any{"Name": "a"}})
	},
	"rule": func(t testing.TB) *stored {
		account := newAccount(t)
		filter := store(t, account, "trafficmirror_filter", map[string]any{})
		return store(t, account, "trafficmirror_filter_rule", map[string]any{
			"traffic_mirror_filter_id": filter.id(t), "traffic_direction": "ingress", "rule_number": 100, "rule_action": "accept", "protocol": "tcp",
			"source_cidr_block": "10.0.0.0/8", "destination_cidr_block": "0.0.0.0/0", "destination_port_range": map[string]any{"from_port": 80, "to_port": 90},
		})
	},
	"session": func(t testing.TB) *stored {
		account := newAccount(t)
		filter := store(t, account, "trafficmirror_filter", map[string]any{})
		target := store(t, account, "trafficmirror_target", map[string]any{"network_interface_id": sensor})
		return store(t, account, "trafficmirror_session", map[string]any{
			"network_interface_id": source, "traffic_mirror_target_id": target.id(t), "traffic_mirror_filter_id": filter.id(t), "session_number": 1,
		})
	},
}

func (s *stored) id(t testing.TB) string {
	t.Helper()
	id, isText := plain(t, s.value(t, s.state)).(map[string]any)["id"].(string)
	if !isText {
		t.Fatal("the state has no ID")
	}
	return id
}

// What Terraform asks about an object that does not change, in a plan. make bench-plan
// measures whole plans.
func BenchmarkObject(b *testing.B) {
	for kind, create := range benched {
		s := create(b)
		for name, request := range map[string]func(){
			"upgrade": func() { s.upgrade(b) }, "validate": func() { s.validate(b) },
			"read": func() { succeeds(b, s.read(b).Diagnostics, nil) }, "plan": func() { succeeds(b, s.plan(b).Diagnostics, nil) },
		} {
			b.Run(kind+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					request()
				}
			})
		}
	}
}
