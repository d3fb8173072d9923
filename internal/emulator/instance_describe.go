package emulator

import (
	"cmp"
	"iter"
	"slices"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// instanceDescriber finds instances. DescribeInstances answers with their reservations.
var instanceDescriber = describer[instance]{
	of:      instances,
	ids:     "InstanceId",
	idField: "instance-id",
	fields:  slices.Concat(instanceFields, metadataFields, interfaceFilterFields()),
	finders: map[string]func(*tx, string) []string{
		"reservation-id": idsIn(instancesByReservation),
		"network-interface.network-interface-id": func(t *tx, id string) []string {
			v, _ := interfaces.get(t, id)
			return oneValue(v.InstanceID)
		},
	},
}

// reservation is the instances of one launch that a request finds.
type reservation struct {
	id    string
	found []instance
}

// describeInstances pages by reservations. A reservation has its place where the first of
// its instances has it, in the order of the IDs.
func describeInstances(q *query.Query) operation {
	r := instanceDescriber.read(q)
	readManaged(q)
	return func(t *tx, x *query.Writer) error {
		if err := needEach(t, instances, r.ids); err != nil {
			return err
		}
		items := func(yield func(string, reservation) bool) {
			for first := range firstInstances(t, r) {
				if found := findReservation(t, r, first); !yield(first, found) {
					return
				}
			}
		}
		match := func(found reservation) bool { return len(found.found) > 0 }
		query.WritePage(x, r.Listing, "reservationSet", items, match, func(found reservation) { writeReservation(x, t, found.id, found.found) })
		return t.err
	}
}

// readManaged reads a parameter that changes nothing: nothing here is managed by a service
// provider, and hidden because of that.
func readManaged(q *query.Query) { q.OptBool("IncludeManagedResources") }

// firstInstances yields in order the first instance of each reservation that can have
// instances that meet the conditions.
func firstInstances(t *tx, r describeRequest) iter.Seq[string] {
	after := r.After
	r.After = "" // the first of a reservation can lie before an instance that is asked for
	_, found := instanceDescriber.find(t, r.Listing)
	if r.ids == nil && !found {
		return func(yield func(string) bool) {
			for id := range idsAfter(t, instances.bucket, after) {
				if firstOfReservation(t, id) == id && !yield(id) {
					return
				}
			}
		}
	}
	var list []string
	for id := range instanceDescriber.candidates(t, r) {
		if first := firstOfReservation(t, id); first > after {
			list = append(list, first)
		}
	}
	slices.Sort(list)
	return slices.Values(slices.Compact(list))
}

// firstOfReservation returns the first instance of the reservation of an instance, "" for
// an ID that no instance has.
func firstOfReservation(t *tx, id string) string {
	v, ok := instances.read(t, id)
	if !ok {
		return ""
	}
	return instancesByReservation.firstBelow(t, v.reservationID())
}

// findReservation returns the reservation of an instance, with the instances that meet the
// conditions.
func findReservation(t *tx, r describeRequest, first string) reservation {
	v, _ := instances.read(t, first)
	found := reservation{id: v.reservationID()}
	for _, id := range instancesByReservation.idsBelow(t, found.id) {
		v, ok := instances.get(t, id)
		asked := r.ids == nil || slices.Contains(r.ids, id)
		if ok && asked && instanceDescriber.matches(t, r, item[instance]{id, v}) {
			found.found = append(found.found, v)
		}
	}
	return found
}

// writeReservation writes a reservation. Those of a VPC have no security groups
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Reservation.html).
func writeReservation(x *query.Writer, t *tx, id string, list []instance) {
	x.Text("reservationId", id)
	x.Text("ownerId", t.account)
	x.In("groupSet", func() {})
	x.In("instancesSet", func() {
		for _, v := range list {
			x.In("item", func() { writeInstance(x, t, v) })
		}
	})
}

// What all instances here have in common. None is a Windows instance: nothing but the
// ID of an image is known (A0151).
const (
	platformDetails = "Linux/UNIX"
	usageOperation  = "RunInstances"
	virtualization  = "hvm"
	rootDeviceType  = "ebs"
)

// hypervisor is "xen" for Nitro too
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html).
func (v instance) hypervisor() string {
	if isMetal(v.InstanceType) {
		return ""
	}
	return "xen"
}

func (v instanceOptions) monitoring() string {
	if v.Monitored {
		return enabled
	}
	return disabled
}

func (v instanceOptions) tenancy() string            { return cmp.Or(v.Tenancy, defaultTenancy) }
func (v instanceOptions) autoRecovery() string       { return cmp.Or(v.AutoRecovery, "default") }
func (v instanceOptions) capacityPreference() string { return cmp.Or(v.CapacityPreference, "open") }
func (v instanceOptions) bandwidthWeighting() string { return cmp.Or(v.BandwidthWeighting, "default") }

// writeInstance writes what EC2 answers of an instance, as far as it is known
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html).
func writeInstance(x *query.Writer, t *tx, v instance) {
	x.Text("instanceId", v.ID)
	x.Text("imageId", v.imageID())
	writeState(x, "instanceState", stateOf(v))
	x.Text("privateDnsName", privateDNSName(t, v))
	x.Text("dnsName", "")
	x.Text("reason", v.transitionReason())
	x.OptText("keyName", v.KeyName)
	x.Int("amiLaunchIndex", v.LaunchIndex)
	x.In("productCodes", func() {})
	x.OptText("instanceType", v.InstanceType)
	x.Text("launchTime", timeText(v.launched()))
	writePlacement(x, t, v)
	x.In("monitoring", func() { x.Text("state", v.monitoring()) })
	writePrimary(x, t, v)
	if v.StateReason != "" {
		x.In("stateReason", func() {
			x.Text("code", v.StateReason)
			x.Text("message", stateMessages[v.StateReason])
		})
	}
	x.Text("architecture", architectureOf(v.InstanceType))
	x.Text("rootDeviceType", rootDeviceType)
	x.Text("rootDeviceName", v.rootDevice())
	x.In("blockDeviceMapping", func() { writeBlockDevices(x, t, v) })
	x.Text("virtualizationType", virtualization)
	x.OptText("hypervisor", v.hypervisor())
	x.Text("clientToken", v.ClientToken)
	writeTagSet(x, tagsOf(t, v.ID))
	x.Bool("ebsOptimized", v.EBSOptimized)
	x.Bool("enaSupport", !v.NoENA)
	x.In("networkInterfaceSet", func() {
		for _, i := range interfacesOf(t, v.ID) {
			x.In("item", func() { writeInstanceInterface(x, t, i) })
		}
	})
	if v.IAMInstanceProfile != "" {
		x.In("iamInstanceProfile", func() {
			x.Text("arn", v.IAMInstanceProfile)
			x.Text("id", v.profileID())
		})
	}
	writeOptions(x, t, v)
}

func writeState(x *query.Writer, element, state string) {
	x.In(element, func() {
		x.Int("code", stateCodes[state])
		x.Text("name", state)
	})
}

func writePlacement(x *query.Writer, t *tx, v instance) {
	x.In("placement", func() {
		name := instanceZone(t, v)
		x.OptText("availabilityZone", name)
		x.OptText("availabilityZoneId", zoneIDOf(name))
		x.Text("groupName", v.PlacementGroup)
		x.OptText("partitionNumber", v.partition())
		x.Text("tenancy", v.tenancy())
	})
}

// writePrimary writes what an instance has from its primary interface.
func writePrimary(x *query.Writer, t *tx, v instance) {
	primary, ok := primaryOf(t, v.ID)
	if !ok {
		x.In("groupSet", func() {})
		return
	}
	x.OptText("subnetId", primary.SubnetID)
	x.OptText("vpcId", primary.VPCID)
	if private := primary.privateAddresses(); len(private) > 0 {
		x.Text("privateIpAddress", private[0].String())
	}
	if len(primary.IPv6Addresses) > 0 {
		x.Text("ipv6Address", primary.IPv6Addresses[0].String())
	}
	x.Bool("sourceDestCheck", !primary.NoSourceCheck)
	writeGroupSet(x, t, primary.GroupIDs)
}

func writeBlockDevices(x *query.Writer, t *tx, v instance) {
	for _, disk := range volumesOf(t, v.ID) {
		x.In("item", func() {
			x.Text("deviceName", disk.Device)
			x.In("ebs", func() {
				x.Text("volumeId", disk.ID)
				x.Text("status", "attached")
				x.Text("attachTime", timeText(disk.Created))
				x.Bool("deleteOnTermination", disk.DeleteOnTermination)
			})
		})
	}
}

func writeOptions(x *query.Writer, t *tx, v instance) {
	if cores, threads := v.cpuOptions(); cores != 0 {
		x.In("cpuOptions", func() {
			x.Int("coreCount", cores)
			x.Int("threadsPerCore", threads)
		})
	}
	x.In("capacityReservationSpecification", func() { x.Text("capacityReservationPreference", v.capacityPreference()) })
	x.In("hibernationOptions", func() { x.Bool("configured", v.Hibernation) })
	x.In("metadataOptions", func() { writeMetadataOptions(x, v.metadataOptions, "applied") })
	x.In("enclaveOptions", func() { x.Bool("enabled", v.Enclave) })
	x.Text("platformDetails", platformDetails)
	x.Text("usageOperation", usageOperation)
	x.Text("usageOperationUpdateTime", timeText(v.launched()))
	x.In("privateDnsNameOptions", func() {
		x.Text("hostnameType", hostnameTypeOf(t, v))
		x.Bool("enableResourceNameDnsARecord", v.ARecord)
		x.Bool("enableResourceNameDnsAAAARecord", v.AAAARecord)
	})
	x.In("maintenanceOptions", func() { x.Text("autoRecovery", v.autoRecovery()) })
	x.Text("currentInstanceBootMode", v.bootMode())
	x.In("networkPerformanceOptions", func() { x.Text("bandwidthWeighting", v.bandwidthWeighting()) })
	x.In("operator", func() { x.Bool("managed", false) })
}

// tagKeys returns the keys of the tags of an object.
func tagKeys(t *tx, id string) []string {
	var keys []string
	for key := range tagsOf(t, id) {
		keys = append(keys, key)
	}
	return keys
}
