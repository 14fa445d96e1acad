"""Prints the endpoints of the MLflow that this Python has, one a line.

A line is a method, a path, the option of `mlflow server` that adds the endpoint
(nothing if it is always there) and the function that answers, between tabs.
Every word comes from MLflow's own route maps and schema.

In a path, `{name}` stands for one segment and `{name*}` for one or more. A path
below both of MLflow's prefixes is one line, below `/{api|ajax-api}/`. Fields at
the root of the GraphQL schema are lines too, such as `QUERY` and `graphql:test`.
"""

import os
import re
import tempfile
import warnings
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

# Flask answers them by itself, wherever anything answers.
IMPLIED = {"HEAD", "OPTIONS"}

SETTINGS = {
    "_MLFLOW_SGI_NAME": "uvicorn",
    "MLFLOW_AUTH_CONFIG_PATH": "auth.ini",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_FLASK_SERVER_SECRET_KEY": "nothing-is-signed-here",
}

# What the authentication app asks for before it starts. None of it is kept.
AUTH = """
[mlflow]
default_permission = READ
database_uri = sqlite:///auth.db
admin_username = nobody
admin_password = nobody-signs-in-here
"""


def main():
    warnings.simplefilter("ignore")
    os.environ.update(SETTINGS)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("auth.ini").write_text(AUTH)
        lines = sorted("\t".join(row) for row in rows())
        os.chdir("/")
    print("\n".join(lines))


def rows():
    from mlflow.server import app

    seen = {**served(app), **graphql()}
    found = describe(seen, option="")
    for option, mount in (("basic-auth", authenticate), ("expose-prometheus", measure)):
        mount(app)
        added = {key: name for key, name in served(app).items() if key not in seen}
        found += describe(added, option)
        seen |= added
    return found


def describe(endpoints, option):
    return [(*key, option, name.strip("_")) for key, name in fold(endpoints).items()]


def authenticate(app):
    # MLflow before 2.3 has no such app; later several packages may name the same.
    entry = next(iter(entry_points(group="mlflow.app", name="basic-auth")), None)
    # In MLflow 2.3 it is no function, and importing it is enough.
    if entry and entry.load() is not app:
        entry.load()(app)


def measure(app):
    os.environ["prometheus_multiproc_dir"] = os.getcwd()
    from mlflow.server.prometheus_exporter import activate_prometheus_exporter

    activate_prometheus_exporter(app)


def served(app):
    """Returns what the server answers: (method, path) and the function's name.

    In MLflow 3, FastAPI answers what it knows and passes on the rest to Flask.
    """
    endpoints = dict(flask_endpoints(app))
    if find_spec("mlflow.server.fastapi_app"):
        from mlflow.server.fastapi_app import create_fastapi_app

        endpoints.update(fastapi_endpoints(create_fastapi_app(app)))
    return endpoints


def flask_endpoints(app):
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<path:(\w+)>", r"{\1*}", rule.rule)
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)
        for method in rule.methods - IMPLIED:
            yield (method, path), rule.endpoint.strip("<>")


def fastapi_endpoints(app):
    from fastapi import routing

    # Newer releases of FastAPI keep the routes of included routers apart.
    flatten = getattr(routing, "iter_route_contexts", iter)
    for route in flatten(app.routes):
        # The mounted Flask app is a route without methods.
        for method in (getattr(route, "methods", None) or set()) - IMPLIED:
            path = re.sub(r"{(\w+):path}", r"{\1*}", route.path)
            path = re.sub(r"{(\w+):\w+}", r"{\1}", path)
            yield (method, path), route.endpoint.__name__


def graphql():
    # Older releases have no such schema.
    if not find_spec("mlflow.server.graphql"):
        return {}
    from mlflow.server.graphql.graphql_schema_extensions import schema

    schema = schema.graphql_schema
    roots = {"QUERY": schema.query_type, "MUTATION": schema.mutation_type}
    return {
        (method, f"graphql:{field}"): "graphql"
        for method, root in roots.items()
        for field in (root.fields if root else ())
    }


def fold(endpoints):
    """Makes one of two endpoints that differ in MLflow's prefix only."""
    folded = {}
    for (method, path), name in endpoints.items():
        prefix, _, rest = path.removeprefix("/").partition("/")
        twin = {"api": "ajax-api", "ajax-api": "api"}.get(prefix)
        if (method, f"/{twin}/{rest}") in endpoints:
            path = f"/{{api|ajax-api}}/{rest}"
        folded[method, path] = name
    return folded


if __name__ == "__main__":
    main()
