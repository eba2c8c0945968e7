"""What a gateway of these settings would show and say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from engine.clock import SystemClock
from engine.errors import ConfigError, EngineError
from engine.gateway.answers import SECURITY_HEADERS
from engine.gateway.encryption import encryption_of
from engine.gateway.listening import address_in
from engine.gateway.pages import Pages
from engine.gateway.refusals import Refused
from engine.gateway.table import ROUTES
from engine.preflight.facts import CertificateFacts, GatewayFacts
from engine.security.tls.certificate import Certificate, read_certificate
from engine.settings.gateway import GatewaySettings

_PAGE: Final = "https://page.invalid"
_STRANGER: Final = "https://stranger.invalid"


def gateway_facts(settings: GatewaySettings) -> tuple[GatewayFacts, CertificateFacts]:
    """Return where it would listen, what its answers would carry, and which certificate it would show."""
    certificate, always = _certificate(settings)
    trouble, is_here = "", True
    try:
        is_here = address_in(settings).is_here
    except ConfigError as error:
        trouble, is_here = str(error), False
    page, asked_first, page_trouble, refused = _pages(settings)
    return (
        GatewayFacts(
            where=settings.listen,
            is_here=is_here,
            trouble=trouble,
            headers=_small({**dict(SECURITY_HEADERS), **always}),
            page=_small(page),
            asked_first=_small(asked_first),
            page_trouble=page_trouble,
            stranger_refused=refused,
            paths=tuple(dict.fromkeys(route.path for route in ROUTES)),
        ),
        certificate,
    )


def _certificate(settings: GatewaySettings) -> tuple[CertificateFacts, Mapping[str, str]]:
    try:
        found = encryption_of(settings, SystemClock())
    except EngineError as error:
        return CertificateFacts(told=_told(settings), trouble=str(error)), {}
    if found is None:
        return CertificateFacts(), {}
    shown = found.certificate.certificate
    return CertificateFacts(told=shown, tls_min=found.context.minimum_version.name), found.always


def _told(settings: GatewaySettings) -> Certificate | None:
    """Return what a certificate says that will not do, as far as it can be read."""
    try:
        return read_certificate(Path(settings.certificate_file).expanduser())
    except EngineError:
        return None


def _pages(settings: GatewaySettings) -> tuple[dict[str, str], dict[str, str], str, bool]:
    """Ask as a listed page would, and as a stranger; where none is listed, as one that would be."""
    try:
        Pages(settings.origins)
    except ConfigError as error:
        return {}, {}, str(error), False
    listed = settings.origins[0] if settings.origins else _PAGE
    pages = Pages(settings.origins or [_PAGE])
    origin = (b"origin", listed.encode("latin-1"))
    told = pages.check([origin])
    first = pages.preflight([origin, (b"access-control-request-method", b"POST")]) or {}
    try:
        pages.check([(b"origin", _STRANGER.encode())])
    except Refused:
        return told, first, "", True
    return told, first, "", False


def _small(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
