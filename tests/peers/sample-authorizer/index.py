"""An authorizer that does what the AWS sample's is described to do.

Ours is measured and tested beside it. It is written from a description of the
sample's behaviour, mistakes included; do not imitate it:

* the keys are loaded once, with the module;
* `iss`, `token_use` and `nbf` are not checked;
* only one of a user's groups counts;
* a token of another kind, a user in no group and garbage cause errors with
  other texts than `Unauthorized`, which API Gateway answers with a 500.
"""

import json
import os
import time
from urllib.request import urlopen

from jose import jwk, jwt
from jose.utils import base64url_decode

REGION = os.environ["REGION"]
ACCOUNT = os.environ["ACCOUNT"]
COGNITO_USER_POOL_ID = os.environ["COGNITO_USER_POOL_ID"]
REST_API_ID = os.environ["REST_API_ID"]
COGNITO_KEYS_URL = os.environ["COGNITO_KEYS_URL"]
APP_CLIENT_ID = os.environ["APP_CLIENT_ID"]

with urlopen(COGNITO_KEYS_URL) as answer:
    KEYS = json.loads(answer.read())["keys"]

READ = [
    "POST/ajax-api/2.0/mlflow/runs/search",
    "POST/ajax-api/2.0/mlflow/experiments/search",
    "GET/ajax-api/2.0/mlflow/*",
    "GET/get-artifact",
    "GET/model-versions/*",
]

APPROVE = [
    "POST/ajax-api/2.0/mlflow/registered-models/*",
    "*/ajax-api/2.0/mlflow/model-versions/*",
]


def handler(event, context):
    token = event["headers"]["Authorization"].removeprefix("Bearer ")
    claims = verified(token)
    principal = claims["cognito:username"]
    groups = claims["cognito:groups"]
    methods = methods_of(groups)
    if not methods:
        return False
    return policy(principal, methods, stage(event["methodArn"]))


def verified(token):
    """Returns the claims of a token that the pool signed for this client."""
    kid = jwt.get_unverified_headers(token)["kid"]
    key = next((key for key in KEYS if key["kid"] == kid), None)
    if key is None:
        raise Exception("Unauthorized")
    message, signature = token.rsplit(".", 1)
    if not jwk.construct(key).verify(
        message.encode(), base64url_decode(signature.encode())
    ):
        raise Exception("Unauthorized")
    claims = jwt.get_unverified_claims(token)
    if time.time() > claims["exp"]:
        raise Exception("Unauthorized")
    if claims["aud"] != APP_CLIENT_ID:
        raise Exception("Unauthorized")
    return claims


def methods_of(groups):
    if "admins" in groups:
        return ["*/*"]
    elif "readers" in groups:
        return READ
    elif "model-approvers" in groups:
        return READ + APPROVE
    return None


def stage(method_arn):
    return method_arn.split("/")[1]


def policy(principal, methods, stage):
    api = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{REST_API_ID}/{stage}"
    return {
        "principalId": principal,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow",
                    "Resource": [f"{api}/{method}" for method in methods],
                }
            ],
        },
    }
