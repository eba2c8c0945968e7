"""What Touchline knows of Acme before anything else of this package is loaded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from engine.adapters.adapter import Adapter, Beginning, NameForm

if TYPE_CHECKING:
    from engine.ports.venue import LiveVenue


class AcmeSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[venues.acme]`."""

    stream_url: str = "wss://feed.acme.example"
    rest_url: str = "https://acme.example"


def begin(terms: Beginning) -> LiveVenue:
    """Return the source of Acme's market data."""
    from .market_data import AcmeSource  # noqa: PLC0415  # only where Acme is used

    return AcmeSource(terms.settings, terms.symbols, terms.clock)


ADAPTER = Adapter(
    name="acme",
    label="Acme",
    names=NameForm(re.compile(r"[A-Z0-9]{1,12}-[A-Z0-9]{1,12}"), "BTC-USD"),
    settings=AcmeSettings,
    begin=begin,
)
