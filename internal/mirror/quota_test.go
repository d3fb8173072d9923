package mirror_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Each quota has a name, and each name a quota of its own.
func TestQuotaNames(t *testing.T) {
	t.Parallel()
	var q mirror.Quotas
	for _, name := range mirror.QuotaNames() {
		if q.Get(name) != 0 {
			t.Errorf("%s is the quota of another name too", name)
		}
		if err := q.Set(name, 1); err != nil || q.Get(name) != 1 {
			t.Errorf("%s is %d after it was set to 1: %v", name, q.Get(name), err)
		}
	}
	for i, v := 0, reflect.ValueOf(q); i < v.NumField(); i++ {
		if v.Field(i).Int() != 1 {
			t.Errorf("%s has no name", v.Type().Field(i).Name)
		}
	}
}

func TestSetQuota_refuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		n    int64
		want string
	}{
		{"sessions", 1, `there is no quota "sessions": write one of filters-per-account, rules-per-filter, `},
		{"rules-per-filter", -1, "the quota rules-per-filter is -1: write a whole number from 0 to 2147483647"},
		{"rules-per-filter", 1 << 31, "the quota rules-per-filter is 2147483648: "},
	} {
		q := mirror.DefaultQuotas()
		if err := q.Set(test.name, test.n); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s = %d: %v, want %q", test.name, test.n, err, test.want)
		}
		if q != mirror.DefaultQuotas() {
			t.Errorf("%s = %d changes %+v", test.name, test.n, q)
		}
	}
}

func TestSourcesOf(t *testing.T) {
	t.Parallel()
	quotas := mirror.DefaultQuotas()
	for instanceType, want := range map[string]int{"": 10, "m5.large": 10, "m5.24xlarge": 100} {
		if got := quotas.SourcesOf(instanceType); got != want {
			t.Errorf("%s: %d sources, want %d", instanceType, got, want)
		}
	}
}
