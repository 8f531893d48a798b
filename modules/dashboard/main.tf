# Four rows of widgets, from what readers notice to what explains it: alarms, runs, records, functions.

locals {
  row = 6 # units of the grid that a row is high; the grid is 24 wide

  # Each metric is [namespace, name, dimension, value, …, options].
  runs = [
    for position, metric in ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut"] :
    ["AWS/States", metric, "StateMachineArn", var.state_machine_arn, { stat = "Sum" }]
  ]

  records = [
    for pair in setproduct(sort(var.datasets), ["RecordsIn", "Written", "Quarantined", "Deduplicated"]) :
    ["Lakeward", pair[1], "Environment", var.environment, "Dataset", pair[0], { stat = "Sum", label = "${pair[0]} ${pair[1]}" }]
  ]

  published = [
    for dataset in sort(var.datasets) :
    ["Lakeward", "SlotPublished", "Environment", var.environment, "Dataset", dataset, { stat = "Sum", label = dataset }]
  ]

  seconds = [for name in sort(var.function_names) : ["AWS/Lambda", "Duration", "FunctionName", name, { stat = "Maximum" }]]
  errors  = [for name in sort(var.function_names) : ["AWS/Lambda", "Errors", "FunctionName", name, { stat = "Sum" }]]

  waiting = [
    for name in sort(var.queue_names) :
    ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name, { stat = "Maximum" }]
  ]

  charts = [
    { title = "Runs of the pipeline", metrics = local.runs, period = 3600 },
    { title = "Slots published in time", metrics = local.published, period = 86400 },
    { title = "Records of each run: in = written + quarantined + deduplicated", metrics = local.records, period = 86400 },
    { title = "Bytes that queries scanned", metrics = [["AWS/Athena", "ProcessedBytes", "WorkGroup", var.workgroup, { stat = "Sum" }]], period = 3600 },
    { title = "Longest invocation, milliseconds", metrics = local.seconds, period = 3600 },
    { title = "Failed invocations, and letters that nobody took", metrics = concat(local.errors, local.waiting), period = 3600 },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = concat(
      [{
        type       = "alarm"
        x          = 0
        y          = 0
        width      = 24
        height     = local.row
        properties = { title = "Alarms", alarms = sort(var.alarm_arns) }
      }],
      [for position, chart in local.charts : {
        type   = "metric"
        x      = position % 2 * 12
        y      = local.row * (1 + floor(position / 2))
        width  = 12
        height = local.row
        properties = {
          title   = chart.title
          metrics = chart.metrics
          period  = chart.period
          region  = var.region
          view    = "timeSeries"
        }
      }],
    )
  })
}
