import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from iam_world import allow, assumed
from local_cloud_world import World

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:GetObject", "arn:aws:s3:::a/*")]})


@pytest.fixture
def boundary(cloud: World, name: str) -> str:
    return str(cloud.client("iam").create_policy(PolicyName=name, PolicyDocument=POLICY)["Policy"]["Arn"])


@pytest.fixture
def iam(cloud: World, name: str, boundary: str) -> Any:
    """Somebody who may make roles within the boundary, and give them policies."""
    within = {"Condition": {"StringEquals": {"iam:PermissionsBoundary": boundary}}}
    statement = allow(["iam:CreateRole", "iam:PutRolePolicy"], "arn:aws:iam::111111111111:role/*") | within
    return assumed(cloud, name, statement).client("iam")


@pytest.mark.closes("iam_boundary_condition")
def test_a_role_within_the_boundary_is_made_and_given_a_policy(iam: Any, name: str, boundary: str):
    iam.create_role(RoleName=f"{name}-r", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=boundary)
    iam.put_role_policy(RoleName=f"{name}-r", PolicyName="permissions", PolicyDocument=POLICY)


def test_a_role_without_it_is_neither_made_nor_given_a_policy(cloud: World, iam: Any, name: str):
    with pytest.raises(ClientError, match="AccessDenied"):
        iam.create_role(RoleName=f"{name}-r", AssumeRolePolicyDocument=TRUST)
    cloud.client("iam").create_role(RoleName=f"{name}-s", AssumeRolePolicyDocument=TRUST)

    with pytest.raises(ClientError, match="AccessDenied"):
        iam.put_role_policy(RoleName=f"{name}-s", PolicyName="permissions", PolicyDocument=POLICY)
