output "site_origin" {
  description = "The site's address."
  value       = local.origin
}

output "callback_url" {
  description = "The redirect URI to register for the client."
  value       = "${local.origin}/callback"
}

output "balancer_dns" {
  description = "Where domain_name has to lead, without hosted_zone_id."
  value       = aws_lb.this.dns_name
}

output "audit_log_group" {
  description = "The log group of the audit log."
  value       = aws_cloudwatch_log_group.audit.name
}

output "config" {
  description = "config.json, as the gateway has it."
  value       = jsonencode(local.config)
}

output "task_role_arn" {
  description = "The role of the tasks."
  value       = aws_iam_role.task.arn
}

output "artifact_bucket" {
  description = "MLflow's bucket, with backend mlflow."
  value       = one(aws_s3_bucket.artifacts[*].bucket)
}
