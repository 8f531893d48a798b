"""``cloud.json``: how the CLI and everything else finds the local cloud that runs."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from lakeward_local.settings import CloudSettings


class CloudRecord(BaseModel):
    """A running local cloud. Times are ISO 8601, UTC."""

    model_config = ConfigDict(frozen=True)

    endpoint: str
    pid: int
    account_id: str
    region: str
    started_at: str
    replay_endpoint: str
    replay_pid: int
    life: str
    """Changes when, and only when, the cloud starts from empty."""
    restored: bool
    """Whether it took up the state of the last run."""
    why_empty: str | None
    """Why state that was there was thrown away."""
    ministack: str
    settings: CloudSettings

    @classmethod
    def of(cls, cloud: dict[str, Any], replay: dict[str, Any]) -> "CloudRecord":
        """From what the two processes say of themselves."""
        settings = CloudSettings.model_validate(cloud["settings"])
        return cls(
            endpoint=f"http://127.0.0.1:{cloud['port']}",
            account_id=settings.account_id,
            region=settings.region,
            replay_endpoint=f"http://127.0.0.1:{replay['port']}",
            replay_pid=replay["pid"],
            settings=settings,
            **{name: cloud[name] for name in ("pid", "started_at", "life", "restored", "why_empty", "ministack")},
        )

    def write(self, path: Path) -> None:
        """Write it whole, or not at all."""
        draft = path.with_suffix(".tmp")
        draft.write_text(self.model_dump_json(indent=2) + "\n")
        draft.replace(path)

    def environment(self) -> dict[str, str]:
        """What points an AWS client, boto3 or Terraform's provider, at this cloud.

        An endpoint that is an address, not a name, makes S3 path-style; an access key of twelve digits is the account.
        """
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.account_id,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
