package emulator

import (
	"net/netip"
	"strings"
)

// internalDomain is the domain of the private hostnames of a Region
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-naming.html).
func internalDomain(t *tx) string {
	if t.region == "us-east-1" {
		return "ec2.internal"
	}
	return t.region + ".compute.internal"
}

// addressHostname returns the hostname that follows from an IPv4 address, "" without one.
func addressHostname(t *tx, a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return "ip-" + strings.ReplaceAll(a.String(), ".", "-") + "." + internalDomain(t)
}

// privateDNSName returns the private hostname of an instance. One without a primary
// interface has none.
func privateDNSName(t *tx, v instance) string {
	primary, ok := primaryOf(t, v.ID)
	switch {
	case !ok:
		return ""
	case hostnameTypeOf(t, v) == hostnameByInstance:
		return v.ID + "." + internalDomain(t)
	}
	return addressHostname(t, primary.PrivateIPAddress)
}

// hostnameTypeOf returns the type of the hostname of an instance: its own, or that of its
// subnet.
func hostnameTypeOf(t *tx, v instance) string {
	if v.HostnameType != "" {
		return v.HostnameType
	}
	primary, _ := primaryOf(t, v.ID)
	in, _ := subnets.get(t, primary.SubnetID)
	return in.hostnameType()
}
