"""Glue fetches what a job runs under the job's role."""

import pytest
from glue_jobs import ended, job
from iam_world import allow, role
from local_cloud_world import World

pytestmark = pytest.mark.long


@pytest.mark.closes("glue_job_runs")
def test_a_script_that_the_role_may_not_read_does_not_run(cloud: World, name: str):
    job(cloud, name, "pass", Role=role(cloud, name, service="glue.amazonaws.com"))

    run = ended(cloud, name, cloud.client("glue").start_job_run(JobName=name)["JobRunId"])

    assert run["JobRunState"] == "FAILED"
    assert f"may not s3:GetObject s3://{name.lower()}/script.py" in run["ErrorMessage"]


def test_a_script_that_the_role_may_read_runs(cloud: World, name: str):
    read = allow("s3:GetObject", f"arn:aws:s3:::{name.lower()}/*")
    job(cloud, name, "pass", Role=role(cloud, name, read, service="glue.amazonaws.com"))

    run = ended(cloud, name, cloud.client("glue").start_job_run(JobName=name)["JobRunId"])

    assert run["JobRunState"] == "SUCCEEDED"
