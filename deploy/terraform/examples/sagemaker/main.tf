terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# SageMaker's managed MLflow: two servers by name, people from a Cognito user pool.
module "gateway" {
  source  = "../.."
  backend = "sagemaker"

  servers = {
    team-a = "arn:aws:sagemaker:eu-central-1:123456789012:mlflow-tracking-server/team-a"
    apps   = "arn:aws:sagemaker:eu-central-1:123456789012:mlflow-app/app-ABC123"
  }

  domain_name     = "mlflow.example.com"
  certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"

  gateway_image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/mlflow-shell:0.2.0"
  task_cpu      = 256
  task_memory   = 512

  issuer          = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_example"
  client_id       = "0123456789abcdefghijklmnop"
  provider_domain = "https://example-mlflow.auth.eu-central-1.amazoncognito.com"
  token_keys_arn  = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:mlflow-token-keys-AbCdEf"

  vpc_id             = "vpc-0123456789abcdef0"
  private_subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  public_subnet_ids  = ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"]
}

output "balancer_dns" {
  value = module.gateway.balancer_dns
}
