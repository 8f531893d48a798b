"""Every error that Lakeward raises on purpose.

    LakewardError
    ├── Permanent              a retry cannot help: somebody must change something first
    │   ├── ContractInvalid      a contract breaks the rules of the format, or names something unknown
    │   ├── UnknownDataset       no folder of that name
    │   ├── QueriesInvalid       a dataset's end-to-end queries and their expected results do not make pairs
    │   ├── SlotInvalid          a slot that is not the start of one of the dataset's intervals
    │   ├── ConfigurationMissing the environment lacks a setting
    │   ├── UpstreamRefused      the upstream answered, and the answer is no (4xx, a redirect, a page too large)
    │   ├── IncompleteRun        the pages do not add up: totals, a repeated page, a page that does not parse
    │   ├── RawConflict          raw holds other bytes under a key that is written once
    │   ├── CostAboveLimit       a run's estimate is above the contract's limit, and nobody accepted it
    │   ├── AuditFailed          a rule over the whole load does not hold; nothing was published
    │   ├── StagedMissing        the staged output that a step was told of is not there, or is not whole
    │   ├── SchemaConflict       a table in the catalog is not what the contract says, and may not be evolved to it
    │   ├── QueryFailed          Athena refused or failed a query
    │   ├── BuildFailed          sources are missing, or what was made of them would not run on Lambda
    │   ├── DeploymentFailed     a migration or a health check failed while an environment was changed
    │   │   └── TerraformFailed    Terraform is missing, or refused, or failed
    │   └── ReleaseRefused       a release may not go on; nothing was changed where it was to go
    │       ├── ReleaseInvalid     a release file, or an artifact that it names, is not what its digest says
    │       ├── PromotionRefused   evidence or approval is missing, red, or of another release
    │       ├── PlanStale          a plan is of another release, or its environment has changed since it was made
    │       └── SwitchRefused      a table is not ready to be read, or another switch is under way
    └── Transient              the same call may succeed later; Step Functions retries these by name
        ├── UpstreamUnavailable  no answer, a cut answer, 429 or 5xx
        ├── StoreUnavailable     S3, Glue or DynamoDB did not do what was asked, and may later
        └── CommitConflict       another writer changed the table first, more often than we retry

Step Functions matches the bare class names, so they are part of the interface with ``pipeline.asl.json``.
Messages say what was expected, what was found, where, and what to do. They never hold record values.
"""

from typing import Any


class LakewardError(Exception):
    """Base of all. ``facts`` holds the message's parts for logs and ledgers (JSON values only)."""

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


class Permanent(LakewardError):
    """A retry cannot help."""


class Transient(LakewardError):
    """A retry may help."""


class ContractInvalid(Permanent):
    """A contract breaks the rules of the format."""


class CostAboveLimit(Permanent):
    """A run is expected to cost more than its contract allows; somebody must accept that, or raise the limit."""


class UnknownDataset(Permanent):
    """No dataset folder has that name."""


class QueriesInvalid(Permanent):
    """A dataset's end-to-end queries are missing, lack their expected results, or break the rules of the format."""


class SlotInvalid(Permanent):
    """The slot is not the start of one of the dataset's intervals."""


class ConfigurationMissing(Permanent):
    """The environment lacks a setting that this command or function needs."""


class UpstreamRefused(Permanent):
    """The upstream answered and the answer is no."""


class IncompleteRun(Permanent):
    """What came does not prove to be all there is; it can be resumed, never published."""


class RawConflict(Permanent):
    """Raw already holds other bytes under a write-once key."""


class AuditFailed(Permanent):
    """A rule over the whole load does not hold."""


class StagedMissing(Permanent):
    """Staged output is not there or not whole."""


class SchemaConflict(Permanent):
    """The table in the catalog cannot be evolved to what the contract says."""


class QueryFailed(Permanent):
    """Athena refused or failed a query."""


class BuildFailed(Permanent):
    """Sources are missing, or what was made of them would not run on Lambda."""


class DeploymentFailed(Permanent):
    """An environment could not be brought to a release; the message says what was changed and what to do."""


class TerraformFailed(DeploymentFailed):
    """Terraform is missing, or refused, or failed; the message holds what it said."""


class ReleaseRefused(Permanent):
    """A release may not go on; nothing was changed where it was to go."""


class ReleaseInvalid(ReleaseRefused):
    """A release file, or an artifact that it names, is not what its digest says."""


class PromotionRefused(ReleaseRefused):
    """Evidence or approval is missing, red, or of another release."""


class PlanStale(ReleaseRefused):
    """A plan is of another release, or its environment has changed since it was made."""


class SwitchRefused(ReleaseRefused):
    """A table is not ready to be read, or another switch is under way."""


class UpstreamUnavailable(Transient):
    """No answer, a cut answer, 429 or 5xx."""


class StoreUnavailable(Transient):
    """A store did not do what was asked, and may later."""


class CommitConflict(Transient):
    """Another writer changed the table first, more often than we retry."""
