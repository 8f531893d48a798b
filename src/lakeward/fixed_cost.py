"""What an environment costs in a month in which nothing happens, estimated from Terraform's plan.

List prices of us-east-1 in US dollars, without free tiers, as of 2026-11. Source: the AWS price pages for CloudWatch
(alarms, dashboards), KMS, PrivateLink, VPC. Storage, requests and compute are left out: an idle environment has none
to speak of.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

HOURS_A_MONTH: Final = 730

Resource = Mapping[str, Any]
"""One resource of a plan as Terraform shows it: ``type``, ``values``."""


@dataclass(frozen=True)
class Price:
    """What one resource of a type costs by the month."""

    usd: float
    unit: str
    units: Callable[[Resource, "Plan"], int] = lambda _resource, _plan: 1
    """How many units one resource is."""


@dataclass(frozen=True)
class Plan:
    """Every resource that there will be when a plan has been applied."""

    resources: tuple[Resource, ...]

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> "Plan":
        """From what ``terraform show -json <plan>`` says."""
        return cls(tuple(_resources(shown["planned_values"].get("root_module", {}))))

    def count(self, kind: str) -> int:
        """How many resources of a type there are."""
        return sum(resource["type"] == kind for resource in self.resources)


@dataclass(frozen=True)
class Cost:
    """One line of the estimate."""

    what: str
    units: int
    usd_each: float

    @property
    def usd(self) -> float:
        """Dollars a month."""
        return self.units * self.usd_each


@dataclass(frozen=True)
class FixedCost:
    """The estimate: what bills by the month, and the types of resources that no price is known for."""

    costs: tuple[Cost, ...]
    unpriced: tuple[str, ...]

    @property
    def usd(self) -> float:
        """Dollars a month, of all whose price is known."""
        return sum(cost.usd for cost in self.costs)

    def lines(self) -> list[str]:
        """The estimate as people read it, dollars with two decimals."""
        told = [f"{cost.units:4} x {cost.usd_each:6.2f} = {cost.usd:7.2f}  {cost.what}" for cost in self.costs]
        total = f"{'':16} {self.usd:7.2f}  USD a month when nothing happens, at list prices"
        missing = [f"no price is known for {kind}: look it up, and add it to fixed_cost.py" for kind in self.unpriced]
        return [*told, total, *missing]

    def line(self) -> str:
        """The estimate in a line: ``idle: about $1.00 a month: 10 alarms``."""
        named = [f"{cost.units} {cost.what.removesuffix('s') if cost.units == 1 else cost.what}" for cost in self.costs]
        named += [f"{kind}, of which no price is known" for kind in self.unpriced]
        return f"idle: about ${self.usd:.2f} a month: {'; '.join(named) or 'nothing that bills by the month'}"


def _endpoint_units(endpoint: Resource, plan: Plan) -> int:
    """An interface endpoint bills in each of its zones; while subnets are still to be made, it is in all of them."""
    if endpoint["values"]["vpc_endpoint_type"] == "Gateway":
        return 0
    return len(endpoint["values"].get("subnet_ids") or ()) or plan.count("aws_subnet")


PRICES: Final = {
    "aws_cloudwatch_dashboard": Price(3.00, "dashboards"),
    "aws_cloudwatch_metric_alarm": Price(0.10, "alarms"),
    "aws_kms_key": Price(1.00, "customer keys"),
    "aws_vpc_endpoint": Price(0.01 * HOURS_A_MONTH, "interface endpoints, in each zone", _endpoint_units),
}

FREE_WHEN_IDLE: Final = frozenset(
    {
        "aws_athena_named_query",
        "aws_athena_workgroup",  # by the terabyte scanned
        "aws_budgets_budget",  # free without actions
        "aws_cloudtrail",  # by the event
        "aws_cloudwatch_log_group",  # by the gigabyte
        "aws_cloudwatch_log_subscription_filter",
        "aws_default_security_group",
        "aws_dynamodb_table",  # by the request, in the mode that the ledger has
        "aws_glue_catalog_database",  # the first million objects of a catalog are free
        "aws_glue_catalog_table",
        "aws_glue_job",  # by the second of a worker
        "aws_iam_openid_connect_provider",
        "aws_iam_policy",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_kinesis_firehose_delivery_stream",  # by the gigabyte
        "aws_kms_alias",
        "aws_lambda_function",  # by the millisecond
        "aws_lambda_layer_version",
        "aws_route_table",
        "aws_route_table_association",
        "aws_s3_bucket",  # by the gigabyte and the request
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_object_lock_configuration",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_scheduler_schedule",  # by the call
        "aws_scheduler_schedule_group",
        "aws_security_group",
        "aws_sfn_state_machine",  # by the transition
        "aws_sns_topic",  # by the message
        "aws_sns_topic_policy",
        "aws_sns_topic_subscription",
        "aws_sqs_queue",  # by the request
        "aws_subnet",
        "aws_vpc",
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
    }
)


def fixed_cost(shown: Mapping[str, Any]) -> FixedCost:
    """The estimate for the environment that a plan leads to, whether the plan changes it or not.

    Args:
        shown: what ``terraform show -json <plan>`` says, parsed.
    """
    plan = Plan.of(shown)
    units: Counter[str] = Counter()
    for resource in plan.resources:
        if price := PRICES.get(resource["type"]):
            units[resource["type"]] += price.units(resource, plan)
    return FixedCost(
        costs=tuple(Cost(price.unit, units[kind], price.usd) for kind, price in PRICES.items() if units[kind]),
        unpriced=tuple(sorted({r["type"] for r in plan.resources} - set(PRICES) - FREE_WHEN_IDLE)),
    )


def _resources(module: Mapping[str, Any]) -> Iterator[Resource]:
    """The managed resources of a module and of those in it."""
    yield from (r for r in module.get("resources", ()) if r["mode"] == "managed")
    for child in module.get("child_modules", ()):
        yield from _resources(child)
