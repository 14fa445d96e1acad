"""Steps of a client, and what came of each.

A step is a line of JSON on standard output: its name, whether it only reads, and what
came of it. Names and numbers of the server are left out, so that the same step has the
same outcome directly and through the gateway.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import uuid

import mlflow

AT = os.environ["MLFLOW_TRACKING_URI"]
OWNER = os.environ["SHELL_TEST_OWNER"]
TOKEN = os.environ.get("MLFLOW_TRACKING_TOKEN", "")

# What tells a denial by the gateway from every other failure: a name that happens to
# have these digits in it does not.
DENIAL = re.compile(r"PERMISSION_DENIED|Members of these groups may|\b403\b")

# The variables that authenticate MLflow's client. MLflow itself, without the gateway,
# needs none of them.
CREDENTIALS = ("MLFLOW_TRACKING_TOKEN", "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")


class Refused(Exception):
    """A client said so without raising anything."""


def unique(name):
    return f"{name}-{uuid.uuid4().hex[:12]}"


def step(name, act, *, reads=False):
    """Runs `act`, and writes down what it returns or how it fails."""
    try:
        line = {"outcome": act()}
    except BaseException as error:  # noqa: BLE001 - programs of clients exit, too
        words = said(error)
        line = {"denied": bool(DENIAL.search(words)), "words": words[-2000:]}
    print(json.dumps({"step": name, "reads": reads, **line}), flush=True)
    return line.get("outcome")


def said(error):
    """The words of an error and of all that led to it."""
    lines = []
    while error is not None:
        lines.append(f"{type(error).__name__}: {error}")
        error = error.__cause__ or error.__context__
    return "\n".join(lines)


@contextlib.contextmanager
def owner():
    """Within it MLflow's client asks MLflow itself."""
    kept = {name: os.environ.pop(name, None) for name in CREDENTIALS}
    mlflow.set_tracking_uri(OWNER)
    os.environ["MLFLOW_TRACKING_URI"] = OWNER
    try:
        yield mlflow.MlflowClient()
    finally:
        os.environ.update({name: value for name, value in kept.items() if value is not None})
        mlflow.set_tracking_uri(AT)
        os.environ["MLFLOW_TRACKING_URI"] = AT


def experiment_with_a_run(client, name):
    """An experiment of this name, and a run in it with a bit of everything."""
    experiment = client.create_experiment(name)
    run = client.create_run(experiment).info.run_id
    client.log_param(run, "depth", 3)
    client.log_metric(run, "loss", 0.25, step=1)
    client.log_text(run, "hello", "notes/hello.txt")
    client.set_terminated(run)
    return experiment, run


def doubles():
    """A model; its class is in here, so that it is saved with the model and not by name."""

    class Doubles(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return [2 * value for value in model_input["x"]]

    return Doubles()


def model(name):
    """A registered model with one version that can be loaded; to be called as the owner."""
    with mlflow.start_run(experiment_id=mlflow.MlflowClient().create_experiment(unique(name))):
        mlflow.pyfunc.log_model(
            name="model", python_model=doubles(), registered_model_name=name, pip_requirements=[]
        )
    return name


def program(*command, folder=None, **variables):
    """Runs a program of this environment to its end, and returns what it said."""
    path = os.path.join(os.path.dirname(sys.executable), command[0])
    done = subprocess.run(
        [path, *command[1:]],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, **variables},
    )
    both = done.stdout + done.stderr
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {both[-3000:]}")
    return both


def folder():
    return tempfile.mkdtemp()
