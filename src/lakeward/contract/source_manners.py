"""How a run behaves towards a service, and when it must stop."""

from typing import Literal

from pydantic import Field

from lakeward.contract.part import Part
from lakeward.contract.shapes import Contact


class Manners(Part):
    """How politely a service is asked."""

    requests_per_second: float | None = Field(
        default=None,
        gt=0,
        le=1_000,
        description="Most requests in a second of one run, further tries included. No limit when left out.",
    )
    concurrency: int = Field(
        default=1,
        ge=1,
        le=8,
        description=(
            "Requests under way at once. More than 1 helps where positions are known beforehand: offsets, page numbers."
        ),
    )
    tries: int = Field(default=4, ge=1, le=10, description="Tries of one request before the run gives up for now.")
    longest_wait_seconds: int = Field(
        default=20,
        ge=1,
        le=120,
        description=(
            "Longest wait between two tries. Whoever asks for more (Retry-After) is left alone until the next run."
        ),
    )
    redirects: int = Field(
        default=0, ge=0, le=5, description="Redirects that are followed: to allowed hosts over https only. 0: none is."
    )
    conditional: bool = Field(
        default=False,
        description=(
            "Whether to ask by ETag and Last-Modified if anything changed since the slot before. For paging `none`."
        ),
    )
    encodings: list[Literal["gzip", "deflate", "zstd"]] = Field(
        default=["gzip"], description="Content encodings to offer.", json_schema_extra={"uniqueItems": True}
    )
    contact: Contact | None = Field(
        default=None, description="Whom the service can write to: an address or URL, sent in the User-Agent header."
    )


class Limits(Part):
    """Beyond these a run stops with an error instead of going on."""

    page_bytes: int = Field(
        default=33_554_432, ge=1, le=67_108_864, description="Largest page in bytes, on the wire and decoded."
    )
    expansion: int = Field(
        default=200,
        ge=2,
        le=10_000,
        description="How many times larger a page of 1 MiB and more may become when decoded.",
    )
    pages: int = Field(default=10_000, ge=1, le=99_999, description="Most pages of one run.")
    run_bytes: int = Field(
        default=10_737_418_240, ge=1, le=1_099_511_627_776, description="Most bytes of one run, on the wire."
    )
    run_seconds: int = Field(
        default=86_400, ge=60, le=604_800, description="Longest time from the first answer of an attempt to its last."
    )
    request_seconds: int = Field(default=60, ge=1, le=600, description="Longest time for one whole answer, in seconds.")
    close_delimited: bool = Field(
        default=False,
        description=(
            "Whether a body may end with its connection. It may then be cut anywhere; the total must prove it whole."
        ),
    )
