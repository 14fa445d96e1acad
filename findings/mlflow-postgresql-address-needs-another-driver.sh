#!/bin/sh
# MLflow 3.17.2 with SQLAlchemy 2.1.9, which its requirements permit: the address
# `postgresql://…` needs psycopg 3.
#
# With SQLAlchemy 2.0 the same address takes psycopg2, which most images with MLflow
# and PostgreSQL have. A new installation then ends with "No module named 'psycopg'",
# although psycopg2 is there. `postgresql+psycopg2://…` works with both.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check \
    'mlflow==3.17.2' 'SQLAlchemy==2.1.9' 'psycopg2-binary==2.9.13'
cat > "$folder/connect.py" <<'PYTHON'
import sys

from mlflow.store.db.utils import create_sqlalchemy_engine

try:
    # The driver is chosen before anything is connected to.
    print(create_sqlalchemy_engine(sys.argv[1]).dialect.driver)
except ModuleNotFoundError as error:
    print(error)
PYTHON
export MLFLOW_DISABLE_TELEMETRY=true
plain=$("$folder/env/bin/python" "$folder/connect.py" postgresql://mlflow@localhost/mlflow)
named=$("$folder/env/bin/python" "$folder/connect.py" postgresql+psycopg2://mlflow@localhost/mlflow)
echo "mlflow 3.17.2, SQLAlchemy 2.1.9: postgresql:// $plain; postgresql+psycopg2:// $named"
test "$plain" = "No module named 'psycopg'"
test "$named" = psycopg2
