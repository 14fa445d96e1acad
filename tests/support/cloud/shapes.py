"""From a resource's properties to the parameters of the operation that makes
it: the names differ in case, lists may have their length with them, and what
the operation does not know is an error, as it would be in AWS.
"""

from __future__ import annotations

import re
from typing import Any

from botocore.model import Shape, StructureShape
from botocore.validate import ParamValidator

# What CloudFormation calls by another name.
NAMES = {"ipv6enabled": "isipv6enabled"}


class Stranger(Exception):
    """A property that the operation has no parameter for."""


def parameters(shape: StructureShape, properties: dict[str, Any], drop: set[str]) -> Any:
    """Returns the properties as `shape` has them, after validating them."""
    wanted = {name: value for name, value in properties.items() if name not in drop}
    converted = convert(shape, wanted, shape.name)
    report = ParamValidator().validate(converted, shape)
    if report.has_errors():
        raise Stranger(report.generate_report())
    return converted


def convert(shape: Shape, value: Any, where: str) -> Any:
    """Returns `value` as `shape` has it."""
    if shape.type_name == "structure":
        return structure(shape, value, where)
    if shape.type_name == "list":
        return [convert(shape.member, each, where) for each in value]
    if shape.type_name == "map":
        return {name: convert(shape.value, each, where) for name, each in value.items()}
    return scalar(shape.type_name, value)


def structure(shape: StructureShape, value: Any, where: str) -> dict[str, Any]:
    if isinstance(value, list):
        # CloudFront's lists carry their length.
        converted = {"Quantity": len(value)}
        if value:
            converted["Items"] = convert(shape.members["Items"], value, where)
        return converted
    members = {plain(name): name for name in shape.members}
    converted = {}
    for name, each in value.items():
        member = members.get(plain(name))
        if member is None:
            raise Stranger(f"{where} has no {name}")
        converted[member] = convert(shape.members[member], each, f"{where}.{name}")
    if "Quantity" in shape.members and isinstance(converted.get("Items"), list):
        converted["Quantity"] = len(converted["Items"])
    return converted


def scalar(kind: str, value: Any) -> Any:
    """CloudFormation takes texts for everything."""
    if kind in ("integer", "long"):
        return int(value)
    if kind in ("float", "double"):
        return float(value)
    if kind == "boolean":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    if kind == "blob":
        return str(value).encode()
    if isinstance(value, (int, float)):
        return str(value)
    # The emulator's `Ref` of a subnet group is the group itself.
    return getattr(value, "name", value)


def plain(name: str) -> str:
    lower = re.sub("[^a-z0-9]", "", name.lower())
    return NAMES.get(lower, lower)
