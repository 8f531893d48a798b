data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  arn = "arn:${data.aws_partition.current.partition}:glue:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:job/${var.name}"

  artifacts = concat([var.script], var.packages[*])

  # Written by the module, so that no caller has to think of them.
  own_statements = [
    {
      Sid      = "WriteOwnLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["${aws_cloudwatch_log_group.this.arn}:*"] # the streams of this one group
    },
    {
      Sid      = "ReadOwnArtifacts"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = [for artifact in local.artifacts : "arn:${data.aws_partition.current.partition}:s3:::${artifact.bucket}/${artifact.key}"]
    },
  ]

  asked_statements = [for permission in var.permissions : {
    Sid      = permission.sid
    Effect   = "Allow"
    Action   = permission.actions
    Resource = permission.resources
  }]

  # What Glue itself reads; everything else is the script's.
  own_arguments = merge(
    {
      "--enable-continuous-cloudwatch-log" = "true"
      "--continuous-log-logGroup"          = aws_cloudwatch_log_group.this.name
      "--job-language"                     = "python"
      "--job-bookmark-option"              = "job-bookmark-disable" # a run knows its pages from their certificate
    },
    var.packages == null ? {} : {
      "--additional-python-modules"       = "s3://${var.packages.bucket}/${var.packages.key}"
      "--python-modules-installer-option" = "--no-index" # what runs is what was built, and no package registry is asked
    },
  )
}

resource "aws_glue_job" "this" {
  #checkov:skip=CKV_AWS_195:A security configuration sets keys for logs and bookmarks; the log group and the buckets have their own, and there are no bookmarks.
  name              = var.name
  role_arn          = aws_iam_role.this.arn
  glue_version      = "5.0"
  worker_type       = "G.1X"
  number_of_workers = 2 # each run says its own
  timeout           = var.timeout_minutes
  max_retries       = 0 # the state machine knows which errors a retry may help

  command {
    name            = "glueetl"
    script_location = "s3://${var.script.bucket}/${var.script.key}"
    python_version  = "3"
  }

  execution_property {
    max_concurrent_runs = var.concurrent_runs
  }

  default_arguments = merge({ for name, value in var.arguments : "--${name}" => value }, local.own_arguments)

  # The first run must find its rights.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:CloudWatch encrypts logs with its own key; a customer key is a knob.
  #checkov:skip=CKV_AWS_338:How long logs are kept differs between environments and is a knob.
  name              = "/aws-glue/jobs/${var.name}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-job"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "glue.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "permissions"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.own_statements, local.asked_statements)
  })
}
