mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::111111111111:policy/mocked" }
  }

  mock_resource "aws_iam_openid_connect_provider" {
    defaults = { arn = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com" }
  }
}

variables {
  environment = "local"
}

run "an_account_gets_its_two_buckets_and_its_boundary" {
  assert {
    condition     = output.state_bucket == "lakeward-local-111111111111-state"
    error_message = "The state bucket must be the one that environments/local/backend.hcl names."
  }

  assert {
    condition     = output.artifacts_bucket == "lakeward-local-111111111111-artifacts"
    error_message = "The artifacts bucket must be named after environment and account."
  }

  assert {
    condition     = aws_iam_policy.boundary.name == "lakeward-local-boundary"
    error_message = "The boundary must be the one that terraform/platform puts on every role."
  }
}

run "a_boundary_lets_nobody_delete_but_files_of_the_lake_and_nobody_near_roles" {
  assert {
    condition = [
      for action in flatten(jsondecode(aws_iam_policy.boundary.policy).Statement[*].Action) : action
      if(strcontains(lower(action), "delete") && !contains(["logs:DeleteLogDelivery", "ec2:DeleteNetworkInterface", "s3:DeleteObject", "glue:DeleteTable"], action)) || startswith(action, "iam:") || strcontains(action, "*")
    ] == []
    error_message = "No role of the environment may delete data, make roles, or have an action by pattern."
  }

  assert {
    condition = flatten([
      for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : statement.Resource if contains(statement.Action, "s3:DeleteObject")
      ]) == [
      for folder in split(" ", "marts curated quarantine staging") : "arn:aws:s3:::lakeward-local-111111111111-curated/${folder}/*"
    ]
    error_message = "Files of the lake may be removed, and neither raw nor artifacts nor state."
  }

  assert {
    condition = flatten([
      for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : statement.Resource if contains(statement.Action, "glue:DeleteTable")
    ])[2] == "arn:aws:glue:us-east-1:111111111111:table/lakeward_local_curated/*"
    error_message = "Curated tables may be dropped, and neither quarantine nor views."
  }

  assert {
    condition = flatten([
      for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : statement.Resource if contains(statement.Action, "secretsmanager:GetSecretValue")
    ]) == ["arn:aws:secretsmanager:us-east-1:111111111111:secret:lakeward/local/*"]
    error_message = "The environment's own secrets may be read, and no other."
  }

  assert {
    condition     = toset(jsondecode(aws_iam_policy.boundary.policy).Statement[*].Effect) == toset(["Allow"])
    error_message = "A boundary is a list of what may be; all else may not."
  }
}

run "without_a_repository_github_has_no_way_in" {
  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && output.github_roles == {}
    error_message = "Neither a provider nor a role may be made."
  }
}

run "with_a_repository_planning_and_applying_are_two_roles_of_two_github_environments" {
  variables {
    environment = "../terraform/bootstrap/tests/environment"
  }

  assert {
    condition     = { for name, role in output.github_roles : name => role.github_environment } == { plan = "test-plan", apply = "test" }
    error_message = "Only jobs behind the environment's own rules may apply."
  }

  assert {
    condition     = sort(keys(local.github_roles.plan.policies)) == tolist(["read-compute", "read-data"])
    error_message = "Planning takes reading, and nothing more."
  }
}

run "planning_changes_nothing_but_the_lock" {
  assert {
    condition = distinct([
      for statement in flatten(values(local.read_policies)) : statement.Sid
      if anytrue([for action in statement.Action : !can(regex("^[a-z0-9-]+:(Get|List|Describe|View|Validate)", action))])
    ]) == tolist(["LockTheState"])
    error_message = "Besides locking the state, every action must read."
  }

  assert {
    condition     = [for statement in flatten(values(local.read_policies)) : statement.Resource if statement.Sid == "LockTheState"] == [local.arns.state_lock]
    error_message = "The lock is one object."
  }

  assert {
    condition = !anytrue([
      for statement in flatten(values(local.read_policies)) :
      contains(statement.Action, "s3:GetObject") && length(setintersection(statement.Resource, local.arns.lake_objects)) > 0
    ])
    error_message = "Planning may read no object of the lake."
  }
}

run "applying_makes_roles_within_the_boundary_only_and_keeps_off_its_own" {
  assert {
    condition = [
      for statement in local.apply_policies.identity : try(statement.Condition, null)
      if try(contains(statement.Action, "iam:CreateRole"), false) || try(contains(statement.Action, "iam:PutRolePolicy"), false)
    ] == [{ StringEquals = { "iam:PermissionsBoundary" = aws_iam_policy.boundary.arn } }]
    error_message = "A role, or a policy of one, may be made under the boundary only."
  }

  assert {
    condition = [
      for statement in local.apply_policies.identity : [statement.Effect, statement.Resource]
      if try(statement.NotAction, null) != null
    ] == [["Deny", concat(local.arns.own_roles, local.arns.own_policies, local.arns.provider)]]
    error_message = "What the gates are made of must be out of reach."
  }

  assert {
    condition = [
      for statement in local.apply_policies.identity : statement.Condition.StringEquals["iam:PassedToService"]
      if try(contains(statement.Action, "iam:PassRole"), false)
    ] == [["glue.amazonaws.com", "lambda.amazonaws.com", "scheduler.amazonaws.com", "states.amazonaws.com"]]
    error_message = "Roles may be handed to the four services that run the pipeline."
  }
}

run "who_promotes_reads_the_evidence_where_it_was_made" {
  variables {
    environment = "../terraform/bootstrap/tests/environment"
  }

  assert {
    condition     = flatten(local.evidence_policies.evidence[*].Resource) == ["arn:aws:s3:::lakeward-source-234567890123-artifacts/evidence/*", "arn:aws:s3:::lakeward-source-234567890123-artifacts"]
    error_message = "Applying must be able to read the evidence of the environment that releases come from, and nothing else there."
  }

  assert {
    condition     = contains(keys(local.github_roles.apply.policies), "evidence") && !contains(keys(local.github_roles.plan.policies), "evidence")
    error_message = "It is applying that needs evidence."
  }

  assert {
    condition     = !contains(keys(local.github_roles.apply.policies), "seed")
    error_message = "Where releases are promoted to, nobody may put samples into raw."
  }
}

run "evidence_is_open_to_the_role_that_promotes_and_to_nobody_else" {
  variables {
    environment = "../terraform/bootstrap/tests/source"
  }

  assert {
    condition     = [for share in local.evidence_for : [share.role_arn, share.prefix]] == [["arn:aws:iam::123456789012:role/lakeward-test-apply", "evidence/"]]
    error_message = "The role that brings releases further on must be able to read the evidence."
  }

  assert {
    condition     = length(local.evidence_policies) == 0
    error_message = "Where releases are promoted from nowhere, no evidence is read."
  }

  assert {
    condition     = flatten(local.github_roles.apply.policies.seed[*].Resource) == ["arn:aws:s3:::lakeward-source-234567890123-raw/*"]
    error_message = "Where releases are proved, samples may be put into raw."
  }
}

run "evidence_is_open_to_nobody_while_the_next_account_may_not_be_there" {
  variables {
    environment = "staging"
  }

  assert {
    condition     = length(local.evidence_for) == 0
    error_message = "S3 refuses a policy that names an account that does not exist."
  }
}

run "what_a_log_archive_takes_is_allowed_where_it_is_asked_for" {
  variables {
    environment = "../terraform/bootstrap/tests/source"
  }

  assert {
    condition = setsubtract(keys(local.github_roles.apply.policies), keys(local.github_roles.plan.policies)) == toset(["archive", "compute", "data", "identity", "seed"]) && (
      contains(keys(local.github_roles.plan.policies), "read-archive")
    )
    error_message = "Planning reads the stream and the filters, applying makes them."
  }

  assert {
    condition = [
      for statement in local.archive_apply_policies.archive : [statement.Resource, statement.Condition.StringEquals["iam:PassedToService"]] if contains(statement.Action, "iam:PassRole")
      ] == [[
        [for role in ["delivery", "subscription"] : "arn:aws:iam::234567890123:role/lakeward-source-logs-${role}"],
        ["firehose.amazonaws.com", "logs.amazonaws.com"],
    ]]
    error_message = "Two roles may be handed to two services more."
  }

  assert {
    condition = alltrue([for statement in flatten(values(local.archive_read_policies)) : alltrue([
      for action in statement.Action : can(regex("^[a-z]+:(List|Describe)", action))
    ])])
    error_message = "Planning changes nothing."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.boundary.policy).Statement : statement.Resource if contains(["KeepLogs", "HandLogsOver"], statement.Sid)
      ] == [
      ["arn:aws:s3:::lakeward-source-234567890123-logs", "arn:aws:s3:::lakeward-source-234567890123-logs/*"],
      ["arn:aws:firehose:us-east-1:234567890123:deliverystream/lakeward-source-logs"],
    ]
    error_message = "The roles of logs may use the bucket and the stream of logs."
  }

  assert {
    condition     = length(aws_iam_policy.boundary.policy) <= 6144
    error_message = "A managed policy may have 6,144 characters."
  }
}

run "without_a_log_archive_nothing_of_it_is_allowed" {
  assert {
    condition = [local.archive_read_policies, local.archive_apply_policies, local.archive_boundary] == [{}, {}, []] && (
      !strcontains(aws_iam_policy.boundary.policy, "firehose")
    )
    error_message = "What is not asked for may not be made."
  }
}

run "an_environment_without_a_folder_is_refused" {
  command = plan

  variables {
    environment = "nowhere"
  }

  expect_failures = [var.environment]
}
