terraform {
  required_version = ">= 1.10, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # Bucket, key, region and account come from environments/<environment>/backend.hcl.
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}
