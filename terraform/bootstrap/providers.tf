provider "aws" {
  region              = local.settings.region
  allowed_account_ids = [local.settings.account_id]

  default_tags {
    tags = {
      Project     = "lakeward"
      Environment = local.settings.environment
    }
  }
}
