package emulator_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

const (
	anImage    = "ami-00000000000000001"
	oneLaunch  = "ImageId=" + anImage + "&InstanceType=m5.large&MinCount=1&MaxCount=1"
	aLaunch    = oneLaunch + "&SubnetId=" + worldSubnet
	inInstance = "reservationSet/item/instancesSet/item/"
)

// launchTime is the clock of the tests that need one.
var launchTime = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

// launchOne launches an instance, and returns it and the ID of its primary interface.
func launchOne(t testing.TB, e *emulator.Emulator, parameters string) (id, primary string) {
	t.Helper()
	v := must(t, e, "RunInstances", aLaunch+parameters).all("instancesSet/item")[0]
	return v.text("instanceId"), v.all("networkInterfaceSet/item")[0].text("networkInterfaceId")
}

func describeOne(t testing.TB, e *emulator.Emulator, id string) node {
	t.Helper()
	return must(t, e, "DescribeInstances", "InstanceId.1="+id).all("reservationSet/item/instancesSet/item")[0]
}

// wantTexts compares the texts at some paths. "-" means that there is no such element.
func wantTexts(t *testing.T, of node, want map[string]string) {
	t.Helper()
	for path, text := range want {
		got := "-"
		if texts := of.texts(path); texts != nil {
			got = strings.Join(texts, " ")
		}
		if got != text {
			t.Errorf("%s is %q, want %q", path, got, text)
		}
	}
}

// An instance of a topology file has what its interfaces and its type say, and what every
// instance has.
func TestInstanceOfTopology(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, func(o *emulator.Options) {
		o.Topology.Instances[1] = topology.Instance{
			ID: instance(100), InstanceType: "c5.18xlarge", State: "stopped", ImageID: anImage, KeyName: "key", LaunchTime: launchTime,
			IAMInstanceProfile: "arn:aws:iam::123456789012:instance-profile/sensors/web", AvailabilityZone: "us-east-1b", Tags: map[string]string{"Name": "web"},
		}
		o.Topology.Instances = append(o.Topology.Instances, topology.Instance{ID: instance(300), AvailabilityZone: "us-east-1b"})
	})
	wantTexts(t, describeOne(t, e, instance(100)), map[string]string{
		"imageId": anImage, "keyName": "key", "launchTime": "2026-04-01T12:00:00.000Z", "instanceState/code": "80", "instanceState/name": "stopped",
		"iamInstanceProfile/arn": "arn:aws:iam::123456789012:instance-profile/sensors/web", "tagSet/item/key": "Name", "tagSet/item/value": "web",
		"placement/availabilityZone": "us-east-1a", "placement/availabilityZoneId": "use1-az1", "placement/tenancy": "default", "placement/groupName": "",
		"subnetId": worldSubnet, "vpcId": "vpc-00000000000000001", "architecture": "x86_64", "hypervisor": "xen", "virtualizationType": "hvm",
		"rootDeviceName": "/dev/xvda", "rootDeviceType": "ebs", "blockDeviceMapping": "", "monitoring/state": "disabled", "sourceDestCheck": "true",
		"cpuOptions/coreCount": "36", "cpuOptions/threadsPerCore": "2", "enaSupport": "true", "ebsOptimized": "false", "amiLaunchIndex": "0",
		"networkInterfaceSet/item/networkInterfaceId": eniLargeTarget, "networkInterfaceSet/item/attachment/attachTime": "2026-04-01T12:00:00.000Z",
	})
	first := describeOne(t, e, instance(1))
	wantTexts(t, first, map[string]string{
		"privateIpAddress": "10.0.1.1", "privateDnsName": "ip-10-0-1-1.ec2.internal", "dnsName": "", "groupSet/item/groupName": "default",
	})
	if got := len(first.all("networkInterfaceSet/item")); got != 20 {
		t.Errorf("the instance has %d interfaces, want 20", got)
	}
	stands := "A0150: the launch time that stands in"
	for _, path := range []string{"launchTime", "usageOperationUpdateTime"} {
		if got := first.text(path); got != "2025-01-01T00:00:00.000Z" {
			t.Errorf("%s: %s is %q", stands, path, got)
		}
	}
	image := first.text("imageId")
	if !strings.HasPrefix(image, "ami-") || image == describeOne(t, e, instance(101)).text("imageId") {
		t.Errorf("A0150: the image is %q, want one of its own", image)
	}
	wantTexts(t, describeOne(t, e, instance(300)), map[string]string{
		"placement/availabilityZone": "us-east-1b", "instanceType": "-", "subnetId": "-", "vpcId": "-", "privateIpAddress": "-", "networkInterfaceSet": "", "cpuOptions": "-",
	})
	wantTexts(t, describeOne(t, e, instance(107)), map[string]string{"hypervisor": "-"})
}

// What a topology file says of an instance again takes the place of what a client changed;
// what it has no key for, stays.
func TestInstanceLoadedAgain(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	id := instance(100)
	must(t, e, "StopInstances", "InstanceId.1="+id)
	must(t, e, "MonitorInstances", "InstanceId.1="+id)
	must(t, e, "CreateTags", "ResourceId.1="+id+"&Tag.1.Key=mine&Tag.1.Value=v")
	body := fmt.Sprintf(`{"instances": [{"id": %q, "instance_type": "m5.large", "tags": {"its": "v"}}]}`, id)
	if w := control(e, "PUT", "/_emulator/topology", body, "127.0.0.1:1", "127.0.0.1"); w.Code != 200 {
		t.Fatalf("topology: %d %s", w.Code, w.Body)
	}
	wantTexts(t, describeOne(t, e, id), map[string]string{
		"instanceState/name": "running", "instanceType": "m5.large", "monitoring/state": "enabled", "tagSet/item/key": "its mine", "reason": "", "stateReason": "-",
	})
}

// documentedFilters are the filters that the model of the API documents for
// DescribeInstances, other than tag:KEY
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html).
var documentedFilters = strings.Fields(`
	affinity architecture availability-zone availability-zone-id block-device-mapping.attach-time
	block-device-mapping.delete-on-termination block-device-mapping.device-name block-device-mapping.status
	block-device-mapping.volume-id boot-mode capacity-reservation-id
	capacity-reservation-specification.capacity-reservation-preference
	capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id
	capacity-reservation-specification.capacity-reservation-target.capacity-reservation-resource-group-arn
	client-token current-instance-boot-mode dns-name ebs-optimized ena-support enclave-options.enabled
	hibernation-options.configured host-id hypervisor iam-instance-profile.arn iam-instance-profile.id image-id
	instance-id instance-lifecycle instance-state-code instance-state-name instance-type instance.group-id
	instance.group-name ip-address ipv6-address kernel-id key-name launch-index launch-time
	maintenance-options.auto-recovery metadata-options.http-endpoint metadata-options.http-protocol-ipv4
	metadata-options.http-protocol-ipv6 metadata-options.http-put-response-hop-limit metadata-options.http-tokens
	metadata-options.instance-metadata-tags metadata-options.state monitoring-state
	network-performance-options.bandwidth-weighting operator.managed operator.principal outpost-arn owner-id
	placement-group-name placement-partition-number platform platform-details private-dns-name
	private-dns-name-options.enable-resource-name-dns-a-record
	private-dns-name-options.enable-resource-name-dns-aaaa-record private-dns-name-options.hostname-type
	private-ip-address product-code product-code.type ramdisk-id reason requester-id reservation-id
	root-device-name root-device-type source-dest-check spot-instance-request-id state-reason-code
	state-reason-message subnet-id tag-key tenancy tpm-support usage-operation usage-operation-update-time
	virtualization-type vpc-id`)

var documentedInterfaceFilters = strings.Fields(`
	addresses.association.allocation-id addresses.association.association-id addresses.association.carrier-ip
	addresses.association.customer-owned-ip addresses.association.ip-owner-id addresses.association.public-dns-name
	addresses.association.public-ip addresses.primary addresses.private-dns-name addresses.private-ip-address
	association.allocation-id association.association-id association.carrier-ip association.customer-owned-ip
	association.ip-owner-id association.public-dns-name association.public-ip attachment.attach-time
	attachment.attachment-id attachment.delete-on-termination attachment.device-index attachment.instance-id
	attachment.instance-owner-id attachment.network-card-index attachment.status availability-zone
	deny-all-igw-traffic description group-id group-name ipv4-prefixes.ipv4-prefix ipv6-address
	ipv6-addresses.ipv6-address ipv6-addresses.is-primary-ipv6 ipv6-native ipv6-prefixes.ipv6-prefix mac-address
	network-interface-id operator.managed operator.principal outpost-arn owner-id private-dns-name
	private-ip-address public-dns-name requester-id requester-managed status source-dest-check subnet-id tag-key
	tag-value vpc-id`)

// Every documented filter is accepted. Each one on what an instance has finds the instance
// by the value that its description shows, and does not find it by another.
func TestInstanceFilters(t *testing.T) {
	t.Parallel()
	e := newEmulator(t, func(o *emulator.Options) { o.Now = func() time.Time { return launchTime } })
	id, primary := launchOne(t, e, "&KeyName=key&ClientToken=token&IamInstanceProfile.Arn=arn:aws:iam::123456789012:instance-profile/web"+
		"&Placement.GroupName=group&Placement.PartitionNumber=2&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v"+
		"&TagSpecification.2.ResourceType=network-interface&TagSpecification.2.Tag.1.Key=ik&TagSpecification.2.Tag.1.Value=iv&PrivateIpAddress=10.0.1.200")
	must(t, e, "ModifyVpcAttribute", "VpcId=vpc-00000000000000001&EnableDnsHostnames.Value=true")
	must(t, e, "StopInstances", "InstanceId.1="+id)
	v := describeOne(t, e, id)
	i := v.all("networkInterfaceSet/item")[0]
	values := map[string]string{
		"tag:k": "v", "tag-key": "k", "instance-id": id, "instance-state-code": "80", "instance-state-name": "stopped", "monitoring-state": "disabled",
		"availability-zone": "us-east-1a", "availability-zone-id": "use1-az1", "image-id": anImage, "instance-type": "m5.large", "key-name": "key",
		"client-token": "token", "iam-instance-profile.arn": "arn:aws:iam::123456789012:instance-profile/web", "iam-instance-profile.id": v.text("iamInstanceProfile/id"),
		"vpc-id": "vpc-00000000000000001", "subnet-id": worldSubnet, "private-ip-address": "10.0.1.200", "private-dns-name": "ip-10-0-1-200.ec2.internal",
		"placement-group-name": "group", "placement-partition-number": "2", "tenancy": "default", "architecture": "x86_64", "launch-index": "0",
		"launch-time": "2026-04-01T12:00:00.000Z", "usage-operation-update-time": "2026-04-01T12:00:00.000Z", "usage-operation": "RunInstances",
		"reservation-id": must(t, e, "DescribeInstances", "InstanceId.1="+id).text("reservationSet/item/reservationId"), "owner-id": "123456789012",
		"state-reason-code": "Client.UserInitiatedShutdown", "state-reason-message": "Client.UserInitiatedShutdown: User initiated shutdown",
		"reason": "User initiated (2026-04-01 12:00:00 GMT)", "root-device-name": "/dev/xvda", "root-device-type": "ebs", "source-dest-check": "true",
		"block-device-mapping.volume-id": v.text("blockDeviceMapping/item/ebs/volumeId"), "block-device-mapping.device-name": "/dev/xvda",
		"block-device-mapping.status": "attached", "block-device-mapping.delete-on-termination": "true", "block-device-mapping.attach-time": "2026-04-01T12:00:00.000Z",
		"capacity-reservation-specification.capacity-reservation-preference": "open", "current-instance-boot-mode": "legacy-bios", "ebs-optimized": "false",
		"ena-support": "true", "enclave-options.enabled": "false", "hibernation-options.configured": "false", "hypervisor": "xen",
		"instance.group-id": i.text("groupSet/item/groupId"), "instance.group-name": "default", "maintenance-options.auto-recovery": "default",
		"metadata-options.http-endpoint": "enabled", "metadata-options.http-protocol-ipv4": "enabled", "metadata-options.http-protocol-ipv6": "disabled",
		"metadata-options.http-put-response-hop-limit": "1", "metadata-options.http-tokens": "optional", "metadata-options.instance-metadata-tags": "disabled",
		"metadata-options.state": "applied", "network-performance-options.bandwidth-weighting": "default", "operator.managed": "false",
		"platform-details": "Linux/UNIX", "private-dns-name-options.enable-resource-name-dns-a-record": "false",
		"private-dns-name-options.enable-resource-name-dns-aaaa-record": "false", "private-dns-name-options.hostname-type": "ip-name", "virtualization-type": "hvm",
		"network-interface.network-interface-id": primary, "network-interface.mac-address": i.text("macAddress"), "network-interface.attachment.attachment-id": i.text("attachment/attachmentId"),
		"network-interface.attachment.device-index": "0", "network-interface.attachment.instance-id": id, "network-interface.attachment.status": "attached",
		"network-interface.attachment.attach-time": "2026-04-01T12:00:00.000Z", "network-interface.attachment.delete-on-termination": "true",
		"network-interface.attachment.instance-owner-id": "123456789012", "network-interface.attachment.network-card-index": "0",
		"network-interface.addresses.primary": "true", "network-interface.addresses.private-dns-name": "ip-10-0-1-200.ec2.internal",
		"network-interface.addresses.private-ip-address": "10.0.1.200", "network-interface.availability-zone": "us-east-1a",
		"network-interface.group-id": i.text("groupSet/item/groupId"), "network-interface.group-name": "default", "network-interface.ipv6-native": "false",
		"network-interface.operator.managed": "false", "network-interface.owner-id": "123456789012", "network-interface.private-dns-name": "ip-10-0-1-200.ec2.internal",
		"network-interface.private-ip-address": "10.0.1.200", "network-interface.requester-managed": "false", "network-interface.status": "in-use",
		"network-interface.source-dest-check": "true", "network-interface.subnet-id": worldSubnet, "network-interface.tag-key": "ik", "network-interface.tag-value": "iv",
		"network-interface.vpc-id": "vpc-00000000000000001",
	}
	for name, value := range values {
		if got := must(t, e, "DescribeInstances", filterBy(name, value)).texts(inInstance + "instanceId"); !slices.Contains(got, id) {
			t.Errorf("%s=%s finds %q, want %s among them", name, value, got, id)
		}
	}
	names := append([]string{"tag:k"}, documentedFilters...)
	for _, name := range documentedInterfaceFilters {
		names = append(names, "network-interface."+name)
	}
	for name := range values {
		if !slices.Contains(names, name) {
			t.Errorf("%s is not documented", name)
		}
	}
	for _, name := range names {
		if got := must(t, e, "DescribeInstances", filterBy(name, "no value has this")).texts(inInstance + "instanceId"); got != nil {
			t.Errorf("%s finds %q by a value that nothing has", name, got)
		}
	}
	refused(t, e, "DescribeInstances", filterBy("colour", "red"), "InvalidParameterValue")
}

// Filters on addresses find instances by any of their addresses where they say so.
func TestInstanceFiltersOnAddresses(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	for _, test := range []struct {
		name, value string
		want        []string
	}{
		{"private-ip-address", "10.0.1.1", []string{instance(1)}},
		{"private-ip-address", "10.0.1.2", nil}, // of an interface that is not the primary one
		{"network-interface.addresses.private-ip-address", "10.0.1.2", []string{instance(1)}},
		{"network-interface.network-interface-id", eni(2), []string{instance(1)}},
		{"network-interface.network-interface-id", eniRDS, nil},
		{"instance-type", "m5.*", []string{instance(1), instance(107)}},
		{"subnet-id", "subnet-00000000000000006", nil},
	} {
		if got := must(t, e, "DescribeInstances", filterBy(test.name, test.value)).texts(inInstance + "instanceId"); !slices.Equal(got, test.want) {
			t.Errorf("%s=%s finds %q, want %q", test.name, test.value, got, test.want)
		}
	}
}

// The instances of a launch are in one reservation, of which a filter finds a part, and
// which a page does not divide.
func TestReservations(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	launch := must(t, e, "RunInstances", "ImageId="+anImage+"&InstanceType=m5.large&MinCount=2&MaxCount=3&SubnetId="+worldSubnet)
	id, all := launch.text("reservationId"), launch.texts("instancesSet/item/instanceId")
	if len(all) != 3 || !slices.IsSorted(all) {
		t.Fatalf("the launch has the instances %q, want three", all)
	}
	if got := launch.texts("instancesSet/item/amiLaunchIndex"); !slices.Equal(got, []string{"0", "1", "2"}) {
		t.Errorf("their launch indexes are %q", got)
	}
	for name, test := range map[string]struct {
		parameters string
		want       []string
	}{
		"by reservation":       {filterBy("reservation-id", id), all},
		"by launch index":      {filterBy("reservation-id", id, "launch-index", "1"), all[1:2]},
		"by launch index only": {filterBy("launch-index", "2"), all[2:]},
		"by instance":          {"InstanceId.1=" + all[2], all[2:]},
		"by instances":         {"InstanceId.1=" + all[2] + "&InstanceId.2=" + all[0], []string{all[0], all[2]}},
	} {
		found := must(t, e, "DescribeInstances", test.parameters)
		if got := found.texts(inInstance + "instanceId"); !slices.Equal(got, test.want) || len(found.all("reservationSet/item")) != 1 {
			t.Errorf("%s: %d reservations with %q, want one with %q", name, len(found.all("reservationSet/item")), got, test.want)
		}
	}
	const pages = "A0157: a page"
	var seen []string
	for token, n := "", 0; ; n++ {
		page := must(t, e, "DescribeInstances", "MaxResults=5"+token)
		if got := len(page.all("reservationSet/item")); got > 5 || n > 2 {
			t.Fatalf("%s has %d reservations", pages, got)
		}
		seen = append(seen, page.texts(inInstance+"instanceId")...)
		if page.text("nextToken") == "" {
			break
		}
		token = "&NextToken=" + page.text("nextToken")
	}
	whole := must(t, e, "DescribeInstances", "").texts(inInstance + "instanceId")
	if len(seen) != 8 || !slices.Equal(seen, whole) {
		t.Errorf("%s after another shows %q, want %q", pages, seen, whole)
	}
}

// The instances of a store that knew less of them are described like others, with their
// interfaces; a dump without volumes is loaded.
func TestInstanceOfOldStore(t *testing.T) {
	t.Parallel()
	old := mustNew(t, emulator.Options{Path: oldStore(t)})
	if got := must(t, old, "DescribeInstances", filterBy("network-interface.network-interface-id", eni(1))).texts(inInstance + "instanceId"); !slices.Equal(got, []string{instance(1)}) {
		t.Errorf("the instance of an interface is %q", got)
	}
	must(t, old, "StopInstances", "InstanceId.1="+instance(1))

	text, err := os.ReadFile("testdata/store-1.json")
	fatal(t, err)
	dump := strings.Replace(string(text), `"volumes": {},`, "", 1)
	loaded := emptyEmulator(t)
	fatal(t, loaded.Load(t.Context(), strings.NewReader(dump)))
	wantTexts(t, describeOne(t, loaded, instance(1)), map[string]string{"instanceType": "m5.large", "networkInterfaceSet/item/networkInterfaceId": eni(1)})
}

// What a launch stores is in a dump, and the same when it is loaded.
func TestInstanceDump(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	id, _ := launchOne(t, e, "&UserData=aGVsbG8=&DisableApiStop=true&MetadataOptions.HttpTokens=required&TagSpecification.1.ResourceType=volume&TagSpecification.1.Tag.1.Key=k")
	dump := dumpOf(t, e)
	loaded := emptyEmulator(t)
	fatal(t, loaded.Load(t.Context(), strings.NewReader(dump)))
	if dumpOf(t, loaded) != dump {
		t.Error("the dump of what was loaded is another one")
	}
	for _, request := range []string{"DescribeInstances", "DescribeVolumes", "DescribeInstanceStatus"} {
		if got, want := fmt.Sprint(must(t, loaded, request, "").Nodes[1:]), fmt.Sprint(must(t, e, request, "").Nodes[1:]); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", request, got, want)
		}
	}
	refused(t, loaded, "StopInstances", "InstanceId.1="+id, "OperationNotPermitted")
}
