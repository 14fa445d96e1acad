#!/bin/sh
# Starts all of compose.yaml: makes the secrets at the first start, builds images that
# are missing, and returns once everything is healthy. COMPOSE is the program, such as
# `podman compose`. More arguments are those of `up`.
set -eu
cd "$(dirname "$0")"
[ -e secrets ] || sh secrets.sh
${COMPOSE:-docker compose} up --detach --wait "$@"
echo "http://localhost:8080: sign in as ann (readers) or bob (admins), with the password here:"
grep _PASSWORD= secrets/provider.env
