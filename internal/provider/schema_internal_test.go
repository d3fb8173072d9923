package provider

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// plannedElsewhere are the computed attributes of resources without a plan modifier, with the
// function that plans them. Terraform would else show each of them as known after apply in every
// plan with a change.
var plannedElsewhere = map[string]string{
	"*.region":                                  "planRegion keeps it, or plans the Region of the provider block",
	"*.tags_all":                                "planTags merges tags and default_tags",
	"trafficmirror_filter.egress_rules":         "planRules keeps the rules of a direction that the configuration does not set",
	"trafficmirror_filter.ingress_rules":        "planRules keeps the rules of a direction that the configuration does not set",
	"trafficmirror_session.packet_length":       "planSession keeps what EC2 chose, and resets what the configuration no longer sets",
	"trafficmirror_session.virtual_network_id":  "planSession keeps what EC2 chose, and resets what the configuration no longer sets",
	"trafficmirror_session.status":              "planEnabled keeps it while target and enabled stay the same",
	"trafficmirror_session.status_reason":       "planEnabled keeps it while target and enabled stay the same",
	"trafficmirror_simulation.capture.sha256":   "ModifyPlan plans the digest of the file",
	"trafficmirror_simulation.output.sha256":    "ModifyPlan keeps it while the simulation does not run",
	"trafficmirror_simulation.annotated.sha256": "ModifyPlan keeps it while the simulation does not run",
	"trafficmirror_simulation.passed":           "ModifyPlan keeps it while the simulation does not run, or plans the result",
	"trafficmirror_simulation.failures":         "ModifyPlan keeps it while the simulation does not run, or plans the result",
	"trafficmirror_simulation.verdicts":         "ModifyPlan keeps it while the simulation does not run, or plans the result",
	"trafficmirror_simulation.summary":          "ModifyPlan keeps it while the simulation does not run, or plans the result",
}

// setOrShown are the attributes of resources that are both Optional and Computed, with the reason
// why a default in the schema does not do.
var setOrShown = map[string]string{
	"*.region":                                 "only the provider knows the Region of the provider block",
	"trafficmirror_filter.egress_rules":        "shows rules that are managed elsewhere",
	"trafficmirror_filter.ingress_rules":       "shows rules that are managed elsewhere",
	"trafficmirror_session.session_number":     "the provider takes the lowest free number",
	"trafficmirror_session.packet_length":      "EC2 sets it for a Network Load Balancer",
	"trafficmirror_session.virtual_network_id": "EC2 chooses it",
	"trafficmirror_simulation.capture.sha256":  "the provider takes the digest of the file",
}

// awsBlocks are the blocks of provider "aws" that this provider has too. Everything else is an
// attribute.
var awsBlocks = []string{"assume_role", "assume_role_with_web_identity", "default_tags", "endpoints", "ignore_tags"}

var (
	// A number from a configuration has a range. Prices have no upper limit.
	rangeWords = regexp.MustCompile(`\d to \d|from \d|at least|at most|above 0`)
	// An Optional attribute says what happens without it.
	defaultWords = regexp.MustCompile("Default: |^Required\\.|[Ss]et (?:exactly one of|at least one of|this|one of)|Set `\\w+` with it")
	limited      = regexp.MustCompile(`_port$|_number$|^(?:packet_length|virtual_network_id|length)$`)
	units        = map[*regexp.Regexp]*regexp.Regexp{
		regexp.MustCompile(`^bytes|_bytes|length|mtu`):               regexp.MustCompile(`(?i)byte`),
		regexp.MustCompile(`hourly|monthly|price`):                   regexp.MustCompile(`USD`),
		regexp.MustCompile(`^(?:create|update|delete|duration)$`):    regexp.MustCompile("`90s`|`1h30m`"),
		regexp.MustCompile(`timeout|interval|seconds|delay|latency`): regexp.MustCompile("(?i)second|`90s`|operation"),
	}
)

// A linted value is an attribute of any schema.
type linted = schema.Attribute

// lintedOf returns the attributes of any kind of schema.
func lintedOf[A linted, M ~map[string]A](attributes M) map[string]linted {
	all := make(map[string]linted, len(attributes))
	for name, a := range attributes {
		all[name] = a
	}
	return all
}

// A lint collects what is wrong with schemas, each with the path of the attribute.
type lint struct {
	problems   []string
	used       map[string]bool // the exceptions that were needed
	isResource bool
}

func (l *lint) report(at, format string, args ...any) {
	l.problems = append(l.problems, at+": "+fmt.Sprintf(format, args...))
}

// excepted reports whether a list has an attribute, by its path or for all resources.
func (l *lint) excepted(in map[string]string, at string) bool {
	for _, key := range []string{at, "*" + at[strings.LastIndex(at, "."):]} {
		if _, has := in[key]; has {
			l.used[key] = true
			return true
		}
	}
	return false
}

// text checks a description.
func (l *lint) text(at, text string) {
	switch trimmed := strings.TrimSpace(text); {
	case trimmed == "":
		l.report(at, "has no description")
	case !strings.HasSuffix(trimmed, ".") && !strings.HasSuffix(trimmed, "```"):
		l.report(at, "the description does not end with a full stop: %q", trimmed)
	}
}

// attributes checks all attributes below a path.
func (l *lint) attributes(at string, all map[string]linted) {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		l.attribute(at+"."+name, name, all[name])
	}
}

func (l *lint) attribute(at, name string, a linted) {
	text := a.GetMarkdownDescription()
	if text == "" {
		text = a.GetDescription()
	}
	l.text(at, text)
	if !a.IsComputed() && !a.IsOptional() && !a.IsRequired() {
		l.report(at, "is neither Required nor Optional nor Computed")
	}
	if a.IsOptional() && !defaultWords.MatchString(text) {
		l.report(at, "is Optional, and the description does not tell its default (\"Default: none.\"): %q", text)
	}
	l.number(at, name, text, a)
	if l.isResource {
		l.planned(at, a)
	}
	l.nested(at, text, a)
}

// number checks the range and the unit of a number.
func (l *lint) number(at, name, text string, a linted) {
	isNumber := holdsNumber(a.GetType())
	if isNumber && (a.IsOptional() || a.IsRequired() || limited.MatchString(name)) && !rangeWords.MatchString(text) {
		l.report(at, "is a number, and the description does not tell its range: %q", text)
	}
	for named, unit := range units {
		isDuration := a.GetType().Equal(types.StringType) && (a.IsOptional() || a.IsRequired())
		if (isNumber || isDuration) && named.MatchString(name) && !unit.MatchString(text) {
			l.report(at, "the description does not tell the unit: %q", text)
		}
	}
}

// holdsNumber reports whether a type is a number, or a collection of numbers.
func holdsNumber(t attr.Type) bool {
	switch t := t.(type) {
	case attr.TypeWithElementType:
		return holdsNumber(t.ElementType())
	case basetypes.Int64Typable, basetypes.NumberTypable, basetypes.Float64Typable:
		return true
	}
	return false
}

// planned checks what plans a computed attribute of a resource.
func (l *lint) planned(at string, a linted) {
	modifiers := reflect.ValueOf(a).FieldByName("PlanModifiers")
	if a.IsComputed() && (!modifiers.IsValid() || modifiers.Len() == 0) && !l.excepted(plannedElsewhere, at) {
		l.report(at, "is Computed and has no plan modifier: add UseStateForUnknown, or a reason to plannedElsewhere")
	}
	if a.IsComputed() && a.IsOptional() && !l.excepted(setOrShown, at) {
		l.report(at, "is Optional and Computed: make it one of the two, or add a reason to setOrShown")
	}
}

// nested checks the attributes of an attribute. Those of a computed object are computed with it.
func (l *lint) nested(at, text string, a linted) {
	if n, isNested := a.(schema.NestedAttribute); isNested {
		below := *l
		below.isResource = l.isResource && (a.IsOptional() || a.IsRequired())
		below.attributes(at, lintedOf(n.GetNestedObject().GetAttributes()))
		l.problems = below.problems
		return
	}
	for name := range fieldsOf(a.GetType()) {
		if !strings.Contains(text, "`"+name+"`") {
			l.report(at, "has the field %q, which the description does not tell", name)
		}
	}
}

// fieldsOf returns the fields of the objects in a type.
func fieldsOf(t attr.Type) map[string]attr.Type {
	switch t := t.(type) {
	case attr.TypeWithElementType:
		return fieldsOf(t.ElementType())
	case attr.TypeWithAttributeTypes:
		return t.AttributeTypes()
	}
	return nil
}

// block checks a block of the provider, and its attributes.
func (l *lint) block(at, name string, b providerschema.Block) {
	if !slices.Contains(awsBlocks, name) {
		l.report(at, "is a block that provider aws has not: make it an attribute")
	}
	l.text(at, b.GetMarkdownDescription())
	l.attributes(at, lintedOf(b.GetNestedObject().GetAttributes()))
}

// Every attribute has a description with the facts that a reader needs, and every computed
// attribute of a resource is planned.
func TestSchemas(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	p := New("test")()
	l := &lint{used: map[string]bool{}}
	lintProvider(ctx, l, p)
	lintResources(ctx, l, p)
	lintOthers(ctx, l, p)
	lintFunctions(ctx, l, p.(frameworkprovider.ProviderWithFunctions))
	for _, problem := range l.problems {
		t.Error(problem)
	}
	for _, exceptions := range []map[string]string{plannedElsewhere, setOrShown} {
		for at := range exceptions {
			if !l.used[at] {
				t.Errorf("%s: no such attribute needs a reason any more: remove it", at)
			}
		}
	}
}

func lintProvider(ctx context.Context, l *lint, p frameworkprovider.Provider) {
	var resp frameworkprovider.SchemaResponse
	p.Schema(ctx, frameworkprovider.SchemaRequest{}, &resp)
	l.text("provider", resp.Schema.MarkdownDescription)
	l.attributes("provider", lintedOf(resp.Schema.Attributes))
	for name, b := range resp.Schema.Blocks {
		l.block("provider."+name, name, b)
	}
}

func lintResources(ctx context.Context, l *lint, p frameworkprovider.Provider) {
	l.isResource = true
	defer func() { l.isResource = false }()
	for _, newResource := range p.Resources(ctx) {
		r := newResource()
		if _, isPacked := r.(*simulationResource); isPacked {
			r = &describedSimulation{} // with the attributes that Terraform gets
		}
		var meta resource.MetadataResponse
		r.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "trafficmirror"}, &meta)
		var resp resource.SchemaResponse
		r.Schema(ctx, resource.SchemaRequest{}, &resp)
		name := meta.TypeName
		l.text(name, resp.Schema.MarkdownDescription)
		l.attributes(name, resp.Schema.Attributes)
		for block := range resp.Schema.Blocks {
			l.report(name+"."+block, "is a block: make it an attribute")
		}
		lintIdentity(ctx, l, name, r)
	}
}

func lintIdentity(ctx context.Context, l *lint, name string, r resource.Resource) {
	identified, has := r.(resource.ResourceWithIdentity)
	if !has {
		return
	}
	var resp resource.IdentitySchemaResponse
	identified.IdentitySchema(ctx, resource.IdentitySchemaRequest{}, &resp)
	for part, a := range resp.IdentitySchema.Attributes {
		at := name + " identity." + part
		l.text(at, a.GetDescription())
		if a.IsOptionalForImport() && !defaultWords.MatchString(a.GetDescription()) {
			l.report(at, "is optional, and the description does not tell its default: %q", a.GetDescription())
		}
	}
}

// lintOthers checks data sources and list resources.
func lintOthers(ctx context.Context, l *lint, p frameworkprovider.Provider) {
	for _, newSource := range p.DataSources(ctx) {
		d := newSource()
		var meta datasource.MetadataResponse
		d.Metadata(ctx, datasource.MetadataRequest{ProviderTypeName: "trafficmirror"}, &meta)
		var resp datasource.SchemaResponse
		d.Schema(ctx, datasource.SchemaRequest{}, &resp)
		l.text("data."+meta.TypeName, resp.Schema.MarkdownDescription)
		l.attributes("data."+meta.TypeName, lintedOf(resp.Schema.Attributes))
		for block := range resp.Schema.Blocks {
			l.report("data."+meta.TypeName+"."+block, "is a block: make it an attribute")
		}
	}
	for _, newList := range p.(frameworkprovider.ProviderWithListResources).ListResources(ctx) {
		d := newList()
		var meta resource.MetadataResponse
		d.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "trafficmirror"}, &meta)
		var resp list.ListResourceSchemaResponse
		d.ListResourceConfigSchema(ctx, list.ListResourceSchemaRequest{}, &resp)
		l.text("list."+meta.TypeName, resp.Schema.MarkdownDescription)
		l.attributes("list."+meta.TypeName, lintedOf(resp.Schema.Attributes))
		for block := range resp.Schema.Blocks {
			l.report("list."+meta.TypeName+"."+block, "is a block: make it an attribute")
		}
	}
}

func lintFunctions(ctx context.Context, l *lint, p frameworkprovider.ProviderWithFunctions) {
	for _, newFunction := range p.Functions(ctx) {
		f := newFunction()
		var meta function.MetadataResponse
		f.Metadata(ctx, function.MetadataRequest{}, &meta)
		var resp function.DefinitionResponse
		f.Definition(ctx, function.DefinitionRequest{}, &resp)
		name := "function " + meta.Name
		if resp.Definition.Summary == "" {
			l.report(name, "has no summary")
		}
		l.text(name, resp.Definition.MarkdownDescription)
		for _, p := range resp.Definition.Parameters {
			at := name + "(" + p.GetName() + ")"
			l.text(at, p.GetMarkdownDescription())
			if holdsNumber(p.GetType()) && !rangeWords.MatchString(p.GetMarkdownDescription()) {
				l.report(at, "is a number, and the description does not tell its range: %q", p.GetMarkdownDescription())
			}
		}
	}
}
