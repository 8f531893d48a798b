mock_provider "aws" {
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:123456789012:lakeward-test-alerts" }
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

override_resource {
  target = aws_sqs_queue.this
  values = { arn = "arn:aws:sqs:us-east-1:123456789012:lakeward-test-alerts" }
}

override_resource {
  target = aws_sqs_queue.dead_letters
  values = { arn = "arn:aws:sqs:us-east-1:123456789012:lakeward-test-alerts-dlq" }
}

variables {
  name = "lakeward-test-alerts"
}

run "every_alert_reaches_a_queue_and_none_is_dropped" {
  assert {
    condition = [
      aws_sns_topic_subscription.queue.endpoint,
      aws_sns_topic_subscription.queue.raw_message_delivery,
      jsondecode(aws_sns_topic_subscription.queue.redrive_policy).deadLetterTargetArn,
    ] == ["arn:aws:sqs:us-east-1:123456789012:lakeward-test-alerts", true, "arn:aws:sqs:us-east-1:123456789012:lakeward-test-alerts-dlq"]
    error_message = "The queue must be subscribed with raw delivery, and undeliverable alerts kept."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.this.redrive_policy).deadLetterTargetArn == aws_sqs_queue.dead_letters.arn
    error_message = "An alert that cannot be handled must move to the dead letters."
  }

  assert {
    condition = alltrue([
      for queue in [aws_sqs_queue.this, aws_sqs_queue.dead_letters] :
      one(distinct(jsondecode(queue.policy).Statement[*].Resource)) == queue.arn
    ])
    error_message = "The ARN that each policy spells out must be its queue's."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_sns_topic_policy.this.policy).Statement :
      [statement.Principal, statement.Condition] if statement.Effect == "Allow"
    ] == [[{ Service = ["cloudwatch.amazonaws.com"] }, { StringEquals = { "aws:SourceAccount" = "123456789012" } }]]
    error_message = "Only alarms of this account may publish without a role."
  }

  assert {
    condition     = length(aws_sns_topic_subscription.email) == 0
    error_message = "Nobody is mailed unless an address is given."
  }
}

run "an_address_is_subscribed" {
  variables {
    email = "data-platform@example.com"
  }

  assert {
    condition     = [for subscription in aws_sns_topic_subscription.email : subscription.endpoint] == ["data-platform@example.com"]
    error_message = "The address must be subscribed."
  }
}

run "a_budget_may_publish_where_there_is_one_and_a_customer_key_encrypts_all" {
  variables {
    publishers  = ["cloudwatch", "budgets"]
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/0123"
  }

  assert {
    condition = [
      for statement in jsondecode(aws_sns_topic_policy.this.policy).Statement : statement.Principal.Service if statement.Effect == "Allow"
    ] == [["budgets.amazonaws.com", "cloudwatch.amazonaws.com"]]
    error_message = "Both services must be able to publish."
  }

  assert {
    condition = alltrue([
      for store in [aws_sns_topic.this.kms_master_key_id, aws_sqs_queue.this.kms_master_key_id, aws_sqs_queue.dead_letters.kms_master_key_id] :
      store == var.kms_key_arn
    ])
    error_message = "Topic and queues must be under the customer key."
  }
}

run "a_service_that_has_nothing_to_say_is_refused" {
  command = plan

  variables {
    publishers = ["s3"]
  }

  expect_failures = [var.publishers]
}

run "what_is_not_an_address_is_refused" {
  command = plan

  variables {
    email = "data-platform"
  }

  expect_failures = [var.email]
}
