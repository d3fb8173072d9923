package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/inventory"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

var (
	_ list.ListResourceWithConfigure      = (*listResource)(nil)
	_ list.ListResourceWithValidateConfig = (*listResource)(nil)
)

// listResource lists the objects of one kind that exist in EC2, for the blocks "list" of
// `terraform query`. A result has the state that an import of the object has.
type listResource struct {
	object
	name string // of the resource, behind the name of the provider
	find func(ctx context.Context, l objectSearch) ([]foundObject, error)
}

// An objectSearch is what finds objects, and makes their states.
type objectSearch struct {
	object
	*regional
	query         inventory.Query
	separateRules bool
	prior         func(model located) // makes a model that of an object that is not read yet
}

// A foundObject is one result of a list.
type foundObject struct {
	id    string
	title string     // what people call it
	model func() any // its state
}

func newTargetList() list.ListResource {
	return &listResource{object: object{kind: mirror.KindTarget, failures: targetFailures}, name: "_target", find: listTargets}
}

func newFilterList() list.ListResource {
	return &listResource{object: object{kind: mirror.KindFilter, failures: filterFailures}, name: "_filter", find: listFilters}
}

func newFilterRuleList() list.ListResource {
	return &listResource{object: object{kind: mirror.KindFilterRule, failures: ruleFailures}, name: "_filter_rule", find: listRules}
}

func newSessionList() list.ListResource {
	return &listResource{object: object{kind: mirror.KindSession, failures: sessionFailures}, name: "_session", find: listSessions}
}

// Metadata names the resource that is listed.
func (l *listResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + l.name
}

// ListResourceConfigSchema describes the block.
func (l *listResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	attributes := map[string]listschema.Attribute{}
	for name, a := range listAttributes(l.kind) {
		attributes[name] = a
	}
	resp.Schema = listschema.Schema{MarkdownDescription: listTexts[l.kind].about + listText, Attributes: attributes}
}

// ValidateListResourceConfig checks the conditions.
func (l *listResource) ValidateListResourceConfig(ctx context.Context, req list.ValidateConfigRequest, resp *list.ValidateConfigResponse) {
	config := readListBlock(ctx, l.kind, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	_, problems := config.query()
	report(&resp.Diagnostics, "Invalid list of "+l.noun()+"s", problems)
}

// List lists the objects. An error is never taken for an empty list.
func (l *listResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	here, found := l.search(ctx, req, &diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	var cut diag.Diagnostics
	if n := len(found); req.Limit > 0 && int64(n) > req.Limit {
		found = found[:req.Limit]
		cut.AddWarning("Not all "+l.noun()+"s are listed", fmt.Sprintf(
			"%d %ss meet the conditions, but limit is %d. Set limit = %[1]d in the list block, next to config, or add conditions. Default of Terraform: limit = 100.", n, l.noun(), req.Limit))
	}
	stream.Results = func(push func(list.ListResult) bool) {
		// Terraform reads nothing behind the last result.
		if cut != nil && !push(list.ListResult{Diagnostics: cut}) {
			return
		}
		for _, o := range found {
			if !push(result(ctx, req, here, o)) {
				return
			}
		}
	}
}

// search returns the objects, and where they are.
func (l *listResource) search(ctx context.Context, req list.ListRequest, diags *diag.Diagnostics) (*regional, []foundObject) {
	config := readListBlock(ctx, l.kind, req.Config, diags)
	if diags.HasError() {
		return nil, nil
	}
	query, problems := config.query()
	report(diags, "Invalid list of "+l.noun()+"s", problems)
	if diags.HasError() {
		return nil, nil
	}
	if region := config.Region.ValueString(); region != "" {
		diags.Append(l.conn.checkRegion(region)...)
	}
	if diags.HasError() {
		return nil, nil
	}
	// What was read for another list may be old. What this one reads is shared among its results.
	here := *l.conn.in(config.Region.ValueString())
	here.account = here.account.Fresh()
	nulls := emptyState(ctx, req)
	found, err := l.find(ctx, objectSearch{
		object: l.object, query: query, regional: &here, separateRules: config.SeparateRules.ValueBool(),
		prior: func(model located) {
			diags.Append(nulls.Get(ctx, model)...)
			*model.place().region = types.StringValue(here.account.Region)
		},
	})
	if err != nil {
		l.failures.report(diags, "Error listing "+l.noun()+"s", err)
	}
	return &here, found
}

// emptyState is the state of an object of which nothing is known.
func emptyState(ctx context.Context, req list.ListRequest) tfsdk.State {
	whole, _ := req.ResourceSchema.Type().TerraformType(ctx).(tftypes.Object)
	nulls := make(map[string]tftypes.Value, len(whole.AttributeTypes))
	for name, of := range whole.AttributeTypes {
		nulls[name] = tftypes.NewValue(of, nil)
	}
	return tfsdk.State{Raw: tftypes.NewValue(whole, nulls), Schema: req.ResourceSchema}
}

func result(ctx context.Context, req list.ListRequest, here *regional, o foundObject) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = o.title
	result.Diagnostics.Append(result.Identity.Set(ctx, identityIn(here, types.StringValue(o.id)))...)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, o.model())...)
	}
	return result
}

func listTargets(ctx context.Context, l objectSearch) ([]foundObject, error) {
	found, err := l.query.Targets(ctx, l.account)
	var prior targetModel
	l.prior(&prior)
	r := &targetResource{l.object}
	return foundObjects(found, err, func(t account.Tagged[mirror.Target]) foundObject {
		return foundObject{t.Noun.ID, inventory.Title(t.Noun.ID, t.Noun.Description, t.Tags), func() any { return r.flatten(t, prior) }}
	})
}

func listFilters(ctx context.Context, l objectSearch) ([]foundObject, error) {
	found, err := l.query.Filters(ctx, l.account)
	var prior filterModel
	l.prior(&prior)
	r := &filterResource{l.object}
	return foundObjects(found, err, func(f account.Tagged[mirror.Filter]) foundObject {
		return foundObject{f.Noun.ID, inventory.Title(f.Noun.ID, f.Noun.Description, f.Tags), func() any {
			m := r.flatten(f, prior)
			if l.separateRules {
				m.IngressRules, m.EgressRules = prior.IngressRules, prior.EgressRules
			}
			return m
		}}
	})
}

func listRules(ctx context.Context, l objectSearch) ([]foundObject, error) {
	found, err := l.query.Rules(ctx, l.account)
	var prior filterRuleModel
	l.prior(&prior)
	r := &filterRuleResource{l.object}
	return foundObjects(found, err, func(rule account.Tagged[mirror.Rule]) foundObject {
		return foundObject{rule.Noun.ID, inventory.RuleTitle(rule), func() any { return r.flatten(rule, prior) }}
	})
}

func listSessions(ctx context.Context, l objectSearch) ([]foundObject, error) {
	found, err := l.query.Sessions(ctx, l.account)
	var prior sessionModel
	l.prior(&prior)
	r := &sessionResource{l.object}
	return foundObjects(found, err, func(s account.Tagged[mirror.Session]) foundObject {
		return foundObject{s.Noun.ID, inventory.Title(s.Noun.ID, s.Noun.Description, s.Tags), func() any { return withStatus(ctx, l.account, r.flatten(s, prior), s.Noun) }}
	})
}

func foundObjects[Noun any](found []account.Tagged[Noun], err error, convert func(account.Tagged[Noun]) foundObject) ([]foundObject, error) {
	if err != nil {
		return nil, err
	}
	all := make([]foundObject, len(found))
	for i, o := range found {
		all[i] = convert(o)
	}
	return all, nil
}
