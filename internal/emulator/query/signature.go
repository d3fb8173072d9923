package query

import (
	"context"
	"crypto/subtle"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	signatureAlgorithm = "AWS4-HMAC-SHA256"
	signatureDate      = "20060102T150405Z"

	// maxSkew is how far the date of a request may be from now. EC2 documents it with
	// RequestExpired.
	maxSkew = 15 * time.Minute
)

// Verifier checks signatures of version 4 by signing the request again.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
type Verifier struct {
	credentials aws.Credentials
	signer      *v4.Signer
	now         func() time.Time
}

// NewVerifier returns a verifier of the signatures of one access key.
func NewVerifier(accessKey, secretKey string, now func() time.Time) *Verifier {
	return &Verifier{
		credentials: aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey},
		signer:      v4.NewSigner(),
		now:         now,
	}
}

// signature is the signature of a request, and what it covers.
type signature struct {
	accessKey, day, region, service string
	headers                         []string
	digest                          string
	date                            time.Time
	valid                           time.Duration // how long after date
}

// errAuthFailure is EC2's answer to an unknown key and to a wrong signature. The codes
// for the failures of a signature are assumptions (A0063).
var errAuthFailure = Refuse("AuthFailure", "AWS was not able to validate the provided access credentials")

// Verify checks the signature in the header or in the query of a request. PayloadHash
// is that of the body.
func (v *Verifier) Verify(r *http.Request, payloadHash string) error {
	inQuery := r.URL.Query().Has("X-Amz-Signature")
	read, sign := readHeaderSignature, v.signHeader
	if inQuery {
		read, sign = readQuerySignature, v.signQuery
	}
	s, err := read(r)
	if err != nil {
		return err
	}
	if err := v.checkScope(s); err != nil {
		return err
	}
	expected, err := sign(r, s, payloadHash)
	if err != nil {
		return Refuse("IncompleteSignature", "The signature cannot be checked: %s", err)
	}
	if subtle.ConstantTimeCompare([]byte(expected), []byte(s.digest)) != 1 {
		return errAuthFailure
	}
	return nil
}

func (v *Verifier) checkScope(s *signature) error {
	now := v.now()
	switch {
	case s.service != "ec2":
		return Refuse("AuthFailure", "Credential should be scoped to correct service: 'ec2'")
	case s.day != s.date.Format("20060102"):
		return Refuse("AuthFailure", "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP")
	case s.date.Before(now.Add(-s.valid)) || s.date.After(now.Add(maxSkew)):
		return Refuse("RequestExpired", "Request has expired. It was signed at %s; it is %s", s.date.Format(signatureDate), now.UTC().Format(signatureDate))
	case s.accessKey != v.credentials.AccessKeyID:
		return errAuthFailure
	}
	return nil
}

var authorization = regexp.MustCompile(`^` + signatureAlgorithm + ` +Credential=([^,]+), *SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$`)

func readHeaderSignature(r *http.Request) (*signature, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return nil, Refuse("MissingAuthenticationToken", "The request must contain either a valid (registered) AWS access key ID or X.509 certificate")
	}
	parts := authorization.FindStringSubmatch(header)
	if parts == nil {
		return nil, Refuse("IncompleteSignature", "The Authorization header is not a signature of the form %s Credential=..., SignedHeaders=..., Signature=...", signatureAlgorithm)
	}
	return newSignature(parts[1], parts[2], parts[3], r.Header.Get("X-Amz-Date"), maxSkew)
}

func readQuerySignature(r *http.Request) (*signature, error) {
	q := r.URL.Query()
	seconds, err := strconv.ParseUint(q.Get("X-Amz-Expires"), 10, 20)
	if err != nil || q.Get("X-Amz-Algorithm") != signatureAlgorithm {
		return nil, Refuse("IncompleteSignature", "The query needs X-Amz-Algorithm=%s and X-Amz-Expires in seconds", signatureAlgorithm)
	}
	return newSignature(q.Get("X-Amz-Credential"), q.Get("X-Amz-SignedHeaders"), q.Get("X-Amz-Signature"), q.Get("X-Amz-Date"), time.Duration(seconds)*time.Second)
}

func newSignature(credential, headers, digest, date string, valid time.Duration) (*signature, error) {
	scope := strings.Split(credential, "/")
	if len(scope) != 5 || scope[4] != "aws4_request" {
		return nil, Refuse("IncompleteSignature", "The credential is not of the form KEY/DATE/REGION/SERVICE/aws4_request")
	}
	at, err := time.Parse(signatureDate, date)
	if err != nil {
		return nil, Refuse("IncompleteSignature", "X-Amz-Date is missing or not of the form YYYYMMDD'T'HHMMSS'Z'")
	}
	s := &signature{
		accessKey: scope[0], day: scope[1], region: scope[2], service: scope[3],
		headers: strings.Split(headers, ";"), digest: digest, date: at, valid: valid,
	}
	for _, name := range s.headers {
		if name == "host" {
			return s, nil
		}
	}
	return nil, Refuse("IncompleteSignature", "The header host is not signed")
}

func (v *Verifier) signHeader(r *http.Request, s *signature, payloadHash string) (string, error) {
	again := unsigned(r, s)
	err := v.signer.SignHTTP(context.Background(), v.credentials, again, payloadHash, s.service, s.region, s.date)
	_, digest, _ := strings.Cut(again.Header.Get("Authorization"), "Signature=")
	return digest, err
}

func (v *Verifier) signQuery(r *http.Request, s *signature, payloadHash string) (string, error) {
	again := unsigned(r, s)
	q := again.URL.Query()
	q.Del("X-Amz-Signature")
	again.URL.RawQuery = q.Encode()
	signed, _, err := v.signer.PresignHTTP(context.Background(), v.credentials, again, payloadHash, s.service, s.region, s.date)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(signed)
	if err != nil {
		return "", err
	}
	return u.Query().Get("X-Amz-Signature"), nil
}

// unsigned returns the request before it was signed, with only the headers that the
// signature covers.
func unsigned(r *http.Request, s *signature) *http.Request {
	again := &http.Request{Method: r.Method, Host: r.Host, Header: http.Header{}, URL: new(*r.URL)}
	again.URL.Host = r.Host
	for _, name := range s.headers {
		key := http.CanonicalHeaderKey(name)
		switch {
		case name == "content-length":
			again.ContentLength = r.ContentLength
		case r.Header[key] != nil:
			again.Header[key] = r.Header[key]
		}
	}
	return again
}
