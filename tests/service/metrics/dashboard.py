"""Reads metrics from standard input as Prometheus does, and Grafana's dashboard.

Ends with an error for a query that is none, that asks for a metric or a label that is
not measured, and for a metric that no panel shows.
"""

import json
import re
import sys

import promql_parser
from prometheus_client.openmetrics.parser import text_string_to_metric_families

# What Prometheus adds to every metric.
TARGET = {"instance", "job"}
SUFFIXES = r"_(total|bucket|count|sum|info)$"

# What Grafana fills in.
VARIABLES = {"$__rate_interval": "5m", "$instance": ".*"}

families = {}
for family in text_string_to_metric_families(sys.stdin.read()):
    labels = {label for sample in family.samples for label in sample.labels}
    assert family.samples, f"{family.name} has not been counted: nothing is known of its labels"
    families[family.name] = labels | TARGET


def parts(node):
    """Yields an expression and everything in it."""
    yield node
    for name in ("lhs", "rhs", "expr", "args", "vector_selector"):
        inner = getattr(node, name, None)
        for one in inner if isinstance(inner, list) else [inner]:
            if one is not None:
                yield from parts(one)


def shown(query):
    """Returns the metrics that a query asks for, and checks its labels."""
    for variable, value in VARIABLES.items():
        query = query.replace(variable, value)
    assert "$" not in query, f"{query}: a variable that the dashboard does not have"
    asked, labels = set(), set()
    for part in parts(promql_parser.parse(query)):
        if isinstance(part, promql_parser.VectorSelector):
            family = re.sub(SUFFIXES, "", part.name)
            assert family in families, f"{query}: {part.name} is not measured"
            asked.add(family)
            labels |= {matcher.name for matcher in part.matchers.matchers}
        if isinstance(part, promql_parser.AggregateExpr) and part.modifier:
            labels |= set(part.modifier.labels)
    for label in labels - {"le"}:
        assert all(label in families[family] for family in asked), f"{query}: no label {label}"
    return asked


def check(panel):
    """Returns the metrics that a panel shows."""
    if panel["type"] == "row":
        return set()
    assert panel["description"] and panel["targets"], panel["title"]
    asked = set()
    for target in panel["targets"]:
        assert target["datasource"]["uid"] == "${datasource}", panel["title"]
        asked |= shown(target["expr"])
        for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
            known = all(label in families[family] for family in shown(target["expr"]))
            assert known, f"{panel['title']}: its legend has no label {label}"
    print("panel", panel["title"])
    return asked


with open(sys.argv[1], encoding="utf-8") as file:
    dashboard = json.load(file)
variables = [variable["name"] for variable in dashboard["templating"]["list"]]
assert variables == ["datasource", "instance"], variables
idents = [panel["id"] for panel in dashboard["panels"]]
assert len(set(idents)) == len(idents), "two panels have the same id"
seen = set().union(*(check(panel) for panel in dashboard["panels"]))
assert seen == set(families), f"no panel shows {set(families) - seen}"
