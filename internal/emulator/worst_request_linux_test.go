package emulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// The largest requests that the emulator reads.
const (
	largestBody    = 1 << 20
	mostParameters = 10_000
)

// filled returns an action with as many numbered parameters as a request can have.
func filled(action, format string) string {
	each := strings.Count(format, "&") + 1
	return action + repeated((mostParameters-5)/each, format)
}

// long returns an action with a parameter whose value fills the request.
func long(action, name, text string) string {
	return action + "&" + name + "=" + strings.Repeat(text, (largestBody-len(action)-len(name)-40)/len(text))
}

// repeated returns n numbered parameters.
func repeated(n int, format string) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		b.WriteString("&" + strings.ReplaceAll(format, "#", fmt.Sprint(i)))
	}
	return b.String()
}

// resources returns n parameters that name the interfaces of largeWorld.
func resources(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "&ResourceId.%d=%s", i+1, eni(1000+i))
	}
	return b.String()
}

// worstRequests are requests that take much time for their length.
var worstRequests = []struct{ name, request string }{
	{"filters", filled("DescribeNetworkInterfaces", "Filter.#.Name=a")},
	{"filters of an unpaged action", filled("DescribeAvailabilityZones", "Filter.#.Name=a")},
	{"filters in short numbers", filled("DescribeTags", "Filter.#=")},
	{"values of a filter", filled("DescribeNetworkInterfaces&Filter.1.Name=description", "Filter.1.Value.#=a")},
	{"a value of stars", long("DescribeNetworkInterfaces&Filter.1.Name=tag:key", "Filter.1.Value.1", "*a") + "b"},
	{"a value of 50,000 characters", "DescribeNetworkInterfaces&Filter.1.Name=tag:key&Filter.1.Value.1=" + strings.Repeat("*v", 25_000) + "b"},
	{"200 values of stars", "DescribeNetworkInterfaces&Filter.1.Name=tag:key" + repeated(200, "Filter.1.Value.#=#"+strings.Repeat("*v", 100)+"b")},
	{"200 values of stars and marks", "DescribeNetworkInterfaces&Filter.1.Name=tag:key" + repeated(200, "Filter.1.Value.#=*"+strings.Repeat("?", 64)+strings.Repeat("v", 64)+"b")},
	{"50 filters by tag", "DescribeNetworkInterfaces" + repeated(49, "Filter.#.Name=tag:key&Filter.#.Value.1=v*") + "&Filter.50.Name=tag:key&Filter.50.Value.1=x"},
	{"tag specifications", filled("CreateTrafficMirrorFilter", "TagSpecification.#.ResourceType=a")},
	{"tags of a specification", filled("CreateTrafficMirrorFilter&TagSpecification.1.ResourceType=traffic-mirror-filter", "TagSpecification.1.Tag.#.Key=k#")},
	{"the same tag", filled("CreateTrafficMirrorFilter&TagSpecification.1.ResourceType=traffic-mirror-filter", "TagSpecification.1.Tag.#.Key=k")},
	{"tags", filled("CreateTags&ResourceId.1="+eni(1), "Tag.#.Key=k#")},
	{"tags to delete", filled("DeleteTags&ResourceId.1="+eni(1), "Tag.#.Key=k#")},
	{"49 tags of 1,000 resources", "CreateTags" + resources(1000) + repeated(49, "Tag.#.Key=#"+strings.Repeat("k", 100)+"&Tag.#.Value="+strings.Repeat("v", 250))},
	{"resources", filled("CreateTags&Tag.1.Key=k", "ResourceId.#=eni-00000000#")},
	{"IDs", filled("DescribeNetworkInterfaces", "NetworkInterfaceId.#="+eni(1))},
	{"IDs of a default", filled("DescribeRouteTables", "RouteTableId.#=rtb-1")},
	{"names of zones", filled("DescribeAvailabilityZones", "ZoneName.#=#")},
	{"types of instances", filled("DescribeInstanceTypes", "InstanceType.#=m5.large")},
	{"removed fields", filled("ModifyTrafficMirrorSession&TrafficMirrorSessionId="+goneSession, "RemoveField.#=a")},
	{"network services", filled("ModifyTrafficMirrorFilterNetworkServices&TrafficMirrorFilterId="+goneFilter, "AddNetworkService.#=amazon-dns")},
	{"addresses", filled("CreateNetworkInterface&SubnetId=subnet-00000000000000001", "PrivateIpAddresses.#.PrivateIpAddress=10.0.1.1")},
	{"IPv6 addresses", filled("CreateNetworkInterface&SubnetId=subnet-00000000000000001", "Ipv6Addresses.#.Ipv6Address=::#")},
	{"assigned addresses", filled("AssignIpv6Addresses&NetworkInterfaceId="+eni(1), "Ipv6Addresses.#=::#")},
	{"groups", filled("CreateNetworkInterface&SubnetId=subnet-00000000000000001", "SecurityGroupId.#=sg-00000000000000001")},
	{"deep names", filled("DescribeNetworkInterfaces", "Filter.1.Value.#.1.1.1.1.1.1.1=")},
	{"a deep name", long("DescribeNetworkInterfaces&a=", "Filter.1", ".1") + "=a"},
	{"unknown parameters", filled("DescribeNetworkInterfaces", "#=")},
	{"an unknown parameter", "DescribeNetworkInterfaces&" + strings.Repeat("a", largestBody-60)},
	{"empty parts", "DescribeNetworkInterfaces" + strings.Repeat("&", largestBody-60)},
	{"escapes", long("CreateTrafficMirrorFilter", "Description", "%26")},
	{"escapes in a token", long("CreateTrafficMirrorFilter", "ClientToken", "%26")},
	{"a token of a page", long("DescribeNetworkInterfaces", "NextToken", "QUFB")},
	{"a long number", long("DescribeNetworkInterfaces", "MaxResults", "9")},
	{"a long name with a number", "DescribeNetworkInterfaces&Filter." + strings.Repeat("9", largestBody-80) + ".Name="},
	{"a long block", long("CreateVpc", "CidrBlock", "1.")},
	{"a long ID", long("DeleteTrafficMirrorFilter", "TrafficMirrorFilterId", "tmf-")},
	{"characters of three bytes", long("CreateTrafficMirrorFilter", "Description", "%E6%97%A5")},
	{"an action of its own", strings.Repeat("A", largestBody-60)},
}

// largeWorld has many interfaces whose tags are as long as tags can be.
func largeWorld(interfaces int) *topology.File {
	f := world()
	for n := range interfaces {
		f.NetworkInterfaces = append(f.NetworkInterfaces, mirror.Interface{
			ID: eni(1000 + n), Description: strings.Repeat("d", 200), Tags: map[string]string{"key": strings.Repeat("v", 250)},
		})
	}
	return f
}

// cpuTime returns the time that this process has worked so far.
func cpuTime(tb testing.TB) time.Duration {
	tb.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkWorstRequest measures the CPU of the worst requests on 5,000 interfaces:
//
//	go test ./internal/emulator -run - -bench WorstRequest -benchtime 3x
func BenchmarkWorstRequest(b *testing.B) {
	e, err := emulator.New(emulator.Options{Path: filepath.Join(b.TempDir(), "ec2.db"), Topology: largeWorld(5000)})
	if err != nil {
		b.Fatal(err)
	}
	must(b, e, "DescribeVpcs", "")
	for _, test := range worstRequests {
		b.Run(test.name, func(b *testing.B) {
			start := cpuTime(b)
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("Version=2016-11-15&Action="+test.request))
				r.Header.Set("Content-Type", form)
				e.ServeHTTP(httptest.NewRecorder(), r)
			}
			b.ReportMetric(float64((cpuTime(b)-start).Microseconds())/1000/float64(b.N), "cpu-ms/request")
			b.ReportMetric(0, "ns/op")
		})
	}
}
