terraform {
  # Write-only arguments and ephemeral values, so that no password is in the state.
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws    = { source = "hashicorp/aws", version = "~> 6.0" }
    random = { source = "hashicorp/random", version = "~> 3.7" }
  }
}
