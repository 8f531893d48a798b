"""dbt-athena as it is, against the local Athena: two runs of a project with a seed, a view and a merged Iceberg model."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from athena_lake import ACCOUNT, REGION, Lake

from lakeward_local.athena.server import serve

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
    "models/open_orders.sql": "{{ config(materialized='view') }} SELECT id FROM {{ ref('orders') }} WHERE state = 'open'",
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


@pytest.fixture(scope="module")
def dbt(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Runs dbt in a project folder; its Athena is ours, all else the emulator's, by AWS's environment variables."""
    subprocess.run(
        [sys.executable, "scripts/environment.py", "--venv", str(VENV), "--lock", "requirements/dbt.txt"],
        cwd=REPOSITORY, check=True,
    )  # fmt: skip
    server = serve(lake.athena)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder = tmp_path_factory.mktemp("dbt")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
        "AWS_ENDPOINT_URL": lake.endpoint, "AWS_ENDPOINT_URL_ATHENA": f"http://127.0.0.1:{server.server_address[1]}",
        "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
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

    yield run
    server.shutdown()
    server.server_close()


def test_a_second_run_merges_into_the_iceberg_model(dbt, lake):
    first = dbt("build", seed=FIRST)
    assert "ERROR=0" in first
    assert lake.rows("SELECT id, state FROM orders ORDER BY id", "dbt_shop")[0] == [["1", "open"], ["2", "open"]]

    second = dbt("build", seed=SECOND)
    assert "ERROR=0" in second
    assert lake.rows("SELECT id, state, changed FROM orders ORDER BY id", "dbt_shop")[0] == [
        ["1", "open", "2024-01-01 00:00:00.000000"],
        ["2", "shipped", "2024-01-02 00:00:00.000000"],
        ["3", "open", "2024-01-02 00:00:00.000000"],
    ]
    assert lake.rows("SELECT id FROM open_orders ORDER BY id", "dbt_shop")[0] == [["1"], ["3"]]
    snapshots = lake.rows('SELECT operation FROM "orders$snapshots" ORDER BY committed_at', "dbt_shop")[0]
    assert len(snapshots) > 1, "the second run made the table anew instead of merging into it"
