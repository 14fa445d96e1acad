"""mlflow-export-import, which sends no token: `token/sitecustomize.py` does."""

import json
import pathlib

import mlflow
from common import Refused, doubles, experiment_with_a_run, folder, owner, program, step, unique

HERE = pathlib.Path(__file__).parent


def model_of_a_run(client, run, name):
    """A model among the run's artifacts, which is what the tool expects of a version."""
    saved = f"{folder()}/model"
    mlflow.pyfunc.save_model(saved, python_model=doubles(), pip_requirements=[])
    client.log_artifacts(run, saved, "model")
    client.create_registered_model(name)
    source = f"{client.get_run(run).info.artifact_uri}/model"
    client.create_model_version(name, source, run_id=run)
    return name


with owner() as client:
    EXPERIMENT = unique("exported")
    _, RUN = experiment_with_a_run(client, EXPERIMENT)
    MODEL = model_of_a_run(client, RUN, unique("exported"))
    EXPORTED = folder()
    program("export-experiment", "--experiment", EXPERIMENT, "--output-dir", f"{EXPORTED}/e")


def tool(name, *options):
    words = program(name, *options, PYTHONPATH=str(HERE / "token"))
    # It ends well after a refusal, and only says so.
    for line in words.splitlines():
        if "PERMISSION_DENIED" in line or '"http_status_code": 403' in line:
            raise Refused(line)
    return words


def export_experiment():
    to = folder()
    tool("export-experiment", "--experiment", EXPERIMENT, "--output-dir", to)
    told = json.loads(pathlib.Path(to, "experiment.json").read_text())["mlflow"]
    runs = list(pathlib.Path(to).glob("*/run.json"))
    notes = list(pathlib.Path(to).glob("*/artifacts/notes/hello.txt"))
    return f"{told['experiment']['name'] == EXPERIMENT}, {len(runs)} run, {len(notes)} file"


def import_experiment():
    name = unique("imported")
    tool("import-experiment", "--experiment-name", name, "--input-dir", f"{EXPORTED}/e")
    with owner() as client:
        found = client.get_experiment_by_name(name)
        [run] = client.search_runs([found.experiment_id])
        return f"{run.data.params['depth']} {run.data.metrics['loss']}"


def export_model():
    to = folder()
    words = tool("export-model", "--model", MODEL, "--output-dir", to)
    manifest = pathlib.Path(to, "model.json")
    if not manifest.exists():
        raise RuntimeError(words[-2000:])
    told = json.loads(manifest.read_text())["mlflow"]["registered_model"]
    return f"{told['name'] == MODEL}, {len(told['versions'])} version"


step("export-experiment", export_experiment, reads=True)
step("import-experiment", import_experiment)
step("export-model", export_model, reads=True)
