locals {
  key_arn = one(module.key[*].arn) # null where AWS's own keys do
}

module "key" {
  source = "../../modules/kms_key"
  count  = var.protection.customer_key ? 1 : 0

  name = local.prefix
}

module "raw" {
  source = "../../modules/bucket"

  name            = "${local.prefix}-${var.account_id}-raw"
  noncurrent_days = var.retention_days.raw_versions
  archive         = var.retention_days.raw_to_glacier == null ? null : { after_days = var.retention_days.raw_to_glacier }
  object_lock     = var.protection.raw_lock
  kms_key_arn     = local.key_arn
  force_destroy   = !var.protection.deletion
}

module "curated" {
  source = "../../modules/bucket"

  name            = "${local.prefix}-${var.account_id}-curated"
  noncurrent_days = var.retention_days.lake_versions
  kms_key_arn     = local.key_arn
  force_destroy   = !var.protection.deletion
}

module "results" {
  source = "../../modules/bucket"

  name            = "${local.prefix}-${var.account_id}-results"
  expiry_days     = var.retention_days.query_results
  noncurrent_days = 1 # results are never replaced; this clears what expired
  kms_key_arn     = local.key_arn
  force_destroy   = !var.protection.deletion
}

module "ledger" {
  source = "../../modules/ledger"

  name                = "${local.prefix}-ledger"
  kms_key_arn         = local.key_arn
  deletion_protection = var.protection.deletion
}
