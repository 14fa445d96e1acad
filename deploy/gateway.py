"""What `deploy.py --hosting gateway` adds to the settings: which stacks there
are, SageMaker's servers, the text of config.json, the keys of tokens."""

from __future__ import annotations

import base64
import json
import re
import secrets
from typing import Any

from botocore.exceptions import ClientError

from configure import configuration, merged
from stacks import Account, Problem

# Settings that no template has: the provider in place of identity.yaml's, and
# SageMaker's servers.
SETTINGS = ("Issuer", "ClientId", "ProviderDomain", "Servers")
STORE = ("DatabaseAddress", "DatabaseSecretArn", "DatabaseGroupId", "ArtifactBucket")
NETWORK = ("VpcId", "VpcCidr", "SubnetIds")
SERVER = re.compile(
    r"(?:([a-z0-9-]{1,32})=)?"
    r"(arn:aws(?:-us-gov)?:sagemaker:[a-z0-9-]+:[0-9]{12}:mlflow-(?:tracking-server|app)/[A-Za-z0-9-]+)"
)
# The longest value of a parameter.
MOST = 4096


def stacks(values: dict[str, str]) -> tuple[str, ...]:
    """Returns the templates in the order of deployment, before the gateway's."""
    own = {
        "network": "VpcId" in values,
        "identity": "Issuer" in values,
        "store": backend(values) == "sagemaker" or "DatabaseAddress" in values,
    }
    return tuple(each for each in ("base", *own) if not own.get(each))


def backend(values: dict[str, str]) -> str:
    return values.get("Backend", "mlflow")


def required(values: dict[str, str]) -> list[str]:
    """Returns the settings without which nothing can be deployed."""
    names = ["GatewayImage", "DomainName"]
    names += ["ClientId"] if "Issuer" in values else ["DomainPrefix"]
    return [*names, "Servers" if backend(values) == "sagemaker" else "Image"]


def derived(values: dict[str, str]) -> dict[str, str]:
    """Returns the values that follow from the settings, and refuses settings that
    do not go together."""
    refuse(values)
    found = servers(values["Servers"]) if "Servers" in values else {}
    found |= {"SiteOrigin": origin(values), "Internet": "true"}
    if "ClientId" in values:
        found["UserPoolClientId"] = values["ClientId"]
    for name in ("Policy", "Upstreams"):
        fitting(name, (values | found).get(name, ""))
    return {"Bearer": "id"} | values | found


def refuse(values: dict[str, str]) -> None:
    wrongs = (*wrong_backend(values), *wrong_provider(values), *wrong_places(values))
    for is_wrong, words in wrongs:
        if is_wrong:
            raise Problem(words)


def wrong_backend(values: dict[str, str]) -> list[tuple[bool, str]]:
    chosen, given = backend(values), set(values)
    mlflow = sorted(given & {"Image", "DirectDownloads", *STORE})
    stores = [name for name in STORE if name in values]
    return [
        (
            chosen not in ("mlflow", "sagemaker"),
            f"Backend is {chosen!r}: with --hosting gateway it is mlflow or sagemaker",
        ),
        (
            chosen == "sagemaker" and bool(mlflow),
            f"Backend sagemaker has no use for {', '.join(mlflow)}: SageMaker runs MLflow; "
            "remove them, or set Backend to mlflow",
        ),
        (
            chosen == "mlflow" and "Servers" in given,
            "Servers are SageMaker's: set Backend to sagemaker, or remove them",
        ),
        (
            0 < len(stores) < len(STORE),
            f"of a store of your own set all of {', '.join(STORE)}; only {', '.join(stores)} is set",
        ),
    ]


def wrong_provider(values: dict[str, str]) -> list[tuple[bool, str]]:
    given = set(values)
    return [
        (
            "Issuer" in given and "DomainPrefix" in given,
            "DomainPrefix is for a user pool that the stacks make, and Issuer names another "
            "provider: remove one of them",
        ),
        (
            "Issuer" not in given and bool(given & {"ClientId", "ProviderDomain", "ClientSecretArn"}),
            "ClientId, ProviderDomain and ClientSecretArn are for a provider of your own: "
            "set Issuer, too, or remove them",
        ),
        (
            not given & {"CertificateArn", "HostedZoneId"},
            "set CertificateArn, a certificate of this region for DomainName, or HostedZoneId, "
            "the Route 53 zone of DomainName, in which the stack proves that the name is yours",
        ),
        (
            "SiteOrigin" in given and values["SiteOrigin"] != origin(values),
            f"SiteOrigin is {origin(values)}, by DomainName: remove it",
        ),
    ]


def wrong_places(values: dict[str, str]) -> list[tuple[bool, str]]:
    needed = list(NETWORK)
    if values.get("Scheme") != "internal":
        needed.append("PublicSubnetIds")
    missing = [name for name in needed if name not in values]
    subnets = [name for name in ("SubnetIds", "PublicSubnetIds") if name in values]
    few = [name for name in subnets if len(values[name].split(",")) < 2]
    tasks = [int(values.get(name, default)) for name, default in (("Tasks", 2), ("MostTasks", 6))]
    return [
        ("VpcId" in values and bool(missing), f"a VPC of your own needs {', '.join(missing)}, too"),
        (
            "VpcId" not in values and bool(subnets),
            f"{', '.join(subnets)} is for a VPC of your own: set VpcId, too, or remove it",
        ),
        (bool(few), f"{', '.join(few)} has one subnet: a load balancer takes two, in two zones"),
        (tasks[0] > tasks[1], f"Tasks is {tasks[0]} and MostTasks {tasks[1]}, which is less"),
    ]


def origin(values: dict[str, str]) -> str:
    return f"https://{values['DomainName']}"


def servers(text: str) -> dict[str, str]:
    """Reads `Servers`: one ARN, or `name=ARN` for each, separated by commas.
    Returns what gateway.yaml is told, and the names for config.json."""
    found = [parsed(each.strip()) for each in text.split(",")]
    names = [name for name, _ in found]
    if len(found) > 1 and (None in names or len(set(names)) < len(names)):
        raise Problem("Servers has several: give each a name of its own, as in team-a=arn:…")
    arns = {name or "": arn for name, arn in found}
    kinds = {"ServerArns": ":mlflow-tracking-server/", "AppArns": ":mlflow-app/"}
    told = {
        key: ",".join(dict.fromkeys(arn for arn in arns.values() if kind in arn))
        for key, kind in kinds.items()
    }
    if "" not in arns:
        told |= {"Upstreams": toml(arns), "UpstreamNames": ",".join(arns)}
    return {key: each for key, each in told.items() if each}


def parsed(text: str) -> tuple[str | None, str]:
    match = SERVER.fullmatch(text)
    if not match:
        raise Problem(
            f"Servers has {text!r}, which is no ARN of a tracking server or an MLflow App, such as "
            "arn:aws:sagemaker:eu-central-1:123456789012:mlflow-tracking-server/team-a, "
            "alone or after a name of a-z, 0-9 and -, as in team-a=arn:…"
        )
    return match[1], match[2]


def toml(arns: dict[str, str]) -> str:
    """Returns the setting `upstreams`; names and ARNs have nothing to escape."""
    each = (f'{name}={{sagemaker={{arn="{arn}"}}}}' for name, arn in arns.items())
    return f"{{{','.join(each)}}}"


def config_text(values: dict[str, str], more: dict[str, Any]) -> str:
    """Returns config.json, as short as it can be."""
    config = merged(configuration(values, "gateway"), more)
    return fitting("ConfigJson", json.dumps(config, separators=(",", ":"), ensure_ascii=False))


def fitting(name: str, text: str) -> str:
    """Refuses what CloudFormation has no room for."""
    size = len(text.encode())
    if size > MOST:
        raise Problem(
            f"{name} has {size} bytes, and a parameter of CloudFormation holds {MOST}: "
            "shorten it (roles, upstreams and page_origins are the longest keys of config.json)"
        )
    return text


def token_keys(account: Account, prefix: str, key: str) -> str:
    """Returns the ARN of the secret with the keys of tokens, and makes it if
    there is none: Secrets Manager generates no base64 by itself."""
    client, name = account.client("secretsmanager"), f"{prefix}-token-keys"
    try:
        return str(client.describe_secret(SecretId=name)["ARN"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
    made = client.create_secret(
        Name=name,
        Description="Keys of MLflow's tokens for programs, and of kept sessions",
        KmsKeyId=key,
        SecretString=base64.b64encode(secrets.token_bytes(32)).decode(),
    )
    print(f"{name}: made in Secrets Manager")
    return str(made["ARN"])
