#!/usr/bin/env python3
"""Writes templates/access.json: the groups' rights in the browser, for roles
that sign their requests to MLflow's API.

    python3 access.py --mlflow-shell ../target/release/mlflow-shell

The rights are the output of `mlflow-shell policy iam`, for the built-in policy
or another (--policy). The script needs only Python 3.10.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).parent / "templates" / "access.json"
# The groups, by the names of their roles in the templates.
ROLES = {"Admin": "admins", "Approver": "model-approvers", "Reader": "readers"}
# The longest possible ARN: policies that fit with it fit with any.
API = "arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:a1b2c3d4e5"
ANY_API = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${RestApiId}"
STAGE = "prod"
# The most managed policies of a role; one is for what every notebook needs.
MOST = 9


def main() -> int:
    options = read_options()
    try:
        text = json.dumps(template(options), indent=2) + "\n"
    except (OSError, ValueError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    options.out.write_text(text)
    print(f"{options.out}: written")
    return 0


def template(options: argparse.Namespace) -> dict[str, Any]:
    """Returns the template, with every role's policies."""
    resources: dict[str, Any] = {}
    outputs: dict[str, Any] = {}
    for role, group in ROLES.items():
        policies = rights(options, group)
        names = [f"{role}{number}" for number in range(1, len(policies) + 1)]
        if len(names) > MOST:
            raise ValueError(f"{group} takes {len(names)} policies, and a role has {MOST} left")
        resources |= {
            name: managed(group, policy) for name, policy in zip(names, policies, strict=True)
        }
        arns = {"Fn::Join": [",", [{"Ref": name} for name in names]]}
        outputs[f"{role}Policies"] = {"Value": arns}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "MLflow Auth Shell, access: what mlflow-shell policy iam prints, as managed "
        "policies. Written by deploy/access.py.",
        "Parameters": {"RestApiId": {"Type": "String"}},
        "Resources": resources,
        "Outputs": outputs,
    }


def rights(options: argparse.Namespace, group: str) -> list[dict[str, Any]]:
    """Returns the documents that the command writes for a group."""
    with tempfile.TemporaryDirectory() as folder:
        command = [options.mlflow_shell, "policy", "iam", "--group", group, "--api-arn", API]
        command += ["--stage", STAGE, "--out", folder]
        if options.policy:
            command += ["--policy", options.policy]
        ran = subprocess.run(command, capture_output=True, text=True)
        if ran.returncode:
            words = ran.stderr.strip() or f"it ended with {ran.returncode}"
            raise ValueError(f"`{' '.join(command)}` failed: {words}")
        files = sorted(Path(folder).glob("policy-*.json"))
        return [json.loads(file.read_text()) for file in files]


def managed(group: str, policy: dict[str, Any]) -> dict[str, Any]:
    """Returns a managed policy for the API that the stack gets as a parameter."""
    for statement in policy["Statement"]:
        resources = [resource.replace(API, ANY_API) for resource in statement["Resource"]]
        statement["Resource"] = [{"Fn::Sub": resource} for resource in resources]
    return {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"Description": f"MLflow: {group}", "PolicyDocument": policy},
    }


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Writes the template of the rights at the API.")
    parser.add_argument("--mlflow-shell", metavar="PROGRAM", default="mlflow-shell")
    parser.add_argument("--policy", metavar="FILE", help="default: the built-in policy")
    parser.add_argument("--out", metavar="FILE", type=Path, default=TEMPLATE)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
