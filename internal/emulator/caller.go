package emulator

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// checkCaller refuses a request that a web page sent, on every path. A browser sends the
// requests of any page to this host, where the page finds an Emulator that nobody else
// can reach. Clients of EC2 send none of these headers.
//
// A browser says from where a request comes, except in a GET to an address that is not
// this host's own. It also connects to this host for a page whose name leads here (DNS
// rebinding): then the name is not one of ours.
//
// https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
func (o *Options) checkCaller(r *http.Request) error {
	for _, origin := range r.Header.Values("Origin") {
		u, err := url.Parse(origin)
		if origin != "" && (err != nil || !strings.EqualFold(u.Host, r.Host)) {
			return query.Refuse("UnauthorizedOperation", "The embedded EC2 does not answer web pages; this request comes from %.200q", origin)
		}
	}
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if site != "" && site != "same-origin" && site != "none" {
			return query.Refuse("UnauthorizedOperation", "The embedded EC2 does not answer web pages; this request comes from another site (%.20q)", site)
		}
	}
	if name := hostName(r); !o.hasName(name) {
		return query.Refuse("UnauthorizedOperation", "The embedded EC2 is not known by the name %.200q; --allow-host adds a name", name)
	}
	return nil
}

// hasName reports whether a request may name this host so. A page cannot make an
// address its own name.
func (o *Options) hasName(name string) bool {
	if o.Hosts == nil || strings.EqualFold(name, "localhost") {
		return true
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return slices.ContainsFunc(o.Hosts, func(host string) bool { return strings.EqualFold(host, name) })
}

// hostName returns the name or the address of a request's host, without the port.
func hostName(r *http.Request) string {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.Trim(host, "[]"), ".")
}

// isLocal reports whether a request comes from this host, and names it so.
func isLocal(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !from.Addr().Unmap().IsLoopback() {
		return false
	}
	name := hostName(r)
	addr, err := netip.ParseAddr(name)
	return strings.EqualFold(name, "localhost") || err == nil && addr.IsLoopback()
}
