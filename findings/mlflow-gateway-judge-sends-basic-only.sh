#!/bin/sh
# MLflow's client 3.17.2: a judge with the model `gateway:/NAME` sends neither
# MLFLOW_TRACKING_TOKEN nor what a request-auth plugin adds to the AI gateway, but only
# MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, as Basic.
#
# All other requests of the same client send the token. So a server that takes tokens
# must take them as the password of Basic, too, or judges cannot ask its models.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'mlflow==3.17.2'
cd "$folder"
cat > ask.py <<'PYTHON'
import base64, http.server, json, os, threading

shown = []
SAYS = {
    "id": "1", "object": "chat.completion", "created": 1, "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {
        "role": "assistant", "content": '{"result": "yes", "rationale": "so"}'}}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/gateway/"):
            shown.append(self.headers.get("Authorization"))
        text = json.dumps(SAYS).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ.update(MLFLOW_TRACKING_URI=f"http://127.0.0.1:{server.server_address[1]}",
                  MLFLOW_DISABLE_TELEMETRY="true", MLFLOW_TRACKING_TOKEN="a-token")
from mlflow.genai.judges import make_judge

judge = make_judge(name="polite", instructions="Is {{ outputs }} polite?",
                   model="gateway:/any", feedback_value_type=str)
judge(outputs={"text": "Please."})
os.environ.update(MLFLOW_TRACKING_USERNAME="me", MLFLOW_TRACKING_PASSWORD="a-password")
judge(outputs={"text": "Please."})
print("with a token:", shown[0], "- with a name and password:", shown[-1])
basic = "Basic " + base64.b64encode(b"me:a-password").decode()
assert shown[0] is None and shown[-1] == basic, shown
PYTHON
"$folder/env/bin/python" ask.py 2> errors.log || { cat errors.log; exit 1; }
