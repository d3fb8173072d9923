package account

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
	"InvalidVpcEndpointId.NotFound":             mirror.KindEndpoint,
	"InvalidVpcID.NotFound":                     mirror.KindVPC,
	"InvalidSubnetID.NotFound":                  mirror.KindSubnet,
	"InvalidInstanceID.NotFound":                mirror.KindInstance,
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
