package emulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// apiError is a refusal as a client of EC2 sees it.
type apiError struct {
	status  int
	code    string
	message string
}

// Error implements error.
func (e *apiError) Error() string { return e.code + ": " + e.message }

// statuses holds the HTTP statuses of the codes that do not come with 400. Those
// of the DryRun codes are common knowledge and not documented (A0012).
var statuses = map[string]int{
	"AuthFailure":                http.StatusUnauthorized,
	"DryRunOperation":            http.StatusPreconditionFailed,
	"MissingAuthenticationToken": http.StatusForbidden,
	"RequestLimitExceeded":       http.StatusServiceUnavailable,
	"UnauthorizedOperation":      http.StatusForbidden,
}

// refuse returns an error with one of EC2's codes.
func refuse(code, format string, args ...any) error {
	status := http.StatusBadRequest
	if s, special := statuses[code]; special {
		status = s
	}
	return &apiError{status, code, fmt.Sprintf(format, args...)}
}

func missing(parameter string) error {
	return refuse("MissingParameter", "The request must contain the parameter %s", parameter)
}

func invalidValue(parameter, value, expected string) error {
	return refuse("InvalidParameterValue", "Value (%s) for parameter %s is invalid. %s", value, parameter, expected)
}

// refuseProblems returns the first of the problems that is an error, in the words
// of the protocol, or nil. EC2 reports one error a request.
func refuseProblems(ps mirror.Problems) error {
	i := slices.IndexFunc(ps, func(p mirror.Problem) bool { return p.Kind != mirror.Doubtful })
	if i < 0 {
		return nil
	}
	p := ps[i]
	field := wireName(p.Field)
	switch p.Kind {
	case mirror.Missing:
		if field == "" {
			return refuse("MissingParameter", "%s", wireText(p.Fix))
		}
		return missing(field)
	case mirror.Conflict:
		return refuse("InvalidParameterCombination", "%s %s", field, wireText(p.Wrong))
	}
	return refuse("InvalidParameterValue", "%s %s. %s", field, wireText(p.Wrong), wireText(p.Fix))
}

// wireName turns the path of a field, source_port_range.from_port, into the name
// of a parameter, SourcePortRange.FromPort.
func wireName(field string) string {
	var name strings.Builder
	for i, part := range strings.Split(field, ".") {
		if i > 0 {
			name.WriteByte('.')
		}
		for word := range strings.SplitSeq(part, "_") {
			name.WriteString(strings.ToUpper(word[:min(1, len(word))]) + word[min(1, len(word)):])
		}
	}
	return name.String()
}

// wireText replaces the names of fields in a sentence. Fields that are one word
// are words of the language too and stay.
var wireText = func() func(string) string {
	fields := append([]string{
		"destination_cidr_block", "source_cidr_block", "from_port", "to_port",
	}, mirror.TargetBackings...)
	var pairs []string
	for _, f := range fields {
		pairs = append(pairs, f, wireName(f))
	}
	return strings.NewReplacer(pairs...).Replace
}()
