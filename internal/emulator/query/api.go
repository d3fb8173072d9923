package query

import "net/http"

// API is an API of AWS that speaks the Query protocol.
type API struct {
	version   string // the parameter that chooses it
	service   string // in the scope of a signature
	namespace string // of its answers
	answer    func(x *Writer, action, requestID string, body func() error) error
	refusal   func(x *Writer, e *Error, requestID string)

	unknownAction func(action string) error
	otherVersion  func(action, version string) error
	codes         map[string]*Error // what it answers instead of a code of EC2; without a message: with the same one
}

// BalancingService is the name of Elastic Load Balancing in the scope of a signature.
const BalancingService = "elasticloadbalancing"

// The APIs.
var (
	EC2 = &API{
		version:   "2016-11-15",
		service:   "ec2",
		namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
		answer: func(x *Writer, _, requestID string, body func() error) error {
			x.Text("requestId", requestID)
			return body()
		},
		refusal: func(x *Writer, e *Error, requestID string) {
			x.In("Response", func() {
				x.In("Errors", func() {
					x.In("Error", func() {
						x.Text("Code", e.Code)
						x.Text("Message", e.Message)
					})
				})
				x.Text("RequestID", requestID)
			})
		},
		unknownAction: func(action string) error {
			return Refuse("InvalidAction", "The action %s is not valid for this web service.", shortened(action))
		},
		otherVersion: func(_, version string) error {
			return Refuse("NoSuchVersion", "The requested version (%s) of service AmazonEC2 does not exist", version)
		},
	}

	// Balancing is Elastic Load Balancing of version 2
	// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/CommonErrors.html).
	Balancing = &API{
		version:   "2015-12-01",
		service:   BalancingService,
		namespace: balancingNamespace,
		answer: func(x *Writer, action, requestID string, body func() error) error {
			x.Open(action + "Result")
			if err := body(); err != nil {
				return err
			}
			x.Close(action + "Result")
			x.In("ResponseMetadata", func() { x.Text("RequestId", requestID) })
			return nil
		},
		refusal: func(x *Writer, e *Error, requestID string) {
			x.buf.WriteString(`<ErrorResponse xmlns="` + balancingNamespace + `">`)
			x.In("Error", func() {
				x.Text("Type", e.faultOf())
				x.Text("Code", e.Code)
				x.Text("Message", e.Message)
			})
			x.Text("RequestId", requestID)
			x.Close("ErrorResponse")
		},
		unknownAction: func(action string) error { return noOperation(action, "2015-12-01") },
		otherVersion:  noOperation,
		codes: map[string]*Error{
			"AuthFailure":                 {http.StatusForbidden, "SignatureDoesNotMatch", ""},
			"InternalError":               {http.StatusInternalServerError, "InternalFailure", ""},
			"InvalidCharacter":            {http.StatusBadRequest, "ValidationError", ""},
			"InvalidParameterCombination": {http.StatusBadRequest, "ValidationError", ""},
			"InvalidParameterValue":       {http.StatusBadRequest, "ValidationError", ""},
			"MissingParameter":            {http.StatusBadRequest, "ValidationError", ""},
			"RequestLimitExceeded":        {http.StatusBadRequest, "ThrottlingException", "Rate exceeded"},
			"Unavailable":                 {http.StatusServiceUnavailable, "ServiceUnavailable", ""},
			"UnauthorizedOperation":       {http.StatusForbidden, "AccessDenied", ""},
			"UnknownParameter":            {http.StatusBadRequest, "ValidationError", ""},
		},
	}
)

const balancingNamespace = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"

// noOperation is how Elastic Load Balancing refuses an action that its version does not have. All
// of its versions are at one address.
func noOperation(action, version string) error {
	return Refuse("InvalidAction", "Could not find operation %s for version %s", shortened(action), shortened(version))
}

// faultOf says whose fault an error is.
func (e *Error) faultOf() string {
	if e.Status >= http.StatusInternalServerError {
		return "Receiver"
	}
	return "Sender"
}

// UnknownAction refuses an action that the API does not have.
func (a *API) UnknownAction(action string) error { return a.unknownAction(action) }

// ErrorOf returns an error as the API words it. The functions that all APIs share use the codes of
// EC2. That of Elastic Load Balancing for a wrong parameter is an assumption (A0204).
func (a *API) ErrorOf(e *Error) *Error {
	if e == errUnknownKey && a == Balancing {
		return &Error{http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid."}
	}
	its := a.codes[e.Code]
	if its == nil {
		return e
	}
	worded := *its
	if worded.Message == "" {
		worded.Message = e.Message
	}
	return &worded
}

// apiOf returns the API that a request is for. Its version decides, and its signature for a version
// that no API has.
func apiOf(version, service string) *API {
	for _, api := range []*API{EC2, Balancing} {
		if api.version == version {
			return api
		}
	}
	if service == Balancing.service {
		return Balancing
	}
	return EC2
}
