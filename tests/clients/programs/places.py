"""Where a token may be kept: each in a process of its own, with nothing else that says who asks."""

import os
import pathlib
from urllib.parse import urlsplit

from common import AT, CREDENTIALS, TOKEN, experiment_with_a_run, folder, owner, program, step, unique

with owner() as client:
    NAME = unique("asked")
    experiment_with_a_run(client, NAME)

ASK = f"""
import mlflow
print("found", len(mlflow.search_runs(experiment_names=[{NAME!r}])))
"""


def asked(home=None, uri=AT, **variables):
    def act():
        kept = {name: os.environ.pop(name, None) for name in CREDENTIALS}
        try:
            home_variables = {"HOME": home or folder(), "MLFLOW_TRACKING_URI": uri}
            return program("python", "-c", ASK, **home_variables, **variables).split("found")[1].strip()
        finally:
            os.environ.update({name: value for name, value in kept.items() if value is not None})

    return act


def home_with(path, text):
    root = folder()
    file = pathlib.Path(root, path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o600)
    return root


KEY = TOKEN or "none"
HOST = urlsplit(AT)
NETRC = home_with(".netrc", f"machine {HOST.hostname} login token password {KEY}\n")
INI = home_with(
    ".mlflow/credentials",
    f"[mlflow]\nmlflow_tracking_username = token\nmlflow_tracking_password = {KEY}\n",
)
IN_URI = f"{HOST.scheme}://token:{KEY}@{HOST.netloc}{HOST.path}"

step("`MLFLOW_TRACKING_TOKEN`", asked(MLFLOW_TRACKING_TOKEN=KEY), reads=True)
step(
    "`MLFLOW_TRACKING_USERNAME` and `_PASSWORD`",
    asked(MLFLOW_TRACKING_USERNAME="token", MLFLOW_TRACKING_PASSWORD=KEY),
    reads=True,
)
step("netrc", asked(home=NETRC), reads=True)
step("`~/.mlflow/credentials`", asked(home=INI), reads=True)
step("name and password in the URI", asked(uri=IN_URI), reads=True)
