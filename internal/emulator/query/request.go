// Package query is the Query protocol of EC2 and of Elastic Load Balancing on the side of
// the server: form parameters, filters and pages, XML, errors, and signatures.
//
// It knows no action and no object of them, and it is not an http.Handler: package
// emulator is.
//
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/Welcome.html
package query

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// DefaultRegion is the Region of a request that is not signed.
const DefaultRegion = "us-east-1"

type unsignedKey struct{}

// UnsignedIn returns a context for requests that are of another Region than DefaultRegion if they
// are not signed.
func UnsignedIn(ctx context.Context, region string) context.Context {
	return context.WithValue(ctx, unsignedKey{}, region)
}

func unsignedRegion(ctx context.Context) string {
	if region, _ := ctx.Value(unsignedKey{}).(string); region != "" {
		return region
	}
	return DefaultRegion
}

const (
	formType = "application/x-www-form-urlencoded"

	// maxBody, in bytes, is several times a CreateTags of 1,000 resources and 50 tags.
	maxBody = 1 << 20

	// maxParameters is more than any action takes with lists of the documented lengths,
	// and keeps a request from occupying the server (A0133).
	maxParameters = 10_000
)

// Request is an HTTP request whose parameters have not been read yet.
type Request struct {
	API        *API
	Region     string
	Action     string
	Parameters map[string]string // without those of the protocol and of the signature
}

// protocolParameters are parameters of the protocol and of the signature, and of no
// action.
var protocolParameters = []string{
	"Action", "Version",
	"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
	"X-Amz-Security-Token", "X-Amz-Signature", "X-Amz-SignedHeaders",
}

// Read reads a request up to its action. It calls verify to check the signature before
// it parses the body. With an error, it returns the part of the request that it has
// read.
//
// A nil verify checks nothing.
func Read(r *http.Request, verify func(r *http.Request, payloadHash string) error) (*Request, error) {
	signed, isSigned := scopeOf(r)
	req := &Request{API: apiOf("", signed.service), Region: regionOf(r)}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return req, &Error{http.StatusMethodNotAllowed, "UnsupportedOperation", "Send the request with GET or POST, not with " + r.Method}
	}
	if r.URL.Path != "/" && r.URL.Path != "" {
		return req, &Error{http.StatusNotFound, "InvalidAction", "The API answers at the path /, not at " + r.URL.EscapedPath()}
	}
	body, err := readBody(r)
	if err != nil {
		return req, err
	}
	req.API = apiOf(cmp.Or(queryValue(r.URL.RawQuery, "Version"), queryValue(string(body), "Version")), signed.service)
	if verify != nil {
		payload := sha256.Sum256(body)
		err = verify(r, hex.EncodeToString(payload[:]))
	}
	if err != nil {
		return req, err
	}
	parameters, err := readParameters(r.URL.RawQuery, string(body))
	if err != nil {
		return req, err
	}
	version := parameters["Version"]
	req.API, req.Action = apiOf(version, signed.service), parameters["Action"]
	switch {
	case verify != nil && isSigned && signed.service != req.API.service:
		return req, otherService(req.API)
	case req.Action == "":
		return req, Refuse("MissingAction", "The request is missing an action")
	case version == "":
		return req, Missing("Version")
	case version != req.API.version:
		return req, req.API.otherVersion(req.Action, version)
	}
	for _, name := range protocolParameters {
		delete(parameters, name)
	}
	req.Parameters = parameters
	return req, nil
}

func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &Error{http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request is larger than 1 MiB"}
	case err != nil:
		return nil, Refuse("MalformedQueryString", "The request ended before its body did")
	case len(body) == 0:
		return nil, nil
	}
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != formType {
		return nil, &Error{http.StatusUnsupportedMediaType, "UnsupportedProtocol", "Send the body as " + formType}
	}
	return body, nil
}

// readParameters reads the parameters of the URL and of the body. A name may be used
// once (A0016).
func readParameters(parts ...string) (map[string]string, error) {
	n := 0
	for _, part := range parts {
		n += strings.Count(part, "&") + 1
	}
	if n > maxParameters {
		return nil, &Error{http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", fmt.Sprintf("The request has more than %d parameters", maxParameters)}
	}
	parameters := map[string]string{}
	for _, part := range parts {
		values, err := url.ParseQuery(part)
		if err != nil {
			return nil, Refuse("MalformedQueryString", "The query string contains a syntax error: %s", shortened(strings.ToValidUTF8(err.Error(), "?")))
		}
		if err := addParameters(parameters, values); err != nil {
			return nil, err
		}
	}
	return parameters, nil
}

func addParameters(parameters map[string]string, values url.Values) error {
	for name, texts := range values {
		_, twice := parameters[name]
		if twice || len(texts) > 1 {
			return Refuse("MalformedQueryString", "The parameter %s is in the request more than once", shortened(name))
		}
		if !isXMLText(name) || !isXMLText(texts[0]) {
			return Refuse("InvalidCharacter", "The parameter %s has a character that XML does not allow", shortened(strings.ToValidUTF8(name, "?")))
		}
		parameters[name] = texts[0]
	}
	return nil
}

// isXMLText reports whether a text can be in an XML document. Answers contain the texts
// of requests.
func isXMLText(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, mirror.IsForbidden)
}
