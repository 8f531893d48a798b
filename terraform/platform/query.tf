module "workgroup" {
  source = "../../modules/athena_workgroup"

  name               = local.prefix
  results_uri        = "s3://${module.results.name}/athena/"
  query_bytes_cutoff = var.query_bytes_cutoff
  force_destroy      = !var.deletion_protection
}
