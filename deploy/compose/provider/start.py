"""Starts canaille with two users, their groups and the gateway's client.

Environment: `ORIGIN` and `SITE` (how browsers reach the provider and the site),
`CLIENT_ID`, `BIND` (address and port), `DATA` (the folder of its database and signing
key), `SECRET_KEY`, `ANN_PASSWORD` and `BOB_PASSWORD`. Users and groups that an
administrator changes in the database stay changed.
"""

import datetime
import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from joserfc.jwk import RSAKey

DATA = Path(os.environ["DATA"])
SITE = os.environ["SITE"]
ORIGIN = urlsplit(os.environ["ORIGIN"])
GROUPS = {"ml-readers": ["ann", "bob"], "ml-admins": ["bob"]}


def signing_key():
    """The key that tokens are signed with, made at the first start."""
    file = DATA / "signing-key.json"
    if not file.exists():
        key = RSAKey.generate_key(2048, {"use": "sig"}, private=True, auto_kid=True)
        file.touch(mode=0o600)
        file.write_text(json.dumps(key.as_dict(private=True)))
    return file.read_text()


def configure():
    """Sets what canaille reads; `canaille run` reads the same."""
    os.environ.update(
        {
            "SERVER_NAME": ORIGIN.netloc,
            "PREFERRED_URL_SCHEME": ORIGIN.scheme,
            "SESSION_COOKIE_SECURE": str(ORIGIN.scheme == "https"),
            # Cookies do not tell ports apart.
            "SESSION_COOKIE_NAME": "canaille",
            "CANAILLE__DATABASE": "sql",
            "CANAILLE__FORCE_HTTPS": str(ORIGIN.scheme == "https"),
            "CANAILLE_SQL__DATABASE_URI": f"sqlite:///{DATA / 'canaille.sqlite'}",
            "CANAILLE_OIDC__TRUSTED_DOMAINS": urlsplit(SITE).hostname,
            "CANAILLE_OIDC__ACTIVE_JWKS": f"[{signing_key()}]",
            "CANAILLE_OIDC__USERINFO_MAPPING": json.dumps(
                {"PREFERRED_USERNAME": "{{ user.user_name }}"}
            ),
        }
    )


def fill(models, backend):
    for name, members in GROUPS.items():
        for member in members:
            if not backend.query(models.User, user_name=member):
                backend.save(user(models, member))
        if not backend.query(models.Group, display_name=name):
            users = [backend.query(models.User, user_name=member)[0] for member in members]
            backend.save(models.Group(display_name=name, members=users))
    client_id = os.environ["CLIENT_ID"]
    if not backend.query(models.Client, client_id=client_id):
        register(models, backend, client_id)


def user(models, name):
    return models.User(
        user_name=name,
        formatted_name=name.title(),
        family_name=name.title(),
        emails=[f"{name}@example.com"],
        password=os.environ[f"{name.upper()}_PASSWORD"],
    )


def register(models, backend, client_id):
    """Registers the gateway's client as docs/PROVIDERS.md says."""
    client = models.Client(
        client_id=client_id,
        client_id_issued_at=datetime.datetime.now(datetime.timezone.utc),
        client_name="MLflow",
        client_uri=SITE,
        redirect_uris=[f"{SITE}/callback"],
        post_logout_redirect_uris=[f"{SITE}/"],
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
        scope=["openid", "profile", "email", "groups"],
        token_endpoint_auth_method="none",
        id_token_signed_response_alg="RS256",
    )
    backend.save(client)
    # Access tokens are for this one, too.
    api = models.Client(client_id="mlflow-api", client_name="MLflow's API")
    backend.save(api)
    client.audience = [client, api]
    backend.save(client)


def main():
    configure()
    from canaille import create_app
    from canaille.app import models
    from canaille.backends import Backend

    app = create_app(init_backend=True)
    with app.app_context():
        fill(models, Backend.instance)
    os.execvp("canaille", ["canaille", "run", "--bind", os.environ["BIND"]])


main()
