"""Where traces are sent to, if anywhere."""

from __future__ import annotations

from msgspec import Struct


class TracesSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The collector that takes spans by OTLP over HTTP."""

    endpoint: str = ""
    """`http://127.0.0.1:4318`, or `https://` beyond this machine; empty: nothing is traced."""
    service: str = "touchline"
    """What this program is called there (`service.name`)."""
    tell_venues: bool = False
    """Whether requests to venues carry `traceparent`."""
