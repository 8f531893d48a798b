"""Binary functions and hashes. https://trino.io/docs/current/functions/binary.html"""

from __future__ import annotations

from typing import Final

from lakeward_local.athena.functions.registry import Function, scalar

FUNCTIONS: Final[list[Function]] = [
    scalar("to_base32(varbinary) -> varchar", "trino_to_base32({0})"),
    scalar("from_base32(varchar) -> varbinary", "trino_from_base32({0})"),
    scalar("to_ieee754_64(double) -> varbinary", "trino_to_ieee754({0}, 8)"),
    scalar("to_ieee754_32(real) -> varbinary", "trino_to_ieee754(CAST({0} AS DOUBLE), 4)"),
    scalar("from_ieee754_64(varbinary) -> double", "trino_from_ieee754({0}, 8)"),
    scalar("from_ieee754_32(varbinary) -> real", "CAST(trino_from_ieee754({0}, 4) AS FLOAT)"),
    scalar("to_hex(varbinary) -> varchar", "upper(hex({0}))"),
    scalar("from_hex(varchar) -> varbinary", "trino_from_hex({0})"),
    scalar("from_hex(varbinary) -> varbinary", "trino_from_hex(decode({0}))"),
    scalar("to_base64(varbinary) -> varchar", "to_base64({0})"),
    scalar("from_base64(varchar) -> varbinary", "trino_from_base64({0})"),
    scalar("from_base64(varbinary) -> varbinary", "trino_from_base64(decode({0}))"),
    scalar("to_base64url(varbinary) -> varchar", "translate(to_base64({0}), '+/', '-_')"),
    scalar("from_base64url(varchar) -> varbinary", "trino_from_base64(translate({0}, '-_', '+/'))"),
    scalar("to_big_endian_64(bigint) -> varbinary", "trino_to_big_endian({0}, 8)"),
    scalar("to_big_endian_32(integer) -> varbinary", "trino_to_big_endian({0}, 4)"),
    scalar("from_big_endian_64(varbinary) -> bigint", "trino_from_big_endian({0}, 8)"),
    scalar("from_big_endian_32(varbinary) -> integer", "CAST(trino_from_big_endian({0}, 4) AS INTEGER)"),
    *(scalar(f"{n}(varbinary) -> varbinary", f"trino_hash('{n}', {{0}})") for n in ("md5", "sha1", "sha256", "sha512")),
    scalar("crc32(varbinary) -> bigint", "trino_crc32({0})"),
    scalar("xxhash64(varbinary) -> varbinary", "trino_xxhash64({0})"),
    *(
        scalar(f"hmac_{n}(varbinary, varbinary) -> varbinary", f"trino_hmac('{n}', {{0}}, {{1}})")
        for n in ("md5", "sha1", "sha256", "sha512")
    ),
    scalar("lpad(varbinary, bigint, varbinary) -> varbinary", "trino_pad_binary('left', {0}, {1}, {2})"),
    scalar("rpad(varbinary, bigint, varbinary) -> varbinary", "trino_pad_binary('right', {0}, {1}, {2})"),
]
