"""A feed as an adapter is one: bytes off the socket to quotes in whole units, handed to the market room."""

from __future__ import annotations

from calendar import timegm
from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct, field

from engine.clock import NS_PER_S, Clock
from engine.model.instrument import Instrument, Symbol
from engine.model.quote import Quote

SOURCE = "alpaca"
_FULL = len("2026-11-24T15:00:01.123456789Z")


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


class QuoteFeed:
    """Takes frames; remembers each symbol's scales and the second that the last stamp began with."""

    def __init__(
        self, instruments: Mapping[Symbol, Instrument], on_quote: Callable[[Quote], None], clock: Clock
    ) -> None:
        self._scales = {
            str(symbol): (symbol, float(each.price_scale), each.size_scale)
            for symbol, each in instruments.items()
        }
        self._on_quote = on_quote
        self._clock = clock
        self._decode = make_decoder().decode
        self._second = ""
        self._second_ns = 0

    def take(self, frame: bytes) -> int:
        """Hand on every quote of a frame; return how many messages it held."""
        receive_ns = self._clock.now_ns()
        scales, on_quote = self._scales, self._on_quote
        messages = self._decode(frame)
        for message in messages:
            if type(message) is not WireQuote:
                continue
            symbol, scale, size_scale = scales[message.symbol]
            at = message.at
            if at[:19] != self._second:
                self._begin_second(at)
            on_quote(
                Quote(
                    symbol,
                    SOURCE,
                    int(message.bid * scale + 0.5),
                    int(message.ask * scale + 0.5),
                    message.bid_size * size_scale,
                    message.ask_size * size_scale,
                    self._second_ns + (int(at[20:29]) if len(at) == _FULL else int(at[20:-1].ljust(9, "0"))),
                    receive_ns,
                )
            )
        return len(messages)

    def _begin_second(self, at: str) -> None:
        """Read the date and time of an RFC 3339 stamp in UTC, without its fraction."""
        numbers = (int(at[:4]), int(at[5:7]), int(at[8:10]), int(at[11:13]), int(at[14:16]), int(at[17:19]))
        self._second, self._second_ns = at[:19], timegm(numbers) * NS_PER_S
