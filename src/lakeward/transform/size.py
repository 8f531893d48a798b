"""How much text pages hold, before anybody has unpacked them."""

from collections.abc import Iterable

from lakeward.certificate import CertifiedPage

EXPANSION = 10
"""Text that a byte of a compressed page stands for, about: JSON of services packs 8 to 12 times with gzip."""


def text_bytes(pages: Iterable[CertifiedPage]) -> int:
    """Decoded bytes of pages, about."""
    return sum(page.bytes if page.content_encoding == "identity" else page.bytes * EXPANSION for page in pages)
