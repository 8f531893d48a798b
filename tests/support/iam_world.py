"""A local cloud that enforces policies, seen through roles that may do only what a test says."""

import json
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from local_cloud_world import World

Statement = dict[str, Any]


def allow(actions: str | list[str], *resources: str) -> Statement:
    """A statement that allows the actions on the resources."""
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources)}


@dataclass(frozen=True)
class Session:
    """What somebody may do who has assumed a role."""

    world: World
    credentials: dict[str, str]

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.world.record.endpoint,
            region_name=self.world.record.region,
            aws_access_key_id=self.credentials["AccessKeyId"],
            aws_secret_access_key=self.credentials["SecretAccessKey"],
            aws_session_token=self.credentials["SessionToken"],
            config=Config(retries={"total_max_attempts": 1}),
        )


def role(world: World, name: str, *statements: Statement, service: str | None = None) -> str:
    """Make a role with these statements; answers its ARN. A service assumes it, or else anybody of the account."""
    iam = world.client("iam")
    principal = {"Service": service} if service else {"AWS": f"arn:aws:iam::{world.record.account_id}:root"}
    trust = {"Version": "2012-10-17", "Statement": [{**allow("sts:AssumeRole"), "Principal": principal}]}
    del trust["Statement"][0]["Resource"]  # type: ignore[attr-defined]
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    if statements:
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        iam.put_role_policy(RoleName=name, PolicyName="permissions", PolicyDocument=json.dumps(policy))
    return str(arn)


def assumed(world: World, name: str, *statements: Statement) -> Session:
    """A session of a new role with these statements."""
    arn = role(world, name, *statements)
    answer = world.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")
    return Session(world, answer["Credentials"])
