mock_provider "aws" {
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/mocked" }
  }
}

variables {
  name               = "lakeward-test-apply"
  provider_arn       = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  repository         = { name = "example/lakeward", id = "1296742987", owner_id = "177059064" }
  github_environment = "test"
  policies           = { storage = "{\"Version\": \"2012-10-17\", \"Statement\": []}" }
}

run "only_one_environment_of_one_repository_may_assume_the_role" {
  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy) == {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "OneEnvironmentOfOneRepository"
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
        Condition = {
          StringEquals = {
            "token.actions.githubusercontent.com:aud"           = "sts.amazonaws.com"
            "token.actions.githubusercontent.com:environment"   = "test"
            "token.actions.githubusercontent.com:repository_id" = "1296742987"
            "token.actions.githubusercontent.com:sub" = [
              "repo:example/lakeward:environment:test",
              "repo:example@177059064/lakeward@1296742987:environment:test",
            ]
          }
          StringEqualsIfExists = {
            "token.actions.githubusercontent.com:repository_owner_id" = "177059064"
          }
        }
      }]
    }
    error_message = "The trust policy must compare exactly these strings, and nothing by pattern."
  }

  assert {
    condition     = aws_iam_policy.this["storage"].name == "lakeward-test-apply-storage"
    error_message = "A policy must be named after the role that it is for."
  }
}

run "a_repository_by_pattern_is_refused" {
  command = plan

  variables {
    repository = { name = "example/*", id = "1296742987", owner_id = "177059064" }
  }

  expect_failures = [var.repository]
}

run "a_repository_without_its_number_is_refused" {
  command = plan

  variables {
    repository = { name = "example/lakeward", id = "*", owner_id = "177059064" }
  }

  expect_failures = [var.repository]
}

run "an_environment_by_pattern_is_refused" {
  command = plan

  variables {
    github_environment = "*"
  }

  expect_failures = [var.github_environment]
}
