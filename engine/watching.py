"""Lets a desk that runs follow more symbols, and fewer, and keeps them for its next start."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from engine.errors import AdapterError, DataError, EngineError
from engine.messages.catalogue import WatchView
from engine.messages.events import Severity
from engine.model.instrument import Symbol
from engine.model.text import clean
from engine.ports.venue import OpenEnded
from engine.transport.words import in_words
from engine.watch_list import WatchList

SYMBOLS_MAX: Final = 100
"""Symbols of one desk beyond which none is added."""
ASKED_MAX: Final = 16
"""Symbols that may wait to be looked up."""
FOLLOW_S: Final = 10.0
"""How long a venue may take to say what a symbol is."""


class Following(Protocol):
    """Whoever follows the desk's symbols; who is `OpenEnded` besides may be given more."""

    @property
    def wanted(self) -> tuple[Symbol, ...]:
        """All that it follows."""


class Watching:
    """Adds to a source and takes from it; what it follows before is the command line's."""

    def __init__(
        self,
        venue: str,
        source: Following,
        kept: WatchList,
        read_name: Callable[[str], Symbol],
        prepare: Callable[[Symbol], Awaitable[None]],
        forget: Callable[[Symbol], None],
        say: Callable[[Severity, str], None],
    ) -> None:
        """Take the source; `read_name` raises ConfigError for what is no name there.

        `prepare` is called before a symbol is followed, `forget` after it was dropped.
        """
        self._source = source
        self._more = source if isinstance(source, OpenEnded) and source.follows_more else None
        self._list = kept
        self._read_name = read_name
        self._prepare = prepare
        self._forget = forget
        self._say = say
        self._own = frozenset(source.wanted)
        """Those of the command line."""
        self._asked: deque[Symbol] = deque()
        self._kept: tuple[Symbol, ...] = ()
        self._saved: tuple[Symbol, ...] = ()
        self._wake = asyncio.Event()
        self.view = WatchView(venue, source.wanted, is_open_ended=self._more is not None)
        """What is followed now; another one as soon as that changes."""

    def recall(self) -> None:
        """Have what was kept followed too, before the source runs."""
        if self._more is None:
            return
        try:
            names = self._list.read()
        except DataError as error:
            self._say(Severity.WARNING, str(error))
            return
        self._kept = self._saved = tuple(name for name in names if name not in self._own)[:SYMBOLS_MAX]
        self._more.want(self._kept)
        self._show()

    def watch(self, text: str) -> None:
        """Have one more followed soon.

        Raises:
            EngineError: it can't be; the message says why.
        """
        symbol = self._read_name(text)
        if symbol in self._source.wanted:
            raise EngineError(f"{symbol} is followed already")
        if self._more is None:
            raise EngineError(
                f"this venue's adapter takes no more symbols while the desk runs: name {symbol} at the start, touchline "
                f"live {self.view.venue} {' '.join((*self._source.wanted, symbol))}"
            )
        if len(self._source.wanted) + len(self._asked) >= SYMBOLS_MAX:
            raise EngineError(f"a desk follows {SYMBOLS_MAX} symbols at most: unwatch one of them first")
        if symbol not in self._asked:
            if len(self._asked) >= ASKED_MAX:
                raise EngineError(f"{len(self._asked)} symbols are being looked up: {symbol} has to wait")
            self._asked.append(symbol)
            self._wake.set()

    def unwatch(self, symbol: Symbol) -> None:
        """Follow a symbol no more; what stands in the way is looked at before.

        Raises:
            EngineError: it is not followed, or has to be.
        """
        if symbol not in self._source.wanted:
            raise EngineError(f"{symbol} is not followed")
        if self._more is None:
            raise EngineError(f"this venue's adapter keeps its symbols while the desk runs: {symbol} stays")
        try:
            self._more.leave(symbol)
        except AdapterError as error:
            raise EngineError(f"{symbol} stays: {error}") from error
        self._kept = tuple(each for each in self._kept if each != symbol)
        self._forget(symbol)
        self._show(dropped=symbol)
        self._wake.set()
        again = "; the command line names it, so the next start has it again" if symbol in self._own else ""
        self._say(Severity.INFO, f"{symbol} is not followed any more; watch takes it back{again}")

    async def run(self) -> None:
        """Follow what is asked for, one after the other, and keep the list, until cancelled."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._asked:
                    await self._follow(self._asked[0])
                    self._asked.popleft()
                if self._kept != self._saved:
                    self._wrote(*await asyncio.to_thread(self._write, self._kept))
        finally:
            if self._kept != self._saved:
                self._wrote(*self._write(self._kept))

    async def _follow(self, symbol: Symbol) -> None:
        assert self._more is not None
        try:
            async with asyncio.timeout(FOLLOW_S):
                await self._prepare(symbol)
                await self._more.follow(symbol)
        except TimeoutError:
            self._say(Severity.WARNING, f"{symbol} is not followed: no answer within {FOLLOW_S:g} s")
        except (AdapterError, DataError) as error:
            self._say(Severity.WARNING, f"{symbol} is not followed: {clean(in_words(error), 300)}")
        else:
            if symbol not in self._own:
                self._kept = (*self._kept, symbol)
            self._show()
            self._say(Severity.INFO, f"{symbol} is followed from now on, and at the next start")

    def _show(self, dropped: Symbol | None = None) -> None:
        gone = self.view.dropped | ({dropped} if dropped is not None else set())
        wanted = self._source.wanted
        self.view = WatchView(self.view.venue, wanted, gone - set(wanted), self.view.is_open_ended)

    def _write(self, symbols: tuple[Symbol, ...]) -> tuple[tuple[Symbol, ...], str]:
        """Keep these; return them, and why it could not be done, or nothing."""
        try:
            self._list.write(symbols)
        except DataError as error:
            return symbols, str(error)
        except OSError as error:
            return symbols, error.strerror or str(error)
        return symbols, ""

    def _wrote(self, symbols: tuple[Symbol, ...], failure: str) -> None:
        """Say once of each list that it can't be kept."""
        self._saved = symbols
        if failure:
            self._say(Severity.WARNING, f"what is followed can't be kept for the next start: {failure}")
