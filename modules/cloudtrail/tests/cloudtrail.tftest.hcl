mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::lakeward-test-123456789012-trail" }
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
  name             = "lakeward-test"
  bucket_name      = "lakeward-test-123456789012-trail"
  data_bucket_arns = ["arn:aws:s3:::lakeward-test-123456789012-raw"]
  database         = "lakeward_test_audit"
  retention_days   = 365
}

run "the_trail_watches_the_objects_and_proves_that_it_is_whole" {
  assert {
    condition     = aws_cloudtrail.this.enable_log_file_validation && aws_cloudtrail.this.is_multi_region_trail
    error_message = "Files must be signed, and no region be left out."
  }

  assert {
    condition = [
      for selector in aws_cloudtrail.this.advanced_event_selector[0].field_selector :
      selector.starts_with if selector.field == "resources.ARN"
    ] == [tolist(["arn:aws:s3:::lakeward-test-123456789012-raw/"])]
    error_message = "The slash keeps out buckets whose names only start the same."
  }
}

run "only_this_trail_may_write_and_only_below_its_own_prefix" {
  assert {
    condition = [for grant in local.grants : [grant.service, grant.action, try(grant.path, ""), grant.source_arn]] == [
      ["cloudtrail.amazonaws.com", "s3:GetBucketAcl", "", "arn:aws:cloudtrail:eu-west-1:123456789012:trail/lakeward-test"],
      [
        "cloudtrail.amazonaws.com",
        "s3:PutObject",
        "/AWSLogs/123456789012/*",
        "arn:aws:cloudtrail:eu-west-1:123456789012:trail/lakeward-test",
      ],
    ]
    error_message = "Nobody else's trail may write into the bucket."
  }
}

run "the_table_finds_every_day_where_the_trail_writes_it" {
  assert {
    condition = [
      aws_glue_catalog_table.this.parameters["storage.location.template"],
      aws_glue_catalog_table.this.parameters["projection.region.values"],
    ] == ["s3://lakeward-test-123456789012-trail/AWSLogs/123456789012/CloudTrail/$${region}/$${day}", "eu-west-1,us-east-1"]
    error_message = "The template must be the trail's own layout, with the region of global services."
  }

  assert {
    condition     = [for key in aws_glue_catalog_table.this.partition_keys : key.name] == ["region", "day"]
    error_message = "The partitions must be those of the template."
  }
}

run "a_whole_account_of_buckets_is_refused" {
  command = plan

  variables {
    data_bucket_arns = ["arn:aws:s3:::*"]
  }

  expect_failures = [var.data_bucket_arns]
}
