#!/bin/bash
# Lifecycle configuration for JupyterLab in SageMaker Studio: shows the MLflow
# shell in a tab of JupyterLab. It may be run any number of times.
set -eu

# The shell's address, such as https://mlflow.example.com
MLFLOW_SHELL_URL=${MLFLOW_SHELL_URL:-}

# Where the wheel of the Python package is: a path, or an address that begins with
# https:// or s3://. With it there is a tile in the launcher. Without it the extension
# jupyterlab_iframe opens the tab.
MLFLOW_SHELL_WHEEL=${MLFLOW_SHELL_WHEEL:-}

PROXY=jupyter-server-proxy==4.6.0
EXTENSION=jupyterlab_iframe==0.5.0

fail() {
    echo "mlflow shell: $1" >&2
    exit 1
}

case $MLFLOW_SHELL_URL in
'') fail "MLFLOW_SHELL_URL is empty: set it at the top of this script" ;;
# It is put into a Python string, so it must have no quotes or escapes.
*[!A-Za-z0-9.:/_~-]*) fail "MLFLOW_SHELL_URL is not an address: $MLFLOW_SHELL_URL" ;;
https://?* | http://localhost:?*) ;;
*) fail "MLFLOW_SHELL_URL must begin with https://" ;;
esac

case $MLFLOW_SHELL_WHEEL in
'' | /*.whl | s3://*.whl | https://*.whl | https://*.whl[?#]*) ;;
*) fail "MLFLOW_SHELL_WHEEL is no path, https:// or s3:// address of a wheel: $MLFLOW_SHELL_WHEEL" ;;
esac

lab=$(command -v jupyter-lab) || fail "there is no jupyter-lab on the search path"
python=$(dirname "$(readlink -f "$lab")")/python
[ -x "$python" ] || fail "there is no Python beside $lab"
install() {
    "$python" -m pip install --quiet --disable-pip-version-check "$@"
}

wheel=$MLFLOW_SHELL_WHEEL
case $wheel in
'')
    install "$EXTENSION"
    ;;
s3://*)
    downloads=$(mktemp -d)
    trap 'rm -r "$downloads"' EXIT
    wheel=$downloads/${wheel##*/}
    aws s3 cp --only-show-errors "$MLFLOW_SHELL_WHEEL" "$wheel" ||
        fail "cannot copy $MLFLOW_SHELL_WHEEL: the role of this space must be allowed to read it"
    install "$PROXY" "$wheel"
    ;;
*)
    install "$PROXY" "$wheel"
    ;;
esac

folder=${JUPYTER_CONFIG_DIR:-$HOME/.jupyter}
config=$folder/jupyter_server_config.py
begin='# mlflow shell: begin'
end='# mlflow shell: end'
mkdir -p "$folder"
touch "$config"
# Keep the user's own lines. Replace ours, because the address may have changed.
sed -i "/^$begin\$/,/^$end\$/d" "$config"
# The last line may have no line end.
[ -z "$(tail -c 1 "$config")" ] || echo >>"$config"
{
    echo "$begin"
    echo "import os"
    echo "os.environ['MLFLOW_SHELL_URL'] = '$MLFLOW_SHELL_URL'"
    [ -n "$wheel" ] || cat <<'CONFIG'
# Presets the MLflow shell in JupyterLab's extension jupyterlab_iframe: it opens
# once by itself, and afterwards with "Open <address>" in the command palette.
#
# JupyterLab's server reads this as ~/.jupyter/jupyter_server_config.py, or as
# its last part: the list may already have other sites.
import os

mlflow_shell = os.environ.get("MLFLOW_SHELL_URL")
if mlflow_shell:
    # No `c.JupyterLabIFrame.iframes.append`: the extension reads the settings
    # without declaring them, so appended values are never merged.
    sites = c.JupyterLabIFrame.get("iframes", [])  # noqa: F821
    c.JupyterLabIFrame.iframes = [*sites, mlflow_shell]  # noqa: F821
    c.JupyterLabIFrame.welcome = mlflow_shell  # noqa: F821
CONFIG
    echo "$end"
} >>"$config"
