"""Storage formats: what Glue's StorageDescriptor says of each."""

from __future__ import annotations

from typing import Any, Final

from lakeward_local.athena.errors import unsupported

_HIVE: Final = "org.apache.hadoop.hive.ql.io"
_TEXT_IN: Final = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUT: Final = f"{_HIVE}.HiveIgnoreKeyTextOutputFormat"
LAZY_SIMPLE: Final = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"

#: Format -> input format, output format, serde.
FORMATS: Final = {
    "parquet": (f"{_HIVE}.parquet.MapredParquetInputFormat", f"{_HIVE}.parquet.MapredParquetOutputFormat",
                f"{_HIVE}.parquet.serde.ParquetHiveSerDe"),
    "orc": (f"{_HIVE}.orc.OrcInputFormat", f"{_HIVE}.orc.OrcOutputFormat", f"{_HIVE}.orc.OrcSerde"),
    "avro": (f"{_HIVE}.avro.AvroContainerInputFormat", f"{_HIVE}.avro.AvroContainerOutputFormat",
             "org.apache.hadoop.hive.serde2.avro.AvroSerDe"),
    "json": (_TEXT_IN, _TEXT_OUT, "org.openx.data.jsonserde.JsonSerDe"),
    "textfile": (_TEXT_IN, _TEXT_OUT, LAZY_SIMPLE),
}  # fmt: skip


def descriptor(
    columns: list[dict[str, str]],
    location: str,
    name: str,
    serde: str | None = None,
    serde_properties: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A StorageDescriptor.

    Raises:
        QueryError: NOT_SUPPORTED, no such format.
    """
    if name not in FORMATS:
        raise unsupported(f"STORED AS {name}")
    input_format, output_format, usual = FORMATS[name]
    return {
        "Columns": columns,
        "Location": location,
        "InputFormat": input_format,
        "OutputFormat": output_format,
        "SerdeInfo": {
            "SerializationLibrary": serde or usual,
            "Parameters": serde_properties or {"serialization.format": "1"},
        },
    }
