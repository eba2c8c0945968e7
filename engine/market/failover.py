"""Several sources of the same symbols, in rank: one speaks, the others stand by and are compared with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from engine.clock import NS_PER_S, Clock
from engine.config import MarketSettings
from engine.errors import EngineError
from engine.market.channel import Channel
from engine.market.market import Market
from engine.model.instrument import Symbol
from engine.model.market_state import MarketState

LOOK_S = 0.25
START_NS: Final = 10 * NS_PER_S
"""How long the first in rank may take to say its first word."""
READY_NS: Final = 2 * NS_PER_S
"""How long a source has been well before it takes over."""
DIVERGED_NS: Final = 3 * NS_PER_S
"""How long sources may differ before that is a reason: they move a moment apart."""


class Failover:
    """Looks several times a second which source is to speak for each symbol.

    The first in rank that is well does. One that is not gives way to the next that has been well for a while; it comes back only
    after it was well for longer, so that two that come and go do not take turns. Two that differ make the price doubtful, since nobody
    knows which of them is right; of three, the one that is alone gives way.
    """

    def __init__(
        self, desk: Market, settings: MarketSettings, clock: Clock, tell: Callable[[str], None]
    ) -> None:
        """Take the desk's market; `tell` is called with a sentence at every switch."""
        self.channels: list[Channel] = []
        self.speaking: dict[Symbol, Channel] = {}
        self._desk = desk
        self._settings = settings
        self._clock = clock
        self._tell = tell
        self._began_ns: dict[Symbol, int] = {}
        """Since when the first in rank has been asked for each symbol."""
        self._well_since: dict[tuple[str, Symbol], int] = {}
        self._differs_since: dict[Symbol, int] = {}
        self._stays = False
        """Whether a person let others speak, until they are failed back."""

    def add(self, name: str, names: Mapping[Symbol, Symbol] | None = None) -> Channel:
        """Add a source, the first in rank first; the others say what they call each symbol."""
        channel = Channel(name, self._desk, self._settings, self._clock, names)
        self.channels.append(channel)
        return channel

    def begin(self, symbols: Sequence[Symbol]) -> None:
        """Let the first in rank speak for these."""
        first = self.channels[0]
        self.speaking.update(dict.fromkeys(symbols, first))
        self._began_ns.update(dict.fromkeys(symbols, self._clock.monotonic_ns()))
        first.shown.update(symbols)

    def drop(self, symbol: Symbol) -> None:
        """Let nobody speak for a symbol any more."""
        self.speaking.pop(symbol, None)
        self._began_ns.pop(symbol, None)
        self._differs_since.pop(symbol, None)
        self.channels[0].drop(symbol)
        for channel in self.channels:
            self._well_since.pop((channel.name, symbol), None)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.look()

    def look(self) -> None:
        """Switch what has to be switched."""
        now_ns = self._clock.monotonic_ns()
        for symbol, channel in list(self.speaking.items()):
            if symbol not in self._desk.states:
                continue  # the first has not said yet what it is, and in which units
            well = [each for each in self.channels if self._is_well(each, symbol, now_ns)]
            self._compare(symbol, well, now_ns)
            trouble = channel.trouble(symbol)
            if trouble:
                self._replace(symbol, well, trouble, now_ns)
            else:
                self._come_back(symbol, now_ns)

    def _is_well(self, channel: Channel, symbol: Symbol, now_ns: int) -> bool:
        key = (channel.name, symbol)
        if channel.trouble(symbol):
            self._well_since.pop(key, None)
            return False
        self._well_since.setdefault(key, now_ns)
        return True

    def _well_for(self, channel: Channel, symbol: Symbol, now_ns: int) -> int:
        return now_ns - self._well_since.get((channel.name, symbol), now_ns)

    def _replace(self, symbol: Symbol, well: Sequence[Channel], trouble: str, now_ns: int) -> None:
        state = self.speaking[symbol].state(symbol)
        unheard = state is None or not state.has_quote
        if unheard and now_ns - self._began_ns[symbol] < START_NS:
            return
        ready = (each for each in well if self._well_for(each, symbol, now_ns) >= READY_NS)
        if (other := next(ready, None)) is not None:
            self._switch(symbol, other, f"{self.speaking[symbol].name}: {trouble}")

    def _come_back(self, symbol: Symbol, now_ns: int) -> None:
        if self._stays:
            return
        back_after_ns = round(self._settings.failover.back_after_s * NS_PER_S)
        for channel in self.channels:
            if channel is self.speaking[symbol]:
                return
            if self._well_for(channel, symbol, now_ns) >= back_after_ns:
                self._switch(symbol, channel, f"{channel.name} is well again")
                return

    def _switch(self, symbol: Symbol, to: Channel, why: str) -> None:
        last_print_ns = self._desk.states[symbol].last_trade_ns
        self.speaking[symbol].hide(symbol, why)
        self.speaking[symbol] = to
        to.show(symbol, last_print_ns)
        self._tell(f"{symbol} comes from {to.name} now; {why}")

    # What a person wants

    def fail_over(self) -> str:
        """Let the next that is well speak wherever the first one does, until it is failed back; say for how many.

        Raises:
            EngineError: no other is well for any symbol.
        """
        first, moved = self.channels[0], 0
        for symbol, channel in list(self.speaking.items()):
            others = (each for each in self.channels[1:] if not each.trouble(symbol))
            if channel is first and symbol in self._desk.states and (other := next(others, None)):
                self._switch(symbol, other, "a person failed over")
                moved += 1
        if not moved:
            raise EngineError(f"nothing was failed over: no source beside {first.name} is well and silent")
        self._stays = True
        return f"{moved:,} of {len(self.speaking):,} symbols come from others until they are failed back"

    def fail_back(self) -> str:
        """Let the first in rank that is well speak again; say for how many symbols.

        Raises:
            EngineError: each symbol comes from the first that is well already.
        """
        held, self._stays, moved = self._stays, False, 0
        for symbol, channel in list(self.speaking.items()):
            best = next((each for each in self.channels if not each.trouble(symbol)), channel)
            if best is not channel and symbol in self._desk.states:
                self._switch(symbol, best, "a person failed back")
                moved += 1
        if not (moved or held):
            raise EngineError("nothing was failed back: each symbol comes from the first source that is well")
        return f"{moved:,} of {len(self.speaking):,} symbols come from the first source that is well again"

    def pause(self, name: str) -> str:
        """Hear a source no more.

        Raises:
            EngineError: it is paused already, or no other one would be left.
        """
        channel = self._of(name)
        if channel.paused:
            raise EngineError(f"{name} is paused already")
        if all(each.paused for each in self.channels if each is not channel):
            raise EngineError(f"{name} is the last source that is heard, so it is not paused")
        channel.paused = True
        return f"{name} is paused: others speak, where one is well"

    def unpause(self, name: str) -> str:
        """Hear a source again; it speaks once it has been well for a while.

        Raises:
            EngineError: it is not paused.
        """
        channel = self._of(name)
        if not channel.paused:
            raise EngineError(f"{name} is not paused")
        channel.paused = False
        return f"{name} is heard again"

    def resync(self, symbol: Symbol, reason: str) -> bool:
        """Ask who speaks for a symbol for a fresh snapshot of its book; tell whether there is one."""
        channel = self.speaking.get(symbol)
        return channel is not None and channel.resync(symbol, reason)

    def _of(self, name: str) -> Channel:
        return next(each for each in self.channels if each.name == name)

    # Whether they agree

    def _compare(self, symbol: Symbol, well: Sequence[Channel], now_ns: int) -> None:
        middles = {each: _middle(state) for each in well if (state := each.state(symbol)) is not None}
        speaking = self.speaking[symbol]
        odd = self._odd_one(middles, speaking)
        if odd is None:
            self._differs_since.pop(symbol, None)
            self._desk.doubt(symbol, "")
        elif now_ns - self._differs_since.setdefault(symbol, now_ns) >= DIVERGED_NS:
            self._settle(symbol, middles, odd)

    def _odd_one(self, middles: Mapping[Channel, float], speaking: Channel) -> Channel | None:
        """Return who differs most from the one that speaks, if by more than the settings allow."""
        if speaking not in middles or not self._settings.failover.divergence_bps:
            return None
        odd = max(middles, key=lambda each: abs(middles[each] - middles[speaking]))
        return odd if self._differ(middles[odd], middles[speaking]) else None

    def _differ(self, one: float, other: float) -> bool:
        return abs(one - other) * 20_000 > self._settings.failover.divergence_bps * (one + other)

    def _settle(self, symbol: Symbol, middles: Mapping[Channel, float], odd: Channel) -> None:
        """Let the one that is alone give way; where that is not to be known, doubt the price."""
        speaking = self.speaking[symbol]
        others = [each for each in middles if each is not speaking]
        agree = [each for each in others if not self._differ(middles[each], middles[others[0]])]
        share = abs(middles[odd] - middles[speaking]) / middles[speaking]
        if len(others) > 1 and len(agree) == len(others):
            self._differs_since.pop(symbol, None)
            self._switch(symbol, others[0], f"{speaking.name} alone differs by {share:.2%}")
        else:
            self._desk.doubt(symbol, f"{speaking.name} and {odd.name} differ by {share:.2%}")


def _middle(state: MarketState) -> float:
    return (state.bid + state.ask) / 2 * float(state.instrument.price_unit)
