"""``lakeward dataset sample``: files as a person gets them, from a bucket that is read and nothing else."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from environment_over_http import ACCOUNT_ID, IDENTITY
from sample_world import FIRST, SampleWorld, contract, contract_text, day_after
from typer.testing import CliRunner, Result

from lakeward.cli.app import build
from lakeward.errors import IncompleteRun, SlotInvalid

COLUMNS = (
    "name: full_name, type: string, at: $.name, personal: redact",
    "name: town, type: string, at: $.town",
)
BUCKET = f"/lakeward-local-{ACCOUNT_ID}-raw/"
ABSENT = b"<Error><Code>NoSuchKey</Code><Message>none</Message></Error>"


@dataclass
class Bucket:
    """Raw behind a loopback port, and what was asked of it: method and path."""

    world: SampleWorld
    asked: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str) -> tuple[int, bytes]:
        """STS says whose account it is; S3 gives objects and takes none."""
        self.asked.append(f"{method} {path}")
        if method == "POST":
            return 200, IDENTITY.encode()
        stored = self.world.raw.objects.get(path.removeprefix(BUCKET))
        return (404, ABSENT) if stored is None else (200, stored.body)


@contextmanager
def over_http(bucket: Bucket) -> Iterator[str]:
    """Its endpoint, while it lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = bucket.answer(self.command, unquote(urlsplit(self.path).path))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def do_PUT(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def bucket(copy: Path) -> Iterator[Bucket]:
    """The working copy has the dataset people, and its raw two slots of it."""
    folder = copy / "datasets" / "people"
    folder.mkdir()
    (folder / "contract.yaml").write_text(contract_text(*COLUMNS))
    world = SampleWorld(contract(*COLUMNS), folder)
    for number in range(2):
        records = [
            {"id": f"p{n}", "version": number, "day": "2024-03-01", "name": f"Ann Canary{n}", "town": f"Canary{n}"}
            for n in range(20)
        ]
        records[0] |= {"town": "Ann Canary1", "more": "Ann Canary1"}
        page = json.dumps({"items": records}).encode()
        world.certify((page, len(records)), slot=day_after(FIRST, number))
    made = Bucket(world)
    with over_http(made) as endpoint:
        running = copy / ".lakeward" / "local" / "cloud.json"
        running.write_text(json.dumps({**json.loads(running.read_text()), "endpoint": endpoint}))
        yield made


def lakeward(*arguments: str) -> Result:
    return CliRunner().invoke(build(), [*arguments])


def records_in(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in gzip.decompress(file.read_bytes()).decode().splitlines()]


def test_a_sample_lies_in_the_datasets_folder_and_raw_was_only_read(copy: Path, bucket: Bucket):
    ended = lakeward("dataset", "sample", "people", "--slot", "2024-03-01")

    folder = copy / "datasets" / "people" / "sample"
    assert ended.exit_code == 0, ended.stderr
    assert ended.stdout.splitlines() == [
        *(f"wrote {folder / name}" for name in ("people.ndjson.gz", "README.md", "masked.json")),
        "people: 20 of 20 records in 1 slot; masked: full_name",
    ]
    found = records_in(folder / "people.ndjson.gz")
    assert [(record["id"], record["version"]) for record in found] == [(f"p{n}", 0) for n in range(20)]
    assert len({record["name"] for record in found}) == 20
    assert {line.partition(" ")[0] for line in bucket.asked} == {"POST", "GET"}
    assert all(
        line.startswith(f"GET {BUCKET}people/slot=20240301T0000Z/") for line in bucket.asked if "POST" not in line
    )


def test_a_personal_value_of_another_column_is_told_by_its_path_alone(bucket: Bucket):
    ended = lakeward("dataset", "sample", "people", "--slot", "2024-03-01")

    assert ended.stderr.splitlines() == [
        "$.town holds a personal value of another column in 1 record: is it personal too?"
    ]
    assert "Canary" not in ended.stdout + ended.stderr


def test_some_records_of_several_slots_go_to_another_folder(copy: Path, bucket: Bucket):
    words = ["--slot", "2024-03-01", "--slot", "2024-03-02", "--records", "6", "--to", str(copy / "elsewhere")]

    first, again = (lakeward("dataset", "sample", "people", *words) for _ in range(2))

    assert (first.exit_code, again.exit_code) == (0, 0), first.stderr
    assert "people: 6 of 40 records in 2 slots; masked: full_name" in first.stdout
    assert sorted(path.name for path in (copy / "elsewhere").iterdir()) == [
        "README.md",
        "masked.json",
        "people.ndjson.gz",
    ]
    assert not (copy / "datasets" / "people" / "sample").exists()


def test_every_run_has_masks_of_its_own(copy: Path, bucket: Bucket):
    names = []
    for _ in range(2):
        lakeward("dataset", "sample", "people", "--slot", "2024-03-01")
        names.append({record["name"] for record in records_in(copy / "datasets/people/sample/people.ndjson.gz")})

    assert not names[0] & names[1]


def test_unnamed_fields_are_kept_when_asked_for(copy: Path, bucket: Bucket):
    lakeward("dataset", "sample", "people", "--slot", "2024-03-01", "--keep-unnamed-fields")

    found = records_in(copy / "datasets" / "people" / "sample" / "people.ndjson.gz")
    assert [record["id"] for record in found if "more" in record] == ["p0"]


def test_slots_that_raw_does_not_hold_or_that_are_none_are_refused(copy: Path, bucket: Bucket):
    absent = lakeward("dataset", "sample", "people", "--slot", "2024-03-09")
    wrong = lakeward("dataset", "sample", "people", "--slot", "yesterday")
    none = lakeward("dataset", "sample", "people")

    assert (type(absent.exception), type(wrong.exception)) == (IncompleteRun, SlotInvalid)
    assert none.exit_code == 2
    assert not (copy / "datasets" / "people" / "sample").exists()
