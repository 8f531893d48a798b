# What planning takes: the settings of everything, the state, the releases, and no row and no object of the lake.

locals {
  read_policies = {
    read-data = [
      {
        Sid    = "ReadBuckets"
        Effect = "Allow"
        Action = [
          "s3:GetAccelerateConfiguration",
          "s3:GetBucket*", # settings of buckets; an object's would be GetObject
          "s3:GetEncryptionConfiguration",
          "s3:GetLifecycleConfiguration",
          "s3:GetReplicationConfiguration",
          "s3:ListBucket",
        ]
        Resource = local.arns.buckets
      },
      { Sid = "ReadStateAndReleases", Effect = "Allow", Action = ["s3:GetObject"], Resource = concat(local.arns.state, local.arns.artifacts) },
      {
        Sid      = "LockTheState"
        Effect   = "Allow"
        Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource = local.arns.state_lock
      },
      {
        Sid    = "ReadTables"
        Effect = "Allow"
        Action = [
          "dynamodb:DescribeContinuousBackups",
          "dynamodb:DescribeTable",
          "dynamodb:DescribeTimeToLive",
          "dynamodb:ListTagsOfResource",
        ]
        Resource = local.arns.tables
      },
      { Sid = "ReadCatalog", Effect = "Allow", Action = ["glue:GetDatabase", "glue:GetPartitionIndexes", "glue:GetTable", "glue:GetTags"], Resource = local.arns.catalog },
      {
        Sid      = "ReadWorkgroup"
        Effect   = "Allow"
        Action   = ["athena:GetNamedQuery", "athena:GetWorkGroup", "athena:ListTagsForResource"]
        Resource = local.arns.workgroups
      },
      {
        Sid      = "ReadKeys"
        Effect   = "Allow"
        Action   = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
        Resource = local.arns.keys
      },
      {
        Sid      = "ReadTrailsAndBudgets"
        Effect   = "Allow"
        Action   = ["budgets:ListTagsForResource", "budgets:ViewBudget", "cloudtrail:GetEventSelectors", "cloudtrail:GetTrail", "cloudtrail:GetTrailStatus", "cloudtrail:ListTags"]
        Resource = concat(local.arns.trails, local.arns.budgets)
      },
    ]

    read-compute = [
      {
        Sid    = "ReadFunctions"
        Effect = "Allow"
        Action = [
          "lambda:GetFunction*", # code, settings, signing, concurrency
          "lambda:GetLayerVersion",
          "lambda:ListTags",
          "lambda:ListVersionsByFunction",
        ]
        Resource = concat(local.arns.functions, local.arns.layers)
      },
      { Sid = "ReadJobs", Effect = "Allow", Action = ["glue:GetJob", "glue:GetTags"], Resource = local.arns.jobs },
      {
        Sid      = "ReadMachines"
        Effect   = "Allow"
        Action   = ["states:DescribeStateMachine", "states:ListStateMachineVersions", "states:ListTagsForResource"]
        Resource = local.arns.machines
      },
      {
        Sid      = "ReadSchedules"
        Effect   = "Allow"
        Action   = ["scheduler:GetSchedule", "scheduler:GetScheduleGroup", "scheduler:ListTagsForResource"]
        Resource = local.arns.schedules
      },
      {
        Sid      = "ReadQueuesAndTopics"
        Effect   = "Allow"
        Action   = ["sns:GetTopicAttributes", "sns:ListTagsForResource", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"]
        Resource = concat(local.arns.topics, local.arns.queues)
      },
      {
        Sid      = "ReadAlarms"
        Effect   = "Allow"
        Action   = ["cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource"]
        Resource = concat(local.arns.alarms, local.arns.dashboards)
      },
      {
        Sid    = "ReadRoles"
        Effect = "Allow"
        Action = [
          "iam:GetPolicy",
          "iam:GetPolicyVersion",
          "iam:GetRole",
          "iam:GetRolePolicy",
          "iam:ListAttachedRolePolicies",
          "iam:ListInstanceProfilesForRole",
          "iam:ListPolicyTags",
          "iam:ListPolicyVersions",
          "iam:ListRolePolicies",
          "iam:ListRoleTags",
        ]
        Resource = concat(local.arns.roles, local.arns.policies)
      },
      { Sid = "ReadLogGroups", Effect = "Allow", Action = ["logs:ListTagsForResource"], Resource = local.arns.log_groups },
      {
        Sid    = "ReadWhatHasNoName"
        Effect = "Allow"
        Action = [
          "cloudtrail:DescribeTrails",
          "cloudwatch:DescribeAlarms",
          "ec2:Describe*", # the network, where there is one
          "kms:ListAliases",
          "logs:DescribeLogGroups",
          "sns:GetSubscriptionAttributes",
          "states:ValidateStateMachineDefinition",
        ]
        Resource = ["*"] # these actions have no resource-level permissions
      },
    ]
  }
}
