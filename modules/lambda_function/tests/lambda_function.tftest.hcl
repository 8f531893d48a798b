mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/lakeward-test-record" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/lakeward-test-record" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
}

variables {
  name    = "lakeward-test-record"
  handler = "lakeward.handlers.record.handler"
  artifact = {
    bucket = "lakeward-test-123456789012-artifacts"
    key    = "functions/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.zip"
  }
  size        = { memory_mb = 512, timeout_seconds = 60 }
  environment = { LEDGER_TABLE = "lakeward-test-ledger" }
  logs        = { retention_days = 30 }
  permissions = [{
    sid       = "KeepLedger"
    actions   = ["dynamodb:PutItem"]
    resources = ["arn:aws:dynamodb:us-east-1:123456789012:table/lakeward-test-ledger"]
  }]
}

run "a_function_may_do_what_was_asked_and_write_its_own_logs_and_nothing_else" {
  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [
      {
        Sid      = "WriteOwnLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/lakeward-test-record:*"]
      },
      {
        Sid      = "KeepLedger"
        Effect   = "Allow"
        Action   = ["dynamodb:PutItem"]
        Resource = ["arn:aws:dynamodb:us-east-1:123456789012:table/lakeward-test-ledger"]
      },
    ]
    error_message = "The role's policy must hold exactly these two statements."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.name == "/aws/lambda/lakeward-test-record" && aws_cloudwatch_log_group.this.retention_in_days == 30
    error_message = "The log group must be the one that Lambda writes to, and must expire."
  }

  assert {
    condition     = aws_lambda_function.this.reserved_concurrent_executions == -1 && length(aws_lambda_function.this.dead_letter_config) == 0
    error_message = "Without the knobs there is no reservation and no dead-letter queue."
  }
}

run "a_dead_letter_queue_comes_with_the_right_to_write_to_it" {
  variables {
    dead_letter_arn = "arn:aws:sqs:us-east-1:123456789012:lakeward-test-dead-letters"
    size            = { memory_mb = 512, timeout_seconds = 60, reserved_concurrency = 2 }
  }

  assert {
    condition     = aws_lambda_function.this.dead_letter_config[0].target_arn == var.dead_letter_arn
    error_message = "Failed asynchronous events must go to the queue."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement :
      [statement.Action, statement.Resource] if statement.Sid == "KeepDeadLetters"
    ] == [[["sqs:SendMessage"], ["arn:aws:sqs:us-east-1:123456789012:lakeward-test-dead-letters"]]]
    error_message = "The role must be able to send to that queue and no other."
  }

  assert {
    condition     = aws_lambda_function.this.reserved_concurrent_executions == 2
    error_message = "The reservation must be passed on."
  }
}

run "a_network_is_joined_by_lambda_and_not_by_the_code" {
  variables {
    network                  = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/lakeward-test-boundary"
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement :
      [statement.Effect, try(statement.Condition, null)] if startswith(statement.Action[0], "ec2:")
      ] == [
      ["Allow", null],
      ["Deny", { ArnEquals = { "lambda:SourceFunctionArn" = ["arn:aws:lambda:us-east-1:123456789012:function:lakeward-test-record"] } }],
    ]
    error_message = "The function's own code must be denied what Lambda needs for it."
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::123456789012:policy/lakeward-test-boundary"
    error_message = "The boundary must be on the role."
  }
}

run "an_artifact_without_its_digest_is_refused" {
  command = plan

  variables {
    artifact = { bucket = "lakeward-test-123456789012-artifacts", key = "functions/latest.zip" }
  }

  expect_failures = [var.artifact]
}

run "a_wildcard_action_is_refused" {
  command = plan

  variables {
    permissions = [{ sid = "TooMuch", actions = ["s3:*"], resources = ["arn:aws:s3:::bucket"] }]
  }

  expect_failures = [var.permissions]
}

run "a_bare_star_as_resource_is_refused" {
  command = plan

  variables {
    permissions = [{ sid = "TooMuch", actions = ["s3:GetObject"], resources = ["*"] }]
  }

  expect_failures = [var.permissions]
}

run "all_buckets_at_once_are_refused" {
  command = plan

  variables {
    permissions = [{ sid = "TooMuch", actions = ["s3:GetObject"], resources = ["arn:aws:s3:::*"] }]
  }

  expect_failures = [var.permissions]
}
