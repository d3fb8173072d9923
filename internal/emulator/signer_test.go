package emulator_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// signer signs as the documentation says, and signs the headers in its list: signers of the
// SDKs leave some headers out
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
type signer struct {
	key, secret, region string
	at                  time.Time
}

func (s signer) scope() string { return s.at.Format("20060102") + "/" + s.region + "/ec2/aws4_request" }

func (s signer) signature(canonical string) string {
	text := "AWS4-HMAC-SHA256\n" + s.at.Format("20060102T150405Z") + "\n" + s.scope() + "\n" + sum256(canonical)
	key := "AWS4" + s.secret
	for _, part := range append(strings.Split(s.scope(), "/"), text) {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(part))
		key = string(mac.Sum(nil))
	}
	return hex.EncodeToString([]byte(key))
}

func sum256(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// header is a header as it is sent and as it is signed.
type header struct{ name, sent, signed string }

// post returns a request whose signature covers headers, in the order of their names.
func (s signer) post(body string, headers ...header) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://ec2.example/", strings.NewReader(body))
	r.Header.Set("Content-Type", form)
	headers = append(headers, header{"host", "", "ec2.example"}, header{"x-amz-date", s.at.Format("20060102T150405Z"), s.at.Format("20060102T150405Z")})
	slices.SortFunc(headers, func(a, b header) int { return strings.Compare(a.name, b.name) })
	var lines, names string
	for _, h := range headers {
		if h.sent != "" {
			for value := range strings.SplitSeq(h.sent, "|") {
				r.Header.Add(h.name, value)
			}
		}
		lines += h.name + ":" + h.signed + "\n"
		names += ";" + h.name
	}
	names = names[1:]
	canonical := "POST\n/\n\n" + lines + "\n" + names + "\n" + sum256(body)
	r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s", s.key, s.scope(), names, s.signature(canonical)))
	return r
}

// presigned returns a request whose signature is in its query. After holds parameters
// that are added when it has been signed.
func (s signer) presigned(expires, parameters string, after ...string) *http.Request {
	query, err := url.ParseQuery(parameters)
	if err != nil {
		panic(err)
	}
	query.Set("X-Amz-Algorithm", "AWS4-HMAC-SHA256")
	query.Set("X-Amz-Credential", s.key+"/"+s.scope())
	query.Set("X-Amz-Date", s.at.Format("20060102T150405Z"))
	query.Set("X-Amz-Expires", expires)
	query.Set("X-Amz-SignedHeaders", "host")
	signed := strings.ReplaceAll(query.Encode(), "+", "%20")
	canonical := "GET\n/\n" + signed + "\nhost:ec2.example\n\nhost\n" + sum256("")
	all := append([]string{signed, "X-Amz-Signature=" + s.signature(canonical)}, after...)
	return httptest.NewRequest(http.MethodGet, "http://ec2.example/?"+strings.Join(all, "&"), nil)
}

var signedAtNoon = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

func newVerifying(t *testing.T) *emulator.Emulator {
	t.Helper()
	return newEmulator(t, func(o *emulator.Options) {
		o.AccessKey, o.SecretKey = "AKID", "secret"
		o.Now = func() time.Time { return signedAtNoon }
	})
}

// A signature is valid whatever headers it covers.
func TestSignature_headers(t *testing.T) {
	t.Parallel()
	e := newVerifying(t)
	s := signer{"AKID", "secret", "us-east-1", signedAtNoon}
	length := fmt.Sprint(len(describeFiltersForm))
	for _, test := range []struct {
		name   string
		header header
	}{
		{"the client", header{"user-agent", "aws-cli/2.0  Python", "aws-cli/2.0 Python"}},
		{"a trace", header{"x-amzn-trace-id", "Root=1-67891233-abcdef012345678912345678", "Root=1-67891233-abcdef012345678912345678"}},
		{"a session token", header{"x-amz-security-token", "token", "token"}},
		{"the hash of the body", header{"x-amz-content-sha256", sum256(describeFiltersForm), sum256(describeFiltersForm)}},
		{"the length", header{"content-length", length, length}},
		{"the length, which the server knows", header{"content-length", "", length}},
		{"an expectation", header{"expect", "100-continue", "100-continue"}},
		{"what is accepted", header{"accept-encoding", "identity", "identity"}},
		{"the connection", header{"connection", "keep-alive", "keep-alive"}},
		{"the authority of a cache", header{"cache-control", "no-cache", "no-cache"}},
		{"a retry", header{"amz-sdk-request", "attempt=1; max=3", "attempt=1; max=3"}},
		{"two values", header{"x-two", "a|b  c", "a,b c"}},
		{"spaces", header{"x-spaces", "  a   b ", "a b"}},
		{"a header that is not sent", header{"x-none", "", ""}},
	} {
		if got := send(t, e, s.post(describeFiltersForm, test.header)); got.code() != "" {
			t.Errorf("%s: %s: %s", test.name, got.code(), got.message())
		}
		r := s.post(describeFiltersForm, test.header)
		r.Header.Add(test.header.name, "changed")
		if got := send(t, e, r); got.code() != "AuthFailure" && test.header.name != "content-length" {
			t.Errorf("%s, changed: got %q", test.name, got.code())
		}
	}
	for _, test := range []struct{ name, from, to, code string }{
		{"not in order", "SignedHeaders=host;x-amz-date", "SignedHeaders=x-amz-date;host", "IncompleteSignature"},
		{"one twice", "SignedHeaders=host;x-amz-date", "SignedHeaders=host;x-amz-date;x-amz-date", "IncompleteSignature"},
		{"upper case", "SignedHeaders=host;x-amz-date", "SignedHeaders=host;X-Amz-Date", "IncompleteSignature"},
		{"no scope", "/us-east-1/", "/", "IncompleteSignature"},
	} {
		r := s.post(describeFiltersForm)
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), test.from, test.to, 1))
		if got := send(t, e, r); got.code() != test.code {
			t.Errorf("%s: got %q, want %q", test.name, got.code(), test.code)
		}
	}
	for _, name := range []string{"Authorization", "X-Amz-Date"} {
		r := s.post(describeFiltersForm)
		r.Header.Add(name, r.Header.Get(name))
		if got := send(t, e, r); got.code() != "IncompleteSignature" {
			t.Errorf("%s twice: got %q", name, got.code())
		}
	}
}

// The header Date is enough where X-Amz-Date is not sent.
func TestSignature_date(t *testing.T) {
	t.Parallel()
	e := newVerifying(t)
	for _, test := range []struct {
		at   time.Time
		code string
	}{
		{signedAtNoon, ""},
		{signedAtNoon.Add(-14 * time.Minute), ""},
		{signedAtNoon.Add(14 * time.Minute), ""},
		{signedAtNoon.Add(-16 * time.Minute), "RequestExpired"},
		{signedAtNoon.Add(16 * time.Minute), "RequestExpired"},
	} {
		s := signer{"AKID", "secret", "us-east-1", test.at}
		r := s.post(describeFiltersForm)
		r.Header.Set("Date", test.at.Format(http.TimeFormat))
		if got := send(t, e, r); got.code() != test.code {
			t.Errorf("%s: got %q, want %q", test.at, got.code(), test.code)
		}
	}
	date := signedAtNoon.Format(http.TimeFormat)
	r := httptest.NewRequest(http.MethodPost, "http://ec2.example/", strings.NewReader(describeFiltersForm))
	r.Header.Set("Content-Type", form)
	r.Header.Set("Date", date)
	s := signer{"AKID", "secret", "us-east-1", signedAtNoon}
	canonical := "POST\n/\n\ndate:" + date + "\nhost:ec2.example\n\ndate;host\n" + sum256(describeFiltersForm)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/"+s.scope()+", SignedHeaders=date;host, Signature="+s.signature(canonical))
	if got := send(t, e, r); got.code() != "" {
		t.Errorf("with Date alone: %s: %s", got.code(), got.message())
	}
}

// A presigned URL is valid for up to seven days, and in the Region that it is signed for.
func TestSignature_presigned(t *testing.T) {
	t.Parallel()
	e := newVerifying(t)
	for _, test := range []struct {
		name    string
		ago     time.Duration
		expires string
		code    string
	}{
		{"one second", 0, "1", ""},
		{"at its end", time.Minute, "60", ""},
		{"after its end", time.Minute + time.Second, "60", "RequestExpired"},
		{"seven days", 7 * 24 * time.Hour, "604800", ""},
		{"after seven days", 7*24*time.Hour + time.Second, "604800", "RequestExpired"},
		{"more than seven days", 0, "604801", "IncompleteSignature"},
		{"no time", 0, "0", "IncompleteSignature"},
		{"less than no time", 0, "-1", "IncompleteSignature"},
		{"a number that is too large", 0, "99999999999999999999", "IncompleteSignature"},
		{"from the future", -16 * time.Minute, "60", "RequestExpired"},
	} {
		s := signer{"AKID", "secret", "us-east-1", signedAtNoon.Add(-test.ago)}
		if got := send(t, e, s.presigned(test.expires, describeFiltersForm)); got.code() != test.code {
			t.Errorf("%s: got %q, want %q: %s", test.name, got.code(), test.code, got.message())
		}
	}
	s := signer{"AKID", "secret", "eu-west-1", signedAtNoon}
	for name, r := range map[string]*http.Request{
		"a token before the signature": s.presigned("60", describeFiltersForm+"&X-Amz-Security-Token=a%2Bb"),
		"a token after it":             s.presigned("60", describeFiltersForm, "X-Amz-Security-Token=a%2Bb"),
		"spaces and stars":             s.presigned("60", describeFiltersForm+"&Filter.1.Name=description&Filter.1.Value.1=a+b*~%2F"),
	} {
		if got := send(t, e, r); got.code() != "" {
			t.Errorf("%s: %s: %s", name, got.code(), got.message())
		}
	}
	if got := send(t, e, s.presigned("60", describeFiltersForm, "MaxResults=5")); got.code() != "AuthFailure" {
		t.Errorf("with another parameter: got %q", got.code())
	}

	// What one URL makes is in its Region, also behind a proxy that signs for another.
	for _, h := range []*emulator.Emulator{e, newEmulator(t, func(o *emulator.Options) { o.Now = func() time.Time { return signedAtNoon } })} {
		r := s.presigned("60", "Action=CreateTrafficMirrorFilter&Version=2016-11-15")
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20260401/us-west-2/ec2/aws4_request, SignedHeaders=host, Signature=00")
		if got := send(t, h, r); got.code() != "" {
			t.Fatalf("%s: %s", got.code(), got.message())
		}
		for region, want := range map[string]int{"eu-west-1": 1, "us-west-2": 0, "us-east-1": 0} {
			at := signer{"AKID", "secret", region, signedAtNoon}
			if n := len(send(t, h, at.presigned("60", describeFiltersForm)).root.all("trafficMirrorFilterSet/item")); n != want {
				t.Errorf("%s has %d filters, want %d", region, n, want)
			}
		}
	}
}
