"""kedro-mlflow in a project of one pipeline with one node."""

import pathlib

from common import AT, experiment_with_a_run, folder, owner, program, step, unique

FILES = {
    "pyproject.toml": """
[tool.kedro]
package_name = "doubles"
project_name = "doubles"
kedro_init_version = "1.7.0"
source_dir = "src"
""",
    "src/doubles/__init__.py": "",
    "src/doubles/settings.py": "",
    "src/doubles/pipeline_registry.py": """
from kedro.pipeline import Pipeline, node


def double(factor):
    return 2.0 * factor, f"twice {factor}"


def register_pipelines():
    nodes = [node(double, "params:factor", ["doubled", "words"])]
    return {"__default__": Pipeline(nodes)}
""",
    "conf/base/parameters.yml": "factor: 3\n",
    "conf/base/catalog.yml": """
doubled:
  type: kedro_mlflow.io.metrics.MlflowMetricDataset
  key: doubled
words:
  type: kedro_mlflow.io.artifacts.MlflowArtifactDataset
  dataset:
    type: text.TextDataset
    filepath: data/words.txt
""",
    "conf/base/mlflow.yml": """
server:
  mlflow_tracking_uri: {at}
tracking:
  experiment:
    name: {name}
""",
    "conf/local/.gitkeep": "",
}


def project(at, name):
    root = pathlib.Path(folder())
    for path, text in FILES.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.format(at=at, name=name) if path.endswith("mlflow.yml") else text)
    return root


def pipeline():
    name = unique("kedro")
    program("kedro", "run", folder=project(AT, name), KEDRO_DISABLE_TELEMETRY="1")
    with owner() as client:
        [run] = client.search_runs([client.get_experiment_by_name(name).experiment_id])
        files = [file.path for file in client.list_artifacts(run.info.run_id)]
        metric, status = run.data.metrics["doubled"], run.info.status
        return f"{status}, {run.data.params['factor']} {metric}, {files}"


with owner() as client:
    _, RUN = experiment_with_a_run(client, unique("kedro"))


def metric():
    from kedro_mlflow.io.metrics import MlflowMetricDataset

    return MlflowMetricDataset(key="loss", run_id=RUN).load()


step("kedro run", pipeline)
step("a metric of a run, by its dataset", metric, reads=True)
