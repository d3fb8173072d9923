package emulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// Each action on an instance in each state: the states in the answer, or the code of the
// error, and the state that the next request reads.
func TestInstanceStates(t *testing.T) {
	t.Parallel()
	const wrong = "IncorrectInstanceState"
	for _, test := range []struct {
		state, action string
		during, after string // "": the error
		code          string
	}{
		{"running", "StopInstances", "stopping", "stopped", ""},
		{"running", "StartInstances", "running", "running", ""},
		{"running", "RebootInstances", "", "running", ""},
		{"running", "TerminateInstances", "shutting-down", "terminated", ""},
		{"stopped", "StopInstances", "stopped", "stopped", ""},
		{"stopped", "StartInstances", "pending", "running", ""},
		{"stopped", "RebootInstances", "", "stopped", assumed("A0153", wrong)},
		{"stopped", "TerminateInstances", "shutting-down", "terminated", ""},
		{"terminated", "StopInstances", "", "terminated", wrong},
		{"terminated", "StartInstances", "", "terminated", wrong},
		{"terminated", "RebootInstances", "", "terminated", wrong},
		{"terminated", "TerminateInstances", "terminated", "terminated", ""},
		{"terminated", "ModifyInstanceMetadataOptions", "", "terminated", wrong},
	} {
		e := newEmulator(t)
		id, _ := launchOne(t, e, "")
		switch test.state {
		case "stopped":
			must(t, e, "StopInstances", "InstanceId.1="+id)
		case "terminated":
			must(t, e, "TerminateInstances", "InstanceId.1="+id)
		}
		parameter := "InstanceId.1="
		if strings.HasPrefix(test.action, "Modify") {
			parameter = "InstanceId="
		}
		got := call(t, e, test.action, parameter+id)
		want, _, _ := strings.Cut(test.code, " by ")
		if got.code() != want || got.root.text("instancesSet/item/currentState/name") != test.during || test.during != "" && got.root.text("instancesSet/item/previousState/name") != test.state {
			t.Errorf("%s while %s: got %q %v, want %q %q", test.action, test.state, got.code(), got.root.Nodes, want, test.during)
		}
		if now := describeOne(t, e, id).text("instanceState/name"); now != test.after {
			t.Errorf("A0152: after %s while %s the instance is %s, want %s", test.action, test.state, now, test.after)
		}
	}
}

func TestInstanceStates_refused(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	kept, _ := launchOne(t, e, "&DisableApiTermination=true")
	running, _ := launchOne(t, e, "&DisableApiStop=true")
	plain, _ := launchOne(t, e, "")
	for _, action := range []string{"StopInstances", "StartInstances", "RebootInstances", "TerminateInstances", "MonitorInstances", "UnmonitorInstances"} {
		refused(t, e, action, "", "MissingParameter")
		refused(t, e, action, "InstanceId.1=i-x", "InvalidInstanceID.Malformed")
		refused(t, e, action, "InstanceId.1=i-0123456789abcdef0&InstanceId.2="+plain, "InvalidInstanceID.NotFound")
	}
	refused(t, e, "TerminateInstances", "InstanceId.1="+plain+"&InstanceId.2="+kept, "OperationNotPermitted")
	refused(t, e, "StopInstances", "InstanceId.1="+running, "OperationNotPermitted")
	refused(t, e, "TerminateInstances", "InstanceId.1="+running, assumed("A0153", "OperationNotPermitted"))
	refused(t, e, "StopInstances", "Hibernate=true&InstanceId.1="+plain, "UnsupportedHibernationConfiguration")
	wantTexts(t, describeOne(t, e, plain), map[string]string{"instanceState/name": "running"}) // of a request that fails, nothing is done
	must(t, e, "ModifyInstanceAttribute", "InstanceId="+kept+"&DisableApiTermination.Value=false")
	must(t, e, "TerminateInstances", "InstanceId.1="+kept)
}

// A terminated instance is described for an hour, with nothing of its network. Then it is
// gone, with its tags.
func TestTerminatedInstance(t *testing.T) {
	t.Parallel()
	now := launchTime
	e := newEmulator(t, func(o *emulator.Options) { o.Now = func() time.Time { return now } })
	id, primary := launchOne(t, e, "&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=k&BlockDeviceMapping.1.DeviceName=/dev/sdf"+
		"&BlockDeviceMapping.1.Ebs.VolumeSize=5&BlockDeviceMapping.1.Ebs.DeleteOnTermination=false")
	kept := must(t, e, "DescribeVolumes", filterBy("attachment.device", "/dev/sdf")).text("volumeSet/item/volumeId")
	refused(t, e, "DeleteVolume", "VolumeId="+kept, "VolumeInUse")
	must(t, e, "TerminateInstances", "InstanceId.1="+id)
	now = now.Add(time.Hour)
	wantTexts(t, describeOne(t, e, id), map[string]string{
		"instanceState/code": "48", "instanceState/name": "terminated", "stateReason/code": "Client.UserInitiatedShutdown", "reason": "User initiated (2026-04-01 12:00:00 GMT)",
		"placement/availabilityZone": "us-east-1a", "vpcId": "-", "subnetId": "-", "privateIpAddress": "-", "networkInterfaceSet": "", "blockDeviceMapping": "", "tagSet/item/key": "k",
	})
	refused(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+primary, "InvalidNetworkInterfaceID.NotFound")
	wantTexts(t, must(t, e, "DescribeVolumes", ""), map[string]string{"volumeSet/item/volumeId": kept, "volumeSet/item/status": "available"})
	must(t, e, "DeleteVolume", "VolumeId="+kept)
	refused(t, e, "DeleteVolume", "VolumeId="+kept, "InvalidVolume.NotFound")

	now = now.Add(time.Second)
	for _, request := range []struct{ action, parameters string }{
		{"DescribeInstances", "InstanceId.1=" + id}, {"DescribeInstanceStatus", "InstanceId.1=" + id}, {"TerminateInstances", "InstanceId.1=" + id},
		{"DescribeInstanceAttribute", "Attribute=userData&InstanceId=" + id}, {"CreateTags", "ResourceId.1=" + id + "&Tag.1.Key=k"},
	} {
		refused(t, e, request.action, request.parameters, "InvalidInstanceID.NotFound")
	}
	if got := must(t, e, "DescribeInstances", filterBy("instance-state-name", "terminated")).all("reservationSet/item"); got != nil {
		t.Errorf("there is still %v", got)
	}
	if got := must(t, e, "DescribeTags", filterBy("resource-id", id)).all("tagSet/item"); got != nil {
		t.Errorf("its tags are still %v", got)
	}
	if _, next := launchOne(t, e, ""); next == "" || strings.Contains(dumpOf(t, e), id) {
		t.Errorf("the store keeps %s", id)
	}
}

// A session idles while its instance is stopped. It is deleted with the interface that
// is deleted with the instance. A target stays without its interface.
func TestTerminatedInstance_sessions(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	id, primary := launchOne(t, e, "")
	sensor, sink := launchOne(t, e, "")
	second := must(t, e, "CreateNetworkInterface", "SubnetId="+worldSubnet).text("networkInterface/networkInterfaceId")
	must(t, e, "AttachNetworkInterface", "NetworkInterfaceId="+second+"&InstanceId="+id+"&DeviceIndex=1")
	filter, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+sink)
	goes := makeSession(t, e, sessionOn(primary, target, filter, 1)).text("trafficMirrorSessionId")
	stays := makeSession(t, e, sessionOn(second, target, filter, 1)).text("trafficMirrorSessionId")

	must(t, e, "StopInstances", "InstanceId.1="+id)
	must(t, e, "DescribeTrafficMirrorSessions", "TrafficMirrorSessionId.1="+goes)
	must(t, e, "TerminateInstances", "InstanceId.1="+id+"&InstanceId.2="+sensor)
	refused(t, e, "DescribeTrafficMirrorSessions", "TrafficMirrorSessionId.1="+goes, "InvalidTrafficMirrorSessionId.NotFound")
	must(t, e, "DescribeTrafficMirrorSessions", "TrafficMirrorSessionId.1="+stays)
	wantTexts(t, must(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+second), map[string]string{"networkInterfaceSet/item/status": "available", "networkInterfaceSet/item/attachment": "-"})
	wantTexts(t, must(t, e, "DescribeTrafficMirrorTargets", "TrafficMirrorTargetId.1="+target), map[string]string{"trafficMirrorTargetSet/item/networkInterfaceId": sink})
}

// Whether an interface can be mirrored follows the type that its instance has now.
func TestLaunchedSource(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	filter, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+eni(20))
	id, primary := launchOne(t, e, "")
	old := strings.Replace(aLaunch, "m5.large", "t2.micro", 1)
	bad := must(t, e, "RunInstances", old).text("instancesSet/item/networkInterfaceSet/item/networkInterfaceId")
	refused(t, e, "CreateTrafficMirrorSession", sessionOn(bad, target, filter, 1), "NetworkInterfaceNotSupported")
	must(t, e, "CreateTrafficMirrorSession", sessionOn(primary, target, filter, 1))
	must(t, e, "StopInstances", "InstanceId.1="+id)
	must(t, e, "ModifyInstanceAttribute", "InstanceId="+id+"&InstanceType.Value=t2.micro")
	must(t, e, "StartInstances", "InstanceId.1="+id)
	refused(t, e, "CreateTrafficMirrorSession", sessionOn(primary, target, filter, 2), "NetworkInterfaceNotSupported")
	if got := must(t, e, "DescribeTrafficMirrorSessions", filterBy("network-interface-id", primary)).all("trafficMirrorSessionSet/item"); len(got) != 1 {
		t.Errorf("the interface has %d sessions, want the one from before", len(got))
	}
}

// Only running instances have a status, unless all are asked for.
func TestInstanceStatus(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	id, _ := launchOne(t, e, "")
	must(t, e, "StopInstances", "InstanceId.1="+id)
	for name, test := range map[string]struct {
		parameters string
		want       []string
	}{
		"running":     {"", []string{instance(1), instance(100), instance(101), instance(102), instance(107)}},
		"a stopped":   {"InstanceId.1=" + id, nil},
		"all":         {"IncludeAllInstances=true&InstanceId.1=" + id, []string{id}},
		"by check":    {"IncludeAllInstances=true&" + filterBy("instance-status.status", "not-applicable"), []string{id}},
		"by state":    {"IncludeAllInstances=true&" + filterBy("instance-state-code", "80"), []string{id}},
		"by zone":     {filterBy("availability-zone", "us-east-1b"), nil},
		"by event":    {filterBy("event.code", "instance-stop"), nil},
		"one running": {"InstanceId.1=" + instance(1), []string{instance(1)}},
	} {
		if got := must(t, e, "DescribeInstanceStatus", test.parameters).texts("instanceStatusSet/item/instanceId"); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
	status := must(t, e, "DescribeInstanceStatus", "InstanceId.1="+instance(1)).all("instanceStatusSet/item")[0]
	wantTexts(t, status, map[string]string{"instanceState/name": "running", "systemStatus/status": "ok", "instanceStatus/details/item/status": "passed", "availabilityZone": "us-east-1a"})
	refused(t, e, "DescribeInstanceStatus", filterBy("tag:k", "v"), "InvalidParameterValue")
}

// What public automation does on a launch: the event names the instance, whose interfaces
// it reads, and which it mirrors.
func TestLaunchEvent(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	c, ctx := newClient(e), t.Context()
	launched, err := c.RunInstances(ctx, &ec2.RunInstancesInput{
		ImageId: aws.String(anImage), InstanceType: types.InstanceTypeM5Large, MinCount: aws.Int32(1), MaxCount: aws.Int32(1), SubnetId: aws.String(worldSubnet),
		TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeInstance, Tags: []types.Tag{{Key: aws.String("Mirror"), Value: aws.String("true")}}}},
	})
	fatal(t, err)
	event := struct{ InstanceID, State string }{aws.ToString(launched.Instances[0].InstanceId), "running"}

	fatal(t, ec2.NewInstanceRunningWaiter(c).Wait(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{event.InstanceID}}, time.Minute))
	out, err := c.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{event.InstanceID}})
	fatal(t, err)
	v := out.Reservations[0].Instances[0]
	if string(v.State.Name) != event.State || len(v.Tags) != 1 || aws.ToString(v.VpcId) == "" || aws.ToString(v.SubnetId) != worldSubnet {
		t.Fatalf("the instance is %+v", v)
	}
	filter, target := makeFilter(t, e, ""), makeTarget(t, e, "NetworkInterfaceId="+eni(20))
	for n, i := range v.NetworkInterfaces {
		if i.Attachment == nil || aws.ToInt32(i.Attachment.DeviceIndex) != int32(n) || i.Attachment.Status != types.AttachmentStatusAttached || aws.ToString(i.InterfaceType) != "interface" {
			t.Errorf("interface %d is %+v", n, i)
		}
		_, err := c.CreateTrafficMirrorSession(ctx, &ec2.CreateTrafficMirrorSessionInput{
			NetworkInterfaceId: i.NetworkInterfaceId, TrafficMirrorTargetId: aws.String(target), TrafficMirrorFilterId: aws.String(filter), SessionNumber: aws.Int32(int32(n + 1)),
		})
		fatal(t, err)
	}
	_, err = c.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{event.InstanceID}})
	fatal(t, err)
	if left := must(t, e, "DescribeTrafficMirrorSessions", "").all("trafficMirrorSessionSet/item"); left != nil {
		t.Errorf("after the instance was terminated there are %s", fmt.Sprint(left))
	}
}
