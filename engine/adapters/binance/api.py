"""What Binance is asked over HTTP: instruments, books, prints, minutes; each costs weight."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from engine.adapters.binance import messages as m
from engine.adapters.binance.weights import Weights
from engine.adapters.texts import Unreadable
from engine.clock import NS_PER_MS, NS_PER_S, Clock
from engine.errors import ThrottledError
from engine.model.instrument import Symbol
from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE
from engine.transport.breaker import Breaker
from engine.transport.http import HttpReader
from engine.transport.skew import ClockSkew

T = TypeVar("T")

BOOK_LEVELS = 1000
PRINTS = 1000
MINUTES = 1000
_WEIGHTS = {"exchangeInfo": 20, "depth": 50, "trades": 25, "klines": 2, "ticker/price": 4}


class BinanceApi:
    """Reads through two circuits: one for the market as it is, one for the minutes before."""

    def __init__(self, url: str, data: Breaker, history: Breaker, clock: Clock) -> None:
        self.weights = Weights(clock)
        self.skew = ClockSkew()
        self._clock = clock
        self._circuits = (data, history)
        self._data, self._history = HttpReader(url, data), HttpReader(url, history)
        for reader in (self._data, self._history):
            reader.heard = self.weights.note

    async def close(self) -> None:
        """Let go of the connections."""
        await self._data.close()
        await self._history.close()

    async def info(self, symbols: Sequence[Symbol]) -> m.Info:
        """Return what is known of these symbols, and learn the venue's clock and limits.

        Raises:
            AdapterError: the venue did not answer, or refused: it does so where one symbol is unknown.
            Unreadable: its answer is none.
        """
        names = msgspec.json.encode(symbols).decode()
        sent_ns = self._clock.now_ns()
        body = await self._read(self._data, "exchangeInfo", {"symbols": names})
        received_ns = self._clock.now_ns()
        info = _decoded(m.decode_info, body)
        if 0 < info.server_time < m.TIME_MS_MAX:
            self.skew.note(sent_ns, info.server_time * NS_PER_MS, received_ns)
        self.weights.learn(info.rate_limits)
        return info

    async def names(self) -> set[str]:
        """Return the names of all symbols.

        Raises:
            AdapterError: the venue did not answer, or refused.
            Unreadable: its answer is none.
        """
        body = await self._read(self._data, "ticker/price", {})
        return {each.symbol for each in _decoded(m.decode_names, body)}

    async def book(self, symbol: Symbol) -> m.Book:
        """Return a whole book.

        Raises:
            AdapterError: the venue did not answer, or refused.
            Unreadable: its answer is none.
        """
        body = await self._read(self._data, "depth", {"symbol": symbol, "limit": str(BOOK_LEVELS)})
        book = _decoded(m.decode_book, body)
        if not 0 < book.last_update_id <= m.ID_MAX:
            raise Unreadable("bad_message", "expected the id of a book")
        return book

    async def prints(self, symbol: Symbol) -> list[m.Event]:
        """Return the latest prints, oldest first, as the stream would have told them.

        Raises:
            AdapterError: the venue did not answer, or refused.
            Unreadable: its answer is none.
        """
        body = await self._read(self._data, "trades", {"symbol": symbol, "limit": str(PRINTS)})
        made = sorted(_decoded(m.decode_prints, body), key=lambda each: each.id)
        return [m.event_of(each) for each in made]

    async def minutes(self, symbol: Symbol, since_ns: int) -> list[m.Minute]:
        """Return the last minutes since a time, oldest first.

        Raises:
            AdapterError: the venue did not answer, or refused.
            Unreadable: its answer is none.
        """
        terms = {"symbol": symbol, "interval": "1m", "limit": str(MINUTES)}
        if since_ns > self._clock.now_ns() - MINUTES * 60 * NS_PER_S:
            terms["startTime"] = str(since_ns // NS_PER_MS)
        return _decoded(m.decode_minutes, await self._read(self._history, "klines", terms))

    async def _read(self, reader: HttpReader, what: str, terms: Mapping[str, str]) -> bytes:
        """Read once there is weight to spare; the limit is the address's, so no route asks while one must not."""
        await asyncio.sleep(self.weights.wait_s(_WEIGHTS[what]))
        try:
            return await reader.get(f"/api/v3/{what}", terms)
        except ThrottledError as error:
            for circuit in self._circuits:
                if circuit is not reader.breaker:
                    circuit.leave_alone(error.retry_after_s, str(error))
            raise


def _decoded(decode: Callable[[bytes], T], body: bytes) -> T:
    try:
        return decode(body)
    except UNDECODABLE as error:
        raise Unreadable("bad_answer", clean(str(error), 120)) from error
