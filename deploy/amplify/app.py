#!/usr/bin/env python3
"""Sets the rewrites and the headers that the shell needs on an Amplify app.

It needs Python 3.10 and boto3: python3 -m pip install -r requirements.txt
You may run it any number of times: it changes only what differs.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

try:
    import boto3
    from botocore import exceptions
except ImportError:
    sys.exit("error: boto3 is missing: python3 -m pip install -r requirements.txt")

REWRITES = Path(__file__).with_name("rewrites.json")
# Amplify's own limit for the headers of an app.
LONGEST_HEADERS = 25_000

Rule = dict[str, str]


class Problem(Exception):
    """An error message for the user."""


def main() -> int:
    """Runs the script, and returns the exit status."""
    options = read_options()
    try:
        work(options)
    except (Problem, exceptions.BotoCoreError, exceptions.ClientError) as problem:
        print(f"error: {sentence(problem)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def work(options: argparse.Namespace) -> None:
    ours = read_rules(options.rewrites)
    headers = read_headers(options.headers) if options.headers else None
    amplify = connect(options)
    app = amplify.get_app(appId=options.app_id)["app"]
    print(f"app {app.get('name', '')}: {options.app_id}")

    there = [plain(rule) for rule in app.get("customRules", [])]
    wanted = ours + kept(there, ours)
    changes: dict[str, Any] = {}
    if wanted != there:
        changes["customRules"] = wanted
    if headers is not None and headers != app.get("customHeaders", ""):
        changes["customHeaders"] = headers
    tell(changes, there, wanted)
    if not changes:
        print("nothing to change")
    elif options.dry_run:
        print("nothing was changed")
    else:
        amplify.update_app(appId=options.app_id, **changes)
        print("changed; headers count from the next deployment on")


def kept(there: list[Rule], ours: list[Rule]) -> list[Rule]:
    """Returns the app's other rules, which are matched after ours.

    A rule that answers missing files with the start page is left out: a request
    for MLflow's API that the worker has missed must fail, and a module must not
    be answered with a page.
    """
    sources = {rule["source"] for rule in ours}
    return [
        rule
        for rule in there
        if rule["source"] not in sources and rule.get("target") != "/index.html"
    ]


def tell(changes: dict[str, Any], there: list[Rule], wanted: list[Rule]) -> None:
    """Prints the changes."""
    if "customRules" in changes:
        for rule in there:
            if rule not in wanted:
                print(f"rewrite {rule['source']} to {rule.get('target')}: dropped")
        for rule in wanted:
            state = "kept" if rule in there else "added"
            print(f"rewrite {rule['source']} to {rule.get('target')}: {state}")
    if "customHeaders" in changes:
        print("headers: replaced")


def plain(rule: dict[str, Any]) -> Rule:
    """Leaves out empty values, which mean the same as missing ones."""
    return {key: value for key, value in rule.items() if value}


def read_rules(path: Path) -> list[Rule]:
    return parsed(read(path, "--rewrites"), f"{path} (--rewrites)")


def read_headers(path: Path) -> str:
    text = read(path, "--headers")
    if "customHeaders" not in text:
        raise Problem(f"{path} (--headers) has no customHeaders: make it with "
                      "`cargo xtask amplify headers`")
    headers = parsed(text, f"{path} (--headers)")
    if len(text) > LONGEST_HEADERS:
        # Spaces between the tokens of JSON mean nothing.
        text = json.dumps(headers, separators=(",", ":"))
    if len(text) > LONGEST_HEADERS:
        raise Problem(f"{path} (--headers) has {len(text)} characters without spaces, and Amplify "
                      f"takes {LONGEST_HEADERS}: name fewer sites that may frame the shell")
    return text


def parsed(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Problem(f"{what} is no JSON: {error}") from None


def read(path: Path, option: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Problem(f"{path} ({option}) cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Problem(f"{path} ({option}) is no text in UTF-8") from None


def connect(options: argparse.Namespace) -> Any:
    session = boto3.Session(region_name=options.region)
    return session.client("amplify", endpoint_url=options.endpoint_url)


def sentence(problem: Exception) -> str:
    """Returns the error message for any exception."""
    if isinstance(problem, exceptions.NoRegionError):
        return "no region is known: say --region, such as --region eu-central-1"
    if isinstance(problem, exceptions.NoCredentialsError):
        return "there are no AWS credentials to use: sign in to AWS, or set AWS_PROFILE"
    if isinstance(problem, exceptions.ClientError):
        code = problem.response.get("Error", {}).get("Code", "")
        if code == "NotFoundException":
            return "Amplify has no such app in this region: check --app-id and --region"
        if code == "AccessDeniedException":
            return (
                "your AWS credentials may not do that: allow them "
                f"amplify:{problem.operation_name}"
            )
    return str(problem)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--app-id", required=True, help="the app's id, such as d1a2b3c4d5e6f7")
    parser.add_argument("--region", help="the app's region")
    parser.add_argument(
        "--rewrites", type=Path, default=REWRITES, help="the rules (rewrites.json)"
    )
    parser.add_argument(
        "--headers", type=Path, help="custom-headers.json, if the app is to have the headers"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be changed")
    parser.add_argument("--endpoint-url", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
