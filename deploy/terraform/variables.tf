# The same settings as those of deploy/templates/gateway.yaml; docs/GATEWAY_ON_AWS.md.

variable "name" {
  description = "The beginning of all names; one deployment of a name in an account and region."
  type        = string
  default     = "mlflow"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,19}$", var.name))
    error_message = "name has up to 20 of a-z, 0-9 and -, and begins with a letter."
  }
}

variable "backend" {
  description = "mlflow: MLflow is a second container of each task. sagemaker: the gateway signs for SageMaker's MLflow."
  type        = string
  default     = "mlflow"
  validation {
    condition     = contains(["mlflow", "sagemaker"], var.backend)
    error_message = "backend is mlflow or sagemaker."
  }
}

variable "gateway_image" {
  description = "The gateway's image, by digest if possible; deploy/container builds it."
  type        = string
}

# --- the site ----------------------------------------------------------------

variable "domain_name" {
  description = "The site's name, such as mlflow.example.com."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9-]+([.][a-z0-9-]+)+$", var.domain_name))
    error_message = "domain_name is a host's name, without a scheme, port or path."
  }
}

variable "certificate_arn" {
  description = "The certificate of domain_name, in ACM of this region."
  type        = string
  validation {
    condition     = can(regex("^arn:aws[a-z-]*:acm:", var.certificate_arn))
    error_message = "certificate_arn is the ARN of a certificate in ACM."
  }
}

variable "hosted_zone_id" {
  description = "The Route 53 zone in which domain_name becomes an alias of the load balancer; null for none."
  type        = string
  default     = null
}

variable "web_acl_arn" {
  description = "A web ACL of AWS WAF in this region; null for none."
  type        = string
  default     = null
}

variable "internal" {
  description = "Whether the load balancer has addresses of the VPC only, in private_subnet_ids."
  type        = bool
  default     = false
}

variable "client_cidr" {
  description = "The network whose clients reach the load balancer."
  type        = string
  default     = "0.0.0.0/0"
  validation {
    condition     = can(cidrhost(var.client_cidr, 0))
    error_message = "client_cidr is a network such as 192.0.2.0/24."
  }
}

# --- what the gateway is told ----------------------------------------------------

variable "issuer" {
  description = "The OIDC issuer, exactly as tokens have it."
  type        = string
  validation {
    condition     = startswith(var.issuer, "https://")
    error_message = "issuer begins with https://."
  }
}

variable "client_id" {
  description = "The client at the issuer; its redirect URI is https://domain_name/callback."
  type        = string
}

variable "provider_domain" {
  description = "Cognito's hosted login, https://…; null for providers with discovery."
  type        = string
  default     = null
}

variable "client_secret_arn" {
  description = "The secret whose text is the client's secret; null for a public client."
  type        = string
  default     = null
}

variable "token_keys_arn" {
  description = "The secret with the keys of tokens and of kept sessions: 32 bytes in base64 (openssl rand -base64 32). It is no resource of the module, so that the key is in no state."
  type        = string
  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:", var.token_keys_arn))
    error_message = "token_keys_arn is the ARN of a secret in Secrets Manager."
  }
}

variable "secret_key_arns" {
  description = "Keys of KMS with which the secrets above are encrypted, if not with AWS's own."
  type        = list(string)
  default     = []
}

variable "bearer" {
  description = "Which token requests carry: id or access."
  type        = string
  default     = "id"
  validation {
    condition     = contains(["id", "access"], var.bearer)
    error_message = "bearer is id or access."
  }
}

variable "config" {
  description = "Further keys of config.json (docs/CONFIGURATION.md), which take precedence."
  type        = any
  default     = {}
}

variable "provider_config" {
  description = "Further keys of config.json's provider, such as groups."
  type        = any
  default     = {}
}

variable "policy_json" {
  description = "The access policy, as JSON; null for the built-in one."
  type        = string
  default     = null
  validation {
    condition     = var.policy_json == null || can(jsondecode(var.policy_json))
    error_message = "policy_json is no JSON."
  }
}

variable "token_registry" {
  description = "Whether the list of tokens for programs is on EFS, so that single tokens can be listed and revoked."
  type        = bool
  default     = false
}

# --- the backend mlflow ------------------------------------------------------------

variable "mlflow_image" {
  description = "MLflow's image; deploy/mlflow builds one. Needed with backend mlflow."
  type        = string
  default     = null
}

variable "database_max_capacity" {
  description = "The most capacity units of Aurora Serverless."
  type        = number
  default     = 4
  validation {
    condition     = var.database_max_capacity >= 1
    error_message = "database_max_capacity is at least 1."
  }
}

variable "database_root_certificates" {
  description = "The file in MLflow's image with Aurora's certificate authorities."
  type        = string
  default     = "/etc/ssl/rds/global-bundle.pem"
}

variable "direct_downloads" {
  description = "Whether pages and programs get files directly from the bucket, by presigned URLs."
  type        = bool
  default     = false
}

# --- the backend sagemaker -----------------------------------------------------------

variable "server_arn" {
  description = "The ARN of the one tracking server or MLflow App; null if servers names several."
  type        = string
  default     = null
  validation {
    condition     = var.server_arn == null || can(regex("^arn:aws(-us-gov)?:sagemaker:[a-z0-9-]+:[0-9]{12}:mlflow-(tracking-server|app)/[A-Za-z0-9-]+$", var.server_arn))
    error_message = "server_arn is the ARN of a tracking server or of an MLflow App."
  }
}

variable "servers" {
  description = "Several of them: ARNs by the names in the site's addresses."
  type        = map(string)
  default     = {}
  validation {
    condition = alltrue([
      for name, arn in var.servers :
      can(regex("^[a-z0-9-]{1,32}$", name)) && can(regex("^arn:aws(-us-gov)?:sagemaker:[a-z0-9-]+:[0-9]{12}:mlflow-(tracking-server|app)/[A-Za-z0-9-]+$", arn))
    ])
    error_message = "servers has names of a-z, 0-9 and -, and ARNs of tracking servers or MLflow Apps."
  }
}

# --- where it runs ---------------------------------------------------------------------

variable "vpc_id" {
  description = "The VPC. Its network is believed to be the load balancer's (X-Forwarded-For)."
  type        = string
}

variable "private_subnet_ids" {
  description = "Subnets in different zones, with a way to the OIDC provider and to AWS (NAT)."
  type        = list(string)
  validation {
    condition     = length(var.private_subnet_ids) >= 2
    error_message = "private_subnet_ids has two subnets at least."
  }
}

variable "public_subnet_ids" {
  description = "Public subnets in different zones; needed unless internal."
  type        = list(string)
  default     = []
}

variable "kms_key_arn" {
  description = "The key that encrypts everything, which CloudWatch's logs may use; null: the module makes one."
  type        = string
  default     = null
}

variable "log_bucket" {
  description = "The bucket for the load balancer's log, whose policy admits it below balancer/; null for no log. The log has addresses with their queries, such as the codes of sign-ins."
  type        = string
  default     = null
}

variable "log_days" {
  description = "How long the audit log is kept."
  type        = number
  default     = 365
  validation {
    condition     = contains([30, 90, 180, 365, 731, 1827, 3653], var.log_days)
    error_message = "log_days is 30, 90, 180, 365, 731, 1827 or 3653."
  }
}

variable "tasks" {
  description = "How many tasks there are at least."
  type        = number
  default     = 2
  validation {
    condition     = var.tasks >= 1 && var.tasks <= var.max_tasks
    error_message = "tasks is at least 1, and at most max_tasks."
  }
}

variable "max_tasks" {
  description = "How many tasks there are at most."
  type        = number
  default     = 6
}

variable "task_cpu" {
  description = "Of each task; 256 suffices for the gateway without MLflow."
  type        = number
  default     = 1024
}

variable "task_memory" {
  description = "Of each task, in MB; 512 suffices for the gateway without MLflow."
  type        = number
  default     = 2048
}

variable "requests_per_task" {
  description = "More tasks are started when a task gets more requests in a minute."
  type        = number
  default     = 3000
}

variable "collector_image" {
  description = "An image of the AWS Distro for OpenTelemetry Collector, which turns the gateway's metrics into CloudWatch's; null for none."
  type        = string
  default     = null
}

variable "deletion_protection" {
  description = "Whether the load balancer and the database refuse to be deleted."
  type        = bool
  default     = true
}
