terraform {
  required_version = ">= 1.10, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
    terraform = {
      source = "terraform.io/builtin/terraform" # decode_tfvars; part of Terraform itself
    }
  }

  # What makes the state bucket cannot keep its state there. `path` is given to init, one for each environment.
  backend "local" {}
}
