"""Whether a key that is not there may be known not to be there.

AWS (API reference of GetObject and HeadObject): a caller without ``s3:ListBucket`` on the bucket is answered 403 for
a key that does not exist, and 404 only with that right.

MiniStack 1.5.33 with ``AUTH=true``: answers 404 either way, so code that asks "is it there?" would work here and fail
on AWS.

It can go when MiniStack asks for the right.
"""

from typing import Any

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.core.router import extract_access_key_id
from ministack.services import s3

from lakeward_local.gaps.patching import Function, replace

_DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


def install() -> None:
    """Answer 403 in the place of 404 to who may not list."""
    if app.AUTH:
        replace(s3, "handle_request", _hiding)


def _hiding(handle: Function) -> Function:
    async def handle_request(
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, Any],
        **options: Any,
    ) -> Any:
        answer = await handle(method, path, headers, body, query_params, **options)
        bucket, _, key = path.lstrip("/").partition("/")
        if answer[0] != 404 or method not in {"GET", "HEAD"} or not key or options.get("internal"):
            return answer
        caller = extract_access_key_id(headers, query_params)
        listing = iam_evaluator.enforce(caller, "s3:ListBucket", "s3", get_region(), f"arn:aws:s3:::{bucket}")
        if listing is None:
            return answer
        return 403, {**answer[1], "Content-Type": "application/xml"}, b"" if method == "HEAD" else _DENIED

    return handle_request
