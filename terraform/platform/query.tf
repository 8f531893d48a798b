# A dataset's queries are those that its end-to-end test runs; here analysts find them.

locals {
  queries = {
    for file in fileset("${path.module}/../../datasets", "*/queries/*.sql") :
    "${split("/", file)[0]}: ${trimsuffix(basename(file), ".sql")}" => file("${path.module}/../../datasets/${file}")
    if contains(keys(local.datasets), split("/", file)[0])
  }

  # What is asked of the pipeline itself.
  ops_queries = { for file in fileset("${path.module}/saved_queries", "*.sql") : trimsuffix(file, ".sql") => file("${path.module}/saved_queries/${file}") }
}

module "workgroup" {
  source = "../../modules/athena_workgroup"

  name               = local.prefix
  results_uri        = "s3://${module.results.name}/athena/"
  query_bytes_cutoff = var.query_bytes_cutoff
  kms_key_arn        = local.key_arn
  force_destroy      = !var.protection.deletion

  saved_queries = merge(
    { for name, sql in local.queries : name => {
      database = local.databases.serving
      sql      = sql
      # What its author says of it, when the first line is a comment.
      description = try(regex("^-- (.+)", sql)[0], "A query of ${split(": ", name)[0]} that every release must answer as expected.")
    } },
    { for name, sql in local.ops_queries : "ops: ${name}" => {
      database    = local.databases.ops
      sql         = sql
      description = regex("^-- (.+)", sql)[0]
    } },
  )
}
