mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::lakeward-test-123456789012-logs" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }

  mock_resource "aws_kinesis_firehose_delivery_stream" {
    defaults = { arn = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/lakeward-test-logs" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
}

variables {
  name           = "lakeward-test-logs"
  bucket_name    = "lakeward-test-123456789012-logs"
  log_groups     = ["/aws/lambda/lakeward-test-ingest", "/aws/vendedlogs/states/lakeward-test-pipeline"]
  database       = "lakeward_test_ops"
  retention_days = 400
}

run "every_group_is_handed_whole_to_the_stream_which_unpacks_it" {
  assert {
    condition = { for group, filter in aws_cloudwatch_log_subscription_filter.this : group => [filter.filter_pattern, filter.destination_arn] } == {
      for group in var.log_groups : group => ["", "arn:aws:firehose:eu-west-1:123456789012:deliverystream/lakeward-test-logs"]
    }
    error_message = "Every event of every group must be copied."
  }

  assert {
    condition     = aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].processing_configuration[0].processors[*].type == tolist(["Decompression", "AppendDelimiterToRecord"])
    error_message = "Each document must be a line."
  }

  assert {
    condition     = aws_kinesis_firehose_delivery_stream.this.server_side_encryption[0].key_type == "AWS_OWNED_CMK"
    error_message = "What Firehose holds must be encrypted."
  }
}

run "the_table_finds_every_hour_where_the_stream_writes_it" {
  assert {
    condition = replace(replace(aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].prefix, "!{timestamp:yyyy-MM-dd}", "$${day}"), "!{timestamp:HH}", "$${hour}") == (
      trimprefix(aws_glue_catalog_table.this.parameters["storage.location.template"], "s3://lakeward-test-123456789012-logs/")
    )
    error_message = "The template must be the stream's own layout."
  }

  assert {
    condition     = [for key in aws_glue_catalog_table.this.partition_keys : key.name] == ["day", "hour"]
    error_message = "The partitions must be those of the template."
  }
}

run "each_role_is_one_services_and_may_do_its_one_thing" {
  assert {
    condition = [for role in [aws_iam_role.delivery, aws_iam_role.subscription] : jsondecode(role.assume_role_policy).Statement[0].Principal.Service] == [
      "firehose.amazonaws.com", "logs.amazonaws.com",
    ]
    error_message = "Nobody else may act under the roles."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.delivery.policy).Statement : statement.Resource] == [
      ["arn:aws:s3:::lakeward-test-123456789012-logs"],
      [for folder in ["logs", "errors"] : "arn:aws:s3:::lakeward-test-123456789012-logs/${folder}/*"],
    ]
    error_message = "Firehose writes into this bucket and nowhere else, and needs no key where there is none."
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.subscription.policy).Statement[*].Resource == [[aws_kinesis_firehose_delivery_stream.this.arn]]
    error_message = "CloudWatch hands events to this stream and no other."
  }
}

run "with_a_customer_key_the_stream_and_its_files_are_under_it" {
  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/mocked"
  }

  assert {
    condition     = [for key in aws_kinesis_firehose_delivery_stream.this.server_side_encryption : [key.key_type, key.key_arn]] == [["CUSTOMER_MANAGED_CMK", var.kms_key_arn]]
    error_message = "The stream must be under the customer's key."
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.delivery.policy).Statement[2].Resource == [var.kms_key_arn]
    error_message = "Firehose must be able to write under the key."
  }
}

run "a_group_by_its_arn_is_refused" {
  command = plan

  variables {
    log_groups = ["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/lakeward-test-ingest"]
  }

  expect_failures = [var.log_groups]
}
