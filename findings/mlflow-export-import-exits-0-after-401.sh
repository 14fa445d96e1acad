#!/bin/sh
# mlflow-export-import 1.2.0 beside MLflow 3.17.2: `export-model` ends with exit code 0
# after the server has refused it with 401, and nothing is exported.
#
# A script that backs models up takes that for a success.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check \
    'mlflow==3.17.2' 'mlflow-export-import==1.2.0' 'tabulate==0.10.0'
cd "$folder"
cat > ask.py <<'PYTHON'
import http.server, os, pathlib, subprocess, sys, threading

shown = []


class Server(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        shown.append(self.headers.get("Authorization"))
        text = b'{"error_code": "UNAUTHENTICATED", "message": "Who is there?"}'
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ.update(MLFLOW_TRACKING_URI=f"http://127.0.0.1:{server.server_address[1]}",
                  MLFLOW_DISABLE_TELEMETRY="true", MLFLOW_TRACKING_TOKEN="a-token")
program = pathlib.Path(sys.executable).with_name("export-model")
done = subprocess.run([program, "--model", "any", "--output-dir", "out"], capture_output=True)
exported = list(pathlib.Path("out").rglob("*.json")) if pathlib.Path("out").exists() else []
print(f"{len(shown)} requests were refused; exit code {done.returncode}, {len(exported)} files")
assert done.returncode == 0 and not exported and shown, (done, exported, shown)
PYTHON
"$folder/env/bin/python" ask.py 2> errors.log || { cat errors.log; exit 1; }
