"""Answers in a form that two processes can compare: JSON, with what JSON has no number for written as text.

Read by both environments (PyArrow 19 and PyArrow 25), so it knows nothing but PyArrow's stable surface.
"""

from typing import Any

import pyarrow as pa


def canonical(array: pa.Array, row: int = 0) -> Any:
    """One value: ``f:`` before a floating number, ``x:`` before bytes, lists for rows, sorted pairs for maps."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_run_end_encoded(array.type):
        array, row = array.values, array.find_physical_offset()
    if array[row].as_py() is None if not pa.types.is_nested(array.type) else not array[row].is_valid:
        return None
    kind = array.type
    if pa.types.is_map(kind):
        places = range(array.offsets[row].as_py(), array.offsets[row + 1].as_py())
        return sorted(([canonical(array.keys, i), canonical(array.items, i)] for i in places), key=repr)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        items = array.slice(row, 1).flatten()
        return [canonical(items, i) for i in range(len(items))]
    if pa.types.is_struct(kind):
        return [canonical(array.field(i), row) for i in range(kind.num_fields)]
    return _plain(array[row].as_py(), kind)


def _plain(value: Any, kind: pa.DataType) -> Any:
    if pa.types.is_float32(kind):
        return f"f:{value:.6g}"
    if pa.types.is_floating(kind):
        return f"f:{value!r}"
    if isinstance(value, bytes):
        return f"x:{value.hex()}"
    if pa.types.is_timestamp(kind):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return value if isinstance(value, bool | int | str) else str(value)
