"""Which environment a command speaks to, and the names of what is there.

An environment whose local cloud runs has a file ``.lakeward/<environment>/cloud.json``; commands then go there. Every
other environment is on AWS, reached with the profile ``lakeward-<environment>`` where the AWS configuration has one,
else with the credentials that the AWS tools find.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import boto3
import typer
from botocore.config import Config

from lakeward.adapters.environments import environment_values
from lakeward.errors import ConfigurationMissing

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_dynamodb import DynamoDBServiceResource
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_stepfunctions import SFNClient

RETRYING = Config(retries={"mode": "standard", "total_max_attempts": 5})
"""Also where a service says "too many requests" with status 400, as Athena does."""

Environment = Annotated[
    str,
    typer.Option(
        "--environment", "-e", envvar="LAKEWARD_ENVIRONMENT", help="The environment to speak to, such as local or dev."
    ),
]


def repository() -> Path:
    """The working copy: the nearest folder upwards, from here or from this file, that holds datasets and environments.

    Raises:
        ConfigurationMissing: there is none.
    """
    here = Path.cwd().resolve()
    for folder in (here, *here.parents, *Path(__file__).resolve().parents):
        if (folder / "datasets").is_dir() and (folder / "environments").is_dir():
            return folder
    raise ConfigurationMissing(f"expected a Lakeward working copy at or above {here}, found none; change to its folder")


@dataclass(frozen=True)
class Session:
    """One environment: its name, a boto3 session, and what its parts are called."""

    environment: str
    boto: boto3.session.Session
    local: bool
    aws: Mapping[str, str] | None = None
    """What points other programs at the local cloud; None on AWS, where they find their way as this one does."""
    profile: str | None = None
    """Of the AWS configuration, where one of the environment's own is there."""
    variables: Mapping[str, Any] | None = None
    """What the local cloud sets in the place of the environment's own values."""

    @property
    def workgroup(self) -> str:
        """The Athena workgroup."""
        return f"lakeward-{self.environment}"

    @property
    def serving_database(self) -> str:
        """The database of the views that readers use."""
        return f"lakeward_{self.environment}_serving"

    @cached_property
    def account_id(self) -> str:
        """The account that the credentials belong to."""
        return self.boto.client("sts").get_caller_identity()["Account"]

    @property
    def partition(self) -> str:
        """What ARNs begin with where the environment lies: ``aws``, or ``aws-cn`` and the like."""
        return self.boto.get_partition_for_region(self.boto.region_name)

    @property
    def state_machine_arn(self) -> str:
        """The pipeline."""
        where = f"{self.boto.region_name}:{self.account_id}"
        return f"arn:{self.partition}:states:{where}:stateMachine:lakeward-{self.environment}-pipeline"

    def function(self, role: str) -> str:
        """A function's name."""
        return f"lakeward-{self.environment}-{role}"

    @cached_property
    def release(self) -> str:
        """sha256 of the functions that are deployed."""
        found = self.functions.get_function_configuration(FunctionName=self.function("transform"))
        return found["Environment"]["Variables"]["LAKEWARD_RELEASE"]

    @cached_property
    def functions(self) -> "LambdaClient":
        """Lambda."""
        return self.boto.client("lambda", config=RETRYING)

    @cached_property
    def machines(self) -> "SFNClient":
        """Step Functions."""
        return self.boto.client("stepfunctions", config=RETRYING)

    @cached_property
    def athena(self) -> "AthenaClient":
        """Athena."""
        return self.boto.client("athena", config=RETRYING)

    @cached_property
    def dynamodb(self) -> "DynamoDBServiceResource":
        """DynamoDB."""
        return self.boto.resource("dynamodb", config=RETRYING)


def open_session(environment: str, *, own_account: bool = True) -> Session:
    """A session with an environment: its local cloud when one runs, AWS otherwise.

    Args:
        own_account: whether the credentials must be of the environment's account. Those of another one do for reading
            what a bucket's policy lets them read.

    Raises:
        ConfigurationMissing: there is no such environment; or no local cloud of that name runs, and the AWS tools find
            no credentials or region, or credentials of another account.
    """
    running = repository() / ".lakeward" / environment / "cloud.json"
    if running.is_file():
        cloud = json.loads(running.read_text())
        os.environ["AWS_ENDPOINT_URL"] = cloud["endpoint"]
        for theirs in ("AWS_CA_BUNDLE", "AWS_PROFILE"):  # settings for AWS, which this session does not speak to
            os.environ.pop(theirs, None)
        session = boto3.session.Session(
            aws_access_key_id=cloud["account_id"],
            aws_secret_access_key="local",  # noqa: S106 -- the local cloud takes any; the key id names the account
            region_name=cloud["region"],
        )
        aws = {
            "AWS_ENDPOINT_URL": cloud["endpoint"],
            "AWS_ACCESS_KEY_ID": cloud["account_id"],
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": cloud["region"],
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        return Session(environment, session, local=True, aws=aws, variables=cloud.get("variables", {}))
    environment_values(repository(), environment)  # a name that is mistyped is nobody's
    own = f"lakeward-{environment}"
    profile = own if own in boto3.session.Session().available_profiles else None
    # boto3 reads AWS_DEFAULT_REGION only; every other tool of AWS reads AWS_REGION first.
    session = boto3.session.Session(profile_name=profile, region_name=os.environ.get("AWS_REGION"))
    if session.get_credentials() is None or session.region_name is None:
        raise ConfigurationMissing(
            f"expected a local cloud for {environment!r} or AWS credentials and a region, found neither; start the "
            "local cloud with `lakeward up`, or sign in to AWS, set AWS_REGION, and name the environment with -e"
        )
    found = Session(environment, session, local=False, profile=profile)
    if own_account:
        _hold_to_account(found)
    return found


def _hold_to_account(session: Session) -> None:
    """Refuse credentials of another account than the environment's, as Terraform's provider does."""
    wanted = environment_values(repository(), session.environment).account_id
    if session.account_id != wanted:
        raise ConfigurationMissing(
            f"expected credentials of account {wanted}, as environments/{session.environment} says, found those of "
            f"{session.account_id}; sign in to that account, name another environment with -e, or start the local "
            "cloud with `lakeward up`"
        )
