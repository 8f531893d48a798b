"""What a contract's rules over whole loads ask to be measured, as DuckDB SQL over the rows that a transform wrote.

One statement for each measure, none where no rule asks. Each reads the relation ``written`` and only the columns that
it names; results do not depend on the order of rows or on the number of threads.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lakeward.contract import Contract
from lakeward.contract.types import kind
from lakeward.measures import CATEGORIES, DECILES, Measures, Spread


@dataclass(frozen=True)
class MeasureSql:
    """Statements by what they measure.

    ``repeated``: columns (a,b) -> SELECT of one number. ``newest``: column -> SELECT of one text or NULL. ``spreads``:
    column -> SELECT of rows, nulls and a list of doubles. ``categories``: column -> SELECT of digest and rows.
    """

    repeated: dict[str, str]
    newest: dict[str, str]
    spreads: dict[str, str]
    categories: dict[str, str]

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.repeated or self.newest or self.spreads)


def measured_columns(contract: Contract) -> list[str]:
    """The columns that the statements name."""
    quality = contract.quality
    unique = [name for rule in quality.unique for name in rule.columns]
    fresh, spread = [rule.column for rule in quality.fresh], [rule.column for rule in quality.distribution]
    return list(dict.fromkeys([*unique, *fresh, *spread]))


def measure_sql(contract: Contract) -> MeasureSql:
    """What the contract's rules ask for."""
    quality = contract.quality
    spread = dict.fromkeys(rule.column for rule in quality.distribution)
    return MeasureSql(
        repeated={",".join(rule.columns): _repeated(rule.columns) for rule in quality.unique},
        newest={rule.column: f'SELECT CAST(max("{rule.column}") AS VARCHAR) FROM written' for rule in quality.fresh},
        spreads={name: _spread(name, contract.column(name).type) for name in spread},
        categories={name: _categories(name) for name in spread if not _has_deciles(contract.column(name).type)},
    )


def nothing_measured(contract: Contract) -> Measures:
    """The measures of a load without rows."""
    asked = measure_sql(contract)
    nothing = [Spread(column=column, rows=0, nulls=0) for column in asked.spreads]
    return Measures(repeated=dict.fromkeys(asked.repeated, 0), newest=dict.fromkeys(asked.newest), spreads=nothing)


def _repeated(columns: list[str]) -> str:
    names = [f'"{name}"' for name in columns]
    there = " AND ".join(f"{name} IS NOT NULL" for name in names)
    each = f"SELECT count(*) AS times FROM written WHERE {there} GROUP BY {', '.join(names)}"
    return f"SELECT CAST(coalesce(sum(times - 1), 0) AS BIGINT) FROM ({each})"


def _has_deciles(type_name: str) -> bool:
    return kind(type_name) not in ("string", "boolean")


def _spread(name: str, type_name: str) -> str:
    number = f'epoch("{name}")' if kind(type_name) in ("date", "timestamp", "timestamptz") else f'"{name}"'
    cuts = ", ".join(str(cut) for cut in _cuts())
    deciles = f"quantile_disc(CAST({number} AS DOUBLE), [{cuts}])" if _has_deciles(type_name) else "NULL"
    return f'SELECT count(*), count(*) - count("{name}"), {deciles} FROM written'


def _cuts() -> Iterator[float]:
    for cut in range(DECILES):
        yield cut / (DECILES - 1)


def _categories(name: str) -> str:
    return (
        f'SELECT substr(md5(CAST("{name}" AS VARCHAR)), 1, 12) AS digest, count(*) AS times FROM written '
        f'WHERE "{name}" IS NOT NULL GROUP BY 1 ORDER BY times DESC, digest LIMIT {CATEGORIES}'
    )
