"""What can be chosen about a local cloud."""

from pydantic import BaseModel, ConfigDict

ACCOUNT_ID = "111111111111"
REGION = "us-east-1"
CLOUD_PORT = 4566
REPLAY_PORT = 4570


class CloudSettings(BaseModel):
    """One local cloud's settings; the defaults are those of ``lakeward up``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_id: str = ACCOUNT_ID
    """The account of callers that name none. Any 12-digit access key is an account of its own."""
    region: str = REGION
    enforce_iam: bool = False
    """Whether policies are enforced and functions run under their execution roles."""
    wait_scale: float = 1.0
    """Factor on the Wait states and retry intervals of Step Functions; tests take a small one."""
    concurrent_functions: int = 16
    """How many invocations may run at once, over all functions of the account; each is a process of its own."""
    left_open: frozenset[str] = frozenset()
    """Gaps that are not closed; only the tests that prove a gap's need name any."""
