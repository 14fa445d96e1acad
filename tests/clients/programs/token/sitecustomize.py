"""Sends a token with what goes to the tracking server, for clients that send none.

Python reads this file at its start where `PYTHONPATH` has its folder. A token that the
client sends itself is left alone, and none goes to another origin.
"""

import os
from urllib.parse import urlsplit

import requests

ORIGIN = urlsplit(os.environ.get("MLFLOW_TRACKING_URI", ""))[:2]
send = requests.Session.send


def send_with_token(self, request, **options):
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    if token and urlsplit(request.url)[:2] == ORIGIN and "Authorization" not in request.headers:
        request.headers["Authorization"] = f"Bearer {token}"
    return send(self, request, **options)


requests.Session.send = send_with_token
