"""A feed as an adapter is one: bytes off the socket to quotes in whole units, handed to the market room."""

from __future__ import annotations

from calendar import timegm
from collections.abc import Callable, Mapping
from typing import Final

from msgspec.structs import astuple

from engine.clock import NS_PER_S, Clock
from engine.model.instrument import Instrument, Symbol
from engine.model.quote import Quote
from tests.benchmarks.wire import WireQuote, make_decoder

SOURCE: Final = "alpaca"
_FULL: Final = len("2026-11-24T15:00:01.123456789Z")


class Scales:
    """What turns a symbol's floating point numbers into whole units."""

    __slots__ = ("price", "size", "symbol")

    def __init__(self, instrument: Instrument) -> None:
        self.symbol = instrument.symbol
        self.price = float(instrument.price_scale)
        self.size = instrument.size_scale


class QuoteFeed:
    """Takes frames; remembers each symbol's scales and the second that the last stamp began with."""

    __slots__ = ("_clock", "_decode", "_on_quote", "_scales", "_second", "_second_ns")

    def __init__(
        self, instruments: Mapping[Symbol, Instrument], on_quote: Callable[[Quote], None], clock: Clock
    ) -> None:
        self._scales = {str(symbol): Scales(each) for symbol, each in instruments.items()}
        self._on_quote = on_quote
        self._clock = clock
        self._decode = make_decoder().decode
        self._second = " "
        self._second_ns = 0

    def take(self, frame: bytes) -> int:
        """Hand on every quote of a frame; return how many messages it held."""
        receive_ns = self._clock.now_ns()
        messages = self._decode(frame)
        wire_quote, quote, on_quote, scales = WireQuote, Quote, self._on_quote, self._scales
        fields = astuple
        symbol: str
        bid: float
        bid_size: int
        ask: float
        ask_size: int
        at: str
        for message in messages:
            if type(message) is not wire_quote:
                continue
            symbol, bid, bid_size, ask, ask_size, at = fields(message)
            scale = scales[symbol]
            if not at.startswith(self._second):
                self._begin_second(at)
            on_quote(
                quote(
                    scale.symbol,
                    SOURCE,
                    int(bid * scale.price + 0.5),
                    int(ask * scale.price + 0.5),
                    bid_size * scale.size,
                    ask_size * scale.size,
                    self._second_ns + int(at[20:29] if len(at) == _FULL else at[20:-1].ljust(9, "0")),
                    receive_ns,
                )
            )
        return len(messages)

    def _begin_second(self, at: str) -> None:
        """Read the date and time of an RFC 3339 stamp in UTC, without its fraction."""
        numbers = (int(at[:4]), int(at[5:7]), int(at[8:10]), int(at[11:13]), int(at[14:16]), int(at[17:19]))
        self._second, self._second_ns = at[:19], timegm(numbers) * NS_PER_S
