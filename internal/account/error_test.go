package account_test

import (
	"testing"

	"github.com/aws/smithy-go"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
)

// A number that is taken is worth another try, with the same number later or with another
// one. A virtual network ID that is taken is not.
func TestIsNumberTaken(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]bool{
		"Session number 1 is already being used by tms-00000000000000001":     true,
		"Virtual network ID 7 is already being used by tms-00000000000000001": false,
		"The session number is not valid":                                     false,
	} {
		if got := account.IsNumberTaken(&smithy.GenericAPIError{Code: "InvalidParameterValue", Message: message}); got != want {
			t.Errorf("%s: %v", message, got)
		}
	}
}
