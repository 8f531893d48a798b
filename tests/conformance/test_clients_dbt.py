"""dbt-athena as it is, against the local cloud: two runs of a project with a seed, a view and a merged Iceberg model.

``AWS_ENDPOINT_URL`` alone leads it there. A plain emulator is not enough: dbt-athena asks Glue for table versions, a
gap of MiniStack that the local cloud closes.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from athena_lake import ACCOUNT, REGION, emulator

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

REPOSITORY = Path(__file__).parents[2]
VENV = REPOSITORY / ".venv-dbt"

PROJECT = {
    "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: local\nflags: {send_anonymous_usage_stats: false}\n",
    "profiles.yml": f"""
local:
  target: local
  outputs:
    local:
      type: athena
      s3_staging_dir: s3://results/dbt/
      s3_data_dir: s3://lake/dbt/
      region_name: {REGION}
      database: awsdatacatalog
      schema: dbt_shop
      threads: 1
      poll_interval: 0.05
""",
    "models/orders.sql": """
{{ config(materialized='incremental', table_type='iceberg', incremental_strategy='merge', unique_key='id',
          format='parquet') }}
SELECT id, state, CAST(changed AS timestamp(6)) AS changed FROM {{ ref('raw_orders') }}
{% if is_incremental() %} WHERE CAST(changed AS timestamp(6)) > (SELECT max(changed) FROM {{ this }}) {% endif %}
""",
    "models/open_orders.sql": """
{{ config(materialized='view') }}
SELECT id FROM {{ ref('orders') }} WHERE state = 'open'
""",
    "models/orders.yml": """
models:
  - name: orders
    columns:
      - name: id
        data_tests: [not_null, unique]
""",
}
FIRST = "id,state,changed\n1,open,2024-01-01 00:00:00\n2,open,2024-01-01 00:00:00\n"
SECOND = FIRST + "2,shipped,2024-01-02 00:00:00\n3,open,2024-01-02 00:00:00\n"


Rows = list[tuple[object, ...]]


@pytest.fixture(scope="module")
def cloud() -> Iterator[str]:
    """The endpoint of a local cloud with the buckets that the profile names."""
    with emulator(gaps_closed=True) as endpoint:
        s3 = boto3.client("s3", endpoint_url=endpoint, aws_access_key_id=ACCOUNT, aws_secret_access_key="test",
                          region_name=REGION)  # fmt: skip
        for bucket in ("lake", "results"):
            s3.create_bucket(Bucket=bucket)
        yield endpoint


@pytest.fixture(scope="module")
def dbt(cloud: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Runs dbt in a project folder of its own, in an environment of its own."""
    subprocess.run(
        [sys.executable, "scripts/environment.py", "--venv", str(VENV), "--lock", "requirements/dbt.txt"],
        cwd=REPOSITORY, check=True,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("dbt")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
        "AWS_ENDPOINT_URL": cloud, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip

    def run(*arguments: str, seed: str) -> str:
        for name, text in (PROJECT | {"seeds/raw_orders.csv": seed}).items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        done = subprocess.run(
            [str(VENV / "bin" / "dbt"), "--no-use-colors", *arguments, "--profiles-dir", "."],
            cwd=folder, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module")
def ask(cloud: str) -> Callable[[str], Rows]:
    """Asks the local cloud's Athena."""
    athena = boto3.client("athena", endpoint_url=cloud, aws_access_key_id=ACCOUNT, aws_secret_access_key="test",
                          region_name=REGION)  # fmt: skip

    def rows(sql: str) -> Rows:
        query = athena.start_query_execution(QueryString=sql, QueryExecutionContext={"Database": "dbt_shop"},
                                             ResultConfiguration={"OutputLocation": "s3://results/asked/"})  # fmt: skip
        while (found := athena.get_query_execution(QueryExecutionId=query["QueryExecutionId"]))["QueryExecution"][
            "Status"
        ]["State"] in {"QUEUED", "RUNNING"}:
            time.sleep(0.05)
        assert found["QueryExecution"]["Status"]["State"] == "SUCCEEDED", found["QueryExecution"]["Status"]
        answer = athena.get_query_results(QueryExecutionId=query["QueryExecutionId"])["ResultSet"]["Rows"]
        return [tuple(cell.get("VarCharValue") for cell in row["Data"]) for row in answer[1:]]

    return rows


def test_a_second_run_merges_into_the_iceberg_model(dbt, ask):
    assert "ERROR=0" in dbt("build", seed=FIRST)
    assert ask("SELECT id, state FROM orders ORDER BY id") == [("1", "open"), ("2", "open")]
    before = ask('SELECT snapshot_id FROM "orders$snapshots"')

    assert "ERROR=0" in dbt("build", seed=SECOND)
    assert ask("SELECT id, state, changed FROM orders ORDER BY id") == [
        ("1", "open", "2024-01-01 00:00:00.000000"),
        ("2", "shipped", "2024-01-02 00:00:00.000000"),
        ("3", "open", "2024-01-02 00:00:00.000000"),
    ]
    assert ask("SELECT id FROM open_orders ORDER BY id") == [("1",), ("3",)]
    after = ask('SELECT snapshot_id FROM "orders$snapshots"')
    assert set(before) < set(after), "the second run made the table anew instead of merging into it"
