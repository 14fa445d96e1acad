"""Runs Glewlwyd from unpacked Debian packages, and sets it up by its own API, as
its administration page does: two users with groups, and one app client.

Environment: see tests/support/provider_program.rs; and `ROOT`, the folder of the
packages.
"""

import gzip
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

env = os.environ
ROOT, SITE, ORIGIN = env["ROOT"], env["SITE"], env["ORIGIN"]
FOLDER = Path(tempfile.mkdtemp())
DATABASE = FOLDER / "glewlwyd.db"
API = f"http://127.0.0.1:{env['PORT']}/api"
LIFETIME = int(env["LIFETIME"])
SCOPES = ["openid", "profile", "email", "groups"]


def make_database():
    sql = Path(ROOT, "usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz")
    with sqlite3.connect(DATABASE) as database:
        database.executescript(gzip.decompress(sql.read_bytes()).decode())


def make_pages():
    """The package's links lead to files of other packages, and of its installation."""
    package = Path(ROOT, "usr/share/glewlwyd")
    pages = FOLDER / "webapp"
    for file in (package / "webapp").rglob("*"):
        if file.is_file():
            copy = pages / file.relative_to(package / "webapp")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
    shutil.copy(package / "templates/config.json", pages / "config.json")


def start():
    text = Path(__file__).with_name("glewlwyd.conf").read_text()
    for name, value in {**env, "FOLDER": str(FOLDER)}.items():
        text = text.replace(f"@{name}@", value)
    config = FOLDER / "glewlwyd.conf"
    config.write_text(text)
    library = str(next(Path(ROOT, "usr/lib").glob("*-linux-gnu*")))
    return subprocess.Popen(
        [f"{ROOT}/usr/bin/glewlwyd", f"--config-file={config}"],
        env={**env, "LD_LIBRARY_PATH": library},
        stdout=subprocess.DEVNULL,
    )


opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
# The cookie of the administrator's session. It is for another name of this machine.
cookies = {}


def ask(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **cookies}
    request = urllib.request.Request(API + path, data, headers, method=method)
    try:
        with opener.open(request, timeout=10) as answer:
            if cookie := answer.headers.get("Set-Cookie"):
                cookies["Cookie"] = cookie.split(";")[0]
            text = answer.read()
            return json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()}") from error


def is_up():
    try:
        urllib.request.urlopen(API.replace("/api", "/config"), timeout=2)
    except OSError:
        return False
    return True


def fill():
    ask("POST", "/auth/", {"username": "admin", "password": "password"})
    module = ask("GET", "/mod/user/database")
    module["parameters"]["data-format"]["groups"] = {
        "multiple": True, "read": True, "write": True,
        "profile-read": True, "profile-write": False,
    }
    ask("PUT", "/mod/user/database", module)
    # It reads its own settings anew.
    ask("PUT", "/mod/reload/")
    for scope in SCOPES[1:]:
        ask("POST", "/scope/", {
            "name": scope, "display_name": scope, "password_required": False, "scheme": {},
        })
    for name, groups in {"ann": ["ml-readers"], "bob": ["ml-readers", "ml-admins"]}.items():
        ask("POST", "/user/", {
            "username": name, "name": name, "email": f"{name}@example.com",
            "password": env["PASSWORD"], "groups": groups, "scope": SCOPES, "enabled": True,
        })
    ask("POST", "/client/", {
        "client_id": env["CLIENT_ID"], "name": "MLflow", "confidential": False,
        "enabled": True, "redirect_uri": [f"{SITE}/callback"],
        "post_logout_redirect_uri": f"{SITE}/",
        "authorization_type": ["code", "refresh_token"],
        "token_endpoint_auth_method": ["none"], "scope": [],
    })
    ask("POST", "/mod/plugin/", plugin())
    for name in ["ann", "bob"]:
        consent(name)


def consent(name):
    """Gives the client what it asks for, as a user does once."""
    cookies.clear()
    ask("POST", "/auth/", {"username": name, "password": env["PASSWORD"]})
    ask("PUT", f"/auth/grant/{env['CLIENT_ID']}", {"scope": " ".join(SCOPES)})


def plugin():
    keys = FOLDER / "key.pem"
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", keys],
        check=True, stderr=subprocess.DEVNULL,
    )
    public = subprocess.run(
        ["openssl", "pkey", "-in", keys, "-pubout"], check=True, capture_output=True, text=True
    ).stdout
    claim = {"type": "string", "mandatory": True, "on-demand": False, "scope": []}
    return {
        "module": "oidc", "name": "oidc", "display_name": "OpenID Connect", "enabled": True,
        "parameters": {
            "iss": f"{ORIGIN}/api/oidc",
            "jwt-type": "rsa", "jwt-key-size": "256",
            "key": keys.read_text(), "cert": public,
            "jwks-show": True, "subject-type": "public",
            "access-token-duration": LIFETIME, "refresh-token-duration": 86400,
            "code-duration": 300, "refresh-token-rolling": True,
            "refresh-token-one-use": "never", "allow-non-oidc": False,
            "auth-type-code-enabled": True, "auth-type-code-revoke-replayed": True,
            "auth-type-token-enabled": False, "auth-type-implicit-enabled": False,
            "auth-type-none-enabled": False, "auth-type-password-enabled": False,
            "auth-type-client-enabled": False, "auth-type-device-enabled": False,
            "auth-type-refresh-enabled": True,
            "pkce-allowed": True, "pkce-method-plain-allowed": False,
            "session-management-allowed": True, "session-cookie-name": "GLEWLWYD2_OIDC_SID",
            "session-cookie-expiration": 2419200,
            "introspection-revocation-allowed": True,
            "introspection-revocation-allow-target-client": True,
            "name-claim": "mandatory", "email-claim": "mandatory", "scope-claim": "no",
            "address-claim": {"type": "no"},
            "additional-parameters": [
                {"user-parameter": "groups", "token-parameter": "groups"},
            ],
            "claims": [
                {"name": "groups", "user-property": "groups", **claim},
                {"name": "preferred_username", "user-property": "username", **claim},
            ],
            "allowed-scope": SCOPES,
        },
    }


def remove(*_):
    with sqlite3.connect(DATABASE, timeout=10) as database:
        for table in ["refresh_token", "access_token", "id_token"]:
            initial = table[0]
            database.execute(f"UPDATE gpo_{table} SET gpo{initial}_enabled = 0")
        database.execute("UPDATE g_user_session SET gus_enabled = 0")
    print("removed", flush=True)


def end(*_):
    server.terminate()
    server.wait(5)
    shutil.rmtree(FOLDER, ignore_errors=True)
    os._exit(0)


make_database()
make_pages()
server = start()
signal.signal(signal.SIGUSR1, remove)
signal.signal(signal.SIGTERM, end)
while not is_up():
    if server.poll() is not None:
        raise SystemExit("Glewlwyd has ended")
    time.sleep(0.05)
try:
    fill()
except BaseException:
    server.terminate()
    raise
print("ready", flush=True)
while True:
    signal.pause()
