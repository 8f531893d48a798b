mock_provider "aws" {}

run "an_account_gets_its_two_buckets" {
  variables {
    environment = "local"
  }

  assert {
    condition     = output.state_bucket == "lakeward-local-111111111111-state"
    error_message = "The state bucket must be the one that environments/local/backend.hcl names."
  }

  assert {
    condition     = output.artifacts_bucket == "lakeward-local-111111111111-artifacts"
    error_message = "The artifacts bucket must be named after environment and account."
  }
}

run "an_environment_without_a_folder_is_refused" {
  command = plan

  variables {
    environment = "nowhere"
  }

  expect_failures = [var.environment]
}
