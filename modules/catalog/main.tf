# Databases only. Tables and views belong to the migration step, which reads the contracts: were they here too, each
# evolution of a schema would be a difference for Terraform to undo.
resource "aws_glue_catalog_database" "this" {
  for_each = var.databases

  name         = each.key
  description  = each.value.description
  location_uri = each.value.location_uri
}
