"""Events as Terraform 1.11 writes them, shortened to what is read."""

import json
from typing import Any

from lakeward.adapters.terraform.events import Narrator, Step


def planned(action: str, address: str) -> dict[str, Any]:
    return {"type": "planned_change", "change": {"resource": {"addr": address}, "action": action}}


def hook(kind: str, action: str, address: str) -> dict[str, Any]:
    return {"type": kind, "hook": {"resource": {"addr": address}, "action": action}}


def hear(*events: dict[str, Any] | str) -> tuple[Narrator, list[Step]]:
    steps: list[Step] = []
    narrator = Narrator(steps.append)
    for event in events:
        narrator.hear(event if isinstance(event, str) else json.dumps(event))
    return narrator, steps


def test_progress_counts_what_was_planned_and_names_what_takes_longest_first():
    _, steps = hear(
        planned("create", "bucket"),
        planned("update", "queue"),
        hook("apply_start", "update", "queue"),
        hook("apply_start", "create", "bucket"),
        hook("apply_complete", "create", "bucket"),
        hook("apply_complete", "update", "queue"),
    )

    assert steps == [
        Step(0, 1, ()),
        Step(0, 2, ()),
        Step(0, 2, ("queue",)),
        Step(0, 2, ("queue", "bucket")),
        Step(1, 2, ("queue",)),
        Step(2, 2, ()),
    ]


def test_a_replacement_is_two_steps():
    _, steps = hear(
        planned("replace", "function"),
        hook("apply_start", "delete", "function"),
        hook("apply_complete", "delete", "function"),
        hook("apply_start", "create", "function"),
        hook("apply_complete", "create", "function"),
    )

    assert [(step.done, step.total) for step in steps] == [(0, 2), (0, 2), (1, 2), (1, 2), (2, 2)]


def test_a_data_source_that_is_read_is_no_step():
    narrator, steps = hear(
        planned("read", "data.account"),
        hook("apply_start", "read", "data.account"),
        hook("apply_complete", "read", "data.account"),
    )

    assert (narrator.planned, set(steps)) == ([], {Step(0, 0, ())})


def test_what_is_planned_is_named_with_its_action():
    narrator, _ = hear(planned("create", "a"), planned("no-op", "b"), planned("delete", "c"))

    assert narrator.planned == ["create a", "delete c"]


def test_an_error_is_told_with_its_resource_and_place():
    diagnostic = {
        "severity": "error",
        "summary": "creating S3 Bucket: it exists",
        "detail": "",
        "address": "module.raw.aws_s3_bucket.this",
        "range": {"filename": "modules/bucket/main.tf", "start": {"line": 1}},
    }
    warning = {"severity": "warning", "summary": "deprecated", "detail": "use another"}

    narrator, _ = hear({"type": "diagnostic", "diagnostic": warning}, {"type": "diagnostic", "diagnostic": diagnostic})

    assert narrator.errors == [
        "creating S3 Bucket: it exists [module.raw.aws_s3_bucket.this] (modules/bucket/main.tf:1)"
    ]


def test_a_line_that_is_no_event_is_an_error_and_an_unknown_event_is_nothing():
    narrator, steps = hear("panic: something\n", "\n", {"type": "version", "terraform": "1.11.4"})

    assert (narrator.errors, steps) == (["panic: something"], [])
