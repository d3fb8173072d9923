package console

import (
	"context"
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/dataplane"
)

// readSource reads an interface with its sessions, ready for packets. It reads EC2 as it is now.
func readSource(ctx context.Context, a *account.Account, interfaceID string) (*dataplane.Source, error) {
	iface, err := a.Interface(ctx, interfaceID)
	if err != nil {
		return nil, err
	}
	resolver, err := a.Resolver(ctx, interfaceID)
	if err != nil {
		return nil, err
	}
	iface.DNSResolverAddresses = nil
	if resolver.IsValid() {
		iface.DNSResolverAddresses = []netip.Addr{resolver}
	}
	found, err := a.Mirror(ctx, interfaceID)
	if err != nil {
		return nil, err
	}
	sessions := make([]dataplane.Session, len(found))
	for i, s := range found {
		sessions[i] = dataplane.Session(s)
	}
	return dataplane.New(iface, sessions, dataplane.Options{})
}
