package emulator

import (
	"strconv"
	"strings"
)

// ofInstance returns the values of a filter that depend on nothing but the instance.
func ofInstance(value func(instance) string) func(*tx, instance) []string {
	return func(_ *tx, v instance) []string { return oneValue(value(v)) }
}

func ofFlag(flag func(instance) bool) func(*tx, instance) []string {
	return func(_ *tx, v instance) []string { return flagText(flag(v)) }
}

// ofPrimary returns the values of a filter on the primary interface.
func ofPrimary(values func(*tx, networkInterface) []string) func(*tx, instance) []string {
	return func(t *tx, v instance) []string {
		primary, ok := primaryOf(t, v.ID)
		if !ok {
			return nil
		}
		return values(t, primary)
	}
}

func ofVolumes(value func(volume) string) func(*tx, instance) []string {
	return func(t *tx, v instance) []string {
		var list []string
		for _, disk := range volumesOf(t, v.ID) {
			list = append(list, value(disk))
		}
		return list
	}
}

// unset is a documented filter on something that no instance here has: public addresses,
// Outposts, Dedicated Hosts, Capacity Reservations, Spot Instances, product codes, kernels.
func unset(*tx, instance) []string { return nil }

// instanceFields are the documented filters, except those on the interfaces and those on
// the metadata options
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html).
var instanceFields = []field[instance]{
	{"affinity", unset},
	{"architecture", ofInstance(func(v instance) string { return architectureOf(v.InstanceType) })},
	{"availability-zone", func(t *tx, v instance) []string { return oneValue(instanceZone(t, v)) }},
	{"availability-zone-id", func(t *tx, v instance) []string { return oneValue(zoneIDOf(instanceZone(t, v))) }},
	{"block-device-mapping.attach-time", ofVolumes(func(v volume) string { return timeText(v.Created) })},
	{"block-device-mapping.delete-on-termination", ofVolumes(func(v volume) string { return strconv.FormatBool(v.DeleteOnTermination) })},
	{"block-device-mapping.device-name", ofVolumes(func(v volume) string { return v.Device })},
	{"block-device-mapping.status", ofVolumes(func(volume) string { return "attached" })},
	{"block-device-mapping.volume-id", ofVolumes(func(v volume) string { return v.ID })},
	{"boot-mode", unset},
	{"capacity-reservation-id", unset},
	{"capacity-reservation-specification.capacity-reservation-preference", ofInstance(instance.capacityPreference)},
	{"capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id", unset},
	{"capacity-reservation-specification.capacity-reservation-target.capacity-reservation-resource-group-arn", unset},
	{"client-token", ofInstance(func(v instance) string { return v.ClientToken })},
	{"current-instance-boot-mode", ofInstance(instance.bootMode)},
	{"dns-name", unset},
	{"ebs-optimized", ofFlag(func(v instance) bool { return v.EBSOptimized })},
	{"ena-support", ofFlag(func(v instance) bool { return !v.NoENA })},
	{"enclave-options.enabled", ofFlag(func(v instance) bool { return v.Enclave })},
	{"hibernation-options.configured", ofFlag(func(v instance) bool { return v.Hibernation })},
	{"host-id", unset},
	{"hypervisor", ofInstance(instance.hypervisor)},
	{"iam-instance-profile.arn", ofInstance(func(v instance) string { return v.IAMInstanceProfile })},
	{"iam-instance-profile.id", ofInstance(instance.profileID)},
	{"iam-instance-profile.name", ofInstance(instance.profileName)},
	{"image-id", ofInstance(instance.imageID)},
	{"instance-lifecycle", unset},
	{"instance-state-code", ofInstance(func(v instance) string { return strconv.Itoa(stateCodes[stateOf(v)]) })},
	{"instance-state-name", ofInstance(stateOf)},
	{"instance-type", ofInstance(func(v instance) string { return v.InstanceType })},
	{"instance.group-id", ofPrimary(func(_ *tx, v networkInterface) []string { return v.GroupIDs })},
	{"instance.group-name", ofPrimary(func(t *tx, v networkInterface) []string { return groupNames(t, v.GroupIDs) })},
	{"ip-address", unset},
	{"ipv6-address", ofPrimary(func(_ *tx, v networkInterface) []string { return addressTexts(v.IPv6Addresses) })},
	{"kernel-id", unset},
	{"key-name", ofInstance(func(v instance) string { return v.KeyName })},
	{"launch-index", ofInstance(func(v instance) string { return strconv.Itoa(v.LaunchIndex) })},
	{"launch-time", ofInstance(func(v instance) string { return timeText(v.launched()) })},
	{"maintenance-options.auto-recovery", ofInstance(instance.autoRecovery)},
	{"monitoring-state", ofInstance(instance.monitoring)},
	{"network-performance-options.bandwidth-weighting", ofInstance(instance.bandwidthWeighting)},
	{"operator.managed", ofFlag(func(instance) bool { return false })},
	{"operator.principal", unset},
	{"outpost-arn", unset},
	{"owner-id", func(t *tx, _ instance) []string { return oneValue(t.account) }},
	{"placement-group-name", ofInstance(func(v instance) string { return v.PlacementGroup })},
	{"placement-partition-number", ofInstance(instance.partition)},
	{"platform", unset},
	{"platform-details", ofInstance(func(instance) string { return platformDetails })},
	{"private-dns-name", func(t *tx, v instance) []string { return oneValue(privateDNSName(t, v)) }},
	{"private-dns-name-options.enable-resource-name-dns-a-record", ofFlag(func(v instance) bool { return v.ARecord })},
	{"private-dns-name-options.enable-resource-name-dns-aaaa-record", ofFlag(func(v instance) bool { return v.AAAARecord })},
	{"private-dns-name-options.hostname-type", func(t *tx, v instance) []string { return oneValue(hostnameTypeOf(t, v)) }},
	{"private-ip-address", ofPrimary(func(_ *tx, v networkInterface) []string {
		return addressTexts(v.privateAddresses())[:min(1, len(v.privateAddresses()))]
	})},
	{"product-code", unset},
	{"product-code.type", unset},
	{"ramdisk-id", unset},
	{"reason", ofInstance(instance.transitionReason)},
	{"requester-id", unset},
	{"reservation-id", ofInstance(instance.reservationID)},
	{"root-device-name", ofInstance(instance.rootDevice)},
	{"root-device-type", ofInstance(func(instance) string { return rootDeviceType })},
	{"source-dest-check", ofPrimary(func(_ *tx, v networkInterface) []string { return flagText(!v.NoSourceCheck) })},
	{"spot-instance-request-id", unset},
	{"state-reason-code", ofInstance(func(v instance) string { return v.StateReason })},
	{"state-reason-message", ofInstance(func(v instance) string { return stateMessages[v.StateReason] })},
	{"subnet-id", ofPrimary(func(_ *tx, v networkInterface) []string { return oneValue(v.SubnetID) })},
	{"tag-value", func(t *tx, v instance) []string { return tagValues(t, v.ID) }},
	{"tenancy", ofInstance(instance.tenancy)},
	{"tpm-support", unset},
	{"usage-operation", ofInstance(func(instance) string { return usageOperation })},
	{"usage-operation-update-time", ofInstance(func(v instance) string { return timeText(v.launched()) })},
	{"virtualization-type", ofInstance(func(instance) string { return virtualization })},
	{"vpc-id", ofPrimary(func(_ *tx, v networkInterface) []string { return oneValue(v.VPCID) })},
}

// partition returns the number of the partition of a placement group, "" for none.
func (v instanceOptions) partition() string {
	if v.PartitionNumber == 0 {
		return ""
	}
	return strconv.Itoa(v.PartitionNumber)
}

func (v instance) profileName() string {
	return v.IAMInstanceProfile[strings.LastIndex(v.IAMInstanceProfile, "/")+1:]
}

func (v instance) profileID() string {
	if v.IAMInstanceProfile == "" {
		return ""
	}
	return "AIPA" + strings.ToUpper(derivedID("", v.IAMInstanceProfile))
}

func tagValues(t *tx, id string) []string {
	var values []string
	for _, value := range tagsOf(t, id) {
		values = append(values, value)
	}
	return values
}
