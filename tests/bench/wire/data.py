"""Fills a new store of MLflow's with the runs that are measured, and writes the ids of
their experiments into a file. Rows go in by MLflow's own tables, many at a time.

    python data.py sqlite:///mlflow.db ids.json
"""

import json
import random
import sys
import uuid
from pathlib import Path

from mlflow.entities import Metric, Param, RunTag
from mlflow.store.tracking.dbmodels.models import (
    SqlLatestMetric,
    SqlMetric,
    SqlParam,
    SqlRun,
    SqlTag,
)
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

BEGAN = 1_750_000_000_000
"""When the first run started, in milliseconds."""


def main(database, names):
    store = SqlAlchemyStore(database, "mlflow-artifacts:/")
    ids = {
        # The page of runs, the charts, and what a program pages through.
        "runs": fill(store, "runs", runs=1000, metrics=30, params=30, steps=1),
        "charts": fill(store, "charts", runs=50, metrics=10, params=10, steps=1000),
        "many": fill(store, "many", runs=10_000, metrics=10, params=10, steps=1),
    }
    Path(names).write_text(json.dumps(ids))


def fill(store, name, runs, metrics, params, steps):
    chance = random.Random(name)
    experiment = store.create_experiment(name)
    for first in range(0, runs, 250):
        part = range(first, min(first + 250, runs))
        rows = [row for n in part for row in run(chance, experiment, n, metrics, params, steps)]
        save(store, rows)
    # One as a client logs it: the rows are of the same form.
    one = store.create_run(experiment, "ada", BEGAN, [], "as-a-client")
    store.log_batch(
        one.info.run_id,
        [Metric("validation/metric_0", 0.5, BEGAN, 0)],
        [Param("optimizer.parameter_0", "1")],
        [RunTag("mlflow.user", "ada")],
    )
    store.delete_run(one.info.run_id)
    return experiment


def save(store, rows):
    with store.ManagedSessionMaker() as session:
        for table in (SqlRun, SqlParam, SqlTag, SqlLatestMetric, SqlMetric):
            values = [row for kind, row in rows if kind is table]
            if values:
                session.execute(table.__table__.insert(), values)


def run(chance, experiment, number, metrics, params, steps):
    """Yields the rows of one run, each with its table."""
    run_id = uuid.UUID(int=chance.getrandbits(128), version=4).hex
    began = BEGAN + number * 60_000
    yield SqlRun, {
        "run_uuid": run_id,
        "name": f"{chance.choice(['calm', 'bold', 'keen'])}-{number}",
        "source_type": "UNKNOWN",
        "source_name": "",
        "entry_point_name": "",
        "user_id": "ada",
        "status": "FINISHED",
        "start_time": began,
        "end_time": began + chance.randrange(10_000, 500_000),
        "deleted_time": None,
        "source_version": "",
        "lifecycle_stage": "active",
        "artifact_uri": f"mlflow-artifacts:/{experiment}/{run_id}/artifacts",
        "experiment_id": int(experiment),
    }
    for key, value in tags(chance, number).items():
        yield SqlTag, {"run_uuid": run_id, "key": key, "value": value}
    for index in range(params):
        value = chance.choice(["adam", "True", str(2 ** chance.randrange(4, 12)), repr(chance.random())])
        yield SqlParam, {"run_uuid": run_id, "key": f"optimizer.parameter_{index}", "value": value}
    for index in range(metrics):
        level = chance.random()
        for step in range(steps):
            level = 0.99 * level + 0.01 * chance.random()
            row = {
                "run_uuid": run_id,
                "key": f"validation/metric_{index}",
                "value": level,
                "timestamp": began + 100 * step,
                "step": step,
                "is_nan": False,
            }
            yield SqlMetric, row
        yield SqlLatestMetric, row


def tags(chance, number):
    return {
        "mlflow.user": "ada",
        "mlflow.source.name": "/home/ada/projects/churn/train.py",
        "mlflow.source.type": "LOCAL",
        "mlflow.source.git.commit": f"{chance.getrandbits(160):040x}",
        "mlflow.runName": f"run-{number}",
        "team": chance.choice(["growth", "risk"]),
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
