"""Finds what to mirror in the ways of public automation of traffic mirroring, with boto3, in the network of discovery_test.go.

Each function is one way, with the requests that such programs send, in their order. Each is tried, and what fails is printed.
"""

import sys
import traceback

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


def thing(prefix, n):
    return f"{prefix}-{n:017x}"


def filters(**values):
    return [{"Name": name.replace("_", "-"), "Values": several} for name, several in values.items()]


ec2 = boto3.client(
    "ec2", region_name="us-east-1", endpoint_url=sys.argv[1], aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret",
    config=Config(retries={"total_max_attempts": 1}),
)
VPC, OTHER_VPC, SUBNET, OTHER_SUBNET = thing("vpc", 1), thing("vpc", 2), thing("subnet", 1), thing("subnet", 2)
FLEET = range(1, 13)  # instance n has the interface n
STOPPED, OLD, SENSOR, OTHER_SENSOR, STRANGER = 7, 8, 20, 21, 30
SECOND = 101  # the second interface of instance 1
LOAD_BALANCER, APPLICATION_LOAD_BALANCER, UNATTACHED = 40, 42, 41
IMAGE = thing("ami", 1)


def interfaces(*numbers):
    return {thing("eni", n) for n in numbers}


def instances_of(answer):
    return [instance for reservation in answer["Reservations"] for instance in reservation["Instances"]]


def interfaces_of(instances):
    return {interface["NetworkInterfaceId"] for instance in instances for interface in instance["NetworkInterfaces"]}


def fails_with(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return
    raise AssertionError(f"{call.__name__} is not refused with {code}")


def target_of(n):
    """Returns a target on an interface: the one that exists, or a new one."""
    found = ec2.describe_traffic_mirror_targets(Filters=filters(network_interface_id=[thing("eni", n)]))["TrafficMirrorTargets"]
    return (found or [ec2.create_traffic_mirror_target(NetworkInterfaceId=thing("eni", n))["TrafficMirrorTarget"]])[0]["TrafficMirrorTargetId"]


def filter_of_all():
    made = ec2.create_traffic_mirror_filter()["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    for way in ("ingress", "egress"):
        ec2.create_traffic_mirror_filter_rule(
            TrafficMirrorFilterId=made, TrafficDirection=way, RuleNumber=1, RuleAction="accept", SourceCidrBlock="0.0.0.0/0", DestinationCidrBlock="0.0.0.0/0",
        )
    return made


def interfaces_of_an_instance():
    """An instance's ID leads to its interfaces; many programs take the first, which is the primary one."""
    (instance,) = instances_of(ec2.describe_instances(InstanceIds=[thing("i", 1)]))
    found = instance["NetworkInterfaces"]
    assert interfaces_of([instance]) == interfaces(1, SECOND), found
    assert found[0]["NetworkInterfaceId"] == thing("eni", 1), found
    assert sorted(interface["Attachment"]["DeviceIndex"] for interface in found) == [0, 1], found
    (primary,) = [interface for interface in found if interface["Attachment"]["DeviceIndex"] == 0]
    assert primary["NetworkInterfaceId"] == thing("eni", 1), found
    assert (primary["MacAddress"], primary["OwnerId"], primary["VpcId"], primary["SubnetId"]) == ("02:00:00:00:00:01", "123456789012", VPC, SUBNET), primary
    assert primary["Attachment"]["Status"] == "attached" and primary["Status"] == "in-use" and primary["InterfaceType"] == "interface", primary
    assert primary["PrivateIpAddresses"][0]["PrivateIpAddress"] == primary["PrivateIpAddress"] == "10.0.1.11", primary

    assert (instance["VpcId"], instance["SubnetId"], instance["PrivateIpAddress"]) == (VPC, SUBNET, "10.0.1.11"), instance
    assert (instance["InstanceType"], instance["State"]["Name"], instance["Placement"]["AvailabilityZone"]) == ("m5.large", "running", "us-east-1a"), instance
    assert instance["SecurityGroups"] == primary["Groups"] and instance["ImageId"].startswith("ami-") and instance["LaunchTime"], instance

    # The same by the interfaces: the filters of their attachment.
    by_index = ec2.describe_network_interfaces(Filters=[
        {"Name": "attachment.instance-id", "Values": [thing("i", 1)]}, {"Name": "attachment.device-index", "Values": ["0"]},
        {"Name": "attachment.status", "Values": ["attached"]}, {"Name": "attachment.instance-owner-id", "Values": ["123456789012"]},
    ])["NetworkInterfaces"]
    assert [interface["NetworkInterfaceId"] for interface in by_index] == [thing("eni", 1)], by_index
    assert by_index[0]["Attachment"].keys() >= {"AttachmentId", "InstanceId", "DeviceIndex", "Status", "AttachTime", "DeleteOnTermination", "InstanceOwnerId"}, by_index
    assert by_index[0]["Groups"][0].keys() == {"GroupId", "GroupName"}, by_index

    # And the other way round, by what an interface has.
    for name, value in (
        ("network-interface.network-interface-id", thing("eni", SECOND)), ("network-interface.mac-address", "02:00:00:00:00:01"), ("private-ip-address", "10.0.1.11"),
    ):
        found = instances_of(ec2.describe_instances(Filters=[{"Name": name, "Values": [value]}]))
        assert [instance["InstanceId"] for instance in found] == [thing("i", 1)], (name, found)
    fails_with("InvalidInstanceID.NotFound", ec2.describe_instances, InstanceIds=[thing("i", 99)])


def interfaces_of_a_vpc():
    """The instances of a VPC, of some types and in some states, in pages; or the interfaces of the VPC that are attached to an instance."""
    pages = list(ec2.get_paginator("describe_instances").paginate(
        Filters=filters(vpc_id=[VPC], instance_type=["m5*", "t3.*"], instance_state_name=["pending", "running"]), PaginationConfig={"PageSize": 5},
    ))
    found = [instance for page in pages for instance in instances_of(page)]
    assert interfaces_of(found) == interfaces(*(set(FLEET) - {STOPPED, OLD}), SECOND, SENSOR, OTHER_SENSOR), found
    assert len(pages) == 3 and all(instance["VpcId"] == VPC for instance in found), [len(instances_of(page)) for page in pages]

    first = ec2.describe_instances(Filters=filters(vpc_id=[VPC]), MaxResults=10)
    rest = ec2.describe_instances(Filters=filters(vpc_id=[VPC]), MaxResults=10, NextToken=first["NextToken"])
    found = instances_of(first) + instances_of(rest)
    assert "NextToken" not in rest and len({instance["InstanceId"] for instance in found}) == len(found) == len(FLEET) + 2, rest

    stopped = instances_of(ec2.describe_instances(Filters=filters(vpc_id=[VPC], instance_state_name=["stopping", "stopped"]), MaxResults=1000))
    assert interfaces_of(stopped) == interfaces(STOPPED), stopped

    found = ec2.describe_network_interfaces(Filters=filters(vpc_id=[OTHER_VPC]))["NetworkInterfaces"]
    assert [interface["NetworkInterfaceId"] for interface in found] == [thing("eni", STRANGER)], found
    pages = ec2.get_paginator("describe_network_interfaces").paginate(Filters=filters(vpc_id=[VPC], status=["in-use"]), PaginationConfig={"PageSize": 5})
    found = [interface for page in pages for interface in page["NetworkInterfaces"] if "InstanceId" in interface.get("Attachment", {})]
    assert {interface["NetworkInterfaceId"] for interface in found} == interfaces(*FLEET, SECOND, SENSOR, OTHER_SENSOR), found


def interfaces_of_a_subnet():
    """The interfaces of a subnet that are attached and in use, without those of load balancers."""
    found = ec2.describe_network_interfaces(Filters=filters(subnet_id=[OTHER_SUBNET], status=["in-use"]) + [{"Name": "attachment.status", "Values": ["attached"]}])
    assert {interface["NetworkInterfaceId"] for interface in found["NetworkInterfaces"]} == interfaces(9, 10, 11, 12, OTHER_SENSOR), found

    everything = ec2.describe_network_interfaces(Filters=filters(subnet_id=[SUBNET]))["NetworkInterfaces"]
    assert {interface["NetworkInterfaceId"] for interface in everything} >= interfaces(UNATTACHED, LOAD_BALANCER, APPLICATION_LOAD_BALANCER), everything
    found = [
        interface for interface in everything
        if interface["InterfaceType"] == "interface" and not interface["RequesterManaged"] and interface.get("Attachment", {}).get("Status") == "attached"
    ]
    assert {interface["NetworkInterfaceId"] for interface in found} == interfaces(*range(1, 9), SECOND, SENSOR), found
    own = ec2.describe_network_interfaces(Filters=filters(subnet_id=[SUBNET], interface_type=["interface"], requester_managed=["false"]))["NetworkInterfaces"]
    assert {interface["NetworkInterfaceId"] for interface in own} == {interface["NetworkInterfaceId"] for interface in found} | interfaces(UNATTACHED), own

    by_name = ec2.describe_network_interfaces(Filters=filters(subnet_id=[SUBNET], description=["*net/front*"]))["NetworkInterfaces"]
    assert [interface["NetworkInterfaceId"] for interface in by_name] == [thing("eni", LOAD_BALANCER)], by_name
    (spare,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[thing("eni", UNATTACHED)])["NetworkInterfaces"]
    assert spare["Status"] == "available" and "Attachment" not in spare, spare

    found = instances_of(ec2.describe_instances(Filters=filters(subnet_id=[OTHER_SUBNET])))
    assert interfaces_of(found) == interfaces(9, 10, 11, 12, OTHER_SENSOR) and all(instance["SubnetId"] == OTHER_SUBNET for instance in found), found
    subnets = ec2.describe_subnets(Filters=filters(vpc_id=[VPC]))["Subnets"]
    assert {subnet["SubnetId"] for subnet in subnets} == {SUBNET, OTHER_SUBNET} and all(subnet["SubnetArn"] and subnet["AvailabilityZoneId"] for subnet in subnets), subnets


def interfaces_by_tag():
    """Tags say what is mirrored, on instances and on whole VPCs, and what is left out."""
    yes = [{"Key": "Mirror", "Value": "True"}]
    ec2.create_tags(Resources=[thing("i", 2), thing("i", STOPPED)], Tags=yes)
    ec2.create_tags(Resources=[thing("i", 3)], Tags=[{"Key": "Mirror", "Value": "False"}])
    ec2.create_tags(Resources=[VPC], Tags=yes)

    found = instances_of(ec2.describe_instances(Filters=[{"Name": "tag:Mirror", "Values": ["True"]}, {"Name": "instance-state-name", "Values": ["running"]}]))
    assert interfaces_of(found) == interfaces(2) and found[0]["Tags"] == yes, found
    found = instances_of(ec2.describe_instances(Filters=filters(tag_key=["Mirror"])))
    assert interfaces_of(found) == interfaces(2, 3, STOPPED), found

    found = ec2.describe_tags(Filters=filters(key=["Mirror"], value=["True"], resource_type=["instance"]))["Tags"]
    assert {tag["ResourceId"] for tag in found} == {thing("i", 2), thing("i", STOPPED)}, found
    found = ec2.describe_tags(Filters=[{"Name": "tag:Mirror", "Values": ["True"]}])["Tags"]
    assert {(tag["ResourceId"], tag["ResourceType"]) for tag in found} == {(thing("i", 2), "instance"), (thing("i", STOPPED), "instance"), (VPC, "vpc")}, found
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "tag:Mirror", "Values": ["True"]}])["Vpcs"]
    assert vpc["VpcId"] == VPC and vpc["Tags"] == yes, vpc

    ec2.delete_tags(Resources=[VPC, thing("i", 2)], Tags=yes)
    found = ec2.describe_tags(Filters=filters(resource_id=[VPC, thing("i", 2)]))["Tags"]
    assert found == [], found
    assert "Tags" not in instances_of(ec2.describe_instances(InstanceIds=[thing("i", 4)]))[0] or instances_of(ec2.describe_instances(InstanceIds=[thing("i", 4)]))[0]["Tags"] == []


def the_zone():
    """A source takes the target of its own zone that has the fewest sessions, by the ID of the zone or by its name."""
    zones = {zone["ZoneName"]: zone["ZoneId"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]}
    assert {zones["us-east-1a"], zones["us-east-1b"]} == {subnet["AvailabilityZoneId"] for subnet in ec2.describe_subnets(SubnetIds=[SUBNET, OTHER_SUBNET])["Subnets"]}, zones
    (instance,) = instances_of(ec2.describe_instances(InstanceIds=[thing("i", 9)]))
    (subnet,) = ec2.describe_subnets(SubnetIds=[instance["SubnetId"]])["Subnets"]
    assert subnet["AvailabilityZone"] == instance["Placement"]["AvailabilityZone"] == "us-east-1b" and subnet["AvailabilityZoneId"] == zones["us-east-1b"], subnet

    targets = [target_of(SENSOR), target_of(OTHER_SENSOR)]
    local = []
    (source,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[instance["NetworkInterfaces"][0]["NetworkInterfaceId"]])["NetworkInterfaces"]
    for target in targets:
        (found,) = ec2.describe_traffic_mirror_targets(Filters=filters(traffic_mirror_target_id=[target]))["TrafficMirrorTargets"]
        (sink,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[found["NetworkInterfaceId"]])["NetworkInterfaces"]
        if sink["AvailabilityZone"] == source["AvailabilityZone"]:
            local.append(target)
    assert local == [targets[1]], local
    loads = {target: len(ec2.describe_traffic_mirror_sessions(Filters=filters(traffic_mirror_target_id=[target]))["TrafficMirrorSessions"]) for target in local}
    session = ec2.create_traffic_mirror_session(
        NetworkInterfaceId=source["NetworkInterfaceId"], TrafficMirrorTargetId=min(loads, key=loads.get), TrafficMirrorFilterId=filter_of_all(), SessionNumber=1,
        TagSpecifications=[{"ResourceType": "traffic-mirror-session", "Tags": [{"Key": "Name", "Value": "mirror"}]}],
    )["TrafficMirrorSession"]
    ec2.delete_traffic_mirror_session(TrafficMirrorSessionId=session["TrafficMirrorSessionId"])
    in_zone = ec2.describe_network_interfaces(Filters=filters(availability_zone=["us-east-1b"]))["NetworkInterfaces"]
    assert {interface["NetworkInterfaceId"] for interface in in_zone} == interfaces(9, 10, 11, 12, OTHER_SENSOR), in_zone


def a_target_that_lets_it_in():
    """Whether VXLAN reaches a target is read from its network ACL and its security groups, which a program also makes."""
    (sink,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[thing("eni", SENSOR)])["NetworkInterfaces"]
    acls = ec2.describe_network_acls(Filters=filters(vpc_id=[sink["VpcId"]]))["NetworkAcls"]
    (acl,) = [acl for acl in acls if any(association["SubnetId"] == sink["SubnetId"] for association in acl["Associations"])]
    allowed = [entry for entry in acl["Entries"] if not entry["Egress"] and entry["Protocol"] == "-1" and entry["RuleAction"] == "allow" and entry["CidrBlock"] == "0.0.0.0/0"]
    assert len(allowed) == 1, acl

    ranges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
    group = ec2.create_security_group(GroupName="sensors", Description="VXLAN", VpcId=sink["VpcId"])["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{"IpProtocol": "udp", "FromPort": 4789, "ToPort": 4789, "IpRanges": [{"CidrIp": cidr} for cidr in ranges]}],
    )
    ec2.modify_network_interface_attribute(NetworkInterfaceId=sink["NetworkInterfaceId"], Groups=[group])
    (sink,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[thing("eni", SENSOR)])["NetworkInterfaces"]
    assert sink["Groups"] == [{"GroupId": group, "GroupName": "sensors"}], sink
    (found,) = ec2.describe_security_groups(GroupIds=[sink["Groups"][0]["GroupId"]])["SecurityGroups"]
    (permission,) = found["IpPermissions"]
    assert (permission["IpProtocol"], permission["FromPort"], permission["ToPort"]) == ("udp", 4789, 4789), permission
    assert [part["CidrIp"] for part in permission["IpRanges"]] == ranges, permission
    fails_with("InvalidGroup.NotFound", ec2.describe_security_groups, GroupIds=[thing("sg", 99)])
    fails_with("DependencyViolation", ec2.delete_security_group, GroupId=group)


def an_event():
    """An instance is launched: the event names it, and each of its interfaces gets a session with the next free number. They go when it is terminated."""
    launched = ec2.run_instances(
        ImageId=IMAGE, InstanceType="m5.large", MinCount=1, MaxCount=1, SubnetId=SUBNET, UserData="#!/bin/sh\n",
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "server_type", "Value": "web"}]}],
    )["Instances"][0]
    assert launched["NetworkInterfaces"][0]["NetworkInterfaceId"].startswith("eni-") and launched["State"]["Name"] in ("pending", "running"), launched
    ec2.get_waiter("instance_running").wait(InstanceIds=[launched["InstanceId"]])
    event = {"detail-type": "EC2 Instance State-change Notification", "detail": {"instance-id": launched["InstanceId"], "state": "running"}}

    (instance,) = instances_of(ec2.describe_instances(InstanceIds=[event["detail"]["instance-id"]]))
    assert {"Key": "server_type", "Value": "web"} in instance["Tags"] and instance["State"]["Name"] == "running" and instance["VpcId"] == VPC, instance
    assert ec2.describe_instance_status(InstanceIds=[instance["InstanceId"]])["InstanceStatuses"][0]["InstanceState"]["Name"] == "running"
    filter_, targets = filter_of_all(), [target_of(SENSOR), target_of(OTHER_SENSOR)]
    for interface in instance["NetworkInterfaces"]:
        for target in targets:
            there = ec2.describe_traffic_mirror_sessions(Filters=filters(network_interface_id=[interface["NetworkInterfaceId"]]))["TrafficMirrorSessions"]
            if any(session["TrafficMirrorTargetId"] == target for session in there):
                continue
            ec2.create_traffic_mirror_session(
                NetworkInterfaceId=interface["NetworkInterfaceId"], TrafficMirrorTargetId=target, TrafficMirrorFilterId=filter_, SessionNumber=len(there) + 1,
                Description=f"of {instance['InstanceId']}", TagSpecifications=[{"ResourceType": "traffic-mirror-session", "Tags": instance["Tags"]}],
            )
    of_filter = filters(traffic_mirror_filter_id=[filter_])
    there = ec2.describe_traffic_mirror_sessions(Filters=of_filter)["TrafficMirrorSessions"]
    assert sorted((session["SessionNumber"], session["TrafficMirrorTargetId"]) for session in there) == list(enumerate(targets, 1)), there

    # Stopped and started again, it keeps its interface and its sessions.
    assert ec2.stop_instances(InstanceIds=[instance["InstanceId"]])["StoppingInstances"][0]["PreviousState"]["Name"] == "running"
    ec2.get_waiter("instance_stopped").wait(InstanceIds=[instance["InstanceId"]])
    assert ec2.describe_instance_status(InstanceIds=[instance["InstanceId"]])["InstanceStatuses"] == []
    assert len(ec2.describe_traffic_mirror_sessions(Filters=of_filter)["TrafficMirrorSessions"]) == 2
    ec2.start_instances(InstanceIds=[instance["InstanceId"]])
    ec2.get_waiter("instance_running").wait(InstanceIds=[instance["InstanceId"]])

    # Another interface that is attached later gets its session by the same look-up.
    spare = ec2.create_network_interface(SubnetId=SUBNET)["NetworkInterface"]["NetworkInterfaceId"]
    ec2.attach_network_interface(NetworkInterfaceId=spare, InstanceId=instance["InstanceId"], DeviceIndex=1)
    (instance,) = instances_of(ec2.describe_instances(InstanceIds=[event["detail"]["instance-id"]]))
    assert [(i["Attachment"]["DeviceIndex"], i["NetworkInterfaceId"]) for i in instance["NetworkInterfaces"]][1:] == [(1, spare)], instance

    ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
    ec2.get_waiter("instance_terminated").wait(InstanceIds=[instance["InstanceId"]])
    there = ec2.describe_traffic_mirror_sessions(Filters=of_filter)["TrafficMirrorSessions"]
    assert there == [], there
    fails_with("InvalidNetworkInterfaceID.NotFound", ec2.describe_network_interfaces, NetworkInterfaceIds=[launched["NetworkInterfaces"][0]["NetworkInterfaceId"]])
    (spare,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[spare])["NetworkInterfaces"]
    assert spare["Status"] == "available", spare  # it was attached later, and is not deleted with the instance

    # An event of an instance that is gone is left alone.
    fails_with("InvalidInstanceID.NotFound", ec2.describe_instances, InstanceIds=[thing("i", 99)])


def a_sensor():
    """A program launches the sensor itself, and makes a target of its interface."""
    (launched,) = ec2.run_instances(ImageId=IMAGE, InstanceType="t3.xlarge", MinCount=1, MaxCount=1, SubnetId=SUBNET)["Instances"]
    target = ec2.create_traffic_mirror_target(NetworkInterfaceId=launched["NetworkInterfaces"][0]["NetworkInterfaceId"])["TrafficMirrorTarget"]
    types = ec2.describe_instance_types(InstanceTypes=["t3.xlarge", "t2.micro"])["InstanceTypes"]
    assert {kind["InstanceType"]: kind["Hypervisor"] for kind in types} == {"t3.xlarge": "nitro", "t2.micro": "xen"}, types
    nitro = ec2.get_paginator("describe_instance_types").paginate(Filters=filters(hypervisor=["nitro"], instance_type=["m5.large", "t2.micro", "t3.xlarge"]))
    assert {kind["InstanceType"] for page in nitro for kind in page["InstanceTypes"]} == {"m5.large", "t3.xlarge"}
    assert "us-east-1" in {region["RegionName"] for region in ec2.describe_regions()["Regions"]}
    ec2.delete_traffic_mirror_target(TrafficMirrorTargetId=target["TrafficMirrorTargetId"])
    ec2.terminate_instances(InstanceIds=[launched["InstanceId"]])


WAYS = (
    interfaces_of_an_instance, interfaces_of_a_vpc, interfaces_of_a_subnet, interfaces_by_tag, the_zone, a_target_that_lets_it_in, an_event, a_sensor,
)
failed = 0
for way in WAYS:
    try:
        way()
    except Exception:
        failed += 1
        print(f"{way.__name__}: {way.__doc__}")
        traceback.print_exc(limit=2, file=sys.stdout)  # down to the line of the way
sys.exit(f"{failed} of {len(WAYS)} ways fail" if failed else 0)
