package emulator

import (
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/query"
)

// typeField is an element of a described instance type, and the filter on it.
type typeField struct {
	path   string // of elements. Below one that ends in /item there can be several values.
	filter string // its documented name, "" if there is none
	values func(typeSpec) []string
	write  func(*query.Writer, typeSpec) // of an element with elements in it; nil: the values
}

// typeFields is what EC2 describes of an instance type, and the documented filters
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html).
// What is not known of a type is left out, and a filter on it does not match. A path that
// ends in a slash is of a structure that is there also when nothing in it is known: clients
// take these for granted.
var typeFields = []typeField{
	{path: "instanceType", filter: "instance-type", values: func(s typeSpec) []string { return oneValue(s.Name) }},
	{path: "bareMetal", filter: "bare-metal", values: func(s typeSpec) []string { return flagText(s.bareMetal()) }},
	{path: "currentGeneration", filter: "current-generation", values: typeFlag("current")},
	{path: "freeTierEligible", filter: "free-tier-eligible", values: typeFlag("free")},
	{path: "supportedUsageClasses/item", filter: "supported-usage-class", values: typeList("use")},
	{path: "supportedRootDeviceTypes/item", filter: "supported-root-device-type", values: typeList("root")},
	{path: "supportedVirtualizationTypes/item", filter: "supported-virtualization-type", values: typeList("virt")},
	{path: "supportedBootModes/item", filter: "supported-boot-mode", values: typeList("boot")},
	{path: "hypervisor", filter: "hypervisor", values: typeValue("hypervisor")},
	{path: "burstablePerformanceSupported", filter: "burstable-performance-supported", values: typeFlag("burst")},
	{path: "dedicatedHostsSupported", filter: "dedicated-hosts-supported", values: typeFlag("hosts")},
	{path: "autoRecoverySupported", filter: "auto-recovery-supported", values: typeFlag("recover")},
	{path: "hibernationSupported", filter: "hibernation-supported", values: typeFlag("hibernate")},
	{path: "nitroEnclavesSupport", filter: "nitro-enclaves-support", values: typeSupport("enclaves")},
	{path: "nitroTpmSupport", filter: "nitro-tpm-support", values: typeSupport("tpm")},
	{path: "nitroTpmInfo/supportedVersions/item", filter: "nitro-tpm-info.supported-versions", values: typeWhere("tpm", "2.0")},
	{path: "phcSupport", values: typeSupport("phc")},
	{path: "rebootMigrationSupport", filter: "reboot-migration-support", values: typeSupport("migrate")},

	{path: "processorInfo/"},
	{path: "processorInfo/manufacturer", values: typeValue("maker")},
	{path: "processorInfo/sustainedClockSpeedInGhz", filter: "processor-info.sustained-clock-speed-in-ghz", values: typeValue("ghz")},
	{path: "processorInfo/supportedArchitectures/item", filter: "processor-info.supported-architecture", values: typeList("arch")},
	{path: "processorInfo/supportedFeatures/item", filter: "processor-info.supported-features", values: typeList("features")},

	{path: "vCpuInfo/"},
	{path: "vCpuInfo/defaultVCpus", filter: "vcpu-info.default-vcpus", values: typeValue("vcpus")},
	{path: "vCpuInfo/defaultCores", filter: "vcpu-info.default-cores", values: func(s typeSpec) []string { return typeNumber(s.Cores) }},
	{path: "vCpuInfo/defaultThreadsPerCore", filter: "vcpu-info.default-threads-per-core", values: typeValue("threads")},
	{path: "vCpuInfo/validCores/item", filter: "vcpu-info.valid-cores", values: validCores},
	{path: "vCpuInfo/validThreadsPerCore/item", filter: "vcpu-info.valid-threads-per-core", values: typeList("vthreads")},

	{path: "memoryInfo/"},
	{path: "memoryInfo/sizeInMiB", filter: "memory-info.size-in-mib", values: memoryOf},

	{path: "instanceStorageSupported", filter: "instance-storage-supported", values: storageSupported},
	{path: "instanceStorageInfo/totalSizeInGB", filter: "instance-storage-info.total-size-in-gb", values: typeDisks(func(count, size int) int { return count * size })},
	{path: "instanceStorageInfo/disks/item/count", filter: "instance-storage-info.disk.count", values: typeDisks(func(count, _ int) int { return count })},
	{path: "instanceStorageInfo/disks/item/sizeInGB", filter: "instance-storage-info.disk.size-in-gb", values: typeDisks(func(_, size int) int { return size })},
	{path: "instanceStorageInfo/disks/item/type", filter: "instance-storage-info.disk.type", values: typePart("disk", 0)},
	{path: "instanceStorageInfo/nvmeSupport", filter: "instance-storage-info.nvme-support", values: typePart("disk", 1)},
	{path: "instanceStorageInfo/encryptionSupport", filter: "instance-storage-info.encryption-support", values: typePart("disk", 2)},

	{path: "ebsInfo/"},
	{path: "ebsInfo/ebsOptimizedSupport", filter: "ebs-info.ebs-optimized-support", values: typeValue("optimized")},
	{path: "ebsInfo/encryptionSupport", filter: "ebs-info.encryption-support", values: typeWhere("nvme", "supported")},
	{path: "ebsInfo/nvmeSupport", filter: "ebs-info.nvme-support", values: typeValue("nvme")},
	{path: "ebsInfo/maximumEbsAttachments", filter: "ebs-info.maximum-ebs-attachments", values: typeValue("volumes")},
	{path: "ebsInfo/attachmentLimitType", filter: "ebs-info.attachment-limit-type", values: typeValue("limit")},
	{path: "ebsInfo/ebsOptimizedInfo/baselineBandwidthInMbps", filter: "ebs-info.ebs-optimized-info.baseline-bandwidth-in-mbps", values: typeLow("ebs")},
	{path: "ebsInfo/ebsOptimizedInfo/baselineThroughputInMBps", filter: "ebs-info.ebs-optimized-info.baseline-throughput-in-mbps", values: baselineThroughput},
	{path: "ebsInfo/ebsOptimizedInfo/baselineIops", filter: "ebs-info.ebs-optimized-info.baseline-iops", values: typeLow("iops")},
	{path: "ebsInfo/ebsOptimizedInfo/maximumBandwidthInMbps", filter: "ebs-info.ebs-optimized-info.maximum-bandwidth-in-mbps", values: typeHigh("ebs")},
	{path: "ebsInfo/ebsOptimizedInfo/maximumThroughputInMBps", filter: "ebs-info.ebs-optimized-info.maximum-throughput-in-mbps", values: maximumThroughput},
	{path: "ebsInfo/ebsOptimizedInfo/maximumIops", filter: "ebs-info.ebs-optimized-info.maximum-iops", values: typeHigh("iops")},
	{path: "ebsInfo/maximumEbsCards", values: typeValue("ebscards")},
	{path: "ebsInfo/ebsCardSet", values: typeValue("ebscards"), write: writeEBSCards},

	{path: "networkInfo/"},
	{path: "networkInfo/networkPerformance", filter: "network-info.network-performance", values: typeSpec.performance},
	{path: "networkInfo/maximumNetworkInterfaces", filter: "network-info.maximum-network-interfaces", values: typeValue("interfaces")},
	{path: "networkInfo/maximumNetworkCards", filter: "network-info.maximum-network-cards", values: typeValue("cards")},
	{path: "networkInfo/defaultNetworkCardIndex", values: typeWhere("cards", "0")},
	{path: "networkInfo/networkCards", values: typeValue("cards"), write: writeNetworkCards},
	{path: "networkInfo/ipv4AddressesPerInterface", filter: "network-info.ipv4-addresses-per-interface", values: typeValue("ipv4")},
	{path: "networkInfo/ipv6AddressesPerInterface", filter: "network-info.ipv6-addresses-per-interface", values: ipv6Addresses},
	{path: "networkInfo/ipv6Supported", filter: "network-info.ipv6-supported", values: typeFlag("hasipv6")},
	{path: "networkInfo/enaSupport", filter: "network-info.ena-support", values: typeValue("ena")},
	{path: "networkInfo/enaSrdSupported", values: typeFlag("srd")},
	{path: "networkInfo/efaSupported", filter: "network-info.efa-supported", values: efaSupported},
	{path: "networkInfo/efaInfo/maximumEfaInterfaces", filter: "network-info.efa-info.maximum-efa-interfaces", values: typePositive("efa")},
	{path: "networkInfo/encryptionInTransitSupported", filter: "network-info.encryption-in-transit-supported", values: typeFlag("transit")},
	{path: "networkInfo/bandwidthWeightings/item", filter: "network-info.bandwidth-weightings", values: typeWhere("weighting", "default", "ebs-1", "vpc-1")},
	{path: "networkInfo/flexibleEnaQueuesSupport", filter: "network-info.flexible-ena-queues-support", values: typeSupport("flex")},
	{path: "networkInfo/connectionTrackingConfiguration/defaultTcpEstablishedTimeout", values: typeValue("established")},
	{path: "networkInfo/connectionTrackingConfiguration/defaultUdpTimeout", values: typeWhere("established", "30")},
	{path: "networkInfo/connectionTrackingConfiguration/defaultUdpStreamTimeout", values: typeWhere("established", "180")},
	{path: "networkInfo/secondaryNetworkSupported", values: typeWhere("established", "false")},
	{path: "networkInfo/ipv4AddressesPerSecondaryInterface", values: typeValue("secondary")},

	{path: "placementGroupInfo/"},
	{path: "placementGroupInfo/supportedStrategies/item", values: placementOf},

	{path: "gpuInfo", values: typeKind("gpu"), write: writeGPUs},
	{path: "fpgaInfo", values: typeKind("fpga"), write: writeDevices("fpgas", "item", "totalFpgaMemoryInMiB")},
	{path: "mediaAcceleratorInfo", values: typeKind("media"), write: writeDevices("accelerators", "item", "totalMediaMemoryInMiB")},
	{path: "inferenceAcceleratorInfo", values: typeKind("inf"), write: writeDevices("accelerators", "member", "totalInferenceMemoryInMiB")},
	{path: "neuronInfo", values: typeValue("neuron"), write: writeNeurons},
}

// typeFilters is the fields by the names of their filters.
var typeFilters = func() map[string]typeField {
	filters := map[string]typeField{}
	for _, f := range typeFields {
		if f.filter != "" {
			filters[f.filter] = f
		}
	}
	return filters
}()
