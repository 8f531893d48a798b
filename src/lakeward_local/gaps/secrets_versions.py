"""A version of a secret never changes.

AWS: a put with the id (ClientRequestToken) of a version that is there is ignored when it brings the same value, and
fails with ``ResourceExistsException`` when it brings another.
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html

MiniStack 1.5.33: the version gets the new value and loses its labels, AWSCURRENT among them, so that a put which is
repeated leaves a secret that cannot be read.

It can go when MiniStack leaves versions alone.
"""

from typing import Any

from ministack.services import secretsmanager

from lakeward_local.gaps.patching import Function, ok, refuse, replace

VALUES = ("SecretString", "SecretBinary")


def install() -> None:
    """Look for the version before the put."""

    def wrap(put: Function) -> Function:
        def put_secret_value(data: dict[str, Any]) -> Any:
            token = data.get("ClientRequestToken")
            _, secret = secretsmanager._resolve(data.get("SecretId"))
            version = (secret or {}).get("Versions", {}).get(token)
            if secret is None or version is None:
                return put(data)
            if any(version.get(name) != data.get(name) for name in VALUES):
                return refuse("ResourceExistsException", f"The version {token} exists with another value.")
            answer = {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token}
            return ok(answer | {"VersionStages": list(version["Stages"])})

        return put_secret_value

    replace(secretsmanager, "_put_secret_value", wrap)
