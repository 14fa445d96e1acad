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
