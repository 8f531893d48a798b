resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Access logs are delivered late and may miss requests; who needs them has CloudTrail's data events, by modules/cloudtrail.
  #checkov:skip=CKV_AWS_144:Raw can be fetched or replayed and the rest is derived from it; a replica doubles the storage cost.
  #checkov:skip=CKV_AWS_145:SSE-S3 encrypts at rest at no fixed cost; a customer key is a knob, at 1 USD a month and a charge on every request.
  #checkov:skip=CKV2_AWS_62:Nothing listens to object events yet; runs are started by schedule.
  bucket              = var.name
  force_destroy       = var.force_destroy
  object_lock_enabled = var.object_lock != null
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    # With a customer key, one data key serves many objects, which saves nearly all of KMS's charge by the request.
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "tls_only" {
  bucket = aws_s3_bucket.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"    # a denial: it holds for everybody
        Action    = "s3:*" # a denial: it holds for every action
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
        Resource = [
          aws_s3_bucket.this.arn,
          "${aws_s3_bucket.this.arn}/*", # and every object in it
        ]
      }],
      [for grant in var.service_grants : {
        Sid       = grant.sid
        Effect    = "Allow"
        Principal = { Service = grant.service }
        Action    = grant.action
        Resource  = ["${aws_s3_bucket.this.arn}${grant.path}"]
        Condition = { StringEquals = merge({ "aws:SourceArn" = grant.source_arn }, grant.conditions) }
      }],
      # By a condition on the whole account: S3 refuses a role that does not exist yet as a principal.
      [for share in var.shared_prefixes : {
        Sid       = "Read${share.sid}"
        Effect    = "Allow"
        Principal = { AWS = replace(share.role_arn, "/role.*$/", "root") }
        Action    = "s3:GetObject"
        Resource  = ["${aws_s3_bucket.this.arn}/${share.prefix}*"] # all below the prefix
        Condition = { ArnEquals = { "aws:PrincipalArn" = share.role_arn } }
      }],
      [for share in var.shared_prefixes : {
        Sid       = "Find${share.sid}"
        Effect    = "Allow"
        Principal = { AWS = replace(share.role_arn, "/role.*$/", "root") }
        Action    = "s3:ListBucket"
        Resource  = [aws_s3_bucket.this.arn]
        Condition = {
          ArnEquals  = { "aws:PrincipalArn" = share.role_arn }
          StringLike = { "s3:prefix" = "${share.prefix}*" } # all below the prefix
        }
      }],
    )
  })

  # S3 answers 409 when both are put at the same moment.
  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "abort-unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7 # longer than any run, and than a weekend in which one is looked at
    }
  }

  dynamic "rule" {
    for_each = var.archive[*]

    content {
      id     = "archive-objects"
      status = "Enabled"

      filter {}

      transition {
        days          = rule.value.after_days
        storage_class = rule.value.storage_class
      }
    }
  }

  dynamic "rule" {
    for_each = var.expiry_days[*]

    content {
      id     = "expire-objects"
      status = "Enabled"

      filter {}

      expiration {
        days = rule.value
      }
    }
  }

  dynamic "rule" {
    for_each = var.noncurrent_days[*]

    content {
      id     = "expire-replaced-versions"
      status = "Enabled"

      filter {}

      noncurrent_version_expiration {
        noncurrent_days = rule.value
      }
    }
  }

  # Rules about versions are refused before versioning is on.
  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  for_each = var.object_lock == null ? {} : { default = var.object_lock }

  bucket = aws_s3_bucket.this.id

  rule {
    default_retention {
      mode = each.value.mode
      days = each.value.days
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
