"""Values at the edges of every type, the arguments that some functions need to do anything, and plain expressions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

_TEXTS: Final = ("", "a", "abc", "ABC def", "añ𝄞b", " x\t", "a,b,,c", "0", "-1.5", None)
_BIGINTS: Final = (0, 1, -1, 2, 5, 255, 2**31, 2**63 - 1, -(2**63), None)
_DOUBLES: Final = ("0.0", "-0.0", "1.0", "-1.5", "0.5", "2.5", "1e300", "nan", "inf", "-inf", None)

#: Trino type -> values, as JSON carries them: floats as text, bytes in hex, dates and timestamps in ISO form.
VALUES: Final[dict[str, Sequence[Any]]] = {
    "boolean": (True, False, None),
    "tinyint": (0, 1, -1, 127, -128, None),
    "smallint": (0, 1, -1, 32767, -32768, None),
    "integer": (0, 1, -1, 5, 2**31 - 1, -(2**31), None),
    "bigint": _BIGINTS,
    "real": ("0.0", "1.5", "-2.5", "nan", "inf", None),
    "double": _DOUBLES,
    "varchar": _TEXTS,
    "varbinary": ("", "61", "00ff", "616263", "c3b1", None),
    "date": ("1970-01-01", "2024-02-29", "2024-01-31", "2021-01-03", "1969-12-31", "0001-01-01", None),
    "timestamp(3)": (
        "1970-01-01 00:00:00.000",
        "2024-02-29 23:59:59.999",
        "2024-03-31 12:34:56.789",
        "1969-12-31 23:59:59.001",
        None,
    ),
    "array(bigint)": ([], [1], [3, 1, 2], [1, None, 1], [None], [2**63 - 1, 1], None),
    "array(varchar)": ([], ["a"], ["b", "a", "ñ"], ["a", None, "a"], [None], None),
    "array(double)": ([], ["1.5"], ["2.5", "nan", None], ["nan", "nan"], None),
    "array(real)": ([], ["1.5"], ["2.5", None], None),
    "array(boolean)": ([], [True], [False, None], None),
    "array(array(bigint))": ([], [[1], [2, 3]], [[], None], [[None]], None),
    "array(array(varchar))": ([], [["a"], ["b", "a"]], [None, ["a"]], None),
    "map(bigint, bigint)": ([], [[1, 2]], [[1, None], [2, 5]], [[3, 1], [1, 3]], None),
    "map(varchar, bigint)": ([], [["a", 1]], [["a", None], ["b", 2]], None),
    "map(varchar, varchar)": ([], [["a", "x"]], [["a", None], ["b", "y"]], None),
    "map(varchar, double)": ([], [["a", "1.0"]], [["a", "1.0"], ["b", "2.0"]], None),
}

_UNITS: Final = ("second", "minute", "hour", "day", "week", "month", "quarter", "year", "nosuch")
_TIME_FORMATS: Final = ("%Y-%m-%d", "%H:%i:%s.%f", "%a %b %e %j", "%y %c %l %p", "%M %W %k", "%x-%v", "%%", "%D", "x")
_JODA: Final = ("yyyy-MM-dd", "HH:mm:ss.SSS", "EEE EEEE", "MMM MMMM", "hh a", "D", "xxxx-ww", "'x' yy", "")
_URLS: Final = (
    "http://user:pw@example.com:8080/a/b%20c?x=1&y=a%20b&x=2#top",
    "https://example.com",
    "not a url",
    "",
    "mailto:a@b.c",
    None,
)
_PATTERNS: Final = ("", "a", "[a-c]+", "(a)(b)?", "\\w", "^a", "ñ", "(", ",", None)
_JSONS: Final = (
    '{"a":1,"b":[1,2,{"c":"x"}],"d":null}',
    "[1,2.50,true,null,\"x\"]",
    '"text"',
    "1e2",
    "null",
    "{",
    "",
    None,
)  # fmt: skip
_PATHS: Final = ("$", "$.a", "$.b[2].c", "$.b[0]", "$.d", "$.nosuch", '$["a"]', "$[1]", "a", "$.", "$.b")
_SMALL: Final = (0, 1, 2, 3, -1, -2, 5, None)
_BASE64: Final = ("", "YQ==", "YWJj", "_-8=", "/+8=", "YQ", "!", None)
_PAIRS: Final = ("a=1,b=2", "a=1", "", "a", "a=1,a=2", "a=", None)
_DAYS: Final = ("2024-01-31", "2024-W05-3", "2024-366", "2024-02-30", "2024", "20240131", "x", None)
_INSTANTS: Final = ("2024-01-31", "2024-01-31T10:11:12.345Z", "2024-01-31T10:11Z", "2024-02-30T00:00Z", "x", None)
_SMALL_ARGUMENTS: Final = {
    "substr": (1, 2), "substring": (1, 2), "lpad": (1,), "rpad": (1,), "split": (2,), "split_part": (2,),
    "strpos": (2,), "strrpos": (2,), "repeat": (1,), "slice": (1, 2), "ngrams": (1,), "combinations": (1,),
    "trim_array": (1,), "element_at": (1,), "regexp_extract": (2,), "regexp_extract_all": (2,), "round": (1,),
    "truncate": (1,), "json_array_get": (1,), "sequence": (0, 1, 2), "date_add": (1,), "array_position": (2,),
}  # fmt: skip

#: (function, position) -> values in place of the type's.
ARGUMENTS: Final[dict[tuple[str, int], Sequence[Any]]] = {
    **{(name, at): _SMALL for name, places in _SMALL_ARGUMENTS.items() for at in places},
    **{(name, 0): _UNITS for name in ("date_trunc", "date_add", "date_diff")},
    **{(name, 0): _URLS for name in ("url_extract_fragment", "url_extract_host", "url_extract_path",
                                     "url_extract_port", "url_extract_protocol", "url_extract_query",
                                     "url_extract_parameter")},
    **{(name, 1): _PATTERNS for name in ("regexp_like", "regexp_extract", "regexp_extract_all", "regexp_replace",
                                         "regexp_split")},
    **{(name, 0): _JSONS for name in ("json_extract", "json_extract_scalar", "json_size", "json_array_length",
                                      "json_array_get", "json_array_contains", "json_parse", "is_json_scalar")},
    **{(name, 1): _PATHS for name in ("json_extract", "json_extract_scalar", "json_size")},
    **{(name, 0): _BASE64 for name in ("from_base64", "from_base64url")},
    **{(name, 0): _PAIRS for name in ("split_to_map", "split_to_multimap")},
    **{(name, 1): (",",) for name in ("split_to_map", "split_to_multimap")},
    **{(name, 2): ("=", None) for name in ("split_to_map", "split_to_multimap")},
    ("url_extract_parameter", 1): ("x", "y", "z", "", None),
    ("url_decode", 0): ("a%20b", "a+b", "%C3%B1", "%", "%zz", "", None),
    ("url_encode", 0): ("a b", "ñ", "a/b?c=d&e", "*-._~", "", None),
    ("regexp_replace", 2): ("", "x", "$1", "$2$1", "\\$", "$9", None),
    ("date_format", 1): _TIME_FORMATS,
    ("date_parse", 0): ("2024-01-31", "31/Jan/2024", "2024-01-31 10:11:12", "10:11 PM", "24-1-5", "2024-13-01", "",
                        None),
    ("date_parse", 1): ("%Y-%m-%d", "%d/%b/%Y", "%Y-%m-%d %H:%i:%s", "%h:%i %p", "%y-%c-%e", "%D"),
    ("format_datetime", 1): _JODA,
    ("parse_datetime", 1): ("yyyy-MM-dd", "yyyy"),
    ("from_unixtime", 0): ("0.0", "1704067200.5", "-1.25", "nan", None),
    ("from_iso8601_date", 0): _DAYS,
    ("from_iso8601_timestamp", 0): _INSTANTS,
    ("date", 0): ("2024-01-31", "2024-1-5", " 2024-01-31 ", "2024-02-30", "x", "", None),
    ("to_base", 1): (2, 10, 16, 36, 37, 1, None),
    ("from_base", 0): ("ff", "FF", "-10", "z", "9", "", None),
    ("from_base", 1): (2, 10, 16, 36, 1, None),
    ("from_hex", 0): ("61", "C3B1", "c3b1", "6", "zz", "", None),
    ("chr", 0): (65, 0, 241, 119070, -1, 1114112, None),
    ("codepoint", 0): ("a", "ñ", "𝄞", None),
    ("bitwise_left_shift", 1): (0, 1, 31, 32, 63, 64, None),
    ("bitwise_right_shift", 1): (0, 1, 31, 32, 63, 64, None),
    ("bitwise_right_shift_arithmetic", 1): (0, 1, 31, 32, 63, 64, None),
    ("bit_count", 1): (2, 8, 32, 64, None),
    ("width_bucket", 3): (1, 4, 0, None),
    ("parse_duration", 0): ("1d", "2.5h", "3 ms", "x", "", None),
    ("like", 1): ("a%", "_", "%", "", None),
    ("levenshtein_distance", 1): ("", "abd", "ñ", None),
    ("hamming_distance", 1): ("", "abd", "a", None),
    ("normalize", 0): ("ñ", "n\u0303", "ﬁ", "", None),
}  # fmt: skip

#: Operators and casts: the expression, and the types of c0, c1...
EXPRESSIONS: Final[list[tuple[str, tuple[str, ...]]]] = [
    *((f"c0 {o} c1", (kind, kind)) for o in ("+", "-", "*", "/", "%") for kind in ("integer", "bigint", "double")),
    *((f"c0 {o} c1", (kind, kind)) for o in ("=", "<>", "<", "<=") for kind in ("bigint", "double", "varchar", "date")),
    *(("c0 = c1", (kind, kind)) for kind in ("array(bigint)", "map(bigint, bigint)")),
    *(("c0 < c1", (kind, kind)) for kind in ("array(bigint)", "array(varchar)")),
    ("c0 BETWEEN c1 AND c2", ("bigint", "bigint", "bigint")),
    ("c0 LIKE c1", ("varchar", "varchar")),
    ("-c0", ("bigint",)),
    ("c0 AND c1", ("boolean", "boolean")),
    ("c0 OR c1", ("boolean", "boolean")),
    *((f"CAST(c0 AS {to})", (kind,))
      for kind in ("varchar", "double", "bigint", "boolean", "real", "integer")
      for to in ("varchar", "double", "bigint", "boolean", "real", "integer", "smallint")),
    ("CAST(c0 AS date)", ("varchar",)),
    ("CAST(c0 AS date)", ("timestamp(3)",)),
    ("CAST(c0 AS varchar)", ("date",)),
    ("CAST(c0 AS timestamp)", ("date",)),
]  # fmt: skip


def sql_literal(value: Any, kind: str) -> str:  # noqa: PLR0911 - one kind a line
    """The value as a typed constant of Trino's."""
    if value is None:
        return f"CAST(NULL AS {kind})"
    if kind.startswith("array("):
        return f"CAST(ARRAY[{', '.join(sql_literal(x, kind[6:-1]) for x in value)}] AS {kind})"
    if kind.startswith("map("):
        key, inner = kind[4:-1].split(", ", 1)
        keys, values = ([pair[i] for pair in value] for i in (0, 1))
        return f"MAP({sql_literal(keys, f'array({key})')}, {sql_literal(values, f'array({inner})')})"
    match kind:
        case "varchar":
            return "CAST('" + value.replace("'", "''") + "' AS varchar)"
        case "varbinary":
            return f"X'{value}'"
        case "date":
            return f"DATE '{value}'"
        case "timestamp(3)":
            return f"TIMESTAMP '{value}'"
        case "double" | "real":
            return f"{kind.upper()} '{_NAMES.get(value, value)}'"
    return f"CAST('{value}' AS {kind})"


_NAMES: Final = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
