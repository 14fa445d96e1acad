"""A training job that logs in every way of MLflow's client, for longer than a token
lives: `job.py SECONDS EXPERIMENT`. Prints what was sent and what the server has, as JSON."""

import json
import multiprocessing
import sys
import threading
import time

import mlflow
import numpy
from mlflow import MlflowClient
from sklearn.linear_model import Ridge

THREADS = 3
# Seconds between two of a kind.
EVERY_METRIC = 0.5
EVERY_ROUND = 10


def main(seconds, experiment):
    mlflow.set_experiment(experiment)
    mlflow.sklearn.autolog(log_models=False, silent=True)
    sent = {"threads": 0, "rounds": 0, "metrics": 0}
    with mlflow.start_run(run_name="job") as run:
        end = time.monotonic() + seconds
        steps = [0] * THREADS
        threads = [
            threading.Thread(target=log_in_thread, args=(run.info.run_id, number, end, steps))
            for number in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        next_round = time.monotonic()
        while time.monotonic() < end:
            log_metrics(sent)
            if time.monotonic() >= next_round:
                log_round(run.info.run_id, sent)
                next_round += EVERY_ROUND
            time.sleep(EVERY_METRIC)
        for thread in threads:
            thread.join()
        sent["threads"] = sum(steps)
        mlflow.flush_async_logging()
    mlflow.flush_trace_async_logging()
    print(json.dumps({"sent": sent, "there": count(run.info.run_id, experiment)}))


def log_metrics(sent):
    step = sent["metrics"]
    mlflow.log_metric("sync", step, step=step)
    mlflow.log_metric("async", step, step=step, synchronous=False)
    sent["metrics"] += 1


def log_in_thread(run, number, end, steps):
    client = MlflowClient()
    while time.monotonic() < end:
        client.log_metric(run, f"thread-{number}", steps[number], step=steps[number])
        steps[number] += 1
        time.sleep(EVERY_METRIC)


def log_round(run, sent):
    number = sent["rounds"]
    mlflow.log_text(f"round {number}", f"texts/{number}.txt")
    with mlflow.start_span(f"round-{number}") as span:
        span.set_inputs({"round": number})
    child = multiprocessing.get_context("fork").Process(target=log_forked, args=(run, number))
    child.start()
    child.join()
    # In a run of its own, in which autolog logs.
    with mlflow.start_run(run_name=f"fit-{number}", nested=True):
        model = Ridge(alpha=number + 1.0).fit(numpy.arange(6).reshape(3, 2), numpy.arange(3))
        mlflow.sklearn.log_model(model, name="model", pip_requirements=["scikit-learn"])
    sent["rounds"] += 1


def log_forked(run, number):
    MlflowClient().log_metric(run, "forked", number, step=number)


def count(run, name):
    client = MlflowClient()
    experiment = client.get_experiment_by_name(name).experiment_id
    runs = client.search_runs([experiment], max_results=1000)
    fits = [each for each in runs if each.info.run_name.startswith("fit-")]
    history = lambda key: len(client.get_metric_history(run, key))  # noqa: E731
    traces = mlflow.search_traces(
        locations=[experiment], max_results=1000, return_type="list", include_spans=True
    )
    return {
        "sync": history("sync"),
        "async": history("async"),
        "threads": sum(history(f"thread-{number}") for number in range(THREADS)),
        "forked": history("forked"),
        "texts": len(client.list_artifacts(run, "texts")),
        "fits": len([each for each in fits if "alpha" in each.data.params]),
        "models": len(client.search_logged_models([experiment], max_results=1000)),
        "traces": len([trace for trace in traces if trace.data.spans]),
        "unfinished": [each.info.status for each in runs if each.info.status != "FINISHED"],
    }


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2])
