#!/bin/sh
# Makes the passwords and keys that compose.yaml reads, once, in the folder `secrets`
# beside it or in the folder that is named. Each container is given its own file as
# environment variables, so that no container needs to read the files.
set -eu
folder=${1:-$(dirname "$0")/secrets}
if [ -e "$folder" ]; then
    echo "$folder is there: remove it, and the volumes, to begin anew" >&2
    exit 0
fi

command -v openssl >/dev/null || {
    echo "there is no openssl, which draws the keys: install it, and start again" >&2
    exit 1
}

random() { openssl rand -hex "$1"; }
umask 077
database=$(random 24)
store_id=$(random 10)
store_key=$(random 20)
tokens=$(openssl rand -base64 32)
cookies=$(random 32)
ann=$(random 8)
bob=$(random 8)

# All that can fail is done: no half of the secrets is ever there.
mkdir -p "$folder"
printf 'MLFLOW_SHELL_TOKENS__KEYS=%s\n' "$tokens" >"$folder/gateway.env"
printf 'POSTGRES_PASSWORD=%s\n' "$database" >"$folder/postgres.env"
printf 'MINIO_ROOT_USER=%s\nMINIO_ROOT_PASSWORD=%s\n' "$store_id" "$store_key" >"$folder/minio.env"
printf 'PGPASSWORD=%s\nAWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s\n' \
    "$database" "$store_id" "$store_key" >"$folder/mlflow.env"
printf 'SECRET_KEY=%s\nANN_PASSWORD=%s\nBOB_PASSWORD=%s\n' \
    "$cookies" "$ann" "$bob" >"$folder/provider.env"
