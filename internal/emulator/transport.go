package emulator

import (
	"bytes"
	"io"
	"net/http"
)

// Transport returns a RoundTripper that answers requests by calling h in this process,
// without a port. If the handler aborts (http.ErrAbortHandler), the client sees a
// broken connection.
func Transport(h http.Handler) http.RoundTripper { return inProcess{h} }

type inProcess struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	answer := &recorder{header: http.Header{}}
	if broken := serve(t.handler, answer, asReceived(r)); broken {
		return nil, io.ErrUnexpectedEOF
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return answer.response(r), nil
}

// asReceived returns a client request as a server would receive it.
func asReceived(r *http.Request) *http.Request {
	received := r.Clone(r.Context())
	received.RequestURI = r.URL.RequestURI()
	received.RemoteAddr = "127.0.0.1:0"
	if received.Host == "" {
		received.Host = r.URL.Host
	}
	if received.Body == nil {
		received.Body = http.NoBody
	}
	return received
}

func serve(h http.Handler, w http.ResponseWriter, r *http.Request) (broken bool) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			broken = true
		default:
			panic(p)
		}
	}()
	h.ServeHTTP(w, r)
	return false
}

type recorder struct {
	header http.Header // as the handler sees it
	sent   http.Header // as it was when the status was written
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *recorder) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *recorder) WriteHeader(status int) {
	if a.status == 0 {
		a.status, a.sent = status, a.header.Clone()
	}
}

// Write implements http.ResponseWriter.
func (a *recorder) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

func (a *recorder) response(r *http.Request) *http.Response {
	a.WriteHeader(http.StatusOK)
	return &http.Response{
		Status:        http.StatusText(a.status),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.sent,
		Body:          io.NopCloser(&a.body),
		ContentLength: int64(a.body.Len()),
		Request:       r,
	}
}
