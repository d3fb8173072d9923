package topology

import (
	"fmt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// device is a place of an instance for an interface.
type device struct {
	instance string
	index    int
}

// validateAttachments checks that the interfaces of an instance have different device
// indexes.
func (f *File) validateAttachments() error {
	taken := map[device]string{}
	for i, v := range f.NetworkInterfaces {
		if err := checkDevice(fmt.Sprintf("network_interfaces[%d].device_index", i), v, taken); err != nil {
			return err
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
