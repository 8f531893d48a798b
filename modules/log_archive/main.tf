# Log groups copied into a bucket, readable as a table: CloudWatch hands each group's events to Firehose, Firehose unpacks
# them and writes a file every quarter of an hour.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.name
}

module "archive" {
  source = "../bucket"

  name            = var.bucket_name
  expiry_days     = var.retention_days
  noncurrent_days = 30 # files are never replaced: this is how long a deletion can be taken back
  kms_key_arn     = var.kms_key_arn
  force_destroy   = var.force_destroy
}

resource "aws_kinesis_firehose_delivery_stream" "this" {
  #checkov:skip=CKV_AWS_241:Firehose encrypts what it holds with its own key; a customer key is a knob.
  name        = var.name
  destination = "extended_s3"

  server_side_encryption {
    enabled  = true
    key_type = var.kms_key_arn == null ? "AWS_OWNED_CMK" : "CUSTOMER_MANAGED_CMK"
    key_arn  = var.kms_key_arn
  }

  extended_s3_configuration {
    role_arn            = aws_iam_role.delivery.arn
    bucket_arn          = module.archive.arn
    prefix              = "logs/day=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/" # UTC, of arrival
    error_output_prefix = "errors/!{firehose:error-output-type}/!{timestamp:yyyy-MM-dd}/"
    buffering_interval  = 900 # seconds: the longest, for the fewest files
    buffering_size      = 64  # MiB
    compression_format  = "GZIP"

    # CloudWatch hands over gzipped documents of many events. Unpacked, one is a line with its group and stream. Firehose
    # could cut the messages out, but then nobody knew whose they are, and lines that are no JSON could not be read.
    processing_configuration {
      enabled = true

      processors {
        type = "Decompression"

        parameters {
          parameter_name  = "CompressionFormat"
          parameter_value = "GZIP"
        }
      }

      processors {
        type = "AppendDelimiterToRecord"

        parameters {
          parameter_name  = "Delimiter"
          parameter_value = "\\n"
        }
      }
    }
  }

  # Firehose tries the bucket with the role's rights.
  depends_on = [aws_iam_role_policy.delivery]
}

resource "aws_cloudwatch_log_subscription_filter" "this" {
  for_each = var.log_groups

  name            = var.name
  log_group_name  = each.key
  filter_pattern  = "" # everything
  destination_arn = aws_kinesis_firehose_delivery_stream.this.arn
  role_arn        = aws_iam_role.subscription.arn

  # CloudWatch sends a first message under the role.
  depends_on = [aws_iam_role_policy.subscription]
}

resource "aws_iam_role" "delivery" {
  name                 = "${var.name}-delivery"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "firehose.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

# What AWS asks for: https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
resource "aws_iam_role_policy" "delivery" {
  name = "permissions"
  role = aws_iam_role.delivery.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "FindTheBucket"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
        Resource = [module.archive.arn]
      },
      {
        Sid      = "WriteFiles"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
        Resource = [for folder in ["logs", "errors"] : "${module.archive.arn}/${folder}/*"] # the files of every day
      },
      ], [for arn in var.kms_key_arn[*] : {
        Sid       = "UseTheKey"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = [arn]
        Condition = { StringEquals = { "kms:ViaService" = "s3.${local.region}.amazonaws.com" } }
    }])
  })
}

resource "aws_iam_role" "subscription" {
  name                 = "${var.name}-subscription"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "logs.amazonaws.com" }
      Condition = { ArnLike = { "aws:SourceArn" = "arn:${local.partition}:logs:${local.region}:${local.account}:*" } } # the account's groups
    }]
  })
}

resource "aws_iam_role_policy" "subscription" {
  name = "permissions"
  role = aws_iam_role.subscription.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "HandEventsOver"
      Effect   = "Allow"
      Action   = ["firehose:PutRecord", "firehose:PutRecordBatch"]
      Resource = [aws_kinesis_firehose_delivery_stream.this.arn]
    }]
  })
}

# The document that CloudWatch hands over: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
resource "aws_glue_catalog_table" "this" {
  database_name = var.database
  name          = "logs"
  description   = "Log events as CloudWatch handed them over: one row for events of one stream that came together. Name day in WHERE to read less."
  table_type    = "EXTERNAL_TABLE"

  # Athena derives the partitions from these, so nothing has to register them.
  parameters = {
    "EXTERNAL"                     = "TRUE"
    "classification"               = "json"
    "projection.enabled"           = "true"
    "projection.day.type"          = "date"
    "projection.day.format"        = "yyyy-MM-dd"
    "projection.day.interval"      = "1"
    "projection.day.interval.unit" = "DAYS"
    "projection.day.range"         = "2026-01-01,NOW"
    "projection.hour.type"         = "integer"
    "projection.hour.range"        = "0,23"
    "projection.hour.digits"       = "2"
    "storage.location.template"    = "s3://${module.archive.name}/logs/day=$${day}/hour=$${hour}/"
  }

  partition_keys {
    name    = "day"
    type    = "string"
    comment = "UTC day of arrival, yyyy-MM-dd."
  }

  partition_keys {
    name    = "hour"
    type    = "string"
    comment = "UTC hour of arrival, 00 to 23."
  }

  storage_descriptor {
    location      = "s3://${module.archive.name}/logs/"
    input_format  = "org.apache.hadoop.mapred.TextInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

    ser_de_info {
      serialization_library = "org.openx.data.jsonserde.JsonSerDe"
    }

    dynamic "columns" {
      for_each = local.columns

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }
}

locals {
  columns = [
    { name = "messagetype", type = "string", comment = "DATA_MESSAGE; CONTROL_MESSAGE when CloudWatch tries the way." },
    { name = "owner", type = "string", comment = "The account." },
    { name = "loggroup", type = "string", comment = "The log group." },
    { name = "logstream", type = "string", comment = "The stream in it." },
    { name = "subscriptionfilters", type = "array<string>", comment = "The filters that let the events through." },
    { name = "logevents", type = "array<struct<id:string,timestamp:bigint,message:string>>", comment = "The events; timestamp in milliseconds since 1970, UTC." },
  ]
}
