resource "aws_athena_workgroup" "this" {
  name          = var.name
  force_destroy = var.force_destroy # with its query history and saved queries

  configuration {
    enforce_workgroup_configuration    = true # clients cannot choose another place, key or engine
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = var.query_bytes_cutoff

    engine_version {
      selected_engine_version = "Athena engine version 3"
    }

    result_configuration {
      output_location = var.results_uri

      encryption_configuration {
        encryption_option = var.kms_key_arn == null ? "SSE_S3" : "SSE_KMS"
        kms_key_arn       = var.kms_key_arn
      }
    }
  }
}

resource "aws_athena_named_query" "this" {
  for_each = var.saved_queries

  name        = each.key
  description = each.value.description
  workgroup   = aws_athena_workgroup.this.name
  database    = each.value.database
  query       = each.value.sql
}
