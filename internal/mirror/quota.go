package mirror

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// QuotaValues is the range of a configured quota. AWS documents no highest value.
var QuotaValues = Range{0, math.MaxInt32}

// QuotaAdvice says whether AWS raises a quota. It lists none as adjustable
// (https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-quotas.html, read in
// April 2026).
const QuotaAdvice = "AWS lists this quota as not adjustable."

// byName returns the quotas by the names that Set takes.
func (q *Quotas) byName() map[string]*int {
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

// QuotaNames lists the names that Set takes.
func QuotaNames() []string { return slices.Sorted(maps.Keys(new(Quotas).byName())) }

// Get returns the quota of that name, 0 if there is none.
func (q Quotas) Get(name string) int {
	if quota, known := q.byName()[name]; known {
		return *quota
	}
	return 0
}

// Set sets the quota of that name.
func (q *Quotas) Set(name string, n int64) error {
	quota, known := q.byName()[name]
	switch {
	case !known:
		return fmt.Errorf("there is no quota %q: write one of %s", name, strings.Join(QuotaNames(), ", "))
	case !QuotaValues.Contains(n):
		return fmt.Errorf("the quota %s is %d: write a whole number from %s", name, n, QuotaValues)
	}
	*quota = int(n)
	return nil
}
