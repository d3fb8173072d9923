#!/usr/bin/env python3
"""Measures how much of EC2's API the embedded EC2 has, by the model of EC2 in botocore:

    coverage.py [--missing] [--only PATTERN] BINARY|URL

BINARY is the provider: it is started on an empty store, and stopped at the end. URL is an embedded EC2 that runs; its store is filled. The
program makes an account with as much in it as the embedded EC2 can have (account.py), and prints a line for each action that is not answered
with InvalidAction:

    action | parameters x of y | filters x of y | fields x of y

A parameter counts when a request with it is not answered with UnknownParameter; parameters within lists and structures count one by one. A
filter counts when it is accepted; those of the model are in the text about the parameter Filters. A field of the answer counts when some
answer had it. --missing also names what is not there. It needs python3 with botocore.
"""

import argparse
import contextlib
import fnmatch
import html.parser
import http.client
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
import xml.etree.ElementTree

import botocore.config
import botocore.serialize
import botocore.session

sys.dont_write_bytecode = True
import account  # noqa: E402, beside this file

VERSION = "2016-11-15"
PROBE = "zzz"  # a parameter that nothing has, and that sorts behind all others: requests with it have no effect


class Server:
    """An embedded EC2, asked with plain parameters."""

    def __init__(self, url):
        self.url = url
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc)

    def refusal(self, action, form):
        """Returns the code and the message with which a request is refused."""
        body = urllib.parse.urlencode({"Action": action, "Version": VERSION, **form, PROBE: "1"})
        self.connection.request("POST", "/", body, {"Content-Type": "application/x-www-form-urlencoded"})
        root = xml.etree.ElementTree.fromstring(self.connection.getresponse().read())
        code = root.findtext("Errors/Error/Code")
        if code is None:
            raise SystemExit(f"{action} with the parameter {PROBE} was not refused")
        return code, root.findtext("Errors/Error/Message")


def scalars(shape, path=(), above=()):
    """Yields the paths of the scalars of a shape. "[]" stands for the member of a list."""
    if shape is None or shape.name in above:
        return
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from scalars(member, path + (name,), above + (shape.name,))
    elif shape.type_name == "list":
        yield from scalars(shape.member, path + ("[]",), above)
    else:
        yield path, shape


def present(shape, value, path=()):
    """Yields the paths of the scalars that a parsed answer has."""
    if shape.type_name == "structure":
        for name, part in value.items():
            if name in shape.members:
                yield from present(shape.members[name], part, path + (name,))
    elif shape.type_name == "list":
        for part in value:
            yield from present(shape.member, part, path + ("[]",))
    else:
        yield path


def dotted(path):
    return ".".join(path).replace(".[]", "[]")


def nested(path, value):
    """Returns the arguments in which only the scalar at a path is given."""
    for name in reversed(path):
        value = [value] if name == "[]" else {name: value}
    return value


def sample(name, shape):
    """Returns a value that a parameter can have."""
    if getattr(shape, "enum", None):
        return shape.enum[0]
    for ending, value in (
        ("Ipv6Address", "2001:db8::1"), ("IpAddress", "192.0.2.1"), ("IpProtocol", "tcp"), ("CidrIp", "10.0.0.0/8"), ("CidrIpv4", "10.0.0.0/8"), ("CidrIpv6", "::/0"),
    ):
        if name.endswith(ending):
            return value
    return {"boolean": True, "integer": 1, "long": 1, "float": 1.0, "double": 1.0, "timestamp": "2026-01-01T00:00:00Z", "blob": b"x"}.get(shape.type_name, "x")


class Items(html.parser.HTMLParser):
    """Reads the items of the outer list of a text, with their code between backquotes."""

    def __init__(self, text):
        super().__init__()
        self.items, self.depth = [], 0
        self.feed(text)

    def handle_starttag(self, tag, _):
        self.depth += tag == "ul"
        if tag == "li" and self.depth == 1:
            self.items.append("")
        self.handle_data("`" if tag == "code" else "")

    def handle_endtag(self, tag):
        self.depth -= tag == "ul"
        self.handle_data("`" if tag == "code" else "")

    def handle_data(self, data):
        if self.depth == 1 and self.items:
            self.items[-1] += data


def filter_names(text):
    """Yields the filters that the text about the parameter Filters documents, with their other names."""
    for item in Items(text).items:
        first = re.match(r"\s*`([^`]+)`", item)
        if first:
            yield "tag:Name" if re.fullmatch("tag(:.*)?", first[1]) else first[1]
        for others in re.findall(r"also use ((?:`[^`]+`(?: or )?)+) as the filter name", item):
            yield from re.findall("`([^`]+)`", others)


class Action:
    """What the model has of an action, and what of it the embedded EC2 has."""

    def __init__(self, server, model):
        self.server, self.name, self.model = server, model.name, model
        self.serializer = botocore.serialize.create_serializer("ec2", include_validation=False)
        self.bodies = []  # of requests that succeeded
        self.seen = set()  # fields in answers
        self.unclear = []

    def form(self, arguments):
        body = dict(self.serializer.serialize_to_request(arguments, self.model)["body"])
        return {name: value for name, value in body.items() if name not in ("Action", "Version")}

    def record(self, body, answer):
        self.bodies.append({name: value for name, value in body.items() if name not in ("Action", "Version")})
        if self.model.output_shape is not None:
            self.seen.update(present(self.model.output_shape, answer))

    def bases(self):
        """Returns the requests that succeeded, one for each set of parameters, and what every request needs."""
        by_names = {frozenset(body): body for body in self.bodies}
        bases = sorted(by_names.values(), key=len)
        needed = [name for path, shape in scalars(self.model.input_shape) if path[0] in self.model.input_shape.required_members for name in self.form(nested(path, sample(path[-1], shape)))]
        return bases + [{name: value for name, value in base.items() if name in needed} for base in bases[:1]]

    def parameters(self):
        """Yields the parameters, and whether each is accepted."""
        a_filter = next((name for name, ok in self.filters() if ok), "x")
        for path, shape in scalars(self.model.input_shape):
            form = self.form(nested(path, sample(path[-1], shape)))
            if path[0] == "Filters":
                form = self.form({"Filters": [{"Name": a_filter, "Values": ["x"]}]})
            yield dotted(path), any(name in body for body in self.bodies for name in form) or self.accepts(dotted(path), form)

    def accepts(self, name, form):
        verdict = None
        for base in self.bases():
            verdict = self.accepts_beside(base, form)
            if verdict in (True, False):
                return verdict
        self.unclear.append(f"{name}: {verdict or 'no request succeeded'}")
        return False

    def accepts_beside(self, base, form):
        """Reports whether parameters are accepted in a request that is accepted without them, or returns the refusal that hides it."""
        names, form = list(form), dict(form)
        for _ in range(12):
            code, message = self.server.refusal(self.name, {**form, **base})
            about = any(re.search(rf"\b{re.escape(name)}\b", message) for whole in names for name in (whole, whole.split(".")[0]))
            missing = re.fullmatch(r"The request must contain the parameter (\S+)", message)
            malformed = re.search(r'Invalid id: "([^"]*)" \(expecting "([^"]*?)-?\.\.\."', message)
            if code in ("UnknownParameter", "UnsupportedOperation", "InvalidParameter"):
                return code == "UnknownParameter" and not about
            if missing and missing[1] not in form:
                form[missing[1]] = self.sample_of(missing[1])
            elif malformed and malformed[1] in form.values():
                form = {key: f"{malformed[2]}-0123456789abcdef0" if value == malformed[1] else value for key, value in form.items()}
            elif about or names == [names[0].split(".")[0]]:
                return True  # it was read: without it, the request is accepted
            else:
                break
        return f"{code}: {message}"

    def sample_of(self, parameter):
        """Returns a value for a parameter, by its name in a request."""
        for path, shape in scalars(self.model.input_shape):
            form = self.form(nested(path, sample(path[-1], shape)))
            if parameter in form:
                return form[parameter]
        return "1"

    def filters(self):
        """Yields the documented filters, and whether each is accepted."""
        member = self.model.input_shape and self.model.input_shape.members.get("Filters")
        for name in filter_names(member.documentation) if member else []:
            form = self.form({"Filters": [{"Name": name, "Values": ["x"]}]})
            bases = [{key: value for key, value in base.items() if not key.startswith("Filter.")} for base in self.bases()]
            yield name, any(self.is_read({**base, **form}) for base in bases)

    def is_read(self, form):
        """Reports whether a request is refused for nothing but the parameter that nothing has."""
        code, message = self.server.refusal(self.name, form)
        return code == "UnknownParameter" and PROBE in message

    def fields(self):
        """Yields the fields of the answer, and whether some answer had each."""
        for path, _ in scalars(self.model.output_shape):
            yield dotted(path), path in self.seen


def embedded(server, model):
    """Returns the actions that the embedded EC2 has."""
    names = [name for name in model.operation_names if server.refusal(name, {})[0] != "InvalidAction"]
    return {name: Action(server, model.operation_model(name)) for name in names}


def client_of(url, actions):
    """Returns a client that records what it is answered."""
    client = botocore.session.Session().create_client(
        "ec2", region_name="us-east-1", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test",
        config=botocore.config.Config(retries={"total_max_attempts": 1}),
    )
    body = {}

    def before(params, **_):
        body.clear()
        body.update(params["body"])

    def after(http_response, parsed, model, **_):
        if http_response.status_code == 200:
            actions[model.name].record(body, parsed)

    client.meta.events.register("before-call.ec2", before)
    client.meta.events.register("after-call.ec2", after)
    return client


def table(rows):
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        print(" | ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def measure(server, only, missing):
    model = botocore.session.Session().get_service_model("ec2")
    actions = embedded(server, model)
    failed = account.fill(server.url, client_of(server.url, actions), actions)
    kinds = ("parameters", "filters", "fields")
    rows, details, totals = [], [], {kind: [0, 0] for kind in kinds}
    for name, action in sorted(actions.items()):
        if not fnmatch.fnmatchcase(name, only):
            continue
        row = [name]
        for kind in kinds:
            found = list(getattr(action, kind)())
            have, all_ = sum(ok for _, ok in found), len(found)
            totals[kind][0] += have
            totals[kind][1] += all_
            row.append(f"{kind} {have} of {all_}")
            absent = [thing for thing, ok in found if not ok]
            if absent:
                details.append(f"{name} {kind}: {' '.join(absent)}")
        details += [f"{name} unclear: {line}" for line in action.unclear]
        rows.append(row)
    rows.append([f"{len(rows)} actions"] + [f"{kind} {have} of {all_}" for kind, (have, all_) in totals.items()])
    table(rows)
    if missing:
        print("\nNot there:\n")
        print("\n".join(details))
        print("\nRequests of account.py that were refused:\n")
        print("\n".join(failed))


@contextlib.contextmanager
def running(binary):
    """Starts the provider's embedded EC2 on an empty store, and yields its URL."""
    with tempfile.TemporaryDirectory() as folder:
        words = [binary, "emulator", "--listen", "127.0.0.1:0", "--path", os.path.join(folder, "ec2.db")]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        try:
            yield re.search(r"http://\S+", process.stdout.readline())[0]
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--missing", action="store_true", help="also name what is not there")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="only actions whose names match, as *TrafficMirror*")
    parser.add_argument("server", metavar="BINARY|URL")
    arguments = parser.parse_args()
    server = contextlib.nullcontext(arguments.server) if arguments.server.startswith("http://") else running(arguments.server)
    with server as url:
        measure(Server(url), arguments.only, arguments.missing)


if __name__ == "__main__":
    sys.exit(main())
