"""Converts results to text, with placeholders for what differs between rounds."""

import collections.abc
import dataclasses
import enum
import json
import re

import pandas

# Endings of fields that differ between rounds.
TIMES = re.compile(r"(_time|_at|timestamp|_ms|_ns|_nano|duration|_timestamp_millis)$")
# Traces and spans get random ids, and the digest of a data set depends on its name.
RANDOM = ["digest", "span_id", "parent_span_id", "trace_id"]
RANDOM += ["mlflow.trace.sizeBytes", "mlflow.trace.sizeStats"]
# Numbers that a database assigns.
NUMBERS = re.compile(r"(experiment_ids?|experimentId)$")

HEX = re.compile(r"\b(m-|tr-|d-|span-)?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\b|\b[0-9a-f]{16}\b")
LOCATION = re.compile(r"(mlflow-artifacts:(?://[^/]+)?/|artifacts/|location=|with id=|ID )\d+")
CLOCK = re.compile(r"\b1[6-9]\d{11,17}\b|\d{4}-\d\d-\d\d[T ][\d:.]+(Z|\+00:00)?")


class Describer:
    """Knows a round's prefix and the servers' addresses."""

    def __init__(self, prefix, addresses):
        self.known = [(prefix, "PREFIX"), *((address, "SERVER") for address in addresses)]

    def text(self, text):
        for known, name in self.known:
            text = text.replace(known, name)
        text = HEX.sub("ID", text)
        text = LOCATION.sub(r"\1NUMBER", text)
        return CLOCK.sub("TIME", text)

    def value(self, value, name=""):
        if value is not None and TIMES.search(name):
            return "TIME"
        if value is not None and NUMBERS.search(name):
            return ["NUMBER"] * len(value) if isinstance(value, list) else "NUMBER"
        if isinstance(value, enum.Enum):
            return str(value.value)
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, str):
            return "RANDOM" if name in RANDOM else self.string(value)
        return self.composite(value)

    def string(self, text):
        """Parses JSON in a text: its order and its times do not matter either."""
        if text[:1] in "{[" and text[1:]:
            try:
                return {"json": self.value(json.loads(text))}
            except ValueError:
                pass
        return self.text(text)

    def composite(self, value):
        if isinstance(value, bytes):
            return self.text(repr(value))
        if isinstance(value, collections.abc.Set):
            return sorted(self.value(item) for item in value)
        if isinstance(value, collections.abc.Sequence):
            return [self.value(item) for item in value]
        if isinstance(value, pandas.DataFrame):
            return self.value(json.loads(value.to_json()))
        return {
            self.text(str(key)): self.value(item, str(key))
            for key, item in sorted(fields(value).items(), key=lambda pair: str(pair[0]))
        }


def fields(value):
    """Returns the fields of an entity."""
    if isinstance(value, dict):
        return value
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if hasattr(value, "to_dict"):
        return value.to_dict()
    try:
        return dict(value)
    except TypeError:
        return vars(value)
