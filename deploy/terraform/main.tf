# The gateway behind a load balancer: the shape of deploy/templates/gateway.yaml,
# with which a test compares it.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

data "aws_vpc" "this" {
  id = var.vpc_id
}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
  region    = data.aws_region.this.region
  is_mlflow = var.backend == "mlflow"
  origin    = "https://${var.domain_name}"
  key_arn   = var.kms_key_arn == null ? aws_kms_key.this[0].arn : var.kms_key_arn

  arns        = local.is_mlflow ? [] : concat(compact([var.server_arn]), values(var.servers))
  server_arns = [for arn in local.arns : arn if strcontains(arn, ":mlflow-tracking-server/")]
  app_arns    = [for arn in local.arns : arn if strcontains(arn, ":mlflow-app/")]
  # The gateway's setting upstreams; names and ARNs have nothing to escape.
  upstreams = join(",", [for name, arn in var.servers : "${name}={sagemaker={arn=\"${arn}\"}}"])

  provider = merge(
    { issuer = var.issuer, client_id = var.client_id, via_gateway = true },
    var.provider_domain == null ? {} : { domain = var.provider_domain },
    var.provider_config,
  )
  # The keys that deploy/configure.py writes for the gateway.
  config = merge(
    { origin = local.origin, provider = local.provider, bearer = var.bearer, python = { access = "token" } },
    length(var.servers) == 0 ? {} : { upstreams = [for name, arn in var.servers : { name = name }] },
    local.is_mlflow && var.direct_downloads ? { artifacts = { store_origins = [local.store_origin] } } : {},
    var.config,
  )
}

# What goes together.
resource "terraform_data" "settings" {
  lifecycle {
    precondition {
      condition     = !local.is_mlflow || var.mlflow_image != null
      error_message = "backend mlflow needs mlflow_image."
    }
    precondition {
      condition     = !local.is_mlflow || (var.server_arn == null && length(var.servers) == 0)
      error_message = "server_arn and servers are SageMaker's: set backend to sagemaker, or remove them."
    }
    precondition {
      condition     = local.is_mlflow || (var.server_arn == null) != (length(var.servers) == 0)
      error_message = "backend sagemaker needs either server_arn or servers."
    }
    precondition {
      condition     = local.is_mlflow || (var.mlflow_image == null && !var.direct_downloads)
      error_message = "backend sagemaker has no use for mlflow_image and direct_downloads: SageMaker runs MLflow."
    }
    precondition {
      condition     = var.internal || length(var.public_subnet_ids) >= 2
      error_message = "public_subnet_ids has two subnets at least, unless internal is true."
    }
  }
}

# --- the key -----------------------------------------------------------------------

resource "aws_kms_key" "this" {
  count                   = var.kms_key_arn == null ? 1 : 0
  description             = "MLflow's data, logs and secrets"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
}

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "Administration"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }
  statement {
    sid       = "LogGroupsOfThisAccount"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["logs.${local.region}.amazonaws.com"]
    }
    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:*"]
    }
  }
}

# --- logs --------------------------------------------------------------------------

# Standard output has the audit log, standard error what the gateway reports.
resource "aws_cloudwatch_log_group" "audit" {
  name              = "/${var.name}/gateway"
  retention_in_days = var.log_days
  kms_key_id        = local.key_arn
  # Destroying the module keeps it.
  skip_destroy = true
}

resource "aws_cloudwatch_log_group" "service" {
  name              = "/${var.name}/service"
  retention_in_days = 30
  kms_key_id        = local.key_arn
}
