package emulator

import (
	"net/http"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/caller"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// checkCaller refuses a request that a web page sent, on every path: see package caller.
func (o *Options) checkCaller(r *http.Request) error {
	if site := caller.OtherSite(r); site != "" {
		return query.Refuse("UnauthorizedOperation", "The embedded EC2 does not answer web pages; this request comes from %.200q", site)
	}
	if o.Hosts != nil && !caller.NamesHost(r, o.Hosts) {
		return query.Refuse("UnauthorizedOperation", "The embedded EC2 is not known by the name %.200q; --allow-host adds a name", caller.HostName(r))
	}
	return nil
}
