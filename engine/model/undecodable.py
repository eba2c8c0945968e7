"""What a decoder raises at input that anybody may have written."""

from __future__ import annotations

from typing import Final

from msgspec import DecodeError

UNDECODABLE: Final = (DecodeError, RecursionError, UnicodeDecodeError)
"""It is not what was expected, it is too deep, or it is not UTF-8."""
