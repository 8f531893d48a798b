# What is watched besides the alarms: a page of charts, the bill, who touched what, and what was logged.

module "dashboard" {
  source = "../../modules/dashboard"
  count  = var.monitoring.dashboard ? 1 : 0

  name              = local.prefix
  region            = var.region
  environment       = var.environment
  datasets          = keys(local.datasets)
  alarm_arns        = values(module.alarms.arns)
  state_machine_arn = module.pipeline.arn
  function_names    = values(local.function_names)
  queue_names       = [module.schedules.dead_letter_name, module.alerts.dead_letter_name]
  workgroup         = module.workgroup.name
}

module "budget" {
  source = "../../modules/budget"
  count  = var.monitoring.budget_usd == null ? 0 : 1

  name        = local.prefix
  monthly_usd = var.monitoring.budget_usd
  topic_arn   = module.alerts.topic_arn
}

module "trail" {
  source = "../../modules/cloudtrail"
  count  = var.monitoring.audit_trail ? 1 : 0

  name             = local.prefix
  bucket_name      = "${local.prefix}-${var.account_id}-trail"
  data_bucket_arns = [module.raw.arn, module.curated.arn]
  database         = local.audit_database
  retention_days   = var.retention_days.audit_events
  kms_key_arn      = local.key_arn
  force_destroy    = !var.protection.deletion
}

module "log_archive" {
  source = "../../modules/log_archive"
  count  = var.monitoring.log_archive ? 1 : 0

  name        = "${local.prefix}-logs"
  bucket_name = "${local.prefix}-${var.account_id}-logs"
  log_groups = concat(
    [for function in merge(module.function, { dispatch = module.dispatch }) : function.log_group_name],
    [for job in module.job : job.log_group_name],
    [module.pipeline.log_group_name],
  )
  database                 = one([for name in module.catalog.names : name if name == local.databases.ops]) # once it is there
  retention_days           = var.retention_days.archived_logs
  permissions_boundary_arn = local.boundary_arn
  kms_key_arn              = local.key_arn
  force_destroy            = !var.protection.deletion
}

locals {
  audit_database = "lakeward_${var.environment}_audit"
}
