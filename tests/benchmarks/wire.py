"""What the local market data server sends, as msgspec reads it."""

from __future__ import annotations

import msgspec
from msgspec import Struct, field


class WireQuote(Struct, tag_field="T", tag="q", gc=False):
    """A top of book on the wire."""

    symbol: str = field(name="S")
    bid: float = field(name="bp")
    bid_size: int = field(name="bs")
    ask: float = field(name="ap")
    ask_size: int = field(name="as")
    at: str = field(name="t")


class WireTrade(Struct, tag_field="T", tag="t", gc=False):
    """A print on the wire."""

    symbol: str = field(name="S")
    price: float = field(name="p")
    size: int = field(name="s")
    at: str = field(name="t")


Messages = list[WireQuote | WireTrade]


def make_decoder() -> msgspec.json.Decoder[Messages]:
    """Return what reads a frame."""
    return msgspec.json.Decoder(Messages)
