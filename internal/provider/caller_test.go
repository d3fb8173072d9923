package provider_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

const callerIdentity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws-us-gov:sts::210987654321:assumed-role/x/y</Arn><UserId>AROA:y</UserId><Account>210987654321</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`

// newSTS answers who the caller is. Everything else goes to the account.
func (a *account) newSTS(t *testing.T, refuses bool) string {
	t.Helper()
	file, err := topology.Parse([]byte(testTopology))
	if err != nil {
		t.Fatal(err)
	}
	ec2, err := emulator.New(emulator.Options{Path: a.path("ec2.db"), Topology: file})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		switch asked := bytes.Contains(body, []byte("Action=GetCallerIdentity")); {
		case err != nil:
			t.Error(err)
		case !asked:
			ec2.ServeHTTP(w, r)
		case refuses:
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>The security token is invalid.</Message></Error></ErrorResponse>`)
		default:
			fmt.Fprint(w, callerIdentity)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// The account of the credentials is what STS says, and the arguments about
// accounts rest on it.
func TestAccProvider_caller(t *testing.T) {
	a := newAccount(t)
	config := func(url, arguments string) string {
		return fmt.Sprintf(`
provider "trafficmirror" {
  region                  = "us-gov-west-1"
  access_key              = "test"
  secret_key              = "test"
  skip_metadata_api_check = "true"
  endpoints {
    ec2 = %[1]q
    sts = %[1]q
  }
  %[2]s
}
resource "trafficmirror_filter" "x" {}
`, url, arguments)
	}
	sts, refusing := a.newSTS(t, false), a.newSTS(t, true)
	arn := func(expression string) resource.TestCheckFunc {
		return resource.TestCheckResourceAttrWith(filterX, "arn", matches(expression))
	}
	a.test(t,
		resource.TestStep{Config: config(sts, `forbidden_account_ids = ["210987654321"]`), ExpectError: regexp.MustCompile(`belong to account "210987654321", which`)},
		resource.TestStep{Config: config(sts, `allowed_account_ids = ["000000000001", "000000000002"]`), ExpectError: regexp.MustCompile(`AWS account not allowed`)},
		resource.TestStep{Config: config(refusing, ""), ExpectError: regexp.MustCompile(`(?s)STS did not identify the credentials.*InvalidClientTokenId`)},
		resource.TestStep{Config: config(sts, `allowed_account_ids = ["210987654321"]`), Check: arn(`^arn:aws-us-gov:ec2:us-gov-west-1:210987654321:`)},
		resource.TestStep{
			Config: config(refusing, "skip_credentials_validation = true\n skip_requesting_account_id = true"),
			Check:  arn(`^arn:aws-us-gov:ec2:us-gov-west-1::`),
		},
	)
}
