package cli

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
)

// reportSchema returns the JSON schema of a type whose fields have json and doc tags.
func reportSchema[T any](title, doc string) []byte {
	s := schemaOf(analysis.Field{Type: reflect.TypeFor[T](), Doc: doc})
	s["$schema"], s["title"] = "https://json-schema.org/draft/2020-12/schema", title
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(s) // nothing in it can fail
	return text.Bytes()
}
