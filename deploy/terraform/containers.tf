locals {
  # Which of the optional variables a container gets: a null is left out.
  gateway_environment = {
    MLFLOW_SHELL_LISTEN          = "0.0.0.0:8080"
    MLFLOW_SHELL_CONFIG_JSON     = jsonencode(local.config)
    MLFLOW_SHELL_POLICY_JSON     = var.policy_json
    MLFLOW_SHELL_UPSTREAM        = local.is_mlflow ? "http://127.0.0.1:5000" : var.server_arn
    MLFLOW_SHELL_UPSTREAMS       = length(var.servers) == 0 ? null : "{${local.upstreams}}"
    MLFLOW_SHELL_TRUST__PROXIES  = jsonencode([data.aws_vpc.this.cidr_block])
    MLFLOW_SHELL_TIMEOUTS__IDLE  = "6m"
    MLFLOW_SHELL_TIMEOUTS__DRAIN = "25s"
    MLFLOW_SHELL_LOG__FORMAT     = "json"
    MLFLOW_SHELL_TOKENS__REGISTRY = var.token_registry ? "/srv/mlflow-shell/tokens.jsonl" : null
    MLFLOW_SHELL_METRICS__LISTEN = var.collector_image == null ? null : "127.0.0.1:9464"
  }

  mlflow_environment = {
    # Reached from within the task only, where the gateway is.
    MLFLOW_HOST    = "127.0.0.1"
    MLFLOW_PORT    = "5000"
    MLFLOW_WORKERS = "2"
    # Without the password: PostgreSQL's client reads PGPASSWORD.
    MLFLOW_BACKEND_STORE_URI = local.is_mlflow ? "postgresql+psycopg2://mlflow@${aws_rds_cluster.database[0].endpoint}:5432/mlflow" : null
    # Verify the database's certificate and name. Without the file there is no
    # connection.
    PGSSLMODE                    = "verify-full"
    PGSSLROOTCERT                = var.database_root_certificates
    MLFLOW_SERVE_ARTIFACTS       = "true"
    MLFLOW_ARTIFACTS_DESTINATION = "s3://${local.bucket}/"
    # Presigned URLs then use the bucket's regional name.
    MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD = var.direct_downloads ? "true" : null
    MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE    = var.direct_downloads ? "virtual" : null
    # MLflow 3.5 and newer refuses other hosts; the gateway sends this one.
    MLFLOW_SERVER_ALLOWED_HOSTS        = "127.0.0.1:5000"
    MLFLOW_SERVER_CORS_ALLOWED_ORIGINS = local.origin
    HOME                               = "/tmp"
  }

  gateway_secrets = {
    MLFLOW_SHELL_TOKENS__KEYS   = var.token_keys_arn
    MLFLOW_SHELL_CLIENT__SECRET = var.client_secret_arn
  }

  collector_config = <<-YAML
    receivers:
      prometheus:
        config:
          scrape_configs:
            - job_name: mlflow-shell
              scrape_interval: 60s
              static_configs: [{ targets: ["127.0.0.1:9464"] }]
    exporters:
      awsemf:
        region: ${local.region}
        namespace: MlflowAuthShell
        log_group_name: ${aws_cloudwatch_log_group.service.name}
        log_stream_name: metrics
        dimension_rollup_option: NoDimensionRollup
    service:
      pipelines:
        metrics: { receivers: [prometheus], exporters: [awsemf] }
  YAML

  gateway = {
    name      = "gateway"
    image     = var.gateway_image
    essential = true
    # The settings come from the environment, config.json too.
    command                = ["serve"]
    user                   = "65532:65532"
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    portMappings           = [{ containerPort = 8080, protocol = "tcp" }]
    mountPoints            = [for each in aws_efs_access_point.registry : { sourceVolume = "tokens", containerPath = "/srv/mlflow-shell", readOnly = false }]
    healthCheck            = { command = ["CMD", "/mlflow-shell", "health", "--url", "http://127.0.0.1:8080"], interval = 30, timeout = 5, retries = 3, startPeriod = 30 }
    # Longer than timeouts.drain, 25 seconds.
    stopTimeout = 40
    # What starts first ends last: MLflow serves until the gateway has drained.
    dependsOn   = local.is_mlflow ? [{ containerName = "mlflow", condition = "START" }] : []
    environment = [for name, value in local.gateway_environment : { name = name, value = value } if value != null]
    secrets     = [for name, arn in local.gateway_secrets : { name = name, valueFrom = arn } if arn != null]
    logConfiguration = {
      logDriver = "awslogs"
      # The audit log loses no line: the gateway waits.
      options = { awslogs-group = aws_cloudwatch_log_group.audit.name, awslogs-region = local.region, awslogs-stream-prefix = "gateway", mode = "blocking" }
    }
  }

  mlflow = [for secret in aws_secretsmanager_secret.database : {
    name                   = "mlflow"
    image                  = var.mlflow_image
    essential              = true
    readonlyRootFilesystem = true
    mountPoints            = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
    linuxParameters        = { initProcessEnabled = true, capabilities = { drop = ["ALL"] } }
    environment            = [for name, value in local.mlflow_environment : { name = name, value = value } if value != null]
    secrets                = [{ name = "PGPASSWORD", valueFrom = "${secret.arn}:password::" }]
    logConfiguration = {
      logDriver = "awslogs"
      options   = { awslogs-group = aws_cloudwatch_log_group.service.name, awslogs-region = local.region, awslogs-stream-prefix = "mlflow" }
    }
  }]

  collector = [for image in compact([var.collector_image]) : {
    name                   = "collector"
    image                  = image
    essential              = false # the site goes on without its metrics
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    environment            = [{ name = "AOT_CONFIG_CONTENT", value = local.collector_config }]
    logConfiguration = {
      logDriver = "awslogs"
      options   = { awslogs-group = aws_cloudwatch_log_group.service.name, awslogs-region = local.region, awslogs-stream-prefix = "collector" }
    }
  }]

  containers = concat([local.gateway], local.mlflow, local.collector)
}
