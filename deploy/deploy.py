#!/usr/bin/env python3
"""Deploys the templates in order, each with the outputs of those before it.
You may run it any number of times: it updates existing stacks.

It needs Python 3.10 and boto3: python3 -m pip install -r requirements.txt
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path

try:
    import gateway
    from configure import more
    from stacks import SITES, Account, Problem, Stacks, perform
except ImportError:
    sys.exit("error: boto3 is missing: python3 -m pip install -r requirements.txt")

# In the order of deployment; the template of the site follows.
FIRST = ("base", "network", "identity", "mlflow", "api", "access")
# These need the site's address, which is known only once the site exists.
AGAIN = ("identity", "mlflow", "api")
# Settings without a default that no stack provides.
REQUIRED = ["DomainPrefix", "Image"]
# Who may assume roles from other accounts: never `*`, nor a whole account.
PRINCIPALS = ("AdminPrincipals", "ApproverPrincipals", "ReaderPrincipals")
PRINCIPAL = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[A-Za-z0-9+=.@_/-]+")
# Only on request.
OPTIONAL = ("studio", "accounts")


def main() -> int:
    return perform(work, read_options())


def work(options: argparse.Namespace) -> None:
    account = Account(options.region, options.endpoint_url)
    deployment = Deployment(account, options)
    if options.hosting == "gateway":
        through_gateway(deployment, options)
    else:
        through_api(deployment, options)


def through_api(deployment: Deployment, options: argparse.Namespace) -> None:
    """MLflow behind API Gateway, and the site on CloudFront or Amplify."""
    if options.more or not options.authorizer:
        raise Problem("--authorizer ZIP is needed; --more FILE is configure.py's")
    refuse_sagemaker(deployment)
    site = SITES[options.hosting]
    deployment.expect(site)
    # With a site on another origin, browsers call the API directly.
    closed = "true" if options.hosting == "cloudfront" else "false"
    deployment.values.setdefault("OnlyThroughCloudFront", closed)
    deployment.put("base")
    deployment.upload(options.authorizer)
    before = deployment.values.get("SiteOrigin")
    for template in (*FIRST[1:], site, *options.also):
        deployment.put(template)
    if deployment.values["SiteOrigin"] != before:
        for template in AGAIN:
            deployment.put(template)
    deployment.release()
    print(f"the site is at {deployment.values['SiteOrigin']}: now run configure.py")


def refuse_sagemaker(deployment: Deployment) -> None:
    """API Gateway cannot sign for SageMaker's MLflow; up to 0.2.0 the mlflow stack
    could have a tracking server nevertheless, which an update would delete."""
    if deployment.settings.get("Backend", "fargate") != "fargate":
        raise Problem(
            "Backend is a setting of --hosting gateway: API Gateway cannot sign requests for "
            "SageMaker's MLflow (docs/GATEWAY_ON_AWS.md)"
        )
    if deployment.stacks.has("mlflow", "TrackingServer"):
        raise Problem(
            f"{deployment.stacks.name('mlflow')} has a tracking server of SageMaker's, which "
            "this update would delete with its data: nothing was changed. "
            "docs/GATEWAY_ON_AWS.md says how to move it"
        )


def through_gateway(deployment: Deployment, options: argparse.Namespace) -> None:
    """The gateway behind a load balancer, and MLflow in its tasks or SageMaker's."""
    if options.also or options.authorizer:
        raise Problem("--also and --authorizer are for MLflow behind API Gateway")
    values, keys = deployment.values, more(options.more)
    values |= gateway.derived(values)
    if deployment.stacks.describe("api") is None:
        # A setting of the account, which is API Gateway's alone.
        values.setdefault("ManageLogRole", "false")
    for template in gateway.stacks(deployment.settings):
        deployment.put(template)
    if "TokenKeysArn" not in values:
        secret = gateway.token_keys(deployment.account, options.prefix, values["KeyArn"])
        values["TokenKeysArn"] = secret
    values["ConfigJson"] = gateway.config_text(values, keys)
    deployment.put("gateway")
    print(f"the site is at {values['SiteOrigin']}, once its name leads to {values['BalancerDns']}")


class Deployment:
    """The stacks, and all values that are known so far."""

    def __init__(self, account: Account, options: argparse.Namespace) -> None:
        self.account = account
        self.stacks = Stacks(account, options.prefix)
        self.settings = settings(options.settings, self.stacks, options.hosting)
        self.values = dict(self.settings)

    def expect(self, site: str) -> None:
        """Takes the address of an existing site. No other old value is used: a
        setting that was removed gets its default again."""
        origin = self.stacks.outputs(site).get("SiteOrigin")
        if origin:
            self.values.setdefault("SiteOrigin", origin)

    def put(self, template: str) -> None:
        done = self.stacks.put(template, self.values)
        print(f"{self.stacks.name(template)}: {done}", flush=True)
        # The user's settings override outputs.
        self.values |= self.stacks.outputs(template) | self.settings

    def upload(self, authorizer: Path) -> None:
        """Uploads the authorizer under a name that depends on its content."""
        content = authorizer.read_bytes()
        key = f"authorizer-{hashlib.sha256(content).hexdigest()[:16]}.zip"
        bucket = self.values["DeployBucket"]
        self.account.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
        self.values["AuthorizerKey"] = key
        print(f"{key}: uploaded")

    def release(self) -> None:
        """Deploys the current API to the stage."""
        self.account.client("apigateway").create_deployment(
            restApiId=self.values["RestApiId"], stageName="prod"
        )


def settings(file: Path, stacks: Stacks, hosting: str) -> dict[str, str]:
    """Reads the parameters' values, and refuses names that no template has."""
    values = json.loads(file.read_text())
    if not isinstance(values, dict) or not all(isinstance(each, str) for each in values.values()):
        raise Problem(f"{file} is no JSON object of texts (--settings)")
    required = gateway.required(values) if hosting == "gateway" else REQUIRED
    missing = [name for name in required if name not in values]
    if missing:
        manual = "GATEWAY_ON_AWS" if hosting == "gateway" else "DEPLOY"
        raise Problem(f"{file} has no {' and no '.join(missing)}: docs/{manual}.md says what it is")
    templates = (*FIRST, "store", *SITES.values(), *OPTIONAL)
    known = {name for template in templates for name in stacks.declared(template)}
    known |= set(gateway.SETTINGS)
    strangers = sorted(set(values) - known)
    if strangers:
        raise Problem(f"{file}: no template has a parameter {', '.join(strangers)}")
    for name in PRINCIPALS:
        named(values.get(name, ""), f"{file}: {name}")
    return values


def named(principals: str, where: str) -> None:
    """Refuses principals other than single roles and users."""
    for each in principals.split(",") if principals else []:
        if not PRINCIPAL.fullmatch(each):
            raise Problem(
                f"{where} has {each!r}, which is no role and no user: it takes their ARNs, "
                "such as arn:aws:iam::123456789012:role/training, and no whole accounts"
            )


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Deploys the templates, or brings them up to date."
    )
    parser.add_argument("--settings", metavar="FILE", type=Path, required=True)
    parser.add_argument(
        "--authorizer", metavar="ZIP", type=Path, help="not with --hosting gateway"
    )
    parser.add_argument("--hosting", choices=SITES, default="cloudfront")
    parser.add_argument(
        "--more", metavar="FILE", type=Path, help="with --hosting gateway: keys for config.json"
    )
    parser.add_argument("--also", choices=OPTIONAL, action="append", default=[])
    parser.add_argument("--prefix", metavar="NAME", default="mlflow", help="default: %(default)s")
    parser.add_argument("--region", help="default: that of your AWS settings")
    parser.add_argument("--endpoint-url", metavar="URL", help="of an emulator")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
