"""``serve.py SOCKET``: answers jupyter-server-proxy with the page that leads to the shell."""

import os
import sys
from http.server import BaseHTTPRequestHandler
from socketserver import UnixStreamServer

from mlflow_auth_shell.jupyter import VARIABLE
from mlflow_auth_shell.jupyter.page import respond

# How often it looks whether Jupyter's server is still there, in seconds.
POLL = 5


class Handler(BaseHTTPRequestHandler):
    """Answers every request with the same page."""

    # For a request that does not arrive, in seconds.
    timeout = POLL

    def do_GET(self):
        status, headers, body = respond(os.environ.get(VARIABLE, ""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing: the cookies of Jupyter's server are in the requests."""


def main():
    """Serves until Jupyter's server, the parent process, has ended."""
    parent = os.getppid()
    with UnixStreamServer(sys.argv[1], Handler) as server:
        server.timeout = POLL
        while os.getppid() == parent:
            server.handle_request()


if __name__ == "__main__":
    main()
