"""Where Terraform's provider comes from; the network is a function that says yes or no."""

from pathlib import Path

import pytest

from lakeward.adapters.terraform import providers
from lakeward.adapters.terraform.providers import provider_source
from lakeward.errors import TerraformFailed


def mirror(folder: Path) -> Path:
    (folder / "registry.terraform.io" / "hashicorp" / "aws").mkdir(parents=True)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def source(environ: dict[str, str], home: Path, *, online: bool, prefixes: tuple[Path, ...] = ()) -> Path | None:
    return provider_source(
        {"XDG_DATA_DIRS": str(home / "none"), **environ}, home, registry_answers=lambda: online, prefixes=prefixes
    ).mirror


def test_the_mirror_that_is_named_comes_first(home: Path, tmp_path: Path):
    named = mirror(tmp_path / "named")

    assert source({"LAKEWARD_PROVIDER_MIRROR": str(named)}, home, online=True) == named


def test_a_named_folder_that_is_no_mirror_is_refused(home: Path, tmp_path: Path):
    with pytest.raises(TerraformFailed, match=r"to hold registry\.terraform\.io/hashicorp/aws, but there is no such"):
        source({"LAKEWARD_PROVIDER_MIRROR": str(tmp_path)}, home, online=True)


@pytest.mark.parametrize("online", [True, False])
def test_the_users_own_configuration_is_left_to_terraform(home: Path, tmp_path: Path, online: bool):
    (home / ".terraformrc").write_text("provider_installation {\n  direct {}\n}\n")

    assert source({}, home, online=online, prefixes=(mirror(tmp_path / "opt"),)) is None


def test_with_the_registry_no_mirror_is_used(home: Path, tmp_path: Path):
    assert source({}, home, online=True, prefixes=(mirror(tmp_path / "opt"),)) is None


def test_a_mirror_where_terraform_itself_looks_is_left_to_terraform(home: Path, tmp_path: Path):
    mirror(home / ".terraform.d" / "plugins")

    assert source({}, home, online=False, prefixes=(mirror(tmp_path / "opt"),)) is None


@pytest.mark.parametrize("below", [".", "plugins", "a/b/c"])
def test_without_the_registry_a_mirror_below_a_prefix_is_found(home: Path, tmp_path: Path, below: str):
    found = mirror(tmp_path / "opt" / below)

    assert source({}, home, online=False, prefixes=(tmp_path / "none", tmp_path / "opt")) == found


def test_without_the_registry_a_mirror_in_the_home_folder_is_found(home: Path):
    found = mirror(home / "providers")

    assert source({}, home, online=False) == found


def test_with_neither_registry_nor_mirror_it_says_what_to_do(home: Path):
    with pytest.raises(TerraformFailed, match="Set LAKEWARD_PROVIDER_MIRROR to a folder that holds"):
        source({}, home, online=False)


def test_a_configuration_that_is_named_and_not_there_is_none(home: Path, tmp_path: Path):
    assert providers.own_configuration({"TF_CLI_CONFIG_FILE": str(tmp_path / "none")}, home) is None
