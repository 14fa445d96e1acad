#!/bin/sh
# sagemaker-mlflow 0.5.0 beside MLflow's client 3.17.2: with a tracking URI that is
# http, and so no ARN, each request logs a warning "list index out of range".
#
# The plugin is loaded wherever it is installed, asks the URI for the region of an
# ARN, and reports that there is none. The request itself is sent as without it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check \
    'mlflow-skinny==3.17.2' 'sagemaker-mlflow==0.5.0'
cd "$folder"
cat > ask.py <<'PYTHON'
import http.server, threading


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"experiment": {"experiment_id": "0", "name": "Default"}}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
from mlflow import MlflowClient

client = MlflowClient(f"http://127.0.0.1:{server.server_address[1]}")
for _ in range(3):
    print(client.get_experiment("0").name)
PYTHON
"$folder/env/bin/python" ask.py > output.log 2> errors.log || { cat errors.log; exit 1; }
warnings=$(grep -c "list index out of range" errors.log || true)
echo "sagemaker-mlflow 0.5.0: $(wc -l < output.log) answers, $warnings warnings"
grep -m1 "list index out of range" errors.log
test "$(wc -l < output.log)" -eq 3 && test "$warnings" -ge 3
