#!/bin/sh
# MLflow's client 3.17.2: with both MLFLOW_TRACKING_TOKEN and
# MLFLOW_TRACKING_USERNAME/PASSWORD set, the token is not sent, and nothing is said.
#
# A user who exports a token beside an older name and password is refused by a server
# that takes tokens only, and sees an ordinary 401.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'mlflow-skinny==3.17.2'
cd "$folder"
cat > look.py <<'PYTHON'
import http.server, os, threading

seen = []


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        seen.append(self.headers.get("Authorization", "").split(" ")[0])
        body = b'{"experiment": {"experiment_id": "0", "name": "Default"}}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ["MLFLOW_TRACKING_TOKEN"] = "example-token"
from mlflow import MlflowClient

client = MlflowClient(f"http://127.0.0.1:{server.server_address[1]}")
client.get_experiment("0")
os.environ["MLFLOW_TRACKING_USERNAME"] = "alice"
os.environ["MLFLOW_TRACKING_PASSWORD"] = "example-password"
client.get_experiment("0")
print("mlflow-skinny 3.17.2: token alone", seen[0] + ",", "both", seen[-1])
assert (seen[0], seen[-1]) == ("Bearer", "Basic"), seen
PYTHON
"$folder/env/bin/python" look.py 2> errors.log || { cat errors.log; exit 1; }
if test -s errors.log; then
    echo "something was said:"
    cat errors.log
    exit 1
fi
