"""Uploads a file of many megabytes and downloads it again.

Arguments: the experiment to create, and the megabytes. The last line says whether
the downloaded file is the same, and its size. The lines before it are the requests,
each with whether it carried the token. Retries are off, so that they cannot hide a
broken connection.
"""

import hashlib
import os
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"

import requests
from mlflow import MlflowClient

send = requests.adapters.HTTPAdapter.send


def telling(adapter, request, *args, **kwargs):
    url = urlsplit(request.url)
    shown = "token" if "Authorization" in request.headers else "none"
    size = request.headers.get("Content-Length", "0")
    print(request.method, f"{url.scheme}://{url.netloc}", url.path, shown, size)
    return send(adapter, request, *args, **kwargs)


requests.adapters.HTTPAdapter.send = telling


def main(experiment, megabytes):
    client = MlflowClient()
    run = client.create_run(client.create_experiment(experiment)).info.run_id
    file = Path(tempfile.mkdtemp()) / "large.bin"
    write(file, megabytes)
    client.log_artifact(run, str(file))
    fetched = client.download_artifacts(run, file.name, tempfile.mkdtemp())
    same = digest(file) == digest(fetched)
    print("the same" if same else "different", os.path.getsize(fetched))


def write(file, megabytes):
    block = os.urandom(1 << 20)
    with open(file, "wb") as output:
        for number in range(megabytes):
            # No two parts are equal.
            output.write(number.to_bytes(4, "big") + block[4:])


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
