package topology

import (
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

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

// device is a place of an instance for an interface.
type device struct {
	instance string
	index    int
}

// validateAttachments checks that the interfaces of an instance have different device
// indexes, and are in one Availability Zone.
func (f *File) validateAttachments() error {
	zones := map[string]string{}
	for _, v := range f.Subnets {
		zones[v.ID] = v.AvailabilityZone
	}
	taken := map[device]string{}
	attached := map[string]mirror.Interface{} // by instance: the first one in a zone that is known
	for i, v := range f.NetworkInterfaces {
		at := fmt.Sprintf("network_interfaces[%d]", i)
		if err := checkDevice(at+".device_index", v, taken); err != nil {
			return err
		}
		zone := zones[v.SubnetID]
		if v.InstanceID == "" || zone == "" {
			continue
		}
		first, known := attached[v.InstanceID]
		if !known {
			attached[v.InstanceID] = v
			continue
		}
		if other := zones[first.SubnetID]; other != zone {
			return fmt.Errorf("%s.subnet_id is %q in %s, and %s of the same instance is in %s: an instance is in one Availability Zone", at, v.SubnetID, zone, first.ID, other)
		}
	}
	return nil
}

// checkDevice checks a device index, and adds it to those that are taken.
func checkDevice(at string, v mirror.Interface, taken map[device]string) error {
	if v.DeviceIndex == nil {
		return nil
	}
	d := device{v.InstanceID, *v.DeviceIndex}
	switch {
	case d.index < 0:
		return fmt.Errorf("%s is %d: write 0 or more", at, d.index)
	case d.instance == "":
		return fmt.Errorf("%s is %d, and the interface has no instance_id: write both or neither", at, d.index)
	case taken[d] != "":
		return fmt.Errorf("%s is %d, as is %s on the same instance: give each interface a place of its own", at, d.index, taken[d])
	}
	taken[d] = at
	return nil
}
