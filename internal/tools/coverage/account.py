"""Fills an embedded EC2 with as much as it can have, so that its answers have every field that they can have."""

import itertools
import json
import urllib.request

import botocore.exceptions

ACCOUNT, OTHER = "123456789012", "210987654321"
SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"
LOAD_BALANCER = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/net/sensors/0123456789abcdef"
SHARED_TARGET = "tmt-0000000000000000f"


def thing(prefix, n):
    return f"{prefix}-{n:017x}"


TOPOLOGY = {
    "vpcs": [{"id": thing("vpc", 1), "cidr_block": "10.0.0.0/16", "ipv6_cidr_block": "2001:db8:0:100::/56"}],
    "subnets": [
        {
            "id": thing("subnet", 1), "vpc_id": thing("vpc", 1), "cidr_block": "10.0.1.0/24", "ipv6_cidr_block": "2001:db8:0:101::/64",
            "availability_zone": "us-east-1a",
        },
        {"id": thing("subnet", 2), "vpc_id": thing("vpc", 1), "cidr_block": "10.0.2.0/24", "availability_zone": "us-east-1b"},
    ],
    "instances": [
        {"id": thing("i", 1), "instance_type": "m5.large", "state": "running"},
        {"id": thing("i", 2), "instance_type": "c5n.18xlarge", "state": "stopped"},
    ],
    "network_interfaces": [
        {
            "id": thing("eni", 1), "subnet_id": thing("subnet", 1), "instance_id": thing("i", 1), "mac_address": "02:00:00:00:00:01",
            "private_ip_address": "10.0.1.11", "private_ip_addresses": ["10.0.1.12"], "ipv6_addresses": ["2001:db8:0:101::11"],
            "description": "web", "tags": {"Name": "web"},
        },
        {
            "id": thing("eni", 2), "subnet_id": thing("subnet", 1), "instance_id": thing("i", 2), "private_ip_address": "10.0.1.21",
            "ipv4_prefixes": ["10.0.1.32/28"], "ipv6_prefixes": ["2001:db8:0:101:1::/80"],
        },
        {"id": thing("eni", 3), "subnet_id": thing("subnet", 2), "private_ip_address": "10.0.2.31", "requester_managed": True, "requester_id": "amazon-elb"},
    ],
    "network_load_balancers": [{"arn": LOAD_BALANCER, "subnet_id": thing("subnet", 1), "ip_address": "10.0.1.5", "udp_listeners": [4789]}],
    "gateway_load_balancer_endpoints": [
        {"id": thing("vpce", 1), "vpc_id": thing("vpc", 1), "subnet_id": thing("subnet", 1), "ip_address": "10.0.1.6"},
    ],
    "shared_targets": [{"id": SHARED_TARGET, "owner_id": OTHER, "network_interface_id": thing("eni", 255)}],
}


class Account:
    """Makes requests one after the other. One that is refused is noted, and does not end the others."""

    def __init__(self, client, actions):
        self.client, self.actions, self.refused = client, actions, []
        self.methods = client.meta.method_to_api_mapping

    def call(self, method, **arguments):
        """Returns the answer; {} if the request is refused."""
        action = self.methods[method]
        if action not in self.actions:
            return {}
        try:
            return getattr(self.client, method)(**arguments)
        except botocore.exceptions.ClientError as error:
            self.refused.append(f"{method}: {error.response['Error']['Code']}: {error.response['Error']['Message']}")
        except botocore.exceptions.ParamValidationError as error:  # an ID that an earlier request did not give
            self.refused.append(f"{method}: {error}")
        return {}

    def calls(self, method, *several, **common):
        for arguments in several:
            self.call(method, **arguments, **common)

    def describe_all(self):
        """Describes everything: all at once, in pages, and each by its tags."""
        for method, action in self.methods.items():
            shape = self.client.meta.service_model.operation_model(action).input_shape
            if action not in self.actions or not action.startswith("Describe") or shape.required_members:
                continue
            self.call(method)
            if "MaxResults" in shape.members:
                self.call(method, MaxResults=5)


def tagged(kind):
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": kind}]}]


def fill(url, client, actions):
    """Fills the embedded EC2, and returns the requests that were refused."""
    put = urllib.request.Request(f"{url}/_emulator/topology", json.dumps(TOPOLOGY).encode(), method="PUT")
    urllib.request.urlopen(put).close()
    a = Account(client, actions)
    vpc, subnet, native = networks(a)
    group = security_groups(a, vpc)
    instance = instances(a, subnet, group)
    endpoint = endpoints(a, vpc, subnet)
    interface = interfaces(a, subnet, native, group, instance)
    names(a)
    mirrors(a, endpoint)
    a.describe_all()
    ends(a, instance, interface, endpoint, group)
    return a.refused


def networks(a):
    a.call("create_default_vpc")
    default = a.call("describe_subnets", Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    if default:
        a.call("delete_subnet", SubnetId=default[0]["SubnetId"])
        a.call("create_default_subnet", AvailabilityZone=default[0]["AvailabilityZone"])
    for n in range(6):  # more than one page
        vpc = a.call("create_vpc", CidrBlock=f"10.{n + 1}.0.0/16", AmazonProvidedIpv6CidrBlock=True, InstanceTenancy="default", TagSpecifications=tagged("vpc"))["Vpc"]
    block = vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"].removesuffix("::/56")
    vpc = vpc["VpcId"]
    for attribute in ("enableDnsSupport", "enableDnsHostnames", "enableNetworkAddressUsageMetrics"):
        a.call("describe_vpc_attribute", VpcId=vpc, Attribute=attribute)
        a.call("modify_vpc_attribute", VpcId=vpc, **{attribute[0].upper() + attribute[1:]: {"Value": True}})
    a.call("modify_vpc_tenancy", VpcId=vpc, InstanceTenancy="default")
    subnet = a.call(
        "create_subnet", VpcId=vpc, CidrBlock="10.6.0.0/20", Ipv6CidrBlock=f"{block}::/64", AvailabilityZone="us-east-1a", TagSpecifications=tagged("subnet"),
    )["Subnet"]["SubnetId"]
    native = a.call("create_subnet", VpcId=vpc, Ipv6CidrBlock=f"{block[:-1]}1::/64", Ipv6Native=True).get("Subnet", {}).get("SubnetId")
    a.call("create_subnet", VpcId=vpc, CidrBlock="10.6.16.0/24", AvailabilityZoneId="use1-az2")
    value = {"Value": True}
    a.calls(
        "modify_subnet_attribute", {"MapPublicIpOnLaunch": value}, {"AssignIpv6AddressOnCreation": value}, {"EnableDns64": value},
        {"PrivateDnsHostnameTypeOnLaunch": "resource-name"}, {"EnableResourceNameDnsARecordOnLaunch": value},
        {"EnableResourceNameDnsAAAARecordOnLaunch": value}, {"MapPublicIpOnLaunch": {"Value": False}}, {"EnableLniAtDeviceIndex": 1}, SubnetId=subnet,
    )
    spare = a.call("create_vpc", CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
    made = a.call("associate_vpc_cidr_block", VpcId=spare, AmazonProvidedIpv6CidrBlock=True).get("Ipv6CidrBlockAssociation", {})
    wait_free = a.call("create_subnet", VpcId=spare, CidrBlock="10.99.1.0/24")["Subnet"]["SubnetId"]
    described = a.call("describe_vpcs", VpcIds=[spare])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"]
    if described:
        part = described[0]["Ipv6CidrBlock"].replace("/56", "/64")
        associated = a.call("associate_subnet_cidr_block", SubnetId=wait_free, Ipv6CidrBlock=part).get("Ipv6CidrBlockAssociation", {})
        a.call("disassociate_subnet_cidr_block", AssociationId=associated.get("AssociationId"))
    a.call("disassociate_vpc_cidr_block", AssociationId=made.get("AssociationId"))
    a.call("delete_subnet", SubnetId=wait_free)
    a.call("delete_vpc", VpcId=spare)
    return vpc, subnet, native


def security_groups(a, vpc):
    """Returns a group with rules of every kind; the default group where there are no others."""
    group = a.call("create_security_group", GroupName="sensors", Description="sensors", VpcId=vpc, TagSpecifications=tagged("security-group")).get("GroupId")
    other = a.call("create_security_group", GroupName="others", Description="others", VpcId=vpc).get("GroupId")
    if not group:
        return a.call("describe_security_groups", Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"][0]["GroupId"]
    permissions = [
        {
            "IpProtocol": "udp", "FromPort": 4789, "ToPort": 4789, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "VXLAN"}],
            "Ipv6Ranges": [{"CidrIpv6": "::/0", "Description": "VXLAN"}], "UserIdGroupPairs": [{"GroupId": other, "Description": "others"}],
        },
        {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
    ]
    for way in ("ingress", "egress"):
        for permission in permissions:
            a.call(f"authorize_security_group_{way}", GroupId=group, IpPermissions=[permission], TagSpecifications=tagged("security-group-rule"))
    a.call("authorize_security_group_ingress", GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="10.0.0.0/8")
    rules = a.call("describe_security_group_rules", Filters=[{"Name": "group-id", "Values": [group]}]).get("SecurityGroupRules", [])
    described = [{"IpProtocol": "udp", "FromPort": 4789, "ToPort": 4789, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "changed"}]}]
    for way, egress in (("ingress", False), ("egress", True)):
        a.call(f"update_security_group_rule_descriptions_{way}", GroupId=group, IpPermissions=described)
        ids = [rule["SecurityGroupRuleId"] for rule in rules if rule["IsEgress"] == egress and rule["IpProtocol"] == "tcp"]
        a.call(f"revoke_security_group_{way}", GroupId=group, SecurityGroupRuleIds=ids[:1])
        a.call(f"revoke_security_group_{way}", GroupId=group, IpPermissions=permissions[1:2])
    last = next((rule for rule in rules if rule["IpProtocol"] == "udp" and "CidrIpv4" in rule and not rule["IsEgress"]), {})
    a.call("modify_security_group_rules", GroupId=group, SecurityGroupRules=[
        {"SecurityGroupRuleId": last.get("SecurityGroupRuleId"), "SecurityGroupRule": {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81, "CidrIpv4": "10.0.0.0/8"}},
    ])
    return group


def instances(a, subnet, group):
    """Returns an instance that runs."""
    groups = [group]
    made = a.call(
        "run_instances", ImageId=thing("ami", 1), InstanceType="m5.large", MinCount=1, MaxCount=1, SubnetId=subnet, KeyName="key", EbsOptimized=True,
        SecurityGroupIds=groups, TagSpecifications=tagged("instance") + tagged("network-interface"), UserData="#!/bin/sh", Monitoring={"Enabled": True},
        Placement={"AvailabilityZone": "us-east-1a", "Tenancy": "default"}, IamInstanceProfile={"Name": "sensor"},
    ) or a.call("run_instances", ImageId=thing("ami", 1), InstanceType="m5.large", MinCount=1, MaxCount=1, SubnetId=subnet)
    two = a.call("run_instances", ImageId=thing("ami", 1), InstanceType="t3.micro", MinCount=1, MaxCount=1, NetworkInterfaces=[
        {
            "DeviceIndex": 0, "SubnetId": subnet, "Groups": groups, "Description": "primary", "DeleteOnTermination": True, "Ipv6AddressCount": 1,
            "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": "10.6.1.200"}],
        },
        {"DeviceIndex": 1, "SubnetId": subnet, "SecondaryPrivateIpAddressCount": 1},
    ])
    spare = a.call("create_network_interface", SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    a.calls(
        "run_instances", {"MaxCount": 6, "SubnetId": subnet, "Ipv6AddressCount": 1}, {"MaxCount": 1}, {"MaxCount": 1, "SecurityGroups": ["default"]},
        {"MaxCount": 1, "NetworkInterfaces": [{"DeviceIndex": 0, "NetworkInterfaceId": spare}]},
        {"MaxCount": 1, "NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": True}]},
        {"MaxCount": 1, "SubnetId": subnet, "BlockDeviceMappings": [
            {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 8, "VolumeType": "gp3", "Encrypted": True, "DeleteOnTermination": False}},
        ]},
        ImageId=thing("ami", 1), InstanceType="t3.micro", MinCount=1,
    )
    if not made:
        return thing("i", 1)
    instance = made["Instances"][0]["InstanceId"]
    for attribute in (
        "instanceType", "userData", "disableApiTermination", "instanceInitiatedShutdownBehavior", "rootDeviceName", "blockDeviceMapping", "sourceDestCheck",
        "groupSet", "ebsOptimized", "sriovNetSupport", "enaSupport", "disableApiStop", "productCodes", "kernel", "ramdisk", "enclaveOptions",
    ):
        a.call("describe_instance_attribute", InstanceId=instance, Attribute=attribute)
    a.calls(
        "modify_instance_attribute", {"SourceDestCheck": {"Value": False}}, {"Groups": groups}, {"DisableApiTermination": {"Value": False}},
        {"DisableApiStop": {"Value": False}}, {"InstanceInitiatedShutdownBehavior": {"Value": "stop"}},
        {"Attribute": "disableApiTermination", "Value": "false"}, InstanceId=instance,
    )
    a.call("describe_instance_status", InstanceIds=[instance], IncludeAllInstances=True)
    a.call("reboot_instances", InstanceIds=[instance])
    a.call("stop_instances", InstanceIds=[instance])
    a.call("describe_instances", InstanceIds=[instance])
    a.calls("modify_instance_attribute", {"InstanceType": {"Value": "m5.xlarge"}}, {"EbsOptimized": {"Value": True}}, {"UserData": {"Value": b"x"}}, InstanceId=instance)
    a.call("start_instances", InstanceIds=[instance])
    a.calls("monitor_instances", {"InstanceIds": [instance]})
    a.calls("unmonitor_instances", {"InstanceIds": [instance]})
    a.call("modify_instance_metadata_options", InstanceId=instance, HttpTokens="required")
    a.call("modify_instance_maintenance_options", InstanceId=instance, AutoRecovery="disabled")
    a.call("modify_instance_capacity_reservation_attributes", InstanceId=instance, CapacityReservationSpecification={"CapacityReservationPreference": "open"})
    a.call("modify_private_dns_name_options", InstanceId=instance, PrivateDnsHostnameType="resource-name")
    burstable = two["Instances"][0]["InstanceId"] if two else instance
    a.call("modify_instance_credit_specification", InstanceCreditSpecifications=[{"InstanceId": burstable, "CpuCredits": "unlimited"}])
    a.call("describe_instance_credit_specifications", InstanceIds=[burstable])
    return instance


def endpoints(a, vpc, subnet):
    for _ in range(6):
        made = a.call("create_vpc_endpoint", VpcEndpointType="GatewayLoadBalancer", VpcId=vpc, SubnetIds=[subnet], ServiceName=SERVICE, TagSpecifications=tagged("vpc-endpoint"))
    return made["VpcEndpoint"]["VpcEndpointId"]


def interfaces(a, subnet, native, group, instance):
    groups = [group]
    made = a.call(
        "create_network_interface", SubnetId=subnet, Description="sensor", Groups=groups, PrivateIpAddress="10.6.1.20", Ipv6AddressCount=1,
        TagSpecifications=tagged("network-interface"),
    ) or a.call("create_network_interface", SubnetId=subnet, Description="sensor", PrivateIpAddress="10.6.1.20", Ipv6AddressCount=1)
    interface = made["NetworkInterface"]["NetworkInterfaceId"]
    a.call("create_network_interface", SubnetId=subnet, PrivateIpAddresses=[{"Primary": True, "PrivateIpAddress": "10.6.1.130"}, {"Primary": False, "PrivateIpAddress": "10.6.1.131"}])
    a.call("create_network_interface", SubnetId=subnet, SecondaryPrivateIpAddressCount=2, InterfaceType="efa")
    a.call("create_network_interface", SubnetId=subnet, Ipv4PrefixCount=1, Ipv6PrefixCount=1)
    a.call("create_network_interface", SubnetId=subnet, EnablePrimaryIpv6=True, Ipv6AddressCount=1, ClientToken="once")
    if native:
        a.call("create_network_interface", SubnetId=native, Ipv6AddressCount=1)
    a.call("assign_private_ip_addresses", NetworkInterfaceId=interface, PrivateIpAddresses=["10.6.1.40"])
    a.call("assign_private_ip_addresses", NetworkInterfaceId=interface, SecondaryPrivateIpAddressCount=1)
    a.call("assign_private_ip_addresses", NetworkInterfaceId=interface, Ipv4PrefixCount=1)
    a.call("unassign_private_ip_addresses", NetworkInterfaceId=interface, PrivateIpAddresses=["10.6.1.40"])
    assigned = a.call("assign_ipv6_addresses", NetworkInterfaceId=interface, Ipv6AddressCount=1).get("AssignedIpv6Addresses")
    a.call("assign_ipv6_addresses", NetworkInterfaceId=interface, Ipv6PrefixCount=1)
    a.call("unassign_ipv6_addresses", NetworkInterfaceId=interface, Ipv6Addresses=assigned)
    a.calls(
        "modify_network_interface_attribute", {"Description": {"Value": "changed"}}, {"SourceDestCheck": {"Value": False}}, {"Groups": groups},
        NetworkInterfaceId=interface,
    )
    a.call("modify_network_interface_attribute", NetworkInterfaceId=thing("eni", 1), Description={"Value": "changed"})
    attachment = a.call("attach_network_interface", NetworkInterfaceId=interface, InstanceId=instance, DeviceIndex=1).get("AttachmentId") or a.call(
        "attach_network_interface", NetworkInterfaceId=interface, InstanceId=thing("i", 1), DeviceIndex=1).get("AttachmentId")
    a.call("modify_network_interface_attribute", NetworkInterfaceId=interface, Attachment={"AttachmentId": attachment, "DeleteOnTermination": True})
    for attribute in ("description", "groupSet", "sourceDestCheck", "attachment"):
        a.call("describe_network_interface_attribute", NetworkInterfaceId=interface, Attribute=attribute)
    a.describe_all()
    a.call("detach_network_interface", AttachmentId=attachment, Force=True)
    return interface


def names(a):
    a.calls("describe_instance_types", {"InstanceTypes": ["m5.large", "c5n.18xlarge"]}, {"InstanceTypes": ["m5.metal", "t3.micro", "p4d.24xlarge", "i3en.large"]})
    a.calls("describe_instance_type_offerings", {}, {"LocationType": "availability-zone"})
    a.calls("describe_regions", {}, {"AllRegions": True})
    a.calls("describe_availability_zones", {}, {"AllAvailabilityZones": True})


def mirrors(a, endpoint):
    """Makes mirrors with everything that is optional, and with nothing of it, and changes them."""
    ids = itertools.count(1)
    source = thing("eni", 1)
    spare = a.call("create_network_interface", SubnetId=thing("subnet", 1))["NetworkInterface"]["NetworkInterfaceId"]
    target = a.call(
        "create_traffic_mirror_target", NetworkInterfaceId=spare, Description="a target", ClientToken="once", TagSpecifications=tagged("traffic-mirror-target"),
    )["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    balanced = a.call("create_traffic_mirror_target", NetworkLoadBalancerArn=LOAD_BALANCER)["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    through = a.call("create_traffic_mirror_target", GatewayLoadBalancerEndpointId=endpoint)["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    for n in range(6):
        another = a.call("create_network_interface", SubnetId=thing("subnet", 1))["NetworkInterface"]["NetworkInterfaceId"]
        a.call("create_traffic_mirror_target", NetworkInterfaceId=another)
        filter_ = a.call(
            "create_traffic_mirror_filter", Description=f"filter {n}", ClientToken=f"filter {n}", TagSpecifications=tagged("traffic-mirror-filter"),
        )["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    rules = []
    for n, way in itertools.product(range(1, 4), ("ingress", "egress")):
        rules.append(a.call(
            "create_traffic_mirror_filter_rule", TrafficMirrorFilterId=filter_, TrafficDirection=way, RuleNumber=n, RuleAction="accept", Protocol=6,
            SourceCidrBlock="0.0.0.0/0", DestinationCidrBlock="10.0.0.0/8", SourcePortRange={"FromPort": 1, "ToPort": 2},
            DestinationPortRange={"FromPort": 3, "ToPort": 4}, Description="a rule", ClientToken=f"rule {n} {way}", TagSpecifications=tagged("traffic-mirror-filter-rule"),
        )["TrafficMirrorFilterRule"]["TrafficMirrorFilterRuleId"])
    a.call(
        "modify_traffic_mirror_filter_rule", TrafficMirrorFilterRuleId=rules[0], TrafficDirection="egress", RuleNumber=9, RuleAction="reject", Protocol=17,
        SourceCidrBlock="10.0.0.0/8", DestinationCidrBlock="0.0.0.0/0", SourcePortRange={"FromPort": 5, "ToPort": 6}, DestinationPortRange={"FromPort": 7, "ToPort": 8},
        Description="changed",
    )
    a.call("modify_traffic_mirror_filter_rule", TrafficMirrorFilterRuleId=rules[1], RemoveFields=["description", "source-port-range"])
    a.call("modify_traffic_mirror_filter_network_services", TrafficMirrorFilterId=filter_, AddNetworkServices=["amazon-dns"])
    session = None
    for n in range(1, 7):
        session = a.call(
            "create_traffic_mirror_session", NetworkInterfaceId=source, TrafficMirrorTargetId=target if n % 2 else SHARED_TARGET, TrafficMirrorFilterId=filter_,
            SessionNumber=n, PacketLength=100, VirtualNetworkId=n, Description="a session", ClientToken=f"session {next(ids)}",
            TagSpecifications=tagged("traffic-mirror-session"),
        ).get("TrafficMirrorSession", {}).get("TrafficMirrorSessionId") or session
        if n == 3:
            source = thing("eni", 2)
    a.call(
        "modify_traffic_mirror_session", TrafficMirrorSessionId=session, TrafficMirrorTargetId=balanced, TrafficMirrorFilterId=filter_, SessionNumber=30,
        PacketLength=200, VirtualNetworkId=300, Description="changed",
    )
    a.call("modify_traffic_mirror_filter_network_services", TrafficMirrorFilterId=filter_, RemoveNetworkServices=["amazon-dns"])
    a.call("modify_traffic_mirror_filter_network_services", TrafficMirrorFilterId=filter_, AddNetworkServices=["amazon-dns"])
    a.call("modify_traffic_mirror_session", TrafficMirrorSessionId=session, RemoveFields=["description"])
    a.call("create_tags", Resources=[session, filter_, target], Tags=[{"Key": "more", "Value": "yes"}])
    a.describe_all()
    a.call("delete_tags", Resources=[filter_], Tags=[{"Key": "more", "Value": "yes"}])
    a.call("delete_traffic_mirror_session", TrafficMirrorSessionId=session)
    a.call("delete_traffic_mirror_filter_rule", TrafficMirrorFilterRuleId=rules[-1])
    alone = a.call("create_traffic_mirror_filter")["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    a.call("delete_traffic_mirror_filter", TrafficMirrorFilterId=alone)
    a.call("delete_traffic_mirror_target", TrafficMirrorTargetId=through)


def ends(a, instance, interface, endpoint, group):
    """Deletes one of each kind."""
    kept = a.call("describe_instances", Filters=[{"Name": "block-device-mapping.delete-on-termination", "Values": ["false"]}]).get("Reservations", [])
    a.call("terminate_instances", InstanceIds=[instance] + [part["Instances"][0]["InstanceId"] for part in kept])
    a.call("describe_instances")
    for volume in a.call("describe_volumes", Filters=[{"Name": "status", "Values": ["available"]}]).get("Volumes", [])[:1]:
        a.call("delete_volume", VolumeId=volume["VolumeId"])
    a.call("delete_network_interface", NetworkInterfaceId=interface)
    a.call("delete_vpc_endpoints", VpcEndpointIds=[endpoint])
    spare = a.call("create_security_group", GroupName="spare", Description="spare", VpcId=thing("vpc", 1)).get("GroupId")
    if spare:
        a.call("delete_security_group", GroupId=spare)
