module "raw" {
  source = "../../modules/bucket"

  name            = "${local.prefix}-${var.account_id}-raw"
  noncurrent_days = var.retention_days.raw_versions
  force_destroy   = !var.deletion_protection
}

module "curated" {
  source = "../../modules/bucket"

  name            = "${local.prefix}-${var.account_id}-curated"
  noncurrent_days = var.retention_days.lake_versions
  force_destroy   = !var.deletion_protection
}

module "results" {
  source = "../../modules/bucket"

  name            = "${local.prefix}-${var.account_id}-results"
  expiry_days     = var.retention_days.query_results
  noncurrent_days = 1 # results are never replaced; this clears what expired
  force_destroy   = !var.deletion_protection
}

module "ledger" {
  source = "../../modules/ledger"

  name                = "${local.prefix}-ledger"
  deletion_protection = var.deletion_protection
}
