# The functions that work, all from one zip. What each may do is in identity.tf; what calls them is in workflow.tf.

locals {
  common_environment = {
    LAKEWARD_ENVIRONMENT         = var.environment
    LAKEWARD_RELEASE             = regex("([0-9a-f]{64})\\.zip$", var.release.functions.key)[0]
    POWERTOOLS_SERVICE_NAME      = "lakeward"
    POWERTOOLS_METRICS_NAMESPACE = "Lakeward"
  }

  tables_environment = {
    CURATED_BUCKET      = module.curated.name
    CURATED_DATABASE    = local.databases.curated
    QUARANTINE_DATABASE = local.databases.quarantine
  }

  artifact = merge(var.release.functions, { layer_arns = aws_lambda_layer_version.dependencies[*].arn })
  logs     = { retention_days = var.retention_days.logs, kms_key_arn = local.key_arn }

  functions = {
    ingest = {
      internet = true
      size     = { memory_mb = 1024, timeout_seconds = 900 }
      environment = {
        RAW_BUCKET         = module.raw.name
        UPSTREAM_OVERRIDES = jsonencode(var.upstream_overrides)
        LEDGER_TABLE       = module.ledger.name
        GLUE_JOB           = var.release.job == null ? "" : local.job_name
      }
    }
    transform = {
      size        = { memory_mb = 3008, timeout_seconds = 900, tmp_mb = 10240 }
      environment = merge(local.tables_environment, { RAW_BUCKET = module.raw.name })
    }
    audit = {
      size = { memory_mb = 1024, timeout_seconds = 300 } # it may read a column of another dataset's table
      environment = {
        CURATED_BUCKET   = module.curated.name
        CURATED_DATABASE = local.databases.curated
        LEDGER_TABLE     = module.ledger.name
      }
    }
    publish = {
      size        = { memory_mb = 3008, timeout_seconds = 900, tmp_mb = 10240 }
      environment = local.tables_environment
    }
    marts = {
      size = { memory_mb = 3008, timeout_seconds = 900, tmp_mb = 10240 }
      environment = {
        CURATED_BUCKET   = module.curated.name
        CURATED_DATABASE = local.databases.curated
        MARTS_DATABASE   = local.databases.marts
        RESULTS_BUCKET   = module.results.name
      }
    }
    record = {
      size        = { memory_mb = 512, timeout_seconds = 60 }
      environment = { LEDGER_TABLE = module.ledger.name, CURATED_BUCKET = module.curated.name }
    }
    migrate = {
      size        = { memory_mb = 1024, timeout_seconds = 300 }
      environment = merge(local.tables_environment, { MARTS_DATABASE = local.databases.marts, SERVING_DATABASE = local.databases.serving })
    }
    maintain = {
      scheduled   = true
      size        = { memory_mb = 3008, timeout_seconds = 900, tmp_mb = 10240 }
      environment = merge(local.tables_environment, { MARTS_DATABASE = local.databases.marts, SERVING_DATABASE = local.databases.serving })
    }
    switch = {
      size = { memory_mb = 1024, timeout_seconds = 900 }
      environment = merge(local.tables_environment, {
        MARTS_DATABASE   = local.databases.marts
        SERVING_DATABASE = local.databases.serving
        LEDGER_TABLE     = module.ledger.name
        RAW_BUCKET       = module.raw.name
        WORKGROUP        = module.workgroup.name
      })
    }
  }
}

module "function" {
  source   = "../../modules/lambda_function"
  for_each = local.functions

  name                     = "${local.prefix}-${each.key}"
  handler                  = "lakeward.handlers.${each.key}.handler"
  artifact                 = local.artifact
  size                     = each.value.size
  environment              = merge(local.common_environment, each.value.environment)
  permissions              = concat(local.function_permissions[each.key], local.use_key)
  permissions_boundary_arn = local.boundary_arn
  logs                     = local.logs
  network                  = try(each.value.internet, false) ? null : local.network
  dead_letter_arn          = try(each.value.scheduled, false) ? module.schedules.dead_letter_arn : null # called without a caller
}

locals {
  function_names = merge({ for step, function in module.function : step => function.name }, { dispatch = module.dispatch.name })
}

locals {
  job_name = "${local.prefix}-transform"
}

# Transforms what is too large for the function of that name. It costs nothing while it does not run.
module "job" {
  source = "../../modules/glue_job"
  count  = var.release.job == null ? 0 : 1

  name                     = local.job_name
  script                   = var.release.job.script
  packages                 = var.release.job.packages
  permissions              = concat(local.job_permissions, local.use_key)
  permissions_boundary_arn = local.boundary_arn
  logs                     = local.logs

  # The run's own arguments, among them the code, come from the state machine.
  arguments = {
    region              = var.region
    account_id          = var.account_id
    environment         = var.environment
    raw_bucket          = module.raw.name
    curated_bucket      = module.curated.name
    curated_database    = local.databases.curated
    quarantine_database = local.databases.quarantine
  }
}

# Starts the state machine, so it cannot be one of the functions that the machine is made of.
module "dispatch" {
  source = "../../modules/lambda_function"

  name                     = "${local.prefix}-dispatch"
  handler                  = "lakeward.handlers.dispatch.handler"
  artifact                 = local.artifact
  size                     = { memory_mb = 512, timeout_seconds = 60 }
  environment              = merge(local.common_environment, { STATE_MACHINE_ARN = module.pipeline.arn })
  permissions              = concat(local.dispatch_permissions, local.use_key)
  permissions_boundary_arn = local.boundary_arn
  logs                     = local.logs
  network                  = local.network
  dead_letter_arn          = module.schedules.dead_letter_arn
}

resource "aws_lambda_layer_version" "dependencies" {
  count = var.release.layer == null ? 0 : 1

  layer_name               = "${local.prefix}-dependencies"
  s3_bucket                = var.release.layer.bucket
  s3_key                   = var.release.layer.key
  compatible_runtimes      = ["python3.13"]
  compatible_architectures = ["x86_64"]
  skip_destroy             = true # the release before this one still runs on it until its functions are updated
}
