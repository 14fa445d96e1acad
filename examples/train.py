"""Trains a model, and tracks parameters, metrics, a file and the model itself.

The first lab of the AWS sample. It runs in a notebook, on a laptop or in a
training job. The last line is a link to the run.
"""

import mlflow

import common


def main():
    common.experiment()
    with mlflow.start_run(run_name="train", tags=common.tags()) as run:
        mlflow.log_params({"alpha": arguments.alpha, "ratio": arguments.ratio})
        model, metrics, test_x = common.train(arguments.alpha, arguments.ratio)
        mlflow.log_metrics(metrics)
        mlflow.log_dict(weights(model, test_x), "weights.json")
        common.log_model(model, test_x.head())
    print(f"mean absolute error: {metrics['mean_absolute_error']:.1f}")
    print(common.link(run.info))


def weights(model, inputs):
    """Returns the weight of each measurement in the model."""
    return dict(zip(inputs.columns, model.coef_.round(3).tolist()))


if __name__ == "__main__":
    parser = common.parser(__doc__)
    parser.add_argument("--alpha", type=float, default=0.01, help="penalty (default 0.01)")
    parser.add_argument("--ratio", type=float, default=0.5, help="share of L1 (default 0.5)")
    arguments = parser.parse_args()
    common.run(main)
