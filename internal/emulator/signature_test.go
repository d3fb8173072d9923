package emulator_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

const describeFiltersForm = "Action=DescribeTrafficMirrorFilters&Version=2016-11-15"

// signedAt returns a request that is signed with the keys at the time.
func signedAt(t *testing.T, at time.Time, key, secret, service string) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://ec2.example/", strings.NewReader(describeFiltersForm))
	r.Header.Set("Content-Type", form)
	sum := sha256.Sum256([]byte(describeFiltersForm))
	err := v4.NewSigner().SignHTTP(context.Background(), aws.Credentials{AccessKeyID: key, SecretAccessKey: secret}, r, hex.EncodeToString(sum[:]), service, "us-east-1", at)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func presignedAt(t *testing.T, at time.Time, expires string) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://ec2.example/?"+describeFiltersForm+"&X-Amz-Expires="+expires, nil)
	sum := sha256.Sum256(nil)
	signed, _, err := v4.NewSigner().PresignHTTP(context.Background(), aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret"}, r, hex.EncodeToString(sum[:]), "ec2", "us-east-1", at)
	if err != nil {
		t.Fatal(err)
	}
	return httptest.NewRequest(http.MethodGet, signed, nil)
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	e := newEmulator(t, func(o *emulator.Options) {
		o.AccessKey, o.SecretKey = "AKID", "secret"
		o.Now = func() time.Time { return now }
	})
	changed := func(f func(*http.Request)) *http.Request {
		r := signedAt(t, now, "AKID", "secret", "ec2")
		f(r)
		return r
	}
	for _, test := range []struct {
		name    string
		request *http.Request
		status  int
		code    string
	}{
		{"signed", signedAt(t, now, "AKID", "secret", "ec2"), 200, ""},
		{"signed with a session token", changed(func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "unsigned and ignored") }), 200, ""},
		{"unsigned", changed(func(r *http.Request) { r.Header.Del("Authorization") }), 403, "MissingAuthenticationToken"},
		{"wrong key", signedAt(t, now, "AKIE", "secret", "ec2"), 401, "AuthFailure"},
		{"wrong secret", signedAt(t, now, "AKID", "Secret", "ec2"), 401, "AuthFailure"},
		{"another service", signedAt(t, now, "AKID", "secret", "sts"), 401, "AuthFailure"},
		{"14 minutes old", signedAt(t, now.Add(-14*time.Minute), "AKID", "secret", "ec2"), 200, ""},
		{"16 minutes old", signedAt(t, now.Add(-16*time.Minute), "AKID", "secret", "ec2"), 400, "RequestExpired"},
		{"16 minutes ahead", signedAt(t, now.Add(16*time.Minute), "AKID", "secret", "ec2"), 400, "RequestExpired"},
		{"altered body", changed(func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader(strings.Replace(describeFiltersForm, "Filters", "Targets", 1)))
		}), 401, "AuthFailure"},
		{"altered header", changed(func(r *http.Request) { r.Header.Set("Content-Type", form+"; charset=utf-8") }), 401, "AuthFailure"},
		{"altered host", changed(func(r *http.Request) { r.Host = "ec3.example" }), 401, "AuthFailure"},
		{"altered query", changed(func(r *http.Request) { r.URL.RawQuery = "MaxResults=5" }), 401, "AuthFailure"},
		{"altered method", changed(func(r *http.Request) { r.Method = "GET" }), 401, "AuthFailure"},
		{"no date", changed(func(r *http.Request) { r.Header.Del("X-Amz-Date") }), 400, "IncompleteSignature"},
		{"date of another day", changed(func(r *http.Request) { r.Header.Set("X-Amz-Date", "20260402T000000Z") }), 401, "AuthFailure"},
		{"not a signature", changed(func(r *http.Request) { r.Header.Set("Authorization", "Basic QUtJRDpzZWNyZXQ=") }), 400, "IncompleteSignature"},
		{"host not signed", changed(func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "host;", "", 1))
		}), 400, "IncompleteSignature"},
		{"presigned", presignedAt(t, now, "60"), 200, ""},
		{"presigned, expired", presignedAt(t, now.Add(-2*time.Minute), "60"), 400, "RequestExpired"},
		{"presigned, altered", func() *http.Request {
			r := presignedAt(t, now, "60")
			r.URL.RawQuery += "&MaxResults=5"
			return r
		}(), 401, "AuthFailure"},
		{"presigned, without an end", presignedAt(t, now, "x"), 400, "IncompleteSignature"},
	} {
		got := send(t, e, test.request)
		if got.status != test.status || got.code() != test.code {
			t.Errorf("%s: got %d %q (%s), want %d (A0012) %q (A0063)", test.name, got.status, got.code(), got.message(), test.status, test.code)
		}
	}
}

// The SDK's own signature is taken, over a connection and without one.
func TestSDKSignature(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, func(o *emulator.Options) { o.AccessKey, o.SecretKey = "AKIDEXAMPLE", "secret" })
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	overHTTP := func(o *ec2.Options) { o.BaseEndpoint, o.HTTPClient = aws.String(server.URL), server.Client() }
	otherKey := func(o *ec2.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "other"}, nil
		})
	}
	for _, test := range []struct {
		name   string
		client *ec2.Client
		code   string
	}{
		{"in process", newClient(e), ""},
		{"over HTTP", newClient(e, overHTTP), ""},
		{"in process, wrong secret", newClient(e, otherKey), "AuthFailure"},
		{"over HTTP, wrong secret", newClient(e, overHTTP, otherKey), "AuthFailure"},
	} {
		_, err := test.client.CreateTrafficMirrorFilter(t.Context(), &ec2.CreateTrafficMirrorFilterInput{Description: aws.String("a b+c/ü")})
		if got := codeOf(t, err); got != test.code {
			t.Errorf("%s: got %q, want %q", test.name, got, test.code)
		}
	}
}
