package cli

import (
	"fmt"
	"net/netip"

	"github.com/spf13/cobra"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// addressFlags are the addresses of an interface and of the resolver of its VPC.
type addressFlags struct{ addresses, resolvers []string }

// add declares the flags, with what a command says of them.
func (f *addressFlags) add(cmd *cobra.Command, ofInterface, ofResolver string) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.addresses, "interface-address", nil, ofInterface)
	flags.StringArrayVar(&f.resolvers, "dns-resolver-address", nil, ofResolver)
}

// addresses are these as values.
type addresses struct {
	mac         mirror.MAC
	ofInterface []netip.Addr
	ofResolver  []netip.Addr
}

func (f addressFlags) parse() (a addresses, err error) {
	for _, text := range f.addresses {
		if mac, err := mirror.ParseMAC(text); err == nil {
			a.mac = mac
			continue
		}
		address, isAddress := parseAddress(text)
		if !isAddress {
			return a, fmt.Errorf("--interface-address is %q. Write an IP address such as 10.0.1.10, or a MAC address such as 02:00:00:00:00:01", text)
		}
		a.ofInterface = append(a.ofInterface, address)
	}
	for _, text := range f.resolvers {
		address, isAddress := parseAddress(text)
		if !isAddress {
			return a, fmt.Errorf("--dns-resolver-address is %q. Write an IP address such as 10.0.0.2", text)
		}
		a.ofResolver = append(a.ofResolver, address)
	}
	return a, nil
}

// parseAddress reads an address of a packet: it has no zone, and an IPv4 address in the form of
// IPv6 is the IPv4 address.
func parseAddress(text string) (netip.Addr, bool) {
	address, err := netip.ParseAddr(text)
	return address.Unmap(), err == nil && address.Zone() == ""
}
