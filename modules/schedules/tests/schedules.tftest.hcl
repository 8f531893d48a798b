mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/lakeward-test-scheduler" }
  }

  mock_resource "aws_scheduler_schedule_group" {
    defaults = { arn = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/lakeward-test" }
  }

  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:us-east-1:123456789012:lakeward-test-dead-letters" }
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
  name       = "lakeward-test"
  target_arn = "arn:aws:lambda:us-east-1:123456789012:function:lakeward-test-dispatch"
  enabled    = true
  schedules = {
    earthquakes = {
      expression = "cron(0 3 * * ? *)"
      input      = "{\"dataset\": \"earthquakes\", \"scheduled_at\": \"<aws.scheduler.scheduled-time>\"}"
    }
  }
}

run "a_schedule_calls_the_target_in_utc_and_keeps_what_could_not_be_sent" {
  assert {
    condition = [
      aws_scheduler_schedule.this["earthquakes"].name,
      aws_scheduler_schedule.this["earthquakes"].state,
      aws_scheduler_schedule.this["earthquakes"].schedule_expression,
      aws_scheduler_schedule.this["earthquakes"].schedule_expression_timezone,
    ] == ["lakeward-test-earthquakes", "ENABLED", "cron(0 3 * * ? *)", "UTC"]
    error_message = "The schedule must be named after the group and the dataset, be on, and be read in UTC."
  }

  assert {
    condition     = strcontains(aws_scheduler_schedule.this["earthquakes"].target[0].input, "<aws.scheduler.scheduled-time>")
    error_message = "EventBridge must find the placeholder as it is written."
  }

  assert {
    condition     = aws_scheduler_schedule.this["earthquakes"].target[0].dead_letter_config[0].arn == aws_sqs_queue.dead_letters.arn
    error_message = "A call that cannot be made must be kept."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.dead_letters.policy).Statement[0].Resource == "arn:aws:sqs:us-east-1:123456789012:lakeward-test-dead-letters"
    error_message = "The ARN that the policy spells out must be the queue's."
  }

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Action[0] => statement.Resource
      } == {
      "lambda:InvokeFunction" = ["arn:aws:lambda:us-east-1:123456789012:function:lakeward-test-dispatch"]
      "sqs:SendMessage"       = ["arn:aws:sqs:us-east-1:123456789012:lakeward-test-dead-letters"]
    }
    error_message = "The role may call the target and write dead letters, and nothing else."
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceArn"] == aws_scheduler_schedule_group.this.arn
    error_message = "Only schedules of this group may use the role."
  }
}

run "a_schedule_may_name_a_target_of_its_own" {
  variables {
    schedules = {
      earthquakes = { expression = "cron(0 3 * * ? *)", input = "{}" }
      maintain = {
        expression = "cron(0 1 * * ? *)"
        input      = "{}"
        target_arn = "arn:aws:lambda:us-east-1:123456789012:function:lakeward-test-maintain"
      }
    }
  }

  assert {
    condition = { for name, schedule in aws_scheduler_schedule.this : name => schedule.target[0].arn } == {
      earthquakes = var.target_arn
      maintain    = "arn:aws:lambda:us-east-1:123456789012:function:lakeward-test-maintain"
    }
    error_message = "Each schedule must call its own target, or the one that is shared."
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.this.policy).Statement[0].Resource == [var.target_arn, "arn:aws:lambda:us-east-1:123456789012:function:lakeward-test-maintain"]
    error_message = "The role may call every target, and nothing else."
  }
}

run "schedules_that_are_off_are_there_but_do_not_fire" {
  variables {
    enabled = false
  }

  assert {
    condition     = aws_scheduler_schedule.this["earthquakes"].state == "DISABLED"
    error_message = "The schedule must exist and be off."
  }
}

run "a_customer_key_comes_with_the_right_to_use_it" {
  variables {
    kms_key_arn              = "arn:aws:kms:us-east-1:123456789012:key/0123"
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/lakeward-test-boundary"
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement :
      [statement.Action, statement.Resource] if statement.Sid == "EncryptDeadLetters"
    ] == [[["kms:Decrypt", "kms:GenerateDataKey"], ["arn:aws:kms:us-east-1:123456789012:key/0123"]]]
    error_message = "Without it no dead letter could be written."
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::123456789012:policy/lakeward-test-boundary"
    error_message = "The boundary must be on the role."
  }
}

run "an_expression_that_is_not_a_schedule_is_refused" {
  command = plan

  variables {
    schedules = { earthquakes = { expression = "0 3 * * *", input = "{}" } }
  }

  expect_failures = [var.schedules]
}

run "a_placeholder_escaped_by_jsonencode_is_refused" {
  command = plan

  variables {
    schedules = {
      earthquakes = {
        expression = "cron(0 3 * * ? *)"
        input      = jsonencode({ scheduled_at = "<aws.scheduler.scheduled-time>" })
      }
    }
  }

  expect_failures = [var.schedules]
}
