mock_provider "aws" {}

variables {
  name = "lakeward-test-123456789012-raw"
}

run "a_bucket_is_private_versioned_encrypted_and_tls_only" {
  variables {
    noncurrent_days = 30
    expiry_days     = 90
    object_lock     = { mode = "COMPLIANCE", days = 365 }
    archive         = { after_days = 60 }
  }

  assert {
    condition     = aws_s3_bucket.this.force_destroy == false
    error_message = "A bucket with data in it must not be destroyed unless that was asked for."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "Versioning must be on."
  }

  assert {
    condition = one([
      for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule :
      one(rule.apply_server_side_encryption_by_default).sse_algorithm
    ]) == "AES256"
    error_message = "Objects must be encrypted with SSE-S3."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "All four public access blocks must be on."
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "ACLs must be off."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_s3_bucket_policy.tls_only.policy).Statement :
      [statement.Effect, statement.Action, statement.Condition.Bool["aws:SecureTransport"]]
    ] == [["Deny", "s3:*", "false"]]
    error_message = "The bucket policy must deny every action over plain HTTP, and say nothing else."
  }

  assert {
    condition = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.id] == [
      "abort-unfinished-uploads", "archive-objects", "expire-objects", "expire-replaced-versions",
    ]
    error_message = "Each knob must have become its lifecycle rule."
  }

  assert {
    condition     = aws_s3_bucket_object_lock_configuration.this["default"].rule[0].default_retention[0].days == 365
    error_message = "The lock must hold for the days asked for."
  }

  assert {
    condition = flatten([
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule :
      [for move in rule.transition : "${move.storage_class} after ${move.days}"]
    ]) == ["GLACIER_IR after 60"]
    error_message = "Objects must move to the class of Glacier that is read without a restore."
  }
}

run "a_customer_key_encrypts_by_one_data_key_for_many_objects" {
  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/0123"
  }

  assert {
    condition = one([
      for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule :
      [rule.bucket_key_enabled, one(rule.apply_server_side_encryption_by_default).sse_algorithm, one(rule.apply_server_side_encryption_by_default).kms_master_key_id]
    ]) == [true, "aws:kms", "arn:aws:kms:us-east-1:123456789012:key/0123"]
    error_message = "Objects must be encrypted with the customer key, and KMS be asked seldom."
  }
}

run "a_service_may_do_what_it_was_granted_for_the_one_resource" {
  variables {
    service_grants = [{
      sid        = "LetTheTrailWrite"
      service    = "cloudtrail.amazonaws.com"
      action     = "s3:PutObject"
      path       = "/AWSLogs/123456789012/*"
      source_arn = "arn:aws:cloudtrail:us-east-1:123456789012:trail/lakeward-test"
      conditions = { "s3:x-amz-acl" = "bucket-owner-full-control" }
    }]
  }

  assert {
    condition = [
      for statement in jsondecode(aws_s3_bucket_policy.tls_only.policy).Statement :
      [statement.Principal, statement.Action, statement.Condition] if statement.Effect == "Allow"
      ] == [[
        { Service = "cloudtrail.amazonaws.com" },
        "s3:PutObject",
        {
          StringEquals = {
            "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:123456789012:trail/lakeward-test"
            "s3:x-amz-acl"  = "bucket-owner-full-control"
          }
        },
    ]]
    error_message = "The grant must be the service's, the action's and the resource's alone."
  }

  assert {
    condition     = endswith(jsondecode(aws_s3_bucket_policy.tls_only.policy).Statement[1].Resource[0], "/AWSLogs/123456789012/*")
    error_message = "The grant must end at its path."
  }
}

run "a_grant_for_whoever_comes_is_refused" {
  command = plan

  variables {
    service_grants = [{ sid = "TooMuch", service = "*", action = "s3:PutObject", source_arn = "arn:aws:cloudtrail:us-east-1:123456789012:trail/*" }]
  }

  expect_failures = [var.service_grants]
}

run "a_role_of_another_account_may_read_below_its_prefix" {
  variables {
    shared_prefixes = [{ sid = "EvidenceForProd", role_arn = "arn:aws:iam::345678901234:role/lakeward-prod-apply", prefix = "evidence/" }]
  }

  assert {
    condition = [
      for statement in jsondecode(aws_s3_bucket_policy.tls_only.policy).Statement :
      [statement.Principal.AWS, statement.Action, statement.Condition] if statement.Effect == "Allow"
      ] == [
      ["arn:aws:iam::345678901234:root", "s3:GetObject", { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::345678901234:role/lakeward-prod-apply" } }],
      ["arn:aws:iam::345678901234:root", "s3:ListBucket", {
        ArnEquals  = { "aws:PrincipalArn" = "arn:aws:iam::345678901234:role/lakeward-prod-apply" }
        StringLike = { "s3:prefix" = "evidence/*" }
      }],
    ]
    error_message = "The one role must be able to list and read, and nothing else."
  }

  assert {
    condition     = endswith(jsondecode(aws_s3_bucket_policy.tls_only.policy).Statement[1].Resource[0], "/evidence/*")
    error_message = "It must read below the prefix only."
  }
}

run "a_whole_account_is_refused_as_a_reader" {
  command = plan

  variables {
    shared_prefixes = [{ sid = "TooMuch", role_arn = "arn:aws:iam::345678901234:root", prefix = "evidence/" }]
  }

  expect_failures = [var.shared_prefixes]
}

run "a_class_that_is_no_archive_is_refused" {
  command = plan

  variables {
    archive = { after_days = 30, storage_class = "REDUCED_REDUNDANCY" }
  }

  expect_failures = [var.archive]
}

run "without_knobs_nothing_expires_and_nothing_is_locked" {
  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.id] == ["abort-unfinished-uploads"]
    error_message = "No object and no version may expire by default."
  }

  assert {
    condition     = length(aws_s3_bucket_object_lock_configuration.this) == 0
    error_message = "There must be no lock by default."
  }
}

run "a_name_that_s3_would_refuse_late_is_refused_now" {
  command = plan

  variables {
    name = "Lakeward_raw"
  }

  expect_failures = [var.name]
}

run "an_unknown_lock_mode_is_refused" {
  command = plan

  variables {
    object_lock = { mode = "SOMETIMES", days = 1 }
  }

  expect_failures = [var.object_lock]
}
