"""Reads metrics from standard input as Prometheus does, and a file of alerts.

Prints the families, and ends with an error for an alert that is none, or that
asks for what is not measured.
"""

import re
import sys

import promql_parser
import yaml
from prometheus_client.openmetrics.parser import text_string_to_metric_families

RULE = {"alert", "expr", "for", "annotations"}
SUFFIXES = r"_(total|bucket|count|sum|info)$"

families = {}
for family in text_string_to_metric_families(sys.stdin.read()):
    families[family.name] = {
        label for sample in family.samples for label in sample.labels
    }
    print(family.type, family.name, len(family.samples))

with open(sys.argv[1], encoding="utf-8") as file:
    groups = yaml.safe_load(file)["groups"]
for rule in (rule for group in groups for rule in group["rules"]):
    assert set(rule) <= RULE and rule["annotations"]["summary"], rule
    assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m")), rule
    expression = str(promql_parser.parse(rule["expr"]))
    for name, labels in re.findall(r"\b(mlflow_shell_\w+)\{([^}]*)\}", expression):
        family = re.sub(SUFFIXES, "", name)
        assert family in families, f"{rule['alert']}: {name} is not measured"
        known = families[family]
        for label in re.findall(r"(\w+)=", labels):
            assert not known or label in known, f"{rule['alert']}: {name} has no {label}"
    print("alert", rule["alert"])
