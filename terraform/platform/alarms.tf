locals {
  pipeline_alarms = {
    pipeline-failed = {
      description = "A run failed; the alert names dataset, slot, step and error. Runbook: docs/operations/pipeline-failed.md"
      metric      = { namespace = "AWS/States", name = "ExecutionsFailed", dimensions = { StateMachineArn = module.pipeline.arn } }
    }
    pipeline-timed-out = {
      description = "A run was stopped by its time limit. Runbook: docs/operations/pipeline-timed-out.md"
      metric      = { namespace = "AWS/States", name = "ExecutionsTimedOut", dimensions = { StateMachineArn = module.pipeline.arn } }
    }
    dead-letters = {
      description = "A scheduled run never started; its event is kept. Runbook: docs/operations/dead-letters.md"
      metric = {
        namespace  = "AWS/SQS"
        name       = "ApproximateNumberOfMessagesVisible"
        dimensions = { QueueName = module.schedules.dead_letter_name }
        statistic  = "Maximum"
      }
    }
    alerts-undelivered = {
      description = "An alert could not be delivered or handled. Runbook: docs/operations/alerts-undelivered.md"
      metric = {
        namespace  = "AWS/SQS"
        name       = "ApproximateNumberOfMessagesVisible"
        dimensions = { QueueName = module.alerts.dead_letter_name }
        statistic  = "Maximum"
      }
    }
  }

  # Without a dimension the metric is that of all functions of the account, which is the environment's own: one alarm,
  # where one for each function would cost a dollar a month. What the runbook asks says which of them it was.
  function_alarms = {
    function-errors = {
      description = "A function failed, be it once and then not again. Runbook: docs/operations/function-errors.md"
      metric      = { namespace = "AWS/Lambda", name = "Errors", dimensions = {} }
    }
  }

  maintenance_alarms = {
    maintain-errors = {
      description = "A table was not compacted or its old states not removed. Runbook: docs/operations/maintenance.md"
      metric      = { namespace = "AWS/Lambda", name = "Errors", dimensions = { FunctionName = local.function_names["maintain"] } }
    }
  }

  freshness_alarms = { for name, contract in local.scheduled : "${name}-stale" => {
    description    = "No slot of ${name} was published for ${contract.freshness.hours} hours. Runbook: docs/operations/dataset-stale.md"
    metric         = { namespace = "Lakeward", name = "SlotPublished", dimensions = { Environment = var.environment, Dataset = name } }
    comparison     = "LessThanThreshold"
    threshold      = 1
    period_seconds = 3600
    periods        = contract.freshness.hours
    missing_data   = "breaching"
    enabled        = var.schedules_enabled # where nothing is scheduled, silence is no news
  } }
}

module "alerts" {
  source = "../../modules/alerts"

  name        = "${local.prefix}-alerts"
  email       = var.monitoring.alert_email
  publishers  = var.monitoring.budget_usd == null ? ["cloudwatch"] : ["cloudwatch", "budgets"]
  kms_key_arn = local.key_arn
}

module "alarms" {
  source = "../../modules/alarms"

  prefix    = local.prefix
  topic_arn = module.alerts.topic_arn
  alarms    = merge(local.pipeline_alarms, local.function_alarms, local.maintenance_alarms, local.freshness_alarms)
}
