"""What MLflow's client does in a round: a run with parameters, metrics and files, read
again. Prints `done` and the run's id. One round, or more for SECONDS."""

import os
import tempfile
import time
from pathlib import Path

import mlflow
from mlflow import MlflowClient

NAME = os.environ["EXPERIMENT"]
PART = os.urandom(3 << 20)
client = MlflowClient()


def one(number):
    with mlflow.start_run(run_name=f"round-{number}") as run:
        mlflow.log_params({"learning_rate": 0.1, "depth": number})
        for step in range(5):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "part.bin")
            file.write_bytes(PART)
            mlflow.log_artifact(str(file), "data")
        mlflow.log_text("hello from " + run.info.run_id, "note.txt")
    return run.info.run_id


def check(run_id):
    found = client.get_run(run_id)
    assert found.info.status == "FINISHED", found.info.status
    assert found.data.params["learning_rate"] == "0.1"
    steps = [one.step for one in client.get_metric_history(run_id, "loss")]
    assert sorted(set(steps)) == list(range(5)), steps
    file = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="data/part.bin")
    assert Path(file).read_bytes() == PART
    assert mlflow.artifacts.load_text(f"runs:/{run_id}/note.txt") == f"hello from {run_id}"


mlflow.set_experiment(NAME)
deadline = time.monotonic() + float(os.environ.get("SECONDS", "0"))
number, made = 0, []
while not made or time.monotonic() < deadline:
    made.append(one(number))
    check(made[-1])
    print("done", made[-1], flush=True)
    number += 1
experiment = client.get_experiment_by_name(NAME)
listed = [run.info.run_id for run in client.search_runs([experiment.experiment_id])]
missing = set(made) - set(listed)
assert not missing, missing
print("all", len(made), len(listed), flush=True)
