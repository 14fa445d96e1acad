"""Renders the chart with Helm's own library, and validates what it makes.

Reads from standard input {"chart": FOLDER, "cases": [VALUES, …]}, values as texts in
YAML; later documents of a text are put over earlier ones, as later files are. Prints
what the chart is, and for each case {"objects": […], "notes": TEXT} or {"error": TEXT}.
An object that a release of Kubernetes would not take is an error, and so is what
`helm lint --strict` finds.
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

RELEASE = {"name": "site", "namespace": "mlops"}

WARNING = 2


def merge(below, above):
    """Returns both, key by key, as `helm install --values A --values B` does."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return below | {key: merge(below.get(key), value) for key, value in above.items()}


def validate(thing):
    """Fails if `thing` has a field that Kubernetes does not know, or a wrong one."""
    if thing["kind"] in EXTENSIONS:
        return
    for release in RELEASES:
        kubernetes_validate.validate(thing, release, strict=True)


def lint(folder, values):
    """Fails with what `helm lint --strict` finds."""
    report = helm_python.lint(folder, values, strict=True, namespace=RELEASE["namespace"])
    found = [told["error"] for told in report["messages"] if told["severity"] >= WARNING]
    if found:
        raise ValueError("; ".join(found))


def render(chart, folder, text):
    """Returns what `helm install`, or `helm upgrade`, would send to the cluster."""
    values = {}
    for document in text.split("\n---\n"):
        values = merge(values, helm_python.values_from_yaml(document))
    files = chart.render(values, **RELEASE)
    lint(folder, values)
    notes = next(text for name, text in files.items() if name.endswith("NOTES.txt"))
    manifests = (text for name, text in files.items() if name.endswith(".yaml"))
    things = [thing for text in manifests for thing in yaml.safe_load_all(text) if thing]
    for thing in things:
        validate(thing)
    return {"objects": things, "notes": notes}


def outcome(chart, folder, text):
    """Returns what was rendered, or why it was not."""
    try:
        return render(chart, folder, text)
    except (ValueError, helm_python.HelmError, kubernetes_validate.ValidationError) as error:
        return {"error": str(error)}


request = json.load(sys.stdin)
with helm_python.Chart.load(request["chart"]) as loaded:
    told = {
        "metadata": loaded.metadata,
        "values": loaded.values,
        "schema": loaded.schema,
        "outcomes": [outcome(loaded, request["chart"], text) for text in request["cases"]],
    }
json.dump(told, sys.stdout)
