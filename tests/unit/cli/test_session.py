"""Which environment a command speaks to: a local cloud that runs, else AWS; and what is called what there."""

import os
from pathlib import Path

import pytest
from environment_over_http import ACCOUNT_ID, RELEASE, EnvironmentOverHttp

from lakeward.cli.session import open_session, repository
from lakeward.errors import ConfigurationMissing


@pytest.fixture
def nobody(copy: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A working copy without a local cloud, and a person who is signed in nowhere."""
    (copy / ".lakeward" / "local" / "cloud.json").unlink()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(copy / "none"))
    return monkeypatch


def test_the_working_copy_is_found_from_any_folder_in_it(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copy / "datasets" / "parcels" / "queries")

    assert repository() == copy.resolve()


def test_outside_any_working_copy_it_is_the_one_that_the_command_came_from(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))

    assert (repository() / "src" / "lakeward" / "cli" / "session.py").is_file()


def test_a_local_cloud_that_runs_is_spoken_to(environment: EnvironmentOverHttp) -> None:
    session = open_session("local")

    credentials = session.boto.get_credentials()
    assert credentials is not None
    assert (session.local, session.boto.region_name, credentials.access_key) == (True, "us-east-1", ACCOUNT_ID)
    assert session.functions.meta.endpoint_url == environment.endpoint
    assert session.account_id == ACCOUNT_ID
    assert session.release == RELEASE


@pytest.mark.usefixtures("environment")
def test_settings_for_aws_do_not_reach_the_local_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere/bundle.pem")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")

    session = open_session("local")

    assert session.account_id == ACCOUNT_ID
    assert session.boto.region_name == "us-east-1"


@pytest.mark.usefixtures("environment")
def test_everything_is_called_after_its_environment() -> None:
    session = open_session("local")

    assert session.workgroup == "lakeward-local"
    assert session.serving_database == "lakeward_local_serving"
    assert session.function("transform") == "lakeward-local-transform"
    assert session.state_machine_arn == (f"arn:aws:states:us-east-1:{ACCOUNT_ID}:stateMachine:lakeward-local-pipeline")


def sign_in(to: EnvironmentOverHttp, person: pytest.MonkeyPatch, region_variable: str = "AWS_REGION") -> None:
    """Credentials, a region, and who answers for AWS."""
    person.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    person.setenv("AWS_SECRET_ACCESS_KEY", "example")
    person.setenv(region_variable, "eu-west-1")
    person.setenv("AWS_ENDPOINT_URL_STS", to.endpoint)


def write_values(copy: Path, account_id: str) -> None:
    folder = copy / "environments" / "dev"
    folder.mkdir()
    lines = ('environment = "dev"', f'account_id = "{account_id}"', 'region = "eu-west-1"')
    (folder / "platform.tfvars").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_without_a_local_cloud_it_is_aws_with_the_credentials_that_are_there(
    variable: str, environment: EnvironmentOverHttp, copy: Path, nobody: pytest.MonkeyPatch
) -> None:
    sign_in(environment, nobody, variable)
    write_values(copy, ACCOUNT_ID)

    session = open_session("dev")

    assert (session.environment, session.local, session.boto.region_name) == ("dev", False, "eu-west-1")
    assert session.workgroup == "lakeward-dev"
    assert session.functions.meta.endpoint_url == "https://lambda.eu-west-1.amazonaws.com"


def test_credentials_of_another_account_than_the_environments_are_refused(
    environment: EnvironmentOverHttp, copy: Path, nobody: pytest.MonkeyPatch
) -> None:
    sign_in(environment, nobody)
    write_values(copy, "999999999999")

    with pytest.raises(ConfigurationMissing) as problem:
        open_session("dev")

    assert problem.value.message == (
        f"expected credentials of account 999999999999, as environments/dev says, found those of {ACCOUNT_ID}; sign in "
        "to that account, name another environment with -e, or start the local cloud with `lakeward up`"
    )


def test_credentials_of_another_account_will_do_for_what_its_buckets_let_them_read(
    environment: EnvironmentOverHttp, copy: Path, nobody: pytest.MonkeyPatch
) -> None:
    sign_in(environment, nobody)
    write_values(copy, "999999999999")

    assert open_session("dev", own_account=False).account_id == ACCOUNT_ID


@pytest.mark.parametrize(
    "given", [{}, {"AWS_REGION": "eu-west-1"}, {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "b"}]
)
def test_without_a_local_cloud_credentials_and_a_region_it_says_what_to_do(
    given: dict[str, str], copy: Path, nobody: pytest.MonkeyPatch
) -> None:
    write_values(copy, ACCOUNT_ID)
    for name, value in given.items():
        nobody.setenv(name, value)

    with pytest.raises(ConfigurationMissing) as problem:
        open_session("dev")

    assert problem.value.message == (
        "expected a local cloud for 'dev' or AWS credentials and a region, found neither; start the local cloud with "
        "`lakeward up`, or sign in to AWS, set AWS_REGION, and name the environment with -e"
    )


def test_an_environment_that_is_not_there_is_said_to_be_none_before_anybody_is_asked_to_sign_in(
    copy: Path, nobody: pytest.MonkeyPatch
) -> None:
    write_values(copy, ACCOUNT_ID)

    with pytest.raises(ConfigurationMissing, match=r"expected the environment 'nope' .* there are dev$"):
        open_session("nope")


def test_the_local_cloud_of_one_environment_is_not_that_of_another(
    environment: EnvironmentOverHttp, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(copy / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    write_values(copy, ACCOUNT_ID)

    with pytest.raises(ConfigurationMissing, match="expected a local cloud for 'dev'"):
        open_session("dev")
