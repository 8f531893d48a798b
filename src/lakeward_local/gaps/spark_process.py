"""A Glue script in a process of its own, with a local Spark: what Glue gives it on AWS, it is given here.

The libraries are those of ``.venv-spark``, made by ``make spark`` from requirements/spark.txt: Spark 3.5.4 on Python
3.11, as in Glue 5.0, with the packages that the job ships to Glue. Java 17 must be on the PATH.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region

PYTHON = Path(__file__).resolve().parents[3] / ".venv-spark" / "bin" / "python"
_TAIL_BYTES = 20_000
_SUBMIT = (
    "--master local[2] --driver-memory 1g --conf spark.ui.enabled=false --conf spark.driver.host=127.0.0.1 "
    "--conf spark.driver.bindAddress=127.0.0.1 pyspark-shell"
)


@dataclass(frozen=True)
class Script:
    """A script, the archives that it imports from, and its arguments."""

    path: Path
    archives: tuple[Path, ...]
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """Whose run it is."""

    name: str
    role_arn: str
    run_id: str


def start(script: Script, job: Job, python: Path = PYTHON) -> tuple[subprocess.Popen[bytes], Path]:
    """Start it; answers the process and the file that it writes to.

    Raises:
        FileNotFoundError: there is no Python with Spark; the message says how to make it.
    """
    if not python.exists():
        raise FileNotFoundError(
            f"expected a Python with Spark at {python}, found none; a local cloud runs Glue jobs with it: make spark"
        )
    log = Path(os.environ["STATE_DIR"]).parent / "logs" / f"{job.name}-{job.run_id}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(python), str(script.path), *script.arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=os.environ["TMPDIR"],
            env=_environment(script, job, python),
        )
    return process, log


def error_of(log: Path) -> str:
    """The last line that was written: of a Python error its name and message."""
    lines = log.read_bytes()[-_TAIL_BYTES:].decode(errors="replace").strip().splitlines()
    errors = [line for line in lines if line.partition(":")[0].replace(".", "").isidentifier() and ": " in line]
    return (errors or lines or ["the script ended without a word"])[-1]


def _environment(script: Script, job: Job, python: Path) -> dict[str, str]:
    region, account = get_region(), get_account_id()
    as_function = {
        "FunctionArn": f"arn:aws:lambda:{region}:{account}:function:{job.name}",
        "FunctionName": job.name,
        "Role": job.role_arn,
    }
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        **lambda_runtime.execution_credentials(as_function),
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONPATH": os.pathsep.join(map(str, script.archives)),
        "PYSPARK_PYTHON": str(python),
        "PYSPARK_SUBMIT_ARGS": _SUBMIT,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
