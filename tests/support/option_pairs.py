"""For every option of columns, rows and exploded arrays: a record that passes and one that does not, and why not.

All pairs are in one contract, each with columns of its own, so that an engine needs one load for all of them. Whether
every option has a pair is found out from the contract's schema; see ``tests/unit/transform/test_option_pairs.py``.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engines import FIRST_CAME
from reading_cases import CASES, MISSING
from rule_cases import RULES, read_as
from transform_world import contract, record

from lakeward.contract import Contract
from lakeward.contract.schema import contract_schema
from lakeward.ports.personal import PersonalKey

SCHEMA = contract_schema()["$defs"]
KEY = PersonalKey(b"a key of thirty-two bytes or more, made up")
SECRET = "arn:aws:secretsmanager:{region}:{account_id}:secret:lakeward/{environment}/people"
NOTED = ("set_null", "warn")
X = "§"
"""Stands for what no other pair's columns and fields have in their names."""


@dataclass(frozen=True)
class Pair:
    """Columns (YAML flow style), rules over rows, the fields of two records, what the good one's columns are worth.

    ``said`` is column, rule and reason of the other, ``policy`` what becomes of it, ``kept`` what its columns are worth
    where it is kept.
    """

    columns: tuple[str, ...]
    good: dict[str, Any]
    worth: dict[str, Any]
    bad: dict[str, Any]
    said: tuple[str, str, str]
    policy: str = "quarantine"
    kept: dict[str, Any] = field(default_factory=dict)
    rules: tuple[str, ...] = ()

    def numbered(self, number: int) -> "Pair":
        """The pair with names of its own."""
        own = f"x{number}"
        column, rule, reason = self.said
        return Pair(
            tuple(text.replace(X, own) for text in self.columns),
            *(_named(part, own) for part in (self.good, self.worth, self.bad)),
            (column.replace(X, own), rule.replace(X, own), reason.replace(X, own)),
            self.policy,
            _named(self.kept, own),
            tuple(text.replace(X, own) for text in self.rules),
        )


def _named(values: dict[str, Any], own: str) -> dict[str, Any]:
    return {name.replace(X, own): value for name, value in values.items()}


def _readings() -> Iterator[Pair]:
    for case in CASES:
        good = {} if case.good is MISSING else {X: case.good}
        column = f"name: {X}, {case.column}, at: $.{X}"
        yield Pair((column,), good, {X: case.typed}, {X: case.bad}, (X, "type", case.reason))


def policies_of(rule: str) -> list[str]:
    """The policies that a rule may have."""
    no_value = {"type": "warn", "compute": "warn", "required": "set_null"}
    return [policy for policy in SCHEMA["Policies"]["properties"][rule]["enum"] if policy != no_value.get(rule)]


def _rules() -> Iterator[Pair]:
    """Every rule at its edge under every policy, which stands for the rule or for the column."""
    for rule, column, good, typed, bad, reason in RULES:
        for policy in policies_of(rule):
            for key in (f"on_violation: {policy}", f"policies: {{{rule}: {policy}}}"):
                of = f"name: {X}, {column.replace('$.x', f'$.{X}')}, {key}"
                kept = {"set_null": {X: None}, "warn": {X: read_as(column, bad)}}.get(policy, {})
                yield Pair((of,), {X: good}, {X: typed}, {X: bad}, (X, rule, reason), policy, kept)


def _computed() -> Iterator[Pair]:
    reason = "expected a value of bigint as computed, found none that can be represented"
    for policy in policies_of("compute"):
        columns = (
            f"name: {X}_n, type: bigint, at: $.{X}",
            f"name: {X}, type: bigint, compute: {X}_n * 2, policies: {{compute: {policy}}}",
        )
        worth, large = {f"{X}_n": 7, X: 14}, 2**62
        kept = {f"{X}_n": large, X: None} if policy == "set_null" else {}
        yield Pair(columns, {X: 7}, worth, {X: large}, (X, "compute", reason), policy, kept)


def _rows() -> Iterator[Pair]:
    for policy in SCHEMA["RowRule"]["properties"]["on_violation"]["enum"]:
        rule = f"name: {X}_up, holds: {X} > 0, on_violation: {policy}"
        kept = {X: 0} if policy == "warn" else {}
        said = ("*", f"{X}_up", f"expected {X} > 0, found otherwise")
        yield Pair((f"name: {X}, type: int, at: $.{X}",), {X: 1}, {X: 1}, {X: 0}, said, policy, kept, (rule,))


def _known() -> Iterator[Pair]:
    """What the run knows cannot be wrong, so a rule over it breaks where a field of the record says so."""
    began, ended = datetime(2024, 3, 1), datetime(2024, 3, 2)
    came = FIRST_CAME.replace(tzinfo=None)
    known = {
        "slot": ("timestamp", began, "make_date(2024, 3, 2)"),
        "slot_end": ("timestamp", ended, "make_date(2024, 3, 3)"),
        "page": ("string", "page-00001", "'page-00002'"),
        "position": ("bigint", 1, "0"),
        "ingested_at": ("timestamp", came, "make_date(2024, 3, 3)"),
    }
    for constant, (of, worth, other) in known.items():
        here = f"cast({X} as date)" if of == "timestamp" else X
        holds = f"{X}_off is null or {here} = {other}"
        yield Pair(
            (f"name: {X}, type: {of}, constant: {constant}", f"name: {X}_off, type: boolean, at: $.{X}"),
            {},
            {X: worth},
            {X: True},
            ("*", f"{X}_rule", f"expected {holds}, found otherwise"),
            rules=(f'name: {X}_rule, holds: "{holds}"',),
        )
    yield Pair(
        (f"name: {X}, type: timestamp, at: $.{X}", f"name: {X}_day, type: date, utc_day_of: {X}"),
        {X: "2024-03-01T00:30:00+01:00"},
        {X: datetime(2024, 2, 29, 23, 30), f"{X}_day": date(2024, 2, 29)},
        {X: "2024-03-01T00:30:00Z"},
        ("*", f"{X}_rule", f"expected {X}_day < make_date(2024, 3, 1), found otherwise"),
        rules=(f'name: {X}_rule, holds: "{X}_day < make_date(2024, 3, 1)"',),
    )


def _personal() -> Iterator[Pair]:
    def digest(text: str) -> str:
        return hmac.new(KEY.value, text.encode(), "sha256").hexdigest()

    worth = {"hash": {X: digest("Ann")}, "redact": {X: "REDACTED"}, "drop": {}}
    reason = "expected at most 3 character(s), found more"
    for personal in ("hash", "redact", "drop"):
        column = f"name: {X}, type: string, at: $.{X}, max_length: 3, personal: {personal}"
        yield Pair((column,), {X: "Ann"}, worth[personal], {X: "Anna"}, (X, "length", reason))
    # The name is part of what is digested.
    column = "name: token, type: string, at: $.token, max_length: 3, personal: tokenise"
    token = f"tok_{digest(chr(0).join(('token', 'Ann')))[:32]}"
    yield Pair((column,), {"token": "Ann"}, {"token": token}, {"token": "Anna"}, ("token", "length", reason))


MADE = [*_readings(), *_rules(), *_computed(), *_rows(), *_known(), *_personal()]
PAIRS = [pair.numbered(number) for number, pair in enumerate(MADE)]


def contract_of_pairs() -> Contract:
    """One contract with the columns and rules of all."""
    rules = "".join(f"  - {{{rule}}}\n" for pair in PAIRS for rule in pair.rules)
    more = f'personal_key: "{SECRET}"\nrules:\n{rules}'
    return contract(*(column for pair in PAIRS for column in pair.columns), more=more)


def records_of_pairs() -> list[dict[str, Any]]:
    """A record that is good in all, then one for each pair that is good in all others."""
    good = {name: value for pair in PAIRS for name, value in pair.good.items()}
    return [record(0, **good), *(record(n, **{**good, **pair.bad}) for n, pair in enumerate(PAIRS, start=1))]


@dataclass(frozen=True)
class Array:
    """How an array is exploded (YAML flow style), what is no good in its place, and the reason; or that it is kept."""

    explode: str
    bad: dict[str, Any]
    reason: str | None


EMPTY, NONE = {"legs": []}, {}
ARRAYS = [
    Array("at: $.legs, empty: quarantine", EMPTY, "expected an element in the array at $.legs, found none"),
    Array("at: $.legs, missing: quarantine", NONE, "expected an array at $.legs, found none"),
    Array("at: $.legs, empty: keep", EMPTY, None),
    Array("at: $.legs, missing: keep", NONE, None),
    Array("at: $.legs, empty: skip", EMPTY, None),
    Array("at: $.legs, missing: skip", NONE, None),
    Array("at: $.legs, on_violation: quarantine", {"legs": 7}, "expected an array at $.legs, found a number"),
    Array("at: $.legs, on_violation: fail", {"legs": "7"}, "expected an array at $.legs, found another string"),
]
ARRAY_COLUMNS = ("name: leg, type: int, at: '$.legs[*]'", "name: number, type: bigint, constant: element")


def contract_of_array(array: Array) -> Contract:
    """A contract that explodes it."""
    at = f"$.items, explode: {{{array.explode}}}"
    return contract(*ARRAY_COLUMNS, records_at=at, load="{mode: replace_slot}")


def records_of_array(array: Array) -> list[dict[str, Any]]:
    """A record with two elements, the second of them no good, and one that is no good as a whole."""
    return [record(1, legs=[5, "6"]), record(2, **array.bad)]
