mock_provider "aws" {}

variables {
  name              = "lakeward-test"
  region            = "us-east-1"
  environment       = "test"
  datasets          = ["tides", "earthquakes"]
  alarm_arns        = ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:lakeward-test-pipeline-failed"]
  state_machine_arn = "arn:aws:states:us-east-1:123456789012:stateMachine:lakeward-test-pipeline"
  function_names    = ["lakeward-test-ingest", "lakeward-test-publish"]
  queue_names       = ["lakeward-test-dead-letters"]
  workgroup         = "lakeward-test"
}

run "everything_that_can_go_wrong_is_on_one_page" {
  assert {
    condition     = jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[0].properties.alarms == [for arn in var.alarm_arns : arn]
    error_message = "The alarms must come first."
  }

  assert {
    condition = alltrue([
      for namespace in ["AWS/States", "Lakeward", "AWS/Athena", "AWS/Lambda", "AWS/SQS"] :
      strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "\"${namespace}\"")
    ])
    error_message = "Runs, records, queries, functions and queues must each have a chart."
  }

  assert {
    condition = [
      for metric in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[2].properties.metrics :
      slice(metric, 0, 6)
      ] == [
      for dataset in ["earthquakes", "tides"] : ["Lakeward", "SlotPublished", "Environment", "test", "Dataset", dataset]
    ]
    error_message = "Each dataset must have its line, under the dimensions that the functions write."
  }

  assert {
    condition = length(distinct([
      for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : "${widget.x} ${widget.y}"
    ])) == length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets)
    error_message = "No widget may lie on another."
  }
}

run "a_machine_that_is_none_is_refused" {
  command = plan

  variables {
    state_machine_arn = "pipeline"
  }

  expect_failures = [var.state_machine_arn]
}
