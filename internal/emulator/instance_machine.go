package emulator

import "strings"

// What follows from the type of an instance. Of a type that is not in the table nothing is
// known. Only a topology file can give an instance such a type.

// architectureOf returns the architecture of the processors of a type.
func architectureOf(name string) string {
	if spec, known := instanceType(name); known {
		return spec.Architecture
	}
	return "x86_64"
}

func isBurstable(name string) bool {
	spec, _ := instanceType(name)
	return spec.Burstable
}

// isMetal reports whether instances of a type have no hypervisor.
func isMetal(name string) bool { return strings.Contains(name, ".metal") }

// cpuOptions returns the cores and the threads of each core that an instance has.
func (v instance) cpuOptions() (cores, threads int) {
	spec, _ := instanceType(v.InstanceType)
	cores, threads = spec.Cores, spec.ThreadsPerCore
	if v.CoreCount != 0 {
		cores = v.CoreCount
	}
	if v.ThreadsPerCore != 0 {
		threads = v.ThreadsPerCore
	}
	return cores, threads
}

// The values of CpuCredits.
const (
	creditsStandard  = "standard"
	creditsUnlimited = "unlimited"
)

// cpuCredits returns the credit option of a burstable instance. T2 instances begin with
// standard, the others with unlimited
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances-unlimited-mode-concepts.html).
func (v instance) cpuCredits() string {
	switch {
	case v.CPUCredits != "":
		return v.CPUCredits
	case strings.HasPrefix(v.InstanceType, "t2."):
		return creditsStandard
	}
	return creditsUnlimited
}

// bootMode returns how an instance boots. Graviton processors boot with UEFI only
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-type-boot-mode.html).
func (v instance) bootMode() string {
	if architectureOf(v.InstanceType) == "x86_64" {
		return "legacy-bios"
	}
	return "uefi"
}
