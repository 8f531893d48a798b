"""The file that a sample is: what stands in the dataset's folder for its upstream, gzipped.

The ending says the form, as the replay server reads it: ``.json.gz`` an array of records, ``.ndjson.gz`` one a line,
``.geojson.gz`` a FeatureCollection, ``.csv.gz`` separated values as the contract reads them, in UTF-8.
"""

import csv
import gzip
import io
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lakeward.contract import Contract, Dataset
from lakeward.contract.source_records import CsvRecords
from lakeward.errors import ContractInvalid
from lakeward.sampling.lossless import Members, written

RECORDED = re.compile(r"sample/(?P<name>[A-Za-z0-9][\w.-]*\.(?P<form>geojson|json|ndjson|csv)\.gz)")


def file_name(dataset: Dataset) -> str:
    """The name of the recorded file: that of ``replay.yaml``, or one by the contract where there is none.

    Raises:
        ContractInvalid: ``replay.yaml`` names a file of a form that the dataset's pages cannot have.
    """
    spec = dataset.contract.source.records
    path = dataset.folder / "replay.yaml"
    if not path.is_file():
        form = "csv" if isinstance(spec, CsvRecords) else "ndjson"
        return f"{dataset.name}.{form}.gz"
    try:
        declared = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except YAMLError:
        declared = None
    recorded = str(declared.get("recorded")) if isinstance(declared, dict) else ""
    found = RECORDED.fullmatch(recorded)
    if found is None:
        raise ContractInvalid(
            f"{path}: expected `recorded: sample/NAME` with a NAME that ends in .json.gz, .ndjson.gz, .geojson.gz or "
            ".csv.gz, found something else"
        )
    if (found["form"] == "csv") != isinstance(spec, CsvRecords):
        raise ContractInvalid(
            f"{path}: expected a recorded file of the form of the dataset's pages, which are {spec.format}, found "
            f"{found['name']}: its imitation makes pages of another form, which no sample can be turned back into"
        )
    return found["name"]


def to_bytes(name: str, contract: Contract, records: Sequence[Any], newest: datetime) -> bytes:
    """The file.

    Args:
        name: says the form.
        contract: of separated values, says how they are separated.
        records: as a sample has them.
        newest: when the newest of their pages was received.
    """
    # Without a time in its header, the same text has the same bytes every time.
    return gzip.compress(text_of(name, contract, records, newest).encode(), mtime=0)


def text_of(name: str, contract: Contract, records: Sequence[Any], newest: datetime) -> str:
    """What is compressed; the same arguments."""
    spec = contract.source.records
    if isinstance(spec, CsvRecords):
        return separated(spec, records)
    lines = [written(record) for record in records]
    if name.endswith(".ndjson.gz"):
        return "".join(f"{line}\n" for line in lines)
    inside = ",\n".join(lines)
    if name.endswith(".json.gz"):
        return f"[{inside}]\n"
    about = f'{{"generated":{int(newest.timestamp() * 1000)},"api":"1.0.0","count":{len(lines)}}}'
    return f'{{"type":"FeatureCollection","metadata":{about},"features":[{inside}]}}\n'


def separated(spec: CsvRecords, records: Sequence[Members], names: Sequence[str] = ()) -> str:
    """Separated values: the fields that the contract counts, or those that records have, or, without any, these."""
    fields = spec.fields or list(dict.fromkeys(name for record in records for name, _ in record.pairs)) or names
    out = io.StringIO()
    out.write("\n" * spec.skip_lines)
    write = csv.writer(
        out,
        delimiter=spec.delimiter,
        quotechar=spec.quote,
        quoting=csv.QUOTE_NONE if spec.quote is None else csv.QUOTE_MINIMAL,
        lineterminator="\n",
    )
    if spec.header:
        write.writerow(fields)
    for record in records:
        values = dict(record.pairs)
        write.writerow([spec.null_text if (value := values.get(name)) is None else value for name in fields])
    return out.getvalue()


def written_to(folder: Path, name: str, body: bytes) -> Path:
    """Put a file there in one step: whoever reads meanwhile sees the former one or this one."""
    folder.mkdir(parents=True, exist_ok=True)
    unfinished, path = folder / f".{name}.unfinished", folder / name
    unfinished.write_bytes(body)
    unfinished.replace(path)
    return path
