"""MLflow's tile in JupyterLab's launcher: an entry point of jupyter-server-proxy.

The tile opens a tab with a page of Jupyter's origin, which leads on to the shell at
``MLFLOW_SHELL_URL``. Nothing of the shell, and so no token, passes through Jupyter's
server: it has the address only.
"""

import os
import sys
from pathlib import Path

VARIABLE = "MLFLOW_SHELL_URL"

FOLDER = Path(__file__).parent


def tile():
    """Returns the tile as jupyter-server-proxy wants it; a hidden one without an address."""
    return {
        # By its path: `-m` would look for every module in the user's folder first.
        "command": [sys.executable, str(FOLDER / "serve.py"), "{unix_socket}"],
        # In a folder that only the user can enter, other than a port.
        "unix_socket": True,
        # A laptop that wakes up, or a full one, may need more than the usual 5 seconds.
        "timeout": 30,
        "new_browser_tab": False,
        "launcher_entry": {
            "enabled": bool(os.environ.get(VARIABLE)),
            "title": "MLflow",
            "icon_path": str(FOLDER / "icon.svg"),
        },
    }
