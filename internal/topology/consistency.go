package topology

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strings"
)

// This file refuses what EC2 cannot have. What a topology leaves out is unknown, and
// contradicts nothing. An instance can have interfaces in several VPCs, and no document
// says that a MAC address is unique: both are accepted.
//
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html

// InstanceStates are the states of an instance
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html).
var InstanceStates = []string{"pending", "running", "stopping", "stopped", "shutting-down", "terminated"}

func (f *File) checkConsistency() error {
	c := consistency{subnets: map[string]Subnet{}, vpcs: map[string]VPC{}, interfaces: map[string]bool{}}
	for _, v := range f.NetworkInterfaces {
		c.interfaces[v.ID] = true
	}
	for _, v := range f.VPCs {
		c.vpcs[v.ID] = v
	}
	for _, v := range f.Subnets {
		c.subnets[v.ID] = v
	}
	return cmp.Or(f.checkStates(), c.checkSubnets(f), c.checkZones(f), c.checkEndpoints(f), c.checkAddresses(f))
}

func (f *File) checkStates() error {
	for i, v := range f.Instances {
		if v.State != "" && !slices.Contains(InstanceStates, v.State) {
			return fmt.Errorf("instances[%d].state is %q: write one of %s", i, v.State, strings.Join(InstanceStates, ", "))
		}
	}
	return nil
}

// consistency has the networks of a file by ID.
type consistency struct {
	subnets    map[string]Subnet
	vpcs       map[string]VPC
	interfaces map[string]bool
}

// place is a block or an address that only one object of a network can have. Addresses
// are unique in a VPC, because its subnets do not overlap.
type place struct {
	network string
	block   netip.Prefix
	at      string // its path in the file
	order   int    // of the paths
}

// places are added in the order of the file.
type places []place

func (p *places) add(network, at string, block netip.Prefix) {
	if network != "" && block.IsValid() {
		*p = append(*p, place{network, block, at, len(*p)})
	}
}

// overlap returns two places that overlap, in the order of the file.
func (p places) overlap() (first, second place, found bool) {
	sort.Slice(p, func(i, j int) bool {
		a, b := p[i], p[j]
		return cmp.Or(cmp.Compare(a.network, b.network), a.block.Addr().Compare(b.block.Addr()), cmp.Compare(a.block.Bits(), b.block.Bits()), cmp.Compare(a.order, b.order)) < 0
	})
	// Of two blocks that overlap, one has the other, so that neighbors overlap too.
	for i := 1; i < len(p); i++ {
		a, b := p[i-1], p[i]
		if a.network != b.network || !a.block.Overlaps(b.block) {
			continue
		}
		if a.order > b.order {
			a, b = b, a
		}
		return a, b, true
	}
	return place{}, place{}, false
}

func (c consistency) checkSubnets(f *File) error {
	var blocks places
	for i, v := range f.Subnets {
		at := fmt.Sprintf("subnets[%d]", i)
		in := c.vpcs[v.VPCID]
		for _, block := range []struct {
			key  string
			own  netip.Prefix
			vpcs []netip.Prefix
		}{{".cidr_block", v.CIDRBlock, in.Blocks(true)}, {".ipv6_cidr_block", v.IPv6CIDRBlock, in.Blocks(false)}} {
			hasIt := func(vpcs netip.Prefix) bool { return contains(vpcs, block.own) }
			if block.own.IsValid() && len(block.vpcs) > 0 && !slices.ContainsFunc(block.vpcs, hasIt) {
				return fmt.Errorf("%s%s is %s, outside of %s, the block of its VPC: correct one of them, or write other blocks of the VPC in its additional_cidr_blocks", at, block.key, block.own, block.vpcs[0])
			}
			blocks.add(v.VPCID, at+block.key, block.own)
		}
		if v.IPv6Native && v.CIDRBlock.IsValid() {
			return fmt.Errorf("%s.cidr_block is %s, but ipv6_native says that the subnet has no IPv4: leave one of them out", at, v.CIDRBlock)
		}
	}
	if first, second, found := blocks.overlap(); found {
		return fmt.Errorf("%s is %s, which overlaps %s of %s: the subnets of a VPC have no address in common", second.at, second.block, first.block, first.at)
	}
	return nil
}

func contains(outer, inner netip.Prefix) bool {
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

// checkZones checks that the interfaces of an instance are in one Availability Zone.
func (c consistency) checkZones(f *File) error {
	type attached struct{ zone, at string }
	first := map[string]attached{}
	for i, v := range f.NetworkInterfaces {
		zone := c.subnets[v.SubnetID].AvailabilityZone
		if v.InstanceID == "" || zone == "" {
			continue
		}
		at := fmt.Sprintf("network_interfaces[%d]", i)
		before, isLater := first[v.InstanceID]
		if isLater && before.zone != zone {
			return fmt.Errorf("%s.instance_id is %s: its subnet is in %s, and that of %s of the same instance in %s: an instance has its interfaces in one Availability Zone",
				at, v.InstanceID, zone, before.at, before.zone)
		}
		first[v.InstanceID] = attached{zone, at}
	}
	return nil
}

func (c consistency) checkEndpoints(f *File) error {
	for i, v := range f.GatewayLoadBalancerEndpoints {
		if in := c.subnets[v.SubnetID].VPCID; in != "" && v.VPCID != "" && in != v.VPCID {
			return fmt.Errorf("gateway_load_balancer_endpoints[%d].vpc_id is %s, but its subnet is in %s: write the VPC of the subnet", i, v.VPCID, in)
		}
	}
	return nil
}

// checkAddresses checks that each address is in the block of its subnet, and that no two
// are the same.
func (c consistency) checkAddresses(f *File) error {
	var all places
	var wrong error
	add := func(subnet, at string, block netip.Prefix) {
		wrong = cmp.Or(wrong, c.checkInSubnet(at, subnet, block))
		all.add(cmp.Or(c.subnets[subnet].VPCID, subnet), at, block)
	}
	for i, v := range f.NetworkInterfaces {
		at := fmt.Sprintf("network_interfaces[%d]", i)
		add(v.SubnetID, at+".private_ip_address", ofOne(v.PrivateIPAddress))
		for _, list := range []struct {
			key       string
			addresses []netip.Addr
		}{{"private_ip_addresses", v.PrivateIPAddresses}, {"ipv6_addresses", v.IPv6Addresses}} {
			for j, address := range list.addresses {
				if address == v.PrivateIPAddress {
					continue // EC2 lists the primary address with the others too
				}
				add(v.SubnetID, fmt.Sprintf("%s.%s[%d]", at, list.key, j), ofOne(address))
			}
		}
		for j, block := range v.IPv4Prefixes {
			add(v.SubnetID, fmt.Sprintf("%s.ipv4_prefixes[%d]", at, j), block)
		}
		for j, block := range v.IPv6Prefixes {
			add(v.SubnetID, fmt.Sprintf("%s.ipv6_prefixes[%d]", at, j), block)
		}
	}
	for i, v := range f.NetworkLoadBalancers {
		add(v.SubnetID, fmt.Sprintf("network_load_balancers[%d].ip_address", i), ofOne(v.IPAddress))
	}
	c.addBalancers(f, add)
	for i, v := range f.GatewayLoadBalancerEndpoints {
		if c.interfaces[v.InterfaceID] {
			continue // its address is there
		}
		add(v.SubnetID, fmt.Sprintf("gateway_load_balancer_endpoints[%d].ip_address", i), ofOne(v.IPAddress))
	}
	first, second, found := all.overlap()
	switch {
	case wrong != nil || !found:
		return wrong
	case first.block == second.block:
		return fmt.Errorf("%s is %s, as is %s: give each an address of its own", second.at, textOf(second.block), first.at)
	}
	return fmt.Errorf("%s is %s, which overlaps %s of %s: give each addresses of its own", second.at, textOf(second.block), textOf(first.block), first.at)
}

// addBalancers adds the addresses of the load balancers in full. Those of an interface of the
// file are there.
func (c consistency) addBalancers(f *File, add func(subnet, at string, block netip.Prefix)) {
	for i, v := range f.LoadBalancers {
		for j, z := range v.Zones {
			if !c.interfaces[z.InterfaceID] {
				add(z.SubnetID, fmt.Sprintf("load_balancers[%d].zones[%d].ip_address", i, j), ofOne(z.Address))
			}
		}
	}
}

// checkInSubnet checks an address or a delegated prefix.
func (c consistency) checkInSubnet(at, subnetID string, block netip.Prefix) error {
	in := c.subnets[subnetID]
	subnet := in.CIDRBlock
	if block.Addr().Is6() {
		subnet = in.IPv6CIDRBlock
	}
	switch {
	case !block.IsValid():
	case in.IPv6Native && block.Addr().Is4():
		return fmt.Errorf("%s is %s, but %s has no IPv4: leave it out", at, textOf(block), in.ID)
	case subnet.IsValid() && !contains(subnet, block):
		return fmt.Errorf("%s is %s, outside of %s, the block of %s: write an address of the subnet", at, textOf(block), subnet, in.ID)
	}
	return nil
}

// ofOne returns the block of one address. It is not valid if the address is unknown.
func ofOne(address netip.Addr) netip.Prefix {
	block, err := address.Prefix(address.BitLen())
	if err != nil {
		return netip.Prefix{}
	}
	return block
}

// textOf writes the block of one address as that address.
func textOf(block netip.Prefix) string {
	if block.IsSingleIP() {
		return block.Addr().String()
	}
	return block.String()
}
