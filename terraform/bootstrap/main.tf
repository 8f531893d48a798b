# What an account needs before the platform can be applied to it: a place for Terraform's state and a place for what is
# built. Once per account.

data "aws_partition" "current" {}

locals {
  folder   = "${path.module}/../../environments/${var.environment}"
  settings = provider::terraform::decode_tfvars(file("${local.folder}/platform.tfvars"))
  prepared = provider::terraform::decode_tfvars(file("${local.folder}/bootstrap.tfvars"))
  github   = local.prepared.github

  name   = "lakeward-${local.settings.environment}"
  prefix = "${local.name}-${local.settings.account_id}"
}

module "state" {
  source = "../../modules/bucket"

  name            = "${local.prefix}-state"
  noncurrent_days = 365 # a year of earlier states to go back to
  force_destroy   = !local.settings.protection.deletion
}

module "artifacts" {
  source = "../../modules/bucket"

  name            = "${local.prefix}-artifacts"
  noncurrent_days = 365 # keys carry digests, so a version is replaced only by mistake
  shared_prefixes = local.evidence_for
  force_destroy   = !local.settings.protection.deletion
}
