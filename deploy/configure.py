#!/usr/bin/env python3
"""Writes the shell's config.json from the outputs of the stacks, and uploads
the site.

It needs Python 3.10 and boto3: python3 -m pip install -r requirements.txt
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

try:
    from stacks import SITES, Account, Problem, Stacks, perform
    from upload import upload
except ImportError:
    sys.exit("error: boto3 is missing: python3 -m pip install -r requirements.txt")

# The outputs that the site needs, by stack.
NEEDED = {
    "identity": ("ProviderDomain", "Issuer", "UserPoolClientId"),
    # No required outputs.
    "mlflow": (),
    "api": ("TrackingUri", "ApiUrl", "Bearer"),
}


def main() -> int:
    return perform(work, read_options())


def work(options: argparse.Namespace) -> None:
    account = Account(options.region, options.endpoint_url)
    stacks = Stacks(account, options.prefix)
    if options.hosting == "gateway":
        outputs, config = {}, deployed(stacks, options)
    else:
        outputs = read(stacks, options.hosting)
        config = merged(configuration(outputs, options.hosting), more(options.more))
    done = write(options.out, json.dumps(config, indent=2) + "\n")
    print(f"{options.out}: {done}, for {config['origin']}")
    if options.site:
        upload(account, outputs, options.site, options.out)


def read(stacks: Stacks, hosting: str) -> dict[str, str]:
    """Returns the outputs of all stacks that the configuration is made from."""
    found: dict[str, str] = {}
    for template, names in (NEEDED | {SITES[hosting]: ("SiteOrigin", "UiVersion")}).items():
        outputs = stacks.outputs(template)
        missing = [name for name in names if not outputs.get(name)]
        if missing:
            raise Problem(
                f"the stack {stacks.name(template)} does not tell {', '.join(missing)}: "
                "deploy it first, or say --prefix or --region"
            )
        found |= outputs
    return found


def deployed(stacks: Stacks, options: argparse.Namespace) -> dict[str, Any]:
    """Returns the configuration that the gateway's stack was deployed with."""
    for option in ("more", "site"):
        if getattr(options, option):
            raise Problem(
                f"--{option} is not for --hosting gateway: the tasks have the configuration "
                "and the site, so give --more to deploy.py, and build the site into the image"
            )
    text = stacks.parameter("gateway", "ConfigJson")
    if text is None:
        raise Problem(
            f"there is no stack {stacks.name('gateway')}: deploy it first, "
            "or say --prefix or --region"
        )
    config: dict[str, Any] = json.loads(text)
    return config


def configuration(outputs: dict[str, str], hosting: str) -> dict[str, Any]:
    """Returns the keys of config.json, as docs/CONFIGURATION.md describes them."""
    provider: dict[str, Any] = {
        # Without a domain the gateway asks the issuer (discovery).
        "domain": outputs.get("ProviderDomain"),
        "issuer": outputs["Issuer"],
        "client_id": outputs["UserPoolClientId"],
    }
    config: dict[str, Any] = {
        "origin": outputs["SiteOrigin"],
        "provider": {key: each for key, each in provider.items() if each},
        "bearer": outputs["Bearer"],
    }
    if hosting == "gateway":
        config["provider"]["via_gateway"] = True
        config["python"] = {"access": "token"}
        if names := listed(outputs, "UpstreamNames"):
            config["upstreams"] = [{"name": name} for name in names]
    else:
        config["ui"] = outputs["UiVersion"]
        config["python"] = {"access": "sigv4", "tracking_uri": outputs["TrackingUri"]}
    if hosting == "amplify":
        # CloudFront has the API on the site's own origin.
        config["api"] = outputs["ApiUrl"]
    if framers := listed(outputs, "FrameAncestors"):
        config["frame_ancestors"] = framers
    artifacts = {
        # The stack has it if MLflow issues presigned URLs (DirectDownloads).
        "store_origins": listed(outputs, "StoreOrigin"),
        "page_origins": listed(outputs, "PageOrigins"),
    }
    if artifacts := {key: origins for key, origins in artifacts.items() if origins}:
        config["artifacts"] = artifacts
    return config


def listed(outputs: dict[str, str], name: str) -> list[str]:
    """Returns the values of a list output; none if there is no such output."""
    return [each for each in outputs.get(name, "").split(",") if each]


def write(file: Path, text: str) -> str:
    """Writes the file, and returns what was done. A different existing file,
    perhaps written by hand, is kept beside it."""
    there = file.read_text() if file.exists() else None
    if there == text:
        return "is up to date"
    if there is None:
        file.write_text(text)
        return "written"
    kept = file.with_name(f"{file.name}.before")
    kept.write_text(there)
    file.write_text(text)
    return f"replaced (what it was is in {kept})"


def merged(config: dict[str, Any], keys: dict[str, Any]) -> dict[str, Any]:
    """Returns `config` with `keys`, which take precedence; objects are merged."""
    both = {key: each for key, each in keys.items() if isinstance(each, dict) and key in config}
    return config | keys | {key: config[key] | each for key, each in both.items()}


def more(file: Path | None) -> dict[str, Any]:
    """Returns keys that no stack provides, such as `session`."""
    if file is None:
        return {}
    keys = json.loads(file.read_text())
    if not isinstance(keys, dict):
        raise Problem(f"{file} is no JSON object (--more)")
    return keys


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Writes the shell's config.json from the outputs of the stacks."
    )
    parser.add_argument("--prefix", metavar="NAME", default="mlflow", help="default: %(default)s")
    parser.add_argument("--hosting", choices=SITES, default="cloudfront")
    parser.add_argument("--region", help="default: that of your AWS settings")
    parser.add_argument("--endpoint-url", metavar="URL", help="of an emulator")
    parser.add_argument("--out", metavar="FILE", type=Path, default=Path("config.json"))
    parser.add_argument("--more", metavar="FILE", type=Path, help="keys to add, as JSON")
    parser.add_argument(
        "--site", metavar="DIR", type=Path, help="upload the site that is built there, too"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
