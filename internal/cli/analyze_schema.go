package cli

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
)

// analysisSchema returns the JSON schema of the report that analyze prints. It is made from the
// types of the report, so that it has the same names.
func analysisSchema() []byte {
	s := schemaOf(analysis.Field{Type: reflect.TypeFor[analysisResult](), Doc: "The report of the command analyze about a traffic mirror filter."})
	s["$schema"], s["title"] = "https://json-schema.org/draft/2020-12/schema", "analysis"
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(s) // nothing in it can fail
	return text.Bytes()
}

// schemaOf returns the schema of a field.
func schemaOf(f analysis.Field) object {
	s := object{}.set("description", f.Doc)
	of := f.Type
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	kind := describeType(s, of)
	s["type"] = kind
	if f.Nullable {
		s["type"] = []string{kind, "null"}
	}
	if f.Values != nil {
		s["enum"] = f.Values
	}
	return s
}

// describeType sets what belongs to the type of a field, and returns the type's name in JSON.
func describeType(s object, of reflect.Type) string {
	switch of.Kind() {
	case reflect.Struct:
		properties, names := object{}, []string{}
		for _, f := range analysis.Fields(of) {
			properties[f.Name] = schemaOf(f)
			names = append(names, f.Name)
		}
		s["properties"], s["required"], s["additionalProperties"] = properties, names, false
		return "object"
	case reflect.Map:
		s["additionalProperties"] = schemaOf(analysis.Field{Type: of.Elem()})
		return "object"
	case reflect.Slice:
		s["items"] = schemaOf(analysis.Field{Type: of.Elem()})
		return "array"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64, reflect.Uint32:
		return "integer"
	}
	return "string"
}
