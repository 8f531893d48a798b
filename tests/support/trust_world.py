"""Trust policies as STS reads them: who may assume the role, and what is too loose about the policy."""

import fnmatch
import json
from typing import Any

ISSUER = "token.actions.githubusercontent.com"
EXACT = ("aud", "environment", "repository_id", "sub")
"""Claims that must be there, and be exactly what the policy says."""
WHERE_TOLD = ("repository_owner_id",)
"""The one claim that may be missing: AWS's list of GitHub's claims as condition keys does not name it."""
COMPARED = {"StringEquals": EXACT, "StringEqualsIfExists": WHERE_TOLD}
CLAIMS = (*EXACT, *WHERE_TOLD)

Token = dict[str, str]
Policy = dict[str, Any]


def render(template: str, values: dict[str, str]) -> Policy:
    """What Terraform's templatefile makes of the text."""
    for name, value in values.items():
        template = template.replace(f"${{{name}}}", value)
    policy: Policy = json.loads(template)
    return policy


def listed(value: Any) -> list[Any]:
    """A value that may stand alone or in a list."""
    return value if isinstance(value, list) else [value]


def lets_in(policy: Policy, token: Token, provider_arn: str) -> bool:
    """Whether STS would give a session for this token, which the provider has signed."""
    answers = {s["Effect"] for s in policy["Statement"] if _applies(s, token, provider_arn)}
    return "Allow" in answers and "Deny" not in answers


def _applies(statement: dict[str, Any], token: Token, provider_arn: str) -> bool:
    principal = statement.get("Principal", {})
    trusted = principal if isinstance(principal, str) else principal.get("Federated", [])
    if not any(fnmatch.fnmatchcase(provider_arn, p) for p in listed(trusted)):
        return False
    if not any(fnmatch.fnmatchcase("sts:AssumeRoleWithWebIdentity", a) for a in listed(statement["Action"])):
        return False
    return all(
        _holds(operator, listed(wanted), token.get(key.removeprefix(f"{ISSUER}:")))
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def _holds(operator: str, wanted: list[str], found: str | None) -> bool:
    """IAM's operators over one claim; a quantifier or IfExists lets an absent claim pass, as it does at AWS."""
    plain = operator.removeprefix("ForAllValues:").removeprefix("ForAnyValue:")
    if found is None:
        return operator.startswith("ForAllValues:") or plain.endswith("IfExists") or plain.startswith("StringNot")
    match plain.removesuffix("IfExists"):
        case "StringEquals":
            return found in wanted
        case "StringEqualsIgnoreCase":
            return found.lower() in [w.lower() for w in wanted]
        case "StringLike":
            return any(fnmatch.fnmatchcase(found, w) for w in wanted)
        case "StringNotEquals":
            return found not in wanted
        case other:
            raise ValueError(f"expected an operator on strings, found {other}")


def looseness(policy: Policy) -> list[str]:
    """What makes the policy wider than one exact token: each pattern, operator, claim and principal too many or few."""
    found = []
    if "*" in json.dumps(policy) or "?" in json.dumps(policy):
        found.append("a pattern")
    if len(policy["Statement"]) != 1:
        found.append("more than one statement")
    for statement in policy["Statement"]:
        if set(statement) != {"Sid", "Effect", "Action", "Principal", "Condition"}:
            found.append(f"other parts than expected: {sorted(statement)}")
        if statement.get("Action") != "sts:AssumeRoleWithWebIdentity":
            found.append("another action")
        principal = statement.get("Principal")
        if (
            not isinstance(principal, dict)
            or set(principal) != {"Federated"}
            or len(listed(principal["Federated"])) != 1
        ):
            found.append("another principal")
        condition = statement.get("Condition", {})
        if set(condition) != set(COMPARED):
            found.append(f"other operators than expected: {sorted(condition)}")
        for operator, claims in COMPARED.items():
            compared = sorted(condition.get(operator, {}))
            if compared != sorted(f"{ISSUER}:{claim}" for claim in claims):
                found.append(f"other claims than expected by {operator}: {compared}")
        found += [
            f"more than one value of {key}"
            for keys in condition.values()
            for key, wanted in keys.items()
            if isinstance(wanted, list) and not key.endswith(":sub")
        ]
    return found
