"""Uploads the built site, each file with its type and caching."""

from __future__ import annotations

import io
import mimetypes
import re
import urllib.request
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stacks import Account, Problem

FOREVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
# A build puts a hash into the names of files that never change.
HASH = re.compile(r"(?:^|[-_./])[0-9a-fA-F]{8,}(?=$|[-_./])")
# Some names here have a hash and some have none. Amplify's patterns cannot tell
# them apart, so browsers revalidate all of them each time.
MIXED = "mlflow/static-files/lib/"
TYPES = {
    ".wasm": "application/wasm",
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".webmanifest": "application/manifest+json",
}
# Only our own gateway serves precompressed files.
DOUBLES = {".br", ".gz"}
CONFIG = "config.json"
# Amplify's rules and headers use three names for the document.
DOCUMENT = "index.html"
ITS_OTHER_NAMES = ("callback.html", "relay.html")
# These refer to the other files, so they are uploaded last.
LAST = ("index.html", "mlflow/index.html", "sw.js", CONFIG)


def upload(account: Account, outputs: dict[str, str], site: Path, config: Path) -> None:
    """Uploads the site with this configuration to the hosting of the stacks."""
    found = dict(files(site)) | {CONFIG: config}
    version = outputs["UiVersion"]
    if "mlflow/index.html" not in found:
        raise Problem(
            f"{site} has no MLflow UI: put it there with `cargo xtask ui --mlflow {version}`"
        )
    order = sorted(found, key=lambda name: (name in LAST, name))
    if bucket := outputs.get("SiteBucket"):
        to_bucket(account, bucket, {name: found[name] for name in order})
        invalidate(account, outputs["DistributionId"])
    else:
        documents = {name: found[DOCUMENT] for name in ITS_OTHER_NAMES}
        to_amplify(account, outputs["AmplifyAppId"], found | documents)
    print(f"{len(order)} files uploaded")


def files(site: Path) -> Iterator[tuple[str, Path]]:
    """Returns the names and paths of the files to upload."""
    if not (site / "index.html").is_file():
        raise Problem(f"there is no site in {site}: build it with `cargo xtask site`")
    for path in sorted(site.rglob("*")):
        if path.is_file() and path.suffix not in DOUBLES:
            yield path.relative_to(site).as_posix(), path


def caching(name: str) -> str:
    """Returns the Cache-Control of a file of the site."""
    is_hashed = HASH.search(name) and not name.startswith(MIXED)
    return FOREVER if is_hashed else ASK_FIRST


def kind(path: Path) -> str:
    """Returns the Content-Type of a file."""
    known = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    return known or "application/octet-stream"


def to_bucket(account: Account, bucket: str, found: dict[str, Path]) -> None:
    s3 = account.client("s3")
    for name, path in found.items():
        s3.put_object(
            Bucket=bucket,
            Key=name,
            Body=path.read_bytes(),
            ContentType=kind(Path(name)),
            CacheControl=caching(name),
        )


def invalidate(account: Account, distribution: str) -> None:
    """Removes the documents from CloudFront's caches."""
    paths = ["/", "/callback", "/relay", "/mlflow/", *(f"/{name}" for name in LAST)]
    account.client("cloudfront").create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={
            "Paths": {"Quantity": len(paths), "Items": paths},
            "CallerReference": f"upload-{uuid.uuid4()}",
        },
    )


def to_amplify(account: Account, app: str, found: dict[str, Path]) -> None:
    """Deploys all files at once, as a zip."""
    amplify = account.client("amplify")
    deployment: dict[str, Any] = amplify.create_deployment(appId=app, branchName="main")
    request = urllib.request.Request(
        deployment["zipUploadUrl"],
        data=packed(found),
        method="PUT",
        headers={"Content-Type": "application/zip"},
    )
    # AWS made this URL for this upload.
    with urllib.request.urlopen(request) as answer:
        answer.read()
    amplify.start_deployment(appId=app, branchName="main", jobId=deployment["jobId"])


def packed(found: dict[str, Path]) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in found.items():
            archive.write(path, name)
    return memory.getvalue()
