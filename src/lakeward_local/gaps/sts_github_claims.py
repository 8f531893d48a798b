"""What a trust policy may ask of a token of GitHub Actions.

AWS (IAM User Guide, "Available keys for AWS OIDC federation"): besides audience and subject, a role's trust policy can
compare claims of GitHub's own, such as ``token.actions.githubusercontent.com:repository_id``.

MiniStack 1.5.33 with ``AUTH=true``: knows audience, subject and ``amr``, so a policy that names the others lets nobody
in. It does not look at a token's signature, so anybody may say anything in it: good enough to test what a policy asks,
and for nothing else.

It can go when MiniStack passes the claims on.
"""

from typing import Any

from ministack.services import cognito, sts

from lakeward_local.gaps.patching import Function, replace

_GITHUB = "token.actions.githubusercontent.com"
_CLAIMS = (
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "repository_owner_id",
    "workflow",
)


def install() -> None:
    """Add GitHub's claims to the condition keys of a token."""

    def wrap(principal_of: Function) -> Function:
        def web_identity_principal(token: str, provider_id: str, role_arn: str) -> tuple[str, dict[str, Any]]:
            principal, keys = principal_of(token, provider_id, role_arn)
            if principal.endswith(f"oidc-provider/{_GITHUB}"):
                claims = cognito._decode_id_token_unverified(token)
                keys = {**keys, **{f"{_GITHUB}:{name}": str(claims[name]) for name in _CLAIMS if name in claims}}
            return principal, keys

        return web_identity_principal

    replace(sts, "_web_identity_principal", wrap)
