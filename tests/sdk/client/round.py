"""Makes every call of the table with MLflow's own client, and records the results.

The owner, who talks to MLflow directly, prepares what a call needs. The call
itself goes to another address, with the token in MLFLOW_TRACKING_TOKEN. Each line
of the output file is the JSON of one call: its result or error, the client's
warnings, and the requests.
"""

import argparse
import importlib
import inspect
import json
import logging
import os
import sys
import threading
import time
from urllib.parse import urlsplit

os.environ["MLFLOW_ENABLE_ASYNC_TRACE_LOGGING"] = "false"
os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
# A retry would hide a fault, and takes minutes after a 503.
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
# The client must not answer from its cache of the owner's calls.
os.environ["MLFLOW_VERSION_PROMPT_CACHE_TTL_SECONDS"] = "0"
os.environ["MLFLOW_ALIAS_PROMPT_CACHE_TTL_SECONDS"] = "0"
os.environ["GIT_PYTHON_REFRESH"] = "quiet"

import mlflow
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.tracking._tracking_service import utils as tracking

try:
    from mlflow.utils import server_info
except ImportError:  # before MLflow 3.18
    server_info = None

from describe import Describer
from table import ENTRIES, UNTRIED, Preparation

BASE = ["calls_tracking", "calls_artifacts", "calls_registry"]
MLFLOW_3 = ["calls_prompts", "calls_traces", "calls_models", "calls_mcp", "calls_skills",
            "calls_server"]


def main():
    arguments = parse()
    for module in BASE + (MLFLOW_3 if mlflow.__version__.startswith("3") else []):
        importlib.import_module(module)
    entries = applicable()
    trial = Trial(arguments)
    with open(arguments.output, "w") as output:
        for entry in entries:
            if not arguments.only or entry.method in arguments.only:
                print(json.dumps(trial.attempt(entry), sort_keys=True), file=output, flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--owner", required=True, help="address of MLflow itself")
    parser.add_argument("--at", required=True, help="address at which the calls are made")
    parser.add_argument("--prefix", required=True, help="begins the names of all that is made")
    parser.add_argument("--output", required=True, help="file for what came of it")
    parser.add_argument("only", nargs="*", help="methods, instead of all")
    return parser.parse_args()


def applicable():
    """Returns the entries of this version. A method without one is an error."""
    public = {
        name
        for name, _ in inspect.getmembers(MlflowClient, callable)
        if not name.startswith("_")
    }
    tried = {entry.method for entry in ENTRIES}
    missing = sorted(public - tried - UNTRIED.keys())
    if missing:
        sys.exit(f"MLflow {mlflow.__version__}: not in the table of calls: {' '.join(missing)}")
    return [entry for entry in ENTRIES if entry.method in public]


class Trial:
    """Makes calls: their preparation as the owner, and the call itself."""

    def __init__(self, arguments):
        self.owner_at, self.at, self.prefix = arguments.owner, arguments.at, arguments.prefix
        self.describer = Describer(arguments.prefix, [arguments.owner, arguments.at])
        self.watch = Watch()

    def attempt(self, entry):
        owner = self.client(self.owner_at)
        call = entry.prepare(Preparation(owner, self.prefix, entry))
        settle()
        client = self.client(self.at)
        self.watch.begin()
        start = time.monotonic()
        outcome = self.outcome(call, client)
        seconds = time.monotonic() - start
        settle()
        self.watch.end()
        return {
            "call": entry.name,
            "fails": entry.fails,
            "outcome": outcome,
            "requests": self.watch.requests,
            "seconds": round(seconds, 3),
            "warnings": [self.describer.text(text) for text in self.watch.warnings],
        }

    def client(self, address):
        """Returns a client of this server. Artifacts and traces use the global
        address, and cache it with each run. What the server can do is cached for
        60 seconds, which would end in some calls and not in others."""
        tracking._artifact_repos_cache.clear()
        if server_info:
            server_info._clear_server_info_cache()
        mlflow.set_tracking_uri(address)
        mlflow.set_registry_uri(address)
        return MlflowClient(address, address)

    def outcome(self, call, client):
        try:
            return {"value": self.describer.value(call(client))}
        except MlflowException as error:
            words = self.describer.text(error.message)
            return {"error": type(error).__name__, "code": error.error_code, "words": words}
        except Exception as error:
            name = type(error).__name__
            return {"error": name, "code": name, "words": self.describer.text(str(error))}


def settle():
    """Waits for the client's background work, which must use the call's address."""
    for thread in threading.enumerate():
        if is_beside(thread):
            thread.join()


def is_beside(thread):
    """Whether it is a background thread, which no call waits for or fails with."""
    return thread.name.startswith("link_prompt")


class Watch(logging.Handler):
    """Records this program's requests and the client's warnings."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.requests, self.warnings, self.active = [], [], False
        logging.getLogger("mlflow").addHandler(self)
        send = requests.adapters.HTTPAdapter.send

        def noting(adapter, request, *args, **kwargs):
            answer = send(adapter, request, *args, **kwargs)
            if self.active:
                self.note(request, answer)
            return answer

        requests.adapters.HTTPAdapter.send = noting

    def note(self, request, answer):
        url = urlsplit(request.url)
        self.requests.append({
            "method": request.method,
            "origin": f"{url.scheme}://{url.netloc}",
            "path": url.path,
            "query": url.query,
            "status": answer.status_code,
            "beside": is_beside(threading.current_thread()),
            "bearer": "Authorization" in request.headers,
        })

    def begin(self):
        self.requests, self.warnings, self.active = [], [], True

    def end(self):
        self.active = False

    def emit(self, record):
        if self.active:
            self.warnings.append(record.getMessage())


if __name__ == "__main__":
    main()
