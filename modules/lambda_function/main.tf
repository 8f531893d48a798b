data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  # Spelled out: the function needs its role first.
  arn = "arn:${data.aws_partition.current.partition}:lambda:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:function:${var.name}"

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
    [for network in var.network[*] : {
      Sid    = "JoinTheNetwork"
      Effect = "Allow"
      Action = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
      ]
      Resource = ["*"] # the interfaces do not exist yet, and describing has no resource-level permissions
    }],
    # Lambda itself joins the network, under this role; the code that runs in the function has no need to.
    [for network in var.network[*] : {
      Sid       = "LeaveTheNetworkAlone"
      Effect    = "Deny"
      Action    = ["ec2:*"] # a denial: it holds for every action
      Resource  = ["*"]     # a denial: it holds for every resource
      Condition = { ArnEquals = { "lambda:SourceFunctionArn" = [local.arn] } }
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
  #checkov:skip=CKV_AWS_117:Endpoints bill by the hour in each zone, so a network of one's own is a knob.
  #checkov:skip=CKV_AWS_173:The environment holds names, no secret.
  #checkov:skip=CKV_AWS_272:The key of the artifact is its sha256, and only the release may write to the bucket; signing profiles come with that.
  function_name = var.name
  role          = aws_iam_role.this.arn

  runtime       = "python3.13"
  architectures = ["x86_64"]
  handler       = var.handler
  s3_bucket     = var.artifact.bucket
  s3_key        = var.artifact.key
  layers        = var.artifact.layer_arns

  memory_size                    = var.size.memory_mb
  timeout                        = var.size.timeout_seconds
  reserved_concurrent_executions = var.size.reserved_concurrency == null ? -1 : var.size.reserved_concurrency

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

  dynamic "vpc_config" {
    for_each = var.network[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  # The first invocation must find its rights and its log group; else Lambda makes a group that never expires.
  depends_on = [aws_iam_role_policy.this, aws_cloudwatch_log_group.this]
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:CloudWatch encrypts logs with its own key; a customer key is a knob.
  #checkov:skip=CKV_AWS_338:How long logs are kept differs between environments and is a knob.
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
}

resource "aws_iam_role" "this" {
  name                 = var.name
  permissions_boundary = var.permissions_boundary_arn

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
  #checkov:skip=CKV_AWS_355:Joining a network takes actions that have no resource-level permissions; without a network there is no star.
  #checkov:skip=CKV_AWS_290:The same actions, which the function's own code is denied.
  name = "permissions"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.own_statements, local.asked_statements)
  })
}
