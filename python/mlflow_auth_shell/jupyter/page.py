"""The page between JupyterLab and the shell, for which Jupyter's origin is needed."""

import base64
import hashlib
import html
from urllib.parse import urlsplit

from mlflow_auth_shell.jupyter import VARIABLE
from mlflow_auth_shell.sign_in import LOOPBACK

# jupyter-server-proxy puts its tabs into a sandbox that their windows inherit, and
# in such a window the hosted login does not load: browsers refuse a sandboxed
# document with a Cross-Origin-Opener-Policy (HTML, "cross-origin opener policies").
# A document has the sandbox that its frame had when it was loaded, hence `reload`.
#
# The shell lets the origins that may frame it read its start page, too. To others
# the browser would show an error that names no cure. What it has kept of that page
# may be without the header that permits reading.
SCRIPT = """
const ESCAPE = "allow-popups-to-escape-sandbox";
const shell = document.querySelector("a");
const say = (words) => { document.querySelector("p").textContent = words; };
const open = async () => {
  if (shell.origin === location.origin) {
    return say("MLFLOW_SHELL_URL is an address of Jupyter itself, whose server could read all \
tokens there. Set it to the shell's own address.");
  }
  const { sandbox } = window.frameElement ?? {};
  if (sandbox?.length && !sandbox.contains(ESCAPE)) {
    sandbox.add(ESCAPE);
    return location.reload();
  }
  try {
    const signal = AbortSignal.timeout(15000);
    await fetch(new URL("/", shell.href), { cache: "no-store", credentials: "omit", signal });
  } catch {
    shell.hidden = false;
    return say(`${shell.origin} cannot be reached, or may not be shown here: its config.json must \
list ${location.origin} under "frame_ancestors".`);
  }
  location.replace(shell.href);
};
open();
"""

STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 36rem; padding: 0 1rem }
"""

EXAMPLE = "such as https://mlflow.example.com, and start JupyterLab again"


def respond(url):
    """Returns the status, the headers and the body of the answer to all who open the tile.

    Args:
        url: The value of ``MLFLOW_SHELL_URL``.
    """
    try:
        scheme = scheme_of(url)
    except ValueError as error:
        return 500, _headers("default-src 'none'"), _document(f"<p>{html.escape(str(error))}</p>")
    policy = f"default-src 'none'; script-src {_hash(SCRIPT)}; connect-src {scheme}:"
    link = f'<a href="{html.escape(url)}" target="_blank" rel="noopener" hidden>Open MLflow</a>'
    body = f"<p>Opening MLflow …</p>{link}<script>{SCRIPT}</script>"
    return 200, _headers(policy), _document(body)


def scheme_of(url):
    """Returns the scheme of ``url``, at which the shell may be.

    Raises:
        ValueError: It may not; the message says why, and what to do.
    """
    if not url:
        raise ValueError(f"{VARIABLE} is not set: set it to the shell's address, {EXAMPLE}.")
    try:
        parts = urlsplit(url)
        scheme, host, user, _ = parts.scheme, parts.hostname, parts.username, parts.port
    except ValueError:
        scheme, host, user = None, None, None
    if user is not None:
        # It is not shown: a password may be in it.
        raise ValueError(f"{VARIABLE} has a user name in it: set it to an address {EXAMPLE}.")
    if scheme not in ("http", "https") or not host or not _is_plain(url):
        raise ValueError(f"{VARIABLE} is no address of a site: {url!r}. Set it to one {EXAMPLE}.")
    if scheme == "http" and host not in LOOPBACK:
        raise ValueError(f"{VARIABLE} must begin with https://, unless it is localhost: {url!r}.")
    return scheme


def _is_plain(url):
    """Whether browsers read ``url`` as Python does: they take a backslash for a slash,
    and leave out line ends."""
    return url.isascii() and url.isprintable() and not set(' \\"<>') & set(url)


def _headers(policy):
    policy += f"; style-src {_hash(STYLE)}; base-uri 'none'; form-action 'none'"
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": f"{policy}; frame-ancestors 'self'",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _document(body):
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>MLflow</title>'
        f"<style>{STYLE}</style>{body}"
    ).encode()


def _hash(source):
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
