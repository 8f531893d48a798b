"""The key under which personal values become digests that tell them apart and do not tell what they were."""

import hashlib
import hmac
from dataclasses import dataclass, field

LEAST_BYTES = 32
"""As many as an HMAC-SHA256 can make use of."""


@dataclass(frozen=True)
class PersonalKey:
    """A secret key. It is in no representation of this, so that no log and no error has it."""

    value: bytes = field(repr=False)

    @property
    def pads(self) -> tuple[bytes, bytes]:
        """The inner and the outer key of HMAC-SHA256 (RFC 2104), hashed in front of a text and of its digest."""
        block = self.value.ljust(64, b"\0") if len(self.value) <= 64 else _digest(self.value).ljust(64, b"\0")
        return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)

    @property
    def name(self) -> str:
        """Tells one key from another without telling the key: 16 hex digits."""
        return hmac.new(self.value, b"lakeward key", "sha256").hexdigest()[:16]


def _digest(value: bytes) -> bytes:
    return hashlib.sha256(value).digest()
