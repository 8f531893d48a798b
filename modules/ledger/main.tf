resource "aws_dynamodb_table" "this" {
  #checkov:skip=CKV_AWS_119:The ledger holds names, counts and errors; a customer key is a knob.
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "dataset"
  range_key                   = "slot"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "dataset"
    type = "S"
  }

  attribute {
    name = "slot"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true # with the AWS-managed key unless another is given, so that each use of it is in CloudTrail
    kms_key_arn = var.kms_key_arn
  }
}
