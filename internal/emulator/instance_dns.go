package emulator

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
