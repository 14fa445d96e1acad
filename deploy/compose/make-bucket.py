"""Makes the bucket of MLflow's artifacts, unless it is there."""

import os
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

bucket = urlsplit(os.environ["MLFLOW_ARTIFACTS_DESTINATION"]).netloc
store = boto3.client(
    "s3",
    endpoint_url=os.environ["MLFLOW_S3_ENDPOINT_URL"],
    config=Config(s3={"addressing_style": os.environ["MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE"]}),
)
try:
    store.head_bucket(Bucket=bucket)
    print(f"the bucket {bucket} is there")
except ClientError as error:
    if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
        raise SystemExit(f"the store does not say whether it has {bucket}: {error}") from error
    store.create_bucket(Bucket=bucket)
    print(f"made the bucket {bucket}")
