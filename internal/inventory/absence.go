package inventory

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/smithy-go"

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
// The reference spells those of traffic mirroring in one way, EC2 was seen to
// send another, so both stand here
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html).
var notFoundCodes = map[string]bool{
	"InvalidTrafficMirrorTargetId.NotFound":     true,
	"InvalidTrafficMirrorTargetNoFound":         true, // sic
	"InvalidTrafficMirrorFilterId.NotFound":     true,
	"InvalidTrafficMirrorFilterNotFound":        true,
	"InvalidTrafficMirrorFilterRuleId.NotFound": true,
	"InvalidTrafficMirrorFilterRuleNotFound":    true,
	"InvalidTrafficMirrorSessionId.NotFound":    true,
	"InvalidTrafficMirrorSessionNotFound":       true,
	"InvalidNetworkInterfaceID.NotFound":        true,
	"InvalidVpcEndpointId.NotFound":             true,
	"InvalidVpcID.NotFound":                     true,
}

// IsNotFound reports whether err says that an object is not there. Any other
// error says nothing about it.
func IsNotFound(err error) bool {
	var notFound *NotFoundError
	var answer smithy.APIError
	switch {
	case errors.As(err, &notFound):
		return true
	case errors.As(err, &answer):
		return notFoundCodes[answer.ErrorCode()]
	}
	return false
}
