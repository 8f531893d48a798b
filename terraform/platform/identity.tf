# Who may do what. No role but that of maintenance may delete an object: PyIceberg's clean-up after a lost commit is
# refused and leaves an orphan that no reader sees, where it could have removed the manifests of a commit that stands.
# Maintenance removes such orphans later, and nothing outside the tables' folders and the staged lists. Raw it cannot see.

data "aws_partition" "current" {}

locals {
  # Made by terraform/bootstrap. Whoever applies this may make roles within it and no others.
  boundary_arn = "arn:${data.aws_partition.current.partition}:iam::${var.account_id}:policy/${local.prefix}-boundary"

  # What is written under a customer key needs the key, whoever writes it.
  use_key = [for arn in local.key_arn[*] : { sid = "UseTheKey", actions = ["kms:Decrypt", "kms:GenerateDataKey"], resources = [arn] }]

  # Glue's catalog, as Athena calls it.
  data_catalog_arn = "arn:${data.aws_partition.current.partition}:athena:${var.region}:${var.account_id}:datacatalog/AwsDataCatalog"

  glue_arn_prefix = "arn:${data.aws_partition.current.partition}:glue:${var.region}:${var.account_id}"

  # Glue checks an action on a table against the table, its database and the catalog.
  glue_arns = { for role, database in local.databases : role => [
    "${local.glue_arn_prefix}:catalog",
    "${local.glue_arn_prefix}:database/${database}",
    "${local.glue_arn_prefix}:table/${database}/*", # the tables of this one database; migration adds them
  ] }

  table_arns = distinct(concat(local.glue_arns.curated, local.glue_arns.quarantine))

  objects = {
    raw        = "${module.raw.arn}/*"                   # pages and certificates of every dataset
    staged     = "${module.curated.arn}/staging/*"       # lists of staged files
    curated    = "${module.curated.arn}/curated/*"       # files of the tables
    quarantine = "${module.curated.arn}/quarantine/*"    # files of the quarantine tables
    marts      = "${module.curated.arn}/marts/*"         # files of the marts' tables
    queried    = "${module.curated.arn}/staging/marts/*" # what the marts' queries wrote
    results    = "${module.results.arn}/athena/*"        # what queries answered
    ops        = "${module.curated.arn}/ops/*"           # what became of runs
  }

  table_objects = [local.objects.curated, local.objects.quarantine]

  # What readers' views are over.
  shown_arns    = distinct(concat(local.table_arns, local.glue_arns.marts, local.glue_arns.serving))
  shown_objects = [local.objects.curated, local.objects.quarantine, local.objects.marts]

  # Without the right to list, S3 answers 403 for a key that does not exist, where the code asks "is it there?".
  list_raw     = { sid = "TellAbsentFromDenied", actions = ["s3:ListBucket"], resources = [module.raw.arn] }
  list_curated = { sid = "TellAbsentFromDenied", actions = ["s3:ListBucket"], resources = [module.curated.arn] }

  read_raw    = { sid = "ReadRaw", actions = ["s3:GetObject"], resources = [local.objects.raw] }
  read_staged = { sid = "ReadStaged", actions = ["s3:GetObject"], resources = [local.objects.staged] }
  read_tables = { sid = "ReadTables", actions = ["glue:GetTable"], resources = local.table_arns }

  read_table_files  = { sid = "ReadTableFiles", actions = ["s3:GetObject"], resources = local.table_objects }
  write_table_files = { sid = "WriteTableFiles", actions = ["s3:PutObject", "s3:AbortMultipartUpload"], resources = local.table_objects }

  function_permissions = {
    ingest = concat(
      [
        local.list_raw,
        { sid = "WriteRaw", actions = ["s3:GetObject", "s3:PutObject"], resources = [local.objects.raw] },
        { sid = "KnowPastRuns", actions = ["dynamodb:Query"], resources = [module.ledger.arn] },
      ],
      [for arns in [local.secrets_to_read] : { sid = "ReadNamedSecrets", actions = ["secretsmanager:GetSecretValue"], resources = arns } if length(arns) > 0],
      [for arns in [local.secrets_to_rotate] : { sid = "KeepNextRefreshToken", actions = ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"], resources = arns } if length(arns) > 0],
    )
    transform = concat(
      [
        local.list_curated,
        local.read_raw,
        local.read_tables,
        local.read_table_files,
        local.write_table_files,
        { sid = "Stage", actions = ["s3:GetObject", "s3:PutObject"], resources = [local.objects.staged] },
      ],
      [for arns in [local.personal_keys] : { sid = "ReadPersonalKeys", actions = ["secretsmanager:GetSecretValue"], resources = arns } if length(arns) > 0],
    )
    audit = [
      local.list_curated,
      local.read_staged,
      local.read_table_files,
      { sid = "LookValuesUp", actions = ["glue:GetTable"], resources = local.glue_arns.curated },
      { sid = "LookBack", actions = ["dynamodb:Query"], resources = [module.ledger.arn] },
    ]
    publish = [
      local.list_curated,
      local.read_staged,
      local.read_tables,
      local.read_table_files,
      local.write_table_files,
      { sid = "Commit", actions = ["glue:GetDatabase", "glue:UpdateTable"], resources = local.table_arns },
    ]
    marts = [
      local.list_curated,
      { sid = "ReadTables", actions = ["glue:GetTable"], resources = distinct(concat(local.glue_arns.curated, local.glue_arns.marts)) },
      { sid = "ReadTableFiles", actions = ["s3:GetObject"], resources = [local.objects.curated, local.objects.marts] },
      { sid = "ReadWhatQueriesWrote", actions = ["s3:GetObject"], resources = [local.objects.queried, local.objects.results] },
      { sid = "WriteTableFiles", actions = ["s3:PutObject", "s3:AbortMultipartUpload"], resources = [local.objects.marts] },
      { sid = "Commit", actions = ["glue:GetDatabase", "glue:UpdateTable"], resources = local.glue_arns.marts },
    ]
    record = [
      { sid = "KeepLedger", actions = ["dynamodb:PutItem"], resources = [module.ledger.arn] },
      { sid = "AddToTheOpsTables", actions = ["s3:PutObject"], resources = [local.objects.ops] },
    ]
    migrate = [
      local.list_curated,
      { sid = "ReadTableFiles", actions = ["s3:GetObject"], resources = local.shown_objects },
      { sid = "WriteTableFiles", actions = ["s3:PutObject", "s3:AbortMultipartUpload"], resources = local.shown_objects },
      {
        sid       = "MakeTablesAndViews"
        actions   = ["glue:GetDatabase", "glue:GetTable", "glue:CreateTable", "glue:UpdateTable"]
        resources = local.shown_arns
      },
    ]
    maintain = [
      local.list_curated,
      { sid = "ReadTableFiles", actions = ["s3:GetObject"], resources = local.shown_objects },
      { sid = "WriteTableFiles", actions = ["s3:PutObject", "s3:AbortMultipartUpload"], resources = local.shown_objects },
      { sid = "CompactAndExpire", actions = ["glue:GetDatabase", "glue:GetTable", "glue:UpdateTable"], resources = distinct(concat(local.table_arns, local.glue_arns.marts)) },
      { sid = "RetireStagedLists", actions = ["s3:GetObject", "s3:PutObject"], resources = [local.objects.staged] },
      { sid = "SeeWhatViewsShow", actions = ["glue:GetTables"], resources = local.glue_arns.serving },
      { sid = "DropFormerTables", actions = ["glue:DeleteTable"], resources = local.glue_arns.curated },
      { sid = "RemoveWhatNothingLeadsTo", actions = ["s3:DeleteObject"], resources = concat(local.shown_objects, [local.objects.staged]) },
    ]
    switch = [
      { sid = "FindCertificates", actions = ["s3:ListBucket"], resources = [module.raw.arn] },
      { sid = "ReadLedgerAndKeepThePlan", actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], resources = [module.ledger.arn] },
      { sid = "MakeViews", actions = ["glue:CreateTable", "glue:GetTables"], resources = local.glue_arns.serving },
      {
        sid       = "MoveViewsAndTables"
        actions   = ["glue:GetTable", "glue:UpdateTable"]
        resources = local.shown_arns
      },
      {
        sid       = "FindDatabases" # to commit; and Athena, which asks with the rights of whoever asks it
        actions   = ["glue:GetDatabase"]
        resources = concat(["${local.glue_arn_prefix}:catalog"], [for role, name in local.databases : "${local.glue_arn_prefix}:database/${name}" if role != "ops"])
      },
      { sid = "ReadTableFiles", actions = ["s3:GetObject"], resources = local.shown_objects },
      { sid = "WriteTableFiles", actions = ["s3:PutObject", "s3:AbortMultipartUpload"], resources = local.shown_objects },
      {
        sid       = "AskTheTable"
        actions   = ["athena:GetQueryExecution", "athena:GetQueryResults", "athena:StartQueryExecution"]
        resources = [module.workgroup.arn]
      },
      # Athena finds buckets and keeps results with the rights of whoever asks it, too.
      { sid = "FindBuckets", actions = ["s3:GetBucketLocation", "s3:ListBucket"], resources = [module.curated.arn, module.results.arn] },
      {
        sid       = "LetAthenaKeepResults"
        actions   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
        resources = [local.objects.results]
      },
    ]
  }

  # What the function that transforms may do, and to read the code: Lambda brings its own, a job fetches it.
  job_permissions = concat(local.function_permissions.transform, [
    { sid = "ReadTheCode", actions = ["s3:GetObject"], resources = ["arn:${data.aws_partition.current.partition}:s3:::${var.release.functions.bucket}/functions/*"] }, # of every release: a run keeps the one that it began with
  ])

  dispatch_permissions = [
    { sid = "StartRuns", actions = ["states:StartExecution"], resources = [module.pipeline.arn] },
    {
      sid       = "LookAtRuns"
      actions   = ["states:DescribeExecution"]
      resources = ["${replace(module.pipeline.arn, ":stateMachine:", ":execution:")}:*"] # the executions of this one machine
    },
  ]

  pipeline_steps = [for name in ["ingest", "transform", "audit", "publish", "marts", "record"] : module.function[name].arn]

  pipeline_permissions = concat([
    {
      sid       = "RunTheSteps"
      actions   = ["lambda:InvokeFunction"]
      resources = local.pipeline_steps # the machine calls no version and no alias of them
    },
    { sid = "Alert", actions = ["sns:Publish"], resources = [module.alerts.topic_arn] },
    {
      sid       = "QueryMarts"
      actions   = ["athena:GetQueryExecution", "athena:StartQueryExecution", "athena:StopQueryExecution"]
      resources = [module.workgroup.arn]
    },
    { sid = "FindTheDataCatalog", actions = ["athena:GetDataCatalog"], resources = [local.data_catalog_arn] }, # AWS: what .sync takes
    # Athena reads and writes with the rights of whoever asks.
    { sid = "LetAthenaReadTheCatalog", actions = ["glue:GetDatabase", "glue:GetPartitions", "glue:GetTable"], resources = local.shown_arns },
    { sid = "LetAthenaReadTables", actions = ["s3:GetObject"], resources = local.shown_objects },
    { sid = "LetAthenaFindTheBuckets", actions = ["s3:GetBucketLocation", "s3:ListBucket"], resources = [module.curated.arn, module.results.arn] },
    {
      sid       = "LetAthenaWriteRows"
      actions   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
      resources = [local.objects.queried, local.objects.results]
    },
    ], [for job in module.job : {
      sid       = "RunTheJob"
      actions   = ["glue:BatchStopJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"] # AWS: what .sync takes
      resources = [job.arn]
  }])
}

# What everybody needs who asks Athena, whatever is asked.
locals {
  ask_athena = concat([
    {
      Sid    = "RunQueries"
      Effect = "Allow"
      Action = [
        "athena:BatchGetQueryExecution",
        "athena:GetQueryExecution",
        "athena:GetQueryResults",
        "athena:GetQueryResultsStream",
        "athena:GetQueryRuntimeStatistics",
        "athena:GetWorkGroup",
        "athena:ListQueryExecutions",
        "athena:StartQueryExecution",
        "athena:StopQueryExecution",
      ]
      Resource = [module.workgroup.arn]
    },
    {
      Sid      = "FindSavedQueries"
      Effect   = "Allow"
      Action   = ["athena:BatchGetNamedQuery", "athena:GetNamedQuery", "athena:ListNamedQueries"]
      Resource = [module.workgroup.arn]
    },
    {
      Sid      = "FindTheWorkgroup"
      Effect   = "Allow"
      Action   = ["athena:ListDataCatalogs", "athena:ListEngineVersions", "athena:ListWorkGroups"]
      Resource = ["*"] # these actions have no resource-level permissions
    },
    {
      Sid    = "BrowseByAthena"
      Effect = "Allow"
      Action = [
        "athena:GetDataCatalog",
        "athena:GetDatabase",
        "athena:GetTableMetadata",
        "athena:ListDatabases",
        "athena:ListTableMetadata",
      ]
      Resource = [local.data_catalog_arn]
    },
    {
      Sid    = "KeepResults"
      Effect = "Allow"
      Action = [
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
      ]
      Resource = [local.objects.results]
    },
    ], [for permission in local.use_key : {
      Sid      = permission.sid
      Effect   = "Allow"
      Action   = permission.actions
      Resource = permission.resources
  }])

  read_catalog_actions = [
    "glue:BatchGetPartition",
    "glue:GetDatabase",
    "glue:GetDatabases",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
  ]
}

resource "aws_iam_policy" "analyst" {
  name        = "${local.prefix}-analyst"
  description = "Read the lake by SQL: run queries in the workgroup, read catalog and tables, keep results. Attach it to a role or a group."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.ask_athena, [
      {
        Sid      = "ReadTheCatalog"
        Effect   = "Allow"
        Action   = local.read_catalog_actions
        Resource = distinct(concat(local.shown_arns, local.glue_arns.ops))
      },
      {
        Sid      = "ReadTheTables"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = concat(local.shown_objects, [local.objects.ops]) # not staging/: nobody sees half a load
      },
      {
        Sid      = "FindTheBuckets"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
        Resource = [module.curated.arn, module.results.arn]
      },
    ])
  })
}

resource "aws_iam_policy" "auditor" {
  count = var.monitoring.audit_trail || var.monitoring.log_archive ? 1 : 0

  name        = "${local.prefix}-auditor"
  description = "Read by SQL who did what, and what the pipeline did and logged: the trail's events, ops and logs, and no row of a dataset. Attach it to a role or a group."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.ask_athena, [
      {
        Sid    = "ReadTheCatalog"
        Effect = "Allow"
        Action = local.read_catalog_actions
        Resource = concat(local.glue_arns.ops, flatten([for trail in module.trail : [
          "${local.glue_arn_prefix}:database/${local.audit_database}",
          "${local.glue_arn_prefix}:table/${local.audit_database}/cloudtrail",
        ]]))
      },
      {
        Sid    = "ReadTheEvents"
        Effect = "Allow"
        Action = ["s3:GetObject"]
        Resource = concat(
          [for trail in module.trail : "${trail.bucket_arn}/AWSLogs/*"],        # the events of every region and day
          [for archive in module.log_archive : "${archive.bucket_arn}/logs/*"], # of every day
          [local.objects.ops],
        )
      },
      {
        Sid      = "FindTheBuckets"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
        Resource = concat([module.curated.arn, module.results.arn], [for kept in concat(module.trail, module.log_archive) : kept.bucket_arn])
      },
    ])
  })
}
