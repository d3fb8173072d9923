package topology

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the published schema")

// schemas are the schemas of files. The documentation links to a copy of each.
var schemas = map[string]struct {
	text   func() []byte
	schema func() *jsonSchema
	file   reflect.Type
	parse  func(text []byte) error
}{
	"mirror": {MirrorSchema, mirrorSchema, reflect.TypeFor[mirrorFile](), func(text []byte) error { _, err := ParseMirror(text); return err }},
	"filter": {FilterSchema, filterDocumentSchema, reflect.TypeFor[filterDocument](), func(text []byte) error { _, _, err := ParseFilter(text); return err }},
}

func TestSchema_published(t *testing.T) {
	t.Parallel()
	for name, s := range schemas {
		published := "../../templates/schemas/" + name + ".schema.json"
		if *update {
			if err := os.WriteFile(published, s.text(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(published); err != nil || !bytes.Equal(got, s.text()) {
			t.Errorf("%s is not the schema: run go test ./internal/topology -run published -update (%v)", published, err)
		}
		linked := "../../docs/schemas/" + name + ".schema.json"
		if got, err := os.ReadFile(linked); err != nil || !bytes.Equal(got, s.text()) {
			t.Errorf("%s is not the schema: run make generate (%v)", linked, err)
		}
	}
}

func TestSchema_example(t *testing.T) {
	t.Parallel()
	for name, s := range schemas {
		var schema struct{ Examples []json.RawMessage }
		if err := json.Unmarshal(s.text(), &schema); err != nil || len(schema.Examples) != 1 {
			t.Fatalf("%s: there are %d examples: %v", name, len(schema.Examples), err)
		}
		if err := s.parse(schema.Examples[0]); err != nil {
			t.Error(name, err)
		}
	}
}

// A schema and its parser have the same keys, and require the same ones.
func TestSchema_keys(t *testing.T) {
	t.Parallel()
	for name, s := range schemas {
		compareKeys(t, name, s.schema(), s.file)
	}
}

func compareKeys(t *testing.T, at string, s *jsonSchema, of reflect.Type) {
	t.Helper()
	switch {
	case of.Implements(textUnmarshaler) || reflect.PointerTo(of).Implements(textUnmarshaler):
	case of.Kind() == reflect.Pointer:
		compareKeys(t, at, s, of.Elem())
	case of.Kind() == reflect.Slice:
		compareKeys(t, at+"[]", s.Items, of.Elem())
	case of.Kind() == reflect.Map:
		for _, rule := range s.Patterns {
			compareKeys(t, at+"{}", rule, of.Elem())
		}
	case of.Kind() == reflect.Struct:
		compareFields(t, at, s, of)
	}
}

func compareFields(t *testing.T, at string, s *jsonSchema, of reflect.Type) {
	t.Helper()
	for i := range of.NumField() {
		field := of.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		property, has := s.Properties[name]
		if !has {
			t.Errorf("the schema lacks %s.%s", at, name)
			continue
		}
		if required := field.Tag.Get("required") == "true"; required != slices.Contains(s.Required, name) {
			t.Errorf("%s.%s: the parser says required %t, the schema the contrary", at, name, required)
		}
		compareKeys(t, at+"."+name, property, field.Type)
	}
	if len(s.Properties) != of.NumField() {
		t.Errorf("%s: the schema has %d properties, the parser takes %d", at, len(s.Properties), of.NumField())
	}
}
