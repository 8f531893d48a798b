mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/lakeward-test-pipeline" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/lakeward-test-pipeline" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  name       = "lakeward-test-pipeline"
  definition = "{\"StartAt\": \"Done\", \"TimeoutSeconds\": 60, \"States\": {\"Done\": {\"Type\": \"Succeed\"}}}"
  logs       = { retention_days = 30 }
  permissions = [{
    sid       = "RunTheSteps"
    actions   = ["lambda:InvokeFunction"]
    resources = ["arn:aws:lambda:us-east-1:123456789012:function:lakeward-test-ingest"]
  }]
}

run "the_machine_logs_every_event_and_its_role_serves_this_account_only" {
  assert {
    condition     = aws_sfn_state_machine.this.type == "STANDARD" && aws_sfn_state_machine.this.logging_configuration[0].level == "ALL"
    error_message = "The machine must be STANDARD and log every event."
  }

  assert {
    condition     = aws_sfn_state_machine.this.logging_configuration[0].log_destination == "${aws_cloudwatch_log_group.this.arn}:*"
    error_message = "The log must go to the machine's own group."
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition == {
      StringEquals = { "aws:SourceAccount" = "123456789012" }
    }
    error_message = "A machine of another account must not be able to use the role."
  }

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Sid => statement.Resource
      } == {
      DeliverLogs = ["*"]
      RunTheSteps = ["arn:aws:lambda:us-east-1:123456789012:function:lakeward-test-ingest"]
    }
    error_message = "Only log delivery may have a star; the rest is what was asked for."
  }
}

run "a_machine_without_a_time_limit_is_refused" {
  command = plan

  variables {
    definition = "{\"StartAt\": \"Done\", \"States\": {\"Done\": {\"Type\": \"Succeed\"}}}"
  }

  expect_failures = [var.definition]
}
