package path_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// readForm returns the form of a request, whose body can be read again.
func readForm(r *http.Request) url.Values {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.ParseQuery(string(body))
	return form
}

// A patientClock is a machine's clock, by which the patience with Elastic Load Balancing has no end.
type patientClock struct{ account.SystemClock }

// AfterFunc implements account.Clock.
func (c patientClock) AfterFunc(d time.Duration, f func()) {
	if d != account.BalancingPatience {
		c.SystemClock.AfterFunc(d, f)
	}
}

// optionsFor are those of an account on the embedded AWS at a URL. A topology knows more than the
// API shows, so it is not asked if a permission is missing.
func optionsFor(endpoint string, e *emulator.Emulator, isWhole bool) account.Options {
	o := account.Options{
		Clock:    patientClock{},
		Endpoint: endpoint, BalancingEndpoint: endpoint, Partition: "aws", AccountID: "123456789012",
	}
	if isWhole {
		o.TargetFacts = emulator.TargetFacts(e)
	}
	return o
}
