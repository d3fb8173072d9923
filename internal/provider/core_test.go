package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// A core does with one resource what Terraform's core does: it proposes a new state,
// checks that a plan is legal, and that an apply does what was planned. It needs no CLI, so
// that thousands of configurations can be tried.
type core struct {
	kind   string
	schema *tfprotov6.Schema
	server func(*testing.T) tfprotov6.ProviderServer // a new process for each plan and apply

	validator tfprotov6.ProviderServer
}

// An instance is what a state has of a resource.
type instance struct {
	value    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

// planned is the plan of a resource.
type planned struct {
	instance
	prior    instance
	config   tftypes.Value
	replaces *planned // the delete, if the resource is replaced
}

// A refusal is a result that a user would see as an error.
type refusal struct {
	illegal     string // a sentence of core itself
	diagnostics []*tfprotov6.Diagnostic
}

func (r *refusal) String() string {
	if r.illegal != "" {
		return "  core: " + r.illegal
	}
	return worded(r.diagnostics)
}

// blames reports whether the refusal takes a mistake of the user for one of the provider.
func (r *refusal) blames() bool { return r.illegal != "" || slices.ContainsFunc(r.diagnostics, blames) }

// refused returns a refusal if there is an error among the diagnostics, or one that
// names the provider as the cause.
func refused(diagnostics []*tfprotov6.Diagnostic) *refusal {
	var errors []*tfprotov6.Diagnostic
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError || blames(d) {
			errors = append(errors, d)
		}
	}
	if errors == nil {
		return nil
	}
	return &refusal{diagnostics: errors}
}

// blames reports whether a diagnostic takes a mistake of the user for a bug.
func blames(d *tfprotov6.Diagnostic) bool {
	text := strings.ToLower(d.Summary + " " + d.Detail)
	return slices.ContainsFunc([]string{"report this to", "report the following", "error in the provider", "bug of the provider", "conversion error", "received unknown value", "panic"},
		func(s string) bool { return strings.Contains(text, s) })
}

func (c *core) object() *tfprotov6.SchemaObject {
	return &tfprotov6.SchemaObject{Attributes: c.schema.Block.Attributes, Nesting: tfprotov6.SchemaObjectNestingModeSingle}
}

func (c *core) nothing() tftypes.Value { return tftypes.NewValue(c.schema.ValueType(), nil) }

func (c *core) wire(t *testing.T, v tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	dynamic, err := tfprotov6.NewDynamicValue(c.schema.ValueType(), v)
	if err != nil {
		t.Fatal(err)
	}
	return &dynamic
}

func (c *core) value(t *testing.T, v *tfprotov6.DynamicValue) tftypes.Value {
	t.Helper()
	if v == nil {
		return c.nothing()
	}
	value, err := v.Unmarshal(c.schema.ValueType())
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func (c *core) validate(t *testing.T, config tftypes.Value) *refusal {
	t.Helper()
	if c.validator == nil {
		c.validator = provider.NewServer(newProvider)()
	}
	resp, err := c.validator.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: c.kind, Config: c.wire(t, config)})
	if err != nil {
		t.Fatal(err)
	}
	return refused(resp.Diagnostics)
}

// plan validates a configuration and plans it, twice where it replaces the resource.
func (c *core) plan(t *testing.T, prior instance, config tftypes.Value) (*planned, *refusal) {
	t.Helper()
	return c.planBeside(t, c.server(t), prior, config)
}

// planBeside is plan together with the other resources of a plan.
func (c *core) planBeside(t *testing.T, server tfprotov6.ProviderServer, prior instance, config tftypes.Value) (*planned, *refusal) {
	t.Helper()
	if !config.IsNull() {
		if wrong := c.validate(t, config); wrong != nil {
			return nil, wrong
		}
	}
	p, replaces, wrong := c.planOnce(t, server, prior, config)
	if wrong != nil || !replaces {
		return p, wrong
	}
	again, _, wrong := c.planOnce(t, server, instance{value: c.nothing(), private: p.private}, config)
	if wrong != nil {
		return nil, wrong
	}
	again.replaces = &planned{instance: instance{value: c.nothing(), private: prior.private}, prior: prior, config: c.nothing()}
	return again, nil
}

func (c *core) planOnce(t *testing.T, server tfprotov6.ProviderServer, prior instance, config tftypes.Value) (*planned, bool, *refusal) {
	t.Helper()
	proposed := c.nothing()
	if !config.IsNull() {
		proposed = propose(t, c.object(), prior.value, config)
	}
	resp, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: c.kind, PriorState: c.wire(t, prior.value), ProposedNewState: c.wire(t, proposed), Config: c.wire(t, config),
		PriorPrivate: prior.private, PriorIdentity: prior.identity,
	})
	if err != nil {
		t.Fatal(err)
	}
	if wrong := refused(resp.Diagnostics); wrong != nil {
		return nil, false, wrong
	}
	p := &planned{instance: instance{c.value(t, resp.PlannedState), resp.PlannedPrivate, resp.PlannedIdentity}, prior: prior, config: config}
	if illegal := illegalPlan(c.object(), "", prior.value, config, p.value); illegal != "" {
		return nil, false, &refusal{illegal: illegal}
	}
	return p, len(resp.RequiresReplace) > 0 && !prior.value.IsNull(), nil
}

// apply makes a plan true.
func (c *core) apply(t *testing.T, p *planned) (instance, *refusal) {
	t.Helper()
	if p.replaces != nil {
		if gone, wrong := c.apply(t, p.replaces); wrong != nil {
			return gone, wrong
		}
	}
	resp, err := c.server(t).ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: c.kind, PriorState: c.wire(t, p.prior.value), PlannedState: c.wire(t, p.value), Config: c.wire(t, p.config),
		PlannedPrivate: p.private, PlannedIdentity: p.identity,
	})
	if err != nil {
		t.Fatal(err)
	}
	made := instance{c.value(t, resp.NewState), resp.Private, resp.NewIdentity}
	if wrong := refused(resp.Diagnostics); wrong != nil {
		return made, wrong
	}
	if differs := beyondPlan("", p.value, made.value); differs != "" {
		return made, &refusal{illegal: "inconsistent result after apply: " + differs}
	}
	return made, nil
}

func (c *core) read(t *testing.T, present instance) (instance, *refusal) {
	t.Helper()
	resp, err := c.server(t).ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: c.kind, CurrentState: c.wire(t, present.value), Private: present.private, CurrentIdentity: present.identity,
	})
	if err != nil {
		t.Fatal(err)
	}
	return instance{c.value(t, resp.NewState), resp.Private, resp.NewIdentity}, refused(resp.Diagnostics)
}

// attributesOf returns the attributes of an object; nil if it is null or unknown.
func attributesOf(v tftypes.Value) map[string]tftypes.Value {
	values := map[string]tftypes.Value{}
	if v.IsNull() || !v.IsKnown() || v.As(&values) != nil {
		return nil
	}
	return maps.Clone(values) // As gives away the map of the value itself
}

// elementsOf returns the elements of a list, set, map or tuple by their keys; nil if it is
// null or unknown.
func elementsOf(v tftypes.Value) map[string]tftypes.Value {
	if v.IsNull() || !v.IsKnown() {
		return nil
	}
	values := map[string]tftypes.Value{}
	if v.As(&values) == nil {
		return maps.Clone(values)
	}
	var list []tftypes.Value
	if v.As(&list) != nil {
		return nil
	}
	for i, e := range list {
		values[fmt.Sprint(i)] = e
	}
	return values
}

// propose is objchange.ProposedNew: what is not in the configuration and computed has its
// prior value, or is unknown in a new resource.
func propose(t *testing.T, schema *tfprotov6.SchemaObject, prior, config tftypes.Value) tftypes.Value {
	t.Helper()
	if config.IsNull() || !config.IsKnown() {
		return config
	}
	values, before := attributesOf(config), attributesOf(prior)
	for _, a := range schema.Attributes {
		value := values[a.Name]
		old, existed := before[a.Name]
		switch {
		case value.IsNull() && a.Computed && existed:
			values[a.Name] = old
		case value.IsNull() && a.Computed:
			values[a.Name] = tftypes.NewValue(value.Type(), tftypes.UnknownValue)
		case a.NestedType != nil:
			values[a.Name] = proposeNested(t, a.NestedType, old, value)
		}
	}
	return tftypes.NewValue(config.Type(), values)
}

func proposeNested(t *testing.T, schema *tfprotov6.SchemaObject, prior, config tftypes.Value) tftypes.Value {
	t.Helper()
	if config.IsNull() || !config.IsKnown() {
		return config
	}
	if schema.Nesting == tfprotov6.SchemaObjectNestingModeSingle {
		return propose(t, schema, prior, config)
	}
	elements, before := elementsOf(config), map[string]tftypes.Value{}
	if prior.Type() != nil {
		before = elementsOf(prior)
	}
	for key, e := range elements {
		elements[key] = propose(t, schema, before[key], e)
	}
	if schema.Nesting == tfprotov6.SchemaObjectNestingModeMap {
		return tftypes.NewValue(config.Type(), elements)
	}
	list := make([]tftypes.Value, len(elements))
	for i := range list {
		list[i] = elements[fmt.Sprint(i)]
	}
	return tftypes.NewValue(config.Type(), list)
}

// illegalPlan is objchange.AssertPlanValid: a planned value is that of the configuration or
// of the prior state, unless the provider computes it.
func illegalPlan(schema *tfprotov6.SchemaObject, at string, prior, config, planned tftypes.Value) string {
	values, before, after := attributesOf(config), attributesOf(prior), attributesOf(planned)
	if values == nil || after == nil {
		if planned.Equal(config) {
			return ""
		}
		return fmt.Sprintf("planned %s is %s, configured is %s", at, planned, config)
	}
	for _, a := range schema.Attributes {
		value, plan, place := values[a.Name], after[a.Name], at+"."+a.Name
		old, existed := before[a.Name]
		switch {
		case plan.Equal(value), value.IsNull() && a.Computed:
		case existed && plan.Equal(old) && !old.IsNull() && !value.IsNull():
		case a.NestedType != nil && elementsOf(value) != nil && slices.Equal(keys(value), keys(plan)):
			if illegal := illegalNested(a.NestedType, place, old, value, plan); illegal != "" {
				return illegal
			}
		default:
			return fmt.Sprintf("planned %s is %s, configured is %s", place, plan, value)
		}
	}
	return ""
}

func illegalNested(schema *tfprotov6.SchemaObject, at string, prior, config, planned tftypes.Value) string {
	if schema.Nesting == tfprotov6.SchemaObjectNestingModeSingle {
		return illegalPlan(schema, at, prior, config, planned)
	}
	before := map[string]tftypes.Value{}
	if prior.Type() != nil {
		before = elementsOf(prior)
	}
	after := elementsOf(planned)
	for key, e := range elementsOf(config) {
		if illegal := illegalPlan(schema, at+"["+key+"]", before[key], e, after[key]); illegal != "" {
			return illegal
		}
	}
	return ""
}

func keys(v tftypes.Value) []string { return slices.Sorted(maps.Keys(elementsOf(v))) }

// beyondPlan is objchange.AssertObjectCompatible: it says which known value of a plan is
// not in what comes after it.
func beyondPlan(at string, plan, after tftypes.Value) string {
	switch {
	case !plan.IsKnown():
		return ""
	case elementsOf(plan) == nil || elementsOf(after) == nil || plan.Type().Is(tftypes.Set{}):
		if plan.IsFullyKnown() && !plan.Equal(after) || plan.IsNull() != after.IsNull() {
			return fmt.Sprintf("%s was planned as %s and is %s", at, plan, after)
		}
		return ""
	case !slices.Equal(keys(plan), keys(after)):
		return fmt.Sprintf("%s was planned with %v and has %v", at, keys(plan), keys(after))
	}
	now := elementsOf(after)
	for key, e := range elementsOf(plan) {
		if differs := beyondPlan(at+"."+key, e, now[key]); differs != "" {
			return differs
		}
	}
	return ""
}

// same reports whether a plan changes nothing.
func (p *planned) same() bool {
	return p.replaces == nil && p.value.Equal(p.prior.value)
}
