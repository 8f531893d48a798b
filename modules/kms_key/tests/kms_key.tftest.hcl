mock_provider "aws" {
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
  name = "lakeward-test"
}

run "a_key_is_rotated_and_serves_its_own_account_only" {
  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "The key must be rotated, and its deletion be reversible as long as AWS allows."
  }

  assert {
    condition     = aws_kms_alias.this.name == "alias/lakeward-test"
    error_message = "The key must be found by its name."
  }

  assert {
    condition = {
      for statement in jsondecode(aws_kms_key.this.policy).Statement : statement.Sid => try(statement.Condition, null)
      } == {
      LetIamDecide = null
      CarryAlerts  = { StringEquals = { "aws:SourceAccount" = "123456789012" } }
      KeepLogs     = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:us-east-1:123456789012:log-group:*" } }
      KeepTheTrail = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:123456789012:trail/lakeward-test" } }
    }
    error_message = "A service must be able to use the key for this account and nobody else."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_kms_key.this.policy).Statement : statement.Principal if contains(statement.Action, "kms:*")
    ] == [{ AWS = "arn:aws:iam::123456789012:root" }]
    error_message = "Only the account itself may decide over the key."
  }
}

run "a_window_that_kms_would_refuse_late_is_refused_now" {
  command = plan

  variables {
    deletion_window_days = 3
  }

  expect_failures = [var.deletion_window_days]
}
