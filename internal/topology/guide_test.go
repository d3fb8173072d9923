package topology_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// The guide names every key of a topology file.
func TestGuide(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../templates/guides/emulator.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## The topology file")
	for key := range keysOf(reflect.TypeFor[topology.File](), map[string]bool{}) {
		if !strings.Contains(section, "`"+key+"`") {
			t.Errorf("the guide does not name %s", key)
		}
	}
}

// keysOf adds the keys of a type and of all types in it.
func keysOf(of reflect.Type, keys map[string]bool) map[string]bool {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice:
		return keysOf(of.Elem(), keys)
	case reflect.Struct:
	default:
		return keys
	}
	for field := range of.Fields() {
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if key != "" && key != "-" {
			keys[key] = true
		}
		if key != "" || field.Anonymous {
			keysOf(field.Type, keys)
		}
	}
	return keys
}
