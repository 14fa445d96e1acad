"""The tokens of a sign-in, kept current.

The program ``mlflow-shell token`` has the sign-in, renews it, and lets only one
process at a time do so. This module keeps what it returned until it is due, for
all threads of a process.
"""

import hashlib
import json
import math
import os
import subprocess
import threading
import time
from urllib.parse import urlsplit

from mlflow_auth_shell.program import find

# Exit codes of `mlflow-shell token`.
SIGNED_OUT = 3
UNREACHABLE = 4

# A token is renewed when less than this is left of it, in seconds, or less than a
# quarter of what was left when it was received.
MARGIN = 10

# How long a token that was just received is not given up for a refusal: what a
# server refuses then, it refuses for another reason. In seconds.
FRESH = 5

# Pauses between attempts while the identity provider is away, in seconds.
FIRST_PAUSE = 1
LONGEST_PAUSE = 15

# For how long a request waits for an identity provider that is away, in seconds.
PATIENCE = 300

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class SignInError(Exception):
    """There is no token: the message says why, and what to do."""


class Unreachable(SignInError):
    """The identity provider or the site cannot be reached now."""


def token(url=None):
    """Returns the current bearer token for the site of ``url``.

    Args:
        url: An address of the site; ``MLFLOW_TRACKING_URI`` unless given.

    Raises:
        SignInError: Nobody is signed in there, or the sign-in has ended.
    """
    url = url or os.environ.get("MLFLOW_TRACKING_URI", "")
    return sign_in(site_of(url)).token()


def site_of(url):
    """Returns the origin of ``url``, which a token may be sent to.

    Raises:
        SignInError: It is no such address.
    """
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host, port = None, None, None
    if scheme not in ("http", "https") or not host:
        # It is not shown again: a token may be in it.
        raise SignInError(
            "the tracking URI is no address of a site: set MLFLOW_TRACKING_URI to one such as "
            "https://mlflow.example.com"
        )
    if scheme == "http" and host not in LOOPBACK:
        raise SignInError(f"no token is sent to {host} without TLS: use https")
    if ":" in host:
        host = f"[{host}]"
    default = {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{host}" if port in (None, default) else f"{scheme}://{host}:{port}"


class SignIn:
    """The sign-in at one site, for all threads of this process."""

    def __init__(self, site):
        self.site = site
        self._lock = threading.Lock()
        self._token = None
        self._received = -math.inf
        self._due = 0.0
        self._expires = 0.0

    def token(self):
        """Returns a token that is not about to expire.

        Raises:
            SignInError: There is none.
        """
        with self._lock:
            if time.time() >= self._due:
                self._renew(None)
            return self._token

    def after_refusal(self, refused):
        """Returns another token than ``refused``, which the site answered 401 to, or
        the same if that cannot be the reason.

        Raises:
            SignInError: There is none.
        """
        with self._lock:
            is_fresh = time.monotonic() < self._received + FRESH
            if self._token == refused and not is_fresh:
                self._renew(refused)
            return self._token

    def _renew(self, refused):
        """Asks the program for a token, and waits while the provider is away."""
        end = time.monotonic() + PATIENCE
        pause = FIRST_PAUSE
        while True:
            try:
                return self._keep(_ask(self.site, refused))
            except Unreachable:
                # What is still valid is good enough, and is asked about again soon.
                if refused is None and time.time() + pause < self._expires:
                    self._due = time.time() + pause
                    return None
                if time.monotonic() + pause > end:
                    raise
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _keep(self, answer):
        now = time.time()
        left = answer["expires_at"] - now
        self._token = answer["token"]
        # The clock of the wall may be set back.
        self._received = time.monotonic()
        self._expires = answer["expires_at"]
        self._due = now + left - max(MARGIN, left / 4)


def _ask(site, refused):
    command = [find(), "token", "--json", "--url", site]
    environment = dict(os.environ)
    if refused is not None:
        command.append("--rejected")
        digest = hashlib.sha256(refused.encode()).hexdigest()
        environment["MLFLOW_SHELL_REJECTED"] = digest
    if not _is_tracked(site):
        # A machine's secret is for the site that the environment names only.
        for name in list(environment):
            if name.startswith("MLFLOW_SHELL_CLIENT_"):
                del environment[name]
    status, printed, said = _run(command, environment)
    if status == 0:
        return _read(printed)
    why = said.strip().removeprefix("mlflow-shell: ") or f"exit code {status}"
    raise (Unreachable if status == UNREACHABLE else SignInError)(why)


def _run(command, environment):
    """Runs a program to its end. An exception here, such as Ctrl-C, does not kill it as
    `subprocess.run` would: it may be about to keep a renewed session, of which the
    provider takes nothing older."""
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    ) as program:
        printed, said = program.communicate()
    return program.returncode, printed, said


def _read(printed):
    try:
        answer = json.loads(printed)
        return {"token": str(answer["token"]), "expires_at": float(answer["expires_at"])}
    except (ValueError, KeyError, TypeError):
        # Not chained: the error of the parser has the text, and so the token.
        pass
    raise SignInError("the program mlflow-shell is of another version than this package")


def _is_tracked(site):
    try:
        return site_of(os.environ.get("MLFLOW_TRACKING_URI", "")) == site
    except SignInError:
        return False


_sign_ins = {}
_sign_ins_lock = threading.Lock()


def sign_in(site):
    """Returns the sign-in at ``site``, the same for all callers."""
    with _sign_ins_lock:
        return _sign_ins.setdefault(site, SignIn(site))


def _after_fork():
    """Locks that other threads held at the fork are never released in the child."""
    global _sign_ins_lock
    _sign_ins_lock = threading.Lock()
    for each in _sign_ins.values():
        each._lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
