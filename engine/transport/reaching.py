"""The first steps of every way to a venue: its names, a connection, a certificate that proves who answers."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from engine.clock import NS_PER_S, Clock
from engine.messages.checks import Outcome
from engine.model.text import clean
from engine.transport.checking import Check, Found
from engine.transport.words import in_words

LOOK_S = 8.0
"""How long one address may take: less than a step, so that it can be named."""
DAYS_LEFT_MIN = 14
"""A certificate with fewer days left is worth a word."""
_PORTS = {"https": 443, "wss": 443, "http": 80, "ws": 80}
_DAY_S = 86_400
_RANKS = (Outcome.OK, Outcome.WARNING, Outcome.FAILED)


class Place(NamedTuple):
    """One host and port that the settings lead to."""

    setting: str
    scheme: str
    host: str
    port: int

    @property
    def name(self) -> str:
        """The host, and the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def places_of(addresses: Mapping[str, str]) -> tuple[Place, ...]:
    """Return where addresses lead, by setting; each place once."""
    found: dict[tuple[str, int], Place] = {}
    for setting, url in addresses.items():
        parts = urlsplit(url)
        place = Place(setting, parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme])
        found.setdefault((place.host, place.port), place)
    return tuple(found.values())


def reaching(places: Sequence[Place], clock: Clock) -> tuple[Check, ...]:
    """Return the steps to all these places; each looks at all of them at once."""

    async def encrypted(place: Place) -> Found:
        return await _certificate(place, clock.now_ns() // NS_PER_S)

    return (
        Check("dns", lambda: _all_of(list({each.host: each for each in places}.values()), _resolved)),
        Check("tcp", lambda: _all_of(places, _connected), ("dns",)),
        Check("tls", lambda: _all_of(places, encrypted), ("tcp",)),
    )


async def _all_of(places: Sequence[Place], look: Callable[[Place], Awaitable[Found]]) -> Found:
    """Look at every place; where some are not well, tell of those alone, and where they are set."""
    looks = zip(places, await asyncio.gather(*(_bounded(place, look) for place in places)), strict=True)
    by_outcome: dict[Outcome, list[tuple[Place, Found]]] = {}
    for place, found in looks:
        by_outcome.setdefault(found.outcome, []).append((place, found))
    worst = max(by_outcome, key=_RANKS.index)
    told = by_outcome[worst]
    advice = list(dict.fromkeys(found.remedy for _, found in told if found.remedy))
    if advice:
        advice.append(f"Set by {', '.join(place.setting for place, _ in told)}.")
    return Found("; ".join(found.detail for _, found in told), worst, " ".join(advice))


async def _bounded(place: Place, look: Callable[[Place], Awaitable[Found]]) -> Found:
    try:
        async with asyncio.timeout(LOOK_S):
            return await look(place)
    except TimeoutError:
        remedy = "Look at this machine's connection and firewall."
        return Found(f"{place.name}: no answer within {LOOK_S:g} s", Outcome.FAILED, remedy)


# Names


async def _resolved(place: Place) -> Found:
    with suppress(ValueError):
        ipaddress.ip_address(place.host)
        return Found(f"{place.host} is an address")
    try:
        answers = await _looked_up(place)
    except (OSError, UnicodeError) as error:
        remedy = "Look at this machine's connection and its name server, and at the address."
        return Found(f"{place.host}: {in_words(error)}", Outcome.FAILED, remedy)
    return Found(f"{place.host} is {clean(str(answers[0][4][0]), 64)}")


async def _looked_up(place: Place) -> list[Any]:
    """Ask the system for a name, in a thread that nobody waits for: it may take longer than a step."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[Any]] = loop.create_future()

    def tell(how: Callable[[Any], None], what: object) -> None:
        with suppress(RuntimeError):  # the walk is over, and its loop closed
            loop.call_soon_threadsafe(lambda: None if answer.done() else how(what))

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            tell(answer.set_exception, error)
        else:
            tell(answer.set_result, answers)

    threading.Thread(target=ask, name="touchline-names", daemon=True).start()
    return await answer


# Connections


async def _connected(place: Place) -> Found:
    try:
        _, writer = await asyncio.open_connection(place.host, place.port)
    except OSError as error:
        remedy = "Nobody listens there, or a firewall is between; the venue may be down."
        return Found(f"{place.name}: {_plainly(error)}", Outcome.FAILED, remedy)
    writer.transport.abort()
    return Found(f"{place.name} answers")


def _plainly(error: OSError) -> str:
    """Return why no connection came about in the system's own words, without the addresses that asyncio adds."""
    return os.strerror(error.errno).lower() if error.errno else in_words(error)


# Certificates


async def _certificate(place: Place, now_s: int) -> Found:
    if place.scheme in {"http", "ws"}:
        return Found(f"{place.name} is not encrypted: this machine")
    try:
        certificate, version = await _shown(place)
    except ssl.SSLCertVerificationError as error:
        return Found(f"{place.name}: {clean(error.verify_message)}", Outcome.FAILED, _distrust(error))
    except OSError as error:
        remedy = "What answers there does not speak TLS as it should: look at the address."
        return Found(f"{place.name}: {_reason(error)}", Outcome.FAILED, remedy)
    left = (ssl.cert_time_to_seconds(certificate["notAfter"]) - now_s) // _DAY_S
    told = f"{place.name} {version}, certificate by {_issuer(certificate)}, {left:,} days left"
    return Found(told, Outcome.OK if left >= DAYS_LEFT_MIN else Outcome.WARNING)


async def _shown(place: Place) -> tuple[Any, str]:
    """Return the certificate that a place shows and the version it speaks, trusted as its connections will be."""
    if place.scheme == "https":
        from httpx import create_ssl_context  # noqa: PLC0415  # only where something is read

        context = create_ssl_context(trust_env=False)
    else:
        context = ssl.create_default_context()
    _, writer = await asyncio.open_connection(place.host, place.port, ssl=context, server_hostname=place.host)
    try:
        return writer.get_extra_info("peercert"), writer.get_extra_info("ssl_object").version()
    finally:
        writer.transport.abort()


def _issuer(certificate: Mapping[str, Any]) -> str:
    names = {name: value for part in certificate.get("issuer", ()) for name, value in part}
    return clean(names.get("organizationName") or names.get("commonName") or "nobody named", 40)


def _reason(error: OSError) -> str:
    reason = getattr(error, "reason", None)
    return clean(str(reason).replace("_", " ").lower()) if reason else in_words(error)


def _distrust(error: ssl.SSLCertVerificationError) -> str:
    if "expired" in error.verify_message or "not yet" in error.verify_message:
        return "Look at this machine's date first; if it is right, the venue has to renew its certificate."
    return (
        "Who answers can't prove to be the venue: a proxy may be between, or this machine's certificates are old. "
        "Don't go on until that is known."
    )
