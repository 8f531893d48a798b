"""A Spark job of Glue really runs.

AWS: StartJobRun runs the job's script under its role, with the job's and the run's arguments on its command line; the
run is STARTING, RUNNING, then SUCCEEDED, or FAILED with the error's last line as ErrorMessage, TIMEOUT, or STOPPED. A
run takes the workers that it asks for. More runs at once than the job allows are refused with
``ConcurrentRunsExceededException``. Its script and its libraries are fetched under the job's role.

MiniStack 1.5.33: reports SUCCEEDED without running anything unless Docker has Glue's image, forgets the workers, how
many runs may be at once, and the tags that a job is made with.

Here the script runs with a local PySpark, in a process of its own (see ``spark_process``). It can go when MiniStack
runs Spark jobs without Docker.
"""

import contextvars
import subprocess
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import lambda_runtime
from ministack.services import glue

from lakeward_local.gaps.patching import Function, ok, refuse, replace
from lakeward_local.gaps.role_rights import may
from lakeward_local.gaps.spark_process import Job, Script, error_of, start

_ENDED = ("SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED")
_OF_THE_RUN = ("WorkerType", "NumberOfWorkers", "Timeout", "MaxCapacity", "SecurityConfiguration", "ExecutionClass")
_processes: dict[str, subprocess.Popen[bytes]] = {}
"""Run id -> the process that runs it."""


def install() -> None:
    """Run Spark jobs; leave the others as they are."""
    replace(glue, "_create_job", _creating)
    replace(glue, "_update_job", _updating)
    replace(glue, "_start_job_run", _starting)
    replace(glue, "_batch_stop_job_run", _stopping)
    replace(lambda_runtime, "reset", _ending)


def _creating(create: Function) -> Function:
    def create_job(data: dict[str, Any]) -> Any:
        answer = create(data)
        if answer[0] == 200:
            _keep(data["Name"], data)
            glue._tags[glue._arn("job", data["Name"])] = dict(data.get("Tags", {}))
        return answer

    return create_job


def _updating(update: Function) -> Function:
    def update_job(data: dict[str, Any]) -> Any:
        answer = update(data)
        if answer[0] == 200:
            _keep(data["JobName"], data.get("JobUpdate", {}))
        return answer

    return update_job


def _keep(name: str, told: dict[str, Any]) -> None:
    glue._jobs[name]["ExecutionProperty"] = told.get("ExecutionProperty") or {"MaxConcurrentRuns": 1}


def _starting(original: Function) -> Function:
    def start_job_run(data: dict[str, Any]) -> Any:
        job = glue._jobs.get(data.get("JobName"))
        if job is None or not glue._is_spark_job(job):
            return original(data)
        runs = glue._job_runs.setdefault(job["Name"], [])
        at_once = job["ExecutionProperty"]["MaxConcurrentRuns"]
        if sum(run["JobRunState"] not in _ENDED for run in runs) >= at_once:
            return refuse("ConcurrentRunsExceededException", f"Concurrent runs exceeded for {job['Name']}")
        run = _run_of(job, data)
        runs.append(run)
        script = _script_of(job, run)
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(_follow, job, run, script), daemon=True).start()
        return ok({"JobRunId": run["Id"]})

    return start_job_run


def _run_of(job: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    now = time.time()
    return {
        "Id": f"jr_{uuid.uuid4().hex}",
        "Attempt": 0,
        "JobName": job["Name"],
        "JobRunState": "STARTING",
        "StartedOn": now,
        "LastModifiedOn": now,
        "Arguments": {**job.get("DefaultArguments", {}), **data.get("Arguments", {})},
        "PredecessorRuns": [],
        "ExecutionTime": 0,
        "GlueVersion": job["GlueVersion"],
        **{name: value for name in _OF_THE_RUN if (value := data.get(name) or job.get(name))},
    }


def _script_of(job: dict[str, Any], run: dict[str, Any]) -> Script | str:
    """What to run, found while the request's account is known; or why it cannot be run."""
    arguments = {"--JOB_NAME": job["Name"], "--JOB_RUN_ID": run["Id"], **run["Arguments"]}
    libraries = [uri for uri in arguments.get("--extra-py-files", "").split(",") if uri]
    uris = [job["Command"]["ScriptLocation"], *libraries]
    denied = [uri for uri in uris if not _may_fetch(job["Role"], uri)]
    if denied:
        return f"LAUNCH ERROR | AccessDenied (403): {job['Role']} may not s3:GetObject {', '.join(denied)}"
    found = {uri: glue._resolve_script(uri) for uri in uris}
    missing = [uri for uri, path in found.items() if path is None]
    if missing:
        return f"LAUNCH ERROR | File does not exist: {', '.join(missing)}"
    path, *archives = (Path(place) for place in found.values())
    return Script(path, tuple(archives), tuple(word for pair in arguments.items() for word in pair))


def _may_fetch(role_arn: str, uri: str) -> bool:
    arn = f"arn:aws:s3:::{uri.removeprefix('s3://')}"
    return not app.AUTH or may(role_arn, "GlueJobRunnerSession", "s3:GetObject", arn)


def _follow(job: dict[str, Any], run: dict[str, Any], script: Script | str) -> None:
    """Take the run to its end."""
    if isinstance(script, str):
        _end(run, "FAILED", script)
        return
    try:
        process, log = start(script, Job(job["Name"], job["Role"], run["Id"]))
    except OSError as problem:
        _end(run, "FAILED", str(problem))
        return
    _processes[run["Id"]] = process
    run |= {"JobRunState": "RUNNING", "LastModifiedOn": time.time()}
    try:
        status = process.wait(run.get("Timeout", 2880) * 60)
    except subprocess.TimeoutExpired:
        process.kill()
        _end(run, "TIMEOUT", f"Job run exceeded its timeout of {run['Timeout']} minutes")
        return
    finally:
        _processes.pop(run["Id"], None)
    if run["JobRunState"] != "STOPPING":
        _end(run, "SUCCEEDED" if status == 0 else "FAILED", None if status == 0 else error_of(log))
    else:
        _end(run, "STOPPED", None)


def _end(run: dict[str, Any], state: str, message: str | None) -> None:
    now = time.time()
    run |= {"LastModifiedOn": now, "CompletedOn": now, "ExecutionTime": round(now - run["StartedOn"])}
    run |= {"ErrorMessage": message} if message else {}
    run["JobRunState"] = state


def _stopping(original: Function) -> Function:
    def batch_stop_job_run(data: dict[str, Any]) -> Any:
        job = glue._jobs.get(data.get("JobName"))
        if job is None or not glue._is_spark_job(job):
            return original(data)
        stopped = []
        for run in glue._job_runs.get(job["Name"], []):
            if run["Id"] in data["JobRunIds"] and run["Id"] in _processes:
                run["JobRunState"] = "STOPPING"
                _processes[run["Id"]].terminate()
                stopped.append({"JobName": job["Name"], "JobRunId": run["Id"]})
        return ok({"SuccessfulSubmissions": stopped, "Errors": []})

    return batch_stop_job_run


def _ending(reset: Function) -> Function:
    """A job that still runs would call a cloud that is gone."""

    def end_all() -> Any:
        for process in list(_processes.values()):
            process.terminate()
        return reset()

    return end_all
