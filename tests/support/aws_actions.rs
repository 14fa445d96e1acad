//! Which actions of AWS the gateway's task performs, and nothing else: what its
//! role has to permit (`/docs/SAGEMAKER.md`, and MLflow's own use of S3).

/// A SageMaker tracking server: each of MLflow's calls is an action of its own.
pub const TRACKING_SERVER: [&str; 1] = ["sagemaker-mlflow:*"];

/// A SageMaker MLflow App: without the first AWS refuses every request.
pub const APP: [&str; 2] = ["sagemaker-mlflow:*", "sagemaker:CallMlflowAppApi"];

/// MLflow's use of the bucket itself: lists, and where it is.
pub const BUCKET: [&str; 2] = ["s3:GetBucketLocation", "s3:ListBucket"];

/// MLflow's use of the files in it, in parts if they are large.
pub const FILES: [&str; 5] = [
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
];

/// The key that the bucket encrypts with.
pub const KEY: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey"];

/// The file system with the list of tokens.
pub const REGISTRY: [&str; 2] = [
    "elasticfilesystem:ClientMount",
    "elasticfilesystem:ClientWrite",
];

/// The collector's lines for AWS's metrics.
pub const METRICS: [&str; 3] = [
    "logs:CreateLogStream",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
];
