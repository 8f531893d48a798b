mock_provider "aws" {}

variables {
  prefix    = "lakeward-test"
  topic_arn = "arn:aws:sns:us-east-1:123456789012:lakeward-test-alerts"
  alarms = {
    record-errors = {
      description = "The function record failed."
      metric      = { namespace = "AWS/Lambda", name = "Errors", dimensions = { FunctionName = "lakeward-test-record" } }
    }
    earthquakes-stale = {
      description    = "Nothing was published for 30 hours."
      metric         = { namespace = "Lakeward", name = "SlotPublished", dimensions = { Dataset = "earthquakes" } }
      comparison     = "LessThanThreshold"
      threshold      = 1
      period_seconds = 3600
      periods        = 30
      missing_data   = "breaching"
      enabled        = false
    }
  }
}

run "an_alarm_says_more_than_none_in_five_minutes_unless_told_otherwise" {
  assert {
    condition = [
      aws_cloudwatch_metric_alarm.this["record-errors"].alarm_name,
      aws_cloudwatch_metric_alarm.this["record-errors"].statistic,
      aws_cloudwatch_metric_alarm.this["record-errors"].comparison_operator,
      aws_cloudwatch_metric_alarm.this["record-errors"].treat_missing_data,
    ] == ["lakeward-test-record-errors", "Sum", "GreaterThanThreshold", "notBreaching"]
    error_message = "The defaults must make an alarm on any failure."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["record-errors"].period == 300 && aws_cloudwatch_metric_alarm.this["record-errors"].threshold == 0
    error_message = "The defaults must look at five minutes and allow no failure."
  }

  assert {
    condition = [
      aws_cloudwatch_metric_alarm.this["record-errors"].alarm_actions,
      aws_cloudwatch_metric_alarm.this["record-errors"].ok_actions,
    ] == [toset([var.topic_arn]), toset([var.topic_arn])]
    error_message = "The topic must be told of the start and of the end."
  }
}

run "no_data_for_all_periods_is_staleness" {
  assert {
    condition = [
      aws_cloudwatch_metric_alarm.this["earthquakes-stale"].comparison_operator,
      aws_cloudwatch_metric_alarm.this["earthquakes-stale"].treat_missing_data,
    ] == ["LessThanThreshold", "breaching"]
    error_message = "Silence must count as breaching."
  }

  assert {
    condition = [
      aws_cloudwatch_metric_alarm.this["earthquakes-stale"].evaluation_periods,
      aws_cloudwatch_metric_alarm.this["earthquakes-stale"].datapoints_to_alarm,
    ] == [30, 30]
    error_message = "Every one of the periods must be silent."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["earthquakes-stale"].actions_enabled == false
    error_message = "An alarm that is not enabled tells nobody."
  }
}

run "a_span_longer_than_cloudwatch_looks_back_is_refused" {
  command = plan

  variables {
    alarms = {
      stale = {
        description    = "Nothing was published for eight days."
        metric         = { namespace = "Lakeward", name = "SlotPublished", dimensions = {} }
        period_seconds = 3600
        periods        = 192
      }
    }
  }

  expect_failures = [var.alarms]
}
