# Who is on call: what the commands of docs/operations.md ask for, and nothing that changes code, tables, roles or raw.

locals {
  here = { for service in ["dynamodb", "glue", "lambda", "logs", "scheduler", "sqs", "states"] :
    service => "arn:${data.aws_partition.current.partition}:${service}:${var.region}:${var.account_id}:"
  }
  machine_arn  = "${local.here.states}stateMachine:${module.pipeline.name}"
  alerts_arn   = "${local.here.sqs}${local.prefix}-alerts"
  letters_arns = [for name in [module.schedules.dead_letter_name, module.alerts.dead_letter_name] : "${local.here.sqs}${name}"]
}

resource "aws_iam_policy" "operator" {
  name        = "${local.prefix}-operator"
  description = "Be on call: run slots and look at runs, logs and alarms, move readers, maintain tables, handle dead letters. Attach it to a role or a group."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "RunSlots"
        Effect   = "Allow"
        Action   = ["states:DescribeStateMachine", "states:ListExecutions", "states:StartExecution"]
        Resource = [local.machine_arn]
      },
      {
        Sid      = "LookAtRunsAndStopThem"
        Effect   = "Allow"
        Action   = ["states:DescribeExecution", "states:GetExecutionHistory", "states:StopExecution"]
        Resource = ["${replace(local.machine_arn, ":stateMachine:", ":execution:")}:*"] # the executions of this one machine
      },
      {
        Sid      = "LookAtJobs"
        Effect   = "Allow"
        Action   = ["glue:GetJobRun", "glue:GetJobRuns"]
        Resource = ["${local.here.glue}job/${local.job_name}"]
      },
      {
        Sid      = "LookAtFunctions"
        Effect   = "Allow"
        Action   = ["lambda:GetFunctionConfiguration"]
        Resource = [for name in values(local.function_names) : "${local.here.lambda}function:${name}"]
      },
      {
        Sid      = "MoveReadersAndMaintain"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = [for role in ["maintain", "switch"] : "${local.here.lambda}function:${local.function_names[role]}"]
      },
      {
        Sid      = "ReadTheLedger"
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:Query"]
        Resource = ["${local.here.dynamodb}table/${module.ledger.name}"]
      },
      {
        Sid      = "FindSlotsInRaw"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
        Resource = ["arn:${data.aws_partition.current.partition}:s3:::${module.raw.name}"]
      },
      {
        Sid      = "ReadCertificates"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["arn:${data.aws_partition.current.partition}:s3:::${module.raw.name}/*/certificate.json"] # of every slot; not its pages
      },
      {
        Sid    = "ReadLogs"
        Effect = "Allow"
        Action = ["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"]
        Resource = [
          "${local.here.logs}log-group:/aws/lambda/${local.prefix}-*",            # of every function
          "${local.here.logs}log-group:/aws-glue/jobs/${local.prefix}-*",         # of the job
          "${local.here.logs}log-group:/aws/vendedlogs/states/${local.prefix}-*", # of the machine
        ]
      },
      {
        Sid      = "LookAtSchedules"
        Effect   = "Allow"
        Action   = ["scheduler:GetSchedule"]
        Resource = ["${local.here.scheduler}schedule/${local.prefix}/*"] # of every dataset
      },
      {
        Sid    = "HandleLetters"
        Effect = "Allow"
        Action = [
          "sqs:DeleteMessage",
          "sqs:GetQueueAttributes",
          "sqs:GetQueueUrl",
          "sqs:ListMessageMoveTasks",
          "sqs:PurgeQueue",
          "sqs:ReceiveMessage",
          "sqs:StartMessageMoveTask",
        ]
        Resource = local.letters_arns
      },
      {
        Sid      = "HandleAlerts"
        Effect   = "Allow"
        Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage", "sqs:SendMessage"] # to send is to move an alert back
        Resource = [local.alerts_arn]
      },
      {
        Sid    = "LookAtAlarms"
        Effect = "Allow"
        Action = [
          "cloudwatch:DescribeAlarms",
          "cloudwatch:GetMetricData",
          "logs:DescribeLogGroups",
          "scheduler:ListSchedules",
          "states:ListStateMachines",
        ]
        Resource = ["*"] # these actions list, and are asked of no one resource
      },
      ], [for permission in local.use_key : {
        Sid      = permission.sid
        Effect   = "Allow"
        Action   = permission.actions
        Resource = permission.resources
    }])
  })
}
