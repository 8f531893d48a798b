locals {
  owner      = split("/", var.repository.name)[0]
  repository = split("/", var.repository.name)[1]
}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "Assumed by jobs of ${var.repository.name} in the GitHub environment ${var.github_environment}."
  max_session_duration = 3600 # seconds; a deployment takes minutes

  # A file of its own, so that tests can read it as what it is.
  assume_role_policy = templatefile("${path.module}/trust.json", {
    provider_arn  = var.provider_arn
    environment   = var.github_environment
    owner         = local.owner
    owner_id      = var.repository.owner_id
    repository    = local.repository
    repository_id = var.repository.id
  })
}

resource "aws_iam_policy" "this" {
  #checkov:skip=CKV_AWS_355:Actions without resource-level permissions need a star; each has its reason where it is written.
  #checkov:skip=CKV_AWS_290:The same actions, which cannot be narrowed to a resource.
  #checkov:skip=CKV_AWS_289:Roles are made with a permissions boundary only, which a condition in the policy demands.
  for_each = var.policies

  name   = "${var.name}-${each.key}"
  policy = each.value
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = var.policies

  role       = aws_iam_role.this.name
  policy_arn = aws_iam_policy.this[each.key].arn
}
