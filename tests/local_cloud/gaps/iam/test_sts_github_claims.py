import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from github_world import REPOSITORY, claims, sign_in
from iam_world import Session
from local_cloud_world import World
from trust_world import ISSUER, render

TEMPLATE = Path(__file__).parents[4] / "modules/github_role/trust.json"


@pytest.fixture
def role_arn(cloud: World, name: str) -> str:
    """A role that jobs in the environment ``prod`` may assume, by the policy that Terraform makes."""
    account = cloud.record.account_id
    values = {
        "provider_arn": f"arn:aws:iam::{account}:oidc-provider/{ISSUER}",
        "environment": "prod",
        "owner": "example",
        "repository": "lakeward",
        "repository_id": REPOSITORY["id"],
        "owner_id": REPOSITORY["owner_id"],
    }
    trust = render(TEMPLATE.read_text(), values)
    made = cloud.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    return str(made["Role"]["Arn"])


@pytest.mark.closes("sts_github_claims")
def test_a_job_in_the_environment_gets_a_session(cloud: World, role_arn: str, name: str):
    session = Session(cloud, sign_in(cloud.record.endpoint, "us-east-1", role_arn, claims("prod")))

    assert session.client("sts").get_caller_identity()["Arn"].endswith(f"assumed-role/{name}/job")


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": "dev"},
        {"sub": "repo:example/lakeward:pull_request"},
        {"repository_id": "5"},
        {"repository_owner_id": "5"},
        {"aud": "sts.example.com"},
    ],
    ids=str,
)
def test_any_other_job_gets_none(cloud: World, role_arn: str, changes: dict[str, str]):
    with pytest.raises(ClientError, match="AccessDenied"):
        sign_in(cloud.record.endpoint, "us-east-1", role_arn, claims("prod", **changes))
