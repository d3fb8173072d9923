package analysis

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"

// ReportUnreachable is the part of a Report about rules that decide no packet.
func ReportUnreachable(f mirror.Filter) ([]UnreachableRule, error) {
	var r Report
	r.addUnreachable(f)
	return r.UnreachableRules, r.err()
}

// ReportSpace is the part of a Report about the packets of a space.
func ReportSpace(f mirror.Filter, s mirror.Space) (*SpaceReport, error) {
	var r Report
	r.addSpace(f, s)
	return r.Mirrors, r.err()
}

// ReportDifferences is a Report with only the comparison of two filters.
func ReportDifferences(a, b mirror.Filter) (Report, error) {
	var r Report
	r.addDifferences(a, b)
	return r, r.err()
}

// err returns an error if a part has no answer.
func (r *Report) err() error {
	if len(r.TooComplex) > 0 {
		return ErrTooComplex
	}
	return nil
}
