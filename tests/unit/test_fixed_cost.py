from typing import Any

from lakeward.fixed_cost import Cost, FixedCost, fixed_cost


def resource(kind: str, mode: str = "managed", **values: Any) -> dict[str, Any]:
    return {"type": kind, "mode": mode, "values": values}


def plan(*resources: dict[str, Any], modules: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"planned_values": {"root_module": {"resources": list(resources), "child_modules": list(modules)}}}


def test_what_bills_by_the_month_is_counted_in_every_module():
    alarms = {"resources": [resource("aws_cloudwatch_metric_alarm")] * 2}
    nested = {"resources": [resource("aws_kms_key")], "child_modules": [alarms]}

    assert fixed_cost(plan(resource("aws_s3_bucket"), modules=(nested, alarms))) == FixedCost(
        costs=(Cost("alarms", 4, 0.10), Cost("customer keys", 1, 1.00)), unpriced=()
    )


def test_an_endpoint_bills_in_each_zone_and_a_gateway_nowhere():
    glue = resource("aws_vpc_endpoint", vpc_endpoint_type="Interface", subnet_ids=["a", "b"])
    s3 = resource("aws_vpc_endpoint", vpc_endpoint_type="Gateway")

    assert fixed_cost(plan(glue, s3)).costs == (Cost("interface endpoints, in each zone", 2, 7.30),)


def test_an_endpoint_whose_subnets_are_still_to_be_made_bills_in_each_of_them():
    glue = resource("aws_vpc_endpoint", vpc_endpoint_type="Interface")

    assert fixed_cost(plan(glue, *[resource("aws_subnet")] * 3)).usd == 3 * 7.30


def test_it_is_told_in_a_line():
    alarms = [resource("aws_cloudwatch_metric_alarm")] * 10

    assert fixed_cost(plan(*alarms)).line() == "idle: about $1.00 a month: 10 alarms"
    assert fixed_cost(plan(*alarms, resource("aws_kms_key"))).line() == (
        "idle: about $2.00 a month: 10 alarms; 1 customer key"
    )
    assert fixed_cost(plan(resource("aws_nat_gateway"))).line() == (
        "idle: about $0.00 a month: aws_nat_gateway, of which no price is known"
    )
    assert fixed_cost(plan()).line() == "idle: about $0.00 a month: nothing that bills by the month"


def test_what_is_only_looked_up_costs_nothing():
    assert fixed_cost(plan(resource("aws_kms_key", mode="data"))) == FixedCost(costs=(), unpriced=())


def test_a_resource_without_a_known_price_is_named_and_not_taken_for_free():
    cost = fixed_cost(plan(resource("aws_nat_gateway"), resource("aws_kms_key")))

    assert cost.unpriced == ("aws_nat_gateway",)
    assert cost.lines() == [
        "   1 x   1.00 =    1.00  customer keys",
        "                    1.00  USD a month when nothing happens, at list prices",
        "no price is known for aws_nat_gateway: look it up, and add it to fixed_cost.py",
    ]
