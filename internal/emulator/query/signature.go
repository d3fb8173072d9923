package query

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

const (
	signatureAlgorithm = "AWS4-HMAC-SHA256"
	signatureDate      = "20060102T150405Z"
	signatureEnd       = "aws4_request"

	// maxSkew is how far the date of a request may be from now. EC2 documents it with
	// RequestExpired.
	maxSkew = 15 * time.Minute

	// maxExpires is how many seconds a presigned URL can be valid: seven days
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html).
	maxExpires = 7 * 24 * 60 * 60
)

// Verifier checks signatures of version 4 by computing them again. It takes every header
// that a signature covers as it came. Signers leave some headers out, because a proxy may
// change them, but others sign them.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
type Verifier struct {
	accessKey, secretKey string
	now                  func() time.Time
}

// NewVerifier returns a verifier of the signatures of one access key.
func NewVerifier(accessKey, secretKey string, now func() time.Time) *Verifier {
	return &Verifier{accessKey, secretKey, now}
}

// signature is the signature of a request, and what it covers.
type signature struct {
	scope
	headers []string
	digest  string
	inQuery bool
	date    time.Time
	valid   time.Duration // how long after date
}

// scope is a credential of a signature.
type scope struct{ accessKey, day, region, service string }

// readScope reads KEY/DATE/REGION/SERVICE/aws4_request.
func readScope(credential string) (s scope, ok bool) {
	parts := strings.Split(credential, "/")
	if len(parts) != 5 || parts[4] != signatureEnd {
		return scope{}, false
	}
	return scope{parts[0], parts[1], parts[2], parts[3]}, true
}

// errAuthFailure is EC2's answer to an unknown key and to a wrong signature. The codes
// for the failures of a signature are assumptions (A0063).
var (
	errAuthFailure = Refuse("AuthFailure", "AWS was not able to validate the provided access credentials")
	errUnknownKey  = &Error{http.StatusUnauthorized, "AuthFailure", "AWS was not able to validate the provided access credentials"}
)

// Verify checks the signature in the header or in the query of a request. PayloadHash
// is that of the body.
func (v *Verifier) Verify(r *http.Request, payloadHash string) error {
	read := readHeaderSignature
	if isPresigned(r) {
		read = readQuerySignature
	}
	s, err := read(r)
	if err != nil {
		return err
	}
	if err := v.checkScope(s); err != nil {
		return err
	}
	if !v.signed(r, s, payloadHash) {
		return errAuthFailure
	}
	return nil
}

func (v *Verifier) checkScope(s *signature) error {
	now := v.now()
	switch {
	case s.service != EC2.service && s.service != Balancing.service:
		return otherService(EC2)
	case s.day != s.date.Format("20060102"):
		return Refuse("AuthFailure", "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP")
	case s.date.Before(now.Add(-s.valid)) || s.date.After(now.Add(maxSkew)):
		return Refuse("RequestExpired", "Request has expired. It was signed at %s; it is %s", s.date.Format(signatureDate), now.UTC().Format(signatureDate))
	case s.accessKey != v.accessKey:
		return errUnknownKey
	}
	return nil
}

// signed reports whether the secret key makes the same signature. A session token may be
// added to the query of a URL before it is signed, or after.
func (v *Verifier) signed(r *http.Request, s *signature, payloadHash string) bool {
	but := []string{"X-Amz-Signature"}
	if v.matches(r, s, payloadHash, but) {
		return true
	}
	return s.inQuery && v.matches(r, s, payloadHash, append(but, "X-Amz-Security-Token"))
}

func (v *Verifier) matches(r *http.Request, s *signature, payloadHash string, but []string) bool {
	canonical := sha256.Sum256([]byte(canonicalRequest(r, s.headers, payloadHash, but)))
	text := strings.Join([]string{
		signatureAlgorithm, s.date.Format(signatureDate),
		s.day + "/" + s.region + "/" + s.service + "/" + signatureEnd, hex.EncodeToString(canonical[:]),
	}, "\n")
	key := []byte("AWS4" + v.secretKey)
	for _, part := range []string{s.day, s.region, s.service, signatureEnd, text} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return hmac.Equal([]byte(hex.EncodeToString(key)), []byte(s.digest))
}

// canonicalRequest is what is signed of a request. Its path is always /.
func canonicalRequest(r *http.Request, headers []string, payloadHash string, but []string) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n/\n" + canonicalQuery(r.URL.RawQuery, but) + "\n")
	for _, name := range headers {
		b.WriteString(name + ":" + headerText(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(headers, ";") + "\n" + payloadHash)
	return b.String()
}

// headerText returns the value of a header as it is signed. A server keeps some headers
// elsewhere.
func headerText(r *http.Request, name string) string {
	values := r.Header.Values(name)
	switch name {
	case "host":
		values = []string{r.Host}
	case "content-length":
		values = []string{strconv.FormatInt(r.ContentLength, 10)}
	case "transfer-encoding":
		values = r.TransferEncoding
	}
	trimmed := make([]string, len(values))
	for i, v := range values {
		trimmed[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(trimmed, ",")
}

func canonicalQuery(raw string, but []string) string {
	type pair struct{ name, value string }
	var pairs []pair
	for part := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		if part == "" || slices.Contains(but, name) {
			continue
		}
		pairs = append(pairs, pair{reescaped(name), reescaped(value)})
	}
	sort.Slice(pairs, func(i, j int) bool {
		a, b := pairs[i], pairs[j]
		return a.name < b.name || a.name == b.name && a.value < b.value
	})
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.name + "=" + p.value)
	}
	return b.String()
}

// reescaped escapes a text of a query as signers do: each byte except letters, digits
// and four others.
func reescaped(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		plain = text // it is refused after the signature
	}
	return strings.ReplaceAll(url.QueryEscape(plain), "+", "%20")
}

var authorization = regexp.MustCompile(`^` + signatureAlgorithm + ` +Credential=([^,]+), *SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$`)

func readHeaderSignature(r *http.Request) (*signature, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 || headers[0] == "" {
		return nil, Refuse("MissingAuthenticationToken", "The request must contain either a valid (registered) AWS access key ID or X.509 certificate")
	}
	parts := authorization.FindStringSubmatch(headers[0])
	if parts == nil || len(headers) > 1 {
		return nil, Refuse("IncompleteSignature", "The Authorization header is not one signature of the form %s Credential=..., SignedHeaders=..., Signature=...", signatureAlgorithm)
	}
	return newSignature(parts[1], parts[2], parts[3], headerDate(r), maxSkew)
}

// headerDate returns the date of a request in the form of X-Amz-Date, which takes the
// place of the header Date.
func headerDate(r *http.Request) string {
	if dates := r.Header.Values("X-Amz-Date"); len(dates) > 0 {
		return strings.Join(dates, ",")
	}
	date := r.Header.Get("Date")
	if at, err := http.ParseTime(date); err == nil {
		return at.UTC().Format(signatureDate)
	}
	return date
}

func readQuerySignature(r *http.Request) (*signature, error) {
	value := func(name string) string { return queryValue(r.URL.RawQuery, name) }
	seconds, err := strconv.Atoi(value("X-Amz-Expires"))
	if err != nil || seconds < 1 || seconds > maxExpires || value("X-Amz-Algorithm") != signatureAlgorithm {
		return nil, Refuse("IncompleteSignature", "The query needs X-Amz-Algorithm=%s, and X-Amz-Expires from 1 to %d seconds", signatureAlgorithm, maxExpires)
	}
	s, err := newSignature(value("X-Amz-Credential"), value("X-Amz-SignedHeaders"), value("X-Amz-Signature"), value("X-Amz-Date"), time.Duration(seconds)*time.Second)
	if err == nil {
		s.inQuery = true
	}
	return s, err
}

// isPresigned reports whether the signature is in the query of a request.
func isPresigned(r *http.Request) bool { return queryValue(r.URL.RawQuery, "X-Amz-Signature") != "" }

// queryValue returns the first value of a parameter of a query, "" if there is none.
func queryValue(raw, name string) string {
	for part := range strings.SplitSeq(raw, "&") {
		if value, found := strings.CutPrefix(part, name+"="); found {
			text, err := url.QueryUnescape(value)
			if err != nil {
				return value
			}
			return text
		}
	}
	return ""
}

func newSignature(credential, headers, digest, date string, valid time.Duration) (*signature, error) {
	of, ok := readScope(credential)
	if !ok {
		return nil, Refuse("IncompleteSignature", "The credential is not of the form KEY/DATE/REGION/SERVICE/%s", signatureEnd)
	}
	at, err := time.Parse(signatureDate, date)
	if err != nil {
		return nil, Refuse("IncompleteSignature", "X-Amz-Date is missing or not of the form YYYYMMDD'T'HHMMSS'Z'")
	}
	s := &signature{scope: of, headers: strings.Split(headers, ";"), digest: digest, date: at, valid: valid}
	switch {
	case !slices.Contains(s.headers, "host"):
		return nil, Refuse("IncompleteSignature", "The header host is not signed")
	case !slices.IsSorted(s.headers) || len(slices.Compact(slices.Clone(s.headers))) < len(s.headers) || headers != strings.ToLower(headers):
		return nil, Refuse("IncompleteSignature", "The signed headers are not in lower case, in order, and each once")
	}
	return s, nil
}

var regionName = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// otherService refuses a signature for another service than that of an API.
func otherService(api *API) error {
	return Refuse("AuthFailure", "Credential should be scoped to correct service: '%s'", api.service)
}

// regionOf returns the Region that the request is signed for. If it is not signed, that is the one
// of UnsignedIn, or us-east-1 (A0017). A presigned URL is signed for that of its own credential.
func regionOf(r *http.Request) string {
	s, ok := scopeOf(r)
	if !ok || !regionName.MatchString(s.region) {
		return unsignedRegion(r.Context())
	}
	return s.region
}

// scopeOf returns the scope of the signature of a request. It is not ok if the request is not signed.
func scopeOf(r *http.Request) (s scope, ok bool) {
	credential := queryValue(r.URL.RawQuery, "X-Amz-Credential")
	if credential == "" {
		_, rest, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
		credential, _, _ = strings.Cut(rest, ",")
	}
	return readScope(credential)
}
