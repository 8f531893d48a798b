"""Texts with a shape: the pattern that the schema shows, and the words that a person reads when it does not fit."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_POINT = r"start|end|last_millisecond"
_ZONE = r"UTC|[A-Z][A-Za-z]+(/[A-Za-z0-9_+-]+){1,2}"
_TEXT, _DIRECTIVE = r"[^{}|%]", r"%-?[aAbBdfgGHIjmMpSuUVwWyYzZ%]"
"""Of strftime's directives those that mean the same on every machine; `%s` and `%Q` do not."""
_FORM = rf"iso|iso_z|iso_offset|date|epoch_seconds|epoch_milliseconds|{_TEXT}*{_DIRECTIVE}({_TEXT}|{_DIRECTIVE})*"
TEMPLATE = (
    rf"\{{slot\.(?P<point>{_POINT})((?P<amount>[+-][1-9][0-9]{{0,3}})(?P<unit>[hd]))?"
    rf"(?P<rest>(\|({_ZONE}))?(\|({_FORM}))?)\}}"
)
"""What ``lakeward.contract.template`` fills in."""


@dataclass(frozen=True)
class Shape:
    """A pattern for the whole text, and what it means in words."""

    pattern: str
    words: str

    def check(self, text: str) -> str:
        """The text, when it fits."""
        if not re.fullmatch(self.pattern, text, re.ASCII):
            raise PydanticCustomError("shape", "expected {words}", {"words": self.words})
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check after pydantic knows that it is a string."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Show the pattern in the JSON Schema."""
        return {**handler(schema), "pattern": f"^{self.pattern}$"}


@dataclass(frozen=True)
class PublicHost(Shape):
    """A host that is no name or address of the machine itself or of a private network."""

    def check(self, text: str) -> str:
        """The text, when it fits."""
        host = super().check(text).partition(":")[0]
        try:
            inner = not ipaddress.ip_address(host).is_global
        except ValueError:
            inner = host == "localhost" or host.endswith(".localhost")
        if inner:
            raise PydanticCustomError("shape", "expected a host of the open internet, because no other is connected to")
        return text


_TEMPLATE = re.sub(r"\?P<\w+>", "", TEMPLATE)  # JSON Schema's patterns know no names
_ARN_END = r"[A-Za-z0-9/_+=.@{}-]{1,512}"

Name = Annotated[
    str,
    Shape(
        r"[a-z][a-z0-9_]{0,62}",
        "a name of lower-case letters, digits and underscores that begins with a letter, at most 63 characters",
    ),
]
DatasetName = Annotated[
    str,
    Shape(
        r"[a-z][a-z0-9_]{0,39}",
        "a name of lower-case letters, digits and underscores that begins with a letter, at most 40 characters "
        "(it becomes part of longer AWS names)",
    ),
]
Version = Annotated[str, Shape(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}", "a version such as 1.0.0")]
_STEP = r"(\.[A-Za-z_][A-Za-z0-9_-]*|\[[0-9]+\])"
_PATH = rf"\${_STEP}*"
Path = Annotated[
    str,
    Shape(_PATH, "a path into the record such as $.properties.mag or $.items[0].id"),
]
ColumnPath = Annotated[
    str,
    Shape(
        rf"{_PATH}(\[\*\]{_STEP}*)?",
        "a path into the record such as $.properties.mag or $.items[0].id, or $.legs[*].id where records are exploded",
    ),
]
MemberPath = Annotated[
    str, Shape(r"\$(\.[A-Za-z_][A-Za-z0-9_-]*)*", "a path of names such as $.features, or $ for the page itself")
]
Url = Annotated[
    str,
    Shape(
        r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?(/[^\s?#\\{}]*)?",
        "an https URL with its host in lower case and without user, query, fragment and templates; "
        "what changes goes into params",
    ),
]
UrlTemplate = Annotated[
    str,
    Shape(
        rf"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{{0,4}})?(/([^\s?#\\{{}}]|{_TEMPLATE})*)?",
        "an https URL with its host in lower case and without user, query and fragment; its path may have templates "
        "such as {slot.start|date}, and other things that change go into params",
    ),
]
ParamName = Annotated[str, Shape(r"[^\s{}]+", "a parameter's name without spaces and templates")]
Template = Annotated[
    str,
    Shape(
        rf"([^{{}}]|{_TEMPLATE})*",
        "text whose braces are {slot.start}, {slot.end} or {slot.last_millisecond}, each with +/- hours or days, a "
        "zone "
        "and a form when wanted, such as {slot.start-1d|Europe/Berlin|date}",
    ),
]
HeaderName = Annotated[str, Shape(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", "a header's name such as Accept")]
HeaderText = Annotated[str, Shape(r"[!-~]([ -~]*[!-~])?", "printable ASCII without spaces around it")]
FieldName = Annotated[
    str, Shape(r"[A-Za-z_][A-Za-z0-9_-]*", "a field's name as paths can hold it: letters, digits, _ and -")
]
ZoneName = Annotated[str, Shape(_ZONE, "the name of a time zone such as UTC or Europe/Berlin")]
InstantFormat = Annotated[
    str,
    Shape(
        _FORM,
        "iso, iso_z, iso_offset, date, epoch_seconds, epoch_milliseconds, or text with directives such as %Y-%m-%d",
    ),
]
Host = Annotated[
    str,
    PublicHost(
        r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?",
        "a host in lower case such as files.example.com, with its port when that is not 443",
    ),
]
SecretArn = Annotated[
    str,
    Shape(
        rf"arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+|\{{region\}}):([0-9]{{12}}|\{{account_id\}}):secret:{_ARN_END}",
        "the ARN of a secret such as "
        "arn:aws:secretsmanager:{region}:{account_id}:secret:lakeward/{environment}/parcels",
    ),
]
SecretKey = Annotated[str, Shape(r"[A-Za-z0-9_.-]{1,100}", "a key of the secret's JSON object")]
Scope = Annotated[str, Shape(r"[!#-\[\]-~]+( [!#-\[\]-~]+)*", "scopes with single spaces between them")]
Contact = Annotated[str, Shape(r"[!-'*-~]{3,200}", "an address or URL without spaces and brackets")]
CursorText = Annotated[str, Shape(r"[!-~]{1,200}", "a cursor: printable ASCII without spaces")]
