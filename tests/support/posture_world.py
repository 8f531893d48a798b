"""The security posture of a deployed environment, read back by the APIs of AWS: what is public, open, unencrypted,
kept for ever, or allowed more than it needs. Each finding is a line that says what and where.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError
from environments_world import Environment

STARRED = {
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
    "athena:ListDataCatalogs",
    "athena:ListEngineVersions",
    "athena:ListWorkGroups",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "scheduler:ListSchedules",
    "states:ListStateMachines",
}
"""Actions without resource-level permissions (Service Authorization Reference), or that list, which roles of the
pipeline and people's policies may have."""

TRUSTED = {"lambda.amazonaws.com", "states.amazonaws.com", "scheduler.amazonaws.com"}
GATES = ("plan", "apply")
"""The two roles for GitHub. Their trust is held by tests/repo/test_terraform_trust.py."""

BOUND = {"aws:SourceAccount", "aws:SourceArn", "kms:EncryptionContext:aws:logs:arn"}
"""Condition keys by which a service may only act for this account."""

NO_POLICY = '{"Statement": []}'

Check = Callable[[Environment], Iterator[str]]


def findings(environment: Environment) -> list[str]:
    """Everything that is not as it should be."""
    return [f"{check.__name__}: {finding}" for check in CHECKS for finding in check(environment)]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def denies_plain_http(policy: str) -> bool:
    """Whether a resource policy refuses whoever does not come by TLS, whatever they want."""
    return any(
        s["Effect"] == "Deny"
        and s["Principal"] == "*"
        and s.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        for s in json.loads(policy)["Statement"]
    )


def lets_strangers_in(policy: str, account_id: str) -> bool:
    """Whether a resource policy allows anything to whoever comes, or to another account."""
    for statement in json.loads(policy)["Statement"]:
        if statement["Effect"] != "Allow":
            continue
        principal = statement["Principal"]
        if principal == "*" or "*" in listed(principal.get("AWS", [])):
            return True
        accounts = [str(arn) for arn in listed(principal.get("AWS", [])) if account_id not in str(arn)]
        if accounts and "aws:PrincipalArn" not in json.dumps(statement.get("Condition", {})):
            return True
        if "Service" in principal and not BOUND & asked_by(statement):
            return True
    return False


def asked_by(statement: dict[str, Any]) -> set[str]:
    """The condition keys whose values a statement pins down."""
    conditions = statement.get("Condition", {})
    return {key for how in ("StringEquals", "ArnEquals", "ArnLike") for key in conditions.get(how, {})}


def missing(code: str) -> bool:
    """Whether an error says that a setting was never made."""
    return code.startswith("NoSuch") or code.endswith("NotFoundError") or code == "ResourceNotFoundException"


def setting(call: Callable[..., dict[str, Any]], **arguments: str) -> dict[str, Any]:
    """What a call answers; nothing when there is no such setting."""
    try:
        return call(**arguments)
    except ClientError as error:
        if missing(error.response["Error"]["Code"]):
            return {}
        raise


def buckets(environment: Environment) -> Iterator[str]:
    s3, account = environment.client("s3"), environment.values.account_id
    for name in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        blocked = setting(s3.get_public_access_block, Bucket=name).get("PublicAccessBlockConfiguration", {})
        if list(blocked.values()) != [True] * 4:
            yield f"{name} is not closed to the public"
        policy = setting(s3.get_bucket_policy, Bucket=name).get("Policy", NO_POLICY)
        if not denies_plain_http(policy):
            yield f"{name} may be read by plain HTTP"
        if lets_strangers_in(policy, account):
            yield f"{name} is open to strangers"
        encryption = setting(s3.get_bucket_encryption, Bucket=name).get("ServerSideEncryptionConfiguration", {})
        if not encryption.get("Rules"):
            yield f"{name} is not encrypted"
        if s3.get_bucket_versioning(Bucket=name).get("Status") != "Enabled":
            yield f"{name} keeps no versions"
        owner = setting(s3.get_bucket_ownership_controls, Bucket=name).get("OwnershipControls", {}).get("Rules")
        if owner != [{"ObjectOwnership": "BucketOwnerEnforced"}]:
            yield f"{name} still has ACLs"
        if not setting(s3.get_bucket_lifecycle_configuration, Bucket=name).get("Rules"):
            yield f"{name} never clears anything"


def queues(environment: Environment) -> Iterator[str]:
    sqs, account = environment.client("sqs"), environment.values.account_id
    for url in sqs.list_queues()["QueueUrls"]:
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        name = url.rpartition("/")[2]
        if found.get("SqsManagedSseEnabled") != "true" and not found.get("KmsMasterKeyId"):
            yield f"{name} is not encrypted"
        if not denies_plain_http(found.get("Policy", NO_POLICY)):
            yield f"{name} may be used by plain HTTP"
        if lets_strangers_in(found.get("Policy", NO_POLICY), account):
            yield f"{name} is open to strangers"


def topics(environment: Environment) -> Iterator[str]:
    sns, account = environment.client("sns"), environment.values.account_id
    for arn in [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]:
        policy = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
        if not denies_plain_http(policy):
            yield f"{arn} may be used by plain HTTP"
        if lets_strangers_in(policy, account):
            yield f"{arn} is open to strangers"


def tables(environment: Environment) -> Iterator[str]:
    dynamodb = environment.client("dynamodb")
    for name in dynamodb.list_tables()["TableNames"]:
        table = dynamodb.describe_table(TableName=name)["Table"]
        if table.get("SSEDescription", {}).get("Status") != "ENABLED":
            yield f"{name} is not encrypted with a key whose use is recorded"
        backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        if backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] != "ENABLED":
            yield f"{name} cannot be restored"


def logs(environment: Environment) -> Iterator[str]:
    for group in environment.client("logs").describe_log_groups()["logGroups"]:
        if not group.get("retentionInDays"):
            yield f"{group['logGroupName']} is kept for ever"


def functions(environment: Environment) -> Iterator[str]:
    client = environment.client("lambda")
    grouped = {g["logGroupName"] for g in environment.client("logs").describe_log_groups()["logGroups"]}
    for function in client.list_functions()["Functions"]:
        name = function["FunctionName"]
        if f"/aws/lambda/{name}" not in grouped:
            yield f"{name} would make a log group that never expires"
        if function["Role"].rpartition("/")[2] != name:
            yield f"{name} runs under the role of another"
        if json.loads(setting(client.get_policy, FunctionName=name).get("Policy", NO_POLICY))["Statement"]:
            yield f"{name} can be invoked by others"
        if setting(client.get_function_url_config, FunctionName=name):
            yield f"{name} has an address of its own"


def roles(environment: Environment) -> Iterator[str]:
    iam = environment.client("iam")
    account, prefix = environment.values.account_id, f"lakeward-{environment.name}"
    boundary = f"arn:aws:iam::{account}:policy/{prefix}-boundary"
    for name in [role["RoleName"] for role in iam.list_roles()["Roles"]]:
        role = iam.get_role(RoleName=name)["Role"]
        if name in {f"{prefix}-{gate}" for gate in GATES}:
            continue
        if role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn") != boundary:
            yield f"{name} is not within the boundary"
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            principal = statement["Principal"]
            if set(principal) != {"Service"} or principal["Service"] not in TRUSTED:
                yield f"{name} trusts {principal}"
        if attached := iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            yield f"{name} has more than its own policy: {attached}"
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            yield from (f"{name}: {problem}" for problem in too_wide(document))


def too_wide(document: dict[str, Any]) -> Iterator[str]:
    """What a policy allows by a wildcard that it need not."""
    for statement in document["Statement"]:
        if statement["Effect"] != "Allow":
            continue
        if "NotAction" in statement or "NotResource" in statement:
            yield f"{statement['Sid']} allows all but something"
        actions = listed(statement.get("Action", []))
        if wild := [action for action in actions if "*" in action]:
            yield f"{statement['Sid']} allows actions by a wildcard: {wild}"
        if "*" in listed(statement["Resource"]) and not set(actions) <= STARRED:
            yield f"{statement['Sid']} allows {sorted(set(actions) - STARRED)} on everything"


def policies(environment: Environment) -> Iterator[str]:
    """Policies for people; those of the two gates are held by the tests of terraform/bootstrap."""
    iam, prefix = environment.client("iam"), f"lakeward-{environment.name}"
    for policy in iam.list_policies(Scope="Local")["Policies"]:
        if policy["PolicyName"].startswith(tuple(f"{prefix}-{gate}-" for gate in GATES)):
            continue
        found = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        yield from (f"{policy['PolicyName']}: {p}" for p in too_wide(found["PolicyVersion"]["Document"]))


def people(environment: Environment) -> Iterator[str]:
    for user in environment.client("iam").list_users()["Users"]:
        yield f"{user['UserName']} is a user with a password or a key, where roles do"


def keys(environment: Environment) -> Iterator[str]:
    kms = environment.client("kms")
    for key in [k["KeyId"] for k in kms.list_keys()["Keys"]]:
        if kms.describe_key(KeyId=key)["KeyMetadata"]["KeyManager"] != "CUSTOMER":
            continue
        if not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]:
            yield f"{key} is not rotated"
        policy = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
        if lets_strangers_in(policy, environment.values.account_id):
            yield f"{key} is open to strangers"


def trails(environment: Environment) -> Iterator[str]:
    client = environment.client("cloudtrail")
    for trail in client.describe_trails()["trailList"]:
        if not trail["LogFileValidationEnabled"] or not trail["IsMultiRegionTrail"]:
            yield f"{trail['Name']} can be changed unseen, or does not see every region"
        if not client.get_trail_status(Name=trail["TrailARN"])["IsLogging"]:
            yield f"{trail['Name']} does not write"


def machines(environment: Environment) -> Iterator[str]:
    client = environment.client("stepfunctions")
    for machine in client.list_state_machines()["stateMachines"]:
        found = client.describe_state_machine(stateMachineArn=machine["stateMachineArn"])
        if found["loggingConfiguration"]["level"] != "ALL":
            yield f"{machine['name']} does not log what it does"


def workgroups(environment: Environment) -> Iterator[str]:
    client = environment.client("athena")
    found = client.get_work_group(WorkGroup=f"lakeward-{environment.name}")["WorkGroup"]["Configuration"]
    if not found["EnforceWorkGroupConfiguration"] or not found.get("BytesScannedCutoffPerQuery"):
        yield "a client may choose its own settings, or scan without limit"
    if not found["ResultConfiguration"].get("EncryptionConfiguration"):
        yield "results are not encrypted"


def networks(environment: Environment) -> Iterator[str]:
    ec2 = environment.client("ec2")
    ours = {"Name": "tag:Name", "Values": [f"lakeward-{environment.name}"]}
    for vpc in [v["VpcId"] for v in ec2.describe_vpcs(Filters=[ours])["Vpcs"]]:
        inside = [{"Name": "vpc-id", "Values": [vpc]}]
        for group in ec2.describe_security_groups(Filters=inside)["SecurityGroups"]:
            for rule in group["IpPermissions"]:
                if rule.get("IpRanges") or rule.get("Ipv6Ranges"):
                    yield f"{group['GroupName']} lets addresses in: {rule}"
        attached = [{"Name": "attachment.vpc-id", "Values": [vpc]}]
        yield from (
            f"{vpc} reaches the internet" for _ in ec2.describe_internet_gateways(Filters=attached)["InternetGateways"]
        )


CHECKS: tuple[Check, ...] = (
    buckets,
    queues,
    topics,
    tables,
    logs,
    functions,
    roles,
    policies,
    people,
    keys,
    trails,
    machines,
    workgroups,
    networks,
)
