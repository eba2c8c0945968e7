"""How easily a secret that a person chose is guessed."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from typing import Final

LENGTH_MIN: Final = 12
LENGTH_MAX: Final = 1024
ENTROPY_BITS_MIN: Final = 32.0
_RUN_MAX: Final = 3

_KNOWN: Final = (
    "123456", "admin", "administrator", "changeit", "changeme", "default", "demo", "dragon", "example", "football",
    "guest", "hunter2", "iloveyou", "letmein", "login", "master", "monkey", "pass", "passphrase", "password",
    "passw0rd", "placeholder", "princess", "qwerty", "qwertyuiop", "replaceme", "root", "sample", "secret", "shadow",
    "sunshine", "superman", "test", "testing", "touchline", "trader", "trading", "trustno1", "user", "welcome",
    "whatever", "yoursecrethere", "yoursecretkey", "correcthorsebatterystaple",
)  # fmt: skip
_ROWS: Final = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "01234567890")


def weakness_of(text: str) -> str:
    """Return why a secret is too weak, in words that do not tell it; empty where it will do.

    Long enough, not made of known words alone, and of enough different characters (Shannon's entropy of its characters
    over its length, where what only runs along a row of keys or repeats itself counts once).
    """
    plain = unicodedata.normalize("NFKC", text)
    if len(plain) < LENGTH_MIN:
        return f"it is shorter than {LENGTH_MIN} characters"
    if len(plain) > LENGTH_MAX:
        return f"it is longer than {LENGTH_MAX} characters"
    if is_known(plain):
        return "it is one that everybody knows"
    if entropy_bits(_shortened(plain)) < ENTROPY_BITS_MIN:
        return "it is too regular"
    return ""


def is_known(text: str) -> bool:
    """Tell whether nothing is left of a secret but words that are tried first, and digits and marks around them."""
    lower = text.lower()
    core = lower.strip("".join(char for char in set(lower) if not char.isalpha()))
    spelled = (lower, lower.translate(_LEET), core, core.translate(_LEET))
    kept = {"".join(char for char in each if char.isalpha()) for each in spelled}
    kept.add("".join(char for char in lower if char.isalnum()))
    return any(_is_made_of_known(each) for each in kept if each)


def entropy_bits(text: str) -> float:
    """Return Shannon's entropy of a text's characters, times its length, in bits."""
    size = len(text)
    return -sum(count * math.log2(count / size) for count in Counter(text).values()) if size else 0.0


_LEET: Final = str.maketrans("013457@$", "oieastas")


def _is_made_of_known(text: str) -> bool:
    ends = {0}
    for end in range(1, len(text) + 1):
        ends |= {end for start in tuple(ends) if text[start:end] in _KNOWN}
    return len(text) in ends


def _shortened(text: str) -> str:
    """Return a secret without what follows from what is before it: a row of keys, a repetition."""
    kept = [char for at, char in enumerate(text) if not _follows(text.lower(), at)]
    shortest = "".join(kept)
    for size in range(1, len(text) // 2 + 1):
        if text == (text[:size] * (len(text) // size + 1))[: len(text)]:
            return shortest if len(shortest) < size else text[:size]
    return shortest


def _follows(text: str, at: int) -> bool:
    run = text[at - _RUN_MAX + 1 : at + 1]
    return at >= _RUN_MAX - 1 and (len(set(run)) == 1 or any(run in row or run in row[::-1] for row in _ROWS))
