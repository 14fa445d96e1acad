terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 6.0" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# MLflow in the gateway's tasks, people from an OIDC provider such as Keycloak.
module "gateway" {
  source = "../.."

  domain_name     = "mlflow.example.com"
  certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
  hosted_zone_id  = "Z0123456789ABCDEFGHIJ"

  gateway_image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/mlflow-shell:0.2.0"
  mlflow_image  = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/mlflow:3.18.0"

  issuer            = "https://login.example.com/realms/team"
  client_id         = "mlflow"
  client_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:mlflow-client-AbCdEf"
  token_keys_arn    = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:mlflow-token-keys-AbCdEf"
  provider_config   = { groups = [{ claim = "groups" }] }
  token_registry    = true

  vpc_id             = "vpc-0123456789abcdef0"
  private_subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  public_subnet_ids  = ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"]
}

output "balancer_dns" {
  value = module.gateway.balancer_dns
}
