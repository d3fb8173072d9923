package export

import (
	"context"
	"net/netip"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/account"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// networkReader reads where packets go.
type networkReader struct{ *reader }

// blocksOf sorts CIDR blocks: the first of each address family, and the others.
func blocksOf(all []netip.Prefix) (ipv4, ipv6 netip.Prefix, others []netip.Prefix) {
	for _, b := range all {
		switch {
		case b.Addr().Is4() && !ipv4.IsValid():
			ipv4 = b
		case b.Addr().Is6() && !ipv6.IsValid():
			ipv6 = b
		default:
			others = append(others, b)
		}
	}
	return ipv4, ipv6, others
}

// ifOn returns a pointer to true, or nil: what is off is the default.
func ifOn(on bool) *bool {
	if !on {
		return nil
	}
	return new(true)
}

// unlessDefault returns a text, or "" if it is the default.
func unlessDefault(text, isDefault string) string {
	if text == isDefault {
		return ""
	}
	return text
}

func (r networkReader) readVPCs(ctx context.Context) error {
	all, err := r.VPCs(ctx)
	if err := r.denied(err, "vpcs"); err != nil {
		return err
	}
	for _, v := range all {
		of := topology.VPC{ID: v.ID, OwnerID: v.OwnerID, Default: v.IsDefault, Tags: v.Tags, Tenancy: unlessDefault(v.Tenancy, "default"), ProvidedIPv6: ifOn(v.ProvidedIPv6)}
		of.CIDRBlock, of.IPv6CIDRBlock, of.AdditionalBlocks = blocksOf(v.CIDRs)
		if err := r.addAttributes(ctx, &of); err != nil {
			return err
		}
		r.owners = append(r.owners, v.OwnerID)
		r.file.VPCs = append(r.file.VPCs, of)
	}
	return nil
}

// addAttributes adds the DNS settings of a VPC. EC2 may refuse them for a VPC of another account.
func (r networkReader) addAttributes(ctx context.Context, v *topology.VPC) error {
	attributes, err := r.VPCAttributes(ctx, v.ID)
	switch {
	case account.Code(err) != "" && account.IsAnswered(err):
		r.note("the DNS settings of %s are not in the file: %s", v.ID, account.Explain(err))
		return nil
	case err != nil:
		return err
	}
	if v.Default != attributes.DNSHostnames { // a default VPC has hostnames unless the file says otherwise
		v.DNSHostnames = &attributes.DNSHostnames
	}
	if !attributes.DNSSupport {
		v.DNSSupport = &attributes.DNSSupport
	}
	return nil
}

func (r networkReader) readSubnets(ctx context.Context) error {
	all, err := r.Subnets(ctx)
	if err := r.denied(err, "subnets"); err != nil {
		return err
	}
	for _, s := range all {
		of := topology.Subnet{
			ID: s.ID, OwnerID: s.OwnerID, DefaultForAZ: s.IsDefault, VPCID: s.VPCID, AvailabilityZone: s.Zone, IPv6Native: s.IPv6Only, Tags: s.Tags,
			AssignsIPv6: ifOn(s.AssignsIPv6), MapsPublicIP: ifOn(s.MapsPublicIP), DNS64: ifOn(s.DNS64), ARecord: ifOn(s.ARecord), AAAARecord: ifOn(s.AAAARecord),
			HostnameType: unlessDefault(s.HostnameType, "ip-name"),
		}
		of.CIDRBlock, of.IPv6CIDRBlock, _ = blocksOf(s.CIDRs)
		r.file.Subnets = append(r.file.Subnets, of)
	}
	return nil
}

// readInstances leaves out instances that are gone, which EC2 shows for an hour.
func (r networkReader) readInstances(ctx context.Context) error {
	all, err := r.Instances(ctx)
	if err := r.denied(err, "instances"); err != nil {
		return err
	}
	for _, i := range all {
		if i.State == "terminated" || i.State == "shutting-down" {
			continue
		}
		r.file.Instances = append(r.file.Instances, topology.Instance{
			ID: i.ID, InstanceType: i.Type, State: i.State, ImageID: i.ImageID, AvailabilityZone: i.Zone, KeyName: i.KeyName, IAMInstanceProfile: i.Profile,
			LaunchTime: i.Launched.UTC(), Tags: i.Tags, DetailedMonitoring: ifOn(i.DetailedMonitoring), EBSOptimized: ifOn(i.EBSOptimized), MetadataOptions: changedMetadata(i.Metadata),
		})
	}
	return nil
}

// changedMetadata returns the options that the embedded EC2 does not have for an instance without any; nil: none.
func changedMetadata(m account.MetadataOptions) *topology.MetadataOptions {
	of := topology.MetadataOptions{
		HTTPTokens: unlessDefault(m.HTTPTokens, "optional"), HopLimit: m.HopLimit, HTTPEndpoint: unlessDefault(m.HTTPEndpoint, "enabled"),
		HTTPIPv6: unlessDefault(m.HTTPIPv6, "disabled"), MetadataTags: unlessDefault(m.MetadataTags, "disabled"),
	}
	if of.HopLimit == 1 {
		of.HopLimit = 0
	}
	if of == (topology.MetadataOptions{}) {
		return nil
	}
	return &of
}

func (r networkReader) readInterfaces(ctx context.Context) error {
	all, err := r.NetworkInterfaces(ctx)
	if err := r.denied(err, "network_interfaces"); err != nil {
		return err
	}
	for _, i := range all {
		of := i.Interface
		if of.ChecksSourceDest() {
			of.SourceDestCheck = nil
		}
		of.SecurityGroups = i.GroupIDs
		of.PrivateIPAddresses = slices.DeleteFunc(slices.Clone(of.PrivateIPAddresses), func(a netip.Addr) bool { return a == of.PrivateIPAddress })
		r.owners = append(r.owners, of.OwnerID)
		r.file.NetworkInterfaces = append(r.file.NetworkInterfaces, of)
	}
	return nil
}

func (r networkReader) readGroups(ctx context.Context) (err error) {
	r.file.SecurityGroups, err = r.SecurityGroups(ctx)
	return r.denied(err, "security_groups")
}

func (r networkReader) readACLs(ctx context.Context) (err error) {
	r.file.NetworkACLs, err = r.NetworkACLs(ctx)
	return r.denied(err, "network_acls")
}

func (r networkReader) readGateways(ctx context.Context) (err error) {
	r.file.InternetGateways, err = r.InternetGateways(ctx)
	return r.denied(err, "internet_gateways")
}

// readTables leaves out routes whose target is of a kind that is not known here.
func (r networkReader) readTables(ctx context.Context) error {
	all, err := r.RouteTables(ctx)
	if err := r.denied(err, "route_tables"); err != nil {
		return err
	}
	for i, table := range all {
		all[i].Routes = slices.DeleteFunc(table.Routes, func(route mirror.Route) bool {
			if route.Target == "" {
				r.note("a route of %s to %s%s is not in the file: its target is of a kind that is not known here", table.ID, textOf(route.Destination), route.PrefixListID)
			}
			return route.Target == ""
		})
	}
	r.file.RouteTables = all
	return nil
}

func textOf(p netip.Prefix) string {
	if !p.IsValid() {
		return ""
	}
	return p.String()
}

// readLists adds the prefix lists to which rules and routes refer, with their entries. EC2 shows no more of
// those of other accounts.
func (r networkReader) readLists(ctx context.Context) error {
	var ids []string
	for _, g := range r.file.SecurityGroups {
		for _, rule := range g.Rules {
			ids = append(ids, rule.PrefixListID)
		}
	}
	for _, t := range r.file.RouteTables {
		for _, route := range t.Routes {
			ids = append(ids, route.PrefixListID)
		}
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if id == "" {
			continue
		}
		blocks, err := r.PrefixListEntries(ctx, id)
		switch {
		case account.IsDenied(err):
			r.file.PrefixLists = nil
			return r.denied(err, "prefix_lists")
		case account.IsAnswered(err) && account.Code(err) != "":
			r.note("the prefix list %s is not in the file: %s", id, account.Explain(err))
			r.missing("prefix_lists")
			continue
		case err != nil:
			return err
		}
		list := mirror.PrefixList{ID: id}
		for _, b := range blocks {
			list.Entries = append(list.Entries, mirror.PrefixListEntry{CIDR: b})
		}
		r.file.PrefixLists = append(r.file.PrefixLists, list)
	}
	return nil
}

func (r networkReader) readPeerings(ctx context.Context) (err error) {
	r.file.PeeringConnections, err = r.PeeringConnections(ctx)
	r.file.PeeringConnections = slices.DeleteFunc(r.file.PeeringConnections, func(p mirror.PeeringConnection) bool {
		return p.State == "deleted" || p.State == "rejected" || p.State == "expired" || p.State == "failed"
	})
	return r.denied(err, "vpc_peering_connections")
}

// dropGateways removes the associations of route tables with gateways that the file does not have, such as virtual
// private gateways.
func (r *reader) dropGateways() {
	vpcOf := map[string]string{}
	for _, g := range r.file.InternetGateways {
		vpcOf[g.ID] = g.VPCID
	}
	for i, table := range r.file.RouteTables {
		r.file.RouteTables[i].Gateways = slices.DeleteFunc(table.Gateways, func(id string) bool {
			isHere := vpcOf[id] == table.VPCID
			if !isHere {
				r.note("the association of %s with %s is not in the file: the file does not have the gateway", table.ID, id)
				r.partly("route_tables")
				delete(table.Associations, id)
			}
			return !isHere
		})
	}
}
