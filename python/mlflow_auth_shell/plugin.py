"""The request-auth plugin for MLflow's client: ``MLFLOW_TRACKING_AUTH=shell``."""

from functools import partial

from mlflow.tracking.request_auth.abstract_request_auth_provider import RequestAuthProvider
from requests.auth import AuthBase

from mlflow_auth_shell.sign_in import SignInError, sign_in, site_of


class ShellRequestAuthProvider(RequestAuthProvider):
    """Has MLflow's client send the tokens of a sign-in."""

    def get_name(self):
        return "shell"

    def get_auth(self):
        return ShellAuth()


class ShellAuth(AuthBase):
    """Attaches the token of the sign-in at the request's own site, and sends the
    request once more with another one if the site refuses that."""

    def __call__(self, request):
        site = site_of(request.url)
        token = sign_in(site).token()
        request.headers["Authorization"] = f"Bearer {token}"
        start = _position(request.body)
        request.register_hook("response", partial(_answer_refusal, site, token, start))
        return request


def _answer_refusal(site, refused, start, response, **kwargs):
    """Sends a refused request again with a renewed token."""
    request = response.request
    if response.status_code != 401 or not _is_of(site, request.url) or not _rewind(request, start):
        return response
    token = sign_in(site).after_refusal(refused)
    if token == refused:
        return response
    # The connection can be used again once the answer is read.
    response.content
    response.close()
    again = request.copy()
    again.headers["Authorization"] = f"Bearer {token}"
    answer = response.connection.send(again, **kwargs)
    answer.history.append(response)
    answer.request = again
    return answer


def _is_of(site, url):
    """Whether ``url`` is of ``site``: the answer may be one to a redirected request."""
    try:
        return site_of(url) == site
    except SignInError:
        return False


def _position(body):
    """Where a body that is a file begins; nothing for one that is no file."""
    try:
        return body.tell()
    except (AttributeError, OSError):
        return None


def _rewind(request, start):
    """Whether the body can be sent again, which a generator cannot."""
    body = request.body
    # A redirected request has no body any more, even if the first one was a file.
    if body is None or isinstance(body, (str, bytes)):
        return True
    if start is None:
        return False
    body.seek(start)
    return True
