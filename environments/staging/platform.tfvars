environment        = "staging"
account_id         = "234567890123"
region             = "us-east-1"
schedules_enabled  = false
upstream_overrides = {}
retention_days = {
  logs           = 30
  raw_to_glacier = null
  raw_versions   = 90
  lake_versions  = 30
  query_results  = 30
  audit_events   = 30
  archived_logs  = 90
}
query_bytes_cutoff = 10737418240 # 10 GiB
monitoring = {
  alert_email = null
  budget_usd  = 10
  dashboard   = false
  audit_trail = false
  log_archive = false
}
protection = {
  deletion        = false
  raw_lock        = null
  customer_key    = false
  private_network = false
}
