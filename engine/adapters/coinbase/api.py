"""What Coinbase is asked over HTTP: its time, its products, minutes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

from msgspec import Raw

from engine.adapters.coinbase import messages as m
from engine.adapters.coinbase import parse
from engine.adapters.coinbase.tokens import Tokens
from engine.clock import NS_PER_S, Clock
from engine.errors import ThrottledError
from engine.model.instrument import Symbol
from engine.ports.secrets import Credential
from engine.transport.breaker import Breaker
from engine.transport.http import HttpReader, RefusedAnswer
from engine.transport.skew import ClockSkew, measure

PATH = "/api/v3/brokerage"
MINUTE_S = 60
MINUTES_MAX = 350
"""That one answer holds."""
PAGES = 3
Terms = Mapping[str, str | Sequence[str]]


class CoinbaseApi:
    """Reads through two circuits: one for the market as it is, one for the minutes before.

    With a key each read has a token of its own; a key that the venue does not take is used no more.
    """

    def __init__(
        self, url: str, data: Breaker, history: Breaker, clock: Clock, credential: Credential | None = None
    ) -> None:
        """Take the addresses and the key.

        Raises:
            ConfigError: the key is none.
        """
        self.skew = ClockSkew()
        self.tokens = Tokens(credential, clock, self.skew)
        self.key_refused: Callable[[str], None] = lambda _: None
        """Told why the venue does not take the key."""
        self._clock = clock
        self._host = url.partition("://")[2]
        self._circuits = (data, history)
        self._data, self._history = HttpReader(url, data), HttpReader(url, history)
        for reader in (self._data, self._history):
            reader.headers_of = self._signed

    async def close(self) -> None:
        """Let go of the connections."""
        await self._data.close()
        await self._history.close()

    async def measure(self) -> None:
        """Learn the venue's clock; this is asked without a token, which would need it.

        Raises:
            AdapterError: the venue did not answer, or refused.
            Unreadable: its answer is none.
        """
        await measure(self.skew, self._time_ns, self._clock)

    async def _time_ns(self) -> int:
        return parse.time_ns(await self._get(self._data, f"{PATH}/time", {}))

    async def products(self, symbols: Sequence[Symbol] = ()) -> list[Raw]:
        """Return these products, those that there are, or all of the spot market.

        Raises:
            AdapterError: the venue did not answer, or refused.
            Unreadable: its answer is none.
        """
        terms: Terms = {"product_ids": tuple(symbols)} if symbols else {"product_type": "SPOT"}
        return m.read_products(await self._read(self._data, "products", terms)).products

    async def minutes(self, symbol: Symbol, since_ns: int) -> list[m.Candle]:
        """Return the last minutes since a time, oldest first; those without a print are left out.

        Raises:
            AdapterError: the venue did not answer, or refused.
            Unreadable: its answer is none.
        """
        found: dict[str, m.Candle] = {}
        now_s = self._clock.now_ns() // NS_PER_S
        start_s = max(
            since_ns // NS_PER_S, now_s // MINUTE_S * MINUTE_S - PAGES * MINUTES_MAX * MINUTE_S + MINUTE_S
        )
        while start_s < now_s:
            end_s = start_s + (MINUTES_MAX - 1) * MINUTE_S
            terms = {"start": str(start_s), "end": str(end_s), "granularity": "ONE_MINUTE"}
            page = m.read_candles(await self._read(self._history, f"products/{symbol}/candles", terms))
            found |= {each.start: each for each in reversed(page.candles)}
            start_s = end_s + MINUTE_S
        return list(found.values())

    async def _read(self, reader: HttpReader, what: str, terms: Terms) -> bytes:
        """Read with the key if there is one, and without it from the moment it is not taken."""
        was_signed = self.tokens.has_key
        try:
            return await self._get(reader, self._path(what), terms)
        except RefusedAnswer as refused:
            if refused.status != HTTPStatus.UNAUTHORIZED or not was_signed:
                raise
        if self.tokens.has_key:
            self.key_refused(f"it answered {HTTPStatus.UNAUTHORIZED.value}")
        return await self._get(reader, self._path(what), terms)

    async def _get(self, reader: HttpReader, path: str, terms: Terms) -> bytes:
        """Read; the limit is the address's, so no route asks while one must not."""
        try:
            return await reader.get(path, terms)
        except ThrottledError as error:
            for circuit in self._circuits:
                if circuit is not reader.breaker:
                    circuit.leave_alone(error.retry_after_s, str(error))
            raise

    def _path(self, what: str) -> str:
        return f"{PATH}/{what}" if self.tokens.has_key else f"{PATH}/market/{what}"

    def _signed(self, path: str) -> Mapping[str, str]:
        return {} if path == f"{PATH}/time" else self.tokens.headers(f"GET {self._host}{path}")
