# The list of tokens, with token_registry. Without it all tokens end
# (docs/OPERATION.md), so it is saved daily.

resource "aws_efs_file_system" "registry" {
  count      = var.token_registry ? 1 : 0
  encrypted  = true
  kms_key_id = local.key_arn
}

resource "aws_efs_backup_policy" "registry" {
  count          = var.token_registry ? 1 : 0
  file_system_id = aws_efs_file_system.registry[0].id

  backup_policy {
    status = "ENABLED"
  }
}

# A client needs TLS, and a role that permits it: that of the tasks.
resource "aws_efs_file_system_policy" "registry" {
  count          = var.token_registry ? 1 : 0
  file_system_id = aws_efs_file_system.registry[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action    = "*"
      Resource  = "*"
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_efs_access_point" "registry" {
  count          = var.token_registry ? 1 : 0
  file_system_id = aws_efs_file_system.registry[0].id

  posix_user {
    uid = 65532
    gid = 65532
  }

  root_directory {
    path = "/tokens"
    creation_info {
      owner_uid   = 65532
      owner_gid   = 65532
      permissions = "0700"
    }
  }
}

resource "aws_efs_mount_target" "registry" {
  for_each        = var.token_registry ? { for index, id in var.private_subnet_ids : index => id } : {}
  file_system_id  = aws_efs_file_system.registry[0].id
  subnet_id       = each.value
  security_groups = aws_security_group.registry[*].id
}

resource "aws_security_group" "registry" {
  count       = var.token_registry ? 1 : 0
  name_prefix = "${var.name}-registry-"
  description = "The list of tokens, for the gateway only"
  vpc_id      = var.vpc_id

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "registry" {
  count                        = var.token_registry ? 1 : 0
  security_group_id            = aws_security_group.registry[0].id
  description                  = "NFS from the gateway"
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
  referenced_security_group_id = aws_security_group.tasks.id
}
