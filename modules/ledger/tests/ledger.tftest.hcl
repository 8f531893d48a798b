mock_provider "aws" {}

variables {
  name = "lakeward-test-ledger"
}

run "a_run_is_found_by_dataset_and_slot_and_cannot_be_lost_by_mistake" {
  assert {
    condition     = [aws_dynamodb_table.this.hash_key, aws_dynamodb_table.this.range_key] == ["dataset", "slot"]
    error_message = "The key must be the dataset and the slot."
  }

  assert {
    condition = alltrue([
      aws_dynamodb_table.this.deletion_protection_enabled,
      aws_dynamodb_table.this.point_in_time_recovery[0].enabled,
      aws_dynamodb_table.this.server_side_encryption[0].enabled,
    ])
    error_message = "The table must be protected, restorable and encrypted."
  }
}

run "a_customer_key_encrypts_the_items" {
  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/0123"
  }

  assert {
    condition     = aws_dynamodb_table.this.server_side_encryption[0].kms_key_arn == var.kms_key_arn
    error_message = "The table must be under the customer key."
  }
}

run "a_name_that_dynamodb_would_refuse_is_refused" {
  command = plan

  variables {
    name = "lakeward test ledger"
  }

  expect_failures = [var.name]
}
