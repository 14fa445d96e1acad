#!/usr/bin/env python3
"""Creates the shell's groups in a Cognito user pool, and adds users to them.

It needs Python 3.10 and boto3: python3 -m pip install -r requirements.txt
You may run it any number of times: it changes nothing that exists.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

try:
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:
    sys.exit("error: boto3 is missing: python3 -m pip install -r requirements.txt")

from passwords import Passwords
from pool import Found, Group, Pool, connect, describe, find
from problems import Problem, sentence

# The AWS sample's names. The lowest precedence takes effect first.
GROUPS = (
    Group("admins", "MLflow: everything", 1),
    Group("model-approvers", "MLflow: reads everything, approves models", 2),
    Group("readers", "MLflow: reads everything", 3),
)
SAMPLE_USERS = {
    "mlflow-admin@example.com": "admins",
    "mlflow-reader@example.com": "readers",
    "mlflow-model-approver@example.com": "model-approvers",
}
POOL_NAME = "mlflow-user-pool"


@dataclass(frozen=True)
class User:
    """A user to add to the pool."""

    name: str
    email: str
    groups: list[str]


def main() -> int:
    """Runs the script, and returns the exit status."""
    options = read_options()
    passwords = Passwords(options.password, options.permanent)
    try:
        work(options, passwords)
    except (Problem, BotoCoreError, ClientError) as problem:
        print(f"error: {sentence(problem)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        # Also for users who were created before an error.
        passwords.show()
    return 0


def work(options: argparse.Namespace, passwords: Passwords) -> None:
    cognito = connect(options.region, options.endpoint_url)
    pool_id = options.user_pool_id or find(cognito, options.user_pool_name)
    pool = Pool(cognito, describe(cognito, pool_id), options.dry_run)
    print(f"user pool {pool.name}: {pool.id}")
    passwords.policy = pool.password_policy

    users = wanted(options, pool)
    make_groups(pool, users)
    for user in users:
        put(user, pool, passwords, options)
    print(summary(pool))


def wanted(options: argparse.Namespace, pool: Pool) -> list[User]:
    """Returns the requested users."""
    users = []
    if options.sample_users:
        for email, group in SAMPLE_USERS.items():
            # Where the address is an alias, it cannot be the user name.
            name = email.split("@")[0] if pool.has_email_alias else email
            users.append(User(name, email, [group]))
    if options.user:
        address = options.user if "@" in options.user else ""
        users.append(User(options.user, options.email or address, options.group))
    return users


def make_groups(pool: Pool, users: list[User]) -> None:
    """Creates the shell's groups; other groups must exist."""
    there = pool.groups()
    known = there | {group.name for group in GROUPS}
    for name in (name for user in users for name in user.groups):
        if name not in known:
            raise Problem(f"the pool has no group {name}: check its name, or make the group first")
    for group in GROUPS:
        if group.name in there:
            print(f"group {group.name}: exists")
        else:
            pool.create_group(group)


def put(user: User, pool: Pool, passwords: Passwords, options: argparse.Namespace) -> None:
    """Makes sure that the user is in the pool, and in the groups."""
    found = pool.user(user.name)
    if found is None:
        create(user, pool, passwords)
    else:
        refuse_strangers(user, found, options.accept_unverified)
        print(f"user {user.name}: exists")
        if options.reset_password:
            reset(user, pool, passwords)
    username = found.username if found else user.name
    joined = pool.groups_of(username) if found else set()
    for group in user.groups:
        if group in joined:
            print(f"user {user.name}: is in {group}")
        else:
            pool.add(user.name, username, group)


def create(user: User, pool: Pool, passwords: Passwords) -> None:
    if passwords.are_sent and not user.email:
        raise Problem(f"{user.name} cannot be invited without an address: say --email")
    if pool.has_email_alias and "@" in user.name:
        raise Problem(
            f"{user.name} is to sign in with an address, which in this pool is a second name: "
            "say --user NAME --email ADDRESS"
        )

    def act() -> None:
        if passwords.are_sent:
            return pool.create_user(user.name, user.email, None)
        password = passwords.get(user.name)
        pool.create_user(user.name, user.email, password)
        passwords.keep(user.name, password)
        if passwords.permanent:
            pool.set_password(user.name, password, permanent=True)

    done = "created, and invited by e-mail" if passwords.are_sent else "created"
    pool.change(f"user {user.name}", done, act)


def reset(user: User, pool: Pool, passwords: Passwords) -> None:
    def act() -> None:
        password = passwords.get(user.name)
        pool.set_password(user.name, password, passwords.permanent)
        passwords.keep(user.name, password)

    pool.change(f"user {user.name}", "given a new password", act)


def refuse_strangers(user: User, found: Found, accept_unverified: bool) -> None:
    """Refuses a user who may have signed up with someone else's address.

    A pool where people can sign up may have unverified addresses.
    """
    if found.federated or not user.email:
        return
    if found.email and found.email.casefold() != user.email.casefold():
        raise Problem(
            f"user {user.name} has the address {found.email} and not {user.email}: "
            "that may be someone else, so nothing was changed"
        )
    if not found.verified and not accept_unverified:
        raise Problem(
            f"user {user.name} exists, but the address was never verified: someone else may "
            "have signed up with it. If you know the user, say --accept-unverified"
        )


def summary(pool: Pool) -> str:
    if not pool.changes:
        return "nothing to change"
    changes = "1 change" if pool.changes == 1 else f"{pool.changes} changes"
    return f"{changes} to make; nothing was changed" if pool.dry_run else f"{changes} made"


def read_options() -> argparse.Namespace:
    """Reads the command line, and refuses contradictory options."""
    parser = command_line()
    chosen = parser.parse_args()
    if bool(chosen.user) != bool(chosen.group):
        parser.error("--user and --group go together")
    if chosen.email and not chosen.user:
        parser.error("--email is the address of --user")
    if chosen.password == "invite" and (chosen.permanent or chosen.reset_password):
        parser.error("Cognito's invitations have a temporary password, for new users only")
    if chosen.password == "invite" and chosen.sample_users:
        parser.error("the sample users get no mail: say --password generated")
    return chosen


def command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Makes the groups admins, model-approvers and readers in a Cognito user pool, "
        "and puts users into them. What is there stays as it is."
    )
    which = parser.add_argument_group("the user pool")
    which.add_argument("--user-pool-id", metavar="ID")
    which.add_argument(
        "--user-pool-name", metavar="NAME", default=POOL_NAME, help="default: %(default)s"
    )
    which.add_argument("--region", help="default: that of your AWS settings")
    which.add_argument("--endpoint-url", metavar="URL", help="of an emulator")

    who = parser.add_argument_group("users")
    who.add_argument("--sample-users", action="store_true", help="one for each group, to try out")
    who.add_argument("--user", metavar="NAME", help="what they sign in with, such as an address")
    who.add_argument("--email", metavar="ADDRESS", help="if NAME is not the address")
    who.add_argument("--group", metavar="GROUP", action="append", default=[], help="repeatable")
    who.add_argument(
        "--accept-unverified",
        action="store_true",
        help="add existing users whose address was never verified",
    )

    how = parser.add_argument_group("passwords of new users")
    how.add_argument(
        "--password",
        choices=("generated", "prompt", "invite"),
        default="generated",
        help="generated and shown once (default), asked for, or sent by Cognito",
    )
    how.add_argument("--permanent", action="store_true", help="need not be changed at first")
    how.add_argument("--reset-password", action="store_true", help="of existing users, too")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    return parser


if __name__ == "__main__":
    sys.exit(main())
