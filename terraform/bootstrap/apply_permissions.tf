# What deploying takes on top of planning: to make, change and remove what carries the environment's name, to move a
# release through it, and to look at what came of it.

locals {
  apply_policies = {
    data = concat([
      {
        Sid    = "KeepBuckets"
        Effect = "Allow"
        Action = [
          "s3:CreateBucket",
          "s3:DeleteBucket",
          "s3:DeleteBucketPolicy",
          "s3:ListBucketVersions",
          "s3:PutBucketObjectLockConfiguration",
          "s3:PutBucketOwnershipControls",
          "s3:PutBucketPolicy",
          "s3:PutBucketPublicAccessBlock",
          "s3:PutBucketTagging",
          "s3:PutBucketVersioning",
          "s3:PutEncryptionConfiguration",
          "s3:PutLifecycleConfiguration",
        ]
        Resource = local.arns.buckets
      },
      { Sid = "WriteState", Effect = "Allow", Action = ["s3:PutObject"], Resource = local.arns.state },
      { Sid = "KeepReleasesAndTheirRecords", Effect = "Allow", Action = ["s3:PutObject"], Resource = local.arns.artifacts },
      { Sid = "ReadTheLake", Effect = "Allow", Action = ["s3:GetObject"], Resource = local.arns.lake_objects },
      {
        Sid      = "KeepQueryResults"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"]
        Resource = ["arn:${local.partition}:s3:::${local.prefix}-results/athena/*"] # what queries answered
      },
      {
        Sid    = "KeepTheLedger"
        Effect = "Allow"
        Action = [
          "dynamodb:CreateTable",
          "dynamodb:DeleteTable",
          "dynamodb:Query",
          "dynamodb:TagResource",
          "dynamodb:UntagResource",
          "dynamodb:UpdateContinuousBackups",
          "dynamodb:UpdateTable",
          "dynamodb:UpdateTimeToLive",
        ]
        Resource = local.arns.tables
      },
      {
        Sid    = "KeepTheCatalog"
        Effect = "Allow"
        Action = [
          "glue:BatchGetPartition",
          "glue:CreateDatabase",
          "glue:CreateTable",
          "glue:DeleteDatabase",
          "glue:DeleteTable",
          "glue:GetDatabases",
          "glue:GetPartition",
          "glue:GetPartitions",
          "glue:GetTables",
          "glue:TagResource",
          "glue:UntagResource",
          "glue:UpdateDatabase",
          "glue:UpdateTable",
        ]
        Resource = local.arns.catalog
      },
      {
        Sid    = "KeepTheWorkgroupAndAskIt"
        Effect = "Allow"
        Action = [
          "athena:CreateNamedQuery",
          "athena:CreateWorkGroup",
          "athena:DeleteNamedQuery",
          "athena:DeleteWorkGroup",
          "athena:GetQueryExecution",
          "athena:GetQueryResults",
          "athena:StartQueryExecution",
          "athena:StopQueryExecution",
          "athena:TagResource",
          "athena:UntagResource",
          "athena:UpdateNamedQuery",
          "athena:UpdateWorkGroup",
        ]
        Resource = local.arns.workgroups
      },
      ],
      # Where nothing may be lost, not even the pipeline that deploys can do it: a person applies bootstrap first.
      local.settings.protection.deletion ? [{
        Sid    = "LoseNothing"
        Effect = "Deny"
        Action = [
          "athena:DeleteWorkGroup",
          "dynamodb:DeleteTable",
          "glue:DeleteDatabase",
          "kms:ScheduleKeyDeletion",
          "s3:BypassGovernanceRetention",
          "s3:DeleteBucket",
          "s3:DeleteObjectVersion",
        ]
        Resource = ["*"] # a denial: it holds for every resource
        }] : [{
        Sid      = "EmptyBuckets"
        Effect   = "Allow"
        Action   = ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"]
        Resource = local.arns.all_objects
    }])

    compute = [
      {
        Sid    = "KeepFunctionsAndCallThem"
        Effect = "Allow"
        Action = [
          "lambda:CreateFunction",
          "lambda:DeleteFunction",
          "lambda:InvokeFunction",
          "lambda:PublishLayerVersion",
          "lambda:TagResource",
          "lambda:UntagResource",
          "lambda:UpdateFunctionCode",
          "lambda:UpdateFunctionConfiguration",
        ]
        Resource = concat(local.arns.functions, local.arns.layers)
      },
      {
        Sid    = "KeepJobs"
        Effect = "Allow"
        Action = [
          "glue:CreateJob",
          "glue:DeleteJob",
          "glue:TagResource",
          "glue:UntagResource",
          "glue:UpdateJob",
        ]
        Resource = local.arns.jobs
      },
      {
        Sid    = "KeepTheMachineAndRunIt"
        Effect = "Allow"
        Action = [
          "states:CreateStateMachine",
          "states:DeleteStateMachine",
          "states:DescribeExecution",
          "states:GetExecutionHistory",
          "states:ListExecutions",
          "states:StartExecution",
          "states:StopExecution",
          "states:TagResource",
          "states:UntagResource",
          "states:UpdateStateMachine",
        ]
        Resource = concat(local.arns.machines, local.arns.executions)
      },
      {
        Sid    = "KeepSchedules"
        Effect = "Allow"
        Action = [
          "scheduler:CreateSchedule",
          "scheduler:CreateScheduleGroup",
          "scheduler:DeleteSchedule",
          "scheduler:DeleteScheduleGroup",
          "scheduler:TagResource",
          "scheduler:UntagResource",
          "scheduler:UpdateSchedule",
        ]
        Resource = local.arns.schedules
      },
      {
        Sid    = "KeepTopicsAndQueues"
        Effect = "Allow"
        Action = [
          "sns:CreateTopic",
          "sns:DeleteTopic",
          "sns:SetTopicAttributes",
          "sns:Subscribe",
          "sns:TagResource",
          "sns:UntagResource",
          "sqs:CreateQueue",
          "sqs:DeleteQueue",
          "sqs:SetQueueAttributes",
          "sqs:TagQueue",
          "sqs:UntagQueue",
        ]
        Resource = concat(local.arns.topics, local.arns.queues)
      },
      {
        Sid    = "KeepAlarmsAndDashboards"
        Effect = "Allow"
        Action = [
          "cloudwatch:DeleteAlarms",
          "cloudwatch:DeleteDashboards",
          "cloudwatch:PutDashboard",
          "cloudwatch:PutMetricAlarm",
          "cloudwatch:TagResource",
          "cloudwatch:UntagResource",
        ]
        Resource = concat(local.arns.alarms, local.arns.dashboards)
      },
      {
        Sid    = "KeepLogGroups"
        Effect = "Allow"
        Action = [
          "logs:AssociateKmsKey",
          "logs:CreateLogGroup",
          "logs:DeleteLogGroup",
          "logs:DisassociateKmsKey",
          "logs:PutRetentionPolicy",
          "logs:TagResource",
          "logs:UntagResource",
        ]
        Resource = local.arns.log_groups
      },
      {
        Sid    = "KeepWhatHasNoName"
        Effect = "Allow"
        Action = [
          "lambda:ListFunctions", # which release each of them is of
          "logs:CreateLogDelivery",
          "logs:DeleteLogDelivery",
          "logs:DescribeResourcePolicies",
          "logs:GetLogDelivery",
          "logs:ListLogDeliveries",
          "logs:PutResourcePolicy",
          "logs:UpdateLogDelivery",
          "scheduler:ListSchedules", # a way back stops them, and starts them again
          "sns:SetSubscriptionAttributes",
          "sns:Unsubscribe",
        ]
        Resource = ["*"] # these actions have no resource-level permissions
      },
      {
        Sid    = "KeepTheTrailAndTheBudget"
        Effect = "Allow"
        Action = [
          "budgets:ModifyBudget",
          "budgets:TagResource",
          "budgets:UntagResource",
          "cloudtrail:AddTags",
          "cloudtrail:CreateTrail",
          "cloudtrail:DeleteTrail",
          "cloudtrail:PutEventSelectors",
          "cloudtrail:RemoveTags",
          "cloudtrail:StartLogging",
          "cloudtrail:StopLogging",
          "cloudtrail:UpdateTrail",
        ]
        Resource = concat(local.arns.trails, local.arns.budgets)
      },
    ]

    identity = concat([
      {
        Sid    = "MakeRolesWithinTheBoundary"
        Effect = "Allow"
        Action = [
          "iam:CreateRole",
          "iam:DeleteRolePolicy",
          "iam:PutRolePermissionsBoundary",
          "iam:PutRolePolicy",
        ]
        Resource  = local.arns.roles
        Condition = { StringEquals = { "iam:PermissionsBoundary" = aws_iam_policy.boundary.arn } }
      },
      {
        Sid    = "KeepRolesAndPolicies"
        Effect = "Allow"
        Action = [
          "iam:CreatePolicy",
          "iam:CreatePolicyVersion",
          "iam:DeletePolicy",
          "iam:DeletePolicyVersion",
          "iam:DeleteRole",
          "iam:TagPolicy",
          "iam:TagRole",
          "iam:UntagPolicy",
          "iam:UntagRole",
          "iam:UpdateAssumeRolePolicy",
          "iam:UpdateRole",
          "iam:UpdateRoleDescription",
        ]
        Resource = concat(local.arns.roles, local.arns.policies)
      },
      {
        Sid       = "HandRolesToServices"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = local.arns.roles
        Condition = { StringEquals = { "iam:PassedToService" = [for service in ["glue", "lambda", "scheduler", "states"] : "${service}.amazonaws.com"] } }
      },
      {
        Sid      = "AskWhatPoliciesAllow" # evidence says what analysts may and may not do
        Effect   = "Allow"
        Action   = ["iam:SimulateCustomPolicy"]
        Resource = ["*"] # it is given the policy's text, and has no resource
      },
      {
        Sid       = "LeaveTheGatesAlone"
        Effect    = "Deny"
        NotAction = ["iam:Get*", "iam:List*"] # it may look at its own role, its policies and the boundary, and nothing else
        Resource  = concat(local.arns.own_roles, local.arns.own_policies, local.arns.provider)
      },
      {
        Sid      = "KeepTheBoundaryOn"
        Effect   = "Deny"
        Action   = ["iam:DeleteRolePermissionsBoundary"]
        Resource = ["*"] # a denial: it holds for every role
      },
      ],
      local.settings.protection.customer_key ? [
        {
          Sid      = "MakeTheKey"
          Effect   = "Allow"
          Action   = ["kms:CreateKey", "kms:TagResource"]
          Resource = ["*"] # the key does not exist yet
        },
        {
          Sid    = "KeepTheKey"
          Effect = "Allow"
          Action = [
            "kms:CreateAlias",
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DeleteAlias",
            "kms:EnableKeyRotation",
            "kms:GenerateDataKey",
            "kms:PutKeyPolicy",
            "kms:ScheduleKeyDeletion",
            "kms:UntagResource",
            "kms:UpdateAlias",
            "kms:UpdateKeyDescription",
          ]
          Resource = concat(local.arns.keys, local.arns.key_aliases)
        },
      ] : [],
      local.settings.protection.private_network ? [{
        Sid    = "KeepTheNetwork"
        Effect = "Allow"
        Action = [
          "ec2:AssociateRouteTable",
          "ec2:AuthorizeSecurityGroupEgress",
          "ec2:AuthorizeSecurityGroupIngress",
          "ec2:CreateRouteTable",
          "ec2:CreateSecurityGroup",
          "ec2:CreateSubnet",
          "ec2:CreateTags",
          "ec2:CreateVpc",
          "ec2:CreateVpcEndpoint",
          "ec2:DeleteRouteTable",
          "ec2:DeleteSecurityGroup",
          "ec2:DeleteSubnet",
          "ec2:DeleteTags",
          "ec2:DeleteVpc",
          "ec2:DeleteVpcEndpoints",
          "ec2:DisassociateRouteTable",
          "ec2:ModifyVpcAttribute",
          "ec2:ModifyVpcEndpoint",
          "ec2:RevokeSecurityGroupEgress",
          "ec2:RevokeSecurityGroupIngress",
        ]
        Resource = ["*"] # what is made here has no name before it is there
      }] : [],
    )
  }
}
