environment         = "dev"
account_id          = "123456789012"
region              = "us-east-1"
schedules_enabled   = true
upstream_overrides  = {}
retention_days      = { logs = 30, raw_versions = 90, lake_versions = 30, query_results = 30 }
query_bytes_cutoff  = 10737418240 # 10 GiB
alert_email         = null
deletion_protection = false
