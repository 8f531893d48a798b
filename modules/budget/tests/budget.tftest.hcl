mock_provider "aws" {}

variables {
  name        = "lakeward-test"
  monthly_usd = 25
  topic_arn   = "arn:aws:sns:us-east-1:123456789012:lakeward-test-alerts"
}

run "the_topic_is_told_before_and_when_the_money_is_gone" {
  assert {
    condition = [
      aws_budgets_budget.this.limit_amount,
      aws_budgets_budget.this.limit_unit,
      aws_budgets_budget.this.time_unit,
    ] == ["25.00", "USD", "MONTHLY"]
    error_message = "The budget must be the dollars of a month."
  }

  assert {
    condition = toset([
      for notification in aws_budgets_budget.this.notification :
      "${notification.notification_type} ${notification.threshold}"
    ]) == toset(["ACTUAL 80", "FORECASTED 100"])
    error_message = "The topic must hear of 80 percent spent, and of a forecast above the budget."
  }

  assert {
    condition = alltrue([
      for notification in aws_budgets_budget.this.notification : notification.subscriber_sns_topic_arns == toset([var.topic_arn])
    ])
    error_message = "Both must go to the topic."
  }
}

run "a_budget_of_nothing_is_refused" {
  command = plan

  variables {
    monthly_usd = 0
  }

  expect_failures = [var.monthly_usd]
}
