import json

import pytest
from local_cloud_world import ROLE, World

pytestmark = [pytest.mark.long, pytest.mark.closes("sfn_glue")]


def machine(cloud: World, name: str, script: str, resource: str = "startJobRun.sync") -> str:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=name.lower())
    s3.put_object(Bucket=name.lower(), Key="script.py", Body=script.encode())
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{name.lower()}/script.py"}
    cloud.client("glue").create_job(Name=name, Role=ROLE, Command=command, GlueVersion="5.0")
    parameters = {"JobName": name, "Arguments": {"--day.$": "$.day"}}
    run = {"Type": "Task", "Resource": f"arn:aws:states:::glue:{resource}", "Parameters": parameters, "End": True}
    return cloud.machine(name, {"Run": run})


def test_a_run_is_waited_for_and_is_the_answer(cloud: World, name: str):
    ended = cloud.run(machine(cloud, name, "import sys; assert 'monday' in sys.argv"), {"day": "monday"})

    assert ended["status"] == "SUCCEEDED", ended
    run = ended["output"]
    assert (run["JobName"], run["JobRunState"], run["ExecutionTime"] >= 0) == (name, "SUCCEEDED", True)


def test_a_run_that_fails_fails_the_task_with_the_run_as_cause(cloud: World, name: str):
    ended = cloud.run(machine(cloud, name, "raise ValueError('no')"), {"day": "monday"})

    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed")
    assert json.loads(ended["cause"])["ErrorMessage"] == "ValueError: no"


def test_without_sync_the_id_of_the_run_is_the_answer(cloud: World, name: str):
    ended = cloud.run(machine(cloud, name, "print(1)", "startJobRun"), {"day": "monday"})

    assert (ended["status"], list(ended["output"])) == ("SUCCEEDED", ["JobRunId"])


def test_what_glue_refuses_fails_the_task_by_its_name(cloud: World, name: str):
    made = machine(cloud, name, "import time; time.sleep(60)", "startJobRun")
    assert cloud.run(made, {"day": "monday"})["status"] == "SUCCEEDED"

    ended = cloud.run(made, {"day": "tuesday"})

    assert (ended["status"], ended["error"]) == ("FAILED", "Glue.ConcurrentRunsExceededException")
    runs = cloud.client("glue").get_job_runs(JobName=name)["JobRuns"]
    cloud.client("glue").batch_stop_job_run(JobName=name, JobRunIds=[run["Id"] for run in runs])
