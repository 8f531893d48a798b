module "pipeline" {
  source = "../../modules/state_machine"

  name                     = "${local.prefix}-pipeline"
  permissions              = concat(local.pipeline_permissions, local.use_key)
  permissions_boundary_arn = local.boundary_arn
  logs                     = local.logs

  definition = templatefile("${path.module}/pipeline.asl.json", {
    ingest_arn    = module.function["ingest"].arn
    transform_arn = module.function["transform"].arn
    audit_arn     = module.function["audit"].arn
    publish_arn   = module.function["publish"].arn
    marts_arn     = module.function["marts"].arn
    record_arn    = module.function["record"].arn
    topic_arn     = module.alerts.topic_arn
    environment   = var.environment

    # Where there is no job, no slot is sent to it.
    job_name         = local.job_name
    artifacts_bucket = var.release.functions.bucket

    workgroup        = module.workgroup.name
    serving_database = local.databases.serving
  })
}

module "schedules" {
  source = "../../modules/schedules"

  name                     = local.prefix
  target_arn               = module.dispatch.arn
  enabled                  = var.schedules_enabled
  permissions_boundary_arn = local.boundary_arn
  kms_key_arn              = local.key_arn

  # Not jsonencode: it would escape the angle brackets, and the scheduled time would never be filled in.
  schedules = merge(
    { for name, contract in local.scheduled : name => {
      expression = contract.schedule.cron
      input      = "{\"dataset\": \"${name}\", \"scheduled_at\": \"<aws.scheduler.scheduled-time>\"}"
      target_arn = null
    } },
    # Each night, a minute apart. No dataset's name has a hyphen, so none is called maintain-….
    { for number, name in keys(local.datasets) : "maintain-${name}" => {
      expression = "cron(${number % 60} 1 * * ? *)"
      input      = "{\"dataset\": \"${name}\"}"
      target_arn = module.function["maintain"].arn
    } },
  )
}
