"""What a role may do, for the gaps in which a service of AWS acts under a role and MiniStack's asks nobody."""

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam


def may(role_arn: str, session: str, action: str, resource_arn: str) -> bool:
    """Whether the policies and the boundary of a role of the request's account allow an action.

    Args:
        session: the name under which the service takes the role on.
    """
    account, role = get_account_id(), role_arn.rpartition("/")[2]
    context = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource_arn,
        region=get_region(),
    )
    policies = iam_evaluator._gather_role_policies(role, account)
    limits = iam_evaluator._permissions_boundary(iam._roles, role, account)
    return bool(iam_evaluator.evaluate(context, policies, *limits).decision == "Allow")
