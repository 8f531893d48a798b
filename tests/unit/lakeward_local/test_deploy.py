"""When a deployment is left alone."""

from pathlib import Path

import pytest

from lakeward_local.artifacts import Zip
from lakeward_local.deploy import fingerprint_of
from lakeward_local.record import CloudRecord
from lakeward_local.settings import CloudSettings

FILES = {
    "terraform/platform/compute.tf": "resource {}",
    "terraform/platform/pipeline.asl.json": "{}",
    "modules/bucket/main.tf": "resource {}",
    "environments/local/platform.tfvars": "a = 1",
}
FUNCTIONS = Zip(Path("f.zip"), "0" * 64, "functions/0.zip")
REPLACED = {"https://quakes.example.com": "http://127.0.0.1:4570"}
CLOUD = CloudRecord(
    endpoint="http://127.0.0.1:4566", pid=1, account_id="111111111111", region="us-east-1", started_at="2018-01-31",
    replay_endpoint="http://127.0.0.1:4570", replay_pid=2, life="a", restored=False, why_empty=None, ministack="1",
    settings=CloudSettings(),
)  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_same_things_have_the_same_fingerprint(root: Path):
    first = fingerprint_of(root, CLOUD, FUNCTIONS, REPLACED)
    (root / "terraform" / "platform" / ".terraform").mkdir()
    (root / "terraform" / "platform" / ".terraform" / "modules.json").write_text("made by init")
    (root / "environments" / "dev").mkdir()
    (root / "environments" / "dev" / "platform.tfvars").write_text("of another environment")

    # Another process of the same life, restored, is the same cloud.
    assert fingerprint_of(root, CLOUD.model_copy(update={"pid": 7, "restored": True}), FUNCTIONS, REPLACED) == first


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_terraform_reads_changes_it(root: Path, name: str):
    first = fingerprint_of(root, CLOUD, FUNCTIONS, REPLACED)
    (root / name).write_text("something else")

    assert fingerprint_of(root, CLOUD, FUNCTIONS, REPLACED) != first


@pytest.mark.parametrize(
    ("cloud", "functions", "replaced"),
    [
        (CLOUD.model_copy(update={"life": "b"}), FUNCTIONS, REPLACED),
        (CLOUD.model_copy(update={"endpoint": "http://127.0.0.1:5000"}), FUNCTIONS, REPLACED),
        (CLOUD, Zip(Path("f.zip"), "1" * 64, "functions/1.zip"), REPLACED),
        (CLOUD, FUNCTIONS, {"https://quakes.example.com": "http://127.0.0.1:5001"}),
    ],
)
def test_another_cloud_another_zip_and_another_upstream_change_it(
    root: Path, cloud: CloudRecord, functions: Zip, replaced: dict[str, str]
):
    assert fingerprint_of(root, cloud, functions, replaced) != fingerprint_of(root, CLOUD, FUNCTIONS, REPLACED)
