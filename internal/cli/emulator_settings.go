package cli

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// quotaFlag is the flag --quota, which can be repeated: NAME=N.
type quotaFlag struct{ quotas mirror.Quotas }

// quotasByName returns the quotas as the flag names them.
func quotasByName(q *mirror.Quotas) map[string]*int {
	return map[string]*int{
		"sessions-per-interface":   &q.SessionsPerInterface,
		"sessions-per-account":     &q.SessionsPerAccount,
		"targets-per-account":      &q.TargetsPerAccount,
		"filters-per-account":      &q.FiltersPerAccount,
		"rules-per-filter":         &q.RulesPerFilter,
		"sources-per-target":       &q.SourcesPerTarget,
		"sources-per-large-target": &q.SourcesPerLargeTarget,
	}
}

func quotaNames() []string { return slices.Sorted(maps.Keys(quotasByName(&mirror.Quotas{}))) }

// Set implements pflag.Value.
func (f *quotaFlag) Set(text string) error {
	name, digits, _ := strings.Cut(text, "=")
	quota, known := quotasByName(&f.quotas)[name]
	if !known {
		return fmt.Errorf("there is no quota %q: write one of %s", name, strings.Join(quotaNames(), ", "))
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil {
		return fmt.Errorf("%q is not a whole number from 0: write %s=%d", digits, name, *quota)
	}
	*quota = int(n)
	return nil
}

// String implements pflag.Value. Help shows no default: there is one for each name.
func (f *quotaFlag) String() string { return "" }

// Type implements pflag.Value.
func (f *quotaFlag) Type() string { return "NAME=N" }

// readingFlag is the flag --reading, which can be repeated.
type readingFlag struct{ readings emulator.Readings }

// Set implements pflag.Value.
func (f *readingFlag) Set(name string) error {
	if !f.readings.Set(name) {
		return fmt.Errorf("there is no reading %q: write one of %s", name, strings.Join(emulator.ReadingNames(), ", "))
	}
	return nil
}

// String implements pflag.Value.
func (f *readingFlag) String() string { return "" }

// Type implements pflag.Value.
func (f *readingFlag) Type() string { return "NAME" }
