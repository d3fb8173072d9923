package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// tagsArgument is the argument that selects by tags, and the column with the tags.
const tagsArgument = "tags"

// A sourceArgument selects objects: by the value of the column with its name, or, if it has a
// text, by a set of the values that the column called of may have.
type sourceArgument struct {
	name   string
	check  func(field, text string) mirror.Problems // of a text, or of each element of a set
	within mirror.Range                             // of a number
	of     string
	text   string
}

// accepted returns the arguments of the data source. Only that of one object takes an ID: in
// that of many, ids is a result.
func (s *objectSource) accepted() []sourceArgument {
	all := append([]sourceArgument{}, s.arguments...)
	if s.isOne {
		all = append([]sourceArgument{{name: "id", check: s.kind.Check}}, all...)
	}
	return append(all, sourceArgument{name: tagsArgument})
}

// A selection is what a configuration of a data source asks for.
type selection struct {
	source *objectSource
	region types.String
	values map[string]attr.Value // of the arguments that are set, maybe to unknown
}

// selection reads a configuration.
func (s *objectSource) selection(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) selection {
	selected := selection{source: s, values: map[string]attr.Value{}}
	var raw map[string]tftypes.Value
	if err := config.Raw.As(&raw); err != nil {
		diags.AddError("Unreadable configuration", err.Error())
		return selected
	}
	of := s.attributeTypes()
	read := func(name string) attr.Value {
		value, err := of[name].ValueFromTerraform(ctx, raw[name])
		if err != nil {
			diags.AddError("Unreadable configuration", fmt.Sprintf("%s: %v", name, err))
			return types.StringNull()
		}
		return value
	}
	selected.region, _ = read(regionArgument.name).(types.String)
	for _, a := range s.accepted() {
		if value := read(a.name); !value.IsNull() {
			selected.values[a.name] = value
		}
	}
	return selected
}

// valueOf returns the value of an argument, which may be null.
func (s selection) valueOf(a sourceArgument) attr.Value {
	if value, isSet := s.values[a.name]; isSet {
		return value
	}
	of := s.source.argumentColumn(a).of
	return null(of)
}

// text returns a text, or "" if it is not set.
func (s selection) text(name string) string {
	text, _ := s.values[name].(types.String)
	return text.ValueString()
}

// tags returns the selected tags, or null.
func (s selection) tags() types.Map {
	if tags, isSet := s.values[tagsArgument].(types.Map); isSet {
		return tags
	}
	return types.MapNull(types.StringType)
}

// check returns the problems of the values that are known.
func (s selection) check() mirror.Problems {
	var problems mirror.Problems
	for _, a := range s.source.accepted() {
		value, isSet := s.values[a.name]
		if isSet && !value.IsUnknown() {
			problems = append(problems, a.problems(value)...)
		}
	}
	return problems
}

// problems returns the problems of a known value.
func (a sourceArgument) problems(value attr.Value) mirror.Problems {
	switch value := value.(type) {
	case numberValue:
		return value.outside(a.name, a.within)
	case types.Map:
		return nullTags(tagsArgument, value)
	case types.Set:
		var problems mirror.Problems
		for _, element := range value.Elements() {
			if !element.IsUnknown() {
				problems = append(problems, a.check(a.name, element.(types.String).ValueString())...)
			}
		}
		return problems
	case types.String:
		if a.check != nil {
			return a.check(a.name, value.ValueString())
		}
	}
	return nil
}

// isEmpty reports whether no argument selects anything.
func (s selection) isEmpty() bool {
	for name, value := range s.values {
		if tags, isMap := value.(types.Map); name != tagsArgument || !isMap || len(tags.Elements()) > 0 {
			return false
		}
	}
	return true
}

// matching returns the objects that match every argument, except one if it is named.
func (s selection) matching(all []sourceObject, except string) []sourceObject {
	var found []sourceObject
	for _, o := range all {
		if s.matches(o, except) {
			found = append(found, o)
		}
	}
	return found
}

func (s selection) matches(o sourceObject, except string) bool {
	for _, a := range s.source.accepted() {
		value, isSet := s.values[a.name]
		if isSet && a.name != except && !a.matches(value, o) {
			return false
		}
	}
	return true
}

// matches reports whether an object has a value.
func (a sourceArgument) matches(value attr.Value, o sourceObject) bool {
	switch {
	case a.name == tagsArgument:
		return mirror.HasTags(o.tags, textMap(value.(types.Map)))
	case a.name == "id":
		return value.(types.String).ValueString() == o.id
	case a.of != "":
		for _, element := range value.(types.Set).Elements() {
			if element.Equal(o.values[a.of]) {
				return true
			}
		}
		return false
	}
	has := o.values[a.name]
	return value.Equal(has) || has.IsNull() && isEmpty(value)
}

// isEmpty reports whether a value selects the objects that have none.
func isEmpty(value attr.Value) bool {
	switch value := value.(type) {
	case types.String:
		return value.ValueString() == ""
	case types.Set:
		return len(value.Elements()) == 0
	}
	return false
}

// mostNamed is how many objects a message names.
const mostNamed = 10

// noneOrSeveral explains why a data source of one object does not find exactly one.
func (s selection) noneOrSeveral(all, matching []sourceObject, region string) (summary, text string) {
	noun := s.source.noun()
	if len(matching) > 1 {
		text = fmt.Sprintf("%s has %d %ss%s: %s. ", region, len(matching), noun, s.asked(), namesOf(matching))
		if differing := s.differing(matching); differing != nil {
			text += "Add an argument that fits only one of them. They differ in " + strings.Join(differing, ", ") + ". "
		}
		return "Several " + noun + "s match", text + fmt.Sprintf("To read all of them, use the data source trafficmirror_%ss.", s.source.name)
	}
	text = fmt.Sprintf("%s has no %s%s.", region, noun, s.asked())
	for _, a := range s.source.accepted() {
		if _, isSet := s.values[a.name]; !isSet || len(s.values) == 1 {
			continue
		}
		if near := s.matching(all, a.name); len(near) > 0 {
			text += fmt.Sprintf(" Every argument except %s fits %s.", a.name, namesOf(near))
		}
	}
	return "No " + noun + " matches", text + fmt.Sprintf(" If this configuration creates it, use the resource, trafficmirror_%s.NAME, instead of the data source, or list it in depends_on.", s.source.name)
}

// asked words the arguments: ` with type = "network-interface" and tags = {"Name" = "x"}`.
func (s selection) asked() string {
	var all []string
	for _, a := range s.source.accepted() {
		if value, isSet := s.values[a.name]; isSet {
			all = append(all, a.name+" = "+strings.ReplaceAll(value.String(), `":"`, `" = "`))
		}
	}
	if all == nil {
		return ""
	}
	return " with " + strings.Join(all, " and ")
}

// differing returns the arguments, besides those that are set, in which objects differ.
func (s selection) differing(found []sourceObject) []string {
	var names []string
	for _, a := range s.source.accepted() {
		_, isSet := s.values[a.name]
		if isSet && a.name != tagsArgument {
			continue
		}
		for _, o := range found[1:] {
			if a.valueIn(o) != a.valueIn(found[0]) {
				names = append(names, a.name)
				break
			}
		}
	}
	return names
}

// valueIn returns what the argument would have to be to select an object, as a text.
func (a sourceArgument) valueIn(o sourceObject) string {
	switch a.name {
	case "id":
		return o.id
	case tagsArgument:
		return fmt.Sprint(o.tags)
	}
	return o.values[a.name].String()
}

// namesOf lists the IDs of objects, but not more than a reader wants.
func namesOf(all []sourceObject) string {
	var ids []string
	for _, o := range all {
		if len(ids) == mostNamed {
			return strings.Join(ids, ", ") + fmt.Sprintf(" and %d more", len(all)-mostNamed)
		}
		ids = append(ids, o.id)
	}
	return strings.Join(ids, ", ")
}

// null returns null of the type of an argument.
func null(of attr.Type) attr.Value {
	switch of := of.(type) {
	case types.MapType:
		return types.MapNull(of.ElemType)
	case types.SetType:
		return types.SetNull(of.ElemType)
	case numberType:
		return numberValue{}
	}
	return basetypes.NewStringNull()
}
