# What a log archive takes, where `monitoring.log_archive` asks for one: the stream, the filters of the log groups, and
# two roles that are handed to other services than the pipeline's. Without it none of these may be made.

locals {
  archive_arns = {
    streams = ["arn:${local.partition}:firehose:${local.region}:${local.account}:deliverystream/${local.name}-logs"]
    bucket  = ["arn:${local.partition}:s3:::${local.prefix}-logs"]
    objects = ["arn:${local.partition}:s3:::${local.prefix}-logs/*"] # the files of every day
  }

  archive_read_policies = { for name, asked in { read-archive = local.settings.monitoring.log_archive } : name => [
    {
      Sid      = "ReadTheLogStream"
      Effect   = "Allow"
      Action   = ["firehose:DescribeDeliveryStream", "firehose:ListTagsForDeliveryStream"]
      Resource = local.archive_arns.streams
    },
    { Sid = "ReadLogFilters", Effect = "Allow", Action = ["logs:DescribeSubscriptionFilters"], Resource = local.arns.log_groups },
  ] if asked }

  archive_apply_policies = { for name, asked in { archive = local.settings.monitoring.log_archive } : name => [
    {
      Sid    = "KeepTheLogStream"
      Effect = "Allow"
      Action = [
        "firehose:CreateDeliveryStream",
        "firehose:DeleteDeliveryStream",
        "firehose:StartDeliveryStreamEncryption",
        "firehose:StopDeliveryStreamEncryption",
        "firehose:TagDeliveryStream",
        "firehose:UntagDeliveryStream",
        "firehose:UpdateDestination",
      ]
      Resource = local.archive_arns.streams
    },
    {
      Sid      = "KeepLogFilters"
      Effect   = "Allow"
      Action   = ["logs:DeleteSubscriptionFilter", "logs:PutSubscriptionFilter"]
      Resource = local.arns.log_groups
    },
    {
      Sid       = "HandTheRolesOfLogsToTheirServices"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = [for role in ["delivery", "subscription"] : "${local.iam}role/${local.name}-logs-${role}"]
      Condition = { StringEquals = { "iam:PassedToService" = [for service in ["firehose", "logs"] : "${service}.amazonaws.com"] } }
    },
  ] if asked }

  # What the two roles may do at most.
  archive_boundary = [for statement in [
    {
      Sid      = "KeepLogs"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListBucketMultipartUploads", "s3:PutObject"]
      Resource = concat(local.archive_arns.bucket, local.archive_arns.objects)
    },
    { Sid = "HandLogsOver", Effect = "Allow", Action = ["firehose:PutRecord", "firehose:PutRecordBatch"], Resource = local.archive_arns.streams },
  ] : statement if local.settings.monitoring.log_archive]
}
