package emulator_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// What a launch asks for is there, and given back.
func TestRunInstances(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	group := makeGroup(t, e, worldVPC, "sensors")
	answer := must(t, e, "RunInstances", aLaunch+"&KeyName=key&UserData=aGVsbG8=&PrivateIpAddress=10.0.1.200&SecurityGroupId.1="+group+
		"&Monitoring.Enabled=true&EbsOptimized=true&DisableApiTermination=true&InstanceInitiatedShutdownBehavior=terminate&IamInstanceProfile.Name=web"+
		"&MetadataOptions.HttpTokens=required&MetadataOptions.HttpPutResponseHopLimit=2&MaintenanceOptions.AutoRecovery=disabled&CpuOptions.CoreCount=1&CpuOptions.ThreadsPerCore=1"+
		"&EnclaveOptions.Enabled=true&PrivateDnsNameOptions.HostnameType=resource-name&BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.VolumeSize=20"+
		"&BlockDeviceMapping.1.Ebs.VolumeType=gp3&BlockDeviceMapping.2.DeviceName=/dev/sdf&BlockDeviceMapping.2.Ebs.VolumeSize=5&BlockDeviceMapping.2.Ebs.DeleteOnTermination=false"+
		"&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=i&TagSpecification.2.ResourceType=volume&TagSpecification.2.Tag.1.Key=v"+
		"&TagSpecification.3.ResourceType=network-interface&TagSpecification.3.Tag.1.Key=n")
	v := answer.all("instancesSet/item")[0]
	wantTexts(t, v, map[string]string{"instanceState/name": "pending", "stateReason/code": "pending", "privateIpAddress": "10.0.1.200"})
	id := v.text("instanceId")
	wantTexts(t, describeOne(t, e, id), map[string]string{
		"instanceState/name": "running", "stateReason": "-", "imageId": anImage, "instanceType": "m5.large", "keyName": "key", "privateIpAddress": "10.0.1.200",
		"subnetId": worldSubnet, "vpcId": "vpc-00000000000000001", "groupSet/item/groupId": group, "monitoring/state": "enabled",
		"ebsOptimized": "true", "iamInstanceProfile/arn": "arn:aws:iam::123456789012:instance-profile/web", "metadataOptions/httpTokens": "required",
		"metadataOptions/httpPutResponseHopLimit": "2", "maintenanceOptions/autoRecovery": "disabled", "cpuOptions/coreCount": "1", "cpuOptions/threadsPerCore": "1",
		"enclaveOptions/enabled": "true", "privateDnsName": id + ".ec2.internal", "privateDnsNameOptions/hostnameType": "resource-name", "tagSet/item/key": "i",
		"blockDeviceMapping/item/deviceName": "/dev/sdf /dev/xvda", "blockDeviceMapping/item/ebs/deleteOnTermination": "false true",
		"networkInterfaceSet/item/attachment/deleteOnTermination": "true", "networkInterfaceSet/item/status": "in-use",
	})
	root := must(t, e, "DescribeVolumes", filterBy("attachment.instance-id", id, "attachment.device", "/dev/xvda")).all("volumeSet/item")[0]
	wantTexts(t, root, map[string]string{"size": "20", "volumeType": "gp3", "iops": "3000", "throughput": "125", "status": "in-use", "tagSet/item/key": "v", "attachmentSet/item/instanceId": id})
	wantTexts(t, must(t, e, "DescribeNetworkInterfaces", filterBy("attachment.instance-id", id)).all("networkInterfaceSet/item")[0], map[string]string{"tagSet/item/key": "n"})
	for attribute, want := range map[string]string{
		"userData": "aGVsbG8=", "disableApiTermination": "true", "disableApiStop": "false", "instanceInitiatedShutdownBehavior": "terminate",
		"instanceType": "m5.large", "rootDeviceName": "/dev/xvda", "sourceDestCheck": "true", "ebsOptimized": "true", "enaSupport": "true",
	} {
		got := must(t, e, "DescribeInstanceAttribute", "InstanceId="+id+"&Attribute="+attribute)
		wantTexts(t, got, map[string]string{attribute + "/value": want})
	}
	images := must(t, e, "DescribeImages", "ImageId.1="+anImage)
	wantTexts(t, images, map[string]string{"imagesSet/item/rootDeviceName": "/dev/xvda", "imagesSet/item/imageState": "available"})
}

// A launch attaches the interfaces that exist, and makes the others.
func TestRunInstances_interfaces(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	own := must(t, e, "CreateNetworkInterface", "SubnetId="+worldSubnet).text("networkInterface/networkInterfaceId")
	id := must(t, e, "RunInstances", oneLaunch+"&NetworkInterface.1.DeviceIndex=1&NetworkInterface.1.SubnetId="+worldSubnet+"&NetworkInterface.1.Description=made"+
		"&NetworkInterface.1.PrivateIpAddresses.1.PrivateIpAddress=10.0.1.201&NetworkInterface.1.PrivateIpAddresses.1.Primary=true"+
		"&NetworkInterface.1.SecondaryPrivateIpAddressCount=2&NetworkInterface.1.SecurityGroupId.1="+makeGroup(t, e, worldVPC, "sensors")+
		"&NetworkInterface.2.DeviceIndex=0&NetworkInterface.2.NetworkInterfaceId="+own).text("instancesSet/item/instanceId")
	v := describeOne(t, e, id)
	wantTexts(t, v, map[string]string{
		"networkInterfaceSet/item/attachment/deviceIndex": "0 1", "networkInterfaceSet/item/attachment/deleteOnTermination": "false true",
		"networkInterfaceSet/item/description": " made",
	})
	list := v.all("networkInterfaceSet/item")
	if got := list[0].text("networkInterfaceId"); got != own {
		t.Errorf("the primary interface is %s, want %s", got, own)
	}
	if got := list[1].texts("privateIpAddressesSet/item/privateIpAddress"); len(got) != 3 || got[0] != "10.0.1.201" {
		t.Errorf("the addresses are %q, want 10.0.1.201 and two more", got)
	}
	refused(t, e, "RunInstances", oneLaunch+"&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.NetworkInterfaceId="+own, "InvalidNetworkInterface.InUse")

	must(t, e, "TerminateInstances", "InstanceId.1="+id)
	wantTexts(t, must(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+own), map[string]string{"networkInterfaceSet/item/status": "available"})
	refused(t, e, "DescribeNetworkInterfaces", "NetworkInterfaceId.1="+list[1].text("networkInterfaceId"), assumed("A0154", "InvalidNetworkInterfaceID.NotFound"))
}

func TestRunInstances_refused(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	far := must(t, e, "CreateSubnet", "VpcId=vpc-00000000000000001&CidrBlock=10.0.7.0/28&AvailabilityZone=us-east-1b").text("subnet/subnetId")
	counted := func(least, most string) string {
		return "ImageId=" + anImage + "&InstanceType=m5.large&SubnetId=" + worldSubnet + "&MinCount=" + least + "&MaxCount=" + most
	}
	device := func(n, index int, rest string) string {
		return fmt.Sprintf("&NetworkInterface.%d.DeviceIndex=%d&NetworkInterface.%d.%s", n, index, n, rest)
	}
	before := len(must(t, e, "DescribeNetworkInterfaces", "").all("networkInterfaceSet/item"))
	for parameters, code := range map[string]string{
		"MinCount=1&MaxCount=1&SubnetId=" + worldSubnet:               "MissingParameter",
		"ImageId=ami-1&MinCount=1&MaxCount=1&SubnetId=" + worldSubnet: "InvalidAMIID.Malformed",
		"ImageId=" + anImage + "&MaxCount=1&SubnetId=" + worldSubnet:  "MissingParameter",
		counted("0", "1"):     assumed("A0154", "InvalidParameterValue"),
		counted("2", "1"):     assumed("A0154", "InvalidParameterValue"),
		counted("101", "101"): assumed("A0155", "InstanceLimitExceeded"),
		strings.Replace(aLaunch, "m5.large", "m5.tiny", 1): "InvalidParameterValue",
		oneLaunch:                                                                                                    "VPCIdNotSpecified",
		oneLaunch + "&SecurityGroup.1=web":                                                                           "VPCIdNotSpecified",
		oneLaunch + "&SecurityGroup.1=default":                                                                       "VPCIdNotSpecified",
		aLaunch + "&SecurityGroup.1=default":                                                                         "InvalidParameterCombination",
		oneLaunch + "&SubnetId=subnet-0123456789abcdef0":                                                             "InvalidSubnetID.NotFound",
		oneLaunch + "&SubnetId=subnet-x":                                                                             "InvalidSubnetID.Malformed",
		aLaunch + "&Placement.AvailabilityZone=us-east-1b":                                                           assumed("A0154", "InvalidParameterValue"),
		aLaunch + "&PrivateIpAddress=10.0.1.9":                                                                       "InvalidIPAddress.InUse",
		aLaunch + "&PrivateIpAddress=10.0.9.1":                                                                       "InvalidParameterValue",
		counted("2", "2") + "&PrivateIpAddress=10.0.1.200":                                                           assumed("A0154", "InvalidParameterCombination"),
		aLaunch + "&UserData=%":                                                                                      "InvalidUserData.Malformed",
		aLaunch + "&UserData=" + strings.Repeat("AAAA", 5462):                                                        "InvalidParameterValue",
		aLaunch + "&CreditSpecification.CpuCredits=standard":                                                         "InvalidParameterCombination",
		aLaunch + "&IamInstanceProfile.Name=a&IamInstanceProfile.Arn=b":                                              "InvalidParameterCombination",
		aLaunch + "&MetadataOptions.HttpPutResponseHopLimit=65":                                                      "InvalidParameterValue",
		aLaunch + "&MetadataOptions.HttpTokens=never":                                                                "InvalidParameterValue",
		aLaunch + "&TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=k":                              "InvalidParameterValue",
		aLaunch + "&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=aws:k":                     "InvalidTagKey.Malformed",
		aLaunch + "&BlockDeviceMapping.1.DeviceName=/dev/sdf":                                                        "MissingParameter",
		aLaunch + "&LaunchTemplate.LaunchTemplateId=lt-1":                                                            "UnknownParameter",
		aLaunch + "&DryRun=true":                                                                                     "DryRunOperation",
		aLaunch + device(1, 0, "SubnetId="+worldSubnet):                                                              "InvalidParameterCombination",
		oneLaunch + "&SecurityGroupId.1=sg-00000000000000001" + device(1, 0, "SubnetId="+worldSubnet):                "InvalidParameterCombination",
		oneLaunch + "&PrivateIpAddress=10.0.1.200" + device(1, 0, "SubnetId="+worldSubnet):                           "InvalidParameterCombination",
		oneLaunch + "&NetworkInterface.1.SubnetId=" + worldSubnet:                                                    "MissingParameter",
		oneLaunch + device(1, 1, "SubnetId="+worldSubnet):                                                            assumed("A0154", "InvalidParameterValue"),
		oneLaunch + device(1, 0, "SubnetId="+worldSubnet) + device(2, 0, "SubnetId="+worldSubnet):                    assumed("A0154", "InvalidParameterValue"),
		oneLaunch + device(1, 0, "SubnetId="+worldSubnet) + device(2, 1, "SubnetId="+far):                            assumed("A0154", "InvalidParameterCombination"),
		oneLaunch + device(1, 0, "SubnetId="+worldSubnet) + device(2, 1, "NetworkInterfaceId="+eniRDS):               "OperationNotPermitted",
		oneLaunch + device(1, 0, "NetworkInterfaceId="+eniGone):                                                      "InvalidNetworkInterfaceID.NotFound",
		oneLaunch + device(1, 0, "NetworkInterfaceId="+eniIPv6Only) + "&NetworkInterface.1.DeleteOnTermination=true": "InvalidParameterCombination",
		oneLaunch + device(1, 0, "NetworkInterfaceId="+eniIPv6Only) + "&NetworkInterface.1.Description=d":            "InvalidParameterCombination",
		oneLaunch + device(1, 0, "AssociatePublicIpAddress=true"):                                                    "UnsupportedOperation",
	} {
		refused(t, e, "RunInstances", parameters, code)
	}
	if after := len(must(t, e, "DescribeNetworkInterfaces", "").all("networkInterfaceSet/item")); after != before {
		t.Errorf("there are %d interfaces, before the launches that failed %d", after, before)
	}
}

// A launch takes what the subnet has, if that is as many as it needs at least.
func TestRunInstances_fewAddresses(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	small := must(t, e, "CreateSubnet", "VpcId=vpc-00000000000000001&CidrBlock=10.0.7.0/28").text("subnet/subnetId") // 11 addresses
	launch := func(least, most int) string {
		return fmt.Sprintf("ImageId=%s&InstanceType=m5.large&SubnetId=%s&MinCount=%d&MaxCount=%d", anImage, small, least, most)
	}
	refused(t, e, "RunInstances", launch(12, 12), "InsufficientFreeAddressesInSubnet")
	if got := must(t, e, "RunInstances", launch(3, 50)).all("instancesSet/item"); len(got) != 11 {
		t.Errorf("%d instances were launched, want one for each of the 11 addresses", len(got))
	}
	refused(t, e, "RunInstances", launch(1, 1), "InsufficientFreeAddressesInSubnet")
}

// A launch that is repeated with its client token, also at the same time, launches nothing
// more, and answers with the state of now.
func TestRunInstances_clientToken(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	repeated := strings.Replace(aLaunch, "MaxCount=1", "MaxCount=2", 1) + "&ClientToken=token"
	var mu sync.Mutex
	var ids []string
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			got := must(inGoroutine(t), e, "RunInstances", repeated).texts("instancesSet/item/instanceId")
			mu.Lock()
			defer mu.Unlock()
			ids = append(ids, got...)
		})
	}
	wg.Wait()
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) != 2 {
		t.Errorf("four requests with one token launched %q, want two instances", ids)
	}
	must(t, e, "StopInstances", "InstanceId.1="+ids[0])
	if got := must(t, e, "RunInstances", repeated).texts("instancesSet/item/instanceState/name"); !slices.Equal(got, []string{"stopped", "running"}) {
		t.Errorf("the answer to the repeated launch has the states %q", got)
	}
	refused(t, e, "RunInstances", repeated+"&KeyName=other", "IdempotentParameterMismatch")
}

// A key pair, a placement group and a profile need not be made before.
func TestRunInstances_standIns(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	refused(t, e, "RunInstances", aLaunch+"&KeyName=k&Placement.GroupName=g&IamInstanceProfile.Name=p", assumed("A0156", ""))
	refused(t, e, "DescribeImages", "ImageId.1=ami-0123456789abcdef0", assumed("A0151", ""))
	refused(t, e, "DescribeImages", filterBy("name", "amzn2-*"), assumed("A0151", "InvalidParameterValue"))
	refused(t, e, "DescribeImages", "ImageId.1=ami-x", "InvalidAMIID.Malformed")
}
