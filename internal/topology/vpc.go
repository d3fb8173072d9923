package topology

import (
	"cmp"
	"fmt"
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// VPC is a virtual private cloud.
type VPC struct {
	ID               string         `json:"id"`
	OwnerID          string         `json:"owner_id,omitempty"` // "": this account
	Default          bool           `json:"default,omitempty"`  // the default VPC of the Region
	CIDRBlock        netip.Prefix   `json:"cidr_block,omitzero"`
	IPv6CIDRBlock    netip.Prefix   `json:"ipv6_cidr_block,omitzero"`
	AdditionalBlocks []netip.Prefix `json:"additional_cidr_blocks,omitempty"` // of both address families

	// What is not in the file stays as it is in the store.
	ProvidedIPv6 *bool             `json:"amazon_provided_ipv6_cidr_block,omitempty"`
	DNSHostnames *bool             `json:"enable_dns_hostnames,omitempty"`
	DNSSupport   *bool             `json:"enable_dns_support,omitempty"`
	Tenancy      string            `json:"instance_tenancy,omitempty"`
	Tags         map[string]string `json:"tags,omitempty"`
}

// Blocks returns the blocks of an address family.
func (v VPC) Blocks(ipv4 bool) []netip.Prefix {
	var blocks []netip.Prefix
	for _, b := range append([]netip.Prefix{v.CIDRBlock, v.IPv6CIDRBlock}, v.AdditionalBlocks...) {
		if b.IsValid() && b.Addr().Is4() == ipv4 {
			blocks = append(blocks, b)
		}
	}
	return blocks
}

// Subnet is a part of a VPC in one Availability Zone.
type Subnet struct {
	ID               string       `json:"id"`
	OwnerID          string       `json:"owner_id,omitempty"`       // "": this account
	DefaultForAZ     bool         `json:"default_for_az,omitempty"` // the default subnet of its zone
	VPCID            string       `json:"vpc_id,omitempty"`
	CIDRBlock        netip.Prefix `json:"cidr_block,omitzero"`
	IPv6CIDRBlock    netip.Prefix `json:"ipv6_cidr_block,omitzero"`
	AvailabilityZone string       `json:"availability_zone,omitempty"`
	IPv6Native       bool         `json:"ipv6_native,omitempty"` // IPv6-only

	// What is not in the file stays as it is in the store.
	AssignsIPv6  *bool             `json:"assign_ipv6_address_on_creation,omitempty"`
	MapsPublicIP *bool             `json:"map_public_ip_on_launch,omitempty"`
	DNS64        *bool             `json:"enable_dns64,omitempty"`
	ARecord      *bool             `json:"enable_resource_name_dns_a_record_on_launch,omitempty"`
	AAAARecord   *bool             `json:"enable_resource_name_dns_aaaa_record_on_launch,omitempty"`
	HostnameType string            `json:"private_dns_hostname_type_on_launch,omitempty"`
	Tags         map[string]string `json:"tags,omitempty"`
}

func (f *File) validateNetworks() error {
	for i, v := range f.VPCs {
		at := fmt.Sprintf("vpcs[%d]", i)
		err := cmp.Or(checkBlock(at+".cidr_block", v.CIDRBlock, true), checkBlock(at+".ipv6_cidr_block", v.IPv6CIDRBlock, false), checkOwner(at, v.OwnerID))
		for j, block := range v.AdditionalBlocks {
			err = cmp.Or(err, checkBlock(fmt.Sprintf("%s.additional_cidr_blocks[%d]", at, j), block, block.Addr().Is4()))
		}
		if err != nil {
			return err
		}
	}
	for i, v := range f.Subnets {
		at := fmt.Sprintf("subnets[%d]", i)
		err := cmp.Or(checkBlock(at+".cidr_block", v.CIDRBlock, true), checkBlock(at+".ipv6_cidr_block", v.IPv6CIDRBlock, false),
			checkReference(at+".vpc_id", mirror.KindVPC, v.VPCID), checkOwner(at, v.OwnerID))
		if err != nil {
			return err
		}
	}
	return nil
}

// checkOwner checks an optional account.
func checkOwner(at, owner string) error {
	if owner == "" {
		return nil
	}
	return mirror.CheckAccountID(at+".owner_id", owner).Err()
}

// checkBlock checks an optional prefix.
func checkBlock(at string, block netip.Prefix, ipv4 bool) error {
	switch {
	case !block.IsValid():
		return nil
	case block.Addr().Is4() != ipv4:
		return fmt.Errorf("%s is %s, of the other address family: write it as cidr_block for IPv4 and as ipv6_cidr_block for IPv6", at, block)
	case block != block.Masked():
		return fmt.Errorf("%s is %s, which has bits set after the prefix length: write %s", at, block, block.Masked())
	}
	return nil
}
