package emulator

import (
	"maps"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// devices is which device indexes of an instance are taken. No two interfaces of an
// instance have one.
type devices struct {
	taken map[int]bool
	next  int // no lower one is free
}

// noDevice is the wish of an interface that takes any device index.
const noDevice = -1

// take returns the device index that is wanted if it is free, or else the lowest free one.
func (d *devices) take(wanted int) int {
	if d.taken == nil {
		d.taken = map[int]bool{}
	}
	if wanted == noDevice || d.taken[wanted] {
		for d.taken[d.next] {
			d.next++
		}
		wanted = d.next
	}
	d.taken[wanted] = true
	return wanted
}

func keysByInstance(_ *tx, id string, v networkInterface) []key {
	if v.InstanceID == "" {
		return nil
	}
	return oneKey(v.InstanceID, numberKey(v.DeviceIndex), id)
}

// numberDevices gives each interface in the store a device index of its own. Older programs
// gave 0 to all that a topology file attached.
func numberDevices(t *tx) {
	var ids []string
	for id := range interfacesByInstance.all(t) {
		ids = append(ids, id)
	}
	of := map[string]*devices{}
	for _, id := range ids {
		v, _ := interfaces.get(t, id)
		if of[v.InstanceID] == nil {
			of[v.InstanceID] = &devices{}
		}
		moveDevice(t, v, of[v.InstanceID].take(v.DeviceIndex))
	}
}

func moveDevice(t *tx, v networkInterface, index int) {
	if v.DeviceIndex != index {
		v.DeviceIndex = index
		interfaces.put(t, v.ID, v)
	}
}

// topologyDevices returns the device indexes of the interfaces of a topology file. First
// come those in the file. An interface that is attached already keeps its index unless the
// file gives it to another one. The others get the lowest free ones, in the order of the
// file (A0096).
func topologyDevices(t *tx, f *topology.File) map[string]int {
	of := map[string]*devices{} // by instance
	index := map[string]int{}   // by interface
	inFile := map[string]string{}
	for _, v := range f.NetworkInterfaces {
		inFile[v.ID] = v.InstanceID
		if v.InstanceID == "" {
			continue
		}
		if of[v.InstanceID] == nil {
			of[v.InstanceID] = &devices{}
		}
		if v.DeviceIndex != nil {
			index[v.ID] = of[v.InstanceID].take(*v.DeviceIndex)
		}
	}
	for _, instance := range slices.Sorted(maps.Keys(of)) {
		for _, id := range interfacesByInstance.idsBelow(t, instance) {
			v, _ := interfaces.get(t, id)
			to, named := inFile[id]
			_, numbered := index[id]
			switch {
			case !named:
				moveDevice(t, v, of[instance].take(v.DeviceIndex))
			case to == instance && !numbered:
				index[id] = of[instance].take(v.DeviceIndex)
			}
		}
	}
	for _, v := range f.NetworkInterfaces {
		if _, numbered := index[v.ID]; v.InstanceID != "" && !numbered {
			index[v.ID] = of[v.InstanceID].take(noDevice)
		}
	}
	return index
}
