package simulation_test

import (
	"reflect"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/simulation"
)

func TestExpectation(t *testing.T) {
	t.Parallel()
	mirrored := simulation.PacketVerdict{
		Mirrored: true, Outcome: "mirrored", Reason: "rule_accepts", SessionNumber: new(int64(1)), RuleNumber: new(int64(100)), Bytes: 128,
	}
	unmatched := simulation.PacketVerdict{Outcome: "no_match", Reason: "no_rule"}
	everything := simulation.Expectation{
		Mirrored: "true", Outcome: new("mirrored"), Reason: new("rule_accepts"), SessionNumber: new(int64(1)), RuleNumber: new(int64(100)), Bytes: new(int64(128)),
	}
	for name, test := range map[string]struct {
		expectation simulation.Expectation
		verdict     simulation.PacketVerdict
		want        []simulation.Difference
	}{
		"nothing":    {simulation.Expectation{}, mirrored, nil},
		"everything": {everything, mirrored, nil},
		"nothing as expected": {everything, unmatched, []simulation.Difference{
			{"mirrored", true, false}, {"outcome", "mirrored", "no_match"}, {"reason", "rule_accepts", "no_rule"},
			{"session_number", int64(1), nil}, {"rule_number", int64(100), nil}, {"bytes", int64(128), int64(0)},
		}},
		"not mirrored": {simulation.Expectation{Mirrored: "false", Bytes: new(int64(0))}, unmatched, nil},
		"another rule": {simulation.Expectation{Mirrored: "true", RuleNumber: new(int64(200))}, mirrored, []simulation.Difference{
			{"rule_number", int64(200), int64(100)},
		}},
	} {
		if got := test.expectation.Differences(test.verdict); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

// No session is no proof of a filter.
func TestExpectation_IsVacuous(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		expectation simulation.Expectation
		reason      string
		want        bool
	}{
		"not mirrored":        {simulation.Expectation{Mirrored: "false"}, "no_session", true},
		"another reason":      {simulation.Expectation{Reason: new("no_rule")}, "no_session", true},
		"asked for":           {simulation.Expectation{Reason: new("no_session")}, "no_session", false},
		"a filter decides":    {simulation.Expectation{Mirrored: "false"}, "no_rule", false},
		"expected, a session": {simulation.Expectation{Reason: new("no_session")}, "no_rule", false},
	} {
		if got := test.expectation.IsVacuous(simulation.PacketVerdict{Outcome: "no_match", Reason: test.reason}); got != test.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
