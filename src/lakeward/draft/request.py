"""The request that a sample answered, as a contract may say it: no secret, the slot's days as templates."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from lakeward.contract.credentials import names_a_secret
from lakeward.errors import ContractInvalid

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
IN_PATH = re.compile(r"(?<![\d-])\d{4}-\d{2}-\d{2}(?![\d-])")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z?)")
END = re.compile(r"end|until|to$|before|max|lte?$", re.IGNORECASE)
PLACEHOLDER = "https://example.org/"


@dataclass(frozen=True)
class Asked:
    """``url`` without its query, the query's parameters with templates of the slot, and notes by parameter."""

    url: str
    given: dict[str, str]
    params: dict[str, str]
    notes: dict[str, str] = field(default_factory=dict)
    secret: tuple[str, ...] = ()
    """Parameters that were left out because they may be secret."""
    day_in_path: bool = False
    """Whether the path had one day, in whose place is the slot's now."""


def asked_by(url: str | None, name: str) -> Asked:
    """Take a URL apart.

    Args:
        url: of the request; None when only a file is known.
        name: of the dataset, for a placeholder.

    Raises:
        ContractInvalid: not https, or with a user in it.
    """
    if url is None:
        return Asked(f"{PLACEHOLDER}{name}", {}, {})
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        raise ContractInvalid("expected an https URL without a user, found another")
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    secret = tuple(param for param in given if names_a_secret(param))
    kept = {param: value for param, value in given.items() if param not in secret}
    params = {param: _template(param, value) for param, value in kept.items()}
    notes = {param: "the slot's, as a guess" for param, value in params.items() if value != kept[param]}
    days = IN_PATH.findall(parts.path)
    path = IN_PATH.sub("{slot.start|date}", parts.path) if len(days) == 1 else parts.path
    return Asked(f"https://{parts.netloc.lower()}{path}", kept, params, notes, secret, path != parts.path)


def without(asked: Asked, names: Mapping[str, object]) -> dict[str, str]:
    """The parameters that paging does not set."""
    set_by_paging = {value for name, value in names.items() if name.endswith("_param")}
    return {param: value for param, value in asked.params.items() if param not in set_by_paging}


def _template(param: str, value: str) -> str:
    point = "end" if END.search(param) else "start"
    if DAY.fullmatch(value):
        return f"{{slot.{point}|date}}"
    match = INSTANT.fullmatch(value)
    if match is None:
        return value.replace("{", "").replace("}", "")
    return f"{{slot.{point}|iso_z}}" if match[3] else f"{{slot.{point}}}"
