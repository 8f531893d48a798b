mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }

  mock_resource "aws_athena_workgroup" {
    defaults = { arn = "arn:aws:athena:us-east-1:123456789012:workgroup/mocked" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:mocked" }
  }

  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b"] }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/mocked" }
  }

  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:us-east-1:123456789012:table/mocked" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }

  mock_resource "aws_kinesis_firehose_delivery_stream" {
    defaults = { arn = "arn:aws:firehose:us-east-1:123456789012:deliverystream/mocked" }
  }

  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:us-east-1:123456789012:function:mocked" }
  }

  mock_resource "aws_lambda_layer_version" {
    defaults = { arn = "arn:aws:lambda:us-east-1:123456789012:layer:mocked:1" }
  }

  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::mocked" }
  }

  mock_resource "aws_scheduler_schedule_group" {
    defaults = { arn = "arn:aws:scheduler:us-east-1:123456789012:schedule-group/mocked" }
  }

  mock_resource "aws_sfn_state_machine" {
    defaults = { arn = "arn:aws:states:us-east-1:123456789012:stateMachine:mocked" }
  }

  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:123456789012:mocked" }
  }

  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:us-east-1:123456789012:mocked" }
  }
}

variables {
  environment        = "test"
  account_id         = "123456789012"
  region             = "us-east-1"
  schedules_enabled  = true
  upstream_overrides = {}
  retention_days     = { logs = 7, raw_to_glacier = null, raw_versions = 30, lake_versions = 7, query_results = 7, audit_events = 30, archived_logs = 30 }
  query_bytes_cutoff = 1073741824
  monitoring         = { alert_email = null, budget_usd = null, dashboard = false, audit_trail = false, log_archive = false }
  protection         = { deletion = true, raw_lock = null, customer_key = false, private_network = false }
  release = {
    functions = {
      bucket = "lakeward-test-123456789012-artifacts"
      key    = "functions/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.zip"
    }
  }
}

run "every_scheduled_dataset_has_its_alarm_and_the_functions_have_one_together" {
  assert {
    condition     = contains(output.datasets, "earthquakes")
    error_message = "A folder with a contract must be found."
  }

  assert {
    condition = local.scheduled == {
      for name, contract in local.datasets : name => contract if !strcontains(yamlencode(contract.schedule), "false")
    }
    error_message = "A dataset whose schedule says `enabled: false` must have no schedule and no alarm of silence."
  }

  assert {
    condition = sort(output.alarm_names) == sort(concat(
      [for dataset in keys(local.scheduled) : "lakeward-test-${dataset}-stale"],
      [for name in ["pipeline-failed", "pipeline-timed-out", "dead-letters", "alerts-undelivered", "function-errors", "maintain-errors"] : "lakeward-test-${name}"],
    ))
    error_message = "There must be one alarm for each scheduled dataset, and six for the environment: each costs 0.10 USD a month."
  }

  assert {
    condition     = local.function_alarms.function-errors.metric.dimensions == {}
    error_message = "One alarm must stand for all functions."
  }

  assert {
    condition = output.function_names == {
      for step in ["dispatch", "ingest", "transform", "audit", "publish", "marts", "record", "migrate", "maintain", "switch"] : step => "lakeward-test-${step}"
    }
    error_message = "The ten functions must be named after what they do."
  }
}

run "a_release_without_a_job_makes_none_and_ingest_sends_nothing_there" {
  assert {
    condition     = length(module.job) == 0 && local.functions.ingest.environment.GLUE_JOB == ""
    error_message = "An environment without Glue sends every slot to Lambda."
  }
}

run "a_job_has_the_functions_rights_and_the_machine_may_run_it" {
  variables {
    release = {
      functions = {
        bucket = "lakeward-test-123456789012-artifacts"
        key    = "functions/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.zip"
      }
      job = {
        script = {
          bucket = "lakeward-test-123456789012-artifacts"
          key    = "scripts/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.py"
        }
      }
    }
  }

  assert {
    condition     = local.functions.ingest.environment.GLUE_JOB == "lakeward-test-transform" && module.job[0].name == "lakeward-test-transform"
    error_message = "Ingest must know that there is a job."
  }

  assert {
    condition     = [for permission in local.pipeline_permissions : permission.resources if permission.sid == "RunTheJob"] == [[module.job[0].arn]]
    error_message = "The machine may run this one job."
  }

  assert {
    condition     = setsubtract(local.job_permissions[*].sid, local.function_permissions.transform[*].sid) == toset(["ReadTheCode"])
    error_message = "The job may do what the function may, and fetch the code."
  }
}

run "names_carry_the_environment_and_buckets_the_account" {
  assert {
    condition     = length(aws_lambda_layer_version.dependencies) == 0
    error_message = "A release without a layer must need none."
  }

  assert {
    condition = output.buckets == {
      for role in ["raw", "curated", "results"] : role => "lakeward-test-123456789012-${role}"
    }
    error_message = "Bucket names must be unique in all of AWS."
  }

  assert {
    condition     = output.databases == { for role in ["curated", "quarantine", "marts", "serving", "ops"] : role => "lakeward_test_${role}" }
    error_message = "Databases must be named after the environment."
  }
}

run "only_maintenance_may_delete_and_only_files_of_the_lake" {
  assert {
    condition = { for name, permissions in local.function_permissions : name => [
      for permission in permissions : [permission.actions, permission.resources] if strcontains(lower(join(" ", permission.actions)), "delete")
      ] if strcontains(lower(jsonencode(permissions[*].actions)), "delete") } == {
      maintain = [
        [["glue:DeleteTable"], local.glue_arns.curated],
        [["s3:DeleteObject"], [for folder in split(" ", "curated quarantine marts staging") : "arn:aws:s3:::mocked/${folder}/*"]],
      ]
    }
    error_message = "A function that cannot delete cannot lose data."
  }

  assert {
    condition     = !strcontains(jsonencode(local.function_permissions.maintain), jsonencode(local.objects.raw)) || local.objects.raw == "arn:aws:s3:::mocked/*"
    error_message = "Maintenance must not reach raw."
  }

  assert {
    condition = [
      for permission in local.function_permissions.publish : permission.resources if contains(permission.actions, "s3:PutObject")
    ] == [["arn:aws:s3:::mocked/curated/*", "arn:aws:s3:::mocked/quarantine/*"]]
    error_message = "Publishing writes below the two tables' folders and nowhere else."
  }
}

run "an_analyst_reads_tables_and_never_what_is_staged" {
  assert {
    condition = one([
      for statement in jsondecode(aws_iam_policy.analyst.policy).Statement : statement.Resource if statement.Sid == "ReadTheTables"
    ]) == [for folder in ["curated", "quarantine", "marts", "ops"] : "arn:aws:s3:::mocked/${folder}/*"]
    error_message = "Half a load must stay out of sight."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.analyst.policy).Statement : statement.Sid if contains(statement.Resource, "*")
    ] == ["FindTheWorkgroup"]
    error_message = "Only actions without resource-level permissions may have a star."
  }
}

run "a_layer_is_made_where_the_release_has_one_and_outlives_the_next" {
  variables {
    release = {
      functions = {
        bucket = "lakeward-test-123456789012-artifacts"
        key    = "functions/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.zip"
      }
      layer = {
        bucket = "lakeward-test-123456789012-artifacts"
        key    = "layers/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.zip"
      }
    }
  }

  assert {
    condition     = [for layer in aws_lambda_layer_version.dependencies : [layer.s3_key, layer.skip_destroy]] == [[var.release.layer.key, true]]
    error_message = "The layer must be the release's, and stay when another takes its place."
  }
}

run "what_costs_by_the_month_is_off_unless_it_is_asked_for" {
  assert {
    condition     = [for made in [module.key, module.network, module.dashboard, module.trail, module.budget, module.log_archive] : length(made)] == [0, 0, 0, 0, 0, 0]
    error_message = "Key, network, dashboard, trail, budget and log archive must be asked for by name."
  }

  assert {
    condition     = output.auditor_policy_arn == null
    error_message = "Without a trail there is nothing to audit."
  }
}

run "with_everything_on_each_role_may_use_the_key_and_only_ingest_reaches_the_internet" {
  variables {
    monitoring = { alert_email = "data-platform@example.com", budget_usd = 25, dashboard = true, audit_trail = true, log_archive = true }
    protection = { deletion = true, raw_lock = { mode = "COMPLIANCE", days = 30 }, customer_key = true, private_network = true }
  }

  assert {
    condition = alltrue([
      for permissions in concat(values(local.function_permissions), [local.dispatch_permissions, local.pipeline_permissions]) :
      !contains(permissions[*].sid, "UseTheKey")
    ]) && local.use_key[*].resources == [["arn:aws:kms:us-east-1:123456789012:key/mocked"]]
    error_message = "The right to the key must be added to every role, at the one place where roles are made."
  }

  assert {
    condition     = [for step, function in local.functions : step if try(function.internet, false)] == ["ingest"]
    error_message = "Only the function that asks upstreams may be outside the network."
  }

  assert {
    condition     = contains(local.interface_services, "secretsmanager") == (length(local.personal_keys) > 0)
    error_message = "Where personal columns are hashed, and only there, the network must lead to the keys."
  }

  assert {
    condition = one([
      for statement in jsondecode(aws_iam_policy.auditor[0].policy).Statement : statement.Resource if statement.Sid == "ReadTheEvents"
    ]) == [for folder in ["AWSLogs", "logs", "ops"] : "arn:aws:s3:::mocked/${folder}/*"]
    error_message = "An auditor reads the events and what the pipeline did, and no row of a dataset."
  }
}

run "every_query_of_a_dataset_is_saved_for_its_analysts" {
  assert {
    condition = sort(keys(local.queries)) == sort([
      for file in fileset("${path.module}/../../datasets", "*/queries/*.sql") : "${dirname(dirname(file))}: ${trimsuffix(basename(file), ".sql")}"
    ])
    error_message = "Each file in a dataset's queries/ must be there under the dataset's name."
  }
}

run "the_pipelines_own_runs_are_tables_that_only_the_record_step_writes" {
  assert {
    condition = { for name, table in aws_glue_catalog_table.ops : name => table.parameters["storage.location.template"] } == {
      for name in ["quality", "runs"] : name => "s3://lakeward-test-123456789012-curated/ops/${name}/dataset=$${dataset}/day=$${day}/"
    }
    error_message = "The tables must look where the record step writes."
  }

  assert {
    condition     = aws_glue_catalog_table.ops["runs"].parameters["projection.dataset.values"] == join(",", output.datasets)
    error_message = "Every dataset's runs must be found."
  }

  assert {
    condition = [
      for name, permissions in merge(local.function_permissions, { dispatch = local.dispatch_permissions, pipeline = local.pipeline_permissions }) :
      [name, permissions[*].actions, permissions[*].resources] if contains(flatten(permissions[*].resources), local.objects.ops)
    ] == [["record", [["dynamodb:PutItem"], ["s3:PutObject"]], [[module.ledger.arn], [local.objects.ops]]]]
    error_message = "Only the record step writes there, and it cannot read."
  }

  assert {
    condition     = keys(local.ops_queries) == ["cost_by_day", "ran_yesterday"]
    error_message = "The pipeline's own queries must be saved."
  }
}

run "an_account_id_that_is_none_is_refused" {
  command = plan

  variables {
    account_id = "prod"
  }

  expect_failures = [var.account_id]
}

run "an_override_with_a_path_is_refused" {
  command = plan

  variables {
    upstream_overrides = { "https://earthquake.usgs.gov/fdsnws" = "http://127.0.0.1:4570" }
  }

  expect_failures = [var.upstream_overrides]
}

run "a_release_without_digests_is_refused" {
  command = plan

  variables {
    release = { functions = { bucket = "artifacts", key = "functions/latest.zip" } }
  }

  expect_failures = [var.release]
}
