"""Names that say that what they carry tells a service who asks: in a contract it is the name of a secret, never the
secret itself."""

import re

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
SECRET = re.compile(
    r"auth(entication|orization)?|bearer|cookie|credentials?|jwt|otp|pass(code|phrase|wd|word)|pwd|secret|"
    r"sig(nature)?|tokens?|(access|api|app|auth|private|secret|session|subscription)key|"
    r"(access|api|auth|id|private|refresh|session)token|(app|client)secret|\w*apikey|\w*sess(ion)?id"
)
KEY_OF = re.compile(
    r"access|account|api|app|application|auth|client|consumer|dev|developer|functions?|licen[cs]e|private|secret|"
    r"service|session|subscription|user|x"
)
"""What a key is the key of when it is a secret: not a sort key, nor an idempotency key."""
PLACE = re.compile(r"continuation|cursor|next|page|paging|resum(e|ption)|skip|sync")
"""A token of these is a place among the pages."""
SCHEME = re.compile(r"(bearer|digest|aws4-hmac-sha256) +\S|basic +[A-Za-z0-9+/]{6,}=*$", re.IGNORECASE)


def names_a_secret(name: str) -> bool:
    """Whether a header or a parameter of this name carries what tells a service who asks."""
    words = [word.lower() for word in WORD.findall(name)]
    if any(PLACE.fullmatch(word) for word in words):
        return False
    if any(SECRET.fullmatch(word) for word in [*words, "".join(words)]):
        return True
    before = [of for of, word in zip(["", *words], words, strict=False) if word in ("key", "keys")]
    return any(len(words) == 1 or KEY_OF.fullmatch(of) for of in before)


def says_a_secret(value: str) -> bool:
    """Whether a header's value says who asks, whatever the header: ``Bearer …``."""
    return SCHEME.match(value) is not None
