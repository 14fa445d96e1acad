"""MLflow's command line."""

import json
import pathlib

from common import experiment_with_a_run, folder, model, owner, program, step, unique

with owner() as client:
    NAME = unique("shown")
    EXPERIMENT, RUN = experiment_with_a_run(client, NAME)
    MODEL = model(unique("shown"))


def mlflow(*options, **variables):
    return program("mlflow", *options, **variables)


def create_experiment():
    name = unique("created")
    mlflow("experiments", "create", "--experiment-name", name)
    with owner() as client:
        return client.get_experiment_by_name(name).lifecycle_stage


def search_experiments():
    return NAME in mlflow("experiments", "search")


def list_runs():
    return RUN in mlflow("runs", "list", "--experiment-id", EXPERIMENT)


def describe_run():
    return json.loads(mlflow("runs", "describe", "--run-id", RUN))["data"]["params"]


def list_artifacts():
    return json.loads(mlflow("artifacts", "list", "--run-id", RUN))


def download_artifacts():
    to = folder()
    mlflow("artifacts", "download", "--run-id", RUN, "--dst-path", to)
    return pathlib.Path(to, "notes/hello.txt").read_text()


def log_artifact():
    file = pathlib.Path(folder(), "more.txt")
    file.write_text("more")
    mlflow("artifacts", "log-artifact", "--local-file", str(file), "--run-id", RUN)
    with owner() as client:
        return [found.path for found in client.list_artifacts(RUN)]


def download_model():
    to = folder()
    mlflow("artifacts", "download", "--artifact-uri", f"models:/{MODEL}/1", "--dst-path", to)
    return len(list(pathlib.Path(to).rglob("MLmodel")))


def predict():
    rows = pathlib.Path(folder(), "rows.json")
    rows.write_text('{"dataframe_split": {"columns": ["x"], "data": [[1], [2]]}}')
    told = pathlib.Path(folder(), "told.json")
    mlflow(
        "models", "predict", "--model-uri", f"models:/{MODEL}/1", "--env-manager", "local",
        "--content-type", "json", "--input-path", str(rows), "--output-path", str(told),
    )  # fmt: skip
    return json.loads(told.read_text())


def delete_run():
    with owner() as client:
        run = client.create_run(EXPERIMENT).info.run_id
    mlflow("runs", "delete", "--run-id", run)
    with owner() as client:
        return client.get_run(run).info.lifecycle_stage


step("experiments search", search_experiments, reads=True)
step("experiments create", create_experiment)
step("runs list", list_runs, reads=True)
step("runs describe", describe_run, reads=True)
step("runs delete", delete_run)
step("artifacts list", list_artifacts, reads=True)
step("artifacts download", download_artifacts, reads=True)
step("artifacts download of a model", download_model, reads=True)
step("artifacts log-artifact", log_artifact)
step("models predict", predict, reads=True)
