"""Secrets as they get into text, each with a mark by which it is found again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from engine.model import redaction

_NAMES = (
    "address",
    "bearer",
    "header",
    "query",
    "listen",
    "json",
    "escaped",
    "token",
    "pem",
    "library",
    "form",
)
MARKS = {name: f"Canary{number:02}x7Qv9{name}" for number, name in enumerate(_NAMES)}
"""What is looked for; nothing of the program is called so."""

PLANTS = {
    "address": f"GET https://ann:{MARKS['address']}@venue.test/v1 failed",
    "bearer": f"sent Bearer {MARKS['bearer']} and was refused",
    "header": f"APCA-API-SECRET-KEY: {MARKS['header']}",
    "query": f"POST /v3/order?symbol=ABC&timestamp=1&signature={MARKS['query']} answered 400",
    "listen": f"stream listenKey={MARKS['listen']} ended",
    "json": f'{{"api_key": "{MARKS["json"]}", "code": 7}}',
    "escaped": rf'body was "{{\"secret_key\": \"{MARKS["escaped"]}\"}}"',
    "token": f"token eyJhbGciOiJFZERTQSJ9.{MARKS['token']}.c2lnbmF0dXJl",
    "pem": f"-----BEGIN PRIVATE KEY-----\n{MARKS['pem']}\n-----END PRIVATE KEY-----",
    "library": f"Illegal header value b'{MARKS['library']} '",
    "form": f"key_id={MARKS['form']}; retry",
}


def found_in(*texts: str | bytes) -> set[str]:
    """Return which plants can be read in any of these texts."""
    whole = b"\n".join(text.encode() if isinstance(text, str) else text for text in texts)
    return {name for name, mark in MARKS.items() if mark.encode() in whole}


@contextmanager
def nothing_redacted() -> Iterator[None]:
    """Switch redaction off: what looks for plants has to find them then."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redaction, "_SHAPES", ())
        yield
