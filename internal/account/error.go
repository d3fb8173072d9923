package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A NotFoundError says that EC2 answered, and that the object is not there.
type NotFoundError struct {
	Kind mirror.Kind
	ID   string
}

// Error names the object.
func (e *NotFoundError) Error() string {
	return fmt.Sprintf("there is no %s %s", strings.ReplaceAll(e.Kind.Resource, "-", " "), e.ID)
}

// notFoundCodes are the codes with which EC2 says that an object is not there.
// For Traffic Mirroring, the reference has one code, and EC2 was seen to send another.
// So both are here
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html).
var notFoundCodes = map[string]mirror.Kind{
	"InvalidTrafficMirrorTargetId.NotFound":     mirror.KindTarget,
	"InvalidTrafficMirrorTargetNoFound":         mirror.KindTarget, // sic
	"InvalidTrafficMirrorFilterId.NotFound":     mirror.KindFilter,
	"InvalidTrafficMirrorFilterNotFound":        mirror.KindFilter,
	"InvalidTrafficMirrorFilterRuleId.NotFound": mirror.KindFilterRule,
	"InvalidTrafficMirrorFilterRuleNotFound":    mirror.KindFilterRule,
	"InvalidTrafficMirrorSessionId.NotFound":    mirror.KindSession,
	"InvalidTrafficMirrorSessionNotFound":       mirror.KindSession,
	"InvalidNetworkInterfaceID.NotFound":        mirror.KindInterface,
	"InvalidTrafficMirrorTarget":                mirror.KindInterface, // the one that is to back a target (A0170)
	"InvalidVpcEndpointId.NotFound":             mirror.KindEndpoint,
	"InvalidVpcID.NotFound":                     mirror.KindVPC,
	"InvalidSubnetID.NotFound":                  mirror.KindSubnet,
	"InvalidInstanceID.NotFound":                mirror.KindInstance,
	"InvalidGroup.NotFound":                     mirror.KindGroup,
	"InvalidSecurityGroupRuleId.NotFound":       mirror.KindGroupRule,
	"InvalidNetworkAclID.NotFound":              mirror.KindNetworkACL,
	"InvalidRouteTableID.NotFound":              mirror.KindRouteTable,
	"InvalidVpcPeeringConnectionID.NotFound":    mirror.KindPeering,
	"InvalidVpcEndpointServiceId.NotFound":      mirror.KindEndpointService,
	"InvalidPrefixListID.NotFound":              mirror.KindPrefixList,
	"InvalidPrefixListId.NotFound":              mirror.KindPrefixList, // EC2 writes it in both ways
}

// IsNotFound reports whether err says that an object is not there. Any other
// error says nothing about it.
func IsNotFound(err error) bool {
	_, found := NotFound(err)
	return found
}

// NotFound returns the kind of object of which err says that it is not there.
func NotFound(err error) (mirror.Kind, bool) {
	var notFound *NotFoundError
	var answer smithy.APIError
	switch {
	case errors.As(err, &notFound):
		return notFound.Kind, true
	case errors.As(err, &answer):
		kind, found := notFoundCodes[answer.ErrorCode()]
		return kind, found
	}
	return mirror.Kind{}, false
}

// The codes of refusals that more than one package knows.
const (
	RuleNumberTaken = "TrafficMirrorFilterRuleAlreadyExists"

	// SessionNumberTaken is not a code of EC2. EC2 sends InvalidParameterValue and a
	// message instead (assumption A0050).
	SessionNumberTaken = "session number taken"
)

// Code returns the code of EC2's refusal, or "" for any other error.
func Code(err error) string {
	var refusal smithy.APIError
	switch {
	case !errors.As(err, &refusal):
		return ""
	case refusal.ErrorCode() == "InvalidParameterValue" && strings.Contains(refusal.ErrorMessage(), "already being used") &&
		!strings.Contains(refusal.ErrorMessage(), "network ID"): // no other session number helps
		return SessionNumberTaken
	}
	return refusal.ErrorCode()
}

// Action returns the name of the action that failed, or "" if err does not say.
func Action(err error) string {
	var failed *smithy.OperationError
	if !errors.As(err, &failed) {
		return ""
	}
	return failed.OperationName
}

// hasCode reports whether EC2 refused with one of codes.
func hasCode(err error, codes ...string) bool { return err != nil && slices.Contains(codes, Code(err)) }

// IsNumberTaken reports whether EC2 refused the number of a rule or a session because
// another one has it.
func IsNumberTaken(err error) bool { return hasCode(err, RuleNumberTaken, SessionNumberTaken) }

// IsBackingTaken reports whether EC2 refused a target because its interface or load
// balancer backs another target, or is the source of sessions.
func IsBackingTaken(err error) bool {
	return HasTarget(err) || hasCode(err, "InterfaceInUseByTrafficMirrorSession")
}

// HasTarget reports whether EC2 refused a target because its interface or load balancer
// backs another target.
func HasTarget(err error) bool {
	return hasCode(err, "InterfaceInUseByTrafficMirrorTarget", "NlbInUseByTrafficMirrorTargetException")
}

// IsInUse reports whether EC2 refused to delete a target or a filter because sessions
// use it.
func IsInUse(err error) bool {
	return hasCode(err, "TrafficMirrorTargetInUseException", "TrafficMirrorFilterInUse")
}

// IsTokenUsed reports whether EC2 refused a create because its token belongs to a
// create with other parameters, or to one whose object has been deleted since
// (assumption A0024).
func IsTokenUsed(err error) bool { return hasCode(err, "IdempotentParameterMismatch") }

// IsPermitted reports whether EC2 answered a DryRun that it would make the call.
func IsPermitted(err error) bool { return hasCode(err, "DryRunOperation") }

// IsDenied reports whether a call cannot be made at all: the credentials may not make it, or no
// endpoint of Elastic Load Balancing is known. EC2 has the first of the codes, and Elastic Load
// Balancing the others.
func IsDenied(err error) bool {
	return hasCode(err, "UnauthorizedOperation", "AccessDenied", "AccessDeniedException") || errors.Is(err, errNoBalancing)
}

// isRefusal reports whether EC2 answered that it has not made a call. After any other
// error the call may have been made.
func isRefusal(err error) bool {
	var response *awshttp.ResponseError
	return errors.As(err, &response) && response.HTTPStatusCode() < http.StatusInternalServerError && Code(err) != ""
}

// IsThrottled reports whether EC2 refused a request because there were too many.
func IsThrottled(err error) bool {
	_, throttled := retry.DefaultThrottleErrorCodes[Code(err)]
	return throttled
}

// IsAnswered reports whether EC2 has answered a request: it has done what was asked, or
// has said why not. That it is overloaded or has failed is no answer.
func IsAnswered(err error) bool {
	return err == nil || IsNotFound(err) || isRefusal(err) && !IsThrottled(err)
}

// An UnansweredError says that EC2 has not answered any request for some time.
type UnansweredError struct {
	After time.Duration
	Last  error // of the last try; nil: none has ended
}

// Error says for how long, and what the last try met.
func (e *UnansweredError) Error() string {
	if e.Last == nil {
		return fmt.Sprintf("EC2 has not answered for %s.", e.After)
	}
	return fmt.Sprintf("EC2 has not answered for %s. %s", e.After, Explain(e.Last))
}

// Unreached returns why a service could not be reached, if err says so, and otherwise nil.
func Unreached(err error) error {
	var unsent *smithyhttp.RequestSendError
	if errors.As(err, &unsent) {
		return unsent.Err
	}
	return nil
}

// Explain describes an error in one or two lines.
func Explain(err error) string {
	var refusal smithy.APIError
	var unanswered *UnansweredError
	switch {
	case errors.As(err, &unanswered):
		return unanswered.Error()
	case errors.Is(err, context.Canceled):
		return "The run was cancelled before EC2 had answered."
	case Unreached(err) != nil:
		return fmt.Sprintf("EC2 could not be reached: %v.", Unreached(err))
	case errors.Is(err, context.DeadlineExceeded):
		return "EC2 had not answered when the time was up."
	case !errors.As(err, &refusal):
		return err.Error()
	}
	text := fmt.Sprintf("EC2 answered %s: %s", refusal.ErrorCode(), strings.TrimSuffix(refusal.ErrorMessage(), "."))
	var response *awshttp.ResponseError
	if errors.As(err, &response) && response.ServiceRequestID() != "" {
		text += fmt.Sprintf(" (request %s)", response.ServiceRequestID())
	}
	return text + "."
}
