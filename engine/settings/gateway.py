"""Where the gateway listens, and what it is held to there."""

from __future__ import annotations

from msgspec import Struct


class GatewaySettings(Struct, frozen=True, forbid_unknown_fields=True):
    """REST and WebSocket for programs: `touchline serve`, or `--serve` beside a desk."""

    listen: str = "127.0.0.1:8730"
    """`host:port`, or `unix:/path`. Beyond this machine only with a certificate."""
    hosts: list[str] = []
    """Other names that it is called by, as `desk.example`; every other name is refused."""
    origins: list[str] = []
    """Web pages that may ask, as `https://page.example`; all others are refused."""
    certificate_file: str = ""
    """Its certificate and those above it, PEM; empty: not encrypted, on this machine alone."""
    key_file: str = ""
    """The certificate's private key, PEM, for its owner alone."""
    redirect_port: int = 0
    """A port whose plain HTTP answers that it is HTTPS now; 0 for none."""
