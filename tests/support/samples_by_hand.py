"""What the end-to-end queries of the imitated datasets must answer, computed from their samples by plain Python.

python tests/support/samples_by_hand.py     writes the expected results into the datasets' folders
"""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

DATASETS = Path(__file__).parents[2] / "datasets"
NOTE = "Computed from the sample by plain Python: tests/support/samples_by_hand.py. It holds once {slots} ran."
Result = tuple[list[tuple[str, str]], list[list[str | None]]]
"""Names and types of the columns, and the rows."""


def releases() -> list[dict[str, Any]]:
    """Every release of the sample."""
    return list(json.loads(gzip.decompress((DATASETS / "terraform_releases/sample/releases.json.gz").read_bytes())))


def studies() -> list[dict[str, Any]]:
    """Every study of the sample, flat."""
    lines = gzip.decompress((DATASETS / "clinical_trials/sample/studies.ndjson.gz").read_bytes()).splitlines()
    return [_flat(json.loads(line)) for line in lines]


def rates() -> list[dict[str, str]]:
    """The observations of the days that the slots 2024-01-05 and 2024-01-12 ask for."""
    text = gzip.decompress((DATASETS / "exchange_rates/sample/exr_2024-01.csv.gz").read_bytes()).decode()
    return [row for row in csv.DictReader(text.splitlines()) if row["TIME_PERIOD"] <= "2024-01-12"]


def _flat(study: dict[str, Any]) -> dict[str, Any]:
    section = study["protocolSection"]
    return {
        "id": section["identificationModule"]["nctId"],
        "day": section["statusModule"]["lastUpdatePostDateStruct"]["date"],
        "status": section["statusModule"]["overallStatus"],
        "type": section["designModule"]["studyType"],
        "enrollment": section["designModule"].get("enrollmentInfo", {}).get("count"),
        "has_results": study["hasResults"],
    }


def releases_by_kind() -> Result:
    """Releases and pre-releases: how many, and their first and last tags by time."""
    rows: list[list[str | None]] = []
    for kind in (False, True):
        of_kind = sorted((r for r in releases() if r["prerelease"] is kind), key=lambda r: r["published_at"])
        rows.append([str(kind).lower(), str(len(of_kind)), of_kind[0]["tag_name"], of_kind[-1]["tag_name"]])
    types = [("is_prerelease", "boolean"), ("releases", "bigint"), ("first_tag", "varchar"), ("last_tag", "varchar")]
    return types, rows


def releases_by_year() -> Result:
    """Releases a year."""
    counts = Counter(r["published_at"][:4] for r in releases())
    return [("year", "bigint"), ("releases", "bigint")], [[year, str(counts[year])] for year in sorted(counts)]


def studies_by_day() -> Result:
    """Studies a day, how many have results, and participants in all."""
    rows: list[list[str | None]] = []
    for day in sorted({s["day"] for s in studies()}):
        found = [s for s in studies() if s["day"] == day]
        people = sum(s["enrollment"] or 0 for s in found)
        rows.append([day, str(len(found)), str(sum(s["has_results"] for s in found)), str(people)])
    types = [("day", "date"), ("studies", "bigint"), ("with_results", "bigint"), ("participants", "bigint")]
    return types, rows


def studies_by_type() -> Result:
    """Studies by type, and those that say no enrollment."""
    kinds = sorted({s["type"] for s in studies()})
    found = {kind: [s for s in studies() if s["type"] == kind] for kind in kinds}
    rows: list[list[str | None]] = [
        [kind, str(len(found[kind])), str(sum(s["enrollment"] is None for s in found[kind]))] for kind in kinds
    ]
    return [("study_type", "varchar"), ("studies", "bigint"), ("without_enrollment", "bigint")], rows


def rates_by_day() -> Result:
    """Currencies a day."""
    counts = Counter(r["TIME_PERIOD"] for r in rates())
    return [("rate_date", "date"), ("currencies", "bigint")], [[day, str(counts[day])] for day in sorted(counts)]


def dollar_extremes() -> Result:
    """The dollar's least and greatest rate, to the table's six decimals."""
    values = [Decimal(r["OBS_VALUE"]) for r in rates() if r["CURRENCY"] == "USD"]
    types = [("days", "bigint"), ("least", "decimal"), ("greatest", "decimal")]
    return types, [[str(len(values)), f"{min(values):.6f}", f"{max(values):.6f}"]]


RESULTS: dict[str, dict[str, Callable[[], Result]]] = {
    "terraform_releases": {"releases_by_kind": releases_by_kind, "releases_by_year": releases_by_year},
    "clinical_trials": {"studies_by_day": studies_by_day, "studies_by_type": studies_by_type},
    "exchange_rates": {"rates_by_day": rates_by_day, "dollar_extremes": dollar_extremes},
}
SLOTS = {
    "terraform_releases": "the slot 2024-01-02",
    "clinical_trials": "the slots 2024-01-02 to 2024-01-04",
    "exchange_rates": "the slots 2024-01-05 to 2024-01-12",
}


def expected(dataset: str, query: str) -> dict[str, Any]:
    """The content of an expected result's file."""
    types, rows = RESULTS[dataset][query]()
    columns = [{"name": name, "type": kind} for name, kind in types]
    return {"note": NOTE.format(slots=SLOTS[dataset]), "columns": columns, "rows": rows}


def main() -> None:
    """Write every result."""
    for dataset, queries in RESULTS.items():
        for query in queries:
            path = DATASETS / dataset / "queries" / f"{query}.expected.json"
            path.write_text(json.dumps(expected(dataset, query), indent=2) + "\n")


if __name__ == "__main__":
    main()
