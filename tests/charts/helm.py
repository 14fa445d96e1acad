"""Renders the chart with Helm's own library, and validates what it makes.

Reads from standard input {"chart": FOLDER, "cases": [{"values": TEXT, …}]}, values in
YAML, and prints for each case {"objects": […], "notes": TEXT} or {"error": TEXT}. An
object that a release of Kubernetes would not take is an error.
"""

import json
import sys

import helm_python
import kubernetes_validate
import yaml

# The first that the chart supports, and the newest that is known.
RELEASES = ("1.29", "1.37")

# Kinds of extensions, of which Kubernetes itself has no schema.
EXTENSIONS = {"HTTPRoute", "PrometheusRule", "ServiceMonitor"}


def validate(thing):
    """Fails if `thing` has a field that Kubernetes does not know, or a wrong one."""
    if thing["kind"] in EXTENSIONS:
        return
    for release in RELEASES:
        kubernetes_validate.validate(thing, release, strict=True)


def render(chart, case):
    """Returns what `helm install`, or `helm upgrade`, would send to the cluster."""
    values = helm_python.values_from_yaml(case["values"])
    files = chart.render(values, name="site", namespace="mlops")
    notes = next(text for name, text in files.items() if name.endswith("NOTES.txt"))
    manifests = (text for name, text in files.items() if name.endswith(".yaml"))
    things = [thing for text in manifests for thing in yaml.safe_load_all(text) if thing]
    for thing in things:
        validate(thing)
    return {"objects": things, "notes": notes}


def outcome(chart, case):
    """Returns what was rendered, or why it was not."""
    try:
        return render(chart, case)
    except (helm_python.HelmError, kubernetes_validate.ValidationError) as error:
        return {"error": str(error)}


request = json.load(sys.stdin)
with helm_python.Chart.load(request["chart"]) as loaded:
    outcomes = [outcome(loaded, case) for case in request["cases"]]
    metadata = loaded.metadata
lint = [helm_python.lint(request["chart"], helm_python.values_from_yaml(case["values"]), strict=True)
        for case in request["cases"] if case.get("lint")]
json.dump({"outcomes": outcomes, "lint": lint, "metadata": metadata}, sys.stdout)
