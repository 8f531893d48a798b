"""Who may assume the roles that GitHub Actions deploys with, and that every way of loosening it would be seen."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from trust_world import CLAIMS, COMPARED, EXACT, ISSUER, WHERE_TOLD, Policy, Token, lets_in, looseness, render

ROOT = Path(__file__).parents[2]
TEMPLATE = (ROOT / "modules/github_role/trust.json").read_text()
PROVIDER = f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}"
VALUES = {
    "provider_arn": PROVIDER,
    "environment": "prod",
    "owner": "example",
    "owner_id": "177059064",
    "repository": "lakeward",
    "repository_id": "1296742987",
}
POLICY = render(TEMPLATE, VALUES)

GOOD: Token = {
    "aud": "sts.amazonaws.com",
    "environment": "prod",
    "repository_id": "1296742987",
    "repository_owner_id": "177059064",
    "sub": "repo:example/lakeward:environment:prod",
}
IMMUTABLE = GOOD | {"sub": "repo:example@177059064/lakeward@1296742987:environment:prod"}

STRANGERS = {
    "another audience": {"aud": "sts.example.com"},
    "no environment": {"environment": None, "sub": "repo:example/lakeward:ref:refs/heads/main"},
    "a pull request": {"environment": None, "sub": "repo:example/lakeward:pull_request"},
    "another environment": {"environment": "prod-plan", "sub": "repo:example/lakeward:environment:prod-plan"},
    "an environment that starts the same": {"environment": "prod2", "sub": "repo:example/lakeward:environment:prod2"},
    "a new repository of the old name": {"repository_id": "999"},
    "a new owner of the old name": {"repository_owner_id": "999"},
    "another repository of the owner": {"repository_id": "5", "sub": "repo:example/other:environment:prod"},
    "a repository whose name starts the same": {"repository_id": "5", "sub": "repo:example/lakeward2:environment:prod"},
    "another owner": {"repository_owner_id": "5", "repository_id": "5", "sub": "repo:evil/lakeward:environment:prod"},
    "the ids in the subject of another": IMMUTABLE | {"sub": "repo:example@5/lakeward@6:environment:prod"},
    "the environment of a branch's name": {"environment": "prod", "sub": "repo:example/lakeward:ref:environment:prod"},
    "another environment than the subject says": {"environment": "dev"},
    "another subject than the environment says": {"sub": "repo:example/lakeward:environment:dev"},
    "letters of another case": {"sub": "repo:Example/Lakeward:environment:prod"},
}


def token(changes: dict[str, str | None]) -> Token:
    return {name: value for name, value in {**GOOD, **changes}.items() if value is not None}


def mutations() -> Iterator[tuple[str, Policy]]:
    """The policy, loosened in one place, each way that a change of the file could do it."""

    def changed(what: str, old: str, new: str) -> tuple[str, Policy]:
        text = json.dumps(POLICY)
        assert old in text, what
        return what, json.loads(text.replace(old, new))

    def moved(claim: str, to: str | None) -> Policy:
        """The policy with a claim compared by another operator, or by none."""
        policy: Policy = json.loads(json.dumps(POLICY))
        condition = policy["Statement"][0]["Condition"]
        (value,) = [condition[o].pop(f"{ISSUER}:{claim}") for o, claims in COMPARED.items() if claim in claims]
        if to:
            condition.setdefault(to, {})[f"{ISSUER}:{claim}"] = value
        return policy

    for claim in CLAIMS:
        yield f"without {claim}", moved(claim, None)
        yield f"{claim} by pattern", moved(claim, "StringLike")
        yield f"{claim} by pattern if it exists", moved(claim, "StringLikeIfExists")
    for claim in EXACT:
        yield f"{claim} if it exists", moved(claim, "StringEqualsIfExists")
    values = sorted({v for v in [*GOOD.values(), IMMUTABLE["sub"], PROVIDER] if f'"{v}"' in json.dumps(POLICY)})
    for value in values:
        yield changed(f"a star for {value}", f'"{value}"', '"*"')
        yield changed(f"a star behind {value}", f'"{value}"', f'"{value}*"')
        yield changed(f"a star within {value}", f'"{value}"', f'"{value[: len(value) // 2]}*"')
        yield changed(f"a question mark in {value}", f'"{value}"', f'"{value[:-1]}?"')
    for operator in ("StringLike", "StringEqualsIgnoreCase", "ForAllValues:StringEquals", "ForAnyValue:StringLike"):
        yield changed(f"by {operator}", '"StringEquals"', f'"{operator}"')
        yield changed(f"the owner by {operator}", '"StringEqualsIfExists"', f'"{operator}"')
    yield changed("another subject", '"repo:example/lakeward:environment:prod"', '"repo:example/lakeward:pull_request"')
    policy = json.loads(json.dumps(POLICY))
    policy["Statement"][0]["Condition"]["StringEquals"][f"{ISSUER}:environment"] = ["prod", "dev"]
    yield "two environments", policy
    yield changed("any action of STS", '"sts:AssumeRoleWithWebIdentity"', '"sts:*"')
    yield changed("whoever comes", json.dumps({"Federated": PROVIDER}), '"*"')
    yield changed("the account too", f'"Federated": "{PROVIDER}"', f'"Federated": "{PROVIDER}", "AWS": "123456789012"')
    policy = json.loads(json.dumps(POLICY))
    del policy["Statement"][0]["Condition"]
    yield "without conditions", policy
    policy = json.loads(json.dumps(POLICY))
    policy["Statement"].append({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "123456789012"}})
    yield "with a second way in", policy


MUTATIONS = dict(mutations())


@pytest.mark.parametrize("job", [GOOD, IMMUTABLE], ids=["by name", "by name and id"])
def test_a_job_in_the_environment_is_let_in_by_both_forms_of_its_subject(job: Token):
    assert lets_in(POLICY, job, PROVIDER)


@pytest.mark.parametrize("who", STRANGERS)
def test_nobody_else_is_let_in(who: str):
    assert not lets_in(POLICY, token(STRANGERS[who]), PROVIDER)


@pytest.mark.parametrize("claim", EXACT)
def test_a_token_without_a_claim_is_not_let_in(claim: str):
    assert not lets_in(POLICY, token({claim: None}), PROVIDER)


@pytest.mark.parametrize("claim", WHERE_TOLD)
def test_a_claim_that_aws_may_not_pass_on_keeps_nobody_out_by_its_absence(claim: str):
    assert lets_in(POLICY, token({claim: None}), PROVIDER)


def test_the_owner_s_id_is_the_only_claim_that_may_be_missing():
    condition = POLICY["Statement"][0]["Condition"]

    assert {operator: sorted(keys) for operator, keys in condition.items()} == {
        "StringEquals": [f"{ISSUER}:{claim}" for claim in ("aud", "environment", "repository_id", "sub")],
        "StringEqualsIfExists": [f"{ISSUER}:repository_owner_id"],
    }


def test_nothing_in_the_policy_is_loose():
    assert looseness(POLICY) == []


@pytest.mark.parametrize("how", MUTATIONS)
def test_every_way_of_loosening_it_is_seen(how: str):
    """A looser policy lets a stranger in, or keeps the good ones out, or is seen to be loose before it does."""
    assert looseness(MUTATIONS[how]) or not (lets_in(MUTATIONS[how], GOOD, PROVIDER))


@pytest.mark.parametrize("claim", CLAIMS)
def test_no_claim_is_compared_for_nothing(claim: str):
    """With all the others in place, leaving it out lets one of the strangers in."""
    condition = {
        operator: {key: value for key, value in keys.items() if key != f"{ISSUER}:{claim}"}
        for operator, keys in POLICY["Statement"][0]["Condition"].items()
    }
    looser = {"Statement": [POLICY["Statement"][0] | {"Condition": condition}]}

    assert [who for who, changes in STRANGERS.items() if lets_in(looser, token(changes), PROVIDER)]


def test_the_roles_are_of_two_github_environments_that_are_named_after_ours():
    text = (ROOT / "terraform/bootstrap/github.tf").read_text()

    assert re.findall(r'github_environment += "?(.+?)"?$', text, re.MULTILINE) == [
        "${local.settings.environment}-plan",
        "local.settings.environment",
        "each.value.github_environment",
    ]
    assert "for_each = { for name, role in local.github_roles : name => role if local.github != null }" in text


def test_nothing_else_in_the_account_trusts_anybody_outside_of_aws():
    files = [file for folder in ("modules", "terraform") for file in (ROOT / folder).rglob("*.*") if file.is_file()]
    kept = [file for file in files if ".terraform" not in file.parts and "tests" not in file.parts]

    assert sorted(str(f.relative_to(ROOT)) for f in kept if re.search("Federated|oidc-provider", f.read_text())) == [
        "modules/github_role/trust.json",
        "modules/github_role/variables.tf",  # refuses any other provider
        "terraform/bootstrap/names.tf",  # keeps deployments off it
    ]
