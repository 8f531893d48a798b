"""The release file: canonical, bound to digests, refused when it is anything else."""

import hashlib
import json
from pathlib import Path

import pytest
from release_world import release_in

from lakeward.errors import ReleaseInvalid
from lakeward.released import Release


def test_its_id_is_the_digest_of_its_bytes(tmp_path: Path):
    release = release_in(tmp_path)

    assert release.id == hashlib.sha256((tmp_path / "release.json").read_bytes()).hexdigest()


def test_it_is_read_back_as_it_was_written(tmp_path: Path):
    release = release_in(tmp_path)

    assert Release.from_bytes((tmp_path / "release.json").read_bytes(), "release.json") == release


def test_the_same_content_written_otherwise_is_refused(tmp_path: Path):
    release_in(tmp_path)
    reformatted = json.dumps(json.loads((tmp_path / "release.json").read_bytes()), indent=4).encode()

    with pytest.raises(ReleaseInvalid, match=r"release\.json: expected the bytes that .* wrote.*edited or reformatted"):
        Release.from_bytes(reformatted, "release.json")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{}", "functions: Field required"),
        ("no JSON", "as a whole: Invalid JSON"),
        ('{"release": 2}', "release: Input should be 1"),
    ],
)
def test_what_is_no_release_file_is_refused_with_what_is_wrong(text: str, found: str):
    with pytest.raises(ReleaseInvalid, match=found):
        Release.from_bytes(text.encode(), "release.json")


@pytest.mark.parametrize("key", ["functions/other.zip", "functions/{sha}.tar", "{sha}.zip", "fun/ctions/{sha}.zip"])
def test_an_artifact_whose_key_does_not_carry_its_digest_is_refused(key: str, tmp_path: Path):
    release = release_in(tmp_path)
    document = json.loads(release.to_bytes())
    document["functions"]["key"] = key.replace("{sha}", document["functions"]["sha256"])

    with pytest.raises(ReleaseInvalid, match=r"functions: .*expected the key <kind>/"):
        Release.from_bytes(json.dumps(document).encode(), "release.json")


def test_the_largest_artifact_comes_last_and_a_missing_layer_is_left_out(tmp_path: Path):
    kinds = [
        [artifact.key.partition("/")[0] for artifact in release_in(tmp_path, layer=layer).artifacts()]
        for layer in (True, False)
    ]

    assert kinds == [["functions", "terraform", "sboms", "layers"], ["functions", "terraform", "sboms"]]
