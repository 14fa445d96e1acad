"""Prints the parameters of what changes something in the MLflow that this Python
has, one a line.

A line is a method, a path, a parameter and its type, between tabs. They come from
the messages of MLflow's RPCs, from the signatures that FastAPI has read, and, where
a function of the server reads a request without either, from its source: then the
method is `ANY`, and the path is the file's. Messages, maps, truth values and
fractions, which name nothing, are left out; so are parameters in paths, all of
which are names.

With a folder as its argument it reads an unpacked wheel there, of a version that
is not installed, and no signatures.
"""

import os
import re
import sys
import tempfile
import types
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules

# Protos of Databricks' services, which this server does not have.
FOREIGN = ("databricks_", "unity_catalog_", "facet_")

# Where functions read requests by hand.
SOURCES = ("handlers.py", "gateway_api.py", "auth/__init__.py")

BY_HAND = re.compile(
    r"""(?:\b_get_(?:int_)?request_param\(
        | \b_coerce_int_param\(
        | request\.(?:args|json|form)(?:\.get\(|\.getlist\(|\[)
        | \b(?:args|body|data|payload|request_json)(?:\.get\(|\[)
        )\s*["'](\w+)["']""",
    re.VERBOSE,
)

SETTINGS = {
    "_MLFLOW_SGI_NAME": "uvicorn",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_FLASK_SERVER_SECRET_KEY": "nothing-is-signed-here",
    "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python",
}

READS = {"GET", "HEAD", "OPTIONS"}


def main():
    warnings.simplefilter("ignore")
    os.environ.update(SETTINGS)
    wheel = sys.argv[1] if len(sys.argv) > 1 else None
    if wheel:
        # The protos alone: MLflow itself would import all that it needs.
        package = types.ModuleType("mlflow")
        package.__path__ = [str(Path(wheel).resolve() / "mlflow")]
        sys.modules["mlflow"] = package
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        found = {*of_protos(), *of_sources()}
        if not wheel and find_spec("mlflow.server.fastapi_app"):
            found |= set(of_signatures())
        os.chdir("/")
    print("\n".join(sorted("\t".join(row) for row in set(fold(found)))))


def fold(rows):
    """Makes one of two rows that differ in MLflow's prefix only."""
    for method, path, name, kind in rows:
        prefix, _, rest = path.removeprefix("/").partition("/")
        twin = {"api": "ajax-api", "ajax-api": "api"}.get(prefix)
        if (method, f"/{twin}/{rest}", name, kind) in rows:
            path = f"/{{api|ajax-api}}/{rest}"
        yield method, path, name, kind


def of_protos():
    from mlflow.protos import databricks_pb2

    for method in rpcs():
        for endpoint in method.GetOptions().Extensions[databricks_pb2.rpc].endpoints:
            # MLflow 1 has its endpoints twice, once in a preview.
            if endpoint.method not in READS and not endpoint.path.startswith("/preview/"):
                path = f"{endpoint.since.major}.{endpoint.since.minor}{endpoint.path}"
                yield from of_message(endpoint.method, path, method.input_type)


def rpcs():
    from mlflow import protos

    for module in iter_modules(protos.__path__):
        if module.name.endswith("_pb2") and not module.name.startswith(FOREIGN):
            file = import_module(f"mlflow.protos.{module.name}").DESCRIPTOR
            for service in file.services_by_name.values():
                yield from service.methods


def of_sources():
    from mlflow import protos

    server = Path(next(iter(protos.__path__))).parent / "server"
    for source in filter(Path.is_file, (server / name for name in SOURCES)):
        for name in BY_HAND.findall(source.read_text()):
            yield "ANY", f"mlflow/server/{source.relative_to(server)}", name, "unknown"


def of_message(method, path, message):
    path = re.sub(r"<path:(\w+)>", r"{\1*}", path)
    in_path = set(re.findall(r"{(\w+)\*?}", path))
    for field in message.fields:
        kind = kind_of(field)
        if kind and field.name not in in_path:
            yield method, f"/{{api|ajax-api}}/{path}", field.name, kind


def kind_of(field):
    kinds = {
        field.CPPTYPE_STRING: "string",
        field.CPPTYPE_ENUM: "enum",
        **dict.fromkeys(
            (
                field.CPPTYPE_INT32,
                field.CPPTYPE_INT64,
                field.CPPTYPE_UINT32,
                field.CPPTYPE_UINT64,
            ),
            "integer",
        ),
    }
    kind = kinds.get(field.cpp_type)
    # Newer releases of protobuf have no labels any more.
    is_repeated = getattr(field, "is_repeated", None)
    if is_repeated is None:
        is_repeated = field.label == field.LABEL_REPEATED
    return f"{kind}s" if kind and is_repeated else kind


def of_signatures():
    from fastapi import routing
    from mlflow.server import app
    from mlflow.server.fastapi_app import create_fastapi_app

    # Newer releases of FastAPI keep the routes of included routers apart.
    flatten = getattr(routing, "iter_route_contexts", iter)
    for route in flatten(create_fastapi_app(app).routes):
        for method in (getattr(route, "methods", None) or set()) - READS:
            path = re.sub(r"{(\w+):path}", r"{\1*}", route.path)
            for name, kind in of_route(route):
                yield method, path, name, kind


def of_route(route):
    dependant = route.dependant
    for field in dependant.query_params:
        yield field.alias, "query"
    for field in dependant.header_params:
        yield field.alias.lower(), "header"
    for field in dependant.body_params:
        model = getattr(field, "type_", None) or field.field_info.annotation
        fields = getattr(model, "model_fields", None)
        if fields is None:
            yield field.alias, "body"
        for name, inner in (fields or {}).items():
            kind = kind_of_annotation(inner.annotation)
            if kind:
                yield inner.alias or name, kind


def kind_of_annotation(annotation):
    words = set(re.findall(r"\w+", str(annotation)))
    if words & {"dict", "Dict"}:
        return None
    kinds = [kind for kind, type_ in (("string", "str"), ("integer", "int")) if type_ in words]
    if not kinds and "Literal" not in words and not words & {"Enum"}:
        return None
    kind = kinds[0] if kinds else "enum"
    return f"{kind}s" if words & {"list", "List"} else kind


if __name__ == "__main__":
    main()
