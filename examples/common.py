"""Shared by the examples: settings, error messages, and the data."""

import argparse
import os
import sys

import mlflow
from mlflow.exceptions import MlflowException

VARIABLES = """
environment variables:
  MLFLOW_TRACKING_URI     address of the site, such as https://mlflow.example.com
  MLFLOW_TRACKING_AUTH    shell: the sign-in of `mlflow-shell login`
  MLFLOW_TRACKING_TOKEN   without that, a token for programs ("Use from Python" in
                          the menu)
  MLFLOW_EXPERIMENT_NAME  experiment to work in (default: examples)
  MLFLOW_UI_URI           address for links, if it is another one;
                          MLFLOW_AMPLIFY_UI_URI means the same
  MLFLOW_USER             whose name the runs have (default: the local user's)
"""


def parser(description):
    """Returns a parser whose help lists the environment variables."""
    return argparse.ArgumentParser(
        description=description,
        epilog=VARIABLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def run(main):
    """Runs an example, and prints a refusal by MLflow or the site as one sentence."""
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        sys.exit("MLFLOW_TRACKING_URI is not set: it is the address of the site")
    try:
        main()
    except MlflowException as error:
        sys.exit(f"refused: {sentence(error)}")


def sentence(error):
    """Returns the server's message without its error code."""
    code = f"{error.error_code}: "
    words = error.message
    return words[len(code):] if words.startswith(code) else words


def experiment():
    """Selects the configured experiment, and returns its ID."""
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME", "examples")
    return mlflow.set_experiment(name).experiment_id


def tags():
    """Returns the tags that name the runs' user."""
    user = os.environ.get("MLFLOW_USER")
    return {"mlflow.user": user} if user else {}


def link(info):
    """Returns the run's address in the shell; it also works before sign-in."""
    names = ["MLFLOW_UI_URI", "MLFLOW_AMPLIFY_UI_URI", "MLFLOW_TRACKING_URI"]
    site = next(os.environ[name] for name in names if os.environ.get(name))
    return f"{site.rstrip('/')}/#/experiments/{info.experiment_id}/runs/{info.run_id}"


def data():
    """Returns data of diabetes patients: ten measurements each, and the progress
    of the disease."""
    from sklearn.datasets import load_diabetes
    from sklearn.model_selection import train_test_split

    patients = load_diabetes(as_frame=True)
    return train_test_split(patients.data, patients.target, test_size=0.25, random_state=0)


def train(alpha, ratio):
    """Trains a linear model, and returns it with its metrics and its test inputs."""
    from sklearn.linear_model import ElasticNet
    from sklearn.metrics import mean_absolute_error, r2_score

    train_x, test_x, train_y, test_y = data()
    model = ElasticNet(alpha=alpha, l1_ratio=ratio).fit(train_x, train_y)
    predicted = model.predict(test_x)
    metrics = {
        "mean_absolute_error": mean_absolute_error(test_y, predicted),
        "r2": r2_score(test_y, predicted),
    }
    return model, metrics, test_x


def log_model(model, inputs):
    """Logs a model with its signature. Its requirements are given, because
    detecting them takes longer than the training."""
    import sklearn
    from mlflow.models import infer_signature

    # MLflow 3 renamed the second parameter, so it is given by position.
    return mlflow.sklearn.log_model(
        model,
        "model",
        signature=infer_signature(inputs, model.predict(inputs)),
        pip_requirements=[f"scikit-learn=={sklearn.__version__}"],
    )
