mock_provider "aws" {}

variables {
  name               = "lakeward-test"
  results_uri        = "s3://lakeward-test-results/athena/"
  query_bytes_cutoff = 10737418240
}

run "settings_hold_for_every_client" {
  assert {
    condition = [
      aws_athena_workgroup.this.configuration[0].enforce_workgroup_configuration,
      aws_athena_workgroup.this.configuration[0].result_configuration[0].output_location,
      aws_athena_workgroup.this.configuration[0].result_configuration[0].encryption_configuration[0].encryption_option,
      aws_athena_workgroup.this.configuration[0].engine_version[0].selected_engine_version,
    ] == [true, "s3://lakeward-test-results/athena/", "SSE_S3", "Athena engine version 3"]
    error_message = "Place, encryption and engine must be the workgroup's, and enforced."
  }

  assert {
    condition     = aws_athena_workgroup.this.configuration[0].bytes_scanned_cutoff_per_query == 10737418240
    error_message = "A query must be stopped at the cutoff."
  }
}

run "queries_are_saved_where_the_settings_hold" {
  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/0123"
    saved_queries = {
      "earthquakes: total_events" = {
        database    = "lakeward_test_serving"
        sql         = "SELECT count(*) FROM earthquakes"
        description = "All events."
      }
    }
  }

  assert {
    condition = [
      for query in aws_athena_named_query.this : [query.name, query.workgroup, query.database, query.query]
    ] == [["earthquakes: total_events", "lakeward-test", "lakeward_test_serving", "SELECT count(*) FROM earthquakes"]]
    error_message = "The query must be saved in the workgroup, on the database that analysts read."
  }

  assert {
    condition     = aws_athena_workgroup.this.configuration[0].result_configuration[0].encryption_configuration[0].encryption_option == "SSE_KMS"
    error_message = "Results must be under the customer key."
  }
}

run "a_cutoff_below_what_athena_takes_is_refused" {
  command = plan

  variables {
    query_bytes_cutoff = 1000
  }

  expect_failures = [var.query_bytes_cutoff]
}

run "results_need_a_place" {
  command = plan

  variables {
    results_uri = "lakeward-test-results/athena"
  }

  expect_failures = [var.results_uri]
}
