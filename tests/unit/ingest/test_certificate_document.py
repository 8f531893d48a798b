"""``docs/certificate.md`` explains every field that a certificate may have, and no other."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "certificate.md").read_text()
SCHEMA = json.loads((ROOT / "schemas" / "certificate.schema.json").read_text())
FIELDS = {
    "The certificate": list(SCHEMA["properties"]),
    "Each of its pages": list(SCHEMA["$defs"]["CertifiedPage"]["properties"]),
}


@pytest.mark.parametrize("heading", FIELDS)
def test_every_field_of_the_schema_is_explained_in_its_order(heading: str):
    section = DOCUMENT.partition(f"## {heading}\n")[2].partition("\n## ")[0]

    assert re.findall(r"^\| `(\w+)` \| \S.*\.\s\|$", section, re.MULTILINE) == FIELDS[heading]


def test_how_to_check_one_is_said():
    assert "lakeward certificate verify earthquakes --slot 2018-01-31" in DOCUMENT


def test_the_version_that_is_written_now_is_the_schemas():
    assert f"Version of the format, {SCHEMA['properties']['certificate']['default']} now." in DOCUMENT
