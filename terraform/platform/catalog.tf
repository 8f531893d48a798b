locals {
  databases = {
    for role in ["curated", "quarantine", "marts", "serving", "ops"] : role => "lakeward_${var.environment}_${role}"
  }
}

module "catalog" {
  source = "../../modules/catalog"

  databases = {
    (local.databases.curated) = {
      description  = "Iceberg tables, one for each dataset and major version of its contract. Analysts read the views in ${local.databases.serving}."
      location_uri = "s3://${module.curated.name}/curated/"
    }
    (local.databases.quarantine) = {
      description  = "Iceberg tables, one for each dataset, of the records that broke a rule, with the column, the rule and the reason."
      location_uri = "s3://${module.curated.name}/quarantine/"
    }
    (local.databases.marts) = {
      description  = "Iceberg tables, one for each mart: what SQL models made of datasets and other marts."
      location_uri = "s3://${module.curated.name}/marts/"
    }
    (local.databases.serving) = {
      description = "Views for analysts: <dataset>, <dataset>_quarantine and <mart>."
    }
    (local.databases.ops) = {
      description  = "What the pipeline did: its runs, and the rules that records broke."
      location_uri = "s3://${module.curated.name}/ops/"
    }
  }
}
