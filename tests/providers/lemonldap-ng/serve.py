"""Runs LemonLDAP::NG's portal from unpacked Debian packages, with its demonstration
users (the password is the name) and one app client.

Environment: see tests/support/provider_program.rs; and `ROOT`, the folder of the
packages.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

env = os.environ
ROOT, SITE, ORIGIN = env["ROOT"], env["SITE"], env["ORIGIN"]
LIFETIME = int(env["LIFETIME"])
HERE = Path(__file__).parent
FOLDER = Path(tempfile.mkdtemp())
STORES = ["conf", "cache", "sessions", "sessions/lock", "psessions", "psessions/lock"]


def openssl(*arguments):
    run = subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True)
    return run.stdout


def configuration():
    key = FOLDER / "key.pem"
    openssl("genrsa", "-out", str(key), "2048")
    defaults = Path(ROOT, "var/lib/lemonldap-ng/conf/lmConf-1.json")
    text = defaults.read_text().replace("/var/lib/lemonldap-ng", str(FOLDER))
    return {
        **json.loads(text),
        "portal": f"{ORIGIN}/",
        "domain": "localhost",
        "securedCookie": 0,
        # Mails would need further packages.
        "registerDB": "Null",
        "passwordDB": "Null",
        "portalDisplayResetPassword": 0,
        "captcha": "::Captcha::None",
        "groups": {
            "ml-readers": "$uid eq 'rtyler' or $uid eq 'dwho'",
            "ml-admins": "$uid eq 'dwho'",
        },
        "issuerDBOpenIDConnectActivation": 1,
        "oidcServiceMetaDataIssuer": f"{ORIGIN}/",
        "oidcServiceAllowAuthorizationCodeFlow": 1,
        "oidcServicePrivateKeySig": key.read_text(),
        "oidcServicePublicKeySig": openssl("rsa", "-in", str(key), "-pubout"),
        "oidcRPMetaDataOptions": {
            "mlflow": {
                "oidcRPMetaDataOptionsClientID": env["CLIENT_ID"],
                "oidcRPMetaDataOptionsPublic": 1,
                "oidcRPMetaDataOptionsRequirePKCE": 1,
                "oidcRPMetaDataOptionsBypassConsent": 1,
                "oidcRPMetaDataOptionsIDTokenSignAlg": "RS256",
                "oidcRPMetaDataOptionsIDTokenForceClaims": 1,
                "oidcRPMetaDataOptionsRefreshToken": 1,
                "oidcRPMetaDataOptionsIDTokenExpiration": LIFETIME,
                "oidcRPMetaDataOptionsAccessTokenExpiration": LIFETIME,
                "oidcRPMetaDataOptionsRedirectUris": f"{SITE}/callback",
                "oidcRPMetaDataOptionsPostLogoutRedirectUris": f"{SITE}/",
                "oidcRPMetaDataOptionsLogoutBypassConfirm": 1,
            }
        },
        "oidcRPMetaDataExportedVars": {
            "mlflow": {
                "email": "mail",
                "name": "cn",
                "preferred_username": "uid",
                "groups": "groups;string;auto",
            }
        },
        "oidcRPMetaDataOptionsExtraClaims": {"mlflow": {"groups": "groups"}},
    }


def settings():
    return f"""
[all]
logLevel = error
[configuration]
type = File
dirName = {FOLDER}/conf
localStorage = Cache::FileCache
localStorageOptions = {{ 'namespace' => 'config', 'cache_root' => '{FOLDER}/cache' }}
[portal]
staticPrefix = /static
templateDir = {ROOT}/usr/share/lemonldap-ng/portal/templates
languages = en
"""


def start():
    for folder in STORES:
        Path(FOLDER, folder).mkdir(exist_ok=True)
    Path(FOLDER, "conf/lmConf-1.json").write_text(json.dumps(configuration()))
    file = FOLDER / "lemonldap-ng.ini"
    file.write_text(settings())
    libraries = [str(HERE / "lib"), f"{ROOT}/usr/share/perl5", *map(str, Path(ROOT, "usr/lib").glob("*/perl5/*"))]
    return subprocess.Popen(
        ["perl", f"{ROOT}/usr/bin/starman", "--workers=2", "--preload-app",
         f"--listen=127.0.0.1:{env['PORT']}", str(HERE / "portal.psgi")],
        env={**env, "PERL5LIB": ":".join(libraries), "LLNG_DEFAULTCONFFILE": str(file)},
        stdout=subprocess.DEVNULL,
    )


def is_up():
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", int(env["PORT"]))) == 0


def remove(*_):
    for folder in ["sessions", "cache"]:
        for file in Path(FOLDER, folder).rglob("*"):
            if file.is_file():
                file.unlink(missing_ok=True)
    print("removed", flush=True)


def end(*_):
    server.terminate()
    try:
        server.wait(3)
    except subprocess.TimeoutExpired:
        server.kill()
    shutil.rmtree(FOLDER, ignore_errors=True)
    os._exit(0)


server = start()
signal.signal(signal.SIGUSR1, remove)
signal.signal(signal.SIGTERM, end)
while not is_up():
    if server.poll() is not None:
        raise SystemExit("LemonLDAP::NG has ended")
    time.sleep(0.05)
print("ready", flush=True)
while True:
    signal.pause()
