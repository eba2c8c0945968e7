"""Who may ask: keys, their secrets, signatures and times."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.venues.binance.refused import Refused
from tests.venues.http_door import Request

KEYS = {"LOCALBINANCEKEY": "local-binance-secret"}
WINDOW_MS = 5000.0
AHEAD_MS_MAX = 1000


def verified(request: Request, now_ms: Callable[[], int]) -> dict[str, str]:
    """Return the parameters of a signed request: of its query, and of a form in its body."""
    query, body = urlsplit(request.target).query, request.body.decode()
    secret = _secret(request.headers.get("x-mbx-apikey", ""))
    told = {**dict(parse_qsl(body)), **dict(parse_qsl(query))}
    if "signature" not in told:
        raise Refused(-1102, "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.")
    _check_signature(secret, _unsigned(query) + _unsigned(body), told["signature"])
    check_time(told, now_ms())
    return told


def verified_parameters(parameters: Mapping[str, Any], now_ms: int) -> None:
    """Refuse the parameters of a request of the WebSocket API that are not signed as they must be."""
    secret = _secret(str(parameters.get("apiKey", "")))
    unsigned = {name: value for name, value in parameters.items() if name != "signature"}
    text = "&".join(f"{name}={unsigned[name]}" for name in sorted(unsigned))
    _check_signature(secret, text, str(parameters.get("signature", "")))
    check_time(parameters, now_ms)


def check_time(told: Mapping[str, Any], now_ms: int) -> None:
    """Refuse what was not sent just now."""
    try:
        at_ms, window_ms = int(told["timestamp"]), float(told.get("recvWindow", WINDOW_MS))
    except (KeyError, ValueError):
        raise Refused(
            -1102, "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed."
        ) from None
    if at_ms >= now_ms + AHEAD_MS_MAX:
        raise Refused(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    if now_ms - at_ms > window_ms:
        raise Refused(-1021, "Timestamp for this request is outside of the recvWindow.")


def _secret(key: str) -> str:
    if not key:
        raise Refused(-2014, "API-key format invalid.", 401)
    if key not in KEYS:
        raise Refused(-2015, "Invalid API-key, IP, or permissions for action.", 401)
    return KEYS[key]


def _check_signature(secret: str, text: str, signature: str) -> None:
    made = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    if made != signature.lower():
        raise Refused(-1022, "Signature for this request is not valid.")


def _unsigned(text: str) -> str:
    return "&".join(part for part in text.split("&") if not part.startswith("signature="))
