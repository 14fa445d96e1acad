#!/bin/sh
# MLflow 3.17.2: a HEAD request for a REST endpoint that answers GET is answered 400.
#
# The same URL is answered 200 for GET. RFC 9110 section 9.3.2 has HEAD identical
# to GET except for the content. The server looks for the parameters of every
# method but GET in the request's body, so it finds none. Monitors and link
# checkers that send HEAD see an error where there is none.
set -eu
folder=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server"; rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'mlflow==3.17.2'
cd "$folder"
export MLFLOW_DISABLE_TELEMETRY=true MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$folder/env/bin/mlflow" server --host 127.0.0.1 --port "$port" --workers 1 \
    --backend-store-uri "sqlite:///$folder/mlflow.db" > server.log 2>&1 &
server=$!
tries=0
until curl --silent --fail --output /dev/null "http://127.0.0.1:$port/health"; do
    tries=$((tries + 1))
    test "$tries" -lt 180 || { cat server.log; exit 1; }
    sleep 1
done
url="http://127.0.0.1:$port/api/2.0/mlflow/experiments/get?experiment_id=0"
got=$(curl --silent --output /dev/null --write-out '%{http_code}' "$url")
head=$(curl --silent --head --output /dev/null --write-out '%{http_code}' "$url")
echo "mlflow 3.17.2: GET $got, HEAD $head"
test "$got $head" = "200 400"
