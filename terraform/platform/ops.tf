# The pipeline looks at itself: what the record step wrote of each attempt of a run, as tables. Unlike the tables of
# datasets these are Terraform's: no contract knows them, and their columns change with the code that fills them
# (src/lakeward/ops/rows.py). A column is only ever added, at the end: old files have NULL there.

locals {
  ops_tables = {
    runs = {
      description = "One row for each attempt of a run: how it ended, how long it took, what it read and wrote, and its estimated cost. Name day in WHERE to read less."
      columns = [
        { name = "slot", type = "string", comment = "Start of the interval that was asked for, UTC, such as 2018-01-31T00:00Z." },
        { name = "execution", type = "string", comment = "Name of the state machine's execution." },
        { name = "status", type = "string", comment = "SUCCEEDED or FAILED." },
        { name = "failed_step", type = "string", comment = "The step that failed; NULL of a success." },
        { name = "error", type = "string", comment = "Name of its error; the ledger has the cause." },
        { name = "started_at", type = "timestamp", comment = "When the execution began, UTC." },
        { name = "recorded_at", type = "timestamp", comment = "When it was over and recorded, UTC." },
        { name = "seconds", type = "double", comment = "From the one to the other." },
        { name = "run_id", type = "string", comment = "Dataset, slot and fingerprint, as the tables' snapshots carry it." },
        { name = "release", type = "string", comment = "sha256 of the functions that transformed." },
        { name = "contract_sha256", type = "string", comment = "sha256 of the contract." },
        { name = "certificate_sha256", type = "string", comment = "sha256 of the slot's certificate." },
        { name = "snapshot_id", type = "string", comment = "The curated table's state with the slot in it." },
        { name = "engine", type = "string", comment = "duckdb or spark." },
        { name = "engine_reason", type = "string", comment = "Why it was that one." },
        { name = "transform_seconds", type = "double", comment = "What the transform took." },
        { name = "pages", type = "bigint", comment = "Pages in raw." },
        { name = "raw_bytes", type = "bigint", comment = "Their bytes as they came." },
        { name = "records_in", type = "bigint", comment = "Records in them." },
        { name = "rows_in", type = "bigint", comment = "Rows that the records are; as many, unless an array is exploded. written + quarantined + deduplicated." },
        { name = "written", type = "bigint", comment = "Rows written." },
        { name = "quarantined", type = "bigint", comment = "Rows that broke a rule." },
        { name = "deduplicated", type = "bigint", comment = "Rows of which there was a newer version." },
        { name = "estimated_microdollars", type = "bigint", comment = "Estimated cost in millionths of a US dollar." },
      ]
    }
    quality = {
      description = "One row for each rule that records of a published run broke, and for each warning of its audit. Name day in WHERE to read less."
      columns = [
        { name = "slot", type = "string", comment = "Start of the interval that was asked for, UTC." },
        { name = "execution", type = "string", comment = "Name of the state machine's execution, as in runs." },
        { name = "started_at", type = "timestamp", comment = "When the execution began, UTC." },
        { name = "column_name", type = "string", comment = "The rule's column; NULL where it is about the load." },
        { name = "rule", type = "string", comment = "The rule." },
        { name = "policy", type = "string", comment = "What the contract says comes of it." },
        { name = "records", type = "bigint", comment = "Records that broke it; NULL where it is about the load." },
        { name = "records_in", type = "bigint", comment = "Records of the run." },
      ]
    }
  }
}

resource "aws_glue_catalog_table" "ops" {
  for_each = local.ops_tables

  database_name = local.databases.ops
  name          = each.key
  description   = each.value.description
  table_type    = "EXTERNAL_TABLE"

  # Athena derives the partitions from these, so nothing has to register them. A dataset whose folder is gone is no
  # partition any more; its objects stay.
  parameters = {
    "EXTERNAL"                     = "TRUE"
    "classification"               = "json"
    "projection.enabled"           = "true"
    "projection.dataset.type"      = "enum"
    "projection.dataset.values"    = join(",", keys(local.datasets))
    "projection.day.type"          = "date"
    "projection.day.format"        = "yyyy-MM-dd"
    "projection.day.interval"      = "1"
    "projection.day.interval.unit" = "DAYS"
    "projection.day.range"         = "2026-01-01,NOW"
    "storage.location.template"    = "s3://${module.curated.name}/ops/${each.key}/dataset=$${dataset}/day=$${day}/"
  }

  partition_keys {
    name = "dataset"
    type = "string"
  }

  partition_keys {
    name    = "day"
    type    = "string"
    comment = "UTC day on which the execution began, yyyy-MM-dd. Slots of the past are loaded today."
  }

  storage_descriptor {
    location      = "s3://${module.curated.name}/ops/${each.key}/"
    input_format  = "org.apache.hadoop.mapred.TextInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

    ser_de_info {
      serialization_library = "org.openx.data.jsonserde.JsonSerDe"
    }

    dynamic "columns" {
      for_each = each.value.columns

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }

  depends_on = [module.catalog] # which makes the database
}
