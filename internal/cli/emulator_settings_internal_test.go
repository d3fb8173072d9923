package cli

import (
	"reflect"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Each quota has a name, and each name a quota of its own.
func TestQuotaNames(t *testing.T) {
	t.Parallel()
	var q mirror.Quotas
	for name, quota := range quotasByName(&q) {
		if *quota != 0 {
			t.Errorf("%s is the quota of another name too", name)
		}
		*quota = 1
	}
	for i, v := 0, reflect.ValueOf(q); i < v.NumField(); i++ {
		if v.Field(i).Int() != 1 {
			t.Errorf("%s has no name", v.Type().Field(i).Name)
		}
	}
}
