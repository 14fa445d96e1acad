"""Serves an emulator of AWS that makes more kinds of resources than it does by
itself, and records what each is made with, and whether it could make it.

    python serve.py RECORD
"""

from __future__ import annotations

import json
import re
import signal
import sys
from pathlib import Path
from typing import Any

import boto3
from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.s3.models import FakeBucket
from moto.server import ThreadedMotoServer

from kinds import KINDS, SELF, renamed
from shapes import parameters

RECORD = Path(sys.argv[1])
SERVER = ThreadedMotoServer("127.0.0.1", 0, verbose=False)


class Made:
    """A resource that an API has made, or whose parameters it would take."""

    def __init__(self, kind: str, name: str, properties: dict[str, Any], region: str) -> None:
        self.kind, self.name, self.properties = KINDS[kind], (kind, name), properties
        prepared = self.kind.prepare(properties)
        if self.kind.named:
            prepared.setdefault(self.kind.named, name.lower()[-32:].strip("-"))
        client = connect(self.kind.service, region)
        self.answer = self.call(client, self.kind.operation, prepared)
        self.physical_resource_id = self.find(self.kind.identity) or name
        for operation, more in self.kind.then(prepared):
            self.call(client, operation, self.named(more))

    def update(self, properties: dict[str, Any], region: str) -> None:
        """Changes it, where the tests look at that."""
        operation, name = self.kind.update
        if operation:
            prepared = self.kind.prepare(properties) | {name: self.physical_resource_id}
            prepared.pop("GenerateSecret", None)
            self.call(connect(self.kind.service, region), operation, prepared)
        for operation, more in self.kind.then(properties):
            if operation in CHANGES:
                self.call(connect(self.kind.service, region), operation, more)

    def call(self, client: Any, operation: str, properties: dict[str, Any]) -> Any:
        """Performs an operation, or only sees whether it would take that."""
        shape = client.meta.service_model.operation_model(operation).input_shape
        drop = set(self.kind.drop) if operation == self.kind.operation else set()
        accepted = parameters(shape, properties, drop)
        record(*self.name, operation, self.kind.is_there, accepted)
        return client._make_api_call(operation, accepted) if self.kind.is_there else {}

    def named(self, parameters: dict[str, Any]) -> dict[str, Any]:
        own = self.physical_resource_id
        return {key: own if each == SELF else each for key, each in parameters.items()}

    def find(self, path: str) -> str | None:
        """Returns what the answer has at `path`."""
        if path == "=":
            return str(self.properties["Domain"])
        value: Any = self.answer
        for part in path.split(".") if path else []:
            if isinstance(value, list):
                value = value[int(part)]
            else:
                value = (value or {}).get(part)
        return value if isinstance(value, str) else None

    def get_cfn_attribute(self, attribute: str) -> str:
        path = self.kind.attributes.get(attribute)
        if path and (found := self.find(path)):
            return found
        special = SPECIAL.get(attribute)
        return special(self) if special else f"{self.physical_resource_id}-{attribute}"

    def is_created(self) -> bool:
        return True


# Of the further operations those that may be performed again.
CHANGES = {"PutIntegration", "UpdateStage"}

# What CloudFormation tells and the API does not, or not so.
SPECIAL = {
    "ProviderURL": lambda made: (
        "https://cognito-idp.us-east-1.amazonaws.com/" + made.physical_resource_id
    ),
    "LoadBalancerFullName": lambda made: made.physical_resource_id.split(":loadbalancer/")[1],
    "TargetGroupFullName": lambda made: made.physical_resource_id.split(":")[-1],
    "AppId": lambda made: "d1example",
    "DefaultDomain": lambda made: "d1example.amplifyapp.com",
}


def model(kind: str) -> type[CloudFormationModel]:
    """Returns the class by which the emulator's CloudFormation makes this kind."""

    def create(_cls: Any, name: str, whole: Any, _account: str, region: str, **_: Any) -> Made:
        return Made(kind, name, whole.get("Properties", {}), region)

    def update(_cls: Any, original_resource: Made, cloudformation_json: Any, **rest: Any) -> Made:
        original_resource.update(cloudformation_json["Properties"], rest["region_name"])
        return original_resource

    methods = {
        # The emulator takes the name of a service from it.
        "__module__": "moto.cloudformation.more",
        "cloudformation_type": staticmethod(lambda: kind),
        "cloudformation_name_type": staticmethod(lambda: ""),
        "create_from_cloudformation_json": classmethod(create),
        "update_from_cloudformation_json": classmethod(update),
        "has_cfn_attr": classmethod(lambda _cls, _attribute: True),
    }
    return type(kind.replace("::", ""), (CloudFormationModel,), methods)


def connect(service: str, region: str) -> Any:
    host, port = SERVER.get_host_and_port()
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=f"http://{host}:{port}",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def record(kind: str, name: str, operation: str, made: bool, accepted: Any) -> None:
    """Writes a line about what was done, or could not be."""
    line = {"kind": kind, "name": name, "operation": operation, "made": made, "with": accepted}
    with RECORD.open("a") as lines:
        lines.write(json.dumps(line, default=lambda content: content.decode()) + "\n")


def without_support(kind: str) -> Any:
    """Finds the class of a kind; one that nobody knows is told, not passed over."""
    found = FOUND(kind)
    if found is None:
        record(kind, "", "", False, {})
    return found


def references(template: Any) -> list[str]:
    """Finds what a template refers to; the emulator overlooks `Fn::Sub`."""
    return re.findall(r"\$\{(\w+)\}", json.dumps(template)) + REFERENCES(template)


def cleaned(value: Any, resources: Any) -> Any:
    """Leaves out what is `AWS::NoValue` in a list; the emulator does so only in
    objects."""
    made = CLEAN(value, resources)
    return [each for each in made if each is not None] if isinstance(value, list) else made


def with_rules(made: Any) -> Any:
    """Has a bucket keep its rules for pages of other origins, of which the
    emulator's CloudFormation knows nothing."""

    def make(_cls: Any, *arguments: Any, **rest: Any) -> Any:
        bucket = made(*arguments, **rest)
        whole = next(each for each in [*arguments, *rest.values()] if isinstance(each, dict))
        cors = whole.get("Properties", {}).get("CorsConfiguration", {})
        rules = [RULE(each) for each in cors.get("CorsRules", [])]
        s3 = connect("s3", "us-east-1")
        if rules:
            s3.put_bucket_cors(Bucket=bucket.name, CORSConfiguration={"CORSRules": rules})
        else:
            s3.delete_bucket_cors(Bucket=bucket.name)
        return bucket

    return classmethod(make)


# What CloudFormation calls otherwise in such a rule.
RULE = renamed(Id="ID", ExposedHeaders="ExposeHeaders", MaxAge="MaxAgeSeconds")
for method in ("create_from_cloudformation_json", "update_from_cloudformation_json"):
    setattr(FakeBucket, method, with_rules(getattr(FakeBucket, method)))

REFERENCES = parsing.get_references_from_template
parsing.get_references_from_template = references
CLEAN = parsing.clean_json
parsing.clean_json = cleaned
FOUND = parsing.resource_class_from_type
parsing.resource_class_from_type = without_support
MODELS = [model(kind) for kind in KINDS]

SERVER.start()
print("ready", SERVER.get_host_and_port()[1], flush=True)
signal.pause()
