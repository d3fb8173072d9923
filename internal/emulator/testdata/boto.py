"""Drives the emulator with boto3: paginators, exceptions by their code, and waiting for one."""

import json
import sys
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError
from botocore.waiter import WaiterModel, create_waiter_with_client

endpoint, interface, other = sys.argv[1:]
ec2 = boto3.client(
    "ec2", region_name="us-east-1", endpoint_url=endpoint, aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret",
    config=Config(retries={"total_max_attempts": 1}),
)


def control(method, path, body=""):
    with urllib.request.urlopen(urllib.request.Request(f"{endpoint}/_emulator/{path}", body.encode(), method=method)) as answer:
        return answer.read()


def calls(action):
    return json.loads(control("GET", "calls")).get(action, {"count": 0})["count"]


def code(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["ResponseMetadata"]["RequestId"], error.response
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    return None


def waiter(operation, code, state):
    acceptors = [{"matcher": "error", "expected": code, "state": state}]
    if state == "retry":
        acceptors.append({"matcher": "status", "expected": 200, "state": "success"})
    model = {"version": 2, "waiters": {"Done": {"operation": operation, "delay": 0, "maxAttempts": 5, "acceptors": acceptors}}}
    return create_waiter_with_client("Done", WaiterModel(model), ec2)


# Paginators: every page is fetched once, and gives what was made.
made = [ec2.create_traffic_mirror_filter(Description=f"filter {n} <&>")["TrafficMirrorFilter"] for n in range(12)]
pages = list(ec2.get_paginator("describe_traffic_mirror_filters").paginate(PaginationConfig={"PageSize": 5}))
assert [len(page["TrafficMirrorFilters"]) for page in pages] == [5, 5, 2], pages
assert calls("DescribeTrafficMirrorFilters") == 3
seen = {f["TrafficMirrorFilterId"]: f["Description"] for page in pages for f in page["TrafficMirrorFilters"]}
assert seen == {f["TrafficMirrorFilterId"]: f["Description"] for f in made}, seen
first, second = made[0]["TrafficMirrorFilterId"], made[1]["TrafficMirrorFilterId"]

ec2.create_tags(Resources=list(seen), Tags=[{"Key": "k", "Value": "v"}])
pages = list(ec2.get_paginator("describe_tags").paginate(Filters=[{"Name": "key", "Values": ["k"]}], PaginationConfig={"PageSize": 5}))
assert [len(page["Tags"]) for page in pages] == [5, 5, 2], pages
some = ec2.get_paginator("describe_traffic_mirror_filters").paginate(PaginationConfig={"PageSize": 5, "MaxItems": 7}).build_full_result()
assert len(some["TrafficMirrorFilters"]) == 7 and some["NextToken"], some
rest = ec2.get_paginator("describe_traffic_mirror_filters").paginate(PaginationConfig={"StartingToken": some["NextToken"]}).build_full_result()
assert {f["TrafficMirrorFilterId"] for r in (some, rest) for f in r["TrafficMirrorFilters"]} == set(seen), rest

target = ec2.create_traffic_mirror_target(NetworkInterfaceId=interface)["TrafficMirrorTarget"]
session = ec2.create_traffic_mirror_session(
    NetworkInterfaceId=other, TrafficMirrorTargetId=target["TrafficMirrorTargetId"], TrafficMirrorFilterId=first, SessionNumber=1,
    TagSpecifications=[{"ResourceType": "traffic-mirror-session", "Tags": [{"Key": "k", "Value": ""}]}],
)["TrafficMirrorSession"]
assert session["Tags"] == [{"Key": "k", "Value": ""}] and "PacketLength" not in session, session

# Exceptions by their code.
assert code(ec2.delete_traffic_mirror_filter, TrafficMirrorFilterId=first) == ("TrafficMirrorFilterInUse", 400)
assert code(ec2.create_traffic_mirror_target, NetworkInterfaceId=interface) == ("InterfaceInUseByTrafficMirrorTarget", 400)
assert code(ec2.delete_traffic_mirror_session, TrafficMirrorSessionId="tms-0123456789abcdef0") == ("InvalidTrafficMirrorSessionId.NotFound", 400)
assert code(ec2.describe_traffic_mirror_sessions, MaxResults=5, NextToken="nonsense") == ("InvalidNextToken", 400)
assert code(ec2.create_traffic_mirror_filter, DryRun=True) == ("DryRunOperation", 412)
control("PUT", "faults", "DescribeTags:RequestLimitExceeded:n=1,DescribeVpcs:500:n=1")
assert code(ec2.describe_tags) == ("RequestLimitExceeded", 503)
assert code(ec2.describe_vpcs) == ("InternalError", 500)

# Waiting while there is an error code, and until there is one.
control("PUT", "faults", "DeleteTrafficMirrorFilter:RequestLimitExceeded:n=2")
waiter("DeleteTrafficMirrorFilter", "RequestLimitExceeded", "retry").wait(TrafficMirrorFilterId=second)
assert calls("DeleteTrafficMirrorFilter") == 4  # one above, two that were throttled, one that worked
waiter("DeleteTrafficMirrorSession", "InvalidTrafficMirrorSessionId.NotFound", "success").wait(TrafficMirrorSessionId=session["TrafficMirrorSessionId"])
assert calls("DeleteTrafficMirrorSession") == 3  # one above, one that worked, one that found nothing
try:
    waiter("DeleteTrafficMirrorTarget", "TrafficMirrorTargetInUse", "retry").wait(TrafficMirrorTargetId="tmt-0123456789abcdef0")
    raise AssertionError("waiting does not end with another error code")
except WaiterError as error:
    assert error.last_response["Error"]["Code"] == "InvalidTrafficMirrorTargetId.NotFound", error.last_response
