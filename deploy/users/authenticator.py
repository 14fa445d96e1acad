#!/usr/bin/env python3
"""Registers an authenticator app for a user, who is present.

The hosted login registers one only where all users must have one
(MfaConfiguration ON). The user types the password, enters the key that is shown
into the app, and types a code of it. None of these is on the command line.

It needs Python 3.10 and boto3: python3 -m pip install -r requirements.txt
"""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any
from urllib.parse import quote

try:
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:
    sys.exit("error: boto3 is missing: python3 -m pip install -r requirements.txt")

from pool import connect, find
from problems import Problem, sentence

# The template's client; its tokens are valid for this purpose only.
CLIENT = "mlflow-enrolment"
POOL_NAME = "mlflow-user-pool"


def main() -> int:
    options = read_options()
    try:
        work(options)
    except (Problem, BotoCoreError, ClientError) as problem:
        print(f"error: {sentence(problem)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def work(options: argparse.Namespace) -> None:
    cognito = connect(options.region, options.endpoint_url)
    pool = options.user_pool_id or find(cognito, options.user_pool_name)
    token = sign_in(cognito, pool, options.user)
    key = cognito.associate_software_token(AccessToken=token)["SecretCode"]
    print(f"the key for the app: {key}")
    label = f"MLflow:{quote(options.user)}"
    print(f"or as an address: otpauth://totp/{label}?secret={key}&issuer=MLflow")
    code = asked("the code that the app shows: ", hidden=False)
    try:
        verified = cognito.verify_software_token(AccessToken=token, UserCode=code)
    except (
        cognito.exceptions.EnableSoftwareTokenMFAException,
        cognito.exceptions.CodeMismatchException,
    ):
        verified = {}
    if verified.get("Status") != "SUCCESS":
        raise Problem("that is not the app's code: nothing was changed, run the same command again")
    cognito.set_user_mfa_preference(
        AccessToken=token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    print(f"user {options.user}: is asked for a code from now on")


def sign_in(cognito: Any, pool: str, user: str) -> str:
    """Returns a token with which the user may change their own factors."""
    try:
        answer = cognito.admin_initiate_auth(
            UserPoolId=pool,
            ClientId=client(cognito, pool),
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={
                "USERNAME": user,
                "PASSWORD": asked(f"password of {user}: ", hidden=True),
            },
        )
    except (
        cognito.exceptions.NotAuthorizedException,
        cognito.exceptions.UserNotFoundException,
    ):
        raise Problem(f"there is no user {user} with that password") from None
    challenge = answer.get("ChallengeName")
    if challenge == "SOFTWARE_TOKEN_MFA":
        raise Problem(
            f"{user} has registered an app already. If it is lost: aws cognito-idp "
            f"admin-set-user-mfa-preference --user-pool-id {pool} --username {user} "
            "--software-token-mfa-settings Enabled=false, and run the same command again"
        )
    if challenge:
        raise Problem(
            f"{user} has to sign in to the shell once, and choose a password ({challenge})"
        )
    token: str = answer["AuthenticationResult"]["AccessToken"]
    return token


def client(cognito: Any, pool: str) -> str:
    """Returns the id of the app client for this purpose."""
    pages = cognito.get_paginator("list_user_pool_clients").paginate(UserPoolId=pool)
    clients = [each for page in pages for each in page["UserPoolClients"]]
    found = [each["ClientId"] for each in clients if each["ClientName"] == CLIENT]
    if not found:
        raise Problem(
            f"the pool has no app client {CLIENT}: deploy identity.yaml with "
            "AdministratorMfa=required"
        )
    return str(found[0])


def asked(question: str, hidden: bool) -> str:
    """Asks for a value, or reads a line if there is no terminal."""
    if sys.stdin.isatty():
        return getpass.getpass(question) if hidden else input(question).strip()
    return sys.stdin.readline().rstrip("\r\n")


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Registers an authenticator app for a user.")
    parser.add_argument("--user", metavar="NAME", required=True, help="what they sign in with")
    parser.add_argument("--user-pool-name", metavar="NAME", default=POOL_NAME)
    parser.add_argument("--user-pool-id", metavar="ID")
    parser.add_argument("--region", help="default: that of your AWS settings")
    parser.add_argument("--endpoint-url", metavar="URL", help="of an emulator")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
