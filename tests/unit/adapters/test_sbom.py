"""The bill of materials says what the lock says: every package, its version, its hashes, and who needs it."""

import json
from pathlib import Path

import pytest

from lakeward.adapters.packaging.sbom import bill_of_materials
from lakeward.errors import BuildFailed

ROOT = Path(__file__).parents[3]
LOCK = f"""\
boto3==1.2.3 \\
    --hash=sha256:{"a" * 64} \\
    --hash=sha256:{"b" * 64}
    # via
    #   -c dev.txt
    #   -r runtime.in
jmespath==0.1 \\
    --hash=sha256:{"c" * 64}
    # via boto3
ruamel-yaml==0.19.1 ; python_version < '4' \\
    --hash=sha256:{"d" * 64}
    # via -r runtime.in
"""


def bill(lock: str = LOCK) -> dict:
    return json.loads(bill_of_materials(lock, "0.1.0", "f" * 64))


def test_every_package_is_a_component_with_its_version_and_the_hashes_of_its_files():
    assert [(c["purl"], [p["value"][0] for p in c["properties"]]) for c in bill()["components"]] == [
        ("pkg:pypi/boto3@1.2.3", ["a", "b"]),
        ("pkg:pypi/jmespath@0.1", ["c"]),
        ("pkg:pypi/ruamel-yaml@0.19.1", ["d"]),
    ]


def test_who_needs_what_is_as_the_lock_says():
    assert {d["ref"]: d["dependsOn"] for d in bill()["dependencies"]} == {
        "pkg:generic/lakeward@0.1.0": ["pkg:pypi/boto3@1.2.3", "pkg:pypi/ruamel-yaml@0.19.1"],
        "pkg:pypi/boto3@1.2.3": ["pkg:pypi/jmespath@0.1"],
        "pkg:pypi/jmespath@0.1": [],
        "pkg:pypi/ruamel-yaml@0.19.1": [],
    }


def test_it_is_cyclonedx_of_the_functions_that_were_built_and_the_same_each_time():
    made = bill()

    assert (made["bomFormat"], made["specVersion"], made["version"]) == ("CycloneDX", "1.6", 1)
    assert made["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": "f" * 64}]
    assert "timestamp" not in made["metadata"]
    assert bill_of_materials(LOCK, "0.1.0", "f" * 64) == bill_of_materials(LOCK, "0.1.0", "f" * 64)


def test_the_repositorys_own_lock_makes_one_in_which_everything_is_needed():
    lock = (ROOT / "requirements" / "layer.txt").read_text()
    made = bill(lock)

    needed = {on for d in made["dependencies"] for on in d["dependsOn"]}
    assert {c["purl"] for c in made["components"]} == needed
    assert lock.count("==") == len(made["components"])


@pytest.mark.parametrize("lock", ["", f"boto3==1.2.3 \\\n    --hash=sha256:{'a' * 64}\n"])
def test_a_lock_without_packages_or_without_who_needs_them_is_refused(lock: str):
    with pytest.raises(BuildFailed, match=r"make it again: scripts/lock\.sh"):
        bill(lock)
