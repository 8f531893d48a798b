"""The contract that a sample makes, as YAML with a comment at every guess."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from lakeward.contract import parse_contract
from lakeward.draft.columns import Guess, columns_of
from lakeward.draft.paging import Paging, paging_of
from lakeward.draft.request import Asked, asked_by, without
from lakeward.draft.roles import Roles, roles_of
from lakeward.draft.sample import Sample

SCHEMA = "# yaml-language-server: $schema=../../schemas/contract.schema.json\n"
WIDTH = 4096
WHAT_IS_A_ROW = "what is a row, and where does it come from?"
WHICH_DAY = "the day that readers will ask by?"
OF_THE_SLOT = "no record tells its day, so this is the slot's"
WHICH_SLOT = "does the request name the slot, such as {slot.start|date}? Without, every run asks for all"
HIDDEN = "may be secret and was left out: see Authentication in docs/sources.md"


@dataclass(frozen=True)
class Drafted:
    """A contract's text, the column that its rows are partitioned by, and how many places a person should check."""

    text: str
    partition_by: str
    to_check: int


class _Writer:
    """Puts values into maps, each with what to check of it."""

    def __init__(self) -> None:
        self.to_check = 0

    def put(self, into: CommentedMap, key: str, value: Any, check: str | None = None) -> None:
        """``key: value # check: …``"""
        into[key] = value
        if check:
            self.to_check += 1
            into.yaml_add_eol_comment(f"check: {check}", key, column=0)

    def map(self, values: Mapping[str, Any], notes: Mapping[str, str] | None = None) -> CommentedMap:
        """A map; ``notes`` are by key."""
        made = CommentedMap()
        for key, value in values.items():
            self.put(made, key, value, (notes or {}).get(key))
        return made


def draft_contract(name: str, sample: Sample, url: str | None, owner: str) -> Drafted:
    """Write it.

    Args:
        name: of the dataset.
        sample: one response of the service.
        url: what was asked for it; None when only a file is known.
        owner: the team that answers for the data.

    Raises:
        ContractInvalid: the URL is none that a contract may have.
    """
    guesses, left_out = columns_of(sample)
    roles = roles_of(guesses)
    asked = asked_by(url, name)
    paging = paging_of(sample, asked.given)
    write, top = _Writer(), CommentedMap()
    for key, value in (("contract", 1), ("dataset", name), ("version", "1.0.0"), ("owner", owner)):
        write.put(top, key, value)
    write.put(top, "description", f"Records of {name}, one row a record.", WHAT_IS_A_ROW)
    write.put(top, "source", _source(write, sample, asked, paging, known=url is not None))
    write.put(top, "slot", "day", "the interval that one run asks for: day or hour?")
    write.put(top, "schedule", write.map({"cron": "cron(0 3 * * ? *)"}, {"cron": "when is a day's data there? UTC"}))
    write.put(top, "freshness", write.map({"hours": 48}))
    write.put(top, "load", _load(write, roles))
    write.put(top, "partition_by", roles.partition, OF_THE_SLOT if roles.of_the_run else WHICH_DAY)
    write.put(top, "columns", _columns(write, guesses, roles))
    for key in ("source", "slot", "load", "columns"):
        top.yaml_set_comment_before_after_key(key, before="\n")
    text = SCHEMA + _dumped(top) + "".join(f"# left out: {what}\n" for what in left_out)
    parse_contract(text, f"the contract drafted for {name}")
    return Drafted(text, roles.partition, write.to_check)


def _dumped(top: CommentedMap) -> str:
    yaml, out = YAML(), io.StringIO()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = WIDTH
    yaml.dump(top, out)
    return out.getvalue()


def _source(write: _Writer, sample: Sample, asked: Asked, paging: Paging, *, known: bool) -> CommentedMap:
    source = write.map({"kind": "http"})
    note = "the slot's day, as a guess" if asked.day_in_path else None
    write.put(source, "url", asked.url, note if known else "a placeholder: where do the records come from?")
    params = without(asked, paging.paging)
    hint = None if asked.notes or asked.day_in_path else WHICH_SLOT
    if params:
        write.put(source, "params", write.map(params, asked.notes), hint)
    elif hint:
        write.put(source, "params", _flow(CommentedMap()), hint)
    if asked.secret:
        hidden = ", ".join(asked.secret)
        write.put(source, "auth", _flow(write.map({"kind": "none"})), f"{hidden} {HIDDEN}")
    write.put(source, "paging", write.map(paging.paging, paging.notes), paging.notes.get("paging"))
    if paging.stop is not None:
        write.put(source, "stop", write.map({"when": paging.stop}))
    if paging.total_at is not None:
        write.put(source, "total", write.map({"at": paging.total_at}), paging.notes.get("total"))
    write.put(source, "records", _records(write, sample, paging))
    return source


def _records(write: _Writer, sample: Sample, paging: Paging) -> CommentedMap:
    records = write.map({"format": sample.format})
    if sample.format == "json":
        write.put(records, "at", sample.at)
    if paging.count_at is not None:
        write.put(records, "declared_count_at", paging.count_at, "is it the number of this page's records?")
    if sample.delimiter != ",":
        write.put(records, "delimiter", sample.delimiter)
    if sample.null_text:
        write.put(records, "null_text", sample.null_text, "does this text always stand for no value?")
    if sample.compressed:
        write.put(records, "compression", "gzip", "is the file itself compressed?")
    return records


def _load(write: _Writer, roles: Roles) -> CommentedMap:
    load = write.map({"mode": roles.mode}, {"mode": roles.note} if roles.note else {})
    if roles.key:
        write.put(load, "primary_key", _flow(CommentedSeq(roles.key)), "does this identify a row in all data?")
    if roles.version is not None:
        write.put(load, "newest_by", roles.version, "which of two versions is newer?")
    return load


def _columns(write: _Writer, guesses: list[Guess], roles: Roles) -> CommentedSeq:
    columns = CommentedSeq()
    day = {"name": roles.partition, "type": "date", "utc_day_of": roles.day_of}
    for guess in guesses:
        column = write.map({"name": guess.name, "type": guess.type}, {"type": "; ".join(guess.notes)})
        write.put(column, "at", guess.at)
        if guess.parse is not None:
            write.put(column, "parse", guess.parse)
        if guess.name in roles.required:
            write.put(column, "required", True)
        write.put(column, "description", f"To be described ({guess.at}).")
        columns.append(column)
        if roles.day_of == guess.name:
            columns.append(write.map(day | {"description": f"UTC day of {guess.name}. The partition."}))
    if roles.of_the_run:
        start = {"name": roles.day_of, "type": "timestamp", "constant": "slot"}
        columns.append(write.map(start | {"description": "Start of the slot that brought the record."}))
        columns.append(write.map(day | {"description": "UTC day of the slot that brought the record. The partition."}))
    return columns


def _flow(of: Any) -> Any:
    """Written on one line."""
    of.fa.set_flow_style()
    return of
