module "pipeline" {
  source = "../../modules/state_machine"

  name               = "${local.prefix}-pipeline"
  log_retention_days = var.retention_days.logs
  permissions        = local.pipeline_permissions

  definition = templatefile("${path.module}/pipeline.asl.json", {
    ingest_arn    = module.function["ingest"].arn
    transform_arn = module.function["transform"].arn
    audit_arn     = module.function["audit"].arn
    publish_arn   = module.function["publish"].arn
    record_arn    = module.function["record"].arn
    topic_arn     = module.alerts.topic_arn
    environment   = var.environment
  })
}

module "schedules" {
  source = "../../modules/schedules"

  name       = local.prefix
  target_arn = module.dispatch.arn
  enabled    = var.schedules_enabled

  # Not jsonencode: it would escape the angle brackets, and the scheduled time would never be filled in.
  schedules = { for name, contract in local.datasets : name => {
    expression = contract.schedule.cron
    input      = "{\"dataset\": \"${name}\", \"scheduled_at\": \"<aws.scheduler.scheduled-time>\"}"
  } }
}
