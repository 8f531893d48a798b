# How GitHub Actions gets into the account: no key is stored anywhere. A job says which repository and which of its
# environments it runs in, GitHub signs that, and only then it may assume one of two roles. Without `github` in
# environments/<environment>/bootstrap.tfvars none of this is made.

locals {
  # The jobs that plan run before anybody has approved, so they have a GitHub environment of their own.
  github_roles = {
    plan = {
      github_environment = "${local.settings.environment}-plan"
      policies           = merge(local.read_policies, local.archive_read_policies)
    }
    apply = {
      github_environment = local.settings.environment
      policies           = merge(local.read_policies, local.apply_policies, local.evidence_policies, local.seed_policies, local.archive_read_policies, local.archive_apply_policies)
    }
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  count = local.github == null ? 0 : 1

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

module "github_role" {
  source   = "../../modules/github_role"
  for_each = { for name, role in local.github_roles : name => role if local.github != null }

  name               = "${local.name}-${each.key}"
  provider_arn       = aws_iam_openid_connect_provider.github[0].arn
  repository         = local.github
  github_environment = each.value.github_environment
  policies           = { for name, statements in each.value.policies : name => jsonencode({ Version = "2012-10-17", Statement = statements }) }
}
