"""CloudFormation stacks: reads their outputs, creates and updates them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

TEMPLATES = Path(__file__).parent / "templates"
# Retries when AWS throttles.
RETRIES = Config(retries={"mode": "standard"})
# The kinds of hosting, each with its template.
SITES = {"cloudfront": "site", "amplify": "amplify", "gateway": "gateway"}
NOTHING_TO_DO = "No updates are to be performed"


class Problem(Exception):
    """An error message for the user."""


class Account:
    """An AWS account in one region, as boto3 finds it."""

    def __init__(self, region: str | None, endpoint: str | None) -> None:
        self.session = boto3.Session(region_name=region)
        self.endpoint = endpoint

    def client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.endpoint, config=RETRIES)


class Stacks:
    """The stacks of one deployment: their names begin with its prefix."""

    def __init__(self, account: Account, prefix: str) -> None:
        self.cloudformation = account.client("cloudformation")
        self.prefix = prefix

    def name(self, template: str) -> str:
        return f"{self.prefix}-{template}"

    def describe(self, template: str) -> dict[str, Any] | None:
        """Returns CloudFormation's description of a stack, if it exists."""
        try:
            answer = self.cloudformation.describe_stacks(StackName=self.name(template))
        except ClientError as error:
            if "does not exist" in error.response["Error"]["Message"]:
                return None
            raise
        stack: dict[str, Any] = answer["Stacks"][0]
        return stack

    def outputs(self, template: str) -> dict[str, str]:
        """Returns the outputs of a stack; none if it does not exist."""
        stack = self.describe(template) or {}
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    def parameter(self, template: str, name: str) -> str | None:
        """Returns the value of a parameter of a stack, if it exists."""
        stack = self.describe(template) or {}
        found = [each for each in stack.get("Parameters", []) if each["ParameterKey"] == name]
        return found[0]["ParameterValue"] if found else None

    def has(self, template: str, resource: str) -> bool:
        """Returns whether a stack has a resource."""
        name = self.name(template)
        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        if self.describe(template) is None:
            return False
        found = (each for page in pages for each in page["StackResourceSummaries"])
        return any(each["LogicalResourceId"] == resource for each in found)

    def put(self, template: str, values: dict[str, str]) -> str:
        """Creates or updates a stack, waits for it, and returns what was done."""
        name = self.name(template)
        request = {
            "StackName": name,
            "TemplateBody": source(template).read_text(),
            "Parameters": self.parameters(template, values),
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
        }
        if self.describe(template) is None:
            made = self.cloudformation.create_stack(**request, OnFailure="DELETE")
            self.wait("stack_create_complete", name, made["StackId"])
            return "created"
        try:
            made = self.cloudformation.update_stack(**request)
        except ClientError as error:
            if NOTHING_TO_DO in error.response["Error"]["Message"]:
                return "is up to date"
            raise
        self.wait("stack_update_complete", name, made["StackId"])
        return "changed"

    def declared(self, template: str) -> dict[str, bool]:
        """Returns the template's parameters, and whether they have defaults."""
        summary = self.cloudformation.get_template_summary(
            TemplateBody=source(template).read_text()
        )
        return {each["ParameterKey"]: "DefaultValue" in each for each in summary["Parameters"]}

    def parameters(self, template: str, values: dict[str, str]) -> list[dict[str, str]]:
        """Returns those of `values` that the template declares."""
        known = self.declared(template)
        missing = [name for name, optional in known.items() if not (optional or name in values)]
        if missing:
            raise Problem(f"the settings have no {', '.join(missing)}, which {template} needs")
        return [
            {"ParameterKey": name, "ParameterValue": values[name]}
            for name in known
            if name in values
        ]

    def wait(self, state: str, name: str, stack: str) -> None:
        """Waits for a stack; if it fails, raises the first failure."""
        try:
            self.cloudformation.get_waiter(state).wait(StackName=stack)
        except WaiterError:
            raise Problem(f"{name} failed: {self.reason(stack)}") from None

    def reason(self, stack: str) -> str:
        pages = self.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
        events = [event for page in pages for event in page["StackEvents"]]
        # The newest come first; the first failure caused the others.
        for event in reversed(events):
            if event["ResourceStatus"].endswith("_FAILED"):
                return f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        return "it was not ready in time: look at its events, and run the same command again"


def source(template: str) -> Path:
    """Returns the file of a template."""
    files = [TEMPLATES / f"{template}.yaml", TEMPLATES / f"{template}.json"]
    return next(file for file in files if file.is_file())


def perform(work: Callable[[argparse.Namespace], None], options: argparse.Namespace) -> int:
    """Runs a script's work, and returns the exit status."""
    try:
        work(options)
    except (Problem, BotoCoreError, ClientError, OSError, ValueError) as problem:
        print(f"error: {sentence(problem)}", file=sys.stderr)
        return 1
    return 0


def sentence(problem: Exception) -> str:
    """Returns the error message for any exception."""
    if isinstance(problem, ClientError):
        error = problem.response.get("Error", {})
        return f"AWS refuses {problem.operation_name}: {error.get('Message')} ({error.get('Code')})"
    if isinstance(problem, BotoCoreError):
        return f"AWS cannot be asked: {problem}"
    return str(problem)
