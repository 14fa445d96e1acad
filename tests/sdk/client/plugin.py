"""What the plugin does in cases of its own, as a line of JSON."""

import json
import os
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import mlflow
import requests
from mlflow import MlflowClient

from mlflow_auth_shell import SignInError
from mlflow_auth_shell.plugin import ShellAuth
from mlflow_auth_shell.sign_in import sign_in, site_of

SITE = os.environ["MLFLOW_TRACKING_URI"]


class Stranger(BaseHTTPRequestHandler):
    """Another site, which notes what it is shown."""

    shown = []

    def do_GET(self):
        self.shown.append(self.headers.get("Authorization"))
        self.send_response(401 if self.path == "/refused" else 200)
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    stranger = HTTPServer(("127.0.0.1", 0), Stranger)
    threading.Thread(target=stranger.serve_forever, daemon=True).start()
    elsewhere = f"http://127.0.0.1:{stranger.server_port}/"
    told = {
        "replayed": replayed(),
        "not_signed_in": error(lambda: requests.get(elsewhere, auth=ShellAuth())),
        "without_tls": error(lambda: requests.get("http://mlflow.example.com", auth=ShellAuth())),
        "elsewhere": Stranger.shown[0] if Stranger.shown else None,
        "refusals": refusals(elsewhere),
    }
    print(json.dumps(told))


def replayed():
    """Sends a file with a token that the site refuses."""
    client = MlflowClient()
    run = client.create_run("0").info.run_id
    site = sign_in(site_of(SITE))
    site.token()
    site._token, site._received = "eyJ.of.yesterday", 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "text.txt")
        with open(path, "w") as file:
            file.write("the whole file")
        client.log_artifact(run, path)
    return mlflow.artifacts.load_text(f"runs:/{run}/text.txt")


def error(call):
    try:
        return str(call().status_code)
    except SignInError as why:
        return str(why)


def refusals(elsewhere):
    """How often a site is asked that refuses a token which was just received."""
    site = sign_in(site_of(elsewhere))
    site._token, site._received, site._due = "a.b.c", time.time(), time.time() + 60
    before = len(Stranger.shown)
    requests.get(f"{elsewhere}refused", auth=ShellAuth())
    return len(Stranger.shown) - before


if __name__ == "__main__":
    main()
