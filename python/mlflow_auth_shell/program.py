"""Where the program ``mlflow-shell`` is, which this package installs."""

import os
import shutil
import sys
import sysconfig

NAME = "mlflow-shell"


def find():
    """Returns the path of the program: that of this environment before any other.

    Raises:
        FileNotFoundError: It is not installed.
    """
    for folder in filter(None, _folders()):
        path = os.path.join(folder, NAME)
        if os.access(path, os.X_OK):
            return path
    path = shutil.which(NAME)
    if path is None:
        raise FileNotFoundError(
            f"the program {NAME} is not installed: install the wheel of mlflow-auth-shell "
            "for this system again, or put the program on the PATH"
        )
    return path


def _folders():
    yield sysconfig.get_path("scripts")
    # An interpreter inside another program may not know where it is.
    yield os.path.dirname(sys.executable or "")
    # Of `pip install --user`.
    yield sysconfig.get_path("scripts", f"{os.name}_user")
