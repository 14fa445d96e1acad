"""``python -m mlflow_auth_shell``: the program ``mlflow-shell``."""

import os
import sys

from mlflow_auth_shell.program import find

if __name__ == "__main__":
    program = find()
    os.execv(program, [program, *sys.argv[1:]])
