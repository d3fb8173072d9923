package query

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Error is an error as a client of EC2 sees it.
type Error struct {
	Status  int // of HTTP
	Code    string
	Message string
}

// Error implements error.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// statuses has the HTTP statuses of the codes that are not sent with 400. Those for a
// dry run are not documented (A0012).
var statuses = map[string]int{
	"AuthFailure":                http.StatusUnauthorized,
	"DryRunOperation":            http.StatusPreconditionFailed,
	"MissingAuthenticationToken": http.StatusForbidden,
	"RequestLimitExceeded":       http.StatusServiceUnavailable,
	"UnauthorizedOperation":      http.StatusForbidden,
}

// maxMessage is how many bytes a message can have: room for the IDs of 1,000 objects. It
// quotes texts of the request, which can be long.
const maxMessage = 32 << 10

// Refuse returns an error with one of EC2's codes.
func Refuse(code, format string, args ...any) error {
	status := http.StatusBadRequest
	if s, special := statuses[code]; special {
		status = s
	}
	return &Error{status, code, cut(fmt.Sprintf(format, args...), maxMessage)}
}

// Missing refuses a request without a parameter that it needs.
func Missing(parameter string) error {
	return Refuse("MissingParameter", "The request must contain the parameter %s", shortened(parameter))
}

// InvalidValue refuses the value of a parameter.
func InvalidValue(parameter, value, expected string) error {
	return Refuse("InvalidParameterValue", "Value (%s) for parameter %s is invalid. %s", shortened(value), shortened(parameter), expected)
}

// shortened returns a text as a message quotes it.
func shortened(text string) string { return cut(text, 500) }

// cut cuts a text after some bytes, between two characters.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit] + "..."
}

// RefuseProblems returns the first problem that is an error as an error of EC2, or nil.
// EC2 reports one error per request.
func RefuseProblems(ps mirror.Problems) error {
	i := slices.IndexFunc(ps, func(p mirror.Problem) bool { return p.Kind != mirror.Warning })
	if i < 0 {
		return nil
	}
	p := ps[i]
	field := wireName(p.Field)
	switch p.Kind {
	case mirror.Missing:
		if field == "" {
			return Refuse("MissingParameter", "%s", WireText(p.Fix))
		}
		return Missing(field)
	case mirror.Conflict:
		return Refuse("InvalidParameterCombination", "%s %s", field, WireText(p.Wrong))
	}
	return Refuse("InvalidParameterValue", "%s %s. %s", field, WireText(p.Wrong), WireText(p.Fix))
}

// wireName converts the path of a field, source_port_range.from_port, to the name of a
// parameter, SourcePortRange.FromPort.
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

// WireText replaces the names of fields in a sentence by those of parameters. Fields of
// one word stay, because they are ordinary words too.
var WireText = func() func(string) string {
	fields := append([]string{
		"destination_cidr_block", "source_cidr_block", "from_port", "to_port",
	}, mirror.TargetBackings...)
	var pairs []string
	for _, f := range fields {
		pairs = append(pairs, f, wireName(f))
	}
	return strings.NewReplacer(pairs...).Replace
}()
