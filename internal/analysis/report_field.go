package analysis

import (
	"reflect"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A Field is a field of a Report, or of a part of one. The JSON schema and the schema of the
// data source are made from fields, so that both have the same names and texts.
type Field struct {
	Name     string
	Doc      string
	Type     reflect.Type
	Nullable bool
	Values   []string // that a text may have; nil: any
	Index    []int    // for reflect.Value.FieldByIndex
}

// Fields returns the fields of a struct with json and doc tags. The fields of an embedded
// struct are among them.
func Fields(of reflect.Type) []Field {
	var fields []Field
	for _, f := range reflect.VisibleFields(of) {
		if f.Anonymous {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields = append(fields, Field{
			Name: name, Doc: f.Tag.Get("doc"), Type: f.Type, Values: valuesOf(f.Type), Index: f.Index,
			Nullable: f.Type.Kind() == reflect.Pointer || f.Tag.Get("nullable") == "true",
		})
	}
	return fields
}

func valuesOf(of reflect.Type) []string {
	switch of {
	case reflect.TypeFor[mirror.Direction]():
		return texts(mirror.Directions...)
	case reflect.TypeFor[Amount]():
		return texts(All, Some, None)
	case reflect.TypeFor[Change]():
		return texts(Gained, Lost)
	case reflect.TypeFor[Reason]():
		return texts(RuleAccepts, RuleRejects, NoRule, ServiceAccepts, ServiceOff, NeverMirrored)
	}
	return nil
}

func texts[T ~string](values ...T) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	return list
}
