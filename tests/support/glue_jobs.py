"""Glue jobs of tests, and what becomes of their runs."""

import time
from typing import Any

from local_cloud_world import ROLE, World


def job(cloud: World, name: str, script: str, **settings: Any) -> None:
    """Make a job that runs a script of its own."""
    s3, bucket = cloud.client("s3"), name.lower()
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="script.py", Body=script.encode())
    cloud.client("glue").create_job(
        Name=name,
        GlueVersion="5.0",
        WorkerType="G.1X",
        NumberOfWorkers=2,
        Command={"Name": "glueetl", "ScriptLocation": f"s3://{bucket}/script.py", "PythonVersion": "3"},
        DefaultArguments={"--bucket": bucket, "--day": "monday"},
        **{"Role": ROLE, **settings},
    )


def ended(cloud: World, name: str, run_id: str) -> dict[str, Any]:
    """What became of a run."""
    deadline = time.monotonic() + 120
    while True:
        run = cloud.client("glue").get_job_run(JobName=name, RunId=run_id)["JobRun"]
        if run["JobRunState"] not in ("STARTING", "RUNNING", "STOPPING"):
            return dict(run)
        assert time.monotonic() < deadline, run
        time.sleep(0.2)
