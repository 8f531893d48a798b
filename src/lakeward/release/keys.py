"""Where everything about releases lies in an artifacts bucket."""

RELEASES = "releases/"
EVIDENCE = "evidence/"
APPROVALS = "approvals/"
DEPLOYMENTS = "deployments/"
BEGUN = "begun/"


def release_key(release_id: str) -> str:
    """The release file."""
    return f"{RELEASES}{release_id}.json"


def evidence_prefix(environment: str, release_id: str) -> str:
    """Every end-to-end run of a release in an environment, numbered."""
    return f"{EVIDENCE}{environment}/{release_id}/"


def approval_key(environment: str, release_id: str) -> str:
    """The leave to bring a release into an environment."""
    return f"{APPROVALS}{environment}/{release_id}.json"


def deployments_prefix(environment: str) -> str:
    """Every deployment to an environment, numbered; the newest is what is deployed."""
    return f"{DEPLOYMENTS}{environment}/"


def begun_prefix(environment: str) -> str:
    """Every deployment that began, numbered, with the state that it can be taken back to."""
    return f"{BEGUN}{environment}/"
