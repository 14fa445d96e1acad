"""Takes a model through the registry: register, approve, predict.

The third lab of the AWS sample. Different people do the steps:

  register  a model approver registers the model of a run as a new version
  approve   a model approver selects the version in use
  predict   a user with the right to read loads that version and predicts with it
"""

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

import common

# The alias of the version in use.
ALIAS = "champion"


def register():
    """Registers the model of a run, by default of the best run of the experiment."""
    client = MlflowClient()
    run = client.get_run(arguments.run) if arguments.run else best(client)
    try:
        client.create_registered_model(arguments.model)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    version = client.create_model_version(arguments.model, run_id=run.info.run_id, **source(run))
    print(f"{version.name}, version {version.version}, is registered")


def source(run):
    """Returns the model's URI. MLflow 3 stores models apart from their runs."""
    outputs = getattr(run, "outputs", None)
    if outputs and outputs.model_outputs:
        model = outputs.model_outputs[0].model_id
        return {"source": f"models:/{model}", "model_id": model}
    return {"source": f"{run.info.artifact_uri}/model"}


def best(client):
    """Returns the experiment's run with a model that has the smallest error."""
    experiment = common.experiment()
    runs = client.search_runs(
        [experiment],
        "tags.mlflow.runName = 'train'",
        order_by=["metrics.mean_absolute_error ASC"],
        max_results=1,
    )
    if not runs:
        raise SystemExit("there is no run with a model yet: begin with train.py")
    return runs[0]


def approve():
    """Makes a version the one in use, by default the newest."""
    client = MlflowClient()
    number = arguments.version or newest(client)
    client.set_registered_model_alias(arguments.model, ALIAS, number)
    client.set_model_version_tag(arguments.model, number, "approved", "yes")
    print(f"{arguments.model}, version {number}, is the one in use")


def newest(client):
    """Returns the number of the newest version."""
    versions = client.search_model_versions(f"name = '{arguments.model}'")
    if not versions:
        raise SystemExit(f"{arguments.model} has no version yet: begin with register")
    return str(max(int(version.version) for version in versions))


def predict():
    """Loads the version in use and predicts for three patients."""
    model = mlflow.pyfunc.load_model(f"models:/{arguments.model}@{ALIAS}")
    _, patients, _, _ = common.data()
    predicted = model.predict(patients.head(3))
    print("predicted:", ", ".join(f"{value:.1f}" for value in predicted))


if __name__ == "__main__":
    parser = common.parser(__doc__)
    parser.add_argument("step", choices=["register", "approve", "predict"], help="what to do")
    parser.add_argument("--model", default="diabetes", help="its name (default: diabetes)")
    parser.add_argument("--run", help="register: ID of the run (default: the best of train.py)")
    parser.add_argument("--version", help="approve: its number (default: the newest)")
    arguments = parser.parse_args()
    common.run({"register": register, "approve": approve, "predict": predict}[arguments.step])
