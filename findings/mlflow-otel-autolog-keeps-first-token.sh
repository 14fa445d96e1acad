#!/bin/sh
# MLflow's client 3.17.2: mlflow.otel.autolog() keeps the token of the time when it is
# called for as long as the process lives.
#
# Requests of MLflow's own client read MLFLOW_TRACKING_TOKEN anew each time; the exporter
# that autolog makes does not. Spans of a job that outlives its token are refused.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check \
    'mlflow==3.17.2' 'opentelemetry-exporter-otlp-proto-http==1.45.2'
cd "$folder"
cat > ask.py <<'PYTHON'
import http.server, os, threading

shown = []


EXPERIMENT = b'{"experiment": {"experiment_id": "0", "name": "Default"}}'


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(EXPERIMENT)))
        self.end_headers()
        self.wfile.write(EXPERIMENT)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/v1/traces":
            shown.append(self.headers.get("Authorization"))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ.update(MLFLOW_TRACKING_URI=f"http://127.0.0.1:{server.server_address[1]}",
                  MLFLOW_DISABLE_TELEMETRY="true", MLFLOW_TRACKING_TOKEN="first",
                  MLFLOW_EXPERIMENT_ID="0")
import mlflow.otel
from opentelemetry import trace

mlflow.otel.autolog()


def span():
    with trace.get_tracer("finding").start_as_current_span("one"):
        pass
    trace.get_tracer_provider().force_flush()


span()
os.environ["MLFLOW_TRACKING_TOKEN"] = "second"
span()
mlflow.otel.autolog()
span()
print("shown:", shown)
assert len(shown) == 3 and set(shown) == {"Bearer first"}, shown
PYTHON
"$folder/env/bin/python" ask.py 2> errors.log || { cat errors.log; exit 1; }
