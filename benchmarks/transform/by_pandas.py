"""The same by pandas and awswrangler: ``python by_pandas.py FORMAT PAGES FOLDER``. Runs in .venv-bench.

Read, flatten, type, drop what is missing or out of range, keep the newest of each key, write Parquet by day: what the
contract asks for, less the reasons, the quarantine and the commit. awswrangler works out the types for
the catalog; the file stays on disk.
"""

import json
import sys
import time
from pathlib import Path

import awswrangler as wr
import pandas as pd

NAMES = {
    "customer.id": "customer_id",
    "customer.loyal": "loyal",
    "customer.address.country": "country",
    "customer.address.city": "city",
    "customer.address.postcode": "postcode",
    "amounts.net": "net",
    "amounts.tax": "tax",
    "amounts.currency": "currency",
    "updated": "updated_ms",
}


def read(format_name: str, page: Path) -> pd.DataFrame:
    """One page, flat."""
    if format_name == "csv":
        return pd.read_csv(page, dtype={"postcode": "str"})
    frame = pd.json_normalize(json.loads(page.read_bytes())["items"]).rename(columns=NAMES)
    places = frame.pop("geo.coordinates")
    return frame.assign(longitude=places.str[0], latitude=places.str[1])


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns as the contract wants them; what cannot be read is missing."""
    for name in ("customer_id", "quantity", "version", "net", "tax", "longitude", "latitude", "updated_ms"):
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    frame["occurred_at"] = pd.to_datetime(frame["occurred_at"], errors="coerce", utc=True, format="ISO8601")
    frame["updated_at"] = pd.to_datetime(frame.pop("updated_ms"), unit="ms", errors="coerce")
    frame["loyal"] = frame["loyal"].map({True: True, False: False, "true": True, "false": False})
    frame["day"] = frame["occurred_at"].dt.date
    return frame


def main() -> None:
    """Run and time."""
    format_name, pages, folder = sys.argv[1], sorted(Path(sys.argv[2]).glob("page-*")), Path(sys.argv[3])
    started, cpu = time.perf_counter(), time.process_time()
    frame = typed(pd.concat([read(format_name, page) for page in pages], ignore_index=True))
    good = frame.dropna(subset=["id", "version", "occurred_at", "customer_id", "net", "loyal", "note"])
    good = good[good["kind"].isin(["sale", "return", "exchange", "gift"]) & good["latitude"].between(-90, 90)]
    good = good[(good["quantity"] % 1 == 0) & good["longitude"].between(-180, 180)]
    newest = good.sort_values(["id", "version"]).drop_duplicates("id", keep="last")
    for day, rows in newest.groupby("day"):
        wr.catalog.extract_athena_types(rows, index=False)
        rows.to_parquet(folder / f"day={day}.parquet", compression="zstd", index=False)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds, "rows": len(newest)}))


if __name__ == "__main__":
    main()
