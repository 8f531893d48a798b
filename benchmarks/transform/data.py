"""Records of a shop's orders, generated: the same seed gives the same bytes, whatever the machine.

Pages of about four megabytes: nested JSON (``{"items":[…]}``), or separated values with the same fields, flat. One
record in a thousand breaks a rule of the contract, in eight ways in turn. What is wrong with data comes in bouts, so by
default they stand in one page of ten, and no key comes twice. ``spread`` is as bad as it gets: faults in every page,
and one record in a hundred comes again in a newer version, so that every file loses rows.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

Format = Literal["json", "csv"]
PAGE_BYTES = 4_000_000
RECORDS_A_PAGE = {"json": 10_200, "csv": 23_300}
Dirt = Literal["usual", "spread"]
FAULTS = {
    "usual": "if(i // {records} % 10 = 4 AND i % 100 = 50, i // 100 % 8, -1)",
    "spread": "if(i % 1000 = 500, i // 1000 % 8, -1)",
}
AGAIN = {"usual": "false", "spread": "i % 100 = 99"}
HEADER = (
    "id,version,occurred_at,kind,customer_id,country,city,postcode,loyal,device,net,tax,currency,longitude,latitude,"
    "quantity,updated_ms,note"
)

FIELDS = """
  lpad(CAST(if({again}, i - 1, i) AS VARCHAR), 12, '0') AS id,
  if({again}, 2, 1) AS version,
  CAST(i // 20 % 86400 AS INTEGER) AS second,
  ['sale', 'return', 'exchange', 'gift'][1 + h % 4] AS kind,
  h % 9000000 AS customer, ['CH', 'DE', 'FR', 'IT', 'AT'][1 + h // 7 % 5] AS country,
  ['Zürich', 'Berlin', 'Lyon', 'Milano', 'Wien', 'Saint-Étienne'][1 + h // 11 % 6] AS city,
  lpad(CAST(h // 13 % 90000 AS VARCHAR), 5, '0') AS postcode,
  h // 17 % 2 = 0 AS loyal, ['ios', 'android', 'web'][1 + h // 19 % 3] AS device,
  (h // 23 % 5000000) / 100 AS net, (h // 29 % 900000) / 100 AS tax,
  round((h // 31 % 36000000) / 100000 - 180, 5) AS longitude,
  round((h // 37 % 18000000) / 100000 - 90, 5) AS latitude,
  1 + h // 41 % 40 AS quantity, h // 43 % 1000 AS millis,
  'Leave it at door ' || h // 47 % 97 || ' and ring ' || h // 53 % 7 || ' times' AS note,
  {fault} AS fault
"""
"""``h`` is a number made from the seed and the record's own number ``i``."""

TIME = "strftime(TIMESTAMP '2024-03-01' + to_seconds(second), '%Y-%m-%dT%H:%M:%S')"
JSON_RECORD = f"""
  '{{"id":"o-' || id || '","version":' || version || ',"occurred_at":"' || {TIME} || if(fault = 0, '', 'Z') ||
  '","kind":"' || if(fault = 1, 'theft', kind) || '","customer":{{"id":' || if(fault = 2, '"' || customer || '"',
  CAST(customer AS VARCHAR)) || ',"loyal":' || if(fault = 3, '"yes"', CAST(loyal AS VARCHAR)) ||
  ',"address":{{"country":"' || country || '","city":"' || city || '","postcode":"' || postcode ||
  '"}}}},"device":' || if(device = 'web', 'null', '"' || device || '"') || ',"amounts":{{"net":' ||
  if(fault = 4, '"free"', CAST(net AS VARCHAR)) || ',"tax":' || tax || ',"currency":"EUR"}},"geo":{{"coordinates":[' ||
  longitude || ',' || if(fault = 5, '1234.5', CAST(latitude AS VARCHAR)) || ']}},"quantity":' ||
  if(fault = 6, '1.5', CAST(quantity AS VARCHAR)) ||
  ',"updated":' || (1709251200000 + second * 1000 + millis) || if(fault = 7, '', ',"note":"' || note || '"') || '}}'
"""
CSV_RECORD = f"""
  'o-' || id || ',' || version || ',' || {TIME} || if(fault = 0, '', 'Z') || ',' || if(fault = 1, 'theft', kind) ||
  ',' || if(fault = 2, 'c', '') || customer || ',' || country || ',' || city || ',' || postcode || ',' ||
  if(fault = 3, 'yes', CAST(loyal AS VARCHAR)) || ',' || if(device = 'web', '', device) || ',' ||
  if(fault = 4, 'free', CAST(net AS VARCHAR)) || ',' || tax || ',EUR,' || longitude || ',' ||
  if(fault = 5, '1234.5', CAST(latitude AS VARCHAR)) || ',' || if(fault = 6, '1.5', CAST(quantity AS VARCHAR)) || ',' ||
  (1709251200000 + second * 1000 + millis) || ',' || if(fault = 7, '', note)
"""


@dataclass(frozen=True)
class Input:
    """Pages on disk: their bytes in all, and how many records each holds."""

    format: Format
    pages: list[Path]
    records: list[int]

    @property
    def total_bytes(self) -> int:
        """Of all pages."""
        return sum(page.stat().st_size for page in self.pages)


def generate(format_name: Format, total_bytes: int, folder: Path, seed: int = 1, dirt: Dirt = "usual") -> Input:
    """Write so many bytes of pages, to within one page; pages that are there already stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    records, wanted = RECORDS_A_PAGE[format_name], max(1, round(total_bytes / PAGE_BYTES))
    paths = [folder / f"page-{number + 1:05d}.{format_name}" for number in range(wanted)]

    def make(number: int) -> None:
        if not paths[number].exists():
            with db.cursor() as own:
                page = _page(own, format_name, number * records, records, seed, dirt).encode()
            paths[number].write_bytes(page)

    with duckdb.connect() as db, ThreadPoolExecutor() as pool:
        db.execute("SET enable_progress_bar = false")
        list(pool.map(make, range(wanted)))
    return Input(format_name, paths, [records] * wanted)


def _page(db: duckdb.DuckDBPyConnection, format_name: Format, first: int, records: int, seed: int, dirt: Dirt) -> str:
    record, between = (JSON_RECORD, ",") if format_name == "json" else (CSV_RECORD, "\n")
    fields = FIELDS.format(again=AGAIN[dirt], fault=FAULTS[dirt].format(records=records))
    (text,) = db.execute(
        f"SELECT string_agg({record}, '{between}' ORDER BY i) "
        f"FROM (SELECT i, {fields} FROM (SELECT i, (i * 2654435761 + {seed} * 40503) % 4294967296 * 48271 % 2147483647 "
        f"AS h FROM range({first}, {first + records}) t(i)))"
    ).fetchone() or ("",)
    return f'{{"items":[{text}]}}' if format_name == "json" else f"{HEADER}\n{text}\n"
