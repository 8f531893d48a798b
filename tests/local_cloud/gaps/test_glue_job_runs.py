import pytest
from glue_jobs import ended, job
from local_cloud_world import World

pytestmark = [pytest.mark.long, pytest.mark.closes("glue_job_runs")]

SAYS = """
import sys
from pyspark import SparkContext
with SparkContext.getOrCreate() as context:
    print(context.version, context.parallelize([1, 2, 3], 3).map(lambda n: n * n).sum())
import boto3
boto3.client("s3").put_object(Bucket=sys.argv[sys.argv.index("--bucket") + 1], Key="told", Body=" ".join(sys.argv[1:]))
"""
FAILS = """
raise ValueError("expected 3 pages, found 2")
"""


def test_a_job_has_the_tags_that_it_was_made_with(cloud: World, name: str):
    job(cloud, name, SAYS, Tags={"environment": "local"})

    arn = f"arn:aws:glue:us-east-1:{cloud.record.account_id}:job/{name}"
    assert cloud.client("glue").get_tags(ResourceArn=arn)["Tags"] == {"environment": "local"}


def test_the_script_runs_with_the_arguments_of_the_job_and_of_the_run(cloud: World, name: str):
    job(cloud, name, SAYS)

    run_id = cloud.client("glue").start_job_run(
        JobName=name, Arguments={"--day": "tuesday"}, WorkerType="G.1X", NumberOfWorkers=3
    )["JobRunId"]
    run = ended(cloud, name, run_id)

    told = cloud.client("s3").get_object(Bucket=name.lower(), Key="told")["Body"].read().decode()
    assert told == f"--JOB_NAME {name} --JOB_RUN_ID {run_id} --bucket {name.lower()} --day tuesday"
    assert (run["JobRunState"], run["NumberOfWorkers"]) == ("SUCCEEDED", 3)


def test_a_script_that_raises_fails_the_run_with_its_error(cloud: World, name: str):
    job(cloud, name, FAILS)

    run = ended(cloud, name, cloud.client("glue").start_job_run(JobName=name)["JobRunId"])

    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "ValueError: expected 3 pages, found 2")


def test_a_script_that_is_not_there_fails_the_run(cloud: World, name: str):
    job(cloud, name, FAILS)
    cloud.client("s3").delete_object(Bucket=name.lower(), Key="script.py")

    run = ended(cloud, name, cloud.client("glue").start_job_run(JobName=name)["JobRunId"])

    assert run["JobRunState"] == "FAILED"
    assert "script.py" in run["ErrorMessage"]


def test_more_runs_than_the_job_allows_are_refused(cloud: World, name: str):
    glue = cloud.client("glue")
    job(cloud, name, "import time; time.sleep(60)", ExecutionProperty={"MaxConcurrentRuns": 1})
    first = glue.start_job_run(JobName=name)["JobRunId"]

    with pytest.raises(glue.exceptions.ConcurrentRunsExceededException):
        glue.start_job_run(JobName=name)

    glue.batch_stop_job_run(JobName=name, JobRunIds=[first])
    assert ended(cloud, name, first)["JobRunState"] == "STOPPED"
    assert glue.get_job(JobName=name)["Job"]["ExecutionProperty"] == {"MaxConcurrentRuns": 1}
