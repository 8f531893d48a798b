locals {
  # Written by the module, so that no caller has to think of them.
  own_statements = concat(
    [{
      Sid      = "WriteOwnLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["${aws_cloudwatch_log_group.this.arn}:*"] # the streams of this one group
    }],
    [for arn in var.dead_letter_arn[*] : {
      Sid      = "KeepDeadLetters"
      Effect   = "Allow"
      Action   = ["sqs:SendMessage"]
      Resource = [arn]
    }],
  )

  asked_statements = [for permission in var.permissions : {
    Sid      = permission.sid
    Effect   = "Allow"
    Action   = permission.actions
    Resource = permission.resources
  }]
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_50:Traces bill by the request; the state machine's history and the logs already show each step.
  #checkov:skip=CKV_AWS_115:A reservation takes from the account's pool of 1,000; it is a knob, unset unless one function must be held back.
  #checkov:skip=CKV_AWS_116:Only functions that are invoked asynchronously have dead letters; they are given a queue.
  #checkov:skip=CKV_AWS_117:The functions reach public upstreams and AWS endpoints only; a VPC would need NAT at 33 USD a month.
  #checkov:skip=CKV_AWS_173:The environment holds names, no secret.
  #checkov:skip=CKV_AWS_272:The key of the artifact is its sha256, and only the release may write to the bucket; signing profiles come with that.
  function_name = var.name
  role          = aws_iam_role.this.arn

  runtime       = "python3.13"
  architectures = ["x86_64"]
  handler       = var.handler
  s3_bucket     = var.artifact.bucket
  s3_key        = var.artifact.key
  layers        = var.layer_arns

  memory_size                    = var.size.memory_mb
  timeout                        = var.size.timeout_seconds
  reserved_concurrent_executions = var.reserved_concurrency == null ? -1 : var.reserved_concurrency

  ephemeral_storage {
    size = var.size.tmp_mb
  }

  environment {
    variables = var.environment
  }

  dynamic "dead_letter_config" {
    for_each = var.dead_letter_arn[*]

    content {
      target_arn = dead_letter_config.value
    }
  }

  # The first invocation must find its rights and its log group; else Lambda makes a group that never expires.
  depends_on = [aws_iam_role_policy.this, aws_cloudwatch_log_group.this]
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:CloudWatch encrypts logs with its own key; a customer key costs 1 USD a month.
  #checkov:skip=CKV_AWS_338:How long logs are kept differs between environments and is a knob.
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "this" {
  name = var.name

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
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
