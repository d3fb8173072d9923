// Package caller finds out who sends a request to a server on this host: a program, a page
// of the server itself, or a page of another site. A browser sends the requests of any page to
// this host, where the page finds a server that nobody else can reach. It knows nothing of what
// the server does.
//
// https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
package caller

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// OtherSite returns from where a page of another site has sent a request, or "" if no other
// site has. A browser says it, except in a GET to an address that is not this host's own.
// Programs send none of these headers.
func OtherSite(r *http.Request) string {
	for _, origin := range r.Header.Values("Origin") {
		u, err := url.Parse(origin)
		if origin != "" && (err != nil || !strings.EqualFold(u.Host, r.Host)) {
			return origin
		}
	}
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if site != "" && site != "same-origin" && site != "none" {
			return "another site (" + site + ")"
		}
	}
	return ""
}

// NamesHost reports whether a request calls this host by localhost, by an IP address, or by one
// of names. A browser also connects to this host for a page whose name leads here (DNS
// rebinding): then the name is none of these. A page cannot make an address its own name.
func NamesHost(r *http.Request, names []string) bool {
	name := HostName(r)
	if _, err := netip.ParseAddr(name); err == nil || strings.EqualFold(name, "localhost") {
		return true
	}
	return slices.ContainsFunc(names, func(known string) bool { return strings.EqualFold(known, name) })
}

// HostName returns the name or the address of a request's host, without the port.
func HostName(r *http.Request) string {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.Trim(host, "[]"), ".")
}

// IsLocal reports whether a request comes from this host, and names it so.
func IsLocal(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !from.Addr().Unmap().IsLoopback() {
		return false
	}
	name := HostName(r)
	addr, err := netip.ParseAddr(name)
	return strings.EqualFold(name, "localhost") || err == nil && addr.IsLoopback()
}
