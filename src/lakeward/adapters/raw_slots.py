"""Which slots raw holds."""

from typing import TYPE_CHECKING

from lakeward.adapters.store_errors import store_errors
from lakeward.contract import Dataset
from lakeward.slot import Slot

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CERTIFICATE = "/certificate.json"


def certified_slots(client: "S3Client", bucket: str, of: Dataset) -> list[Slot]:
    """Slots of a dataset of which raw holds a certificate, oldest first."""
    prefix = f"{of.name}/slot="
    pages = client.get_paginator("list_objects_v2")
    with store_errors(f"s3://{bucket}/{prefix}", "list"):
        keys = [
            item["Key"] for page in pages.paginate(Bucket=bucket, Prefix=prefix) for item in page.get("Contents", [])
        ]
    found = [key.removeprefix(prefix).removesuffix(CERTIFICATE) for key in keys if key.endswith(CERTIFICATE)]
    return sorted(Slot.parse(text, of.contract.slot) for text in found if "/" not in text)
