# Every folder in datasets/ that holds a contract is a dataset. Terraform reads of it when to run and how late is late;
# the rest is for the functions, which carry the same files.

locals {
  prefix = "lakeward-${var.environment}"

  datasets = {
    for file in fileset("${path.module}/../../datasets", "*/contract.yaml") :
    dirname(file) => yamldecode(file("${path.module}/../../datasets/${file}"))
  }
}
