"""MLflow Auth Shell: a login for MLflow.

With ``MLFLOW_TRACKING_AUTH=shell`` MLflow's client sends the tokens of the sign-in
that ``mlflow-shell login`` made, or of a machine's client credentials, and renews
them. For other clients of the same site, such as those of its AI gateway,
:func:`token` returns the current one.
"""

from mlflow_auth_shell.sign_in import SignInError, token

__all__ = ["SignInError", "token"]
