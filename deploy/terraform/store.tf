# MLflow's bucket and database, with backend mlflow.

locals {
  store        = local.is_mlflow ? 1 : 0
  bucket       = "${var.name}-${local.account}-${local.region}"
  store_origin = "https://${local.bucket}.s3.${local.region}.amazonaws.com"
}

resource "aws_s3_bucket" "artifacts" {
  count  = local.store
  bucket = local.bucket

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "artifacts" {
  count  = local.store
  bucket = aws_s3_bucket.artifacts[0].id

  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = local.key_arn
    }
  }
}

resource "aws_s3_bucket_versioning" "artifacts" {
  count  = local.store
  bucket = aws_s3_bucket.artifacts[0].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  count                   = local.store
  bucket                  = aws_s3_bucket.artifacts[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "artifacts" {
  count  = local.store
  bucket = aws_s3_bucket.artifacts[0].id

  rule {
    id     = "parts"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

# Only the site's pages may read the files of presigned URLs.
resource "aws_s3_bucket_cors_configuration" "artifacts" {
  count  = local.is_mlflow && var.direct_downloads ? 1 : 0
  bucket = aws_s3_bucket.artifacts[0].id

  cors_rule {
    allowed_origins = [local.origin]
    allowed_methods = ["GET", "HEAD"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3600
  }
}

resource "aws_s3_bucket_policy" "artifacts" {
  count  = local.store
  bucket = aws_s3_bucket.artifacts[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.artifacts[0].arn, "${aws_s3_bucket.artifacts[0].arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

# The password is written once, and is in no state and no plan.
ephemeral "random_password" "database" {
  length  = 40
  special = false
}

resource "aws_secretsmanager_secret" "database" {
  count       = local.store
  name_prefix = "${var.name}-database-"
  description = "The password of MLflow's database"
  kms_key_id  = local.key_arn
}

resource "aws_secretsmanager_secret_version" "database" {
  count                    = local.store
  secret_id                = aws_secretsmanager_secret.database[0].id
  secret_string_wo         = jsonencode({ username = "mlflow", password = ephemeral.random_password.database.result })
  secret_string_wo_version = 1
}

# What is stored, and not what was drawn: after a run that failed in between the two
# would differ.
ephemeral "aws_secretsmanager_secret_version" "database" {
  count      = local.store
  secret_id  = aws_secretsmanager_secret.database[0].id
  version_id = aws_secretsmanager_secret_version.database[0].version_id
}

resource "aws_security_group" "database" {
  count       = local.store
  name_prefix = "${var.name}-database-"
  description = "The database, for MLflow only"
  vpc_id      = var.vpc_id

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  count                        = local.store
  security_group_id            = aws_security_group.database[0].id
  description                  = "PostgreSQL from MLflow"
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  referenced_security_group_id = aws_security_group.tasks.id
}

resource "aws_db_subnet_group" "database" {
  count       = local.store
  name_prefix = "${var.name}-"
  description = "MLflow"
  subnet_ids  = var.private_subnet_ids
}

resource "aws_rds_cluster_parameter_group" "database" {
  count       = local.store
  name_prefix = "${var.name}-"
  family      = "aurora-postgresql17"
  description = "TLS only"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
}

resource "aws_rds_cluster" "database" {
  count                           = local.store
  cluster_identifier_prefix       = "${var.name}-"
  engine                          = "aurora-postgresql"
  engine_version                  = "17.5"
  database_name                   = "mlflow"
  master_username                 = "mlflow"
  master_password_wo              = jsondecode(ephemeral.aws_secretsmanager_secret_version.database[0].secret_string)["password"]
  master_password_wo_version      = 1
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.database[0].name
  db_subnet_group_name            = aws_db_subnet_group.database[0].name
  vpc_security_group_ids          = aws_security_group.database[*].id
  storage_encrypted               = true
  kms_key_id                      = local.key_arn
  backup_retention_period         = 14
  copy_tags_to_snapshot           = true
  deletion_protection             = var.deletion_protection
  final_snapshot_identifier       = "${var.name}-last"
  enabled_cloudwatch_logs_exports = ["postgresql"]

  serverlessv2_scaling_configuration {
    min_capacity = 0.5
    max_capacity = var.database_max_capacity
  }
}

resource "aws_rds_cluster_instance" "database" {
  count                      = local.store
  cluster_identifier         = aws_rds_cluster.database[0].id
  instance_class             = "db.serverless"
  engine                     = "aurora-postgresql"
  publicly_accessible        = false
  auto_minor_version_upgrade = true
}
