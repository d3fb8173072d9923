package emulator_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

func describeInterface(t *testing.T, e http.Handler, id string) node {
	t.Helper()
	return must(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+id).all("networkInterfaceSet/item")[0]
}

func attachTo(id string, n, device int) string {
	return fmt.Sprintf("NetworkInterfaceId=%s&InstanceId=%s&DeviceIndex=%d", id, instance(n), device)
}

// devicesOf returns the device indexes of interfaces.
func devicesOf(t *testing.T, e http.Handler, ids ...string) string {
	t.Helper()
	var list []string
	for _, id := range ids {
		list = append(list, describeInterface(t, e, id).text("attachment/deviceIndex"))
	}
	return strings.Join(list, " ")
}

// No two interfaces of an instance have one device index, wherever they come from (A0096).
func TestDeviceIndexes_topology(t *testing.T) {
	t.Parallel()
	o := emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db"), Topology: &topology.File{
		AccountID: topology.DefaultAccountID,
		VPCs:      world().VPCs, Subnets: world().Subnets,
		Instances: []topology.Instance{{ID: instance(1)}, {ID: instance(2)}},
		NetworkInterfaces: []mirror.Interface{
			{ID: eni(5), SubnetID: worldSubnet, InstanceID: instance(1)},
			{ID: eni(4), SubnetID: worldSubnet, InstanceID: instance(1)},
			{ID: eni(3), SubnetID: worldSubnet, InstanceID: instance(1), DeviceIndex: new(0)},
			{ID: eni(2), SubnetID: worldSubnet, InstanceID: instance(2)},
			{ID: eni(1), SubnetID: worldSubnet},
		},
	}}
	e := mustNew(t, o)
	if got := devicesOf(t, e, eni(3), eni(5), eni(4), eni(2), eni(1)); got != "0 1 2 0 " {
		t.Errorf("the device indexes are %q, want those of the file, and the others in its order", got)
	}
	// What is attached stays where it is, except that the file comes first.
	must(t, e, "AttachNetworkInterface", attachTo(eni(1), 1, 3))
	o.Topology.NetworkInterfaces = append([]mirror.Interface{{ID: eni(6), SubnetID: worldSubnet, InstanceID: instance(1)}}, o.Topology.NetworkInterfaces[:4]...)
	o.Topology.NetworkInterfaces[2].DeviceIndex = new(3)
	e = mustNew(t, o)
	if got := devicesOf(t, e, eni(3), eni(5), eni(4), eni(1), eni(6)); got != "0 1 3 2 4" {
		t.Errorf("after another file, the device indexes are %q", got)
	}
}

// A store or a dump of an older program has the device index 0 everywhere.
func TestDeviceIndexes_older(t *testing.T) {
	t.Parallel()
	o := emulator.Options{Path: oldStore(t)}
	old := mustNew(t, o)
	dump := dumpOf(t, old)
	loaded := mustNew(t, emulator.Options{Path: filepath.Join(t.TempDir(), "ec2.db")})
	fatal(t, loaded.Load(t.Context(), strings.NewReader(dump)))
	for name, e := range map[string]http.Handler{"store": old, "dump": loaded} {
		found := must(t, e, "DescribeNetworkInterfaces", filterBy("attachment.instance-id", instance(1))).texts("networkInterfaceSet/item/attachment/deviceIndex")
		if n := len(found); n < 2 || len(slices.Compact(slices.Sorted(slices.Values(found)))) != n {
			t.Errorf("%s: the device indexes of the instance are %v, want each once (A0096)", name, found)
		}
	}
}

// An interface is attached to an instance of its zone, in any VPC. The primary one stays.
func TestAttachments_rules(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 4, 5, 6, 7, 0, time.UTC)
	e := newEmulator(t, func(o *emulator.Options) {
		o.Now = func() time.Time { return now }
		for n, state := range []string{"terminated", "stopped", "pending"} {
			o.Topology.Instances = append(o.Topology.Instances, topology.Instance{ID: instance(200 + n), State: state})
		}
	})
	vpc := must(t, e, "CreateVpc", "CidrBlock=10.9.0.0/16").text("vpc/vpcId")
	create := func(block, zone string) string {
		subnet := must(t, e, "CreateSubnet", "VpcId="+vpc+"&CidrBlock="+block+"&AvailabilityZone="+zone).text("subnet/subnetId")
		return must(t, e, "CreateNetworkInterface", "SubnetId="+subnet).text("networkInterface/networkInterfaceId")
	}
	near, far := create("10.9.1.0/24", "us-east-1a"), create("10.9.2.0/24", "us-east-1c")
	for _, test := range []struct{ parameters, code string }{
		{attachTo(far, 100, 1), assumed("A0171", "InvalidParameterCombination")},
		{attachTo(near, 200, 0), assumed("A0172", "IncorrectState")},
		{attachTo(near, 202, 0), assumed("A0172", "IncorrectState")},
		{attachTo(near, 100, 1) + "&EnaSrdSpecification.EnaSrdEnabled=true", "UnsupportedOperation"},
		{attachTo(near, 100, 1) + "&EnaQueueCount=2", "UnsupportedOperation"},
		{attachTo(near, 100, 0), "InvalidParameterValue"},
		{attachTo(near, 100, 1), ""},
		{attachTo(far, 201, 0), ""},
	} {
		refused(t, e, "AttachNetworkInterface", test.parameters, test.code)
	}
	attachment := describeInterface(t, e, near).all("attachment")[0]
	if got := attachment.text("attachTime"); got != "2026-03-04T05:06:07.000Z" {
		t.Errorf("the interface was attached at %s", got)
	}
	primary := describeInterface(t, e, eniLargeTarget).text("attachment/attachmentId")
	got := call(t, e, "DetachNetworkInterface", "AttachmentId="+primary)
	if got.code() != "OperationNotPermitted" || got.message() != "The network interface at device index 0 and networkCard index 0 cannot be detached." {
		t.Errorf("detaching the primary interface: %q %q", got.code(), got.message())
	}
	must(t, e, "DetachNetworkInterface", "AttachmentId="+attachment.text("attachmentId"))
}

// What a requester manages is attached to something of the requester, and only the
// requester detaches it.
func TestAttachments_requester(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	attachment := describeInterface(t, e, eniRDS).all("attachment")[0]
	for path, want := range map[string]string{
		"instanceId": "", "instanceOwnerId": "amazon-rds", "deviceIndex": "1", "status": "attached", "attachmentId": "ela-attach-" + strings.TrimPrefix(eniRDS, "eni-"),
	} {
		if got := attachment.text(path); got != want {
			t.Errorf("%s is %q, want %q (A0176)", path, got, want)
		}
	}
	got := call(t, e, "DetachNetworkInterface", "AttachmentId="+attachment.text("attachmentId"))
	if got.code() != "OperationNotPermitted" || got.message() != "You are not allowed to manage 'ela-attach' attachments." {
		t.Errorf("detaching it: %q %q", got.code(), got.message())
	}
}
