package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/analysis"
)

// statusFindings is the exit status if --fail-on names a finding.
const statusFindings = 2

// A finding is what a pipeline can refuse in a report.
type finding struct {
	name  string
	needs string // the argument without which there is no answer
	of    func(analysisResult) *bool
}

// findings are the values of --fail-on.
var findings = []finding{
	{"unreachable_rules", "", func(r analysisResult) *bool { return hasAny(r.UnreachableRules) }},
	{"redundant_rules", "", func(r analysisResult) *bool { return hasAny(r.RedundantRules) }},
	{"one_way_flows", "", func(r analysisResult) *bool { return hasAny(r.OneWayFlows) }},
	{"mirrored", "--space", func(r analysisResult) *bool { return isNot(r.Mirrors, analysis.None) }},
	{"not_mirrored", "--space", func(r analysisResult) *bool { return isNot(r.Mirrors, analysis.All) }},
	{"gained", "--compare", func(r analysisResult) *bool { return r.Gained }},
	{"lost", "--compare", func(r analysisResult) *bool { return r.Lost }},
	{"never_hit_rules", "--in", func(r analysisResult) *bool { return hasAny(r.Capture.NeverHitRules) }},
}

// hasAny reports whether a list has elements; nil if it is not known.
func hasAny[T any](list []T) *bool {
	if list == nil {
		return nil
	}
	return new(len(list) > 0)
}

func isNot(space *analysis.SpaceReport, amount analysis.Amount) *bool {
	if space == nil {
		return nil
	}
	return new(space.Amount != amount)
}

func findingNames() string {
	names := make([]string, len(findings))
	for i, f := range findings {
		names[i] = f.name
	}
	return strings.Join(names, ", ")
}

// checkFindings checks the values of --fail-on.
func (f analyzeFlags) checkFindings() error {
	given := map[string]bool{"": true, "--space": f.space != "", "--compare": f.compare != "", "--in": f.in != ""}
	for _, name := range f.failOn {
		i := slices.IndexFunc(findings, func(f finding) bool { return f.name == name })
		switch {
		case i < 0:
			return fmt.Errorf("--fail-on is %q. Write one or more of %s, with commas between them", name, findingNames())
		case !given[findings[i].needs]:
			return fmt.Errorf("--fail-on %s needs %s", name, findings[i].needs)
		}
	}
	return nil
}

// fail returns an error if the report has a finding of --fail-on. What is not known may be
// a finding too.
func (f analyzeFlags) fail(result analysisResult) error {
	var found, unknown []string
	for _, finding := range findings {
		if !slices.Contains(f.failOn, finding.name) {
			continue
		}
		switch is := finding.of(result); {
		case is == nil:
			unknown = append(unknown, finding.name)
		case *is:
			found = append(found, finding.name)
		}
	}
	if found == nil && unknown == nil {
		return nil
	}
	return &findingsError{found, unknown}
}

// A findingsError says that a report has findings that --fail-on names.
type findingsError struct{ found, unknown []string }

// Error names the findings.
func (e *findingsError) Error() string {
	var parts []string
	if e.found != nil {
		parts = append(parts, "the report has "+strings.Join(e.found, ", "))
	}
	if e.unknown != nil {
		parts = append(parts, "there is no answer about "+strings.Join(e.unknown, ", "))
	}
	return strings.Join(parts, "; ")
}

// exitStatus is the exit status of the command.
func (e *findingsError) exitStatus() int { return statusFindings }
