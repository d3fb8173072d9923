package emulator_test

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// typePages returns every type that is described without names, with the pages that it takes.
func typePages(t *testing.T, h http.Handler, parameters string) (all []node, pages int) {
	t.Helper()
	token := ""
	for {
		page := must(t, h, "DescribeInstanceTypes", parameters+"&NextToken="+token)
		all = append(all, page.all("instanceTypeSet/item")...)
		pages++
		if token = page.text("nextToken"); token == "" {
			return all, pages
		}
	}
}

func typeNames(all []node) []string {
	var names []string
	for _, n := range all {
		names = append(names, n.text("instanceType"))
	}
	return names
}

// The values are those of the pages of AWS, and of a second source next to the table: the limits
// of amazon-vpc-cni-k8s for interfaces and addresses, lists of other programs for the rest.
func TestInstanceTypeValues(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	paths := strings.Fields(`vCpuInfo/defaultVCpus vCpuInfo/defaultCores memoryInfo/sizeInMiB networkInfo/maximumNetworkInterfaces
		networkInfo/ipv4AddressesPerInterface processorInfo/supportedArchitectures/item hypervisor bareMetal instanceStorageInfo/disks/item/count
		instanceStorageInfo/disks/item/sizeInGB networkInfo/networkPerformance`)
	for name, want := range map[string]string{
		"t2.micro":      "1,1,1024,2,2,i386 x86_64,xen,false,,,Low to Moderate",
		"t3.micro":      "2,1,1024,2,2,x86_64,nitro,false,,,Up to 5 Gigabit",
		"t4g.small":     "2,2,2048,3,4,arm64,nitro,false,,,Up to 5 Gigabit",
		"m4.10xlarge":   "40,20,163840,8,30,x86_64,xen,false,,,10 Gigabit",
		"m5.large":      "2,1,8192,3,10,x86_64,nitro,false,,,Up to 10 Gigabit",
		"m5.metal":      "96,48,393216,15,50,x86_64,,true,,,25 Gigabit",
		"m6gd.medium":   "1,1,4096,2,4,arm64,nitro,false,1,59,Up to 10 Gigabit",
		"m6i.32xlarge":  "128,64,524288,15,50,x86_64,nitro,false,,,50 Gigabit",
		"c5.18xlarge":   "72,36,147456,15,50,x86_64,nitro,false,,,25 Gigabit",
		"c5d.9xlarge":   "36,18,73728,8,30,x86_64,nitro,false,1,900,12 Gigabit",
		"c5n.18xlarge":  "72,36,196608,15,50,x86_64,nitro,false,,,100 Gigabit",
		"c5a.24xlarge":  "96,48,196608,15,50,x86_64,nitro,false,,,20 Gigabit",
		"r5.24xlarge":   "96,48,786432,15,50,x86_64,nitro,false,,,25 Gigabit",
		"z1d.12xlarge":  "48,24,393216,15,50,x86_64,nitro,false,2,900,25 Gigabit",
		"x1.32xlarge":   "128,64,1998848,8,30,x86_64,xen,false,2,1920,25 Gigabit",
		"i3.16xlarge":   "64,32,499712,15,50,x86_64,xen,false,8,1900,25 Gigabit",
		"i3.metal":      "72,36,524288,15,50,x86_64,,true,8,1900,25 Gigabit",
		"i3en.24xlarge": "96,48,786432,15,50,x86_64,nitro,false,8,7500,100 Gigabit",
		"d2.8xlarge":    "36,18,249856,8,30,x86_64,xen,false,24,2048,10 Gigabit",
		"d3en.xlarge":   "4,2,16384,4,3,x86_64,nitro,false,2,13980,Up to 25 Gigabit",
		"h1.16xlarge":   "64,32,262144,8,50,x86_64,xen,false,8,2000,25 Gigabit",
		"a1.metal":      "16,16,32768,8,30,arm64,,true,,,Up to 10 Gigabit",
		"g4dn.metal":    "96,48,393216,15,50,x86_64,,true,2,900,100 Gigabit",
		"p3.16xlarge":   "64,32,499712,8,30,x86_64,xen,false,,,25 Gigabit",
		"u-18tb1.metal": "448,224,18874368,15,50,x86_64,,true,,,",
	} {
		described := must(t, e, "DescribeInstanceTypes", "InstanceType.1="+name).all("instanceTypeSet/item")[0]
		var got []string
		for _, path := range paths {
			got = append(got, strings.Join(described.texts(path), " "))
		}
		if text := strings.Join(got, ","); text != want {
			t.Errorf("%s\n got %s\nwant %s", name, text, want)
		}
	}
}

// number returns the whole number at a path, 0 if there is none.
func (n node) number(path string) int {
	i, _ := strconv.Atoi(n.text(path))
	return i
}

// What EC2 says of a type agrees with itself.
func TestInstanceTypesAgree(t *testing.T) {
	t.Parallel()
	all, pages := typePages(t, newEmulator(t), "MaxResults=100")
	if len(all) < 1200 || pages != (len(all)+99)/100 {
		t.Errorf("%d types in %d pages", len(all), pages)
	}
	if names := typeNames(all); !slices.IsSorted(names) || len(slices.Compact(names)) != len(all) {
		t.Error("the types are not in the order of their names, each once")
	}
	larger := map[string][][2]int{} // vCPUs and memory, by family
	for _, v := range all {
		name := v.text("instanceType")
		vcpus, cores, threads := v.number("vCpuInfo/defaultVCpus"), v.number("vCpuInfo/defaultCores"), v.number("vCpuInfo/defaultThreadsPerCore")
		memory := v.number("memoryInfo/sizeInMiB")
		if vcpus != cores*threads || vcpus < 1 || memory < 512 {
			t.Errorf("%s has %d vCPUs in %d cores of %d threads, and %d MiB", name, vcpus, cores, threads, memory)
		}
		if valid := v.texts("vCpuInfo/validCores/item"); len(valid) > 0 && valid[len(valid)-1] != strconv.Itoa(cores) {
			t.Errorf("%s has %d cores, and one can choose %s", name, cores, valid)
		}
		interfaces := 0
		for i, card := range v.all("networkInfo/networkCards/item") {
			interfaces += card.number("maximumNetworkInterfaces")
			if card.number("networkCardIndex") != i {
				t.Errorf("%s: card %d has the index %s", name, i, card.text("networkCardIndex"))
			}
		}
		if most := v.number("networkInfo/maximumNetworkInterfaces"); interfaces != 0 && interfaces != most {
			t.Errorf("%s has %d interfaces on its cards, and %d in all", name, interfaces, most)
		}
		metal := strings.Contains(name, ".metal")
		if v.text("bareMetal") != strconv.FormatBool(metal) || (v.text("hypervisor") == "") != metal {
			t.Errorf("%s: bare metal is %s, the hypervisor %q", name, v.text("bareMetal"), v.text("hypervisor"))
		}
		if disks := v.number("instanceStorageInfo/disks/item/count") * v.number("instanceStorageInfo/disks/item/sizeInGB"); disks != v.number("instanceStorageInfo/totalSizeInGB") ||
			v.text("instanceStorageSupported") != strconv.FormatBool(disks > 0) {
			t.Errorf("%s: storage is %s, with %d GB", name, v.text("instanceStorageSupported"), disks)
		}
		if family, _, _ := strings.Cut(name, "."); !metal {
			larger[family] = append(larger[family], [2]int{vcpus, memory})
		}
	}
	for family, sizes := range larger {
		slices.SortFunc(sizes, func(a, b [2]int) int { return cmp.Or(a[0]-b[0], a[1]-b[1]) })
		if !slices.IsSortedFunc(sizes, func(a, b [2]int) int { return a[1] - b[1] }) {
			t.Errorf("%s: memory does not grow with the vCPUs: %v", family, sizes)
		}
	}
}

// Every type whose interfaces can be mirrored is described, and every type that gives a target
// a larger quota and that the SDK knows.
func TestMirroredTypesAreDescribed(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	var described []string
	for token, more := "", true; more; more = token != "" {
		page := must(t, e, "DescribeInstanceTypeOfferings", "NextToken="+token)
		described = append(described, page.texts("instanceTypeOfferingSet/item/instanceType")...)
		token = page.text("nextToken")
	}
	mirrored := func(name string) bool {
		_, why := mirror.Source{InstanceType: name}.Obstacle()
		return why == ""
	}
	families := map[string]bool{}
	for _, name := range described {
		if family, _, _ := strings.Cut(name, "."); mirrored(name) {
			families[family] = true
		}
	}
	// https://docs.aws.amazon.com/vpc/latest/mirroring/what-is-traffic-mirroring.html lists so many.
	if len(families) != 126 {
		t.Errorf("there are types of %d families that can be mirrored, want 126: %s", len(families), slices.Sorted(maps.Keys(families)))
	}
	// Regions that are not us-east-1 have these.
	elsewhere := []string{"p6e-gb200.36xlarge", "trn2u.48xlarge"}
	for _, v := range types.InstanceType("").Values() {
		if name := string(v); (mirrored(name) || mirror.IsLargeTargetType(name)) && !slices.Contains(described, name) && !slices.Contains(elsewhere, name) {
			t.Errorf("%s is not described", name)
		}
	}
}

func TestInstanceTypeFilters(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	names := "&InstanceType.1=m5.large&InstanceType.2=m5.metal&InstanceType.3=t2.micro&InstanceType.4=c6gd.medium&InstanceType.5=p3.2xlarge"
	for _, test := range []struct{ filter, value, want string }{
		{"instance-type", "m5.*", "m5.large m5.metal"},
		{"instance-type", "t?.micro", "t2.micro"},
		{"bare-metal", "true", "m5.metal"},
		{"burstable-performance-supported", "true", "t2.micro"},
		{"current-generation", "true", "c6gd.medium t2.micro"},
		{"free-tier-eligible", "true", ""},
		{"hypervisor", "xen", "p3.2xlarge t2.micro"},
		{"processor-info.supported-architecture", "arm64", "c6gd.medium"},
		{"processor-info.supported-architecture", "i386", "t2.micro"},
		{"processor-info.sustained-clock-speed-in-ghz", "3.1", "m5.large m5.metal"},
		{"vcpu-info.default-vcpus", "2", "m5.large"},
		{"vcpu-info.default-cores", "48", "m5.metal"},
		{"vcpu-info.default-threads-per-core", "2", "m5.large m5.metal p3.2xlarge"},
		{"vcpu-info.valid-threads-per-core", "1", "m5.large"},
		{"memory-info.size-in-mib", "8192", "m5.large"},
		{"instance-storage-supported", "true", "c6gd.medium"},
		{"instance-storage-info.disk.type", "ssd", "c6gd.medium"},
		{"instance-storage-info.total-size-in-gb", "59", "c6gd.medium"},
		{"ebs-info.ebs-optimized-support", "unsupported", "t2.micro"},
		{"ebs-info.ebs-optimized-info.baseline-throughput-in-mbps", "81.25", "m5.large"},
		{"ebs-info.ebs-optimized-info.maximum-iops", "80000", "m5.metal"},
		{"ebs-info.nvme-support", "required", "c6gd.medium m5.large m5.metal"},
		{"network-info.network-performance", "25 Gigabit", "m5.metal"},
		{"network-info.maximum-network-interfaces", "3", "m5.large"},
		{"network-info.ipv4-addresses-per-interface", "50", "m5.metal"},
		{"network-info.ipv6-supported", "true", "c6gd.medium m5.large m5.metal p3.2xlarge t2.micro"},
		{"network-info.ena-support", "unsupported", "t2.micro"},
		{"network-info.efa-supported", "true", ""},
		{"supported-boot-mode", "uefi", "c6gd.medium m5.large"},
		{"supported-usage-class", "spot", "c6gd.medium m5.large m5.metal t2.micro"},
		{"supported-virtualization-type", "hvm", "c6gd.medium m5.large m5.metal p3.2xlarge t2.micro"},
		{"nitro-enclaves-support", "supported", ""},
		{"nitro-tpm-support", "supported", "c6gd.medium m5.large"},
		{"nitro-tpm-info.supported-versions", "2.0", "c6gd.medium m5.large"},
	} {
		got := typeNames(must(t, e, "DescribeInstanceTypes", filterBy(test.filter, test.value)+names).all("instanceTypeSet/item"))
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s=%s: got %q, want %q", test.filter, test.value, got, test.want)
		}
	}
	refused(t, e, "DescribeInstanceTypes", filterBy("vcpus", "2"), "InvalidParameterValue")
}

// One page has what it asked for, the next one the rest, without names and with them.
func TestInstanceTypePages(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	want := "m5.12xlarge m5.16xlarge m5.24xlarge m5.2xlarge m5.4xlarge m5.8xlarge m5.large m5.metal m5.xlarge"
	all, pages := typePages(t, e, filterBy("instance-type", "m5.*")+"&MaxResults=5")
	if got := strings.Join(typeNames(all), " "); got != want || pages != 2 {
		t.Errorf("%d pages: %s", pages, got)
	}
	names := ""
	for i, name := range strings.Fields("t3.large t3.micro t3.nano m5.large t3.small t3.medium m5.large") {
		names += fmt.Sprintf("&InstanceType.%d=%s", i+1, name)
	}
	all, pages = typePages(t, e, "MaxResults=5"+names)
	if got := strings.Join(typeNames(all), " "); got != "m5.large t3.large t3.medium t3.micro t3.nano t3.small" || pages != 2 {
		t.Errorf("by name, %d pages: %s", pages, got)
	}
}

// A type that the table does not have is described if it can exist, with nothing but its name.
func TestUnknownInstanceTypes(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for _, name := range []string{"m99g.large", "m5.96xlarge", "x9-flex.metal-48xl", "t9.nano"} {
		described := must(t, e, "DescribeInstanceTypes", "InstanceType.1="+name).all("instanceTypeSet/item")
		if len(described) != 1 || described[0].text("instanceType") != name || described[0].text("bareMetal") != strconv.FormatBool(strings.Contains(name, "metal")) ||
			described[0].text("vCpuInfo/defaultVCpus") != "" || len(described[0].all("networkInfo")) != 1 {
			t.Errorf("A0180: %s: %v", name, described)
		}
	}
	for _, name := range []string{"large", "m5.", ".large", "m5.huge", "m5.metal48", "M5.large", "m5.xxlarge", "m5.large.metal"} {
		refused(t, e, "DescribeInstanceTypes", "InstanceType.1=m5.large&InstanceType.2="+name, assumed("A0180", "InvalidInstanceType"))
	}
	message := call(t, e, "DescribeInstanceTypes", "InstanceType.1=big&InstanceType.2=m5.large&InstanceType.3=bigger").message()
	if want := "The following supplied instance types do not exist: [big, bigger]"; message != want {
		t.Errorf("the message is %q, want %q", message, want)
	}
}

func TestInstanceTypeOfferings(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	set := "instanceTypeOfferingSet/item/"
	for _, test := range []struct{ name, parameters, want string }{
		{"the Region", filterBy("instance-type", "m5.large"), "us-east-1"},
		{"A0181: every zone", "LocationType=availability-zone&" + filterBy("instance-type", "m5.large"), "us-east-1a us-east-1b us-east-1c us-east-1d us-east-1e us-east-1f"},
		{"one zone", "LocationType=availability-zone&" + filterBy("instance-type", "m5.large", "location", "us-east-1b"), "us-east-1b"},
		{"zone IDs", "LocationType=availability-zone-id&" + filterBy("instance-type", "m5.large", "location", "use1-az?"), "use1-az1 use1-az2 use1-az3 use1-az4 use1-az5 use1-az6"},
		{"an Outpost", "LocationType=outpost&" + filterBy("instance-type", "m5.large"), ""},
		{"another Region", filterBy("location", "eu-west-1"), ""},
	} {
		got := must(t, e, "DescribeInstanceTypeOfferings", test.parameters).texts(set + "location")
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	first := must(t, e, "DescribeInstanceTypeOfferings", "LocationType=availability-zone&MaxResults=5")
	next := must(t, e, "DescribeInstanceTypeOfferings", "LocationType=availability-zone&MaxResults=5&NextToken="+first.text("nextToken"))
	locations := append(first.texts(set+"location"), next.texts(set+"location")...)
	if got := strings.Join(locations, " "); got != "us-east-1a us-east-1b us-east-1c us-east-1d us-east-1e us-east-1f us-east-1a us-east-1b us-east-1c us-east-1d" {
		t.Errorf("two pages have %s", got)
	}
	if got := first.texts(set + "locationType")[0]; got != "availability-zone" {
		t.Errorf("the type of location is %q", got)
	}
	refused(t, e, "DescribeInstanceTypeOfferings", "LocationType=zone", "InvalidParameterValue")
	refused(t, e, "DescribeInstanceTypeOfferings", filterBy("instance-types", "m5.large"), "InvalidParameterValue")
}

// In every Region the answer says that a type is there, if the request asks.
func TestUnsupportedInstanceTypes(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for flag, want := range map[string]string{"true": "true", "false": ""} {
		got := must(t, e, "DescribeInstanceTypes", "InstanceType.1=m5.large&IncludeUnsupportedInRegion="+flag).text("instanceTypeSet/item/supportedInRegion")
		if got != want {
			t.Errorf("A0181: IncludeUnsupportedInRegion=%s: supportedInRegion is %q, want %q", flag, got, want)
		}
	}
}

// The program has the table in it as it is.
func TestInstanceTypeTableIsSmall(t *testing.T) {
	t.Parallel()
	info, err := os.Stat("instance_type.txt")
	fatal(t, err)
	if most := int64(48 << 10); info.Size() > most {
		t.Errorf("the table has %d bytes, want at most %d", info.Size(), most)
	}
}
