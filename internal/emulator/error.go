package emulator

import (
	"errors"
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

// asAPIError returns what the client is told about err. What is no refusal is a
// failure of the store. It is told with a status that no client retries: another
// attempt would wait as long and end the same (A0011).
func asAPIError(err error) *apiError {
	var refusal *apiError
	if errors.As(err, &refusal) {
		return refusal
	}
	return &apiError{http.StatusBadRequest, "EmulatorStoreFailure", err.Error()}
}

// codes are the error codes that name a kind of object.
type codes struct{ malformed, notFound, noun string }

// kindCodes follows the spellings that clients of EC2 match, which for Traffic
// Mirroring are not the documented ones (A0020); its codes for malformed IDs are
// formed like those of other kinds (A0021).
var kindCodes = map[mirror.Kind]codes{
	mirror.KindTarget:     {"InvalidTrafficMirrorTargetId.Malformed", "InvalidTrafficMirrorTargetId.NotFound", "traffic mirror target"},
	mirror.KindFilter:     {"InvalidTrafficMirrorFilterId.Malformed", "InvalidTrafficMirrorFilterId.NotFound", "traffic mirror filter"},
	mirror.KindFilterRule: {"InvalidTrafficMirrorFilterRuleId.Malformed", "InvalidTrafficMirrorFilterRuleId.NotFound", "traffic mirror filter rule"},
	mirror.KindSession:    {"InvalidTrafficMirrorSessionId.Malformed", "InvalidTrafficMirrorSessionId.NotFound", "traffic mirror session"},
	mirror.KindInterface:  {"InvalidNetworkInterfaceId.Malformed", "InvalidNetworkInterfaceID.NotFound", "networkInterface"},
	mirror.KindEndpoint:   {"InvalidVpcEndpointId.Malformed", "InvalidVpcEndpointId.NotFound", "Vpc Endpoint"},
	mirror.KindVPC:        {"InvalidVpcID.Malformed", "InvalidVpcID.NotFound", "vpc"},
	mirror.KindSubnet:     {"InvalidSubnetID.Malformed", "InvalidSubnetID.NotFound", "subnet"},
	mirror.KindInstance:   {"InvalidInstanceID.Malformed", "InvalidInstanceID.NotFound", "instance"},
	mirror.KindGroup:      {"InvalidGroupId.Malformed", "InvalidGroup.NotFound", "security group"},
}

func malformedID(kind mirror.Kind, id string) error {
	return refuse(kindCodes[kind].malformed, `Invalid id: "%s" (expecting "%s...")`, id, kind.Prefix)
}

func notFound(kind mirror.Kind, ids ...string) error {
	c := kindCodes[kind]
	if len(ids) == 1 {
		return refuse(c.notFound, "The %s ID '%s' does not exist", c.noun, ids[0])
	}
	return refuse(c.notFound, "The %s IDs '%s' do not exist", c.noun, strings.Join(ids, ", "))
}

// refuseProblems returns the first of the problems that is an error, in the words
// of the protocol, or nil. EC2 reports one error a request.
func refuseProblems(ps mirror.Problems) error {
	i := slices.IndexFunc(ps, func(p mirror.Problem) bool { return p.Kind != mirror.Warning })
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
