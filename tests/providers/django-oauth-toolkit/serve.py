"""Serves the site of settings.py, with two users and one app client.

Environment: see tests/support/provider_program.rs.
"""

import os
import shutil
import signal
import tempfile
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

FOLDER = tempfile.mkdtemp()
os.environ["FOLDER"] = FOLDER
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"

import django  # noqa: E402

django.setup()

from django.contrib.auth.models import Group, User  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from oauth2_provider.models import (  # noqa: E402
    AccessToken,
    Application,
    Grant,
    IDToken,
    RefreshToken,
)

SITE = os.environ["SITE"]


def fill():
    call_command("migrate", verbosity=0)
    for name, groups in {"ann": ["ml-readers"], "bob": ["ml-readers", "ml-admins"]}.items():
        user = User.objects.create_user(name, f"{name}@example.com", os.environ["PASSWORD"])
        user.groups.set([Group.objects.get_or_create(name=group)[0] for group in groups])
    Application.objects.create(
        client_id=os.environ["CLIENT_ID"],
        client_type=Application.CLIENT_PUBLIC,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=f"{SITE}/callback",
        post_logout_redirect_uris=f"{SITE}/",
        allowed_origins=SITE,
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=True,
    )


def remove(*_):
    # Not in the thread of the signal's handler, in which Django may be at work.
    def work():
        for kind in [RefreshToken, AccessToken, IDToken, Grant, Session]:
            kind.objects.all().delete()
        print("removed", flush=True)

    threading.Thread(target=work).start()


def end(*_):
    shutil.rmtree(FOLDER, ignore_errors=True)
    os._exit(0)


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


fill()
signal.signal(signal.SIGUSR1, remove)
signal.signal(signal.SIGTERM, end)
port = int(os.environ["PORT"])
with make_server("127.0.0.1", port, get_wsgi_application(), Server, Quiet) as server:
    print("ready", flush=True)
    server.serve_forever()
