environment        = "source"
account_id         = "234567890123"
region             = "us-east-1"
schedules_enabled  = false
upstream_overrides = { "https://earthquake.usgs.gov" = "http://127.0.0.1:4570" }
retention_days = {
  logs           = 7
  raw_to_glacier = null
  raw_versions   = 30
  lake_versions  = 7
  query_results  = 7
  audit_trail    = 7
  archived_logs  = 7
}
query_bytes_cutoff = 1073741824 # 1 GiB
monitoring = {
  alert_email = null
  budget_usd  = null
  dashboard   = false
  audit_trail = false
  log_archive = true
}
protection = {
  deletion        = false
  raw_lock        = null
  customer_key    = false
  private_network = false
}
