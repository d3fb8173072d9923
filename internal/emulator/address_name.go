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

// interfaceHostname returns the private hostname of an address of an interface. There is
// one if the VPC has DNS hostnames (A0175).
func interfaceHostname(t *tx, v networkInterface, a netip.Addr) string {
	if in, ok := vpcs.get(t, v.VPCID); !ok || !in.DNSHostnames {
		return ""
	}
	return addressHostname(t, a)
}
