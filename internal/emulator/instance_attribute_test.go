package emulator_test

import (
	"testing"
)

// Each attribute is changed alone, by a parameter of its own or by Attribute and Value, and
// read back. Some need an instance that is stopped.
func TestModifyInstanceAttribute(t *testing.T) {
	t.Parallel()
	const stopped = "IncorrectInstanceState"
	e := newEmulator(t)
	for _, test := range []struct {
		attribute, change, want string
		running                 string // the code while the instance runs
	}{
		{"instanceType", "InstanceType.Value=m5.xlarge", "m5.xlarge", stopped},
		{"instanceType", "Attribute=instanceType&Value=t3.micro", "t3.micro", stopped},
		{"userData", "UserData.Value=aGVsbG8=", "aGVsbG8=", stopped},
		{"ebsOptimized", "EbsOptimized.Value=true", "true", stopped},
		{"enaSupport", "EnaSupport.Value=false", "false", stopped},
		{"sourceDestCheck", "SourceDestCheck.Value=false", "false", ""},
		{"sourceDestCheck", "Attribute=sourceDestCheck&Value=false", "false", ""},
		{"disableApiTermination", "DisableApiTermination.Value=true", "true", ""},
		{"disableApiStop", "DisableApiStop.Value=true", "true", ""},
		{"instanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior.Value=terminate", "terminate", ""},
	} {
		id, _ := launchOne(t, e, "")
		refused(t, e, "ModifyInstanceAttribute", "InstanceId="+id+"&"+test.change, test.running)
		if test.running != "" {
			must(t, e, "StopInstances", "InstanceId.1="+id)
			must(t, e, "ModifyInstanceAttribute", "InstanceId="+id+"&"+test.change)
		}
		got := must(t, e, "DescribeInstanceAttribute", "InstanceId="+id+"&Attribute="+test.attribute)
		wantTexts(t, got, map[string]string{"instanceId": id, test.attribute + "/value": test.want})
	}
}

func TestModifyInstanceAttribute_interfaces(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	id, _ := launchOne(t, e, "")
	group := makeGroup(t, e, worldVPC, "sensors")
	must(t, e, "ModifyInstanceAttribute", "InstanceId="+id+"&GroupId.1="+group)
	must(t, e, "ModifyInstanceAttribute", "InstanceId="+id+"&SourceDestCheck.Value=false")
	wantTexts(t, describeOne(t, e, id), map[string]string{
		"groupSet/item/groupId": group, "networkInterfaceSet/item/groupSet/item/groupId": group,
		"sourceDestCheck": "false", "networkInterfaceSet/item/sourceDestCheck": "false",
	})
	wantTexts(t, must(t, e, "DescribeInstanceAttribute", "InstanceId="+id+"&Attribute=groupSet"), map[string]string{"groupSet/item/groupId": group})
	for _, change := range []string{"GroupId.1=" + group, "SourceDestCheck.Value=false"} {
		refused(t, e, "ModifyInstanceAttribute", "InstanceId="+instance(1)+"&"+change, assumed("A0154", "InvalidInstanceID"))
	}
	must(t, e, "ModifyInstanceAttribute", "InstanceId="+id+"&BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.DeleteOnTermination=false")
	wantTexts(t, must(t, e, "DescribeInstanceAttribute", "InstanceId="+id+"&Attribute=blockDeviceMapping"), map[string]string{"blockDeviceMapping/item/ebs/deleteOnTermination": "false"})
}

func TestModifyInstanceAttribute_refused(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	id, _ := launchOne(t, e, "")
	must(t, e, "StopInstances", "InstanceId.1="+id)
	for parameters, code := range map[string]string{
		"InstanceId=" + id: "InvalidParameterCombination",
		"InstanceId=" + id + "&EbsOptimized.Value=true&EnaSupport.Value=true": "InvalidParameterCombination",
		"InstanceId=" + id + "&InstanceType.Value=m5.tiny":                    "InvalidParameterValue",
		"InstanceId=" + id + "&InstanceInitiatedShutdownBehavior.Value=sleep": "InvalidParameterValue",
		"InstanceId=" + id + "&UserData.Value=%":                              "InvalidUserData.Malformed",
		"InstanceId=" + id + "&Attribute=colour&Value=red":                    "InvalidParameterValue",
		"InstanceId=" + id + "&Attribute=rootDeviceName&Value=/dev/sda1":      "InvalidParameterValue",
		"InstanceId=" + id + "&Attribute=instanceType":                        "MissingParameter",
		"InstanceId=" + id + "&BlockDeviceMapping.1.DeviceName=/dev/sdz":      "InvalidInstanceAttributeValue",
		"InstanceId=i-0123456789abcdef0&EbsOptimized.Value=true":              "InvalidInstanceID.NotFound",
		"EbsOptimized.Value=true":                                             "MissingParameter",
	} {
		refused(t, e, "ModifyInstanceAttribute", parameters, code)
	}
	refused(t, e, "DescribeInstanceAttribute", "InstanceId="+id+"&Attribute=colour", "InvalidParameterValue")
	refused(t, e, "DescribeInstanceAttribute", "InstanceId="+id, "MissingParameter")
}

// The options that have actions of their own.
func TestInstanceOptions(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	id, _ := launchOne(t, e, "")
	wantTexts(t, must(t, e, "MonitorInstances", "InstanceId.1="+id), map[string]string{"instancesSet/item/monitoring/state": "pending"})
	wantTexts(t, must(t, e, "ModifyInstanceMetadataOptions", "InstanceId="+id+"&HttpTokens=required&HttpEndpoint=enabled"),
		map[string]string{"instanceMetadataOptions/state": "pending", "instanceMetadataOptions/httpTokens": "required"})
	must(t, e, "ModifyInstanceMetadataOptions", "InstanceId="+id+"&HttpPutResponseHopLimit=3")
	must(t, e, "ModifyInstanceMaintenanceOptions", "InstanceId="+id+"&AutoRecovery=disabled")
	must(t, e, "ModifyInstanceCapacityReservationAttributes", "InstanceId="+id+"&CapacityReservationSpecification.CapacityReservationPreference=none")
	must(t, e, "ModifyPrivateDnsNameOptions", "InstanceId="+id+"&EnableResourceNameDnsARecord=true&PrivateDnsHostnameType=ip-name")
	refused(t, e, "ModifyPrivateDnsNameOptions", "InstanceId="+id+"&PrivateDnsHostnameType=resource-name", "IncorrectInstanceState")
	wantTexts(t, describeOne(t, e, id), map[string]string{
		"monitoring/state": "enabled", "metadataOptions/state": "applied", "metadataOptions/httpTokens": "required", "metadataOptions/httpPutResponseHopLimit": "3",
		"maintenanceOptions/autoRecovery": "disabled", "capacityReservationSpecification/capacityReservationPreference": "none",
		"privateDnsNameOptions/enableResourceNameDnsARecord": "true", "privateDnsNameOptions/hostnameType": "ip-name",
	})
	wantTexts(t, must(t, e, "UnmonitorInstances", "InstanceId.1="+id), map[string]string{"instancesSet/item/monitoring/state": "disabling"})
	wantTexts(t, describeOne(t, e, id), map[string]string{"monitoring/state": "disabled"})
	must(t, e, "StopInstances", "InstanceId.1="+id)
	must(t, e, "ModifyPrivateDnsNameOptions", "InstanceId="+id+"&PrivateDnsHostnameType=resource-name")
	wantTexts(t, describeOne(t, e, id), map[string]string{"privateDnsName": id + ".ec2.internal"})
}

// Burstable instances have a credit option, which can change.
func TestInstanceCredits(t *testing.T) {
	t.Parallel()
	e := newEmulator(t)
	burst := must(t, e, "RunInstances", "ImageId="+anImage+"&InstanceType=t3.micro&MinCount=1&MaxCount=1&SubnetId="+worldSubnet).text("instancesSet/item/instanceId")
	credits := func(parameters string) string {
		return must(t, e, "DescribeInstanceCreditSpecifications", parameters).text("instanceCreditSpecificationSet/item/cpuCredits")
	}
	if got := credits(""); got != "unlimited" {
		t.Errorf("without IDs, the unlimited instances have %q", got)
	}
	if got := credits("InstanceId.1=" + instance(101)); got != "standard" {
		t.Errorf("a T2 instance begins with %q", got)
	}
	wantTexts(t, must(t, e, "ModifyInstanceCreditSpecification", "InstanceCreditSpecification.1.InstanceId="+burst+"&InstanceCreditSpecification.1.CpuCredits=standard"+
		"&InstanceCreditSpecification.2.InstanceId="+instance(1)+"&InstanceCreditSpecification.2.CpuCredits=standard"), map[string]string{
		"successfulInstanceCreditSpecificationSet/item/instanceId": burst, "unsuccessfulInstanceCreditSpecificationSet/item/instanceId": instance(1),
		"unsuccessfulInstanceCreditSpecificationSet/item/error/code": "InstanceCreditSpecification.NotSupported",
	})
	if got := credits("InstanceId.1=" + burst); got != "standard" {
		t.Errorf("after the change it has %q", got)
	}
	refused(t, e, "DescribeInstanceCreditSpecifications", "InstanceId.1="+instance(1), "InvalidParameterCombination")
	refused(t, e, "ModifyInstanceCreditSpecification", "", "MissingParameter")
}
