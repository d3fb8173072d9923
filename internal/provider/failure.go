package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// A failure says what an error code of EC2 means for a resource: which attribute
// it is about, and what to do.
type failure struct{ attribute, advice string }

// failures are those of one resource, by error code.
type failures map[string]failure

// anyFailure holds the codes that mean the same for every resource.
var anyFailure = failures{
	"UnauthorizedOperation": {advice: "The credentials are valid and may not do this. Allow the action to them in IAM, and ec2:CreateTags with it where the object has tags."},
	"AuthFailure":           {advice: "AWS does not accept the credentials. Check which ones the provider block, the environment and the shared files give, and whether they have expired."},
	"ExpiredToken":          {advice: "The credentials have expired. Get new ones."},
	"RequestExpired":        {advice: "The request was signed more than 15 minutes ago by the clock of AWS. Set the clock of this machine."},
	"OptInRequired":         {advice: "The account is not signed up for EC2 in this Region."},
	"RequestLimitExceeded":  {advice: "EC2 went on throttling until the retries were used up. Apply again, with a lower -parallelism or a higher max_retries."},
	"InvalidAction":         {advice: "The endpoint does not know the action. If it is an emulator of AWS, it lacks traffic mirroring."},
	"TagLimitExceeded":      {attribute: "tags", advice: "Remove tags, or have some of them ignored."},
}

// report words an error of EC2 as a diagnostic.
func (f failures) report(diags *diag.Diagnostics, summary string, err error) {
	known, found := f.lookUp(err)
	text := answer(err)
	if known.advice != "" {
		text = known.advice + "\n\n" + text
	}
	var held *heldError
	if errors.As(err, &held) {
		text += "\n\n" + held.adoption()
	}
	if found && known.attribute != "" {
		diags.AddAttributeError(path.Root(known.attribute), summary, text)
		return
	}
	diags.AddError(summary, text)
}

func (f failures) lookUp(err error) (failure, bool) {
	code := meaning(err)
	if known, found := f[code]; found {
		return known, true
	}
	known, found := anyFailure[code]
	return known, found
}

// sessionNumberTaken stands for a meaning that has no error code of its own.
const sessionNumberTaken = "session number taken"

// meaning returns the error code, or what EC2 says by the message alone.
func meaning(err error) string {
	var api smithy.APIError
	switch {
	case isNumberTaken(err):
		return sessionNumberTaken
	case errors.As(err, &api):
		return api.ErrorCode()
	}
	return ""
}

// answer words what happened in one line or two.
func answer(err error) string {
	var api smithy.APIError
	switch {
	case errors.Is(err, context.Canceled):
		return "The run was cancelled before EC2 had answered."
	case !errors.As(err, &api):
		return err.Error()
	}
	text := fmt.Sprintf("EC2 answered %s: %s", api.ErrorCode(), strings.TrimSuffix(api.ErrorMessage(), "."))
	var response *awshttp.ResponseError
	if errors.As(err, &response) && response.ServiceRequestID() != "" {
		text += fmt.Sprintf(" (request %s)", response.ServiceRequestID())
	}
	return text + "."
}

// hasCode reports whether EC2 answered with one of codes.
func hasCode(err error, codes ...string) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	for _, code := range codes {
		if api.ErrorCode() == code {
			return true
		}
	}
	return false
}
