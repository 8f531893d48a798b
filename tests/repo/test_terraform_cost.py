"""Every resource that Terraform can make has a price or is known to be free when nothing happens."""

import re
from pathlib import Path

from lakeward.fixed_cost import FREE_WHEN_IDLE, PRICES

ROOT = Path(__file__).parents[2]


def test_no_resource_is_without_a_price_and_no_price_without_a_resource():
    texts = [file.read_text() for folder in ("modules", "terraform") for file in (ROOT / folder).rglob("*.tf")]
    made = {kind for text in texts for kind in re.findall(r'^resource "(\w+)"', text, re.MULTILINE)}

    assert made == set(PRICES) | FREE_WHEN_IDLE
