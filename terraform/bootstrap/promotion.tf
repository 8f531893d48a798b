# Evidence stays where it was made. Who brings a release further on reads it there, from another account: the bucket's
# policy here lets that one role in, and that role's own policy there lets it go. Both follow from `promoted_from`.

locals {
  environments = dirname(local.folder)

  # Where the releases of this environment come from.
  source          = local.prepared.promoted_from == null ? null : provider::terraform::decode_tfvars(file("${local.environments}/${local.prepared.promoted_from}/platform.tfvars"))
  source_evidence = local.source == null ? null : "arn:${local.partition}:s3:::lakeward-${local.source.environment}-${local.source.account_id}-artifacts"

  evidence_policies = { for name, arn in { evidence = local.source_evidence } : name => [
    { Sid = "ReadEvidence", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${arn}/evidence/*"] }, # of every release
    {
      Sid       = "FindEvidence"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [arn]
      Condition = { StringLike = { "s3:prefix" = "evidence/*" } } # of every release
    },
  ] if arn != null }

  # Where releases come from nowhere they are proved, by queries over samples that are put into raw. Where they are promoted
  # to, raw is true.
  seed_policies = { for name, from in { seed = local.prepared.promoted_from } : name => [
    {
      Sid      = "PutSamplesIntoRaw"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = ["arn:${local.partition}:s3:::${local.prefix}-raw/*"] # of every dataset
    },
  ] if from == null }

  # Where they go on to: environments whose account is there, which those without GitHub's roles may not be yet.
  next = [
    for path in fileset(local.environments, "*/bootstrap.tfvars") : provider::terraform::decode_tfvars(file("${local.environments}/${dirname(path)}/platform.tfvars"))
    if provider::terraform::decode_tfvars(file("${local.environments}/${path}")).promoted_from == basename(local.folder) &&
    provider::terraform::decode_tfvars(file("${local.environments}/${path}")).github != null
  ]

  evidence_for = [for settings in local.next : {
    sid      = "EvidenceFor${title(settings.environment)}"
    role_arn = "arn:${local.partition}:iam::${settings.account_id}:role/lakeward-${settings.environment}-apply"
    prefix   = "evidence/"
  }]
}
