"""Serves canaille from its memory, with two users and one app client.

Environment: see tests/support/provider_program.rs.
"""

import datetime
import os
import signal
import threading
from urllib.parse import urlsplit

from authlib.oauth2.rfc6750 import BearerTokenGenerator
from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from joserfc.jwk import RSAKey
from werkzeug.serving import WSGIRequestHandler, make_server

SITE = os.environ["SITE"]
ORIGIN = os.environ["ORIGIN"]

# It has no setting for how long its tokens live.
for grant in ["authorization_code", "refresh_token"]:
    BearerTokenGenerator.GRANT_TYPES_EXPIRES_IN[grant] = int(os.environ["LIFETIME"])

key = RSAKey.generate_key(2048, {"use": "sig"}, private=True, auto_kid=True)
app = create_app(
    config={
        "SECRET_KEY": "only-for-tests",
        "SERVER_NAME": urlsplit(ORIGIN).netloc,
        "PREFERRED_URL_SCHEME": "http",
        "SESSION_COOKIE_SECURE": False,
        "SESSION_COOKIE_NAME": "canaille",
        "CANAILLE": {"DATABASE": "memory", "FORCE_HTTPS": False, "SMTP": None, "SMPP": None},
        "CANAILLE_OIDC": {
            "TRUSTED_DOMAINS": ["localhost"],
            "ACTIVE_JWKS": [key.as_dict(private=True)],
            "USERINFO_MAPPING": {"PREFERRED_USERNAME": "{{ user.user_name }}"},
        },
    }
)


def fill():
    with app.app_context():
        users = {}
        for name in ["ann", "bob"]:
            users[name] = models.User(
                user_name=name,
                formatted_name=name.title(),
                family_name=name.title(),
                emails=[f"{name}@example.com"],
                password=os.environ["PASSWORD"],
            )
            Backend.instance.save(users[name])
        for group, members in {"ml-readers": ["ann", "bob"], "ml-admins": ["bob"]}.items():
            members = [users[name] for name in members]
            Backend.instance.save(models.Group(display_name=group, members=members))
        client = models.Client(
            client_id=os.environ["CLIENT_ID"],
            client_id_issued_at=datetime.datetime.now(datetime.timezone.utc),
            client_name="MLflow",
            client_uri=SITE,
            redirect_uris=[f"{SITE}/callback"],
            post_logout_redirect_uris=[f"{SITE}/"],
            grant_types=["authorization_code", "refresh_token"],
            response_types=["code"],
            scope=["openid", "profile", "email", "groups"],
            token_endpoint_auth_method="none",
            id_token_signed_response_alg="RS512",
        )
        Backend.instance.save(client)
        # Access tokens are for this one, too.
        api = models.Client(client_id="mlflow-api", client_name="MLflow's API")
        Backend.instance.save(api)
        client.audience = [client, api]
        Backend.instance.save(client)


def remove(*_):
    def work():
        with app.app_context():
            for kind in [models.Token, models.AuthorizationCode, models.Consent]:
                for one in Backend.instance.query(kind):
                    Backend.instance.delete(one)
        # Its sessions are cookies: with another key they are none.
        app.secret_key = "another"
        app.config["SECRET_KEY"] = "another"
        print("removed", flush=True)

    threading.Thread(target=work).start()


class Quiet(WSGIRequestHandler):
    def log(self, *_):
        pass


fill()
signal.signal(signal.SIGUSR1, remove)
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
server = make_server("127.0.0.1", int(os.environ["PORT"]), app, threaded=True, request_handler=Quiet)
print("ready", flush=True)
server.serve_forever()
