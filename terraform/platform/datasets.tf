# Every folder in datasets/ that holds a contract is a dataset. Terraform reads of it when to run and how late is late;
# the rest is for the functions, which carry the same files.

locals {
  prefix = "lakeward-${var.environment}"

  datasets = {
    for file in fileset("${path.module}/../../datasets", "*/contract.yaml") :
    dirname(file) => yamldecode(file("${path.module}/../../datasets/${file}"))
  }

  # Those that run by themselves. The others are started by hand: no schedule, and nobody waits for them.
  scheduled = { for name, contract in local.datasets : name => contract if try(contract.schedule.enabled, true) }

  # Secrets that contracts name, as they are called here. A contract may leave out the six characters that AWS adds.
  secret_arns = { for name, dataset in local.datasets : name => [
    for arn in [replace(replace(replace(dataset.source.auth.secret, "{region}", var.region), "{account_id}", var.account_id), "{environment}", var.environment)] :
    [arn, "${arn}-??????"]
  ][0] if can(dataset.source.auth.secret) }

  # The keys with which personal columns are hashed; each function of this environment reads those of its datasets.
  personal_keys = distinct(flatten([for dataset in values(local.datasets) : [
    for arn in [replace(replace(replace(dataset.personal_key, "{region}", var.region), "{account_id}", var.account_id), "{environment}", var.environment)] :
    [arn, "${arn}-??????"]
  ] if can(dataset.personal_key)]))

  secrets_to_read   = distinct(flatten(values(local.secret_arns)))
  secrets_to_rotate = distinct(flatten([for name, arns in local.secret_arns : arns if local.datasets[name].source.auth.kind == "oauth2_refresh_token"]))

  # What no role of this environment can read: its boundary, made by terraform/bootstrap, ends at the environment's own.
  secrets         = "arn:${data.aws_partition.current.partition}:secretsmanager:${var.region}:${var.account_id}:secret:lakeward/${var.environment}/"
  strange_secrets = [for arn in distinct(concat(local.secrets_to_read, local.personal_keys)) : arn if !startswith(arn, local.secrets) && !endswith(arn, "-??????")]
}
