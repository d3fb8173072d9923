package account_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// The accounts in all Regions have one source of credentials, which is asked once. Each signs
// for its own Region, and is made once.
func TestRegions_credentials(t *testing.T) {
	t.Parallel()
	var found atomic.Int32
	signed := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signed <- regexp.MustCompile(`/([a-z0-9-]+)/ec2/aws4_request`).FindStringSubmatch(r.Header.Get("Authorization"))[1]
		w.WriteHeader(http.StatusBadRequest)
	}))
	t.Cleanup(server.Close)
	config := configOf(server.URL)
	config.Credentials = aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		found.Add(1)
		return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
	}))
	regions := account.NewRegions(config, account.Options{})
	for region, want := range map[string]string{"": "us-east-1", "us-east-1": "us-east-1", "eu-west-1": "eu-west-1", "ap-south-1": "ap-south-1"} {
		a := regions.In(region)
		if a.Region != want || regions.In(want) != a {
			t.Errorf("%q is %s, or is made twice", region, a.Region)
		}
		_, _ = a.Targets(t.Context())
		if got := <-signed; got != want {
			t.Errorf("%q: the request is signed for %s", region, got)
		}
	}
	if found.Load() != 1 {
		t.Errorf("the credentials are looked for %d times", found.Load())
	}
}

// A program that asks for an account as a new run sees it, again and again, keeps the limits of the
// Region all the same.
func TestRegions_limits(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }))
	t.Cleanup(server.Close)
	clock := &handClock{}
	regions := account.NewRegions(configOf(server.URL), account.Options{Clock: clock, Limited: true, ReadEach: true})
	limit := int(mirror.LimitOfDescribe.Burst)
	for range limit {
		_, _ = regions.Anew("").Targets(t.Context())
	}
	if clock.now.Load() != 0 {
		t.Errorf("waited until %s", time.Duration(clock.now.Load()))
	}
	_, _ = regions.Anew("eu-west-1").Targets(t.Context())
	_, _ = regions.In("eu-west-1").Targets(t.Context())
	if clock.now.Load() != 0 {
		t.Errorf("waited in another Region until %s", time.Duration(clock.now.Load()))
	}
	_, _ = regions.Anew("").Targets(t.Context())
	if clock.now.Load() == 0 {
		t.Errorf("%d requests at once", limit+1)
	}
}
