"""What the plugin does in cases of its own, as a line of JSON."""

import json
import math
import os
import sys
import tempfile
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, HTTPServer
from signal import SIGINT

import mlflow
import requests
from mlflow import MlflowClient

from mlflow_auth_shell import SignInError
from mlflow_auth_shell.plugin import ShellAuth
from mlflow_auth_shell.sign_in import _read, _run, sign_in, site_of

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
        "interrupted": interrupted(),
        "misread": misread(),
    }
    print(json.dumps(told))


def replayed():
    """Sends a file with a token that the site refuses."""
    client = MlflowClient()
    run = client.create_run("0").info.run_id
    site = sign_in(site_of(SITE))
    site.token()
    site._token, site._received = "eyJ.of.yesterday", -math.inf
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
    site._token, site._received, site._due = "a.b.c", time.monotonic(), time.time() + 60
    before = len(Stranger.shown)
    requests.get(f"{elsewhere}refused", auth=ShellAuth())
    return len(Stranger.shown) - before


def interrupted():
    """Whether the program ends its work although Ctrl-C ends what waits for it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "kept")
        work = "import sys, time; time.sleep(2); open(sys.argv[1], 'w').close()"
        signal = threading.Timer(0.5, os.kill, (os.getpid(), SIGINT))
        signal.start()
        try:
            _run([sys.executable, "-c", work, path], dict(os.environ))
        except KeyboardInterrupt:
            end = time.monotonic() + 20
            while not os.path.exists(path) and time.monotonic() < end:
                time.sleep(0.1)
            return os.path.exists(path)


def misread():
    """What is said of an answer that cannot be read, with all that led to it."""
    try:
        _read("eyJ.a.token")
    except SignInError:
        return traceback.format_exc()


if __name__ == "__main__":
    main()
