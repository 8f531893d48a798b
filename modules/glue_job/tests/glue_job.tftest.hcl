mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/lakeward-test-transform-job" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws-glue/jobs/lakeward-test-transform" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
}

variables {
  name = "lakeward-test-transform"
  script = {
    bucket = "lakeward-test-123456789012-artifacts"
    key    = "scripts/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.py"
  }
  arguments = { raw_bucket = "lakeward-test-123456789012-raw" }
  logs      = { retention_days = 30 }
  permissions = [{
    sid       = "ReadRaw"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::lakeward-test-123456789012-raw/*"]
  }]
}

run "a_job_may_do_what_was_asked_and_read_its_code_and_write_its_logs_and_nothing_else" {
  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [
      {
        Sid      = "WriteOwnLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["arn:aws:logs:us-east-1:123456789012:log-group:/aws-glue/jobs/lakeward-test-transform:*"]
      },
      {
        Sid      = "ReadOwnArtifacts"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["arn:aws:s3:::lakeward-test-123456789012-artifacts/scripts/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.py"]
      },
      {
        Sid      = "ReadRaw"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["arn:aws:s3:::lakeward-test-123456789012-raw/*"]
      },
    ]
    error_message = "The role's policy must hold exactly these three statements."
  }

  assert {
    condition     = aws_glue_job.this.default_arguments["--raw_bucket"] == "lakeward-test-123456789012-raw" && !contains(keys(aws_glue_job.this.default_arguments), "--additional-python-modules")
    error_message = "The script's arguments must be passed on, and no packages asked for where the runtime has them."
  }

  assert {
    condition     = aws_glue_job.this.max_retries == 0 && aws_glue_job.this.timeout == 240 && aws_glue_job.this.execution_property[0].max_concurrent_runs == 4
    error_message = "A run must be started once, must end, and must leave room for few others."
  }

  assert {
    condition     = output.arn == "arn:aws:glue:us-east-1:123456789012:job/lakeward-test-transform"
    error_message = "Glue tells no ARN, so the module makes it."
  }
}

run "packages_are_installed_without_an_index" {
  variables {
    packages = {
      bucket = "lakeward-test-123456789012-artifacts"
      key    = "packages/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.gluewheels.zip"
    }
  }

  assert {
    condition = [for name in ["--additional-python-modules", "--python-modules-installer-option"] : aws_glue_job.this.default_arguments[name]] == [
      "s3://lakeward-test-123456789012-artifacts/packages/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.gluewheels.zip",
      "--no-index",
    ]
    error_message = "What runs must be what was built."
  }
}

run "a_script_without_its_digest_is_refused" {
  command = plan

  variables {
    script = { bucket = "lakeward-test-123456789012-artifacts", key = "scripts/latest.py" }
  }

  expect_failures = [var.script]
}

run "packages_that_glue_would_take_for_something_else_are_refused" {
  command = plan

  variables {
    packages = {
      bucket = "lakeward-test-123456789012-artifacts"
      key    = "packages/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.zip"
    }
  }

  expect_failures = [var.packages]
}

run "an_argument_of_glues_own_is_refused" {
  command = plan

  variables {
    arguments = { "extra-jars" = "s3://elsewhere/x.jar" }
  }

  expect_failures = [var.arguments]
}

run "a_wildcard_action_is_refused" {
  command = plan

  variables {
    permissions = [{ sid = "TooMuch", actions = ["s3:*"], resources = ["arn:aws:s3:::bucket"] }]
  }

  expect_failures = [var.permissions]
}
