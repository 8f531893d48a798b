# Who read and wrote which object, and who changed the account, kept in a bucket and readable as a table.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  region  = data.aws_region.current.name

  # Spelled out: the bucket's policy names the trail, and the trail needs the policy first.
  trail_arn = "arn:${data.aws_partition.current.partition}:cloudtrail:${local.region}:${local.account}:trail/${var.name}"
  prefix    = "AWSLogs/${local.account}"

  grants = [
    {
      sid        = "LetTheTrailLook"
      service    = "cloudtrail.amazonaws.com"
      action     = "s3:GetBucketAcl"
      source_arn = local.trail_arn
    },
    {
      sid        = "LetTheTrailWrite"
      service    = "cloudtrail.amazonaws.com"
      action     = "s3:PutObject"
      path       = "/${local.prefix}/*" # the events and digests of this account
      source_arn = local.trail_arn
      conditions = { "s3:x-amz-acl" = "bucket-owner-full-control" }
    },
  ]
}

module "archive" {
  source = "../bucket"

  name            = var.bucket_name
  expiry_days     = var.retention_days
  noncurrent_days = 30
  kms_key_arn     = var.kms_key_arn
  force_destroy   = var.force_destroy

  service_grants = local.grants
}

resource "aws_cloudtrail" "this" {
  #checkov:skip=CKV_AWS_35:Events are encrypted in their bucket; a customer key is a knob.
  #checkov:skip=CKV_AWS_252:Events are read as a table; a message for each delivered file would tell nobody anything.
  #checkov:skip=CKV2_AWS_10:A copy in CloudWatch Logs bills by the gigabyte; Athena reads the bucket.
  name                          = var.name
  s3_bucket_name                = module.archive.name
  kms_key_id                    = var.kms_key_arn
  is_multi_region_trail         = true # what somebody does elsewhere in the account is news too
  include_global_service_events = true
  enable_log_file_validation    = true

  advanced_event_selector {
    name = "Objects that were read, written or deleted"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }

    field_selector {
      field       = "resources.ARN"
      starts_with = [for arn in sort(var.data_bucket_arns) : "${arn}/"]
    }
  }

  advanced_event_selector {
    name = "Changes to the account"

    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }

    field_selector {
      field  = "readOnly"
      equals = ["false"]
    }
  }
}

resource "aws_glue_catalog_database" "this" {
  name        = var.database
  description = "Who did what: the events of CloudTrail."
}

# Unlike the tables of datasets this one is Terraform's: its columns are AWS's to change, and no contract knows them.
resource "aws_glue_catalog_table" "this" {
  database_name = aws_glue_catalog_database.this.name
  name          = "cloudtrail"
  description   = "Events of the trail ${var.name}. Name region and day in WHERE to read less."
  table_type    = "EXTERNAL_TABLE"

  # Athena derives the partitions from these, so nothing has to register them.
  parameters = {
    "EXTERNAL"                     = "TRUE"
    "projection.enabled"           = "true"
    "projection.region.type"       = "enum"
    "projection.region.values"     = join(",", distinct([local.region, "us-east-1"])) # global services write to us-east-1
    "projection.day.type"          = "date"
    "projection.day.format"        = "yyyy/MM/dd"
    "projection.day.interval"      = "1"
    "projection.day.interval.unit" = "DAYS"
    "projection.day.range"         = "2026/01/01,NOW"
    "storage.location.template"    = "s3://${module.archive.name}/${local.prefix}/CloudTrail/$${region}/$${day}"
  }

  partition_keys {
    name = "region"
    type = "string"
  }

  partition_keys {
    name    = "day"
    type    = "string"
    comment = "UTC day of delivery, yyyy/MM/dd."
  }

  storage_descriptor {
    location      = "s3://${module.archive.name}/${local.prefix}/CloudTrail/"
    input_format  = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hive.hcatalog.data.JsonSerDe"
    }

    dynamic "columns" {
      for_each = local.columns

      content {
        name = columns.value.name
        type = columns.value.type
      }
    }
  }
}

locals {
  identity = "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,accesskeyid:string,username:string,sessioncontext:struct<attributes:struct<mfaauthenticated:string,creationdate:string>,sessionissuer:struct<type:string,principalid:string,arn:string,accountid:string,username:string>>>"

  columns = [
    { name = "eventversion", type = "string" },
    { name = "useridentity", type = local.identity },
    { name = "eventtime", type = "string" },
    { name = "eventsource", type = "string" },
    { name = "eventname", type = "string" },
    { name = "awsregion", type = "string" },
    { name = "sourceipaddress", type = "string" },
    { name = "useragent", type = "string" },
    { name = "errorcode", type = "string" },
    { name = "errormessage", type = "string" },
    { name = "requestparameters", type = "string" },
    { name = "responseelements", type = "string" },
    { name = "additionaleventdata", type = "string" },
    { name = "requestid", type = "string" },
    { name = "eventid", type = "string" },
    { name = "readonly", type = "string" },
    { name = "resources", type = "array<struct<arn:string,accountid:string,type:string>>" },
    { name = "eventtype", type = "string" },
    { name = "recipientaccountid", type = "string" },
    { name = "sharedeventid", type = "string" },
    { name = "vpcendpointid", type = "string" },
    { name = "eventcategory", type = "string" },
    { name = "tlsdetails", type = "struct<tlsversion:string,ciphersuite:string,clientprovidedhostheader:string>" },
  ]
}
