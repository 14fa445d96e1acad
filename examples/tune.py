"""Searches for better parameters: one parent run, with a nested run per try.

The second lab of the AWS sample. The parent run gets the best parameters, and
the printed link opens it. MLflow's table shows the tries below it.
"""

from itertools import product

import mlflow

import common


def main():
    common.experiment()
    tries = list(product(arguments.alpha, arguments.ratio))
    with mlflow.start_run(run_name="tune", tags=common.tags()) as parent:
        best = min((attempt(alpha, ratio) for alpha, ratio in tries), key=lambda one: one[0])
        error, parameters = best
        mlflow.log_params({f"best_{name}": value for name, value in parameters.items()})
        mlflow.log_metric("best_mean_absolute_error", error)
    print(f"best of {len(tries)}: {parameters}, mean absolute error {error:.1f}")
    print(common.link(parent.info))


def attempt(alpha, ratio):
    """Runs one try, as a nested run."""
    name = f"alpha {alpha}, ratio {ratio}"
    with mlflow.start_run(run_name=name, nested=True, tags=common.tags()):
        parameters = {"alpha": alpha, "ratio": ratio}
        mlflow.log_params(parameters)
        _, metrics, _ = common.train(alpha, ratio)
        mlflow.log_metrics(metrics)
        return metrics["mean_absolute_error"], parameters


if __name__ == "__main__":
    parser = common.parser(__doc__)
    number = {"type": float, "nargs": "+"}
    parser.add_argument("--alpha", **number, default=[0.01, 0.1], help="penalties to try")
    parser.add_argument("--ratio", **number, default=[0.2, 0.8], help="shares of L1 to try")
    arguments = parser.parse_args()
    common.run(main)
