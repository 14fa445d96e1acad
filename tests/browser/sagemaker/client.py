import os
import tempfile
import time
from pathlib import Path

import mlflow
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

client = mlflow.MlflowClient()
name = f"grüße + 日本 {time.time_ns()}"

experiment = client.create_experiment(name, tags={"a b/c": "é & = %"})
assert client.get_experiment_by_name(name).experiment_id == experiment
found = client.search_experiments(filter_string=f"name = '{name}' AND tags.`a b/c` = 'é & = %'")
assert [it.experiment_id for it in found] == [experiment], found

run = client.create_run(experiment, run_name="a+b c").info.run_id
metrics = [Metric("loss", 1 / step, 1000 + step, step) for step in range(1, 1001)]
client.log_batch(run, metrics, [Param("p q", "1 + 1")], [RunTag("t/u", "ü")])
assert len(client.get_metric_history(run, "loss")) == 1000
told = client.get_run(run).data
assert told.params == {"p q": "1 + 1"} and told.tags["t/u"] == "ü", told
assert [it.info.run_id for it in client.search_runs([experiment], "metrics.loss < 0.01")] == [run]

with tempfile.TemporaryDirectory() as folder:
    # Longer than what is hashed, and shorter.
    contents = {"lang + größe.bin": os.urandom(3 * 1024 * 1024), "short.bin": bytes(range(256))}
    for file, content in contents.items():
        Path(folder, file).write_bytes(content)
        client.log_artifact(run, str(Path(folder, file)), "a folder/ünd+so")
    listed = {it.path for it in client.list_artifacts(run, "a folder/ünd+so")}
    assert listed == {f"a folder/ünd+so/{file}" for file in contents}, listed
    for file, content in contents.items():
        copy = client.download_artifacts(run, f"a folder/ünd+so/{file}", folder)
        assert Path(copy).read_bytes() == content, file
client.set_terminated(run)

model = f"model + ü {time.time_ns()}"
client.create_registered_model(model, {"team": "a+b"})
version = client.create_model_version(model, f"runs:/{run}/m", run).version
client.set_registered_model_alias(model, "champion", version)
assert client.get_model_version_by_alias(model, "champion").version == version
assert client.search_model_versions(f"name = '{model}'")[0].run_id == run
client.delete_registered_model_alias(model, "champion")
client.delete_registered_model(model)
client.delete_experiment(experiment)

# MLflow's own errors are its own.
try:
    client.get_run("0" * 32)
except MlflowException as error:
    assert error.error_code == "RESOURCE_DOES_NOT_EXIST", error
else:
    raise AssertionError("a run that is not there was found")
print("done")
