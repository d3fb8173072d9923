"""Drives the emulator with boto3: paginators, and exceptions by their code."""

import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, interface, other = sys.argv[1:]
ec2 = boto3.client(
    "ec2", region_name="us-east-1", endpoint_url=endpoint, aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret",
    config=Config(retries={"total_max_attempts": 1}),
)


def code(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    return None


made = [ec2.create_traffic_mirror_filter(Description=f"filter {n} <&>")["TrafficMirrorFilter"] for n in range(12)]
pages = list(ec2.get_paginator("describe_traffic_mirror_filters").paginate(PaginationConfig={"PageSize": 5}))
assert [len(page["TrafficMirrorFilters"]) for page in pages] == [5, 5, 2], pages
seen = {f["TrafficMirrorFilterId"]: f["Description"] for page in pages for f in page["TrafficMirrorFilters"]}
assert seen == {f["TrafficMirrorFilterId"]: f["Description"] for f in made}, seen

target = ec2.create_traffic_mirror_target(NetworkInterfaceId=interface)["TrafficMirrorTarget"]
first = made[0]["TrafficMirrorFilterId"]
session = ec2.create_traffic_mirror_session(
    NetworkInterfaceId=other, TrafficMirrorTargetId=target["TrafficMirrorTargetId"], TrafficMirrorFilterId=first, SessionNumber=1,
    TagSpecifications=[{"ResourceType": "traffic-mirror-session", "Tags": [{"Key": "k", "Value": ""}]}],
)["TrafficMirrorSession"]
assert session["Tags"] == [{"Key": "k", "Value": ""}] and "PacketLength" not in session, session

assert code(ec2.delete_traffic_mirror_filter, TrafficMirrorFilterId=first) == ("TrafficMirrorFilterInUse", 400)
assert code(ec2.create_traffic_mirror_target, NetworkInterfaceId=interface) == ("InterfaceInUseByTrafficMirrorTarget", 400)
assert code(ec2.delete_traffic_mirror_session, TrafficMirrorSessionId="tms-0123456789abcdef0") == ("InvalidTrafficMirrorSessionId.NotFound", 400)
assert code(ec2.create_traffic_mirror_filter, DryRun=True) == ("DryRunOperation", 412)
