"""The values of an environment that Python reads from its tfvars."""

from pathlib import Path

import pytest

from lakeward.adapters.environments import EnvironmentValues, environment_values
from lakeward.errors import ConfigurationMissing

ROOT = Path(__file__).parents[3]
GOOD = 'environment = "dev"\naccount_id  = "123456789012"\nregion = "eu-central-1"\nretention_days = {\n  logs = 7\n}\n'


def environment_in(root: Path, text: str) -> Path:
    folder = root / "environments" / "dev"
    folder.mkdir(parents=True)
    (folder / "platform.tfvars").write_text(text)
    return root


def test_account_region_and_what_is_named_after_them(tmp_path: Path):
    values = environment_values(environment_in(tmp_path, GOOD), "dev")

    assert values == EnvironmentValues("dev", "123456789012", "eu-central-1", schedules_enabled=False)
    assert (values.artifacts_bucket, values.state_bucket) == (
        "lakeward-dev-123456789012-artifacts",
        "lakeward-dev-123456789012-state",
    )
    assert len(values.buckets) == 5


def test_whether_schedules_fire_is_what_the_file_says(tmp_path: Path):
    firing = environment_in(tmp_path / "firing", f"{GOOD}schedules_enabled  = true # at three\n")
    silent = environment_in(tmp_path / "silent", f"{GOOD}schedules_enabled = false # not true yet\n")

    assert environment_values(firing, "dev").schedules_enabled
    assert not environment_values(silent, "dev").schedules_enabled


def test_every_environment_of_the_repository_can_be_read():
    for folder in (ROOT / "environments").iterdir():
        if folder.is_dir():
            assert environment_values(ROOT, folder.name).environment == folder.name


def test_an_environment_that_is_not_there_is_named_with_those_that_are(tmp_path: Path):
    root = environment_in(tmp_path, GOOD)

    with pytest.raises(ConfigurationMissing, match=r"environments/prod/platform\.tfvars, found none; there are dev$"):
        environment_values(root, "prod")
    with pytest.raises(ConfigurationMissing, match=r"there are dev; did you mean 'dev'\?$"):
        environment_values(root, "deb")


@pytest.mark.parametrize("line", ["environment", "account_id", "region"])
def test_a_value_that_is_missing_or_of_another_environment_is_refused(line: str, tmp_path: Path):
    text = "\n".join(kept for kept in GOOD.splitlines() if not kept.startswith(line))

    with pytest.raises(ConfigurationMissing, match='expected environment = "dev", account_id and region'):
        environment_values(environment_in(tmp_path, text), "dev")
