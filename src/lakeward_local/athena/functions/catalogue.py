"""All function tables in one, by name."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Final

from lakeward_local.athena.errors import Position, QueryError, unsupported
from lakeward_local.athena.functions import (
    addresses,
    aggregates,
    arrays,
    binary,
    datetimes,
    jsons,
    maps,
    maths,
    regexps,
    strings,
    urls,
    windows,
)
from lakeward_local.athena.functions.registry import Function

_TABLES = (addresses, aggregates, arrays, binary, datetimes, jsons, maps, maths, regexps, strings, urls, windows)


#: What Trino has and this engine does not: refused by name, so that nobody looks for a typing error.
UNSUPPORTED: Final = frozenset(
    [
        "approx_set",
        "bar",
        "bing_tile",
        "bing_tile_at",
        "beta_cdf",
        "binomial_cdf",
        "char2hexint",
        "checksum",
        "classify",
        "color",
        "convex_hull_agg",
        "cauchy_cdf",
        "chi_squared_cdf",
        "dynamic_filter",
        "empty_approx_set",
        "evaluate_classifier_predictions",
        "features",
        "f_cdf",
        "from_encoded_polyline",
        "from_geojson_geometry",
        "gamma_cdf",
        "geometry_union",
        "hash_counts",
        "index",
        "inverse_beta_cdf",
        "intersection_cardinality",
        "jaccard_index",
        "key_sampling_percent",
        "laplace_cdf",
        "learn_classifier",
        "learn_regressor",
        "line_interpolate_point",
        "line_locate_point",
        "make_set_digest",
        "merge",
        "merge_set_digest",
        "murmur3",
        "parse_data_size",
        "parse_presto_data_size",
        "poisson_cdf",
        "qdigest_agg",
        "quantile_at_value",
        "reduce_agg",
        "regress",
        "render",
        "rgb",
        "simplify_geometry",
        "spatial_partitioning",
        "spooky_hash_v2_32",
        "spooky_hash_v2_64",
        "tdigest_agg",
        "to_geometry",
        "value_at_quantile",
        "values_at_quantiles",
        "word_stem",
        "weibull_cdf",
        "timestamp_objectid",
        "objectid",
        "t_cdf",
        "t_pdf",
        "with_timezone_key",
        "soundex_difference",
        "st_geometryfromtext",
        "st_point",
        "st_distance",
        "st_contains",
        "st_within",
        "st_intersects",
        "st_astext",
        "st_area",
        "st_length",
        "st_x",
        "st_y",
    ]
)


def unknown(name: str, at: Position) -> QueryError:
    """The error for a function that is in no table."""
    if name in UNSUPPORTED:
        return unsupported(f"the function {name}", at)
    return QueryError("FUNCTION_NOT_FOUND", f"Function '{name}' not registered", at)


@cache
def by_name() -> dict[str, tuple[Function, ...]]:
    """Name -> its overloads, in table order."""
    found: dict[str, list[Function]] = defaultdict(list)
    for table in _TABLES:
        for function in table.FUNCTIONS:
            found[function.name].append(function)
    return {name: tuple(overloads) for name, overloads in found.items()}
