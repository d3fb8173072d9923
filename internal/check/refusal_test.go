package check

import (
	"bytes"
	"io"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// refusing refuses every request with a code, as long as there is one.
type refusing struct {
	counted
	code atomic.Value
}

func (r *refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	code, _ := r.code.Load().(string)
	if code == "" {
		return r.counted.RoundTrip(req)
	}
	r.requests.Add(1)
	text := "<Response><Errors><Error><Code>" + code + "</Code><Message>m</Message></Error></Errors><RequestID>r</RequestID></Response>"
	return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{}, Body: io.NopCloser(bytes.NewBufferString(text)), Request: req}, nil
}

// A listing that failed is asked for again by a later object, but not by each. That the
// credentials have no permission is believed.
func TestSnapshot_refusal(t *testing.T) {
	t.Parallel()
	for code, asksAgain := range map[string]bool{"AuthFailure": true, "EmulatorStoreFailure": true, "UnauthorizedOperation": false} {
		handler, err := emulator.New(emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db")})
		if err != nil {
			t.Fatal(err)
		}
		transport, clock := &refusing{counted: counted{RoundTripper: emulator.Transport(handler)}}, &skippingClock{}
		a := account.New(aws.Config{
			Region: "us-east-1", BaseEndpoint: aws.String("http://ec2.emulator.invalid"), HTTPClient: &http.Client{Transport: transport},
			Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		}, account.Options{Clock: clock})
		// Another run makes it.
		if _, err := a.CreateFilter(t.Context(), "", nil, account.NewToken()); err != nil {
			t.Fatal(err)
		}
		plan := New(account.New(aws.Config{
			Region: "us-east-1", BaseEndpoint: aws.String("http://ec2.emulator.invalid"), HTTPClient: &http.Client{Transport: transport},
			Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		}, account.Options{Clock: clock}), Policy{Clock: stopped()})
		transport.code.Store(code)
		before := transport.requests.Load()
		for range 50 {
			if got := plan.snapshot.filters(t.Context()); len(got) != 0 {
				t.Errorf("%s: %v", code, got)
			}
		}
		if n := transport.requests.Load() - before; n != 1 {
			t.Errorf("%s: %d requests for 50 objects", code, n)
		}
		transport.code.Store("")
		clock.skipped.Add(int64(account.LongestPause))
		if got := len(plan.snapshot.filters(t.Context())); (got == 1) != asksAgain {
			t.Errorf("%s: a later object sees %d filters", code, got)
		}
	}
}
