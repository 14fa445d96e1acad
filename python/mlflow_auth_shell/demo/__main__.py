"""Adds demo data to an MLflow through MLflow's own SDK.

Called as `python -m mlflow_auth_shell.demo URL FILE`. Existing data stays and is not added again: an
earlier call may have been interrupted. Writes the names and ids of the demo data,
for deep links, to FILE and prints them as the last line. Names, values and bytes
are the same every time; only identifiers and times differ.
"""

import json
import math
import random
import sys
import tempfile
import time
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from mlflow_auth_shell.demo import samples

RUNS = {"churn": 16, "forecast": 14, "images": 10}
STEPS = 40
MODEL = "demo-model"
VERSIONS = 3
SHOWCASE = "showcase"
PROMPT = "demo-prompt"
TRACED = "demo.traces"
QUESTIONS = ["How warm?", "How windy?", "Any rain?"]


def main(url, file):
    mlflow.set_tracking_uri(url)
    client = MlflowClient(url)
    experiments = {name: experiment_id(client, name) for name in RUNS}
    add_runs(client, experiments)
    run = add_showcase(client, experiments["churn"])
    add_model(client, experiments["churn"])
    add_traces(client, experiments["forecast"])
    add_prompt()
    names = {"experiment_id": experiments["churn"], "run_id": run, "model": MODEL}
    Path(file).write_text(json.dumps(names))
    print(json.dumps(names))


def experiment_id(client, name):
    known = client.get_experiment_by_name(name)
    return known.experiment_id if known else client.create_experiment(name)


def complete_run(client, experiment, name):
    """Returns the run of that name; removes one that never ended."""
    complete = None
    for run in client.search_runs([experiment], f"attributes.run_name = '{name}'"):
        if run.info.status == "RUNNING":
            client.delete_run(run.info.run_id)
        else:
            complete = run.info.run_id
    return complete


def add_runs(client, experiments):
    for name, experiment in experiments.items():
        # The showcase run is the last one of the experiment `churn`.
        for number in range(RUNS[name] - (name == "churn")):
            add_run(client, experiment, name, number)


def add_run(client, experiment, kind, number):
    name = f"{kind}-{number:02}"
    if complete_run(client, experiment, name):
        return
    dice = random.Random(f"{kind} {number}")
    run = client.create_run(experiment, run_name=name).info.run_id
    tags = {"team": dice.choice(["alpha", "beta"]), "stage": dice.choice(["trial", "kept"])}
    log_training(client, run, dice, tags)
    client.set_terminated(run, "FAILED" if number == 5 else "FINISHED")


def log_training(client, run, dice, tags):
    rate = dice.choice([0.1, 0.03, 0.01, 0.003])
    params = {
        "learning_rate": rate,
        "batch_size": dice.choice([16, 32, 64]),
        "optimizer": dice.choice(["adam", "sgd"]),
        "depth": dice.randint(2, 8),
    }
    client.log_batch(
        run,
        metrics=curves(dice, rate),
        params=[Param(key, str(value)) for key, value in params.items()],
        tags=[RunTag(key, value) for key, value in tags.items()],
    )


def curves(dice, rate):
    speed, floor, now = 1 + 20 * rate, dice.uniform(0.05, 0.2), int(time.time() * 1000)
    metrics = []
    for step in range(STEPS):
        loss = floor + math.exp(-speed * step / STEPS) + dice.gauss(0, 0.01)
        values = {"loss": loss, "val_loss": 1.1 * loss, "accuracy": 1 - loss / 2}
        moment = now - (STEPS - step) * 1000
        metrics += [Metric(key, value, moment, step) for key, value in values.items()]
    return metrics


def add_showcase(client, experiment):
    """Adds the run with one artifact of every kind."""
    if run := complete_run(client, experiment, SHOWCASE):
        return run
    run = client.create_run(experiment, run_name=SHOWCASE).info.run_id
    log_training(client, run, random.Random(SHOWCASE), {"team": "alpha", "stage": "kept"})
    with tempfile.TemporaryDirectory() as folder:
        for name, content in samples.artifacts().items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        client.log_artifacts(run, folder)
    client.set_terminated(run)
    return run


class Doubler(mlflow.pyfunc.PythonModel):
    """Returns twice what it is given."""

    def predict(self, context, model_input, params=None):
        return model_input * 2


def add_model(client, experiment):
    versions = model_versions(client)
    if len(versions) < VERSIONS:
        add_versions(client, experiment, len(versions))
    for version in range(1, VERSIONS + 1):
        client.update_model_version(MODEL, str(version), f"Attempt number {version}.")
    # MLflow has aliases since 2.3.
    if hasattr(client, "set_registered_model_alias"):
        client.set_registered_model_alias(MODEL, "champion", "2")


def model_versions(client):
    try:
        client.get_registered_model(MODEL)
    except MlflowException:
        client.create_registered_model(MODEL, description="Doubles its input.")
    return client.search_model_versions(f"name = '{MODEL}'")


def add_versions(client, experiment, known):
    mlflow.set_experiment(experiment_id=experiment)
    # A real model, logged once: its three versions have the same files.
    with mlflow.start_run(run_id=first_run(client, experiment)) as run:
        # Given, because detecting the requirements takes half a minute.
        mlflow.pyfunc.log_model("model", python_model=Doubler(), pip_requirements=["mlflow"])
        source = f"runs:/{run.info.run_id}/model"
    for _ in range(known, VERSIONS):
        mlflow.register_model(source, MODEL)


def first_run(client, experiment):
    runs = client.search_runs([experiment], "attributes.run_name = 'churn-00'")
    return runs[0].info.run_id


def add_traces(client, experiment):
    tags = client.get_experiment(experiment).tags
    if not hasattr(mlflow, "start_span") or TRACED in tags:
        return
    mlflow.set_experiment(experiment_id=experiment)
    for number, question in enumerate(QUESTIONS):
        with mlflow.start_span("answer", span_type="CHAIN") as answer:
            answer.set_inputs({"question": question})
            with mlflow.start_span("look up", span_type="RETRIEVER") as look_up:
                look_up.set_inputs({"station": number})
                look_up.set_outputs({"value": 10 + number})
            answer.set_outputs({"text": f"It is {10 + number}."})
    if hasattr(mlflow, "flush_trace_async_logging"):
        mlflow.flush_trace_async_logging()
    client.set_experiment_tag(experiment, TRACED, "true")


def add_prompt():
    genai = getattr(mlflow, "genai", None)
    if not hasattr(genai, "register_prompt"):
        return
    try:
        genai.load_prompt(PROMPT, version=1)
    except MlflowException:
        genai.register_prompt(PROMPT, "Summarise {{ text }} in one sentence.")


if __name__ == "__main__":
    main(*sys.argv[1:])
