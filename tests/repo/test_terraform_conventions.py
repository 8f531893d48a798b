"""The rules that every Terraform folder keeps, read from its text: files, variables, stars, skips, environments."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(path.parent for path in (ROOT / "modules").glob("*/main.tf"))
ROOTS = sorted(path.parent for path in (ROOT / "terraform").glob("*/versions.tf"))
ENVIRONMENTS = sorted(path.parent for path in (ROOT / "environments").glob("*/platform.tfvars"))
SOURCES = sorted(file for folder in (*MODULES, *ROOTS) for file in folder.glob("*.tf"))

MODULE_FILES = {"main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md"}
MOST_VARIABLES = 10
BLOCK = re.compile(r'^(?P<kind>variable|output|run) "(?P<name>[^"]+)" \{\n(?P<body>.*?)^\}', re.MULTILINE | re.DOTALL)
KEY = re.compile(r"^( *\w+) +=", re.MULTILINE)
"""A key with its indentation, so that those of objects count too."""


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks(text: str, kind: str) -> dict[str, str]:
    """Bodies of the top-level blocks of a kind, by their label."""
    return {block["name"]: block["body"] for block in BLOCK.finditer(text) if block["kind"] == kind}


def lines_with(pattern: str) -> list[str]:
    """Every line of every .tf file that holds the pattern, with where it lies."""
    return [
        f"{name_of(file)}:{number}: {line.strip()}"
        for file in SOURCES
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if re.search(pattern, line)
    ]


def test_there_is_something_to_look_at():
    assert [path.name for path in ROOTS] == ["bootstrap", "platform"]
    assert [path.name for path in ENVIRONMENTS] == ["dev", "local", "prod", "staging"]
    assert len(MODULES) >= 15


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_is_the_same_five_files_and_its_tests(module: Path):
    files = {path.name for path in module.iterdir() if path.is_file() and not path.name.startswith(".terraform")}
    read = set(re.findall(r'templatefile\("\$\{path\.module\}/([^"]+)"', (module / "main.tf").read_text()))

    assert files == MODULE_FILES | read
    assert [path.suffixes for path in (module / "tests").iterdir()] == [[".tftest", ".hcl"]]


@pytest.mark.parametrize("folder", [*MODULES, *ROOTS], ids=name_of)
def test_its_tests_use_no_account_and_see_it_hold_and_see_it_refuse(folder: Path):
    for file in (folder / "tests").glob("*.tftest.hcl"):
        runs = blocks(file.read_text(), "run").values()

        assert 'mock_provider "aws"' in file.read_text()
        assert any("assert {" in run for run in runs)
        assert any("expect_failures" in run for run in runs)


@pytest.mark.parametrize("folder", [*MODULES, *ROOTS], ids=name_of)
def test_it_has_at_most_ten_variables_and_each_says_what_it_is_and_whether_it_may_be_null(folder: Path):
    variables = blocks((folder / "variables.tf").read_text(), "variable")

    assert len(variables) <= MOST_VARIABLES
    for name, body in variables.items():
        assert re.search(r'^  description = "[A-Z].*\."$', body, re.MULTILINE), name
        assert re.search(r"^  type +=", body, re.MULTILINE), name
        assert re.search(r"^  nullable    = (false|true # null means .+)$", body, re.MULTILINE), name


@pytest.mark.parametrize("folder", [*MODULES, *ROOTS], ids=name_of)
def test_every_validation_prints_the_value_that_it_refuses(folder: Path):
    for name, body in blocks((folder / "variables.tf").read_text(), "variable").items():
        for message in re.findall(r'error_message = (".*")$', body, re.MULTILINE):
            assert re.search(r"got .*\$\{", message), name


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_modules_readme_names_each_of_its_outputs(module: Path):
    listed = re.search(r"^Outputs: (.+?)\.$", (module / "README.md").read_text(), re.MULTILINE | re.DOTALL)

    assert listed
    assert re.findall(r"`(\w+)`", listed[1]) == list(blocks((module / "outputs.tf").read_text(), "output"))


def test_every_output_is_described():
    for folder in (*MODULES, *ROOTS):
        for name, body in blocks((folder / "outputs.tf").read_text(), "output").items():
            assert re.search(r'^  description = ".+\."$', body, re.MULTILINE), f"{name_of(folder)} {name}"


def test_no_code_asks_for_the_name_of_an_environment():
    names = "|".join(path.name for path in ENVIRONMENTS)

    assert lines_with(r"environment\b[^#]*(==|!=)") == []
    assert [line for line in lines_with(rf'"({names})"') if not line.endswith('backend "local" {}')] == []


def test_every_star_has_its_reason_on_the_line():
    stars = [line for line in lines_with(r'\*"') if "error_message" not in line and not re.search(r'\*".* # \w', line)]

    assert stars == []


def test_every_skip_of_checkov_has_its_reason_on_the_line():
    skips = lines_with("checkov:skip")

    assert skips
    assert [line for line in skips if not re.search(r"#checkov:skip=CKV2?_AWS_\d+:[A-Z].{30,}\.$", line)] == []
    assert "skip-check" not in (ROOT / ".checkov.yaml").read_text()


def test_nothing_is_built_by_terraform():
    assert lines_with(r'"(archive_file|null_resource|local_file)"|provisioner|local-exec|data "external"') == []


def test_environments_differ_in_values_only():
    for file in ("platform.tfvars", "bootstrap.tfvars", "backend.hcl"):
        keys = {path.name: KEY.findall((path / file).read_text()) for path in ENVIRONMENTS}

        assert len({tuple(found) for found in keys.values()}) == 1, keys
        assert len({tuple(sorted(p.name for p in path.iterdir())) for path in ENVIRONMENTS}) == 1


def test_the_values_of_an_environment_are_those_that_the_platform_asks_for():
    asked = [*blocks((ROOT / "terraform/platform/variables.tf").read_text(), "variable")]
    given = KEY.findall((ENVIRONMENTS[0] / "platform.tfvars").read_text())

    # The release is written by the build.
    assert [key for key in given if not key.startswith(" ")] == [name for name in asked if name != "release"]


@pytest.mark.parametrize("folder", ENVIRONMENTS, ids=name_of)
def test_an_environment_and_its_backend_name_the_same_account_and_region(folder: Path):
    values = dict(re.findall(r'^(\w+) += "([^"]*)"', (folder / "platform.tfvars").read_text(), re.MULTILINE))
    backend = (folder / "backend.hcl").read_text()

    assert values["environment"] == folder.name
    assert f'"lakeward-{folder.name}-{values["account_id"]}-state"' in backend
    assert re.search(rf'^region += "{values["region"]}"$', backend, re.MULTILINE)
    assert re.search(rf'^allowed_account_ids = \["{values["account_id"]}"\]$', backend, re.MULTILINE)


def test_the_roots_lock_the_same_provider_for_every_platform():
    locks = {(path / ".terraform.lock.hcl").read_text() for path in ROOTS}

    assert len(locks) == 1
    (lock,) = locks
    assert re.findall(r'^provider "(.+)"', lock, re.MULTILINE) == ["registry.terraform.io/hashicorp/aws"]
    assert len(set(re.findall(r'"zh:[0-9a-f]{64}"', lock))) == 15  # 14 platforms and the release's manifest
    assert len(re.findall(r'"h1:[A-Za-z0-9+/]{43}="', lock)) == 1


def test_every_alarm_names_a_runbook_that_exists():
    named = set(re.findall(r"Runbook: (\S+\.md)", (ROOT / "terraform/platform/alarms.tf").read_text()))

    assert named
    assert [path for path in sorted(named) if not (ROOT / path).is_file()] == []


def test_terraform_sets_every_setting_that_a_handler_reads():
    handlers = "".join(file.read_text() for file in (ROOT / "src/lakeward/handlers").glob("*.py"))
    read = set(re.findall(r'setting\("(\w+)"\)', handlers))
    compute = (ROOT / "terraform/platform/compute.tf").read_text()

    assert read
    assert sorted(name for name in read if not re.search(rf"\b{name} +=", compute)) == []
