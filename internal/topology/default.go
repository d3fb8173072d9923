package topology

import "fmt"

// validateDefaults checks that no more than one VPC is the default VPC, that default
// subnets are in it, and that a zone has no more than one of them.
func (f *File) validateDefaults() error {
	last := ""
	others := map[string]bool{}
	for i, v := range f.VPCs {
		others[v.ID] = !v.Default
		at := fmt.Sprintf("vpcs[%d].default", i)
		if v.Default && last != "" {
			return fmt.Errorf("%s is true, as is %s: a Region has one default VPC", at, last)
		}
		if v.Default {
			last = at
		}
	}
	byZone := map[string]string{}
	for i, v := range f.Subnets {
		if !v.DefaultForAZ {
			continue
		}
		at := fmt.Sprintf("subnets[%d].default_for_az", i)
		if others[v.VPCID] {
			return fmt.Errorf("%s is true, and %s is not the default VPC: set its default to true", at, v.VPCID)
		}
		if first, twice := byZone[v.AvailabilityZone]; twice {
			return fmt.Errorf("%s is true, as is %s: an Availability Zone has one default subnet", at, first)
		}
		byZone[v.AvailabilityZone] = at
	}
	return nil
}
