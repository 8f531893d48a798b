import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from lakeward_local.errors import DeclarationInvalid
from lakeward_local.replay.declaration import fingerprint, overrides
from lakeward_local.replay.imitations import imitations

GOOD = {"imitation": "usgs", "host": "https://quakes.example.com", "path": "/events/1", "recorded": "sample/a.geojson"}


def event(id_: str, updated: int = 1, mag: float = 1.0) -> dict[str, Any]:
    properties = {"time": 1517363399650, "updated": updated, "mag": mag, "type": "earthquake"}
    return {"type": "Feature", "id": id_, "properties": properties, "geometry": {"coordinates": [1, 2, 3]}}


def recording(*events: dict[str, Any]) -> bytes:
    frame = {"type": "FeatureCollection", "metadata": {"generated": 1517968154000, "api": "1.5.8"}, "features": events}
    return json.dumps(frame).encode()


def dataset(folder: Path, declaration: dict[str, str] | str, content: bytes = b"") -> Path:
    folder.mkdir(parents=True)
    text = declaration if isinstance(declaration, str) else "".join(f"{k}: {v}\n" for k, v in declaration.items())
    (folder / "replay.yaml").write_text(text)
    (folder / "sample").mkdir()
    (folder / "sample" / "a.geojson").write_bytes(content or recording(event("a")))
    return folder


def test_a_folder_without_a_declaration_has_no_recorded_upstream(tmp_path: Path):
    (tmp_path / "plain").mkdir()

    assert (imitations(tmp_path), overrides(tmp_path, "http://127.0.0.1:1")) == ([], {})


def test_functions_are_sent_to_the_replay_for_every_declared_host(tmp_path: Path):
    dataset(tmp_path / "one", GOOD)
    dataset(tmp_path / "two", GOOD | {"host": "http://other.example.com:8080", "path": "/x"})

    assert overrides(tmp_path, "http://127.0.0.1:4570") == {
        "https://quakes.example.com": "http://127.0.0.1:4570",
        "http://other.example.com:8080": "http://127.0.0.1:4570",
    }


def test_datasets_on_one_upstream_share_an_imitation_and_the_newest_revision_of_an_event_wins(tmp_path: Path):
    dataset(tmp_path / "one", GOOD, recording(event("a", updated=1), event("b")))
    dataset(tmp_path / "two", GOOD, recording(event("a", updated=2, mag=9.0), event("c")))

    (shared,) = imitations(tmp_path)

    assert (shared.host, shared.base_path, shared.record_count) == ("https://quakes.example.com", "/events/1", 3)


def test_two_upstreams_on_one_path_are_refused(tmp_path: Path):
    dataset(tmp_path / "one", GOOD)
    dataset(tmp_path / "two", GOOD | {"host": "https://other.example.com"})

    with pytest.raises(
        DeclarationInvalid, match=r"below /events/1 to share one upstream, found one: usgs https://quakes"
    ):
        imitations(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"imitation": "nasa"}, "imitation: Input should be 'usgs'"),
        ({"host": "quakes.example.com"}, "host: String should match pattern"),
        ({"path": "events/"}, "path: String should match pattern"),
        ({"hosts": "x"}, "hosts: Extra inputs are not permitted"),
        ({"recorded": "sample/none.geojson"}, "names sample/none.geojson, but there is no such file beside it"),
    ],
)
def test_a_declaration_that_breaks_the_format_is_refused_by_its_place(
    tmp_path: Path, change: dict[str, str], message: str
):
    path = dataset(tmp_path / "one", GOOD | change) / "replay.yaml"

    with pytest.raises(DeclarationInvalid) as refused:
        imitations(tmp_path)
    assert str(path) in refused.value.message
    assert message in refused.value.message


@pytest.mark.parametrize("text", ["[", "just text", ""])
def test_a_declaration_that_is_no_mapping_is_refused(tmp_path: Path, text: str):
    dataset(tmp_path / "one", text)

    with pytest.raises(DeclarationInvalid):
        imitations(tmp_path)


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'{"type": "Feature"}', recording({"id": "a", "properties": {"time": 1}})]
)
def test_a_recording_that_is_not_what_it_should_be_is_refused(tmp_path: Path, content: bytes):
    dataset(tmp_path / "one", GOOD, content)

    with pytest.raises(DeclarationInvalid):
        imitations(tmp_path)


def test_a_recording_may_be_gzipped(tmp_path: Path):
    folder = dataset(tmp_path / "one", GOOD | {"recorded": "sample/a.geojson.gz"} | {})
    (folder / "sample" / "a.geojson.gz").write_bytes(gzip.compress(recording(event("a"))))

    assert imitations(tmp_path)[0].record_count == 1


def test_the_fingerprint_changes_with_a_declaration_and_with_a_recording(tmp_path: Path):
    folder = dataset(tmp_path / "one", GOOD)
    seen = [fingerprint(tmp_path), fingerprint(tmp_path)]
    (folder / "sample" / "a.geojson").write_bytes(recording(event("b")))
    seen.append(fingerprint(tmp_path))
    (folder / "replay.yaml").write_text((folder / "replay.yaml").read_text().replace("/events/1", "/events/2"))
    seen.append(fingerprint(tmp_path))

    assert [seen.count(value) for value in seen] == [2, 2, 1, 1]
