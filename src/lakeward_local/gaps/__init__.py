"""What MiniStack does not do as AWS does, each in a file of its own.

A gap's module says what AWS does, what MiniStack does instead, and when the gap can go; its ``install()`` closes it
in this process. MiniStack has no plugin interface, but it looks its handlers up when they are called, so replacing a
function of a module is enough. ``tests/local_cloud/gaps`` runs each gap's tests with the gap closed, where they must
hold, and with the gap left open, where they must fail: when one holds all the same, the gap can go.
"""

import importlib
from collections.abc import Collection

GAPS: tuple[str, ...] = (
    "lambda_error_types",
    "sfn_lambda_throttle",
    "sfn_same_name",
    "sfn_athena",
    "sfn_glue",
    "glue_table_replace",
    "glue_partitions",
    "glue_job_runs",
    "athena_engine",
    "cloudwatch_alarm_fields",
    "scheduler_context",
    "iam_transport",
    "iam_resources",
    "iam_glue_resources",
    "iam_s3_absent",
    "iam_boundary_condition",
    "sts_github_claims",
    "sfn_role",
    "secrets_versions",
)
"""Every gap, in the order in which they are closed."""


def close_all(left_open: Collection[str] = ()) -> None:
    """Close every gap but those named.

    Raises:
        MiniStackChanged: the code that a gap replaces is not the code it was written for.
        ValueError: ``left_open`` names something that is not a gap.
    """
    unknown = sorted(set(left_open) - set(GAPS))
    if unknown:
        raise ValueError(f"expected gaps to leave open from {list(GAPS)}, got {unknown}")
    for name in GAPS:
        if name not in left_open:
            importlib.import_module(f"lakeward_local.gaps.{name}").install()
