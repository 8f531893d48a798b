"""Jobs of GitHub Actions, as a cloud meets them: by a token that says which repository and environment they run in."""

import base64
import json
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

REPOSITORY = {"name": "example/lakeward", "id": "1296742987", "owner_id": "177059064"}
ISSUER = "https://token.actions.githubusercontent.com"


def claims(job_environment: str, /, **changes: str) -> dict[str, str]:
    """What GitHub says of a job of our repository that runs in one of its environments."""
    return {
        "iss": ISSUER,
        "aud": "sts.amazonaws.com",
        "sub": f"repo:{REPOSITORY['name']}:environment:{job_environment}",
        "environment": job_environment,
        "repository_id": REPOSITORY["id"],
        "repository_owner_id": REPOSITORY["owner_id"],
        **changes,
    }


def token(said: dict[str, str]) -> str:
    """A token that says so. Its signature is none: the local cloud does not look at it."""

    def part(value: dict[str, str]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part(said)}.{base64.urlsafe_b64encode(b'none').decode()}"


def sign_in(endpoint: str, region: str, role_arn: str, said: dict[str, str]) -> dict[str, Any]:
    """A session of the role for a job; answers its credentials as STS names them."""
    sts = boto3.client(
        "sts",
        endpoint_url=endpoint,
        region_name=region,
        config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
    )
    answer = sts.assume_role_with_web_identity(RoleArn=role_arn, RoleSessionName="job", WebIdentityToken=token(said))
    return dict(answer["Credentials"])
