"""What GitHub's two roles must be allowed, and why: each call of AWS that commands make, each kind of resource that
Terraform keeps. A right without a line here is one too many; a line without a right is a job that is denied.
"""

from dataclasses import dataclass

PLANNING = ("deploy plan", "drift")
"""Commands that jobs run as the role that may look. The others change the environment, or look at rows."""

APPLYING = (
    *("deploy", "approve", "promote", "health", "rollback", "run", "backfill", "replay", "switch", "maintain"),
    *("runs", "e2e", "sql", "seed", "fill"),
)
"""Commands, and scripts/ci/seed.py and fill.py, that jobs run as the role that may change the environment."""

HOLDS_ARTIFACTS = ("deploy plan", "drift", "deploy", "approve", "promote", "health", "rollback", "e2e")
"""They read the record of releases in the artifacts bucket."""
RUNS_SLOTS = ("promote", "health", "rollback", "run", "backfill", "replay", "fill")
QUERIES = ("promote", "health", "rollback", "e2e", "sql")


@dataclass(frozen=True)
class Call:
    """An operation of boto3, what IAM asks for it, and of what.

    Attributes:
        operation: the method of the client, the paginator or the waiter.
        on: ARNs, with ``{name}`` (lakeward-<environment>), ``{bucket}`` (its buckets' names up to the role),
            ``{lake}`` (its databases' names up to the role), ``{here}`` (region and account) and ``{account}``.
        commands: who makes it.
        also: what the service does with the rights of whoever asks it.
    """

    operation: str
    action: str
    on: tuple[str, ...]
    commands: tuple[str, ...]
    also: bool = False


_FUNCTION = ("arn:aws:lambda:{here}:function:{name}-transform",)
_EXECUTION = ("arn:aws:states:{here}:execution:{name}-pipeline:any",)
_MACHINE = ("arn:aws:states:{here}:stateMachine:{name}-pipeline",)
_WORKGROUP = ("arn:aws:athena:{here}:workgroup/{name}",)
_SCHEDULE = ("arn:aws:scheduler:{here}:schedule/{name}/earthquakes",)
_RELEASES = ("arn:aws:s3:::{bucket}-artifacts/releases/any.json",)
_ARTIFACTS = ("arn:aws:s3:::{bucket}-artifacts",)
_RAW = ("arn:aws:s3:::{bucket}-raw/earthquakes/slot=any/certificate.json",)
_CATALOG = (
    "arn:aws:glue:{here}:catalog",
    "arn:aws:glue:{here}:database/{lake}_serving",
    "arn:aws:glue:{here}:table/{lake}_serving/earthquakes",
    "arn:aws:glue:{here}:table/{lake}_curated/earthquakes_v1",
)
_RESULTS = ("arn:aws:s3:::{bucket}-results/athena/any.csv",)
_LAKE = ("arn:aws:s3:::{bucket}-curated/curated/any.parquet", *_RESULTS)
_POLICY = ("arn:aws:iam::{account}:policy/{name}-analyst",)
_ROLLS_BACK = ("promote", "rollback")
_CHANGES_RELEASES = ("deploy", "approve", "promote", "rollback", "e2e")
_EVERYTHING = ("*",)
"""Asked of no resource: who has the right for some only is denied."""

CALLS = (
    # The record of releases.
    Call("get_object", "s3:GetObject", _RELEASES, HOLDS_ARTIFACTS),
    Call("head_object", "s3:GetObject", _RELEASES, HOLDS_ARTIFACTS),
    Call("list_objects_v2", "s3:ListBucket", _ARTIFACTS, HOLDS_ARTIFACTS),
    Call("put_object", "s3:PutObject", _RELEASES, _CHANGES_RELEASES),
    # What runs, and giving it other code.
    Call("list_functions", "lambda:ListFunctions", _EVERYTHING, ("deploy", "promote", "rollback", "e2e")),
    Call("get_function_configuration", "lambda:GetFunctionConfiguration", _FUNCTION, (*RUNS_SLOTS, "seed", "maintain")),
    Call("function_updated_v2", "lambda:GetFunction", _FUNCTION, _ROLLS_BACK),
    Call("update_function_code", "lambda:UpdateFunctionCode", _FUNCTION, _ROLLS_BACK),
    Call("update_function_configuration", "lambda:UpdateFunctionConfiguration", _FUNCTION, _ROLLS_BACK),
    Call("invoke", "lambda:InvokeFunction", _FUNCTION, ("deploy", "promote", "rollback", "switch", "maintain", "fill")),
    # Schedules: an update hands the schedule its role once more.
    Call("list_schedules", "scheduler:ListSchedules", _EVERYTHING, _ROLLS_BACK),
    Call("get_schedule", "scheduler:GetSchedule", _SCHEDULE, _ROLLS_BACK),
    Call("update_schedule", "scheduler:UpdateSchedule", _SCHEDULE, _ROLLS_BACK),
    Call("update_schedule", "iam:PassRole", ("arn:aws:iam::{account}:role/{name}-scheduler",), _ROLLS_BACK, also=True),
    # Runs.
    Call("start_execution", "states:StartExecution", _MACHINE, RUNS_SLOTS),
    Call("describe_execution", "states:DescribeExecution", _EXECUTION, RUNS_SLOTS),
    Call("get_execution_history", "states:GetExecutionHistory", _EXECUTION, RUNS_SLOTS),
    Call("list_executions", "states:ListExecutions", _MACHINE, ("deploy", *_ROLLS_BACK)),
    Call("stop_execution", "states:StopExecution", _EXECUTION, _ROLLS_BACK),
    Call("query", "dynamodb:Query", ("arn:aws:dynamodb:{here}:table/{name}-ledger",), ("rollback", "backfill", "runs")),
    Call("list_objects_v2", "s3:ListBucket", ("arn:aws:s3:::{bucket}-raw",), ("promote", "rollback", "replay")),
    Call("describe_alarms", "cloudwatch:DescribeAlarms", _EVERYTHING, ("promote", "health")),
    # Samples.
    Call("put_object", "s3:PutObject", _RAW, ("seed",)),
    Call("get_object", "s3:GetObject", _RAW, ("seed",)),
    Call("list_objects_v2", "s3:ListBucket", ("arn:aws:s3:::{bucket}-raw",), ("seed",)),
    # Queries. Athena reads tables and keeps results with the rights of whoever asks.
    Call("start_query_execution", "athena:StartQueryExecution", _WORKGROUP, QUERIES),
    Call("get_query_execution", "athena:GetQueryExecution", _WORKGROUP, QUERIES),
    Call("get_query_results", "athena:GetQueryResults", _WORKGROUP, QUERIES),
    Call("stop_query_execution", "athena:StopQueryExecution", _WORKGROUP, QUERIES),
    Call("get_query_results", "s3:GetObject", _RESULTS, QUERIES, also=True),
    Call("start_query_execution", "s3:PutObject", _RESULTS, QUERIES, also=True),
    Call("start_query_execution", "s3:AbortMultipartUpload", _RESULTS, QUERIES, also=True),
    Call("start_query_execution", "s3:ListMultipartUploadParts", _RESULTS, QUERIES, also=True),
    Call("start_query_execution", "s3:GetObject", _LAKE, QUERIES, also=True),
    Call("start_query_execution", "s3:GetBucketLocation", ("arn:aws:s3:::{bucket}-results",), QUERIES, also=True),
    Call("start_query_execution", "glue:GetTable", _CATALOG, QUERIES, also=True),
    Call("start_query_execution", "glue:GetTables", _CATALOG, ("sql",), also=True),
    Call("start_query_execution", "glue:GetDatabase", _CATALOG, QUERIES, also=True),
    Call("start_query_execution", "glue:GetDatabases", _CATALOG, ("sql",), also=True),
    Call("start_query_execution", "glue:GetPartitions", _CATALOG, QUERIES, also=True),
    Call("start_query_execution", "glue:GetPartition", _CATALOG, QUERIES, also=True),
    Call("start_query_execution", "glue:BatchGetPartition", _CATALOG, QUERIES, also=True),
    # Evidence.
    Call("get_policy", "iam:GetPolicy", _POLICY, ("e2e",)),
    Call("get_policy_version", "iam:GetPolicyVersion", _POLICY, ("e2e",)),
    Call("simulate_custom_policy", "iam:SimulateCustomPolicy", _EVERYTHING, ("e2e",)),
    Call("get_work_group", "athena:GetWorkGroup", _WORKGROUP, ("e2e",)),
    Call("get_public_access_block", "s3:GetBucketPublicAccessBlock", ("arn:aws:s3:::{bucket}-state",), ("e2e",)),
)

NO_RIGHT_IS_ASKED = {"get_caller_identity"}
"""AWS answers whoever signs."""

ONLY_IN_FUNCTIONS = {"put_item"}
"""Of adapters that commands share with functions; these calls are the functions' own."""

TERRAFORM: dict[str, str] = {
    "backend": "s3:GetObject s3:PutObject s3:DeleteObject s3:ListBucket",
    "aws_s3_bucket": """s3:CreateBucket s3:DeleteBucket s3:ListBucket s3:ListBucketVersions s3:GetBucket*
        s3:GetAccelerateConfiguration s3:GetEncryptionConfiguration s3:GetLifecycleConfiguration
        s3:GetReplicationConfiguration s3:PutBucketTagging s3:BypassGovernanceRetention s3:DeleteObject
        s3:DeleteObjectVersion""",
    "aws_s3_bucket_policy": "s3:PutBucketPolicy s3:DeleteBucketPolicy",
    "aws_s3_bucket_object_lock_configuration": "s3:PutBucketObjectLockConfiguration",
    "aws_s3_bucket_ownership_controls": "s3:PutBucketOwnershipControls",
    "aws_s3_bucket_public_access_block": "s3:PutBucketPublicAccessBlock",
    "aws_s3_bucket_versioning": "s3:PutBucketVersioning",
    "aws_s3_bucket_server_side_encryption_configuration": "s3:PutEncryptionConfiguration",
    "aws_s3_bucket_lifecycle_configuration": "s3:PutLifecycleConfiguration",
    "aws_dynamodb_table": """dynamodb:CreateTable dynamodb:DeleteTable dynamodb:DescribeTable dynamodb:UpdateTable
        dynamodb:DescribeContinuousBackups dynamodb:UpdateContinuousBackups dynamodb:DescribeTimeToLive
        dynamodb:UpdateTimeToLive dynamodb:ListTagsOfResource dynamodb:TagResource dynamodb:UntagResource""",
    "aws_glue_catalog_database": """glue:CreateDatabase glue:GetDatabase glue:UpdateDatabase glue:DeleteDatabase
        glue:GetTags glue:TagResource glue:UntagResource""",
    "aws_glue_catalog_table": """glue:CreateTable glue:GetTable glue:GetPartitionIndexes glue:UpdateTable
        glue:DeleteTable""",
    "aws_glue_job": """glue:CreateJob glue:GetJob glue:UpdateJob glue:DeleteJob glue:GetTags glue:TagResource
        glue:UntagResource""",
    "aws_athena_workgroup": """athena:CreateWorkGroup athena:GetWorkGroup athena:UpdateWorkGroup athena:DeleteWorkGroup
        athena:ListTagsForResource athena:TagResource athena:UntagResource""",
    "aws_athena_named_query": """athena:CreateNamedQuery athena:GetNamedQuery athena:UpdateNamedQuery
        athena:DeleteNamedQuery""",
    "aws_lambda_function": """lambda:CreateFunction lambda:DeleteFunction lambda:GetFunction* lambda:ListTags
        lambda:ListVersionsByFunction lambda:TagResource lambda:UntagResource lambda:UpdateFunctionCode
        lambda:UpdateFunctionConfiguration""",
    "aws_lambda_layer_version": "lambda:PublishLayerVersion lambda:GetLayerVersion",
    "aws_sfn_state_machine": """states:CreateStateMachine states:DescribeStateMachine states:UpdateStateMachine
        states:DeleteStateMachine states:ListStateMachineVersions states:ValidateStateMachineDefinition
        states:ListTagsForResource states:TagResource states:UntagResource logs:CreateLogDelivery
        logs:DeleteLogDelivery logs:DescribeResourcePolicies logs:GetLogDelivery logs:ListLogDeliveries
        logs:PutResourcePolicy logs:UpdateLogDelivery""",
    "aws_scheduler_schedule": """scheduler:CreateSchedule scheduler:GetSchedule scheduler:UpdateSchedule
        scheduler:DeleteSchedule""",
    "aws_scheduler_schedule_group": """scheduler:CreateScheduleGroup scheduler:GetScheduleGroup
        scheduler:DeleteScheduleGroup scheduler:ListTagsForResource scheduler:TagResource scheduler:UntagResource""",
    "aws_sns_topic": """sns:CreateTopic sns:DeleteTopic sns:GetTopicAttributes sns:SetTopicAttributes
        sns:ListTagsForResource sns:TagResource sns:UntagResource""",
    "aws_sns_topic_subscription": """sns:Subscribe sns:Unsubscribe sns:GetSubscriptionAttributes
        sns:SetSubscriptionAttributes""",
    "aws_sqs_queue": """sqs:CreateQueue sqs:DeleteQueue sqs:GetQueueAttributes sqs:SetQueueAttributes sqs:GetQueueUrl
        sqs:ListQueueTags sqs:TagQueue sqs:UntagQueue""",
    "aws_cloudwatch_metric_alarm": """cloudwatch:PutMetricAlarm cloudwatch:DescribeAlarms cloudwatch:DeleteAlarms
        cloudwatch:ListTagsForResource cloudwatch:TagResource cloudwatch:UntagResource""",
    "aws_cloudwatch_dashboard": "cloudwatch:PutDashboard cloudwatch:GetDashboard cloudwatch:DeleteDashboards",
    "aws_cloudwatch_log_group": """logs:CreateLogGroup logs:DeleteLogGroup logs:DescribeLogGroups
        logs:ListTagsForResource logs:TagResource logs:UntagResource logs:PutRetentionPolicy logs:AssociateKmsKey
        logs:DisassociateKmsKey""",
    "aws_cloudtrail": """cloudtrail:CreateTrail cloudtrail:DescribeTrails cloudtrail:GetTrail cloudtrail:GetTrailStatus
        cloudtrail:GetEventSelectors cloudtrail:PutEventSelectors cloudtrail:UpdateTrail cloudtrail:DeleteTrail
        cloudtrail:StartLogging cloudtrail:StopLogging cloudtrail:ListTags cloudtrail:AddTags cloudtrail:RemoveTags""",
    "aws_kinesis_firehose_delivery_stream": """firehose:CreateDeliveryStream firehose:DescribeDeliveryStream
        firehose:DeleteDeliveryStream firehose:UpdateDestination firehose:StartDeliveryStreamEncryption
        firehose:StopDeliveryStreamEncryption firehose:ListTagsForDeliveryStream firehose:TagDeliveryStream
        firehose:UntagDeliveryStream""",
    "aws_cloudwatch_log_subscription_filter": """logs:PutSubscriptionFilter logs:DescribeSubscriptionFilters
        logs:DeleteSubscriptionFilter""",
    "aws_budgets_budget": """budgets:ModifyBudget budgets:ViewBudget budgets:ListTagsForResource budgets:TagResource
        budgets:UntagResource""",
    "aws_iam_role": """iam:CreateRole iam:GetRole iam:UpdateRole iam:UpdateRoleDescription iam:UpdateAssumeRolePolicy
        iam:DeleteRole iam:PutRolePermissionsBoundary iam:PassRole iam:ListAttachedRolePolicies
        iam:ListInstanceProfilesForRole iam:ListRolePolicies iam:ListRoleTags iam:TagRole iam:UntagRole""",
    "aws_iam_role_policy": "iam:PutRolePolicy iam:GetRolePolicy iam:DeleteRolePolicy",
    "aws_iam_policy": """iam:CreatePolicy iam:CreatePolicyVersion iam:GetPolicy iam:GetPolicyVersion
        iam:ListPolicyVersions iam:ListPolicyTags iam:DeletePolicy iam:DeletePolicyVersion iam:TagPolicy
        iam:UntagPolicy""",
    "aws_kms_key": """kms:CreateKey kms:DescribeKey kms:GetKeyPolicy kms:GetKeyRotationStatus kms:ListResourceTags
        kms:PutKeyPolicy kms:EnableKeyRotation kms:UpdateKeyDescription kms:ScheduleKeyDeletion kms:TagResource
        kms:UntagResource kms:CreateGrant kms:Decrypt kms:GenerateDataKey""",
    "aws_kms_alias": "kms:CreateAlias kms:ListAliases kms:UpdateAlias kms:DeleteAlias",
    "aws_vpc": "ec2:CreateVpc ec2:DeleteVpc ec2:ModifyVpcAttribute ec2:Describe* ec2:CreateTags ec2:DeleteTags",
    "aws_subnet": "ec2:CreateSubnet ec2:DeleteSubnet",
    "aws_route_table": "ec2:CreateRouteTable ec2:DeleteRouteTable",
    "aws_route_table_association": "ec2:AssociateRouteTable ec2:DisassociateRouteTable",
    "aws_vpc_endpoint": "ec2:CreateVpcEndpoint ec2:DeleteVpcEndpoints ec2:ModifyVpcEndpoint",
    "aws_security_group": "ec2:CreateSecurityGroup ec2:DeleteSecurityGroup ec2:RevokeSecurityGroupEgress",
    "aws_default_security_group": "ec2:RevokeSecurityGroupEgress ec2:RevokeSecurityGroupIngress",
    "aws_vpc_security_group_egress_rule": "ec2:AuthorizeSecurityGroupEgress",
    "aws_vpc_security_group_ingress_rule": "ec2:AuthorizeSecurityGroupIngress",
}
"""Actions that Terraform's provider asks for, by kind of resource; ``backend`` is where the state lies."""


def roles_of(call: Call) -> set[str]:
    """Who makes a call: ``plan``, ``apply`` or both."""
    return {"plan" if command in PLANNING else "apply" for command in call.commands}


def needed(kinds: set[str]) -> set[str]:
    """Every action that has a reason, while Terraform keeps these kinds of resources."""
    kept = {action for kind, actions in TERRAFORM.items() if kind in kinds for action in actions.split()}
    return kept | {call.action for call in CALLS}
