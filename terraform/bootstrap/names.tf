# ARNs of all that is or may be in the environment, by its name. Whoever is let at `lakeward-dev-*` gets nowhere else.

locals {
  account   = local.settings.account_id
  region    = local.settings.region
  partition = data.aws_partition.current.partition

  # service -> "arn:aws:<service>:<region>:<account>:"
  here = { for service in ["athena", "cloudtrail", "cloudwatch", "dynamodb", "glue", "kms", "lambda", "logs", "scheduler", "secretsmanager", "sns", "sqs", "states"] :
    service => "arn:${local.partition}:${service}:${local.region}:${local.account}:"
  }
  iam       = "arn:${local.partition}:iam::${local.account}:"
  databases = "lakeward_${local.settings.environment}_"

  # A star stands for the rest of a name, colons and slashes included.
  arns = {
    buckets      = ["arn:${local.partition}:s3:::${local.prefix}-*"]                                                     # of this environment
    lake_objects = [for role in ["raw", "curated", "results"] : "arn:${local.partition}:s3:::${local.prefix}-${role}/*"] # of the three
    lake_files = [
      "arn:${local.partition}:s3:::${local.prefix}-curated/marts/*",      # of the marts' tables
      "arn:${local.partition}:s3:::${local.prefix}-curated/curated/*",    # of the tables
      "arn:${local.partition}:s3:::${local.prefix}-curated/quarantine/*", # of the quarantine tables
      "arn:${local.partition}:s3:::${local.prefix}-curated/staging/*",    # lists of staged files, and what queries of marts wrote
    ]
    all_objects = ["arn:${local.partition}:s3:::${local.prefix}-*/*"] # of all its buckets
    artifacts   = ["${module.artifacts.arn}/*"]                       # of every release
    state       = ["${module.state.arn}/platform.tfstate"]
    state_lock  = ["${module.state.arn}/platform.tfstate.tflock"]

    jobs          = ["${local.here.glue}job/${local.name}-*"]                                                                  # of this environment
    functions     = ["${local.here.lambda}function:${local.name}-*"]                                                           # of this environment
    layers        = ["${local.here.lambda}layer:${local.name}-*"]                                                              # and their versions
    machines      = ["${local.here.states}stateMachine:${local.name}-*"]                                                       # of this environment
    executions    = ["${local.here.states}execution:${local.name}-*"]                                                          # of those machines
    schedules     = ["${local.here.scheduler}schedule/${local.name}/*", "${local.here.scheduler}schedule-group/${local.name}"] # in its one group
    tables        = ["${local.here.dynamodb}table/${local.name}-*"]                                                            # of this environment
    secrets       = ["${local.here.secretsmanager}secret:lakeward/${local.settings.environment}/*"]                            # that contracts name
    topics        = ["${local.here.sns}${local.name}-*"]                                                                       # and their subscriptions
    queues        = ["${local.here.sqs}${local.name}-*"]                                                                       # of this environment
    alarms        = ["${local.here.cloudwatch}alarm:${local.name}-*"]                                                          # of this environment
    keys          = ["${local.here.kms}key/*"]                                                                                 # keys have no names; the account is the environment's
    key_aliases   = ["${local.here.kms}alias/${local.name}"]
    workgroups    = ["${local.here.athena}workgroup/${local.name}"]
    data_catalogs = ["${local.here.athena}datacatalog/AwsDataCatalog"] # Glue's, as Athena calls it
    trails        = ["${local.here.cloudtrail}trail/${local.name}"]
    dashboards    = ["arn:${local.partition}:cloudwatch::${local.account}:dashboard/${local.name}"]
    budgets       = ["arn:${local.partition}:budgets::${local.account}:budget/${local.name}"]

    log_groups = [
      "${local.here.logs}log-group:/aws/lambda/${local.name}-*",            # and their streams
      "${local.here.logs}log-group:/aws-glue/jobs/${local.name}-*",         # and theirs
      "${local.here.logs}log-group:/aws/vendedlogs/states/${local.name}-*", # and theirs
    ]

    catalog = [
      "${local.here.glue}catalog",
      "${local.here.glue}database/${local.databases}*", # of this environment
      "${local.here.glue}table/${local.databases}*",    # in those databases
    ]

    curated_tables = [
      "${local.here.glue}catalog",
      "${local.here.glue}database/${local.databases}curated",
      "${local.here.glue}table/${local.databases}curated/*", # of every dataset
    ]

    roles    = ["${local.iam}role/${local.name}-*"]   # of this environment
    policies = ["${local.iam}policy/${local.name}-*"] # of this environment

    # What a deployment may not touch: that it may not is the point of them.
    own_roles = [for name in ["plan", "apply"] : "${local.iam}role/${local.name}-${name}"]
    own_policies = concat(
      ["${local.iam}policy/${local.name}-boundary"],
      [for name in ["plan", "apply"] : "${local.iam}policy/${local.name}-${name}-*"], # what either role may do
    )
    provider = ["${local.iam}oidc-provider/token.actions.githubusercontent.com"]
  }
}
