package provider_test

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/provider"
)

// A client of the SDK that reflection can reach makes the linker keep every
// operation of EC2, and the program twice as large.
func TestClient_hidesTheSDK(t *testing.T) {
	t.Parallel()
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type, string)
	walk = func(typ reflect.Type, at string) {
		if seen[typ] {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			walk(typ.Elem(), at)
		case reflect.Struct:
			if typ == reflect.TypeFor[ec2.Client]() {
				t.Errorf("%s holds the client of the SDK: keep method values instead", at)
				return
			}
			for field := range typ.Fields() {
				walk(field.Type, at+"."+field.Name)
			}
		}
	}
	walk(reflect.TypeFor[provider.Client](), "Client")
}
