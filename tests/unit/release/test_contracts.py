"""A release whose contracts break with the deployed ones is refused before anything is changed."""

import pytest
from contract_world import CONTRACT, edited

from lakeward.contract import parse_contract
from lakeward.errors import SchemaConflict
from lakeward.release.contracts import refuse_breaking

DEPLOYED = {"parcels": parse_contract(CONTRACT, "deployed")}


def test_additive_changes_and_datasets_that_come_or_go_are_let_through() -> None:
    wider = parse_contract(edited(("type: decimal(10,3)", "type: decimal(12,3)")), "new")

    refuse_breaking(DEPLOYED, {"parcels": wider, "letters": wider})
    refuse_breaking(DEPLOYED, {})


def test_a_breaking_change_under_the_same_major_version_is_refused_with_what_to_do() -> None:
    renamed = parse_contract(edited(("name: state", "name: status")), "new")

    with pytest.raises(SchemaConflict) as refused:
        refuse_breaking(DEPLOYED, {"parcels": renamed})

    assert refused.value.message == (
        "parcels: expected version 2.0.0, which makes the table parcels_v2, found 1.2.0: column state is called status "
        "now. Nothing was changed; `lakeward dataset plan` says what each change comes to"
    )
