package account

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// Interface returns a network interface, without its MTU and the resolvers of its VPC, which
// EC2 does not show.
func (a *Account) Interface(ctx context.Context, id string) (mirror.Interface, error) {
	found, err := readOne[NetworkInterface](ctx, a, interfaceSource, id)
	return found.Noun.Interface, err
}

// Interfaces lists the network interfaces that match every condition, in the
// order of their IDs.
func (a *Account) Interfaces(ctx context.Context, where ...Where) ([]mirror.Interface, error) {
	all, err := a.NetworkInterfaces(ctx, where...)
	var interfaces []mirror.Interface
	for _, i := range all {
		interfaces = append(interfaces, i.Interface)
	}
	return interfaces, err
}

func interfaceOf(i types.NetworkInterface) (mirror.Interface, error) {
	noun := mirror.Interface{
		ID:               aws.ToString(i.NetworkInterfaceId),
		OwnerID:          aws.ToString(i.OwnerId),
		SubnetID:         aws.ToString(i.SubnetId),
		Zone:             aws.ToString(i.AvailabilityZone),
		Type:             string(i.InterfaceType),
		Description:      aws.ToString(i.Description),
		RequesterManaged: aws.ToBool(i.RequesterManaged),
		RequesterID:      aws.ToString(i.RequesterId),
		SourceDestCheck:  i.SourceDestCheck,
		Tags:             tagsOf(i.TagSet),
	}
	if i.Attachment != nil {
		noun.InstanceID = aws.ToString(i.Attachment.InstanceId)
		if noun.InstanceID != "" && i.Attachment.DeviceIndex != nil && aws.ToInt32(i.Attachment.NetworkCardIndex) == 0 {
			noun.DeviceIndex = new(int(*i.Attachment.DeviceIndex)) // on another card, an index can be there again
		}
	}
	if err := readAddresses(&noun, i); err != nil {
		return mirror.Interface{}, fmt.Errorf("network interface %s: %w", noun.ID, err)
	}
	return noun, nil
}

// readAddresses reads all addresses of the interface: a list that is empty is not nil,
// because it is known that there are none.
func readAddresses(noun *mirror.Interface, i types.NetworkInterface) error {
	var err error
	noun.PrivateIPAddresses, noun.IPv6Addresses = []netip.Addr{}, []netip.Addr{}
	if mac := aws.ToString(i.MacAddress); mac != "" {
		if noun.MACAddress, err = mirror.ParseMAC(mac); err != nil {
			return err
		}
	}
	if address := aws.ToString(i.PrivateIpAddress); address != "" {
		if noun.PrivateIPAddress, err = netip.ParseAddr(address); err != nil {
			return err
		}
	}
	for _, a := range i.PrivateIpAddresses {
		address, err := netip.ParseAddr(aws.ToString(a.PrivateIpAddress))
		if err != nil {
			return err
		}
		noun.PrivateIPAddresses = append(noun.PrivateIPAddresses, address)
	}
	for _, a := range i.Ipv6Addresses {
		address, err := netip.ParseAddr(aws.ToString(a.Ipv6Address))
		if err != nil {
			return err
		}
		noun.IPv6Addresses = append(noun.IPv6Addresses, address)
	}
	for _, p := range i.Ipv4Prefixes {
		if noun.IPv4Prefixes, err = appendPrefix(noun.IPv4Prefixes, p.Ipv4Prefix); err != nil {
			return err
		}
	}
	for _, p := range i.Ipv6Prefixes {
		if noun.IPv6Prefixes, err = appendPrefix(noun.IPv6Prefixes, p.Ipv6Prefix); err != nil {
			return err
		}
	}
	return nil
}

func appendPrefix(to []netip.Prefix, text *string) ([]netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(aws.ToString(text))
	return append(to, prefix), err
}
