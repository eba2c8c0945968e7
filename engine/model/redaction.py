"""Text without the secrets that a stranger's words, an address or an error may hold.

Our own secrets are kept by types that tell nothing. This is for text that others made: a venue that repeats what it was sent,
a library's error with an address in it. It goes by shape, so that it also finds what we never knew.
"""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "(hidden)"

_NAMES: Final = (
    r"passw(?:or)?d|passphrase|secret|credential|authorization|cookie|signature|listen[_-]?key"
    r"|api[_-]?key|(?:access|refresh|private|signing|auth)[_-]?(?:key|token)|key[_-]id|token"
)
_SHAPES: Final = (
    (
        re.compile(r"-----BEGIN [A-Z0-9 ]{1,40}-----.*?(?:-----END [A-Z0-9 ]{1,40}-----|\Z)", re.DOTALL),
        HIDDEN,
    ),
    (re.compile(r"(?<=://)[^\s/@:]{0,256}:[^\s/@]{1,512}(?=@)"), HIDDEN),
    (re.compile(r"\beyJ[\w-]{8,4096}\.[\w-]{2,4096}(?:\.[\w-]{0,4096})?"), HIDDEN),
    (re.compile(r"(illegal header \w{4,5} )b?['\"].*", re.IGNORECASE | re.DOTALL), rf"\1{HIDDEN}"),
    (
        re.compile(r"\b(bearer|basic)\s{1,3}(?=[\w.~+/-]{0,64}[\d=+/])[\w.~+/=-]{8,4096}", re.IGNORECASE),
        rf"\1 {HIDDEN}",
    ),
    (
        re.compile(
            rf"((?:{_NAMES})[\w-]{{0,24}}[\\\"']{{0,8}}\s{{0,3}}[:=]\s{{0,3}}b?[\\\"']{{0,8}})[^\s\\\"'&,;<>(){{}}\[\]]{{3,4096}}",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
)
"""What a secret looks like, or what stands before one: a key in PEM, the password in an address, a signed token, a header that
a library would not send, a header, a value that is named."""


_MARKS: Final = (
    *("://", "eyj", "-----begin", "illegal header", "bearer", "basic", "passw", "passphrase", "secret"),
    *("credential", "authorization", "cookie", "signature", "listen", "key", "token"),
)
"""One of these is in every text that a shape fits, in small letters: looking for them costs a hundredth."""


def redacted(text: str) -> str:
    """Return the text with every part that looks like a secret hidden."""
    small = text.lower()
    if not any(mark in small for mark in _MARKS):
        return text
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text
