"""What a change of a contract comes to, change by change, and which version it must bear."""

import pytest
from contract_world import CONTRACT, edited

from lakeward.contract import Contract, parse_contract
from lakeward.contract.changes import OTHERS, Change, changes, version_problem, widens

NEW_TABLE = "a new table: this cannot change in one that is there"
AGAIN = "other values from the next run on; run former slots again for theirs"
OTHER_DIGESTS = "digests from the next run on are other ones: run former slots again, or nothing matches them"
KEY = 'personal_key: "arn:aws:secretsmanager:{region}:{account_id}:secret:lakeward/{environment}/people"'
BEFORE = parse_contract(CONTRACT, "before")
WEIGHT_END = "    description: Weight in kilograms.\n"
STATE_END = "    description: Where it is.\n"
MORE = f"{STATE_END}  - {{name: note, type: string, at: $.note, description: A note.}}\n"
MUST = f"{STATE_END}  - {{name: note, type: string, at: $.note, required: true, description: A note.}}\n"

CASES: list[tuple[tuple[str, str], list[tuple[str, str, str]]]] = [
    ((STATE_END, MORE), [("table", "column note is new, of type string", "rows from before have NULL there")]),
    (
        (STATE_END, MUST),
        [
            ("table", "column note is new, of type string", "rows from before have NULL there"),
            ("rows", "column note is required", "records without it are quarantined"),
        ],
    ),
    (
        ("type: decimal(10,3)", "type: decimal(12,3)"),
        [
            (
                "table",
                "column weight_kg becomes decimal(12,3), was decimal(10,3)",
                "rows from before are read as that",
            )
        ],
    ),
    (
        ("type: decimal(10,3)", "type: decimal(12,4)"),
        [("breaking", "column weight_kg is decimal(10,3), expected decimal(12,4)", NEW_TABLE)],
    ),
    (("name: state", "name: status"), [("breaking", "column state is called status now", NEW_TABLE)]),
    (
        ("  mode: upsert", "  mode: append_only"),
        [
            ("breaking", "load.mode: expected upsert, found append_only", NEW_TABLE),
            ("breaking", "load.newest_by: expected changed_at, found None", NEW_TABLE),
        ],
    ),
    (("at: $.state", "at: $.status"), [("rows", "column state is read otherwise: at", AGAIN)]),
    (
        ("maximum: 1000", "maximum: 500"),
        [("rows", "rules of column weight_kg: maximum", "records that passed may now be quarantined")],
    ),
    (
        ("maximum: 1000", "maximum: 2000"),
        [
            (
                "rows",
                "rules of column weight_kg: maximum",
                "what breaks them may become something else from the next run on; run former slots again for theirs",
            )
        ],
    ),
    (
        ("allowed: [sent, lost, no]", "allowed: [sent, lost]\n    on_violation: warn"),
        [("rows", "rules of column state: allowed, on_violation", "records that passed may now be kept with a note")],
    ),
    (("hours: 30", "hours: 40"), [("other", "freshness is another one", "when the alarm rings")]),
    (("owner: logistics", "owner: post"), [("other", "owner is another one", "who answers for the data")]),
    (("Where it is.", "Where it was."), []),
    (
        ("type: decimal(10,3)", "personal: redact\n    type: decimal(10,3)"),
        [
            ("breaking", "column weight_kg is decimal(10,3), expected string", NEW_TABLE),
            ("rows", "column weight_kg is read otherwise: personal", AGAIN),
        ],
    ),
    (
        ("type: decimal(10,3)", "personal: drop\n    type: decimal(10,3)"),
        [
            ("breaking", "column weight_kg is in the table and no more kept (personal: drop)", NEW_TABLE),
            ("rows", "column weight_kg is read otherwise: personal", AGAIN),
        ],
    ),
    (
        ("partition_by: day", "partition_by: day\ncluster_by: [state]"),
        [
            ("other", "cluster_by is another one", "how rows are sorted in files that are written from now on"),
        ],
    ),
    (
        ("partition_by: day", "partition_by: day\nengine: {use: glue}"),
        [
            ("other", "engine is another one", "where slots are transformed; the rows are the same"),
        ],
    ),
    (
        ("partition_by: day", "partition_by: day\ncost: {max_run_dollars: 1}"),
        [
            ("other", "cost is another one", "what stops a run before its transform"),
        ],
    ),
    (
        ("partition_by: day", "partition_by: day\nmaintenance: {keep_days: 9}"),
        [
            ("other", "maintenance is another one", "how files are kept in shape, and how long former states are kept"),
        ],
    ),
]


@pytest.mark.parametrize(("edit", "said"), CASES, ids=[edit[1].strip().splitlines()[-1] for edit, _ in CASES])
def test_a_change_is_told_with_what_it_comes_to(edit: tuple[str, str], said: list[tuple[str, str, str]]) -> None:
    edits = [edit] if "append_only" not in edit[1] else [edit, ("  newest_by: changed_at\n", "")]

    assert changes(BEFORE, parse_contract(edited(*edits), "after")) == [Change(*told) for told in said]  # type: ignore[arg-type]


def test_a_column_that_is_hashed_is_another_one_for_the_table_unless_it_was_a_text() -> None:
    digits = edited(("type: string\n    at: $.id", "type: bigint\n    at: $.id"))
    hidden = [
        text.replace("at: $.id\n", "at: $.id\n    personal: hash\n").replace("partition_by:", f"{KEY}\npartition_by:")
        for text in (CONTRACT, digits)
    ]
    read = [
        Change("rows", "column id is read otherwise: personal", AGAIN),
        Change("rows", "personal_key is another one", OTHER_DIGESTS),
    ]

    text = changes(BEFORE, parse_contract(hidden[0], "after"))
    number = changes(parse_contract(digits, "before"), parse_contract(hidden[1], "after"))

    assert text == read
    assert number == [Change("breaking", "column id is bigint, expected string", NEW_TABLE), *read]


def test_every_key_of_a_contract_is_compared() -> None:
    in_ways_of_their_own = {"version", "load", "partition_by", "columns", "rules", "personal_key"}
    what_it_is = {"contract", "dataset"}

    assert OTHERS.keys() | in_ways_of_their_own | what_it_is == Contract.model_fields.keys()


def test_a_column_that_went_is_told() -> None:
    state = CONTRACT[CONTRACT.index("  - name: state") :]

    (found,) = changes(BEFORE, parse_contract(CONTRACT.replace(state, ""), "after"))

    assert found == Change("breaking", "column state is in the table and not in the contract", NEW_TABLE)


def test_a_key_may_not_even_become_wider() -> None:
    narrow = edited(("type: string\n    at: $.id", "type: int\n    at: $.id"))
    wide = narrow.replace("type: int", "type: bigint")

    (found,) = changes(parse_contract(narrow, "before"), parse_contract(wide, "after"))

    assert found.what == "column id is int, expected bigint, and rows are compared by it"


@pytest.mark.parametrize(
    ("before", "after", "wider"),
    [
        ("int", "bigint", True),
        ("bigint", "int", False),
        ("float", "double", True),
        ("int", "double", False),
        ("decimal(10,2)", "decimal(38,2)", True),
        ("decimal(10,2)", "decimal(10,2)", False),
        ("decimal(10,2)", "decimal(12,3)", False),
        ("date", "timestamp", False),
        ("int", "string", False),
    ],
)
def test_a_type_is_wider_when_icebergs_rules_promote_it(before: str, after: str, wider: bool) -> None:
    assert widens(before, after) == wider


@pytest.mark.parametrize(
    ("version", "edit", "problem"),
    [
        ("1.2.0", ("hours: 30", "hours: 31"), None),
        ("1.3.0", (STATE_END, MORE), None),
        ("2.0.0", ("name: state", "name: status"), None),
        (
            "1.3.0",
            ("name: state", "name: status"),
            "expected version 2.0.0, which makes the table parcels_v2, found 1.3.0: column state is called status now",
        ),
        (
            "1.1.9",
            ("hours: 30", "hours: 31"),
            "expected a version from 1.2.0 on, found 1.1.9; to go back: lakeward rollback",
        ),
    ],
)
def test_a_breaking_change_bears_a_new_major_version(version: str, edit: tuple[str, str], problem: str | None) -> None:
    after = parse_contract(edited(("version: 1.2.0", f"version: {version}"), edit), "after")

    assert version_problem(BEFORE, after) == problem
