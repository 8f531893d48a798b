"""A release's own Terraform, unpacked and run with an environment's values; the Terraform here only takes notes."""

import json
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from release_world import FakeArtifacts, release_in, sha256

from lakeward.adapters.terraform.bundle import unpack_bundle
from lakeward.adapters.terraform.platform import TerraformPlatform
from lakeward.errors import PlanStale, ReleaseInvalid, TerraformFailed
from lakeward.ports.artifacts import Artifacts
from lakeward.released import Artifact, Release

PROGRAM = f"""#!{sys.executable}
import json, os, sys
from pathlib import Path
words = sys.argv[1:]
if words[0] == "version":
    print(json.dumps({{"terraform_version": "1.11.4"}}))
    raise SystemExit
folder, command = Path(words[0].removeprefix("-chdir=")), words[1]
root = Path(os.environ["TEST_ROOT"])
with (root / "calls.jsonl").open("a") as calls:
    given = [json.loads(Path(w.partition("=")[2]).read_text()) for w in words if w.endswith(".tfvars.json")]
    account = {{name: os.environ.get(name) for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE")}}
    calls.write(json.dumps({{"folder": folder.name, "words": words[1:], "given": given, **account}}) + "\\n")
out = [w.partition("=")[2] for w in words if w.startswith("-out=")]
for path in out:
    Path(path).write_text("a plan")
if command == "init":
    (Path(os.environ["TF_DATA_DIR"]) / "providers/registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64").mkdir(
        parents=True, exist_ok=True
    )
if command == "show" and "-json" in words:
    alarm = {{"mode": "managed", "type": "aws_cloudwatch_metric_alarm", "values": {{}}}}
    print(json.dumps({{"planned_values": {{"root_module": {{"resources": [alarm] * 3}}}}}}))
elif command == "show":
    print("what would change")
if (root / f"{{command}}.fails").is_file():
    summary = (root / f"{{command}}.fails").read_text()
    print(json.dumps({{"type": "diagnostic", "diagnostic": {{"severity": "error", "summary": summary}}}}))
    raise SystemExit(1)
if command == "plan":
    change = {{"action": "update", "resource": {{"addr": "aws_s3_bucket.raw"}}}}
    print(json.dumps({{"type": "planned_change", "change": change}}))
"""


class World:
    """A working copy with a program in the place of Terraform, and a bucket that holds a release."""

    def __init__(self, root: Path) -> None:
        self.root = root
        program = root / ".lakeward" / "bin" / "terraform"
        program.parent.mkdir(parents=True)
        program.write_text(PROGRAM)
        program.chmod(0o755)
        (root / "environments" / "dev").mkdir(parents=True)
        (root / "environments" / "dev" / "backend.hcl").write_text('bucket = "states"\n')
        self.store = FakeArtifacts()
        self.release = self.with_bundle(release_in(root / "files"))

    def with_bundle(self, release: Release) -> Release:
        """The release with a real zip as its Terraform."""
        archive = self.root / "bundle.zip"
        with zipfile.ZipFile(archive, "w") as opened:
            opened.writestr("terraform/platform/main.tf", "# the platform\n")
            opened.writestr("datasets/parcels/contract.yaml", "contract: 1\n")
        content = archive.read_bytes()
        key = f"terraform/{sha256(content)}.zip"
        self.store.objects[key] = content
        (self.root / "files" / key).write_bytes(content)
        bundle = Artifact(key=key, sha256=sha256(content), bytes=len(content))
        return release.model_copy(update={"terraform": bundle})

    def platform(self, **changes: Any) -> TerraformPlatform:
        settings: dict[str, Any] = {
            "root": self.root,
            "environment": "dev",
            "store": self.store,
            "artifacts_bucket": "lakeward-dev-artifacts",
            "scratch": self.root / "scratch",
            "progress": lambda _: None,
            "aws": {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
        }
        return TerraformPlatform(**{**settings, **changes})

    def calls(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.root / "calls.jsonl").read_text().splitlines()]

    def fail(self, command: str, summary: str) -> None:
        (self.root / f"{command}.fails").write_text(summary)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("TEST_ROOT", str(tmp_path))
    monkeypatch.setenv("LAKEWARD_PROVIDER_MIRROR", str(tmp_path / "mirror"))
    (tmp_path / "mirror" / "registry.terraform.io" / "hashicorp" / "aws").mkdir(parents=True)
    return World(tmp_path)


def test_a_plan_is_kept_with_its_text_and_made_of_the_environments_values_and_the_releases_keys(world: World):
    folder = world.root / "plan"
    folder.mkdir()

    changes = world.platform().plan(world.release, folder)

    assert changes == ["update aws_s3_bucket.raw"]
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "plan.tfplan": "a plan",
        "plan.txt": "what would change\n",
        "idle.txt": "idle: about $0.30 a month: 3 alarms\n",
    }
    init, plan, _show, _show_json = world.calls()
    assert f"-backend-config={world.root / 'environments/dev/backend.hcl'}" in init["words"]
    assert f"-var-file={world.root / 'environments/dev/platform.tfvars'}" in plan["words"]
    bucket = "lakeward-dev-artifacts"
    assert plan["given"] == [
        {
            "release": {
                "functions": {"bucket": bucket, "key": world.release.functions.key},
                "layer": {"bucket": bucket, "key": world.release.layer.key},  # type: ignore[union-attr]
            }
        },
        {},
    ]
    assert (plan["folder"], plan["AWS_ENDPOINT_URL"]) == ("platform", "http://127.0.0.1:1")


def test_a_local_cloud_sets_its_own_values_and_brings_the_libraries(world: World, tmp_path: Path):
    overrides = {"upstream_overrides": {"https://service.test": "http://127.0.0.1:2"}}
    without = world.with_bundle(release_in(tmp_path / "files", layer=False))

    world.platform(variables=overrides, brings_libraries=True).prepare(without)

    release, cloud = world.calls()[-1]["given"]
    assert (list(release["release"]), cloud) == (["functions"], overrides)


def test_a_release_without_libraries_is_refused_where_nothing_brings_them(world: World, tmp_path: Path):
    without = world.with_bundle(release_in(tmp_path / "files", layer=False))

    with pytest.raises(ReleaseInvalid, match="expected the functions' libraries, because dev runs on Lambda"):
        world.platform().plan(without, tmp_path)

    assert not (tmp_path / "calls.jsonl").exists()


def test_exactly_the_kept_plan_is_applied(world: World):
    world.platform().apply(world.release, world.root)

    words = world.calls()[-1]["words"]
    assert (words[0], words[-1]) == ("apply", str(world.root / "plan.tfplan"))
    assert [word for word in words if word.startswith("-var")] == []


def test_whoever_has_the_state_is_waited_for(world: World):
    walk = world.platform().prepare(world.release)
    walk()

    locking = [call["words"] for call in world.calls() if call["words"][0] in ("plan", "apply")]
    assert [(words[0], "-lock-timeout=10m" in words) for words in locking] == [("plan", True), ("apply", True)]


def test_a_way_back_is_planned_from_what_terraform_knows_and_that_plan_is_applied_when_it_is_walked(world: World):
    walk = world.platform().prepare(world.release)
    planned = world.calls()[-1]["words"]

    walk()

    applied = world.calls()[-1]["words"]
    (kept,) = [word.removeprefix("-out=") for word in planned if word.startswith("-out=")]
    assert (planned[0], "-refresh=false" in planned) == ("plan", True)
    assert (applied[0], applied[-1]) == ("apply", kept)


def commands(world: World) -> list[str]:
    return [call["words"][0] for call in world.calls()]


def test_a_release_is_made_ready_once_for_each_backend(world: World):
    world.platform().plan(world.release, world.root)
    world.platform().prepare(world.release)
    (world.root / "environments/dev/backend.hcl").write_text('bucket = "another"\n')
    world.platform().prepare(world.release)

    assert commands(world) == ["init", "plan", "show", "show", "plan", "init", "plan"]


def test_it_is_made_ready_again_when_its_providers_are_gone(world: World):
    world.platform().prepare(world.release)
    for folder in world.root.glob("scratch/platform/*/providers"):
        shutil.rmtree(folder)
    world.platform().prepare(world.release)

    assert commands(world) == ["init", "plan", "init", "plan"]


def test_a_plan_that_is_no_longer_true_is_named_with_how_to_make_another(world: World):
    world.fail("apply", "Saved plan is stale")

    with pytest.raises(PlanStale, match="make a new one: lakeward deploy plan -e dev"):
        world.platform().apply(world.release, world.root)


def test_any_other_failure_is_terraforms_own(world: World):
    world.fail("apply", "AccessDenied")

    with pytest.raises(TerraformFailed, match="AccessDenied"):
        world.platform().apply(world.release, world.root)


def test_a_profile_of_its_own_is_handed_on_and_the_callers_settings_are_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://of-the-caller.test")

    world.platform(aws=None, profile="lakeward-dev").prepare(world.release)

    call = world.calls()[-1]
    assert (call["AWS_PROFILE"], call["AWS_ENDPOINT_URL"]) == ("lakeward-dev", "https://of-the-caller.test")


def test_a_bundle_is_taken_from_this_machine_where_it_lies_and_from_the_bucket_elsewhere(world: World, tmp_path: Path):
    nothing: Artifacts = FakeArtifacts()

    here = unpack_bundle(world.release, nothing, tmp_path / "a", world.root / "files")
    there = unpack_bundle(world.release, world.store, tmp_path / "b")
    again = unpack_bundle(world.release, nothing, tmp_path / "b")

    assert (here / "datasets/parcels/contract.yaml").read_text() == "contract: 1\n"
    assert (there / "terraform/platform/main.tf").read_text() == "# the platform\n"
    assert again == there


def test_a_bundle_with_other_bytes_or_none_is_refused(world: World, tmp_path: Path):
    (world.root / "files" / world.release.terraform.key).write_bytes(b"other")
    with pytest.raises(ReleaseInvalid, match=f"expected sha256 {world.release.terraform.sha256}, found"):
        unpack_bundle(world.release, world.store, tmp_path / "a", world.root / "files")

    world.store.objects[world.release.terraform.key] = b"other"
    with pytest.raises(ReleaseInvalid, match="find out who changed it"):
        unpack_bundle(world.release, world.store, tmp_path / "a")

    world.store.objects.clear()
    with pytest.raises(ReleaseInvalid, match="found nothing; publish the release"):
        unpack_bundle(world.release, world.store, tmp_path / "a")
    assert list((tmp_path / "a").iterdir()) == []
