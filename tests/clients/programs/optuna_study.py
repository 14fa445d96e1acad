"""Optuna with its callback for MLflow."""

import mlflow
import optuna
from common import AT, owner, step, unique
from optuna_integration.mlflow import MLflowCallback

optuna.logging.set_verbosity(optuna.logging.ERROR)


def objective(trial):
    return trial.suggest_float("x", -1.0, 1.0) ** 2


def study_at(uri, name):
    callback = MLflowCallback(tracking_uri=uri, metric_name="value")
    study = optuna.create_study(study_name=name, sampler=optuna.samplers.RandomSampler(seed=7))
    study.optimize(objective, n_trials=4, callbacks=[callback])
    return study


def trials():
    name = unique("study")
    study_at(AT, name)
    with owner() as client:
        found = client.get_experiment_by_name(name)
        runs = client.search_runs([found.experiment_id])
        complete = [run for run in runs if "x" in run.data.params and "value" in run.data.metrics]
        return f"{len(runs)} trials, {len(complete)} with parameter and value"


with owner():
    STUDY = unique("study")
    study_at(mlflow.get_tracking_uri(), STUDY)


def best():
    mlflow.set_tracking_uri(AT)
    frame = mlflow.search_runs(experiment_names=[STUDY], order_by=["metrics.value"])
    return f"{len(frame)} trials, the best first: {frame['metrics.value'].is_monotonic_increasing}"


step("a study of 4 trials", trials)
step("the trials of a study", best, reads=True)
