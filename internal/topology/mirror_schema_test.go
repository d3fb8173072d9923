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

// published is the copy of the schema that the documentation links to.
const published = "../../templates/schemas/mirror.schema.json"

func TestMirrorSchema_published(t *testing.T) {
	t.Parallel()
	if *update {
		if err := os.WriteFile(published, MirrorSchema(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, MirrorSchema()) {
		t.Errorf("%s is not the schema that MirrorSchema returns: run go test ./internal/topology -run published -update", published)
	}
	const linked = "../../docs/schemas/mirror.schema.json"
	if got, err := os.ReadFile(linked); err != nil || !bytes.Equal(got, MirrorSchema()) {
		t.Errorf("%s is not the schema that MirrorSchema returns: run make generate (%v)", linked, err)
	}
}

func TestMirrorSchema_example(t *testing.T) {
	t.Parallel()
	var s struct{ Examples []json.RawMessage }
	if err := json.Unmarshal(MirrorSchema(), &s); err != nil || len(s.Examples) != 1 {
		t.Fatalf("there are %d examples: %v", len(s.Examples), err)
	}
	if _, err := ParseMirror(s.Examples[0]); err != nil {
		t.Error(err)
	}
}

// The schema and the parser have the same keys, and require the same ones.
func TestMirrorSchema_keys(t *testing.T) {
	t.Parallel()
	compareKeys(t, "", mirrorSchema(), reflect.TypeFor[mirrorFile]())
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
