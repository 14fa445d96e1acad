#!/bin/sh
# MLflow's client 3.17.2: metrics that are logged asynchronously while the server
# answers 401 are lost, though flush_async_logging returns without an error. An end_run
# that was refused raises, and the next one returns and sends nothing: the run stays
# RUNNING.
#
# 401 is not among the answers that the client repeats, and the queue drops a batch that
# failed with a line in the log. So a token must be renewed before it ends, not after.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'mlflow-skinny==3.17.2'
cd "$folder"
cat > ask.py <<'PYTHON'
import http.server, json, os, threading

refusing = False
seen = {"metrics": 0, "refused": 0, "updates": 0}
RUN = {
    "info": {
        "run_id": "a" * 32, "run_uuid": "a" * 32, "experiment_id": "0", "status": "RUNNING",
        "start_time": 1, "artifact_uri": "mlflow-artifacts:/0/a", "lifecycle_stage": "active",
    },
    "data": {},
}


class Server(http.server.BaseHTTPRequestHandler):
    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or "{}") if length else {}
        metrics = len(body.get("metrics", [])) + self.path.endswith("runs/log-metric")
        is_update = self.path.endswith("runs/update")
        status, told = 200, {"run": RUN, "run_info": RUN["info"]}
        if refusing:
            status, told = 401, {"error_code": "UNAUTHENTICATED", "message": "The token has ended."}
            seen["refused"] += metrics
        else:
            seen["metrics"] += metrics
            seen["updates"] += is_update
        text = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
import mlflow

mlflow.set_tracking_uri(f"http://127.0.0.1:{server.server_address[1]}")
mlflow.start_run(run_id="a" * 32)
started = seen["updates"]
mlflow.log_metric("loss", 1.0, step=0, synchronous=False)
mlflow.flush_async_logging()
refusing = True
for step in range(1, 6):
    mlflow.log_metric("loss", 1.0, step=step, synchronous=False)
mlflow.flush_async_logging()
print("flush returned")
raised = None
try:
    mlflow.end_run()
except Exception as error:
    raised = type(error).__name__
refusing = False
mlflow.flush_async_logging()
mlflow.end_run()
print(f"{seen['metrics']} metrics arrived, {seen['refused']} were refused and are lost;",
      f"end_run raised {raised}, then returned; {seen['updates'] - started} ends arrived")
assert seen["metrics"] == 1 and seen["refused"] == 5, seen
assert raised and seen["updates"] == started, seen
PYTHON
"$folder/env/bin/python" ask.py 2> errors.log || { cat errors.log; exit 1; }
