"""A user pool: reads it, and reports each change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from problems import Problem

# Retries when Cognito throttles.
RETRIES = Config(retries={"mode": "standard"})


@dataclass(frozen=True)
class Group:
    """A group that the shell knows."""

    name: str
    description: str
    precedence: int


@dataclass(frozen=True)
class Found:
    """A user who is in the pool."""

    username: str
    email: str
    # Whether the address is verified as the user's own.
    verified: bool
    # Whether the user signs in through another provider.
    federated: bool


class Pool:
    """One user pool, and the number of changes made to it."""

    def __init__(self, cognito: Any, pool: dict[str, Any], dry_run: bool) -> None:
        self.cognito = cognito
        self.id: str = pool["Id"]
        self.name: str = pool["Name"]
        self.dry_run = dry_run
        self.changes = 0
        self.password_policy: dict[str, Any] = pool.get("Policies", {}).get("PasswordPolicy", {})
        # Whether the address is an alias, in addition to the user name.
        self.has_email_alias = "email" in pool.get("AliasAttributes", [])

    def change(self, what: str, done: str, act: Callable[[], object]) -> None:
        """Makes a change, or on a dry run only reports it."""
        if not self.dry_run:
            act()
        self.changes += 1
        print(f"{what}: {'would be ' if self.dry_run else ''}{done}", flush=True)

    def groups(self) -> set[str]:
        """Returns the names of all groups."""
        pages = self.cognito.get_paginator("list_groups").paginate(UserPoolId=self.id)
        return names(pages)

    def create_group(self, group: Group) -> None:
        self.change(
            f"group {group.name}",
            "created",
            lambda: self.cognito.create_group(
                UserPoolId=self.id,
                GroupName=group.name,
                Description=group.description,
                Precedence=group.precedence,
            ),
        )

    def user(self, name: str) -> Found | None:
        """Returns the user who signs in with that name."""
        try:
            user = self.cognito.admin_get_user(UserPoolId=self.id, Username=name)
        except self.cognito.exceptions.UserNotFoundException:
            return None
        attributes = {each["Name"]: each["Value"] for each in user.get("UserAttributes", [])}
        return Found(
            username=user["Username"],
            email=attributes.get("email", ""),
            verified=attributes.get("email_verified") == "true",
            federated=user.get("UserStatus") == "EXTERNAL_PROVIDER",
        )

    def create_user(self, name: str, email: str, password: str | None) -> None:
        """Creates a user with a temporary password; without one, Cognito makes
        and sends it."""
        attributes = {"email": email, "email_verified": "true"} if email else {}
        how: dict[str, Any] = {"DesiredDeliveryMediums": ["EMAIL"]}
        if password is not None:
            how = {"TemporaryPassword": password, "MessageAction": "SUPPRESS"}
        self.cognito.admin_create_user(
            UserPoolId=self.id,
            Username=name,
            UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
            **how,
        )

    def set_password(self, username: str, password: str, permanent: bool) -> None:
        self.cognito.admin_set_user_password(
            UserPoolId=self.id, Username=username, Password=password, Permanent=permanent
        )

    def groups_of(self, username: str) -> set[str]:
        """Returns the names of the user's groups."""
        paginator = self.cognito.get_paginator("admin_list_groups_for_user")
        return names(paginator.paginate(UserPoolId=self.id, Username=username))

    def add(self, name: str, username: str, group: str) -> None:
        """Adds a user, shown as `name` in the output, to a group."""
        self.change(
            f"user {name}",
            f"added to {group}",
            lambda: self.cognito.admin_add_user_to_group(
                UserPoolId=self.id, Username=username, GroupName=group
            ),
        )


def connect(region: str | None, endpoint: str | None) -> Any:
    """Returns boto3's client, with boto3's defaults for missing values."""
    session = boto3.Session(region_name=region)
    try:
        return session.client("cognito-idp", endpoint_url=endpoint, config=RETRIES)
    except ValueError as error:
        raise Problem(f"--region or --endpoint-url is wrong: {error}") from None


def find(cognito: Any, name: str) -> str:
    """Returns the id of the pool with that name."""
    region = cognito.meta.region_name
    pages = cognito.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 60})
    ids = [pool["Id"] for page in pages for pool in page["UserPools"] if pool["Name"] == name]
    if not ids:
        raise Problem(
            f"no user pool in {region} is called {name}: say --user-pool-name, "
            "--user-pool-id or another --region"
        )
    if len(ids) > 1:
        raise Problem(
            f"{len(ids)} user pools in {region} are called {name}: "
            f"say --user-pool-id with one of {', '.join(sorted(ids))}"
        )
    return str(ids[0])


def describe(cognito: Any, pool_id: str) -> dict[str, Any]:
    """Returns Cognito's description of the pool."""
    try:
        pool: dict[str, Any] = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    except cognito.exceptions.ResourceNotFoundException:
        raise Problem(
            f"there is no user pool {pool_id} in {cognito.meta.region_name}: "
            "check the id, and say the region it is in with --region"
        ) from None
    return pool


def names(pages: Any) -> set[str]:
    return {group["GroupName"] for page in pages for group in page["Groups"]}
