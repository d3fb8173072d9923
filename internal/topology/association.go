package topology

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// checkGateways checks the internet gateways. A VPC has one.
func (p networkParts) checkGateways(f *File) error {
	taken := firstOf{}
	for i, v := range f.InternetGateways {
		if v.VPCID == "" {
			continue
		}
		at := fmt.Sprintf("internet_gateways[%d].vpc_id", i)
		if err := cmp.Or(p.needVPC(at, v.VPCID), taken.take(v.VPCID, at, v.VPCID, "VPC")); err != nil {
			return err
		}
	}
	return nil
}

// checkTableGateways checks the gateways that a route table is for. gateways has the VPC of each gateway of the file.
func checkTableGateways(table string, v mirror.RouteTable, gateways map[string]string, taken firstOf) error {
	for i, id := range v.Gateways {
		at := fmt.Sprintf("%s.gateway_ids[%d]", table, i)
		if err := mirror.KindInternetGateway.Check(at, id).Err(); err != nil {
			return err
		}
		in, known := gateways[id]
		switch {
		case !known:
			return fmt.Errorf("%s is %s, which internet_gateways does not have: add it there", at, id)
		case in != v.VPCID:
			return fmt.Errorf("%s is %s, which is attached to %s, and not to %s: write the gateway of that VPC", at, id, cmp.Or(in, "no VPC"), v.VPCID)
		}
		if err := taken.take(id, at, id, "gateway"); err != nil {
			return err
		}
	}
	return nil
}

// associated are what a route table can be associated with.
func associated(v mirror.RouteTable) []string {
	all := slices.Concat(v.Subnets, v.Gateways)
	if v.Main {
		all = append(all, v.VPCID)
	}
	return all
}

// checkAssociations checks the IDs of the associations of an object with others. taken has those of all objects.
func checkAssociations(of string, ids map[string]string, with []string, kind mirror.Kind, taken firstOf) error {
	for _, other := range slices.Sorted(maps.Keys(ids)) {
		at, id := fmt.Sprintf("%s.association_ids[%q]", of, other), ids[other]
		if !slices.Contains(with, other) {
			return fmt.Errorf("%s: there is no such association here. Write the ID of one of its subnets or gateways, or the ID of the VPC of a main route table", at)
		}
		if err := kind.Check(at, id).Err(); err != nil {
			return err
		}
		if taken[id] != "" {
			return fmt.Errorf("%s is %q, as is %s: give each association an ID of its own", at, id, taken[id])
		}
		taken[id] = at
	}
	return nil
}
