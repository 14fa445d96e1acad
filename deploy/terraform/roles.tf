data "aws_iam_policy_document" "tasks_of_this_account" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

# Starts the tasks: pulls the images, reads the secrets, writes the logs.
resource "aws_iam_role" "execution" {
  name_prefix        = "${var.name}-execution-"
  assume_role_policy = data.aws_iam_policy_document.tasks_of_this_account.json
}

resource "aws_iam_role_policy" "execution" {
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}

data "aws_iam_policy_document" "execution" {
  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
  statement {
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = ["arn:${local.partition}:ecr:${local.region}:${local.account}:repository/*"]
  }
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.audit.arn}:*", "${aws_cloudwatch_log_group.service.arn}:*"]
  }
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = concat(compact([var.token_keys_arn, var.client_secret_arn]), aws_secretsmanager_secret.database[*].arn)
  }
  statement {
    actions   = ["kms:Decrypt"]
    resources = concat([local.key_arn], var.secret_key_arns)
  }
}

# What the gateway, and MLflow beside it, may do.
resource "aws_iam_role" "task" {
  name_prefix        = "${var.name}-task-"
  assume_role_policy = data.aws_iam_policy_document.tasks_of_this_account.json
}

resource "aws_iam_role_policy" "task" {
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.task.json
}

data "aws_iam_policy_document" "task" {
  dynamic "statement" {
    for_each = aws_s3_bucket.artifacts
    content {
      actions   = ["s3:ListBucket", "s3:GetBucketLocation"]
      resources = [statement.value.arn]
    }
  }
  dynamic "statement" {
    for_each = aws_s3_bucket.artifacts
    content {
      actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
      resources = ["${statement.value.arn}/*"]
    }
  }
  dynamic "statement" {
    for_each = aws_s3_bucket.artifacts
    content {
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [local.key_arn]
    }
  }
  dynamic "statement" {
    for_each = length(local.server_arns) == 0 ? [] : [local.server_arns]
    content {
      actions   = ["sagemaker-mlflow:*"]
      resources = statement.value
    }
  }
  dynamic "statement" {
    for_each = length(local.app_arns) == 0 ? [] : [local.app_arns]
    content {
      actions   = ["sagemaker:CallMlflowAppApi", "sagemaker-mlflow:*"]
      resources = statement.value
    }
  }
  dynamic "statement" {
    for_each = aws_efs_access_point.registry
    content {
      actions   = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
      resources = [statement.value.file_system_arn]
      condition {
        test     = "StringEquals"
        variable = "elasticfilesystem:AccessPointArn"
        values   = [statement.value.arn]
      }
    }
  }
  dynamic "statement" {
    for_each = var.collector_image == null ? [] : [1]
    content {
      actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      resources = ["${aws_cloudwatch_log_group.service.arn}:*"]
    }
  }
}
