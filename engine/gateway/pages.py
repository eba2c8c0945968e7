"""Web pages that may ask (CORS, https://fetch.spec.whatwg.org): those that the settings list, and no other.

There are no cookies, so a foreign page could only use what it holds itself; it is refused all the same, before anything is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from engine.errors import ConfigError
from engine.gateway.refusals import Code, Refused

_FOREIGN: Final = frozenset({b"cross-site", b"same-site"})
_AGE_S: Final = 600
METHODS: Final = "GET, POST, PATCH, DELETE"
ALLOWED: Final = "Authorization, Content-Type, Idempotency-Key, X-Correlation-ID"
EXPOSED: Final = "RateLimit, RateLimit-Policy, Retry-After, X-Correlation-ID"

Headers = Iterable[tuple[bytes, bytes]]


class Pages:
    """Knows the origins that are listed."""

    def __init__(self, origins: Iterable[str]) -> None:
        """Take them as browsers send them.

        Raises:
            ConfigError: one is no origin, or stands for every page.
        """
        for origin in origins:
            scheme, _, rest = origin.partition("://")
            if scheme not in {"http", "https"} or not rest or not _is_host(rest):
                raise ConfigError(
                    f"gateway.origins: expected origins such as https://page.example, found {origin[:64]!r}"
                )
        self._listed = {origin.lower().encode("latin-1") for origin in origins}

    def check(self, headers: Headers) -> dict[str, str]:
        """Return what an answer says to the page that asks; nothing where no page does.

        Raises:
            Refused: a page asks that is not listed.
        """
        found = dict(headers)
        origin = found.get(b"origin")
        if origin is None:
            if found.get(b"sec-fetch-site") in _FOREIGN:
                raise Refused(Code.ORIGIN)
            return {}
        if origin.lower() not in self._listed:
            raise Refused(Code.ORIGIN)
        return {
            "Access-Control-Allow-Origin": origin.decode("latin-1"),
            "Access-Control-Expose-Headers": EXPOSED,
        }

    def preflight(self, headers: Headers) -> dict[str, str] | None:
        """Return what a listed page is told that asks whether it may ask; None where this is no such question."""
        found = dict(headers)
        if b"origin" not in found or b"access-control-request-method" not in found:
            return None
        told = {
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": ALLOWED,
            "Access-Control-Max-Age": str(_AGE_S),
        }
        if b"access-control-request-private-network" in found:
            told["Access-Control-Allow-Private-Network"] = "true"
        return told


def _is_host(text: str) -> bool:
    """Tell whether it may be a host and a port: no path, no star, nothing that is not ASCII."""
    return text.isascii() and all(letter.isalnum() or letter in ".-:[]" for letter in text)
