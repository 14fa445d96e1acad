#!/bin/sh
# django-oauth-toolkit 3.4.1: the token endpoint sends Access-Control-Allow-Origin
# with tokens, and not with refusals; `prompt=none` without a login is answered 500.
#
# The application's `allowed_origins` has the page's origin, and an exchange of a
# code is answered with that header. A refresh token that the server does not know
# (any more) is answered 400 invalid_grant (RFC 6749 section 5.2) without it, so a
# page cannot tell the end of its session from a network that is down. OpenID
# Connect Core 1.0 section 3.1.2.6 has `prompt=none` answered with the error
# login_required at the redirect URI; the toolkit does not implement the validator.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check \
    'Django==5.2.19' 'django-oauth-toolkit==3.4.1'
cat > "$folder/ask.py" <<'END'
import base64
import hashlib
import logging
from urllib.parse import parse_qs, urlsplit

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.urls import include, path

key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
settings.configure(
    SECRET_KEY="finding",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": key.decode(),
        "SCOPES": {"openid": "who you are"},
    },
)
django.setup()
urlpatterns = [path("o/", include("oauth2_provider.urls"))]
logging.disable(logging.CRITICAL)

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from oauth2_provider.models import Application  # noqa: E402

PAGE = "https://page.example"
call_command("migrate", verbosity=0)
user = User.objects.create_user("ann")
Application.objects.create(
    client_id="page",
    client_type=Application.CLIENT_PUBLIC,
    authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
    redirect_uris=f"{PAGE}/callback",
    allowed_origins=PAGE,
    algorithm=Application.RS256_ALGORITHM,
    skip_authorization=True,
)
verifier = "v" * 64
digest = hashlib.sha256(verifier.encode()).digest()
query = {
    "response_type": "code",
    "client_id": "page",
    "redirect_uri": f"{PAGE}/callback",
    "scope": "openid",
    "state": "s",
    "nonce": "n",
    "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
    "code_challenge_method": "S256",
}


def ask(form):
    answer = Client().post("/o/token/", {"client_id": "page", **form}, secure=True, headers={"origin": PAGE})
    return answer.status_code, answer.headers.get("Access-Control-Allow-Origin")


browser = Client()
browser.force_login(user)
answer = browser.get("/o/authorize/", query, secure=True)
code = parse_qs(urlsplit(answer["Location"]).query)["code"][0]
tokens = ask({
    "grant_type": "authorization_code",
    "code": code,
    "redirect_uri": f"{PAGE}/callback",
    "code_verifier": verifier,
})
refusal = ask({"grant_type": "refresh_token", "refresh_token": "ended"})
stranger = Client(raise_request_exception=False)
silent = stranger.get("/o/authorize/", {**query, "prompt": "none"}, secure=True).status_code
print(f"django-oauth-toolkit 3.4.1: tokens {tokens}, refusal {refusal}, prompt=none {silent}")
assert tokens == (200, PAGE), tokens
assert refusal == (400, None), refusal
assert silent == 500, silent
END
"$folder/env/bin/python" "$folder/ask.py"
