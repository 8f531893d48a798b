"""A world for contracts: a small one that holds, and edits of its text that must not."""

from typing import Any

from ruamel.yaml import YAML

CONTRACT = """\
contract: 1
dataset: parcels
version: 1.2.0
owner: logistics
description: Parcels on their way, one row a parcel.
source:
  kind: http
  url: https://service.test/parcels
  params:
    since: "{slot.start}"
    until: "{slot.end}"
  headers:
    Accept: application/json
  paging:
    kind: offset_limit
    offset_param: offset
    limit_param: limit
    first_offset: 0
    page_records: 100
  total:
    url: https://service.test/count
    params:
      since: "{slot.start}"
    at: $.count
  records:
    format: json
    at: $.items
slot: day
schedule:
  cron: cron(0 3 * * ? *)
freshness:
  hours: 30
load:
  mode: upsert
  primary_key: [id]
  newest_by: changed_at
partition_by: day
columns:
  - name: id
    type: string
    at: $.id
    required: true
    description: Identifier.
  - name: changed_at
    type: timestamp
    at: $.changed
    parse: epoch_seconds
    required: true
    description: Last change.
  - name: day
    type: date
    utc_day_of: changed_at
    description: UTC day of the change.
  - name: weight_kg
    type: decimal(10,3)
    at: $.weight
    minimum: 0
    maximum: 1000
    description: Weight in kilograms.
  - name: state
    type: string
    at: $.state
    allowed: [sent, lost, no]
    description: Where it is.
"""


def edited(*edits: tuple[str, str]) -> str:
    """The contract with texts replaced, each of which must stand in it."""
    text = CONTRACT
    for old, new in edits:
        assert old in text, f"{old!r} is not in the contract"
        text = text.replace(old, new, 1)
    return text


def yaml_value(text: str) -> Any:
    """What a YAML 1.2 reader makes of a text."""
    return YAML(typ="safe", pure=True).load(text)
