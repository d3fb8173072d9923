package emulator

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// describeInstanceTypes describes the types in the request, or all that the table has.
// Every Region has all of them (A0181).
func describeInstanceTypes(q *query.Query) operation {
	l := q.Listing()
	l.Allow(q, slices.Collect(maps.Keys(typeFilters)), false)
	all := q.Bool("IncludeUnsupportedInRegion")
	names := q.List("InstanceType")
	q.Fail(needTypes(names))
	if names == nil {
		names = instanceTypes()
	}
	return func(_ *tx, x *query.Writer) error {
		match := func(s typeSpec) bool {
			return l.Matches(func(filter string) []string { return typeFilters[filter].values(s) })
		}
		query.WritePage(x, l, "instanceTypeSet", specsOf(names, l.After), match, func(s typeSpec) {
			writeType(x, s)
			if all {
				x.Bool("supportedInRegion", true)
			}
		})
		return nil
	}
}

// specsOf yields types in the order of their names, each once.
func specsOf(names []string, after string) iter.Seq2[string, typeSpec] {
	sorted := slices.Sorted(slices.Values(names))
	return func(yield func(string, typeSpec) bool) {
		for _, name := range slices.Compact(sorted) {
			if name <= after {
				continue
			}
			if s, _ := instanceType(name); !yield(name, s) {
				return
			}
		}
	}
}

// needTypes refuses types that do not exist. AWS adds types, so that one which the table
// does not have exists if its name is formed like one. Its name is all that is known of it
// (A0180).
func needTypes(names []string) error {
	var gone []string
	for _, name := range names {
		if _, known := instanceType(name); !known && !typeName(name) {
			gone = append(gone, name)
		}
	}
	if gone == nil {
		return nil
	}
	return query.Refuse("InvalidInstanceType", "The following supplied instance types do not exist: [%s]", strings.Join(gone, ", "))
}

// typeName reports whether a name is formed like one of an instance type: m5.large,
// u-6tb1.56xlarge, c7i.metal-24xl.
func typeName(name string) bool {
	family, size, _ := strings.Cut(name, ".")
	if family == "" || strings.Trim(family, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return false
	}
	if number, ok := strings.CutSuffix(size, "xlarge"); ok {
		return strings.Trim(number, "0123456789") == ""
	}
	if number, ok := strings.CutPrefix(size, "metal"); ok {
		return number == "" || strings.HasPrefix(number, "-") && strings.HasSuffix(number, "xl") && strings.Trim(number, "-0123456789xl") == ""
	}
	return slices.Contains([]string{"nano", "micro", "small", "medium", "large"}, size)
}
