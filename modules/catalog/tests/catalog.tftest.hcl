mock_provider "aws" {}

run "a_database_is_made_for_each_name" {
  variables {
    databases = {
      lakeward_test_curated = { description = "Tables.", location_uri = "s3://lakeward-test-curated/curated/" }
      lakeward_test_serving = { description = "Views." }
    }
  }

  assert {
    condition     = aws_glue_catalog_database.this["lakeward_test_curated"].location_uri == "s3://lakeward-test-curated/curated/"
    error_message = "Tables must lie where their database says."
  }

  assert {
    condition     = output.names == ["lakeward_test_curated", "lakeward_test_serving"]
    error_message = "The names must come out as they went in."
  }
}

run "a_name_that_would_need_quotes_is_refused" {
  command = plan

  variables {
    databases = { lakeward-test-curated = { description = "Tables." } }
  }

  expect_failures = [var.databases]
}

run "a_location_without_its_slash_is_refused" {
  command = plan

  variables {
    databases = { lakeward_test_curated = { description = "Tables.", location_uri = "s3://lakeward-test-curated/curated" } }
  }

  expect_failures = [var.databases]
}
