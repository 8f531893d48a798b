environment        = "prod"
account_id         = "345678901234"
region             = "us-east-1"
schedules_enabled  = true
upstream_overrides = {}
retention_days = {
  logs           = 365
  raw_to_glacier = 90
  raw_versions   = 365
  lake_versions  = 90
  query_results  = 30
  audit_events   = 365
  archived_logs  = 1095
}
query_bytes_cutoff = 107374182400 # 100 GiB
monitoring = {
  alert_email = null
  budget_usd  = 50
  dashboard   = false
  audit_trail = false
  log_archive = false
}
protection = {
  deletion        = true
  raw_lock        = { mode = "GOVERNANCE", days = 365 }
  customer_key    = false
  private_network = false
}
