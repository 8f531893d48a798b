"""Numbers: Java's text of a double, exact rounding, bases, bits, statistics."""

from __future__ import annotations

import math
from collections import Counter
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from itertools import combinations
from statistics import NormalDist
from typing import Final

import numpy as np

from lakeward_local.athena.native.kit import Native, NativeError, invalid, native


def java_double(value: float) -> str:
    """A double as Java's ``Double.toString`` writes it: ``1.0``, ``1.0E7``, ``1.0E-5``, ``NaN``, ``Infinity``."""
    return _special(value) or _java(_at_least_two_figures(value))


def _at_least_two_figures(value: float) -> str:
    """Java asks for two figures where Python is content with one: the smallest double is 4.9E-324, not 5E-324."""
    two = f"{value:.1e}"
    return two if float(two) == value else repr(value)


def _java(digits: str) -> str:
    sign, figures, exponent = _figures(digits)
    if figures == "0":
        return f"{sign}0.0"
    if not -3 <= exponent < 7:
        return f"{sign}{figures[0]}.{figures[1:] or '0'}E{exponent}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{figures}"
    whole, fraction = figures[: exponent + 1].ljust(exponent + 1, "0"), figures[exponent + 1 :]
    return f"{sign}{whole}.{fraction or '0'}"


def cast_double(value: float) -> str:
    """``CAST(double AS varchar)``: always with an exponent, ``1.0E0``."""
    return _special(value) or _scientific(_at_least_two_figures(value))


def _scientific(digits: str) -> str:
    sign, figures, exponent = _figures(digits)
    return f"{sign}{figures[0]}.{figures[1:] or '0'}E{0 if figures == '0' else exponent}"


def _special(value: float) -> str | None:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return None


def _figures(text: str) -> tuple[str, str, int]:
    """Sign, significant figures without trailing zeros, decimal exponent of the first figure."""
    parts = Decimal(text).as_tuple()
    figures = "".join(map(str, parts.digits))
    exponent = len(figures) + int(parts.exponent) - 1
    return "-" if parts.sign else "", figures.rstrip("0") or "0", exponent


def shortest_real(value: float) -> str:
    """The shortest decimal text that reads back as the same 32-bit float."""
    return str(np.float32(value))


def java_real(value: float) -> str:
    return _special(value) or _java(shortest_real(value))


def _cast_real(value: float) -> str:
    return _special(value) or _scientific(shortest_real(value))


def _round(value: float, digits: int) -> float:
    """Half away from zero on the double's exact value times a power of ten, as Trino's round does."""
    if not math.isfinite(value):
        return value
    factor = 10.0**digits
    scaled = value * factor
    if not math.isfinite(scaled):
        return value
    result = math.floor(abs(scaled) + 0.5) / factor
    return -result if value < 0 else result


def _cube_root(value: float) -> float:
    root = math.cbrt(value)
    whole = round(root) if math.isfinite(root) else root
    return float(whole) if whole**3 == value else root


def _power(base: float, exponent: float) -> float:
    try:
        result = math.pow(base, exponent)
    except OverflowError:
        odd = exponent == math.floor(exponent) and exponent % 2 == 1
        return -math.inf if base < 0 and odd else math.inf
    except ValueError:
        return math.inf if base == 0 else math.nan
    return result


def _remainder(a: float, b: float) -> float:
    try:
        return math.fmod(a, b)
    except ValueError:
        return math.nan


_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def _from_base(text: str, radix: int) -> int:
    if not 2 <= radix <= 36:
        raise invalid("Radix must be between 2 and 36")
    try:
        return int(text, radix)
    except ValueError as error:
        raise invalid(f"Not a valid base-{radix} number: {text}") from error


def _to_base(value: int, radix: int) -> str:
    if not 2 <= radix <= 36:
        raise invalid("Radix must be between 2 and 36")
    digits, rest = "", abs(value)
    while rest:
        rest, digit = divmod(rest, radix)
        digits = _DIGITS[digit] + digits
    return ("-" if value < 0 else "") + (digits or "0")


def _signed(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def _shift(kind: str, value: int, amount: int, bits: int) -> int:
    if kind == "right_shift_arithmetic":
        return value >> min(amount, bits - 1)
    if amount >= bits:
        return 0
    if kind == "left_shift":
        return _signed(value << amount, bits)
    return _signed((value & ((1 << bits) - 1)) >> amount, bits)


def _bit_count(value: int, bits: int) -> int:
    if not 2 <= bits <= 64:
        raise invalid("Bits specified in bit_count must be between 2 and 64, got " + str(bits))
    if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
        raise invalid(
            f"Number must be representable with the bits specified. {value} can not be represented with {bits} bits"
        )
    return (value & ((1 << bits) - 1)).bit_count()


def _distance(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Kilometres on a sphere of 6371.01 km, as Trino's great_circle_distance computes them."""
    a, b = math.radians(lat1), math.radians(lat2)
    delta = math.radians(lon1 - lon2)
    x = math.cos(b) * math.sin(delta)
    y = math.cos(a) * math.sin(b) - math.sin(a) * math.cos(b) * math.cos(delta)
    z = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(delta)
    return math.atan2(math.hypot(x, y), z) * 6371.01


def _cosine(keys_a: list[str], values_a: list[float], keys_b: list[str], values_b: list[float]) -> float | None:
    a, b = dict(zip(keys_a, values_a, strict=True)), dict(zip(keys_b, values_b, strict=True))
    norm = math.sqrt(sum(x * x for x in a.values())) * math.sqrt(sum(x * x for x in b.values()))
    return sum(x * b.get(k, 0.0) for k, x in a.items()) / norm if norm else math.nan


def _normal_cdf(mean: float, deviation: float, value: float) -> float:
    if not deviation > 0:
        raise invalid("standardDeviation must be > 0")
    return 0.5 * (1 + math.erf((value - mean) / (deviation * math.sqrt(2))))


def _inverse_normal_cdf(mean: float, deviation: float, probability: float) -> float:
    if not 0 < probability < 1:
        raise invalid("p must be 0 > p > 1")
    if not deviation > 0:
        raise invalid("sd must be > 0")
    return NormalDist(mean, deviation).inv_cdf(probability)


def _wilson(side: int, successes: int, trials: int, z: float) -> float:
    """A bound of the Wilson score interval: the lower one for -1, the upper one for 1."""
    if successes < 0 or trials <= 0 or successes > trials or not z >= 0:
        raise invalid("number of successes must not be larger than number of trials, and none may be negative")
    if math.isinf(z * z):
        return (1 + side) / 2
    share = successes / trials
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return (share + z * z / (2 * trials) + side * spread) / (1 + z * z / trials)


def _weighted_percentile(entries: list[dict[str, float]] | None, percentile: float) -> float | None:
    """The smallest value at which the weights reach the percentile; exact."""
    known = sorted((e["f0"], e["f1"]) for e in entries or [] if e["f0"] is not None and e["f1"] is not None)
    if not known:
        return None
    if not 0 <= percentile <= 1:
        raise invalid("Percentile must be between 0 and 1")
    if any(weight <= 0 for _, weight in known):
        raise invalid("weight must be > 0")
    wanted, reached = percentile * sum(weight for _, weight in known), 0.0
    for value, weight in known:
        reached += weight
        if reached >= wanted:
            return value
    return known[-1][0]


def _decimal_average(total: str, count: int, scale: int) -> str:
    return str((Decimal(total) / count).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP))


def _double_to_decimal(value: float, precision: int, scale: int) -> str:
    if not math.isfinite(value):
        raise NativeError(
            "INVALID_CAST_ARGUMENT", f"Cannot cast DOUBLE '{java_double(value)}' to DECIMAL({precision}, {scale})"
        )
    result = Decimal(repr(value)).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, Context(prec=400))
    if abs(result) >= Decimal(10) ** (precision - scale):
        raise NativeError(
            "INVALID_CAST_ARGUMENT", f"Cannot cast DOUBLE '{java_double(value)}' to DECIMAL({precision}, {scale})"
        )
    return format(result, "f")


def _to_real(value: float) -> float:
    """A double as a 32-bit float: what is too large becomes infinite."""
    with np.errstate(over="ignore"):
        return float(np.float32(value))


def _round_decimal(value: str, digits: int) -> str:
    return format(Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, Context(prec=60)), "f")


def _truncate_decimal(value: str, digits: int) -> str:
    return format(Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_DOWN, Context(prec=60)), "f")


def _skewness(values: list[float | None]) -> float | None:
    """Population skewness; NULL below three values."""
    known = [v for v in values if v is not None]
    n = len(known)
    if n < 3:
        return None
    mean = sum(known) / n
    m2, m3 = sum((v - mean) ** 2 for v in known), sum((v - mean) ** 3 for v in known)
    return math.sqrt(n) * m3 / m2**1.5 if m2 else math.nan


def _entropy(counts: list[int | None]) -> float:
    known = [c for c in counts if c]
    total = sum(known)
    return -sum(c / total * math.log2(c / total) for c in known) if total else 0.0


def _numeric_histogram(buckets: int, values: list[float | None]) -> dict[float, float]:
    """Ben-Haim and Tom-Tov: the nearest two buckets are merged until enough are gone."""
    merged = sorted(Counter(v for v in values if v is not None).items())
    points = [(float(value), float(weight)) for value, weight in merged]
    while len(points) > buckets:
        at = min(range(len(points) - 1), key=lambda i: points[i + 1][0] - points[i][0])
        (x, a), (y, b) = points[at], points[at + 1]
        points[at : at + 2] = [((x * a + y * b) / (a + b), a + b)]
    return dict(points)


def _combinations(count: int, length: int) -> list[list[int]]:
    if length > 5:
        raise invalid("combination size must not exceed 5: " + str(length))
    return sorted((list(c) for c in combinations(range(1, count + 1), length)), key=lambda c: c[::-1])


NATIVES: Final[list[Native]] = [
    native("java_double", java_double, "DOUBLE", "VARCHAR"),
    native("java_real", java_real, "FLOAT", "VARCHAR"),
    native("cast_double", cast_double, "DOUBLE", "VARCHAR"),
    native("cast_real", _cast_real, "FLOAT", "VARCHAR"),
    native("round", _round, "DOUBLE INTEGER", "DOUBLE"),
    native("cbrt", _cube_root, "DOUBLE", "DOUBLE"),
    native("pow", _power, "DOUBLE DOUBLE", "DOUBLE"),
    native("fmod", _remainder, "DOUBLE DOUBLE", "DOUBLE"),
    native("from_base", _from_base, "VARCHAR BIGINT", "BIGINT"),
    native("to_base", _to_base, "BIGINT BIGINT", "VARCHAR"),
    native("shift", _shift, "VARCHAR BIGINT BIGINT BIGINT", "BIGINT"),
    native("bit_count", _bit_count, "BIGINT BIGINT", "BIGINT"),
    native("distance", _distance, "DOUBLE DOUBLE DOUBLE DOUBLE", "DOUBLE"),
    native("cosine", _cosine, "VARCHAR[] DOUBLE[] VARCHAR[] DOUBLE[]", "DOUBLE", optional=True),
    native("normal_cdf", _normal_cdf, "DOUBLE DOUBLE DOUBLE", "DOUBLE"),
    native("inverse_normal_cdf", _inverse_normal_cdf, "DOUBLE DOUBLE DOUBLE", "DOUBLE"),
    native("wilson", _wilson, "BIGINT BIGINT BIGINT DOUBLE", "DOUBLE"),
    Native(
        "trino_weighted_percentile",
        _weighted_percentile,
        ("STRUCT(f0 DOUBLE, f1 DOUBLE)[]", "DOUBLE"),
        "DOUBLE",
        nulls=True,
    ),
    native("decimal_average", _decimal_average, "VARCHAR BIGINT BIGINT", "VARCHAR"),
    native("double_to_decimal", _double_to_decimal, "DOUBLE BIGINT BIGINT", "VARCHAR"),
    native("to_real", _to_real, "DOUBLE", "FLOAT"),
    native("round_decimal_text", _round_decimal, "VARCHAR BIGINT", "VARCHAR"),
    native("truncate_text", _truncate_decimal, "VARCHAR BIGINT", "VARCHAR"),
    native("skewness", _skewness, "DOUBLE[]", "DOUBLE", optional=True),
    native("entropy", _entropy, "BIGINT[]", "DOUBLE"),
    native("numeric_histogram", _numeric_histogram, "BIGINT DOUBLE[]", "MAP(DOUBLE,DOUBLE)"),
    native("combinations", _combinations, "BIGINT BIGINT", "BIGINT[][]"),
]
