# What a role of the environment can do at most, whatever its own policy says. Whoever deploys can make roles within
# this boundary only, so that a deployment cannot give a function more than functions need. No role may delete anything
# but files of the lake, which its bucket keeps for a while, and curated tables; no object of raw, no version, no item.

resource "aws_iam_policy" "boundary" {
  #checkov:skip=CKV_AWS_355:Log delivery and network interfaces have no resource-level permissions; the reasons are on the lines.
  #checkov:skip=CKV_AWS_290:The same actions; a boundary gives nothing, it limits what a role is given.
  name        = "${local.name}-boundary"
  description = "The most that a role of the environment can be given."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "ReadAndWriteTheLake"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
        Resource = local.arns.lake_objects
      },
      { Sid = "ReadTheCode", Effect = "Allow", Action = ["s3:GetObject"], Resource = local.arns.artifacts },
      { Sid = "RemoveOldFilesOfTheLake", Effect = "Allow", Action = ["s3:DeleteObject"], Resource = local.arns.lake_files },
      { Sid = "DropFormerTables", Effect = "Allow", Action = ["glue:DeleteTable"], Resource = local.arns.curated_tables },
      { Sid = "FindObjects", Effect = "Allow", Action = ["s3:GetBucketLocation", "s3:ListBucket"], Resource = local.arns.buckets },
      {
        Sid      = "KeepTheCatalog"
        Effect   = "Allow"
        Action   = ["glue:CreateTable", "glue:GetDatabase", "glue:GetPartitions", "glue:GetTable", "glue:GetTables", "glue:UpdateTable"]
        Resource = local.arns.catalog
      },
      {
        Sid      = "AskAthena"
        Effect   = "Allow"
        Action   = ["athena:GetQueryExecution", "athena:GetQueryResults", "athena:StartQueryExecution", "athena:StopQueryExecution"]
        Resource = local.arns.workgroups
      },
      { Sid = "FindTheDataCatalog", Effect = "Allow", Action = ["athena:GetDataCatalog"], Resource = local.arns.data_catalogs },
      {
        Sid      = "KeepTheLedger"
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
        Resource = local.arns.tables
      },
      {
        Sid      = "KnowOwnSecrets"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]
        Resource = local.arns.secrets
      },
      {
        Sid      = "RunThePipeline"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction", "states:DescribeExecution", "states:StartExecution"]
        Resource = concat(local.arns.functions, local.arns.machines, local.arns.executions)
      },
      {
        Sid      = "RunJobs"
        Effect   = "Allow"
        Action   = ["glue:BatchStopJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"]
        Resource = local.arns.jobs
      },
      {
        Sid      = "TellSomebody"
        Effect   = "Allow"
        Action   = ["sns:Publish", "sqs:SendMessage"]
        Resource = concat(local.arns.topics, local.arns.queues)
      },
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = local.arns.log_groups
      },
      {
        Sid    = "DeliverLogs"
        Effect = "Allow"
        Action = [
          "logs:CreateLogDelivery",
          "logs:DeleteLogDelivery",
          "logs:DescribeLogGroups",
          "logs:DescribeResourcePolicies",
          "logs:GetLogDelivery",
          "logs:ListLogDeliveries",
          "logs:PutResourcePolicy",
          "logs:UpdateLogDelivery",
        ]
        Resource = ["*"] # these actions have no resource-level permissions
      },
      { Sid = "UseTheKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = local.arns.keys },
      {
        Sid    = "JoinTheNetwork"
        Effect = "Allow"
        Action = [
          "ec2:AssignPrivateIpAddresses",
          "ec2:CreateNetworkInterface",
          "ec2:DeleteNetworkInterface",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSubnets",
          "ec2:UnassignPrivateIpAddresses",
        ]
        Resource = ["*"] # the interfaces do not exist yet, and describing has no resource-level permissions
      },
    ], local.archive_boundary)
  })
}
