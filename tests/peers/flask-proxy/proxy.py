"""A proxy that signs every request for SageMaker MLflow.

Written from what is published of the two AWS samples of this kind: Flask under
gunicorn, `requests` towards the service, botocore's SigV4 with the proxy's own
role, and no user. Where that leaves a choice, the faster one is taken: one
session per worker, with kept connections.
"""

import os

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from flask import Flask, Response, request

UPSTREAM = os.environ["UPSTREAM"]
REGION = "eu-central-1"
SERVER = f"arn:aws:sagemaker:{REGION}:123456789012:mlflow-tracking-server/bench"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

# Hop-by-hop headers, and those that `requests` has already decoded.
DROPPED = {"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"}
PASSED = ("Accept", "Content-Type")

app = Flask(__name__, static_folder=None)
credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session")
session = requests.Session()


@app.route("/", defaults={"path": ""}, methods=METHODS)
@app.route("/<path:path>", methods=METHODS)
def forward(path):
    body = request.get_data()
    url = f"{UPSTREAM}{request.full_path.rstrip('?')}"
    headers = {name: request.headers[name] for name in PASSED if name in request.headers}
    headers["x-mlflow-sm-tracking-server-arn"] = SERVER
    signed = AWSRequest(method=request.method, url=url, data=body, headers=headers)
    SigV4Auth(credentials, "sagemaker-mlflow", REGION).add_auth(signed)
    answer = session.request(
        request.method,
        url,
        data=body,
        headers=dict(signed.headers),
        stream=True,
        allow_redirects=False,
    )
    kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in DROPPED]
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        kept = [(name, value) for name, value in kept if name.lower() != "x-frame-options"]
        return Response(answer.text.replace(UPSTREAM, ""), answer.status_code, kept)
    return Response(answer.iter_content(64 * 1024), answer.status_code, kept)
