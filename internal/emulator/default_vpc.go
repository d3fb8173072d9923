package emulator

import (
	"net/netip"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// A Region has at most one default VPC, and each Availability Zone at most one default
// subnet in it
// (https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html).

// defaultBlock is the block of a default VPC, and the number after it the size of the
// blocks of its subnets.
var defaultBlock = netip.MustParsePrefix("172.31.0.0/16")

const (
	defaultSubnetBits     = 20
	defaultIPv6SubnetBits = 64
)

// defaultVPC returns the ID of the default VPC, "" if there is none.
func defaultVPC(t *tx) string {
	for id, v := range vpcs.all(t, "") {
		if v.isDefault() {
			return id
		}
	}
	return ""
}

// defaultSubnet returns the ID of the default subnet of a zone, "" if there is none.
func defaultSubnet(t *tx, zone string) string {
	for id, v := range subnets.all(t, "") {
		if v.DefaultForAZ && v.zone(t) == zone {
			return id
		}
	}
	return ""
}

func createDefaultVPC(*query.Query) operation {
	return func(t *tx, x *query.Writer) error {
		if defaultVPC(t) != "" {
			return query.Refuse("DefaultVpcAlreadyExists", "A Default VPC already exists for this account in this region.")
		}
		v := vpc{VPC: topology.VPC{ID: vpcs.freshID(t), CIDRBlock: defaultBlock, Default: true}, DNSHostnames: true}
		vpcs.put(t, v.ID, v)
		addDefaults(t, v.ID)
		for _, z := range zones(t) {
			if defaultSubnet(t, z.name()) != "" {
				continue
			}
			if _, err := addDefaultSubnet(t, v, z.name(), false); err != nil {
				return err
			}
		}
		x.In("vpc", func() { writeVPC(x, t, v) })
		return nil
	}
}

func createDefaultSubnet(q *query.Query) operation {
	zone, ipv6Only := readSubnetZone(q), q.Bool("Ipv6Native")
	if zone == (subnetZone{}) {
		q.Fail(query.Missing("AvailabilityZone"))
	}
	return func(t *tx, x *query.Writer) error {
		in, ok := vpcs.get(t, defaultVPC(t))
		if !ok {
			return query.Refuse("DefaultVpcDoesNotExist", "No default VPC exists for this account in this region.")
		}
		name, err := zone.nameIn(t)
		if err != nil {
			return err
		}
		if taken := defaultSubnet(t, name); taken != "" {
			return query.Refuse("DefaultSubnetAlreadyExistsInAvailabilityZone", "'%s' is already the default subnet in %s.", taken, name)
		}
		v, err := addDefaultSubnet(t, in, name, ipv6Only)
		if err != nil {
			return err
		}
		x.In("subnet", func() { writeSubnet(x, t, v) })
		return nil
	}
}

// addDefaultSubnet adds a default subnet with the first block of the VPC that is free.
// Instances in a default subnet get public addresses, unless it is IPv6-only.
func addDefaultSubnet(t *tx, in vpc, zone string, ipv6Only bool) (subnet, error) {
	v := subnet{
		Subnet:      topology.Subnet{ID: subnets.freshID(t), VPCID: in.ID, AvailabilityZone: zone, DefaultForAZ: true, IPv6Native: ipv6Only},
		MapPublicIP: !ipv6Only,
	}
	block, whole, bits := &v.CIDRBlock, in.CIDRBlock, defaultSubnetBits
	if ipv6Only {
		block, whole, bits = &v.IPv6CIDRBlock, in.IPv6CIDRBlock, defaultIPv6SubnetBits
	}
	for n := 0; whole.IsValid() && n < 1<<max(0, bits-whole.Bits()); n++ {
		*block = nthBlock(whole, bits, n)
		if checkSubnet(t, v) == nil {
			subnets.put(t, v.ID, v)
			return v, nil
		}
	}
	return v, query.Refuse("InvalidSubnet.Conflict", "The default VPC '%s' has no free block of the size /%d", in.ID, bits)
}

// nthBlock returns the n-th block of a size in another block, counted from 0. For IPv6,
// the size is at most /64.
func nthBlock(whole netip.Prefix, bits, n int) netip.Prefix {
	bytes := whole.Masked().Addr().AsSlice()
	for last := bits - 1; n > 0; last-- {
		if n&1 == 1 {
			bytes[last/8] |= 0x80 >> (last % 8)
		}
		n >>= 1
	}
	a, _ := netip.AddrFromSlice(bytes)
	return netip.PrefixFrom(a, bits)
}
