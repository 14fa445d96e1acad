"""An imitation of how SageMaker's managed MLflow checks requests.

Each request must be signed. botocore's own SigV4Auth signs it again as it
arrived, and both `Authorization` headers must be the same text. A request with a
valid signature is forwarded to a real MLflow; others get AWS's errors.

Settings in the environment: UPSTREAM (a URL), ARN, and KEYS, a JSON object from
access keys to {"secret", "token", "ended"}. With STS set, moto's STS runs beside it,
and the keys of every role that was assumed there are valid. Prints "ready PORT",
and the port of STS if there is one.

Settings at run time, by `POST /@told` with a JSON object: "ahead", seconds by which
the clock is ahead; "answers", a list of {"status", "headers", "body"} for the next
requests, whatever their signature; "keys", which replaces KEYS; "ended", a list of
expired access keys.
`GET /@seen` returns the requests so far, each from when it was checked.
"""

import hashlib
import http.client
import json
import os
import threading
import time
from email.utils import formatdate
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ARN = os.environ["ARN"]
REGION, RESOURCE = ARN.split(":")[3], ARN.split(":")[5].split("/")[0]
# As in AWS's plugin for MLflow, auth_provider.py and
# mlflow_sagemaker_request_header_provider.py.
SERVICE, ARN_HEADER = {
    "mlflow-tracking-server": ("sagemaker-mlflow", "x-mlflow-sm-tracking-server-arn"),
    "mlflow-app": ("sagemaker", "x-sm-mlflow-app-arn"),
}[RESOURCE]
ALLOWED_SKEW = 5 * 60
CHUNK = 64 * 1024
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade"}
SIGNING = {"authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"}

LOCK = threading.Lock()
TOLD = {"ahead": 0, "answers": [], "ended": [], "keys": json.loads(os.environ["KEYS"])}
SEEN = []
# What is known of the request that a thread handles.
MINE = threading.local()


class Refused(Exception):
    def __init__(self, status, name, message):
        super().__init__(message)
        self.status, self.name, self.message = status, name, message


def now():
    return time.time() + TOLD["ahead"]


def stamp(seconds):
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def keys_of(key):
    """Returns what is known of an access key."""
    if not os.environ.get("STS"):
        return TOLD["keys"].get(key)
    from moto.sts.models import sts_backends

    for account in sts_backends.values():
        for backend in account.values():
            for role in backend.assumed_roles:
                if role.access_key_id == key:
                    note(role=role.role_arn, session=role.session_name, external_id=role.external_id)
                    return {"secret": role.secret_access_key, "token": role.session_token}
    return TOLD["keys"].get(key)


def parts_of(authorization):
    """Returns the three parts of the header, by name."""
    if not authorization.startswith("AWS4-HMAC-SHA256 "):
        message = "Missing Authentication Token"
        raise Refused(403, "MissingAuthenticationTokenException", message)
    fields = authorization.removeprefix("AWS4-HMAC-SHA256 ").split(", ")
    return dict(field.split("=", 1) for field in fields)


def signed_again(method, url, headers, signed_headers, keys, stamped):
    """Returns botocore's `Authorization` for the request, and the text it signs."""
    auth = SigV4Auth(Credentials(*keys), SERVICE, REGION)
    chosen = {name: headers[name] for name in signed_headers.split(";")}
    request = AWSRequest(method=method, url=url, headers=chosen)
    request.context["timestamp"] = stamped
    # The steps of its add_auth, with another clock.
    auth._modify_request_before_signing(request)
    canonical = auth.canonical_request(request)
    auth._inject_signature_to_request(
        request, auth.signature(auth.string_to_sign(request, canonical), request)
    )
    return request.headers["Authorization"], canonical


def check(method, target, headers):
    """Refuses what AWS refuses."""
    authorization = headers.get("authorization", "")
    parts = parts_of(authorization)
    key, date, region, service, _ = parts["Credential"].split("/")
    note(key=key)
    known = keys_of(key)
    if known is None or known.get("token") != headers.get("x-amz-security-token"):
        message = "The security token included in the request is invalid."
        raise Refused(403, "UnrecognizedClientException", message)
    if known.get("ended") or key in TOLD["ended"]:
        message = "The security token included in the request is expired"
        raise Refused(403, "ExpiredTokenException", message)
    stamped = headers["x-amz-date"]
    check_time(stamped)
    if (date, region, service) != (stamped[:8], REGION, SERVICE):
        message = "Credential should be scoped to a valid region and the correct service."
        raise Refused(403, "InvalidSignatureException", message)
    keys = (key, known["secret"], known.get("token"))
    url = f"http://{headers['host']}{target}"
    expected, canonical = signed_again(
        method, url, headers, parts["SignedHeaders"], keys, stamped
    )
    note(equal=authorization == expected, canonical=canonical)
    if authorization != expected:
        message = (
            "The request signature we calculated does not match the signature you "
            f"provided. The Canonical String for this request should have been\n'{canonical}'"
        )
        raise Refused(403, "InvalidSignatureException", message)
    check_arn(headers, parts["SignedHeaders"].split(";"))


def check_time(stamped):
    first, last = stamp(now() - ALLOWED_SKEW), stamp(now() + ALLOWED_SKEW)
    if stamped < first:
        message = f"Signature expired: {stamped} is now earlier than {first} ({stamp(now())} - 5 min.)"
        raise Refused(403, "InvalidSignatureException", message)
    if stamped > last:
        message = f"Signature not yet current: {stamped} is still later than {last} ({stamp(now())} + 5 min.)"
        raise Refused(403, "InvalidSignatureException", message)


def check_arn(headers, signed):
    if ARN_HEADER not in signed:
        raise Refused(400, "ValidationException", f"{ARN_HEADER} is not signed")
    if headers[ARN_HEADER] != ARN:
        raise Refused(404, "ResourceNotFoundException", "Tracking server not found")


def note(**fields):
    MINE.seen.update(fields)


def told_answer():
    """Returns the preset answer for the next request, if there is one."""
    with LOCK:
        return TOLD["answers"].pop(0) if TOLD["answers"] else None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_one(self):
        path = urlsplit(self.path).path
        if path == "/@told":
            TOLD.update(json.loads(b"".join(self.body())))
            return self.answer(200, {}, b"{}")
        if path == "/@seen":
            return self.answer(200, {}, json.dumps(SEEN).encode())
        headers = {name.lower(): value for name, value in self.headers.items()}
        MINE.seen = {"method": self.command, "target": self.path, "headers": headers}
        try:
            go_on = self.judge(headers)
        except Refused as refused:
            go_on = partial(self.refuse, refused)
        finally:
            with LOCK:
                SEEN.append(MINE.seen)
        go_on()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_one

    def judge(self, headers):
        """Returns how to continue with a request, or refuses it."""
        if told := told_answer():
            return partial(self.tell, told)
        hashed = headers.get("x-amz-content-sha256")
        note(payload=hashed)
        if hashed == "UNSIGNED-PAYLOAD":
            check(self.command, self.path, headers)
            return partial(self.forward, headers, self.body())
        body = b"".join(self.body())
        if hashlib.sha256(body).hexdigest() != hashed:
            raise Refused(403, "InvalidSignatureException", "The hash of the body is wrong.")
        check(self.command, self.path, headers)
        return partial(self.forward, headers, [body] if body else [])

    def tell(self, told):
        self.pass_over_body()
        self.answer(told["status"], told.get("headers", {}), told["body"].encode())

    def refuse(self, refused):
        self.pass_over_body()
        kind = f"{refused.name}:http://internal.amazon.com/coral/com.amazon.coral.service/"
        body = json.dumps({"message": refused.message}).encode()
        self.answer(refused.status, {"x-amzn-ErrorType": kind}, body)

    def pass_over_body(self):
        for _ in self.body():
            pass

    def body(self):
        """Yields the body as it arrives, once."""
        if getattr(self, "done", False):
            return
        self.done = True
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            left = int(self.headers.get("content-length", 0))
            while left > 0:
                part = self.rfile.read(min(left, CHUNK))
                if not part:
                    raise ConnectionError("the body broke off")
                left -= len(part)
                yield part

    def forward(self, headers, body):
        upstream = urlsplit(os.environ["UPSTREAM"])
        connection = http.client.HTTPConnection(upstream.hostname, upstream.port)
        chosen = {
            name: value
            for name, value in headers.items()
            if name not in HOP_BY_HOP | SIGNING | {"host", ARN_HEADER}
        }
        has_body = "content-length" in headers or "transfer-encoding" in headers
        is_chunked = has_body and "content-length" not in headers
        if is_chunked:
            chosen["transfer-encoding"] = "chunked"
        body = iter(body) if has_body else None
        connection.request(self.command, self.path, body, chosen, encode_chunked=is_chunked)
        answer = connection.getresponse()
        self.send_response_only(answer.status, answer.reason)
        self.send_header("Date", formatdate(now(), usegmt=True))
        self.send_header("Set-Cookie", "aws-session=not-for-browsers; Path=/")
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP | {"date"}:
                self.send_header(name, value)
        is_empty = self.command == "HEAD" or answer.status in (204, 304)
        is_long = answer.length is None and not is_empty
        if is_long:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while not is_empty and (part := answer.read1(CHUNK)):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part) if is_long else part)
            self.wfile.flush()
        if is_long:
            self.wfile.write(b"0\r\n\r\n")
        connection.close()

    def answer(self, status, headers, body):
        self.send_response_only(status)
        self.send_header("Date", formatdate(now(), usegmt=True))
        self.send_header("Content-Type", "application/json")
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_one_request(self):
        self.done = False
        super().handle_one_request()


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
ports = [server.server_port]
if os.environ.get("STS"):
    from moto.server import ThreadedMotoServer

    sts = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    sts.start()
    ports.append(sts.get_host_and_port()[1])
print("ready", *ports, flush=True)
server.serve_forever()
